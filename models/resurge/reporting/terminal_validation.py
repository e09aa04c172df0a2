"""Validations as lines of the terminal: what moved and by how much, and how often intervals held the truth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

SHOWN = 3
"""Answers that are named for each fit."""
LITTLE = 0.2
"""A move below a fifth of a standard deviation is within what short fits scatter by."""


def move_lines(found: Mapping[str, Any]) -> Iterator[str]:
    """Print how far each fit moved the answers, those that moved them most first."""
    yield f"{found['model']}: largest moves of an answer, in standard deviations of the fit as stated"
    if found["stated"]["failing"]:
        yield f"  as stated: not passed: {', '.join(found['stated']['failing'])}"
    for name, fit in sorted(found["fits"].items(), key=lambda pair: -largest(pair[1])):
        if fit["why"]:
            yield f"  {name}: {fit['why']}"
            continue
        doubts = f" (not passed: {', '.join(fit['failing'])})" if fit["failing"] else ""
        yield f"  {name}: {largest(fit):.2f}{doubts}"
        for answer in [each for each in ranked(fit) if abs(fit["moves"][each]) >= LITTLE][:SHOWN]:
            before, after = found["stated"]["answers"][answer], fit["answers"][answer]
            yield f"    {fit['moves'][answer]:+.2f}  {answer}: {told(before)} to {told(after)}"


def coverage_lines(found: Mapping[str, Any]) -> Iterator[str]:
    """Print how often the intervals of each answer held the truth."""
    yield f"{found['model']}: of {found['sets']} simulated sets, those whose interval holds the truth"
    answers = found["answers"]
    levels = list(next(iter(answers.values()))["covered"])
    width = max(map(len, answers))
    yield f"  {'':{width}s}" + "".join(f"  {100 * float(level):3.0f}%" for level in levels)
    for name, answer in answers.items():
        counts = "".join(f"  {answer['covered'][level]:4d}" for level in levels)
        yield f"  {name:{width}s}{counts}{'' if answer['calibrated'] else '  too few or too many'}"
    for level in levels:
        mean = sum(answer["covered"][level] for answer in answers.values()) / len(answers) / found["sets"]
        yield f"  mean over answers of the {100 * float(level):.0f}% interval: {100 * mean:.0f}%"


def largest(fit: Mapping[str, Any]) -> float:
    """Give the size of the largest move."""
    return max(map(abs, fit["moves"].values()), default=0.0)


def ranked(fit: Mapping[str, Any]) -> list[str]:
    """List answers, largest move first."""
    return sorted(fit["moves"], key=lambda name: -abs(fit["moves"][name]))


def told(summary: Mapping[str, float]) -> str:
    """Print a median with its interval."""
    return f"{summary['median']:.3g} ({summary['lower']:.3g} to {summary['upper']:.3g})"
