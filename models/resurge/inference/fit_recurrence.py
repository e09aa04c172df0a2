"""What a fit of the recurrence model needs: the model, and its draws completed by the levels it integrates out."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from resurge.evidence.tables import Evidence
from resurge.findings.hazard_draws import Profile, group_hazard
from resurge.inference.chains import flat_arrays, joined
from resurge.inference.fit import Fitted, Prepared
from resurge.inference.labelled import SAMPLE, Labelled
from resurge.project import Project
from resurge.synthesis.design import RecurrenceDesign, recurrence_design
from resurge.synthesis.hazards import midpoints, spline_basis
from resurge.synthesis.in_shape import OtherShapeError
from resurge.synthesis.levels import draw_levels
from resurge.synthesis.prior_draws import draw_prior
from resurge.synthesis.priors import RecurrencePriors
from resurge.synthesis.recurrence_in_shape import in_shape_of
from resurge.synthesis.strata import ER

if TYPE_CHECKING:
    import pymc as pm
    import xarray as xr

PRIOR_DRAWS = 2000
KEPT = (
    "beta",
    "nodal_effect",
    "size_effect",
    "phi",
    "therapy",
    "distant",
    "other_death",
    "sigma",
    "omega",
    "log_odds",
    "middle",
    "smoothing",
    "b",
)
"""Parameters that are stored as sampled."""


def prepare(project: Project, evidence: Evidence, priors: RecurrencePriors) -> Prepared:
    """State the recurrence model for the evidence of a project."""
    design = recurrence_design(evidence)
    return Prepared(stated(design, priors), partial(finished, design=design, priors=priors))


def prepare_in_shape(project: Project, evidence: Evidence, priors: RecurrencePriors, whole: Evidence) -> Prepared:
    """State the recurrence model for part of the evidence in the shape of the whole, as a `Room` of fits does."""
    design, design_of_whole = recurrence_design(evidence), recurrence_design(whole)
    if design_of_whole.followed and not design.followed:
        raise OtherShapeError("without any patients the steps of the curve are sampled in units of their spread")
    model = stated(in_shape_of(design, design_of_whole), priors)
    return Prepared(model, lambda sampled, rng: finished(own_part(sampled, design), rng, design=design, priors=priors))


def stated(design: RecurrenceDesign, priors: RecurrencePriors) -> pm.Model:
    """State the model in the geometry in which it is sampled."""
    from resurge.inference.non_centred import in_units_of_spread
    from resurge.synthesis.recurrence import state_model

    model = state_model(design, priors)
    return model if design.followed else in_units_of_spread(model, "steps")


def finished(
    sampled: xr.Dataset, rng: np.random.Generator, *, design: RecurrenceDesign, priors: RecurrencePriors
) -> Fitted:
    """Complete the draws of a fit by what is judged and stored."""
    posterior = complete(sampled, design, rng)
    prior = labelled_prior(draw_prior(priors, design, PRIOR_DRAWS, rng), Labelled.of(posterior))
    return Fitted(posterior, prior.as_dataset(), (*KEPT, "a", "c"), reported_hazards(posterior))


def own_part(sampled: xr.Dataset, design: RecurrenceDesign) -> xr.Dataset:
    """Select from draws of a model in the shape of more evidence what is of the evidence of a design."""
    return sampled.sel(
        population=list(design.populations), followed=list(design.followed), window=list(design.windows.row_id)
    )


def complete(sampled: xr.Dataset, design: RecurrenceDesign, rng: np.random.Generator) -> xr.Dataset:
    """Add to the sampled parameters the levels that the model integrates out, one more population, and the constants.

    Parameters
    ----------
    sampled : xarray.Dataset
        Posterior as sampled, dims ``(chain, draw, ...)``.
    design : RecurrenceDesign
        Layout of the evidence behind it.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    xarray.Dataset
        Parameters of the findings, with ``a`` for every population, ``c`` for every cohort, ``a_new`` and ``b_new``
        for one more
        population, ``edges`` and ``spline_basis``.
    """
    centre = sampled["middle"].values[..., 0].reshape(-1)
    return sampled[list(KEPT)].assign(
        **drawn_levels(sampled, centre, design, rng),
        edges=("edge", design.edges),
        spline_basis=(("cell", "basis"), spline_basis(midpoints(design.edges), design.edges[-1])),
        cohort=np.array(design.cohorts, dtype=str),
    )


Variable = tuple[tuple[str, ...], np.ndarray]
"""Dims and values."""


def drawn_levels(
    sampled: xr.Dataset, centre: np.ndarray, design: RecurrenceDesign, rng: np.random.Generator
) -> dict[str, Variable]:
    """Draw the levels that a model of the curve integrates out, and those of one more population.

    Parameters
    ----------
    sampled : xarray.Dataset
        Posterior as sampled.
    centre : ndarray, shape (sample,)
        Level of the curve on whose scale followed populations are sampled.
    design : RecurrenceDesign
        Layout of the evidence.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    dict
        ``a`` of every population, ``c`` of every cohort, ``a_new`` and ``b_new``.
    """
    shape = (sampled.sizes["chain"], sampled.sizes["draw"])
    flat = joined(sampled, ("sigma", "omega", "window_mean", "alpha"))
    windows, sigma = design.windows, flat["sigma"]
    variance = windows.se**2 + flat["omega"][:, None] ** 2
    residual = windows.log_cumulative_hazard - flat["window_mean"]
    a, c = draw_levels(residual, variance, sigma[:, 2], sigma[:, 0], windows.nesting, rng)
    a = a + (flat["alpha"] - centre[:, None]) @ design.followed_place.T
    new = sigma[:, :2] * rng.standard_normal((len(sigma), 2))
    return {
        "a": (("chain", "draw", "population"), a.reshape(*shape, len(design.populations))),
        "c": (("chain", "draw", "cohort"), c.reshape(*shape, len(design.cohorts))),
        "a_new": (("chain", "draw"), new[:, 0].reshape(shape)),
        "b_new": (("chain", "draw"), new[:, 1].reshape(shape)),
    }


def reported_hazards(posterior: xr.Dataset) -> xr.Dataset:
    """Give the log hazards that reports show, by ER status, dims ``(chain, draw, er, cell)``."""
    return log_hazards_by_er(flat_arrays(posterior), posterior)


def log_hazards_by_er(draws: Mapping[str, np.ndarray], posterior: xr.Dataset) -> xr.Dataset:
    """Give the log hazards of curves by ER status, split into the chains of a posterior."""
    import xarray as xr

    shape = (posterior.sizes["chain"], posterior.sizes["draw"])
    hazards = np.stack([np.log(group_hazard(draws, Profile(er))) for er in ER], axis=1)
    return xr.Dataset({"log_hazard": (("chain", "draw", "er", "time"), hazards.reshape(*shape, *hazards.shape[1:]))})


def labelled_prior(draws: dict[str, np.ndarray], posterior: Labelled) -> Labelled:
    """Give prior draws the dims and labels of the posterior, as a single chain."""
    dims = {name: dims for name, (dims, _) in posterior.variables.items() if name in draws and name != "c"}
    variables = {name: (own, draws[name][None] if "draw" in own else draws[name]) for name, own in dims.items()}
    return Labelled(
        variables, {dim: names for dim, names in posterior.labels.items() if dim not in (*SAMPLE, "cohort")}
    )
