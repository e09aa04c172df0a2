"""What a fit of the metastasis model needs: the counts laid out, and one more source drawn."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from resurge.errors import UsageError
from resurge.evidence.tables import Evidence
from resurge.inference.chains import joined
from resurge.inference.fit import Fitted, Prepared
from resurge.inference.labelled import Labelled, split
from resurge.project import Project
from resurge.synthesis.metastasis_design import SETTINGS, SINGLE_SITES, SITES, SUBTYPES, SiteDesign, site_design
from resurge.synthesis.metastasis_forward import Draws, draw_prior, log_odds, sigmoid, with_new_source
from resurge.synthesis.metastasis_priors import MetastasisPriors

if TYPE_CHECKING:
    import xarray as xr

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


def prepare(project: Project, evidence: Evidence, priors: MetastasisPriors) -> Prepared:
    """State the metastasis model for the evidence of a project.

    Raises
    ------
    UsageError
        If the evidence has no shares of sites.
    """
    from resurge.synthesis.metastasis import build_model

    design = design_of(evidence)
    return Prepared(build_model(design, priors), partial(finished, design=design, priors=priors))


def prepare_in_shape(project: Project, evidence: Evidence, priors: MetastasisPriors, whole: Evidence) -> Prepared:
    """State the metastasis model for part of the evidence in the shape of the whole, as a `Room` of fits does."""
    from resurge.synthesis.metastasis import build_model, counted_first
    from resurge.synthesis.metastasis_in_shape import in_shape_of

    design, laid_out = design_of(evidence), design_of(whole)
    model = build_model(in_shape_of(design, laid_out), priors, counted_first(laid_out))

    def finish(sampled: xr.Dataset, rng: np.random.Generator) -> Fitted:
        return finished(
            sampled.sel(population=list(design.populations), reach_set=list(design.reach_sets)),
            rng,
            design=design,
            priors=priors,
        )

    return Prepared(model, finish)


def design_of(evidence: Evidence) -> SiteDesign:
    """Lay out the shares of sites.

    Raises
    ------
    UsageError
        If there are none.
    """
    if evidence.metastasis_sites is None:
        raise UsageError("the metastasis model needs the table metastasis_sites, and the evidence has none")
    return site_design(evidence.metastasis_sites)


def finished(sampled: xr.Dataset, rng: np.random.Generator, *, design: SiteDesign, priors: MetastasisPriors) -> Fitted:
    """Complete the draws of a fit by what is judged and stored."""
    posterior = complete(sampled, design, rng)
    return Fitted(posterior, prior_of(priors, design, rng).as_dataset(), SAMPLED, reported_shares(posterior))


def prior_of(priors: MetastasisPriors, design: SiteDesign, rng: np.random.Generator) -> Labelled:
    """Draw from the prior what is stored of the posterior."""
    return labelled(draw_prior(priors, design, PRIOR_DRAWS, rng), (1, PRIOR_DRAWS), design)


def complete(sampled: xr.Dataset, design: SiteDesign, rng: np.random.Generator) -> xr.Dataset:
    """Add one more source to the sampled parameters, and labels."""
    shape = (sampled.sizes["chain"], sampled.sizes["draw"])
    return labelled(with_new_source(joined(sampled, SAMPLED), rng), shape, design).as_dataset()


def labelled(draws: Draws, shape: tuple[int, int], design: SiteDesign) -> Labelled:
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
    import xarray as xr

    shape = (posterior.sizes["chain"], posterior.sizes["draw"])
    draws = joined(posterior, ("mu", "contrast"))
    return xr.Dataset({"share": (("chain", "draw", "share"), sigmoid(log_odds(draws)).reshape(*shape, -1))})
