"""Whether a printed interval lies around its estimate, on the scale on which such intervals are made.

Intervals of ratios are symmetric in the logarithm, those of cumulative risks in the complementary log-log. Risks and
rates also come with intervals that are symmetric in the number itself; both pass. Printed digits are rounded, so each
number stands for all that round to it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

RATIO_ASYMMETRY = 1.5
"""Largest ratio of the two halves of a ratio's interval; what is known to be misprinted lies above it."""

RISK_ASYMMETRY = 2.0
"""The same for risks and rates, whose intervals are made in more ways."""


@dataclass(frozen=True)
class Scale:
    """A scale of measurement: its name in messages, the way there and back."""

    name: str
    forward: Callable[[float], float]
    back: Callable[[float], float]


LOG = Scale("log", math.log, math.exp)
CLOGLOG = Scale("complementary log-log", lambda risk: math.log(-math.log1p(-risk)), lambda x: -math.expm1(-math.exp(x)))
IDENTITY = Scale("natural", lambda value: value, lambda value: value)

_TINY = 1e-9


def off_centre(statistic: str, estimate: str, lower: str, upper: str) -> str | None:
    """Say where the middle of an interval is if it is not the estimate.

    Parameters
    ----------
    statistic : str
        One of the statistics of recurrence_rates.
    estimate, lower, upper : str
        The numbers as printed, ``lower <= estimate <= upper``; their digits say how far rounding may have moved them.

    Returns
    -------
    str or None
        A phrase such as ``"on the log scale its middle is 0.42"``; None if the interval is around its estimate, or if a
        limit lies at the end of the scale, where there is no middle.
    """
    values = tuple(float(text) for text in (lower, estimate, upper))
    top = 1.0 if statistic == "cumulative_risk" else math.inf
    if values[0] <= 0 or values[2] >= top:
        return None
    if statistic == "cumulative_risk":
        scales, tolerance = (CLOGLOG, IDENTITY), RISK_ASYMMETRY
    elif statistic == "hazard_ratio_vs_reference":
        scales, tolerance = (LOG,), RATIO_ASYMMETRY
    else:
        scales, tolerance = (LOG, IDENTITY), RISK_ASYMMETRY
    rounding = 0.5 * 10.0 ** -max(_decimals(text) for text in (estimate, lower, upper))
    if any(_around(scale, values, rounding, top, tolerance) for scale in scales):
        return None
    scale = scales[0]
    middle = scale.back((scale.forward(values[0]) + scale.forward(values[2])) / 2)
    return f"on the {scale.name} scale its middle is {middle:.3g}"


def _decimals(text: str) -> int:
    digits, _, exponent = text.lower().partition("e")
    return max(0, len(digits.partition(".")[2]) - int(exponent or 0))


def _around(scale: Scale, values: tuple[float, ...], rounding: float, top: float, tolerance: float) -> bool:
    """Whether some numbers that round to these have halves whose ratio is within the tolerance."""
    low, mid, high = ([max(value - rounding, _TINY), min(value + rounding, top - _TINY)] for value in values)
    lower_half = [scale.forward(mid[0]) - scale.forward(low[1]), scale.forward(mid[1]) - scale.forward(low[0])]
    upper_half = [scale.forward(high[0]) - scale.forward(mid[1]), scale.forward(high[1]) - scale.forward(mid[0])]
    return lower_half[1] * tolerance >= upper_half[0] and upper_half[1] * tolerance >= lower_half[0]
