"""The translation model in numpy: draws from its priors, experiments as they would be published and repeated."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from resurge.synthesis.translation_design import TranslationDesign
from resurge.synthesis.translation_priors import KINDS, TranslationPriors

Array = NDArray[np.float64]
Draws = dict[str, Array]
"""Parameters by name, the sample first."""
SIGNIFICANT = 1.959963984540054
LARGEST = 6.0
"""Largest true effect that is thought of, arsinh(d / 2)."""


def draw_prior(priors: TranslationPriors, design: TranslationDesign, n: int, rng: np.random.Generator) -> Draws:
    """Draw every sampled parameter from its prior."""

    def normal(name: str) -> Array:
        prior = getattr(priors, name)
        return rng.normal(prior.mean, prior.sd, (n, len(KINDS)))

    centre, between = normal("centre"), np.exp(normal("log_between"))
    own = design.experiment_kind.T
    return {
        "centre": centre,
        "between": between,
        "within": np.exp(normal("log_within")),
        "slope": normal("slope"),
        "sigma": np.exp(normal("log_sigma")),
        "omega": np.exp(normal("log_omega")),
        "eta": rng.beta(priors.eta.a, priors.eta.b, n),
        "level": centre @ own + (between @ own) * rng.standard_normal((n, len(design.experiments))),
        "z_pair": rng.standard_normal((n, len(design.pairs))),
    }


def true_effects(design: TranslationDesign, draws: Draws) -> Array:
    """Give the true effects of the originals, shape (sample, pair)."""
    of_pair = (design.pair_experiment @ design.experiment_kind).T
    return draws["level"] @ design.pair_experiment.T + (draws["within"] @ of_pair) * draws["z_pair"]


def chance_picked(effect: Array, se: Array, eta: Array) -> Array:
    """Give the chance of an original with a true effect to be picked, relative to a significant one."""
    return eta + (1 - eta) * ndtr(effect / se - SIGNIFICANT)


def draw_originals(design: TranslationDesign, draws: Draws, rng: np.random.Generator) -> Array:
    """Draw published effects given true ones, trying again until each is picked, shape (sample, pair)."""
    delta = true_effects(design, draws)
    published, waiting = np.empty_like(delta), np.ones(delta.shape, dtype=bool)
    while waiting.any():
        rows, columns = np.nonzero(waiting)
        tried = delta[rows, columns] + design.original_se[columns] * rng.standard_normal(len(rows))
        chance = np.where(tried > SIGNIFICANT * design.original_se[columns], 1.0, draws["eta"][rows])
        taken = rng.random(len(rows)) < chance
        published[rows[taken], columns[taken]] = tried[taken]
        waiting[rows[taken], columns[taken]] = False
    return published


def draw_replications(design: TranslationDesign, draws: Draws, rng: np.random.Generator) -> Array:
    """Draw replications of given true effects, shape (sample, pair)."""
    of_pair = (design.pair_experiment @ design.experiment_kind).T
    a = (draws["sigma"] @ design.experiment_kind.T) * rng.standard_normal(draws["level"].shape)
    mean = (draws["slope"] @ of_pair) * true_effects(design, draws) + a @ design.pair_experiment.T
    spread = np.sqrt(design.replication_se**2 + (draws["omega"] @ of_pair) ** 2)
    return mean + spread * rng.standard_normal(mean.shape)


def true_effect_given(original: float, se: float, kind: int, draws: Draws, rng: np.random.Generator) -> Array:
    """Draw the true effect behind one more published original, corrected for having been picked.

    Parameters
    ----------
    original, se : float
        Published effect and its standard error, arsinh(d / 2).
    kind : int
        Position of the kind of experiment.
    draws : dict
        Parameters.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    ndarray, shape (sample,)
        By inversion of the distribution function on a grid.
    """
    grid = np.linspace(-2.0, LARGEST, 1601)
    centre = draws["centre"][:, kind, None]
    spread = np.hypot(draws["between"][:, kind], draws["within"][:, kind])[:, None]
    log_density = -0.5 * ((original - grid) / se) ** 2 - 0.5 * ((grid - centre) / spread) ** 2
    log_density = log_density - np.log(chance_picked(grid, np.asarray(se), draws["eta"][:, None]))
    density = np.exp(log_density - log_density.max(1, keepdims=True))
    cumulative = np.cumsum(density, axis=1)
    target = rng.random(len(cumulative))[:, None] * cumulative[:, -1:]
    return grid[np.minimum((cumulative < target).sum(1), len(grid) - 1)]
