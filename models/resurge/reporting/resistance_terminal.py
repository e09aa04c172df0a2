"""Answers of `resurge mechanism` and `resurge replication` as lines of text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any

from resurge.reporting import words
from resurge.reporting.network_words import chance
from resurge.reporting.resistance_words import FACET_NAMES, KIND_NAMES

Answer = dict[str, Any]


def mechanism_lines(answer: Answer) -> Iterator[str]:
    """Print the answer of `resurge mechanism`."""
    yield f"{answer['question']['mechanism']}: {answer['name']} ({answer['class']})"
    yield f"drugs: {answer['drugs']}; therapy resisted: {answer['therapy_resisted']}"
    yield f"claimed direction: {answer['claimed_direction']}"
    yield from textwrap.wrap(answer["status"], 110)
    yield ""
    yield f"ratio above 1: worse with more of it, or better when it is acted against; {_level(answer)} intervals"
    for facet in answer["facets"]:
        yield f"  {FACET_NAMES[facet['facet']]} ({facet['scale']})"
        claimed = facet["probability_claimed"]
        told = f"; as claimed {chance(claimed)}" if claimed is not None else ""
        yield f"    {_ratio(facet['ratio'])}{told}; {words.count(len(facet['rows']), 'row')}; {facet['informed_by']}"
        yield f"    prior share {words.percent(facet['prior_share'], 0)}; next study {_ratio(facet['next_study'])}"
    yield ""
    yield from _marker_lines(answer)


def ranking_lines(answer: Answer) -> Iterator[str]:
    """Print the answer of `resurge mechanism --rank`."""
    yield f"{FACET_NAMES[answer['question']['facet']]} ({answer['question']['scale']}), direction {answer['direction']}"
    yield f"ratio with {_level(answer)} interval, probability of the direction, rank, first three, prior share"
    for each in answer["ranking"]:
        rank = each["rank"]
        yield (
            f"  {each['mechanism']:<12} {_ratio(each['ratio']):<20} {chance(each['probability_claimed']):>12}  "
            f"{rank['median']:.0f} ({rank['lower']:.0f}–{rank['upper']:.0f})  "
            f"{chance(each['probability_first_three'])}  {words.percent(each['prior_share'], 0)}"
        )
    yield ""
    yield from textwrap.wrap(f"without any row: {', '.join(answer['untested']) or 'none'}", 110)
    yield from _marker_lines(answer)


def replication_lines(answer: Answer) -> Iterator[str]:
    """Print the answer of `resurge replication`."""
    question, repeated, share = answer["question"], answer["repeated"], answer["share"]
    yield (
        f"A published effect of {question['original']:g} standard deviations from {question['n']:g} "
        f"{KIND_NAMES[question['kind']] if question['kind'] == 'animal' else 'samples'}"
    )
    yield f"  seen again: {_limits(repeated)} ({_level(answer)} interval), {words.percent(share['median'], 0)} of it"
    yield f"  the original itself, corrected for having been picked: {_limits(answer['truth'])}"
    yield (
        f"  same direction {chance(answer['probability_same_direction'])}, "
        f"at least half as large {chance(answer['probability_half'])}"
    )


def _marker_lines(answer: Answer) -> Iterator[str]:
    yield "correlation over mechanisms with the effect of intervening in patients"
    for each in answer["markers_and_intervention"]:
        yield f"  {FACET_NAMES[each['facet']]}: {_limits(each)}; positive {chance(each['probability_positive'])}"


def _level(answer: Answer) -> str:
    return f"{100 * answer['interval']:g}%"


def _ratio(ratio: Answer) -> str:
    return words.ratio_cell(ratio["median"], ratio["lower"], ratio["upper"])


def _limits(summary: Answer) -> str:
    return f"{summary['median']:.2f} ({summary['lower']:.2f} to {summary['upper']:.2f})"
