"""The resistance model in numpy: effects of mechanisms and draws of readings, given draws of the parameters.

A second statement of the equations of :mod:`resurge.synthesis.resistance`, vectorised over draws; a test holds the two
equal.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from resurge.synthesis.correlation import cholesky, draw_partial
from resurge.synthesis.resistance_design import ResistanceDesign
from resurge.synthesis.resistance_priors import FACETS, ResistancePriors

Array = NDArray[np.float64]
Draws = dict[str, Array]
"""Parameters by name, the sample first."""


def class_effects(draws: Draws) -> Array:
    """Give the middle of each class, shape (sample, mechanism_class, facet)."""
    L = cholesky(draws["partial"], len(FACETS), log=np.log, exp=np.exp)
    spread = draws["kappa"][:, None, None] * draws["tau"][:, None, :]
    return draws["mu"][:, None, :] + spread * (draws["z_class"] @ L.swapaxes(1, 2))


def mechanism_effects(draws: Draws, design: ResistanceDesign) -> Array:
    """Give the effect of each tested mechanism, shape (sample, tested, facet)."""
    L = cholesky(draws["partial"], len(FACETS), log=np.log, exp=np.exp)
    own = draws["tau"][:, None, :] * (draws["z"] @ L.swapaxes(1, 2))
    return design.tested_class @ class_effects(draws) + own


def untested_effects(draws: Draws, kind: NDArray[np.int_], rng: np.random.Generator) -> Array:
    """Draw the effects of mechanisms without any row, given their classes, shape (sample, mechanism, facet).

    Parameters
    ----------
    draws : dict
        Parameters.
    kind : ndarray of int, shape (mechanism,)
        Position of the class of each mechanism.
    rng : numpy.random.Generator
        Source of randomness.
    """
    L = cholesky(draws["partial"], len(FACETS), log=np.log, exp=np.exp)
    z = rng.standard_normal((len(L), len(kind), len(FACETS)))
    return class_effects(draws)[:, kind] + draws["tau"][:, None, :] * (z @ L.swapaxes(1, 2))


def all_effects(draws: Draws, design: ResistanceDesign, rng: np.random.Generator) -> tuple[Array, Array]:
    """Give the effects of every mechanism of the catalogue, and of one more mechanism of each class.

    Returns
    -------
    theta : ndarray, shape (sample, mechanism, facet)
        Mechanisms without rows are drawn from their class.
    theta_new : ndarray, shape (sample, mechanism_class, facet)
    """
    theta = untested_effects(draws, design.mechanism_class, rng)
    theta[:, [design.mechanisms.index(name) for name in design.tested]] = mechanism_effects(draws, design)
    return theta, untested_effects(draws, np.arange(len(design.classes)), rng)


def draw_prior(priors: ResistancePriors, design: ResistanceDesign, n: int, rng: np.random.Generator) -> Draws:
    """Draw every sampled parameter from its prior.

    Parameters
    ----------
    priors : ResistancePriors
        Priors of the model.
    design : ResistanceDesign
        Names classes and tested mechanisms.
    n : int
        Number of draws.
    rng : numpy.random.Generator
        Source of randomness.
    """

    def normal(name: str, *shape: int) -> Array:
        prior = getattr(priors, name)
        return rng.normal(prior.mean, prior.sd, (n, *shape))

    facets = len(FACETS)
    return {
        "mu": normal("mu", facets),
        "tau": np.exp(normal("log_tau", facets)),
        "kappa": np.exp(normal("log_kappa")),
        "partial": draw_partial(facets, priors.correlation.eta, n, rng),
        "z_class": rng.standard_normal((n, len(design.classes), facets)),
        "z": rng.standard_normal((n, len(design.tested), facets)),
        "sigma": np.exp(normal("log_sigma", facets)),
        "omega": np.exp(normal("log_omega", facets)),
        "excess": np.abs(rng.normal(0, priors.excess.sd, (n, facets))),
    }


def draw_readings(design: ResistanceDesign, draws: Draws, rng: np.random.Generator) -> Array:
    """Draw readings as the design would show them, given all parameters, shape (sample, reading)."""
    theta = mechanism_effects(draws, design)
    effect = ((design.reading_tested @ theta) * design.reading_facet).sum(2)
    sigma = draws["sigma"] @ design.report_facet.T
    u = sigma * rng.standard_normal(sigma.shape)
    spread = np.sqrt(design.variance + (draws["omega"] ** 2) @ design.reading_facet.T)
    lean = design.lean * (draws["excess"] @ design.reading_facet.T)
    return lean + design.m * (effect + u @ design.reading_report.T) + spread * rng.standard_normal(effect.shape)
