"""What a fit of the dormancy model needs: the model, and its draws completed by the levels it integrates out."""

from __future__ import annotations

import numpy as np
import xarray as xr

from resurge.evidence.tables import Evidence
from resurge.inference.chains import flat_arrays
from resurge.inference.fit import Fitted, Prepared
from resurge.inference.fit_recurrence import (
    PRIOR_DRAWS,
    drawn_levels,
    labelled_prior,
    log_hazards_by_er,
)
from resurge.project import Project
from resurge.synthesis.design import RecurrenceDesign, recurrence_design
from resurge.synthesis.dormancy_forward import as_curves, draw_prior
from resurge.synthesis.dormancy_priors import DormancyPriors

JUDGED = (
    *("early_odds", "late_odds", "early_year", "early_spread", "half_life", "awakening", "p_early", "p_dormant"),
    *("nodal_effect", "size_effect", "phi", "therapy", "distant", "other_death", "sigma", "omega", "log_odds", "b"),
)
"""Parameters that are stored as sampled and judged at the gate."""


def prepare(project: Project, evidence: Evidence, priors: DormancyPriors) -> Prepared:
    """State the dormancy model for the evidence of a project."""
    from resurge.synthesis.dormancy import build_model

    design = recurrence_design(evidence)

    def finish(sampled: xr.Dataset, rng: np.random.Generator) -> Fitted:
        posterior = complete(sampled, design, rng)
        prior = labelled_prior(draw_prior(priors, design, PRIOR_DRAWS, rng), posterior)
        return Fitted(posterior, prior, (*JUDGED, "a", "c"), reported_hazards(posterior))

    return Prepared(build_model(evidence, priors), finish)


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
