"""Fit the metastasis model: lay out the counts, sample, add one more source, judge, store."""

from __future__ import annotations

import time

import numpy as np
import xarray as xr

from resurge.errors import UsageError
from resurge.evidence.tables import Evidence
from resurge.inference.chains import joined, split
from resurge.inference.fit import store_fit
from resurge.inference.freshness import fingerprint
from resurge.inference.gate import Diagnostics, diagnose
from resurge.inference.sample import Settings, compile_model, sample
from resurge.project import Project
from resurge.synthesis.metastasis_design import SETTINGS, SINGLE_SITES, SITES, SUBTYPES, SiteDesign, site_design
from resurge.synthesis.metastasis_forward import Draws, draw_prior, log_odds, sigmoid, with_new_source
from resurge.synthesis.metastasis_priors import METASTASIS, MetastasisPriors

PRIOR_DRAWS = 2000
DIMS = {
    "mu": ("setting", "site"),
    "delta": ("subtype", "site"),
    "contrast": ("setting", "subtype", "site"),
    "sigma": ("site",),
    "u": ("population", "site"),
    "mix": ("subtype",),
    "single": ("single_site",),
    "reach": ("reach_set",),
    "u_new": ("site",),
    "share_new": ("setting", "subtype", "site"),
}
SAMPLED = (
    *("mu", "tau", "kappa", "delta", "contrast", "log_sigma_centre", "sigma", "correlation", "u", "mix"),
    *("concentration", "single", "reach"),
)
"""Parameters that are stored as sampled."""


def fit_metastasis(
    project: Project,
    evidence: Evidence,
    settings: Settings,
    *,
    progress: bool = True,
    priors: MetastasisPriors = METASTASIS,
) -> Diagnostics:
    """Fit the metastasis model and store its record, passed or failed.

    Parameters
    ----------
    project : Project
        Where the record goes.
    evidence : Evidence
        Checked tables of the project, with ``metastasis_sites``.
    settings : Settings
        Draws, chains and seed.
    progress : bool
        Whether to show a live progress bar.
    priors : MetastasisPriors
        Priors of the model.

    Returns
    -------
    Diagnostics
        The gate's checks.

    Raises
    ------
    UsageError
        If the evidence has no shares of sites.
    """
    from resurge.synthesis.metastasis import build_model

    started = time.monotonic()
    if evidence.metastasis_sites is None:
        raise UsageError("the metastasis model needs the table metastasis_sites, and the evidence has none")
    seen = fingerprint(project, "metastasis", priors)
    design = site_design(evidence.metastasis_sites)
    groups = sample(compile_model(build_model(design, priors)), settings, progress=progress)
    rng = np.random.default_rng(settings.seed)
    posterior = complete(groups["posterior"].to_dataset(), design, rng)
    stats = groups["sample_stats"].to_dataset()
    diagnostics = diagnose(posterior[list(SAMPLED)], stats, reported_shares(posterior))
    prior = labelled(draw_prior(priors, design, PRIOR_DRAWS, rng), (1, PRIOR_DRAWS), design)
    tree = xr.DataTree.from_dict({"posterior": posterior, "prior": prior, "sample_stats": stats})
    store_fit(project, "metastasis", tree, settings, seen, diagnostics, started)
    return diagnostics


def complete(sampled: xr.Dataset, design: SiteDesign, rng: np.random.Generator) -> xr.Dataset:
    """Add one more source to the sampled parameters, and labels."""
    shape = (sampled.sizes["chain"], sampled.sizes["draw"])
    return labelled(with_new_source(joined(sampled, SAMPLED), rng), shape, design)


def labelled(draws: Draws, shape: tuple[int, int], design: SiteDesign) -> xr.Dataset:
    """Give draws their dims and labels, split into chains."""
    labels = {
        "setting": SETTINGS,
        "subtype": SUBTYPES,
        "site": SITES,
        "single_site": SINGLE_SITES,
        "population": design.populations,
        "reach_set": design.reach_sets,
    }
    return split(draws, shape, DIMS, labels)


def reported_shares(posterior: xr.Dataset) -> xr.Dataset:
    """Give the shares that reports show, dims ``(chain, draw, share)``."""
    shape = (posterior.sizes["chain"], posterior.sizes["draw"])
    draws = joined(posterior, ("mu", "contrast"))
    return xr.Dataset({"share": (("chain", "draw", "share"), sigmoid(log_odds(draws)).reshape(*shape, -1))})
