"""Answers of `resurge dormancy` and `resurge compare-curves` as lines of text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from resurge.reporting import words
from resurge.reporting.effect_words import informed
from resurge.reporting.terminal import group_line, mixture_lines

FRACTIONS = {
    "fraction_dormant": "women whose recurrence sleeps at diagnosis",
    "dormant_within": "women who recur out of dormancy within 20 years",
    "fraction_early": "women whose recurrence grows at diagnosis",
    "cured": "women cured",
}
TIMES = {"half_life": "half-life of dormancy", "early_year": "half of the early recurrences by"}


def dormancy_lines(answer: dict[str, Any]) -> Iterator[str]:
    """Print the answer of `resurge dormancy`."""
    question, level = answer["question"], answer["interval"]
    yield group_line(question)
    yield from mixture_lines(question)
    yield f"median, {100 * level:g}% interval, and what it rests on:"
    for name, told in FRACTIONS.items():
        yield f"  {told}: {_percent(answer[name], level)} [{informed(answer[name])}]"
    for name, told in TIMES.items():
        found = answer[name]
        yield f"  {told}: {words.years_interval(*_limits(found), level)} [{informed(found)}]"
    yield "share of the recurrences of the time that come out of dormancy:"
    for share in answer["share_by_year"]:
        yield f"  year {share['year']:g}: {_percent(share, level)}"
    yield "women free of recurrence whom one out of dormancy awaits:"
    for share in answer["still_dormant"]:
        yield f"  year {share['year']:g}: {_percent(share, level)}"


def comparison_lines(found: dict[str, Any]) -> Iterator[str]:
    """Print a comparison of the curves."""
    gap = found["difference"]
    yield (
        f"log score of {len(found['scores'])} populations left out, dormancy less splines: "
        f"{gap['dormancy_less_recurrence']:+.1f} (standard error {gap['standard_error']:.1f})"
    )
    weights = found["weights"]
    yield f"stacking weights: splines {weights['recurrence']:.2f}, dormancy {weights['dormancy']:.2f}"


def _limits(found: dict[str, float]) -> tuple[float, float, float]:
    return found["median"], found["lower"], found["upper"]


def _percent(found: dict[str, float], level: float) -> str:
    return words.percent_interval(*_limits(found), level)
