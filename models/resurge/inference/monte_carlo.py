"""Monte Carlo error of means and spreads of draws, fitted or chosen by weights."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Estimate:
    """A number found from draws.

    Attributes
    ----------
    value : float
        The estimate.
    error : float
        Its Monte Carlo standard error.
    """

    value: float
    error: float


def mean_of(draws: Array) -> Estimate:
    """Estimate a mean.

    Draws chosen by weights are as good as any here: copies of a draw lie side by side, and count as autocorrelation.

    Parameters
    ----------
    draws : ndarray, shape (chain, draw)
        NaN where there is no value; the mean is over the others.
    """
    exists = np.isfinite(draws)
    value = draws[exists].mean()
    return Estimate(float(value), _error(np.where(exists, draws - value, 0.0) / exists.mean()))


def spread_of(draws: Array) -> Estimate:
    """Estimate a standard deviation, as :func:`mean_of` does a mean."""
    exists = np.isfinite(draws)
    squared = (draws - draws[exists].mean()) ** 2
    spread = np.sqrt(squared[exists].mean())
    if spread == 0:
        return Estimate(0.0, 0.0)
    share = np.where(exists, squared - spread**2, 0.0) / exists.mean()
    return Estimate(float(spread), _error(share) / (2 * float(spread)))


def standard_errors_apart(one: Estimate, other: Estimate) -> float:
    """Give the difference of two independent estimates in units of its standard error; 0 where neither has any."""
    error = np.hypot(one.error, other.error)
    return 0.0 if error == 0 and one.value == other.value else (one.value - other.value) / error


def _error(share: Array) -> float:
    """Give the standard error of a mean of what each draw adds to an estimate."""
    if np.ptp(share) == 0:
        return 0.0
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=FutureWarning)
        import arviz as az  # takes seconds

    return float(share.std() / np.sqrt(az.ess(share, method="mean")))
