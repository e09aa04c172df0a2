"""Answers of `resurge network` as lines of text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from resurge.reporting import words
from resurge.reporting.network_words import ENDPOINTS, chance, p_value, treatment_name

Answer = dict[str, Any]


def network_lines(answer: Answer) -> Iterator[str]:
    """Print the answer of `resurge network`."""
    question, level = answer["question"], f"{100 * answer['interval']:g}%"
    reference = treatment_name(answer["reference"])
    yield f"{answer['title']}; {ENDPOINTS[question['endpoint']]}; {question['effects']} effects"
    yield f"{words.count(len(answer['trials']), 'comparison')} of {words.count(len(answer['treatments']), 'treatment')}"
    tau = answer["tau"]
    yield f"heterogeneity of log hazard ratios: {words.ratio_cell(tau['median'], tau['lower'], tau['upper'])}"
    yield ""
    yield f"hazard ratios against {reference}: median, {level} interval, interval of a new trial, probability below 1"
    order = [rank["treatment"] for rank in answer["ranks"]]
    effects = sorted(answer["effects"], key=lambda effect: order.index(effect["treatment"]))
    yield from _columns(
        [
            (
                treatment_name(effect["treatment"]),
                words.ratio_cell(effect["hr"], effect["lower"], effect["upper"]),
                f"({effect['predictive_lower']:.2f}–{effect['predictive_upper']:.2f})",
                chance(effect["probability_better"]),
            )
            for effect in effects
        ]
    )
    yield ""
    yield f"ranks: SUCRA with {level} interval, mean rank, probability of being the best"
    yield from _columns(
        [
            (
                treatment_name(rank["treatment"]),
                words.percent_cell(rank["sucra"], rank["sucra_lower"], rank["sucra_upper"]),
                f"{rank['mean_rank']:.1f} ({rank['rank_lower']}–{rank['rank_upper']})",
                chance(rank["probability_best"]),
            )
            for rank in answer["ranks"]
        ]
    )
    yield ""
    yield from _inconsistency_lines(answer)
    yield from ("", "other assumptions, hazard ratios against the same reference")
    for analysis in answer["sensitivity"]:
        yield from _sensitivity_lines(analysis)
    yield from ("", "notes", *(f"  {note}" for note in answer["notes"]))
    for part in answer["apart"]:
        treatments = ", ".join(map(treatment_name, part["treatments"]))
        yield f"  nothing joins {', '.join(part['trials'])} to these: {treatments} (--component {part['component']})"


def _inconsistency_lines(answer: Answer) -> Iterator[str]:
    found = answer["inconsistency"]
    if not found["checked"]:
        yield f"inconsistency cannot be checked: {found['why']}"
        return
    yield (
        f"inconsistency between designs: Q {found['q_between']:.1f} on {found['df_between']} "
        f"(p {p_value(found['p_between'])}; with the heterogeneity within designs {p_value(found['p_between_random'])})"
    )
    if not answer["node_splits"]:
        yield "this compares trials of different arms; no comparison has direct and indirect evidence of its own"
        return
    yield "direct and indirect evidence: hazard ratios and p value of their difference"
    yield from _columns(
        [
            (
                f"{treatment_name(split['treatment'])} : {treatment_name(split['control'])}",
                f"direct {words.ratio_cell(*_limits(split['direct']))}",
                f"indirect {words.ratio_cell(*_limits(split['indirect']))}",
                f"p {p_value(split['p_value'])}",
            )
            for split in answer["node_splits"]
        ]
    )


def _sensitivity_lines(analysis: Answer) -> Iterator[str]:
    if analysis["why"]:
        yield f"  {analysis['analysis']}: {analysis['why']}"
        return
    yield f"  {analysis['analysis']} (heterogeneity {analysis['tau']:.2f})"
    for effect in analysis["effects"]:
        yield f"    {treatment_name(effect['treatment'])}: {words.ratio_cell(*_limits(effect))}"


def _limits(ratio: Answer) -> tuple[float, float, float]:
    return ratio["hr"], ratio["lower"], ratio["upper"]


def _columns(rows: list[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
