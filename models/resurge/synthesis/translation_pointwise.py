"""The density of the translation model's pairs by experiment and by pair, in numpy, vectorised over draws.

The pairs of one experiment share its level L and the amount a by which its repetition differs. Given both, their true
effects delta are independent, and normal but for the chance to be picked (see :mod:`resurge.synthesis.translation`)::

    integral of p(original_i, replication_i | delta, a) p(delta | L) d delta = normal_i(L, a) * h_i(m_i)
    h_i(m) = mean of 1 / picked_i(m + sqrt(v_i) x) over standard normal x

m_i is linear in L and a, v_i constant. The integral over delta is a Gauss-Hermite sum, that over L and a another one in
two dimensions, laid around its peak with the spread there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.polynomial.hermite_e import hermegauss
from numpy.typing import NDArray

from resurge.synthesis.translation_design import TranslationDesign
from resurge.synthesis.translation_forward import SIGNIFICANT, chance_picked

Array = NDArray[np.float64]
Draws = Mapping[str, Array]
"""Parameters by name, the sample first."""
INNER, OUTER = 9, 5
"""Nodes of the integral over a true effect, and over each of what an experiment shares."""
STEPS = 4
"""Newton steps to the peak; the density is log-concave and nearly normal."""
POINTS = 16
"""Proposals of which one is drawn."""


@dataclass(frozen=True)
class Told:
    """Pairs of one experiment and the parameters of its kind.

    Attributes
    ----------
    original, original_se, replication : ndarray, shape (pair,)
        As in the design.
    centre, between, within, slope, sigma, eta : ndarray, shape (sample, 1)
        Parameters.
    variance : ndarray, shape (sample, pair)
        Of the replications around what they share.
    """

    original: Array
    original_se: Array
    replication: Array
    centre: Array
    between: Array
    within: Array
    slope: Array
    sigma: Array
    eta: Array
    variance: Array

    @property
    def spread(self) -> Array:
        """Variance v of a true effect given its experiment's level, its original and its replication."""
        told = 1 / self.original_se**2 + self.slope**2 / self.variance
        return 1 / (1 / self.within**2 + told)

    @property
    def tilt(self) -> Array:
        """How the mean m of a true effect changes with level and a, shape (2, sample, pair)."""
        v = self.spread
        return np.stack([v / self.within**2, -v * self.slope / self.variance])

    def mean(self, level: Array, a: Array) -> Array:
        """Give the mean m of each true effect, were every original picked, shape (..., sample, pair)."""
        told = self.original / self.original_se**2 + self.slope * (self.replication - a) / self.variance
        return self.spread * (level / self.within**2 + told)


def told_of(design: TranslationDesign, experiment: str, draws: Draws) -> Told:
    """Gather the pairs of an experiment and the parameters of its kind."""
    place = design.experiments.index(experiment)
    own, kind = design.pair_experiment[:, place] == 1, design.experiment_kind[place].argmax()
    names = ("centre", "between", "within", "slope", "sigma")
    return Told(
        *(getattr(design, name)[own] for name in ("original", "original_se", "replication")),
        **{name: draws[name][:, kind, None] for name in names},
        eta=draws["eta"][:, None],
        variance=design.replication_se[own] ** 2 + draws["omega"][:, kind, None] ** 2,
    )


def parts_of_h(told: Told, mean: Array) -> Iterator[tuple[float, Array]]:
    """Give nodes x of the integral h, each with its part of it, of the shape of ``mean``."""
    nodes, weights = hermegauss(INNER)
    root = np.sqrt(told.spread)
    for x, weight in zip(nodes, weights / weights.sum(), strict=True):
        yield x, weight / chance_picked(mean + root * x, told.original_se, told.eta)


def derivatives_of_log_h(told: Told, mean: Array) -> tuple[Array, Array]:
    """Give the first two derivatives of log h in m, each of the shape of ``mean``."""
    value, slope, curvature = np.zeros_like(mean), np.zeros_like(mean), np.zeros_like(mean)
    for x, part in parts_of_h(told, mean):
        value, slope, curvature = value + part, slope + x * part, curvature + (x**2 - 1) * part
    slope, curvature = slope / (np.sqrt(told.spread) * value), curvature / (told.spread * value)
    return slope, curvature - slope**2


def shared_log_density(told: Told, level: Array, a: Array) -> Array:
    """Give the log density of level, a and the pairs, true effects integrated out, shape (..., sample).

    Parameters
    ----------
    told : Told
        Pairs of the experiment.
    level, a : ndarray, shape (..., sample, 1)
        What they share.
    """
    mean = told.mean(level, a)
    squares = (level / told.within) ** 2 + (told.original / told.original_se) ** 2
    squares = squares + (told.replication - a) ** 2 / told.variance - mean**2 / told.spread
    scale = np.log(told.spread) - 2 * np.log(told.within) - np.log(2 * np.pi * told.variance)
    chosen = np.where(told.original > SIGNIFICANT * told.original_se, 0.0, np.log(told.eta))
    log_h = np.log(sum(part for _, part in parts_of_h(told, mean)))
    pairs = (0.5 * (scale - squares) + chosen + log_h).sum(-1)
    prior = ((level - told.centre) / told.between) ** 2 + (a / told.sigma) ** 2
    prior = prior + 2 * np.log(2 * np.pi * told.between * told.sigma)
    return pairs - 0.5 * prior[..., 0]


