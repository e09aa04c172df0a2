"""Correlation matrices from partial correlations: a map that numpy and PyTensor share.

For i > j let r[i, j] be the partial correlation of i and j given 0 ... j - 1. The Cholesky factor of the correlation
matrix is ::

    L[i, j] = r[i, j] * sqrt(prod_{k < j} (1 - r[i, k]^2)),    L[i, i] = sqrt(prod_{k < i} (1 - r[i, k]^2))

Independent r[i, j] = 2 b - 1 with b ~ Beta(a_j, a_j), a_j = eta + (n - 2 - j) / 2, give LKJ(eta) (Lewandowski,
Kurowicka and Joe 2009).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Symbolic = Any
"""An array, or a PyTensor variable."""


def pairs(n: int) -> tuple[NDArray[np.int_], NDArray[np.int_]]:
    """Give rows and columns of the partial correlations of n quantities, in order."""
    return np.tril_indices(n, -1)


def beta_shapes(n: int, eta: float) -> Array:
    """Give the shape of the symmetric beta distribution of each partial correlation under LKJ, shape (pair,)."""
    return eta + (n - 2 - pairs(n)[1]) / 2


def placement(n: int) -> Array:
    """Give the 0/1 matrix that puts partial correlations into a flat n x n matrix, shape (pair, n * n)."""
    rows, columns = pairs(n)
    place = np.zeros((len(rows), n * n))
    place[np.arange(len(rows)), rows * n + columns] = 1
    return place


def cholesky(partial: Symbolic, n: int, log: Callable[..., Symbolic], exp: Callable[..., Symbolic]) -> Symbolic:
    """Give the Cholesky factor of a correlation matrix.

    Parameters
    ----------
    partial : array or PyTensor variable, shape (..., pair)
        Partial correlations.
    n : int
        Number of quantities.
    log, exp : callable
        Of the array library.

    Returns
    -------
    array or PyTensor variable, shape (..., n, n)
    """
    r = (partial @ placement(n)).reshape((*partial.shape[:-1], n, n))
    before = np.triu(np.ones((n, n)), 1)
    return (r + np.eye(n)) * np.tril(np.ones((n, n))) * exp(0.5 * (log(1 - r**2) @ before))


def draw_partial(n: int, eta: float, samples: int, rng: np.random.Generator) -> Array:
    """Draw partial correlations of LKJ correlation matrices, shape (sample, pair)."""
    shapes = beta_shapes(n, eta)
    return 2 * rng.beta(shapes, shapes, (samples, len(shapes))) - 1
