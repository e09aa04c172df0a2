"""Draws from the priors of the recurrence model, in numpy: what the model believes before it sees any evidence."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from resurge.synthesis.design import RecurrenceDesign
from resurge.synthesis.forward import Draws
from resurge.synthesis.hazards import midpoints, spline_basis, walk_from_middle, walk_scales
from resurge.synthesis.priors import HalfNormal, Normal, RecurrencePriors
from resurge.synthesis.strata import NODAL, TUMOUR_SIZE


def draw_prior(priors: RecurrencePriors, design: RecurrenceDesign, n: int, rng: np.random.Generator) -> Draws:
    """Draw every parameter from its prior.

    Parameters
    ----------
    priors : RecurrencePriors
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
        population, and the
        constants ``edges`` and ``spline_basis``.
    """

    def normal(prior: Normal) -> NDArray[np.float64]:
        return rng.normal(prior.mean, prior.sd, (n, *np.shape(prior.mean)))

    def half_normal(prior: HalfNormal, *shape: int) -> NDArray[np.float64]:
        return np.abs(rng.normal(0, prior.sd, (n, *(shape or np.shape(prior.sd)))))

    basis = spline_basis(midpoints(design.edges), design.edges[-1])
    n_basis = basis.shape[1]
    smoothing, middle, sigma = half_normal(priors.smoothing), normal(priors.middle), np.exp(normal(priors.sigma))
    steps = rng.normal(size=(n, 2, n_basis - 1)) * smoothing[:, :, None] * walk_scales(design.edges[-1])
    common, difference = (middle[:, :, None] + steps @ walk_from_middle(n_basis).T).transpose(1, 0, 2)
    n_populations, n_cohorts = len(design.populations), len(design.cohorts)
    return {
        "beta": np.stack([common - difference / 2, common + difference / 2], axis=1),
        "nodal_effect": ordered(half_normal(priors.nodal_step, len(NODAL) - 1)),
        "size_effect": ordered(half_normal(priors.size_step, len(TUMOUR_SIZE) - 1)),
        "phi": normal(priors.nodal_tilt),
        "therapy": normal(priors.therapy),
        "distant": np.exp(normal(priors.distant_drop)),
        "other_death": np.exp(normal(priors.other_death)),
        "sigma": sigma,
        "omega": np.exp(normal(priors.omega)),
        "log_odds": normal(priors.log_odds),
        "smoothing": smoothing,
        "middle": middle,
        "a": sigma[:, [0]] * rng.normal(size=(n, n_populations)),
        "b": sigma[:, [1]] * rng.normal(size=(n, n_populations)),
        "c": sigma[:, [2]] * rng.normal(size=(n, n_cohorts)) * design.windows.nesting.cohort_varies,
        "a_new": sigma[:, 0] * rng.normal(size=n),
        "b_new": sigma[:, 1] * rng.normal(size=n),
        "edges": design.edges,
        "spline_basis": basis,
    }


def ordered(steps: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum non-negative steps into effects that start at 0, shape (sample, label)."""
    return np.concatenate([np.zeros((len(steps), 1)), np.cumsum(steps, axis=1)], axis=1)