def peak_of(told: Told) -> tuple[Array, Array]:
    """Find the likeliest level and a, and a root of their covariance there, shapes (sample, 2) and (sample, 2, 2)."""
    tilt = told.tilt
    direct = np.stack(np.broadcast_arrays(1 / told.within**2, 1 / told.variance))
    prior = np.concatenate([1 / told.between**2, 1 / told.sigma**2], axis=1)
    normal = np.einsum("isp,jsp,sp->sij", tilt, tilt, 1 / told.spread)
    normal = normal - (direct.sum(-1).T + prior)[:, :, None] * np.eye(2)
    at = np.concatenate([told.centre, np.zeros_like(told.centre)], axis=1)
    for _ in range(STEPS):
        level, a = at[:, :1], at[:, 1:]
        mean = told.mean(level, a)
        up, bend = derivatives_of_log_h(told, mean)
        slope = np.stack([(mean - level) * direct[0], (told.replication - a - told.slope * mean) * direct[1]])
        slope = (slope + up * tilt).sum(-1).T - prior * (at - np.concatenate([told.centre, 0 * a], axis=1))
        curved = -(normal + np.einsum("isp,jsp,sp->sij", tilt, tilt, bend))
        at = at + np.linalg.solve(curved, slope[:, :, None])[:, :, 0]
    return at, np.linalg.inv(np.linalg.cholesky(curved)).swapaxes(1, 2)


def experiment_log_density(told: Told) -> Array:
    """Give the log density of the pairs of an experiment, all that they share integrated out, shape (sample,).

    Constants of the published effects are left out, as in the model.
    """
    nodes, weights = hermegauss(OUTER)
    x = np.stack(np.meshgrid(nodes, nodes), axis=-1).reshape(-1, 2)
    log_weights = np.log(np.outer(weights, weights).ravel()) + 0.5 * (x**2).sum(1)
    peak, root = peak_of(told)
    at = peak + np.einsum("sij,nj->nsi", root, x)
    log_density = shared_log_density(told, at[..., :1], at[..., 1:]) + log_weights[:, None]
    highest = log_density.max(0)
    total = highest + np.log(np.exp(log_density - highest).sum(0))
    return total + np.log(np.abs(np.linalg.det(root)))


def pairs_log_density(told: Told, delta: Array) -> Array:
    """Give the log density of each pair given its true effect and the other pairs, shape (sample, pair).

    Parameters
    ----------
    told : Told
        Pairs of the experiment.
    delta : ndarray, shape (sample, pair)
        True effects of the originals.
    """
    chosen = np.where(told.original > SIGNIFICANT * told.original_se, 0.0, np.log(told.eta))
    picked = np.log(chance_picked(delta, told.original_se, told.eta))
    originals = -0.5 * ((told.original - delta) / told.original_se) ** 2 + chosen - picked
    # What the other replications tell of a
    residual, precision = told.replication - told.slope * delta, 1 / told.variance
    others = precision.sum(1, keepdims=True) - precision + 1 / told.sigma**2
    mean = ((residual * precision).sum(1, keepdims=True) - residual * precision) / others
    variance = told.variance + 1 / others
    return originals - 0.5 * (np.log(2 * np.pi * variance) + (residual - mean) ** 2 / variance)


def draw_true_effects(told: Told, rng: np.random.Generator) -> Array:
    """Draw the true effects of the originals of an experiment given all its pairs, shape (sample, pair).

    Level and a are drawn first, then each true effect, one of some normal proposals chosen by how much likelier than
    the normal it is.
    """
    peak, root = peak_of(told)
    x = rng.standard_normal((POINTS, *peak.shape))
    at = peak + np.einsum("sij,nsj->nsi", root, x)
    level, a = at[..., :1], at[..., 1:]
    log_weights = shared_log_density(told, level, a) + 0.5 * (x**2).sum(-1)
    chosen = (log_weights + rng.gumbel(size=log_weights.shape)).argmax(0)
    sample = np.arange(len(peak))
    mean = told.mean(level[chosen, sample], a[chosen, sample])
    delta = mean + np.sqrt(told.spread) * rng.standard_normal((POINTS, *mean.shape))
    log_weights = -np.log(chance_picked(delta, told.original_se, told.eta))
    chosen = (log_weights + rng.gumbel(size=log_weights.shape)).argmax(0)
    return np.take_along_axis(delta, chosen[None], axis=0)[0]
