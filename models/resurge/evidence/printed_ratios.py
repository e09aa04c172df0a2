"""Ratios printed with an interval or one limit, and percent reductions, to log effects.

Sources: Cochrane Handbook for Systematic Reviews of Interventions, version 6, section 6.3; Parmar, Torri and Stewart
1998, Stat Med 17:2815; Tierney et al. 2007, Trials 8:16. Numbers may be given as printed ("0.50"), which
keeps their digits.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from resurge.evidence.intervals import off_centre
from resurge.evidence.log_effects import (
    PRINTED_DECIMALS,
    EffectError,
    LogEffect,
    Numbers,
    decimals,
    log_effect,
    normal_quantile,
    numbers,
    positive,
    refuse,
    rounding_sd,
)


def from_interval(estimate: ArrayLike, lower: ArrayLike, upper: ArrayLike, level: ArrayLike = 0.95) -> LogEffect:
    """Turn a ratio with a two-sided confidence interval into a log effect.

    ``se = (log upper - log lower) / (2 z)`` with ``z`` the normal quantile of the level; rounding of the estimate is
    added (`log_effects`), rounding of the limits is told in ``se_rounding``.

    Parameters
    ----------
    estimate, lower, upper : array_like of float or str
        The ratio and its limits, ``0 < lower <= estimate <= upper``.
    level : array_like of float
        Confidence level, any between 0 and 1.

    Returns
    -------
    LogEffect

    Raises
    ------
    EffectError
        If the limits are out of order, have no width, or lie off the estimate on the log scale by more than
        rounding of the printed digits can explain (`intervals.RATIO_ASYMMETRY`): one of the three is misprinted.
    """
    decimal = np.max(
        np.broadcast_arrays(*(decimals(v, PRINTED_DECIMALS) for v in _texts(estimate, lower, upper))), axis=0
    )
    ratio, low, high = positive("a ratio", estimate), numbers("a limit", lower), positive("an upper limit", upper)
    z = normal_quantile(level)
    refuse(low > high, low, "the lower limit lies above the upper one")
    refuse(low > ratio, low, "the lower limit lies above the estimate")
    refuse(high < ratio, high, "the upper limit lies below the estimate")
    refuse(
        low <= 0, low, "the lower limit of a ratio must be greater than 0 (from_one_limit takes the upper one alone)"
    )
    refuse(low == high, low, "an interval without width gives no standard error; give the limits with more digits")
    ratio, low, high, decimal = np.broadcast_arrays(ratio, low, high, decimal)
    for printed in zip(*(np.ravel(each) for each in (ratio, low, high, decimal)), strict=True):
        _ask_for_centre(*printed)
    unit = rounding_sd(decimal)
    return log_effect(
        np.log(ratio),
        (np.log(high) - np.log(low)) / (2 * z),
        unit / ratio,
        se_rounding=unit * np.hypot(1 / low, 1 / high) / (2 * z),
    )


def _texts(*values: ArrayLike) -> tuple[ArrayLike, ...]:
    for each in values:
        numbers("a ratio or limit", each)  # a text that is no number has no decimals either
    return values


def _ask_for_centre(ratio: float, low: float, high: float, decimal: int) -> None:
    estimate, lower, upper = (f"{value:.{decimal}f}" for value in (ratio, low, high))
    middle = off_centre("hazard_ratio_vs_reference", estimate, lower, upper)
    if middle:
        raise EffectError(f"the interval {low:g} to {high:g} is not around the estimate {ratio:g}: {middle}")


def from_one_limit(estimate: ArrayLike, limit: ArrayLike, level: ArrayLike = 0.95) -> LogEffect:
    """Turn a ratio with a one-sided confidence limit, as of a non-inferiority trial, into a log effect.

    ``se = |log limit - log estimate| / z`` with ``z`` the quantile of the one-sided level: 1.645 for 0.95. The limit of
    a two-sided 95% interval is one-sided at 0.975.

    Parameters
    ----------
    estimate, limit : array_like of float or str
        The ratio, and its upper or lower limit.
    level : array_like of float
        One-sided level, above 0.5.

    Returns
    -------
    LogEffect

    Raises
    ------
    EffectError
        If the limit equals the estimate, or the level is not above 0.5.
    """
    ratio, bound, level = positive("a ratio", estimate), positive("a limit", limit), numbers("a level", level)
    refuse((level <= 0.5) | (level >= 1), level, "a one-sided level lies between 0.5 and 1")
    refuse(ratio == bound, bound, "a limit that equals the estimate gives no standard error")
    unit = rounding_sd(np.maximum(decimals(estimate, PRINTED_DECIMALS), decimals(limit, PRINTED_DECIMALS)))
    z = ndtri(level)
    return log_effect(
        np.log(ratio),
        np.abs(np.log(bound) - np.log(ratio)) / z,
        unit / ratio,
        se_rounding=unit * np.hypot(1 / bound, 1 / ratio) / z,
    )


def from_ratio_with_error(estimate: ArrayLike, error: ArrayLike) -> LogEffect:
    """Turn a rate ratio printed with its standard error, as overviews of individual patients do, into a log effect.

    The error of the EBCTCG's "RR 0.64 (SE 0.09)" is the one that gives the log-rank test back: ``(1 - RR) / SE = z``.
    So ``se = SE |log RR| / |1 - RR|``, which is ``SE`` where the ratio is 1; ``SE / RR`` would be too large. Here
    ``z = 4``, and the p value printed beside the ratio is below 0.0001 (EBCTCG 2012, Lancet 379:432).

    Parameters
    ----------
    estimate, error : array_like of float or str
        The ratio and its standard error on the scale of the ratio.

    Returns
    -------
    LogEffect
    """
    ratio, printed = positive("a ratio", estimate), positive("a standard error", error)
    away = np.where(ratio == 1, 1.0, np.log(ratio) / np.where(ratio == 1, 1.0, ratio - 1))
    unit = rounding_sd(decimals(error, PRINTED_DECIMALS))
    rounding = rounding_sd(decimals(estimate, PRINTED_DECIMALS)) / ratio
    return log_effect(np.log(ratio), printed * away, rounding, se_rounding=unit * away)


def ratio_of_reduction(percent: ArrayLike) -> float | Numbers:
    """Give the ratio of "a 28% reduction": 0.72. An increase is a negative reduction.

    Raises
    ------
    EffectError
        If the reduction is 100% or more, whose ratio has no logarithm.
    """
    reduction = numbers("a percent reduction", percent)
    refuse(reduction >= 100, reduction, "a reduction of a ratio is below 100 percent")
    return ((100 - reduction) / 100)[()]


def from_percent_reduction(
    percent: ArrayLike, lower: ArrayLike, upper: ArrayLike, level: ArrayLike = 0.95
) -> LogEffect:
    """Turn "a 28% (10% to 42%) reduction in hazard" into a log effect.

    The ratio is ``1 - percent / 100``; the larger reduction is the lower limit of the ratio. Where no interval is
    printed, `ratio_of_reduction` gives the ratio for `from_p_value` or `from_total_events`.

    Parameters
    ----------
    percent, lower, upper : array_like of float or str
        Reduction and its limits in percent, ``lower <= percent <= upper < 100``; negative for an increase.
    level : array_like of float
        Confidence level.

    Returns
    -------
    LogEffect

    Raises
    ------
    EffectError
        As `ratio_of_reduction` and `from_interval`.
    """
    decimal = np.max(np.broadcast_arrays(*(decimals(value) for value in _texts(percent, lower, upper))), axis=0) + 2
    ratio, high, low = (np.asarray(ratio_of_reduction(value)) for value in (percent, lower, upper))
    refuse(low > high, low, "the smaller reduction comes first; as ratios, the lower limit lies above the upper one")
    ratio, low, high, decimal = np.broadcast_arrays(ratio, low, high, decimal)
    printed = [
        np.array([f"{v:.{d}f}" for v, d in zip(each.flat, decimal.flat, strict=True)]) for each in (ratio, low, high)
    ]
    return from_interval(*(each.reshape(ratio.shape)[()] for each in printed), level)


def inverted_interval(estimate: ArrayLike, lower: ArrayLike, upper: ArrayLike) -> tuple[Numbers, Numbers, Numbers]:
    """Turn control over treatment into treatment over control: reciprocals, with the limits changing places.

    Returns
    -------
    tuple
        ``(1 / estimate, 1 / upper, 1 / lower)``.
    """
    ratio, low, high = positive("a ratio", estimate), positive("a limit", lower), positive("a limit", upper)
    return (1 / ratio)[()], (1 / high)[()], (1 / low)[()]
