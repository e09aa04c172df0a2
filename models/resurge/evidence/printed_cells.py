"""Cells of `therapy_effects` that say what a paper prints of an effect, and whether they agree with one another."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from resurge.evidence.log_effects import EffectError, LogEffect, log_effect, normal_quantile

Given = Mapping[str, str]
"""Numbers as printed, by name."""
Cells = dict[str, str]
LEVEL = "0.95"
LARGEST_RATIO = 100.0
DECIMALS = 4
"""Of ratios that are computed."""
CENTRED = 0.05
"""Percent by which an estimate may lie off the middle of its interval and still be told to lie there."""
DEFAULTS = {"level": LEVEL, "allocation": "1"}
"""Numbers that need not be given."""


@dataclass(frozen=True)
class Printed:
    """One way in which papers print an effect.

    Attributes
    ----------
    words
        What is printed.
    asks
        Names of the numbers, with the words that ask for them.
    cells
        From the numbers to cells of the table.
    """

    words: str
    asks: Mapping[str, str]
    cells: Callable[[Given], Cells]


def printed_numbers(given: Given, *names: str) -> list[str]:
    """Give numbers as they were printed, in the order asked for; some have a default."""
    missing = [name for name in names if not given.get(name, DEFAULTS.get(name, "")).strip()]
    if missing:
        raise EffectError(f"what is printed lacks {', '.join(missing)}")
    return [given.get(name, "").strip() or DEFAULTS[name] for name in names]


def as_printed(effect: LogEffect, origin: str, **cells: str) -> Cells:
    """Give the cells of numbers that the table has columns for."""
    bound = "" if origin in ("interval", "counts") else "yes" if effect.se_is_upper_bound else "no"
    logs = {"log_estimate": _six(effect.estimate), "se_log": _six(effect.sampling_se), "se_from": origin}
    return {**cells, **logs, "se_is_upper_bound": bound}


def computed(effect: LogEffect, measure: str, origin: str) -> Cells:
    """Give a ratio and an interval that say what was printed in another form."""
    with np.errstate(over="ignore"):
        ratio, (lower, upper) = effect.ratio, effect.interval(float(LEVEL))
    if not 0 < lower < upper < LARGEST_RATIO:
        raise EffectError(f"a ratio of {ratio:.3g} with limits {lower:.3g} to {upper:.3g} cannot be written")
    ratios = [_ratio(each) for each in (ratio, lower, upper)]
    if not float(ratios[1]) < float(ratios[2]):
        raise EffectError(f"a standard error of {float(effect.se):.3g} is too small for an interval of four digits")
    se = math.log(float(ratios[2]) / float(ratios[1])) / (2 * float(normal_quantile(float(LEVEL))))
    return {
        "measure": measure,
        **dict(zip(("estimate", "lower", "upper"), ratios, strict=True)),
        "level": LEVEL,
        "log_estimate": _six(math.log(float(ratios[0]))),
        "se_log": _six(se),
        "se_from": "interval",
        "se_is_upper_bound": "",
        "notes": f"ratio and limits computed from {origin}",
    }


def log_ratio_cells(estimate: float, se: float, measure: str, origin: str) -> Cells:
    """Give the cells of a log ratio that comes with its standard error.

    Parameters
    ----------
    estimate, se : float
        Natural log of the ratio and its standard error.
    measure : str
        HR, RR or OR.
    origin : str
        What they were taken from, for the notes.

    Raises
    ------
    EffectError
        If they are so far from 0 or so small that no ratio with an interval can be written.
    """
    return computed(log_effect(estimate, se), measure, origin)


def _ratio(value: float) -> str:
    """Write a computed ratio with four decimals, with more where it is small."""
    return f"{value:.{max(DECIMALS, DECIMALS - math.floor(math.log10(value)) - 1)}f}"


def _six(value: float) -> str:
    return f"{value:.6f}"


def interval_check(cells: Mapping[str, str]) -> str:
    """Say how an estimate lies in its interval, and what both say together; blank where there is no standard error."""
    if not cells.get("log_estimate") or not cells.get("se_log"):
        return ""
    estimate, se = float(cells["log_estimate"]), float(cells["se_log"])
    z = abs(estimate) / se
    p = math.erfc(z / math.sqrt(2))
    told = f"log ratio {estimate:.4f}, standard error {se:.4f}; against a ratio of 1 z = {z:.2f}, p = {p:.2g}"
    if not (cells.get("lower") and cells.get("upper") and cells.get("estimate")):
        return told
    middle = math.sqrt(float(cells["lower"]) * float(cells["upper"]))
    apart = 100 * (float(cells["estimate"]) / middle - 1)
    side = "above" if apart > 0 else "below"
    where = f"the estimate lies {abs(apart):.1f}% {side} it" if abs(apart) >= CENTRED else "the estimate lies there"
    return f"{told}; the middle of the interval is {middle:.4g} on the log scale, and {where}"
