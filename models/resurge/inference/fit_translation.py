"""What a fit of the translation model needs: pairs laid out, and the draws labelled."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from resurge.evidence.tables import Evidence
from resurge.inference.chains import joined
from resurge.inference.fit import Fitted, Prepared
from resurge.inference.labelled import Labelled, split
from resurge.project import Project
from resurge.synthesis.translation_design import TranslationDesign, translation_design
from resurge.synthesis.translation_forward import Draws, draw_prior, true_effects
from resurge.synthesis.translation_priors import KINDS, TranslationPriors

if TYPE_CHECKING:
    import xarray as xr

PRIOR_DRAWS = 4000
STORED = ("centre", "between", "within", "slope", "sigma", "omega", "eta", "delta")
"""Parameters that are stored."""
DIMS = dict.fromkeys(("centre", "between", "within", "slope", "sigma", "omega"), ("kind",)) | {"delta": ("pair",)}


def prepare(project: Project, evidence: Evidence, priors: TranslationPriors) -> Prepared:
    """State the translation model for the evidence of a project."""
    from resurge.synthesis.translation import build_model

    design = translation_design(evidence.replication_pairs)
    return Prepared(build_model(design, priors), partial(finished, design=design, priors=priors))


def prepare_in_shape(project: Project, evidence: Evidence, priors: TranslationPriors, whole: Evidence) -> Prepared:
    """State the translation model for part of the evidence in the shape of the whole, as a `Room` of fits does."""
    from resurge.synthesis.translation import build_model
    from resurge.synthesis.translation_in_shape import in_shape_of

    design, laid_out = (translation_design(each.replication_pairs) for each in (evidence, whole))

    def finish(sampled: xr.Dataset, rng: np.random.Generator) -> Fitted:
        return finished(sampled.sel(pair=list(design.pairs)), rng, design=design, priors=priors)

    return Prepared(build_model(in_shape_of(design, laid_out), priors), finish)


def finished(
    sampled: xr.Dataset, rng: np.random.Generator, *, design: TranslationDesign, priors: TranslationPriors
) -> Fitted:
    """Complete the draws of a fit by what is judged and stored."""
    posterior = labelled(joined(sampled, STORED), design, (sampled.sizes["chain"], sampled.sizes["draw"]))
    return Fitted(posterior.as_dataset(), prior_of(priors, design, rng).as_dataset(), STORED)


def prior_of(priors: TranslationPriors, design: TranslationDesign, rng: np.random.Generator) -> Labelled:
    """Draw from the prior what is stored of the posterior."""
    drawn = draw_prior(priors, design, PRIOR_DRAWS, rng)
    return labelled({**drawn, "delta": true_effects(design, drawn)}, design, (1, PRIOR_DRAWS))


def labelled(draws: Draws, design: TranslationDesign, shape: tuple[int, int]) -> Labelled:
    """Give draws their dims, split into chains, and the pairs behind them."""
    stored = {name: draws[name] for name in STORED}
    constants = {
        "pair_kind": ("pair", (design.pair_experiment @ design.experiment_kind).argmax(1)),
        "pair_experiment": ("pair", design.pair_experiment.argmax(1)),
        "original": ("pair", design.original),
        "original_se": ("pair", design.original_se),
        "replication": ("pair", design.replication),
        "replication_se": ("pair", design.replication_se),
    }
    return split(stored, shape, DIMS, {"kind": KINDS, "pair": design.pairs}).extended(constants, {})
