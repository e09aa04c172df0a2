"""The dormancy model in numpy: draws from its priors, and its curve in the form that recurrence code reads."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from resurge.synthesis.compartments import fractions, incidence, log_hazard
from resurge.synthesis.design import RecurrenceDesign
from resurge.synthesis.dormancy_priors import DormancyPriors
from resurge.synthesis.forward import Draws
from resurge.synthesis.prior_draws import draw_prior as draw_recurrence_prior
from resurge.synthesis.priors import Normal
from resurge.synthesis.strata import ER

OWN_CURVE = ("beta", "middle", "smoothing", "spline_basis")
"""Draws of the recurrence model that belong to its own curve."""


def curve_draws(sampled: Mapping[str, NDArray[np.float64]], edges: NDArray[np.float64]) -> Draws:
    """Work out fractions and baseline from the parameters that are sampled.

    Parameters
    ----------
    sampled : mapping
        ``early_odds``, ``late_odds``, ``early_year``, ``early_spread`` and ``half_life``, shape (sample, er).
    edges : ndarray, shape (cell + 1,)
        Bounds of the cells in years.

    Returns
    -------
    dict of ndarray
        ``p_early``, ``p_dormant`` and ``awakening``, shape (sample, er), and ``baseline``, (sample, er, cell).
    """
    parts = fractions(sampled["early_odds"], sampled["late_odds"], sampled["half_life"])
    found = incidence(parts, sampled["early_year"], sampled["early_spread"], edges)
    return {
        "p_early": parts.early,
        "p_dormant": parts.dormant,
        "awakening": parts.awakening,
        "baseline": log_hazard(found, edges),
    }


def as_curves(draws: Mapping[str, NDArray[np.float64]]) -> Draws:
    """Give draws the form of the recurrence model's: one coefficient a cell instead of one a spline."""
    baseline = draws["baseline"]
    return {**draws, "beta": baseline, "spline_basis": np.eye(baseline.shape[-1])}


def draw_prior(priors: DormancyPriors, design: RecurrenceDesign, n: int, rng: np.random.Generator) -> Draws:
    """Draw every parameter from its prior.

    Parameters
    ----------
    priors : DormancyPriors
        Priors of the model.
    design : RecurrenceDesign
        Names the populations and cohorts whose levels are drawn.
    n : int
        Number of draws.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    dict of ndarray
        The parameters of the model by name, the sample first, with levels ``a_new`` and ``b_new`` of one more
        population, and the constant ``edges``.
    """

    def by_er(prior: Normal) -> NDArray[np.float64]:
        return np.exp(rng.normal(prior.mean, prior.sd, (n, len(ER))))

    shared = draw_recurrence_prior(priors.shared, design, n, rng)
    shared = {name: values for name, values in shared.items() if name not in OWN_CURVE}
    own = {
        "early_odds": by_er(priors.early_odds),
        "late_odds": by_er(priors.late_odds),
        "early_year": by_er(priors.early_year),
        "early_spread": by_er(priors.early_spread),
        "half_life": by_er(priors.half_life),
    }
    return {**shared, **own, **curve_draws(own, design.edges)}
