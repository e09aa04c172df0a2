"""Words for headline answers of any model: values in the unit of their kind, moves in standard deviations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from resurge.reporting import words

Answer = Mapping[str, Any]


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
    """
    median, lower, upper = (value_words(kind, answer[name]) for name in ("median", "lower", "upper"))
    return f"{median} ({lower}–{upper})"


def move_words(sds: float) -> str:
    """Tell a move in posterior standard deviations.

    Examples
    --------
    >>> move_words(-0.314), move_words(0.001)
    ('−0.31 SD', '0.00 SD')
    """
    told = f"{abs(sds):.2f} SD"
    return told if float(f"{sds:.2f}") == 0 else f"{'−' if sds < 0 else '+'}{told}"


def move_without(with_it: Answer, without: Answer) -> float:
    """Give how far an answer moves when something is left out, in standard deviations of the answer with it."""
    return (without["mean_on_scale"] - with_it["mean_on_scale"]) / with_it["sd_on_scale"]
