"""Draws of one evidence laid out by the labels of another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def laid_out(values: Array, before: Sequence[str], now: Sequence[str]) -> Array:
    """Give columns by other labels; those of labels that were not there before hold NaN.

    Parameters
    ----------
    values : ndarray, shape (sample, before, ...)
        Draws.
    before, now : sequence of str
        Labels of their second dimension, then and now.
    """
    found = np.full((len(values), len(now), *values.shape[2:]), np.nan)
    place = {label: i for i, label in enumerate(before)}
    kept = [i for i, label in enumerate(now) if label in place]
    found[:, kept] = values[:, [place[now[i]] for i in kept]]
    return found
