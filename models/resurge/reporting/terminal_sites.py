"""Answers of `resurge sites` as lines of text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from resurge.reporting import words
from resurge.reporting.site_words import SETTING_NAMES, SITE_NAMES, TOLD_BY


def site_lines(answer: dict[str, Any]) -> Iterator[str]:
    """Print the answer, a line for each share and for each comparison."""
    question, level = answer["question"], answer["interval"]
    yield f"{SETTING_NAMES[question['setting']]}; shares of patients with metastases, in a typical source"
    if question["mixture"]:
        shares = ", ".join(f"{name} {words.percent(share, 0)}" for name, share in question["mixture"].items())
        yield f"mixture of subtypes: {shares}"
    for share in answer["shares"]:
        text = words.percent_interval(share["median"], share["lower"], share["upper"], level)
        new = words.percent_range(share["new_source"]["lower"], share["new_source"]["upper"])
        yield f"  {SITE_NAMES[share['site']]}, {share['subtype']}: {text}; a new source {new}"
        if share["told_by"] != "itself":
            yield f"    told by {TOLD_BY[share['told_by']]}"
    for pair in answer["differences"]:
        ratio = words.ratio_interval(*(pair["risk_ratio"][name] for name in ("median", "lower", "upper")), level)
        higher = words.probability(pair["probability_higher"])
        yield f"  {SITE_NAMES[pair['site']]}, {pair['subtype']} over {pair['against']}: {ratio}; higher: {higher}"
    if answer["single_metastasis"]:
        yield "where the metastasis is in patients who have a single one:"
        for share in answer["single_metastasis"]:
            text = words.percent_interval(share["median"], share["lower"], share["upper"], level)
            yield f"  {SITE_NAMES[share['site']]}, {share['subtype']}: {text}"
