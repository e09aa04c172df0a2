"""What a fit of the dormancy model needs: the model, and its draws completed by the levels it integrates out."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from resurge.evidence.tables import Evidence
from resurge.inference.chains import flat_arrays
from resurge.inference.fit import Fitted, Prepared
from resurge.inference.fit_recurrence import (
    PRIOR_DRAWS,
    drawn_levels,
    labelled_prior,
    log_hazards_by_er,
    own_part,
)
from resurge.inference.labelled import Labelled
from resurge.project import Project
from resurge.synthesis.design import RecurrenceDesign, recurrence_design
from resurge.synthesis.dormancy_forward import as_curves, draw_prior
from resurge.synthesis.dormancy_priors import DormancyPriors
from resurge.synthesis.recurrence_in_shape import in_shape_of

if TYPE_CHECKING:
    import xarray as xr

JUDGED = (
    *("early_odds", "late_odds", "early_year", "early_spread", "half_life", "awakening", "p_early", "p_dormant"),
    *("nodal_effect", "size_effect", "phi", "therapy", "distant", "other_death", "sigma", "omega", "log_odds", "b"),
)
"""Parameters that are stored as sampled and judged at the gate."""


def prepare(project: Project, evidence: Evidence, priors: DormancyPriors) -> Prepared:
    """State the dormancy model for the evidence of a project."""
    from resurge.synthesis.dormancy import state_model

    design = recurrence_design(evidence)
    return Prepared(state_model(design, priors), partial(finished, design=design, priors=priors))


def prepare_in_shape(project: Project, evidence: Evidence, priors: DormancyPriors, whole: Evidence) -> Prepared:
    """State the dormancy model for part of the evidence in the shape of the whole, as a `Room` of fits does."""
    from resurge.synthesis.dormancy import state_model

    design = recurrence_design(evidence)
    model = state_model(in_shape_of(design, recurrence_design(whole)), priors)
    return Prepared(model, lambda sampled, rng: finished(own_part(sampled, design), rng, design=design, priors=priors))


def finished(
    sampled: xr.Dataset, rng: np.random.Generator, *, design: RecurrenceDesign, priors: DormancyPriors
) -> Fitted:
    """Complete the draws of a fit by what is judged and stored."""
    posterior = complete(sampled, design, rng)
    prior = labelled_prior(draw_prior(priors, design, PRIOR_DRAWS, rng), Labelled.of(posterior))
    return Fitted(posterior, prior.as_dataset(), (*JUDGED, "a", "c"), reported_hazards(posterior))


def complete(sampled: xr.Dataset, design: RecurrenceDesign, rng: np.random.Generator) -> xr.Dataset:
    """Add to the sampled parameters the levels that the model integrates out, one more population, and the grid.

    Parameters
    ----------
    sampled : xarray.Dataset
        Posterior as sampled, dims ``(chain, draw, ...)``.
    design : RecurrenceDesign
        Layout of the evidence behind it.
    rng : numpy.random.Generator
        Source of randomness.
    """
    from resurge.synthesis.dormancy import centre_cell

    baseline = sampled["baseline"].values
    centre = baseline[..., centre_cell(design)].mean(-1)
    levels = drawn_levels(sampled, centre.reshape(-1), design, rng)
    return sampled[[*JUDGED, "baseline"]].assign(
        **levels, edges=("edge", design.edges), cohort=np.array(design.cohorts, dtype=str)
    )


def reported_hazards(posterior: xr.Dataset) -> xr.Dataset:
    """Give the log hazards that reports show, by ER status, dims ``(chain, draw, er, cell)``."""
    return log_hazards_by_er(as_curves(flat_arrays(posterior)), posterior)
