"""Pareto-smoothed importance weights (Vehtari et al. 2024, J Mach Learn Res 25(72):1) in numpy alone.

ArviZ has them too, and tests hold these equal to its own; it takes seconds to import, which an update has not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

Array = NDArray[np.float64]
MAX_K_HAT = 0.7
"""Shape of the tail of weights from which on they cannot be trusted."""
LEAST_TAIL = 5
"""Weights in the tail from which on its shape can be fitted."""


@dataclass(frozen=True)
class Weights:
    """Weights of draws.

    Attributes
    ----------
    log_weights : ndarray, shape (sample,)
        Smoothed and normalised: their exponentials add up to 1.
    k_hat : float
        Shape of the tail of the raw weights; 0 where all are equal.
    """

    log_weights: Array
    k_hat: float

    @property
    def kish(self) -> float:
        """Independent draws that the weighted ones are worth, were they independent before."""
        return float(1 / np.exp(2 * self.log_weights).sum())


def smoothed(log_ratios: Array, efficiency: float = 1.0) -> Weights:
    """Smooth importance ratios by a generalised Pareto distribution fitted to their largest.

    Parameters
    ----------
    log_ratios : ndarray, shape (sample,)
        Log of new over old density, up to a constant.
    efficiency : float
        Effective draws per draw.
    """
    logs = np.asarray(log_ratios, dtype=float) - np.max(log_ratios)
    if np.ptp(logs) == 0:
        return Weights(logs - np.log(len(logs)), 0.0)
    n_tail = int(np.ceil(min(0.2 * len(logs), 3 * np.sqrt(len(logs) / efficiency))))
    order = np.argsort(logs)
    cutoff = max(logs[order[-n_tail - 1]], np.log(np.finfo(float).tiny))
    tail = np.flatnonzero(logs > cutoff)
    if len(tail) < LEAST_TAIL:
        return Weights(logs - logsumexp(logs), np.inf)
    rising = tail[np.argsort(logs[tail])]
    k, scale = fitted_tail(np.exp(logs[rising]) - np.exp(cutoff))
    if np.isfinite(k):
        at = (np.arange(len(rising)) + 0.5) / len(rising)
        logs[rising] = np.minimum(np.log(quantile_of_tail(at, k, scale) + np.exp(cutoff)), 0)
    return Weights(logs - logsumexp(logs), float(k))


def fitted_tail(excess: Array) -> tuple[float, float]:
    """Fit shape and scale of a generalised Pareto distribution (Zhang & Stephens 2009, Technometrics 51:316).

    Parameters
    ----------
    excess : ndarray
        Rising amounts by which the largest values exceed their threshold.
    """
    n = len(excess)
    n_points = 30 + int(np.sqrt(n))
    b = 1 - np.sqrt(n_points / (np.arange(1, n_points + 1) - 0.5))
    b = b / (3 * excess[int(n / 4 + 0.5) - 1]) + 1 / excess[-1]
    k = np.log1p(-b[:, None] * excess).mean(1)
    log_profile = n * (np.log(-b / k) - k - 1)
    weight = np.exp(log_profile - logsumexp(log_profile))
    seen = weight >= 10 * np.finfo(float).eps
    middle = (b[seen] * weight[seen]).sum() / weight[seen].sum()
    shape = np.log1p(-middle * excess).mean()
    # A weak prior of ten values around 0.5 keeps short tails from chance.
    return float((n * shape + 10 * 0.5) / (n + 10)), float(-shape / middle)


def quantile_of_tail(at: Array, shape: float, scale: float) -> Array:
    """Give quantiles of a generalised Pareto distribution above its threshold."""
    if abs(shape) < np.finfo(float).eps:
        return -scale * np.log1p(-at)
    return scale * np.expm1(-shape * np.log1p(-at)) / shape


def resampled(weights: Weights, n: int, rng: np.random.Generator) -> NDArray[np.int_]:
    """Choose draws in proportion to their weights, each within one of its due number of times.

    Systematic resampling: one random start, then even steps, so that little is added to the Monte Carlo error.
    """
    due = np.cumsum(np.exp(weights.log_weights))
    at = (rng.random() + np.arange(n)) / n * due[-1]
    return np.minimum(np.searchsorted(due, at, side="right"), len(due) - 1)
