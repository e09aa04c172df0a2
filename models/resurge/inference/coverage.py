"""Whether intervals hold the truths of simulated sets as often as they say."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

LEVELS = (0.5, 0.9)
OUT_OF_BOUNDS = 1e-4
"""How often a calibrated interval leaves its two-sided binomial bounds."""


def share_below(draws: NDArray[np.float64], truth: float, rng: np.random.Generator) -> float:
    """Give the share of draws below the truth; among equal ones the truth ranks at random.

    What does not exist, such as a crossing that never comes, comes after everything that does.
    """
    draws, truth = np.where(np.isnan(draws), np.inf, draws), np.inf if np.isnan(truth) else truth
    return float((draws < truth).mean() + rng.uniform() * (draws == truth).mean())


def times_covered(shares: NDArray[np.float64]) -> dict[float, int]:
    """Count, by level, the sets in which the central interval holds the truth, given shares of draws below it."""
    return {level: int((np.abs(np.asarray(shares) - 0.5) < level / 2).sum()) for level in LEVELS}


def bounds(n_sets: int, level: float) -> tuple[int, int]:
    """Give the least and the largest number of sets that a calibrated interval covers, but for rare chance."""
    low, high = stats.binom.ppf([OUT_OF_BOUNDS / 2, 1 - OUT_OF_BOUNDS / 2], n_sets, level)
    return int(low), int(high)


def is_calibrated(shares: NDArray[np.float64]) -> bool:
    """Tell whether the intervals of an answer cover about as often as they say, given shares below the truth."""
    for level, count in times_covered(shares).items():
        low, high = bounds(len(shares), level)
        if not low <= count <= high:
            return False
    return True
