"""What a fit of the resistance model needs: the rows laid out, and mechanisms without rows drawn."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from resurge.evidence.tables import Evidence
from resurge.inference.chains import joined
from resurge.inference.fit import Fitted, Prepared
from resurge.inference.labelled import Labelled, split
from resurge.project import Project
from resurge.synthesis.correlation import cholesky
from resurge.synthesis.resistance_design import ResistanceDesign, resistance_design
from resurge.synthesis.resistance_forward import Draws, all_effects, draw_prior
from resurge.synthesis.resistance_priors import FACETS, ResistancePriors

if TYPE_CHECKING:
    import xarray as xr

PRIOR_DRAWS = 4000
SAMPLED = ("mu", "tau", "kappa", "partial", "z_class", "z", "sigma", "omega", "excess")
STORED = ("mu", "tau", "kappa", "correlation", "z_class", "sigma", "omega", "excess", "theta", "theta_new")
"""Parameters that are stored."""
DIMS = {"theta": ("mechanism", "facet")} | {
    **dict.fromkeys(("z_class", "theta_new"), ("mechanism_class", "facet")),
    **dict.fromkeys(("mu", "tau", "sigma", "omega", "excess"), ("facet",)),
    "correlation": ("facet", "other_facet"),
}


def prepare(project: Project, evidence: Evidence, priors: ResistancePriors) -> Prepared:
    """State the resistance model for the evidence of a project."""
    from resurge.synthesis.resistance import build_model

    design = resistance_design(evidence.resistance_effects, evidence.mechanisms)
    return Prepared(build_model(design, priors), partial(finished, design=design, priors=priors))


def prepare_in_shape(project: Project, evidence: Evidence, priors: ResistancePriors, whole: Evidence) -> Prepared:
    """State the resistance model for part of the evidence in the shape of the whole, as a `Room` of fits does."""
    from resurge.synthesis.resistance import build_model
    from resurge.synthesis.resistance_in_shape import in_shape_of

    design, laid_out = (resistance_design(each.resistance_effects, each.mechanisms) for each in (evidence, whole))

    def finish(sampled: xr.Dataset, rng: np.random.Generator) -> Fitted:
        return finished(
            sampled.sel(tested=list(design.tested), mechanism_class=list(design.classes)),
            rng,
            design=design,
            priors=priors,
        )

    return Prepared(build_model(in_shape_of(design, laid_out), priors), finish)


def finished(
    sampled: xr.Dataset, rng: np.random.Generator, *, design: ResistanceDesign, priors: ResistancePriors
) -> Fitted:
    """Complete the draws of a fit by what is judged and stored."""
    shape = (sampled.sizes["chain"], sampled.sizes["draw"])
    posterior = completed(joined(sampled, SAMPLED), design, shape, rng)
    return Fitted(posterior.as_dataset(), prior_of(priors, design, rng).as_dataset(), STORED)


def prior_of(priors: ResistancePriors, design: ResistanceDesign, rng: np.random.Generator) -> Labelled:
    """Draw from the prior what is stored of the posterior."""
    return completed(draw_prior(priors, design, PRIOR_DRAWS, rng), design, (1, PRIOR_DRAWS), rng)


def completed(draws: Draws, design: ResistanceDesign, shape: tuple[int, int], rng: np.random.Generator) -> Labelled:
    """Add the effects of every mechanism to sampled parameters, with labels and the rows behind them.

    Parameters
    ----------
    draws : dict
        Sampled parameters, chains joined.
    design : ResistanceDesign
        Layout of the evidence.
    shape : tuple of int
        Chains and draws.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    Labelled
        With ``theta`` for every mechanism of the catalogue, ``theta_new`` for one more mechanism of each class.
    """
    L = cholesky(draws["partial"], len(FACETS), log=np.log, exp=np.exp)
    theta, theta_new = all_effects(draws, design, rng)
    stored = {**draws, "correlation": L @ L.swapaxes(1, 2), "theta": theta, "theta_new": theta_new}
    return labelled(stored, design, shape)


def labelled(stored: Draws, design: ResistanceDesign, shape: tuple[int, int]) -> Labelled:
    """Give draws their dims, split into chains, with labels and the rows behind them."""
    rows = design.rows
    labels = {
        "facet": FACETS,
        "other_facet": FACETS,
        "mechanism": design.mechanisms,
        "mechanism_class": design.classes,
        "row": rows["row_id"],
    }
    constants = {
        "class_of": ("mechanism", design.mechanism_class),
        "row_mechanism": ("row", np.array([design.mechanisms.index(name) for name in rows["mechanism_id"]])),
        "row_facet": ("row", np.array([FACETS.index(name) for name in rows["facet"]])),
        "row_source": ("row", np.array(rows["source_id"], dtype=str)),
        "row_effect": ("row", rows["effect"].to_numpy(dtype=float)),
        "row_se": ("row", rows["se"].to_numpy(dtype=float)),
    }
    return split({name: stored[name] for name in STORED}, shape, DIMS, labels).extended(constants, {})
