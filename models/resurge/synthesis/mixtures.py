"""Mixtures of normal distributions over the nodes of a quadrature: what is normal once the heterogeneity is known."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

from resurge.synthesis.inversion import invert

Array = NDArray[np.float64]
NEGLIGIBLE = 1e-9
"""Weight below which a component is left out of quantiles."""


@dataclass(frozen=True)
class Mixture:
    """Posterior of one quantity or of several at once, each a mixture of normals.

    Attributes
    ----------
    weights
        Weight of each component, shape (component,).
    means, sds
        Of the components, shape (component,) or (component, quantity).
    moments
        How many moments exist; the mean is not a number without the first, the sd infinite without the second.
    """

    weights: Array
    means: Array
    sds: Array
    moments: int = 2

    def __repr__(self) -> str:
        """Print mean, sd and 95% interval of one quantity, or how many there are."""
        if self.means.ndim > 1:
            return f"{self.means.shape[1]} quantities, each a mixture of {len(self.weights)} normals"
        lower, upper = self.quantile((0.025, 0.975))
        return f"mean {self.mean:.4g}, sd {self.sd:.4g}, 95% interval {lower:.4g} to {upper:.4g}"

    @property
    def mean(self) -> Array | float:
        """Posterior mean; shape of the quantities."""
        return _plain(self.weights @ self.means if self.moments else np.full(self.means.shape[1:], math.nan))

    @property
    def sd(self) -> Array | float:
        """Posterior standard deviation."""
        if self.moments < 2:
            return _plain(np.full(self.means.shape[1:], math.inf))
        return _plain(np.sqrt(self.weights @ (self.sds**2 + (self.means - self.weights @ self.means) ** 2)))

    @property
    def median(self) -> Array | float:
        """Posterior median."""
        return self.quantile(0.5)

    def cdf(self, x: ArrayLike) -> Array | float:
        """Probability of at most ``x``, whose last dimension broadcasts against the quantities if there are several."""
        x = np.asarray(x, dtype=float)[..., None]
        return _plain(ndtr((x - self.means.T) / self.sds.T) @ self.weights)

    def above(self, x: float = 0.0) -> Array | float:
        """Probability of more than ``x``."""
        return _plain(ndtr((self.means - x) / self.sds).T @ self.weights)

    def quantile(self, p: ArrayLike) -> Array | float:
        """Posterior quantiles; shape of ``p``, then of the quantities."""
        p = np.asarray(p, dtype=float)
        kept = self.weights > NEGLIGIBLE * self.weights.max()
        weights, means, sds = self.weights[kept], self.means[kept], self.sds[kept]
        weights = weights / weights.sum()
        found = np.empty((p.size, *self.means.shape[1:]))
        for i, probability in enumerate(p.ravel()):
            ends = means + sds * ndtri(probability)
            found[i] = _quantile(probability, weights, means, sds, ends.min(axis=0), ends.max(axis=0))
        return _plain(found.reshape(p.shape + self.means.shape[1:]))

    def interval(self, level: float = 0.95) -> tuple[Array | float, Array | float]:
        """Equal-tailed interval: lower and upper limits."""
        lower, upper = self.quantile([(1 - level) / 2, (1 + level) / 2])
        return lower, upper

    def __getitem__(self, quantity: int) -> Mixture:
        """Give one of several quantities."""
        return Mixture(self.weights, self.means[:, quantity], self.sds[:, quantity], self.moments)


def _quantile(p: float, weights: Array, means: Array, sds: Array, lower: Array, upper: Array) -> Array:
    def both(x: Array) -> tuple[Array, Array]:
        z = (x - means) / sds
        density = np.exp(-0.5 * z**2) / (sds * math.sqrt(2 * math.pi))
        return np.tensordot(weights, ndtr(z), 1), np.tensordot(weights, density, 1)

    return invert(both, np.full(lower.shape, p), lower, upper)


def _plain(values: Array) -> Array | float:
    return float(values) if np.ndim(values) == 0 else values
