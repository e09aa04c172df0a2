"""Words for headline answers of any model: values in the unit of their kind, moves in standard deviations."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from resurge.reporting import words

Answer = Mapping[str, Any]
EXTREME = 0.05
"""Predictive p value below which a source is named as one that stands against the rest."""


def value_words(kind: str, value: float) -> str:
    """Tell one value of an answer in the unit of its kind.

    Examples
    --------
    >>> value_words("share", 0.1644), value_words("rate", 0.0095), value_words("years", 4.81), value_words("ratio", 0.8)
    ('16.4%', '0.95%', '4.8', '0.80')
    """
    if kind == "share":
        return words.percent(value, 1)
    if kind == "rate":
        return words.percent(value, 2)
    return f"{value:.1f}" if kind == "years" else f"{value:.2f}"


def interval_words(kind: str, answer: Answer) -> str:
    """Tell median and interval of an answer.

    Examples
    --------
    >>> interval_words("ratio", {"median": 0.8, "lower": 0.7, "upper": 0.9})
    '0.80 (0.70–0.90)'
    >>> interval_words("share", {"median": 0.8, "lower": 0.7, "upper": 0.9})
    '80.0% (70.0–90.0)'
    """
    lower, upper = (value_words(kind, answer[name]).removesuffix("%") for name in ("lower", "upper"))
    return f"{value_words(kind, answer['median'])} ({lower}–{upper})"


def move_words(sds: float) -> str:
    """Tell a move in posterior standard deviations.

    Examples
    --------
    >>> move_words(-0.314), move_words(0.001), move_words(math.inf)
    ('−0.31 SD', '0.00 SD', 'from a fixed value')
    """
    if not math.isfinite(sds):
        return "from a fixed value"  # the answer before had no spread that a move could be told in
    told = f"{abs(sds):.2f} SD"
    return told if float(f"{sds:.2f}") == 0 else f"{'−' if sds < 0 else '+'}{told}"


def move_without(with_it: Answer, without: Answer) -> float:
    """Give how far an answer moves when something is left out, in standard deviations of the answer with it.

    Examples
    --------
    >>> move_without({"mean_on_scale": 1.0, "sd_on_scale": 0.5}, {"mean_on_scale": 2.0})
    2.0
    >>> move_without({"mean_on_scale": 1.0, "sd_on_scale": 0.0}, {"mean_on_scale": 1.0})
    0.0
    """
    distance = without["mean_on_scale"] - with_it["mean_on_scale"]
    if with_it["sd_on_scale"] == 0:
        return math.copysign(math.inf, distance) if distance else 0.0
    return distance / with_it["sd_on_scale"]
