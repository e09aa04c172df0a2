"""A published effect on the common scale: a natural log ratio with its standard error.

Printed digits are rounded. A printed ratio stands for every number that rounds to it, so its log has, beside the
sampling error, a rounding error uniform over half a unit of the last digit: standard deviation ``u / (sqrt(12) R)`` for
a ratio ``R`` printed in units of ``u``. It is added to the standard error in quadrature (JCGM 100:2008, Guide to the
expression of uncertainty in measurement, 4.3.7). For 0.72 (0.58 to 0.90) that is 0.004 against 0.112 and does
not matter; for 0.95 (0.93 to 0.97), a large overview, it is 0.003 against 0.011 and does.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

from resurge.errors import ResurgeError

Numbers = NDArray[np.float64]

PRINTED_DECIMALS = 2
"""Decimals that a ratio is printed with at least; a number loses its trailing zeros, a text ("0.5") keeps them."""

MOST_DECIMALS = 17
"""Digits of a double; what has more was not printed."""


class EffectError(ResurgeError):
    """Published numbers do not give a log ratio and its standard error."""


class NoInformationError(EffectError):
    """The counts say nothing of a ratio: no events at all, or events only."""


@dataclass(frozen=True)
class LogEffect:
    """A log ratio and its standard error; each field is a number, or an array with one entry an effect.

    Attributes
    ----------
    estimate : float or ndarray
        Natural log of the ratio, treatment over control.
    se : float or ndarray
        Its standard error, rounding of the printed estimate included.
    rounding : float or ndarray
        The part of ``se`` that comes from rounding of the estimate: ``se**2 = sampling_se**2 + rounding**2``.
    se_rounding : float or ndarray
        Standard deviation of ``se`` itself from rounding of what it was computed from; not part of ``se``.
    se_is_upper_bound : bool or ndarray
        Whether the true standard error is smaller, as after "p < 0.001".
    """

    estimate: float | Numbers
    se: float | Numbers
    rounding: float | Numbers = 0.0
    se_rounding: float | Numbers = 0.0
    se_is_upper_bound: bool | NDArray[np.bool_] = False

    @property
    def ratio(self) -> float | Numbers:
        """The ratio itself, treatment over control."""
        return np.exp(self.estimate)

    @property
    def sampling_se(self) -> float | Numbers:
        """The standard error without the rounding of the estimate."""
        return np.sqrt(np.maximum(np.square(self.se) - np.square(self.rounding), 0.0))

    @property
    def p_value(self) -> float | Numbers:
        """Two-sided p value against a ratio of 1."""
        return 2 * ndtr(-np.abs(self.estimate) / self.se)

    def interval(self, level: float = 0.95) -> tuple[float | Numbers, float | Numbers]:
        """Limits of the ratio at a level, by the sampling error alone, as a report would print them."""
        half = normal_quantile(level) * self.sampling_se
        return np.exp(self.estimate - half), np.exp(self.estimate + half)


def inverted(effect: LogEffect) -> LogEffect:
    """Let treatment and control change places: the log ratio changes sign, its standard error stays.

    Parameters
    ----------
    effect : LogEffect
        Control over treatment, for instance.

    Returns
    -------
    LogEffect
        The same fact as treatment over control.
    """
    return replace(effect, estimate=-effect.estimate)


def log_effect(estimate: ArrayLike, sampling_se: ArrayLike, rounding: ArrayLike = 0.0, **more: ArrayLike) -> LogEffect:
    """Put a log ratio, its sampling error and the rounding of its digits together."""
    estimate, sampling_se, rounding = np.broadcast_arrays(estimate, sampling_se, rounding)
    extra = {name: _plain(np.broadcast_to(value, estimate.shape)) for name, value in more.items()}
    return LogEffect(_plain(estimate), _plain(np.hypot(sampling_se, rounding)), _plain(rounding), **extra)


def _plain(values: np.ndarray) -> float | np.ndarray:
    return np.asarray(values).item() if np.ndim(values) == 0 else values


def normal_quantile(level: ArrayLike) -> Numbers:
    """Give z such that a share ``level`` of a standard normal lies between -z and z.

    Raises
    ------
    EffectError
        If a level is not between 0 and 1.
    """
    level = numbers("a confidence level", level)
    hint = " (95% is 0.95)" if ((level > 1) & (level < 100)).any() else ""
    refuse((level <= 0) | (level >= 1), level, f"a confidence level lies between 0 and 1{hint}")
    return -ndtri((1 - level) / 2)


def numbers(what: str, values: ArrayLike) -> Numbers:
    """Read finite numbers, one or many, from numbers or texts.

    Raises
    ------
    EffectError
        If one of them is not a finite number.
    """
    try:
        found = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise EffectError(f"{what} must be a number, and {values!r} is not") from None
    refuse(~np.isfinite(found), found, f"{what} must be a finite number")
    return found


def positive(what: str, values: ArrayLike) -> Numbers:
    """Read numbers greater than 0."""
    found = numbers(what, values)
    refuse(found <= 0, found, f"{what} must be greater than 0")
    return found


def refuse(wrong: ArrayLike, values: ArrayLike, sentence: str) -> None:
    """Raise the sentence with the first value that is wrong, if there is any."""
    wrong, values = np.broadcast_arrays(wrong, values)
    if wrong.any():
        raise EffectError(f"{sentence}; it is {values[wrong].flat[0]:g}")


def decimals(values: ArrayLike, at_least: int = 0) -> NDArray[np.int_]:
    """Give the number of decimals that numbers were printed with: those written in a text, those needed for a number.

    Parameters
    ----------
    values : array_like of float or str
        Texts keep their trailing zeros; numbers have lost them and count ``at_least`` decimals.
    at_least : int
        Decimals a number has at least.

    Returns
    -------
    ndarray of int
    """
    array = np.asarray(values)
    if is_text(array):
        return np.vectorize(_written, otypes=[int])(array.astype(str))
    needed = np.vectorize(
        lambda value: len(np.format_float_positional(value, trim="-").partition(".")[2]), otypes=[int]
    )
    return np.clip(needed(array.astype(float)), at_least, MOST_DECIMALS)


def is_text(array: np.ndarray) -> bool:
    """Tell whether an array holds texts, in its own type or as objects, as a data frame does."""
    return array.dtype.kind in "US" or (array.dtype.kind == "O" and all(isinstance(each, str) for each in array.flat))


def _written(text: str) -> int:
    digits, _, exponent = text.strip().lower().partition("e")
    return min(max(len(digits.partition(".")[2]) - int(exponent or 0), 0), MOST_DECIMALS)


def rounding_sd(decimal: ArrayLike) -> Numbers:
    """Give the standard deviation of a number's rounding error when it was printed with so many decimals."""
    return 10.0 ** -np.asarray(decimal, dtype=float) / np.sqrt(12)
