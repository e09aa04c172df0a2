"""Ratios printed with a p value to log effects, after Altman and Bland 2011, BMJ 343:d2090."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from resurge.evidence.log_effects import (
    PRINTED_DECIMALS,
    EffectError,
    LogEffect,
    Numbers,
    decimals,
    is_text,
    log_effect,
    numbers,
    positive,
    refuse,
    rounding_sd,
)


def from_p_value(estimate: ArrayLike, p: ArrayLike) -> LogEffect:
    """Turn a ratio with a two-sided p value into a log effect.

    ``se = |log estimate| / z`` with ``z`` the quantile of ``1 - p / 2`` (Altman and Bland 2011, who approximate it). A
    p value printed as "<0.001" gives the largest standard error it allows, and ``se_is_upper_bound`` says so.

    Parameters
    ----------
    estimate : array_like of float or str
        The ratio; not 1, not even after rounding, for a p value says nothing of the spread of an effect of 0.
    p : array_like of float or str
        The p value, between 0 and 1; "<0.001" for a bound.

    Returns
    -------
    LogEffect

    Raises
    ------
    EffectError
        If the estimate may round to 1, or p is not between 0 and 1 or was printed as "greater than".
    """
    p, bound, unit = _p_values(p)
    z = -ndtri(p / 2)
    slope = np.sqrt(2 * np.pi) * np.exp(z**2 / 2) / 2
    return _from_z(estimate, z, unit * slope, bound)


def from_one_sided_p_value(estimate: ArrayLike, p: ArrayLike) -> LogEffect:
    """Turn a ratio with the one-sided p value of "the ratio is below 1" into a log effect.

    ``se = |log estimate| / |z|`` with ``z`` the quantile of ``1 - p``; p is below 0.5 where the ratio is below 1. For
    the opposite hypothesis give ``1 - p``.

    Parameters
    ----------
    estimate : array_like of float or str
        The ratio; not 1.
    p : array_like of float or str
        The p value, between 0 and 1 and not 0.5; "<0.001" for a bound.

    Returns
    -------
    LogEffect

    Raises
    ------
    EffectError
        If ratio and p value point in opposite directions, or as for `from_p_value`.
    """
    p, bound, unit = _p_values(p)
    z = -ndtri(p)
    ratio = positive("a ratio", estimate)
    refuse(
        (z == 0) | (np.sign(z) == np.sign(np.log(ratio))),
        p,
        "the ratio and its one-sided p value point in opposite directions",
    )
    slope = np.sqrt(2 * np.pi) * np.exp(z**2 / 2)
    return _from_z(estimate, np.abs(z), unit * slope, bound)


def _p_values(p: ArrayLike) -> tuple[Numbers, np.ndarray, Numbers]:
    """Read p values: the number, whether it is a bound, and the standard deviation of its rounding."""
    array = np.asarray(p)
    bound = np.zeros(array.shape, dtype=bool)
    if is_text(array):
        texts = np.char.strip(array.astype(str))
        if np.char.startswith(texts, ">").any():
            raise EffectError(
                "a p value printed as 'greater than' gives no standard error; use an interval or the events"
            )
        bound = np.char.startswith(texts, "<")
        array = np.char.strip(np.char.lstrip(texts, "<="))
    found = numbers("a p value", array)
    hint = "; for p = 0.000 write the bound, '<0.001'" if (found == 0).any() else ""
    refuse((found <= 0) | (found >= 1), found, f"a p value lies between 0 and 1{hint}")
    return found, bound, np.where(bound, 0.0, rounding_sd(decimals(array, PRINTED_DECIMALS)))


def _from_z(estimate: ArrayLike, z: Numbers, z_rounding: Numbers, bound: np.ndarray) -> LogEffect:
    ratio = positive("a ratio", estimate)
    decimal = decimals(estimate, PRINTED_DECIMALS)
    refuse(
        np.abs(ratio - 1) <= 0.5 * 10.0**-decimal * (1 + 1e-9),
        ratio,
        "the ratio is 1 but for rounding, and a p value then says nothing of its standard error",
    )
    log_ratio, rounding = np.log(ratio), rounding_sd(decimal) / ratio
    se = np.abs(log_ratio) / z
    relative = np.hypot(rounding / log_ratio, z_rounding / z)
    return log_effect(log_ratio, se, rounding, se_rounding=se * relative, se_is_upper_bound=bound)
