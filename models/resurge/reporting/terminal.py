"""Answers of the command line as lines of text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from resurge.reporting import words

WHAT = {"any_recurrence": "any recurrence", "distant_recurrence": "distant recurrence"}


def group_line(question: dict[str, Any]) -> str:
    """Name the women, the population and the therapy of an answer."""
    nodes, size = (question[name] for name in ("nodes", "size"))
    return (
        f"ER-{question['er']}, nodes {nodes}, tumour size {size}; {WHAT[question['endpoint']]}; "
        f"{question['population']} population; "
        f"therapy: {question['therapy'].replace('_', ' ')}"
    )


def mixture_lines(question: dict[str, Any]) -> Iterator[str]:
    """Print the shares at diagnosis of the strata that a mixture stands for."""
    if "mixture" in question:
        shares = ", ".join(f"{name} {words.percent(share, 0)}" for name, share in question["mixture"].items())
        yield f"mixture at diagnosis: {shares}"


def interval_of(found: dict[str, float], level: float) -> str:
    """Write a year with its interval, or that there is none."""
    if found["median"] is None:
        return words.MISSING
    return words.years_interval(found["median"], found["lower"], found["upper"], level)


def year_or_later(year: float | None) -> str:
    """Write a whole year, or that it lies beyond the horizon."""
    return "later" if year is None else f"{year:g}"


def risk_lines(answer: dict[str, Any]) -> Iterator[str]:
    """Print the answer of `resurge risk`, a line for each window."""
    question, level = answer["question"], answer["interval"]
    yield group_line(question)
    yield from mixture_lines(question)
    if "age_at_diagnosis" in question:
        yield f"deaths from other causes compete, from age {question['age_at_diagnosis']:g} at diagnosis"
    yield f"risk among women free of recurrence at year {question['survived']:g}, median and {100 * level:g}% interval:"
    for risk in answer["risks"]:
        text = words.percent_interval(risk["median"], risk["lower"], risk["upper"], level)
        yield f"  years {risk['from']:g} to {risk['to']:g}: {text}"


def windows_lines(answer: dict[str, Any]) -> Iterator[str]:
    """Print the answer of `resurge windows`."""
    question, level = answer["question"], answer["interval"]
    yield group_line(question)
    yield from mixture_lines(question)
    yield f"highest hazard: {interval_of(answer['peak_year'], level)}"
    for window in answer["windows"]:
        ends = " to ".join(interval_of(window[bound], level) for bound in ("start", "end"))
        share = words.percent(window["share"], 0)
        yield f"shortest window with {share} of the recurrences of {question['horizon']:g} years: {ends}"
    for late in answer["share_after"]:
        share = words.percent_interval(late["median"], late["lower"], late["upper"], level)
        yield f"share of recurrences after year {late['year']:g}: {share}"
    for below in answer["year_below"]:
        median, lower, upper = (year_or_later(below[name]) for name in ("median", "lower", "upper"))
        yield (
            f"annual risk stays under {words.percent(below['annual_risk'], 0)} from year: {median} "
            f"({100 * level:g}% interval {lower} to {upper}; probability that it does within {question['horizon']:g} "
            f"years {below['probability']:.2f})"
        )
    crossover = answer["crossover_year"]
    yield (
        f"ER-positive hazard overtakes ER-negative: {interval_of(crossover, level)} where it does "
        f"(probability {crossover['probability']:.2f})"
    )
