"""Fit the dormancy model: build, sample, complete the draws, judge them at the gate, store the record."""

from __future__ import annotations

import time

import numpy as np
import xarray as xr

from resurge.evidence.tables import Evidence
from resurge.findings.dormancy_draws import PARAMETERS
from resurge.findings.hazard_draws import Profile, group_hazard
from resurge.inference.fit import PRIOR_DRAWS, drawn_levels, labelled_prior, store_fit
from resurge.inference.freshness import fingerprint
from resurge.inference.gate import Diagnostics, diagnose
from resurge.inference.sample import Settings, compile_model, sample
from resurge.project import Project
from resurge.synthesis.design import RecurrenceDesign, recurrence_design
from resurge.synthesis.dormancy_forward import as_curves, draw_prior
from resurge.synthesis.dormancy_priors import DORMANCY, DormancyPriors
from resurge.synthesis.strata import ER

JUDGED = (
    *("early_odds", "late_odds", "early_year", "early_spread", "half_life", "awakening", "p_early", "p_dormant"),
    *("nodal_effect", "size_effect", "phi", "therapy", "distant", "other_death", "sigma", "omega", "log_odds", "b"),
)
"""Parameters that are stored as sampled and judged at the gate."""


def fit_dormancy(
    project: Project,
    evidence: Evidence,
    settings: Settings,
    *,
    progress: bool = True,
    priors: DormancyPriors = DORMANCY,
) -> Diagnostics:
    """Fit the dormancy model and store its record, passed or failed.

    Parameters
    ----------
    project : Project
        Where the record goes.
    evidence : Evidence
        Checked tables of the project.
    settings : Settings
        Draws, chains and seed.
    progress : bool
        Whether to show a live progress bar.
    priors : DormancyPriors
        Priors of the model.

    Returns
    -------
    Diagnostics
        The gate's checks.
    """
    from resurge.synthesis.dormancy import build_model

    started = time.monotonic()
    seen = fingerprint(project, "dormancy", priors)
    groups = sample(compile_model(build_model(evidence, priors)), settings, progress=progress)
    design = recurrence_design(evidence)
    rng = np.random.default_rng(settings.seed)
    stats = groups["sample_stats"].to_dataset()
    posterior = complete(groups["posterior"].to_dataset(), design, rng)
    diagnostics = diagnose(posterior[[*JUDGED, "a", "c"]], stats, reported_hazards(posterior))
    prior = labelled_prior(draw_prior(priors, design, PRIOR_DRAWS, rng), posterior)
    tree = xr.DataTree.from_dict({"posterior": posterior, "prior": prior, "sample_stats": stats})
    store_fit(project, "dormancy", tree, settings, seen, diagnostics, started)
    return diagnostics


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
    shape = (posterior.sizes["chain"], posterior.sizes["draw"])
    draws = as_curves(
        {
            name: posterior[name].values
            if name == "edges"
            else posterior[name].values.reshape(-1, *posterior[name].shape[2:])
            for name in PARAMETERS
        }
    )
    hazards = np.stack([np.log(group_hazard(draws, Profile(er))) for er in ER], axis=1)
    return xr.Dataset({"log_hazard": (("chain", "draw", "er", "time"), hazards.reshape(*shape, *hazards.shape[1:]))})
