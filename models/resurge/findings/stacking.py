"""Stacking of models by how well they predict what they have not seen; numpy only.

Weights maximise sum_j log sum_k w_k exp(score_jk) over the simplex (Yao and others 2018): the mixture of predictive
distributions that would have predicted the populations best. Two models that predict alike share the weight.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

PRECISION = 1e-10
MOST_STEPS = 100_000


def stacking_weights(scores: ArrayLike) -> NDArray[np.float64]:
    """Find the weights by expectation and maximisation, which climbs the concave objective at every step.

    Parameters
    ----------
    scores : array_like, shape (unit, model)
        Log predictive density of each unit left out.

    Returns
    -------
    ndarray, shape (model,)
    """
    scores = np.asarray(scores, dtype=float)
    density = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = np.full(scores.shape[1], 1 / scores.shape[1])
    for _ in range(MOST_STEPS):
        part = weights * density
        new = (part / part.sum(axis=1, keepdims=True)).mean(axis=0)
        if np.abs(new - weights).max() < PRECISION:
            return new
        weights = new
    return weights


def difference(scores: ArrayLike) -> tuple[float, float]:
    """Give the sum of the second model's scores less the first's, and its standard error over units."""
    gap = np.diff(np.asarray(scores, dtype=float)[:, :2], axis=1)[:, 0]
    return float(gap.sum()), float(np.sqrt(len(gap)) * gap.std(ddof=1))
