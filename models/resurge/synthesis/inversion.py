"""Quantiles from distribution functions."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
STEPS = 200


def invert(function: Callable[[Array], tuple[Array, Array]], p: Array, lower: Array, upper: Array) -> Array:
    """Find where a distribution function reaches given probabilities: Newton's steps, halving where they leave.

    Parameters
    ----------
    function
        Gives the distribution function and the density at an array of points, element by element.
    p
        Probabilities, any shape.
    lower, upper
        Ends between which each quantile lies, of the same shape.
    """
    lower, upper = np.array(lower, dtype=float), np.array(upper, dtype=float)
    x = (lower + upper) / 2
    for _ in range(STEPS):
        reached, density = function(x)
        above = reached > p
        upper, lower = np.where(above, x, upper), np.where(above, lower, x)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            newton = x - (reached - p) / density
        inside = (newton >= lower) & (newton <= upper)
        following = np.where(inside, newton, (lower + upper) / 2)
        moved = np.abs(following - x)
        x = following
        if np.all(moved <= 1e-12 * (np.abs(x) + 1e-3 * (upper - lower)) + 1e-300):
            break
    return x
