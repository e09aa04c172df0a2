"""Fit the translation model: sample, judge, store."""

from __future__ import annotations

import time

import numpy as np
import xarray as xr

from resurge.evidence.tables import Evidence
from resurge.inference.chains import joined, split
from resurge.inference.fit import store_fit
from resurge.inference.freshness import fingerprint
from resurge.inference.gate import Diagnostics, diagnose
from resurge.inference.sample import Settings, compile_model, sample
from resurge.project import Project
from resurge.synthesis.translation_design import TranslationDesign, translation_design
from resurge.synthesis.translation_forward import Draws, draw_prior, true_effects
from resurge.synthesis.translation_priors import KINDS, TRANSLATION, TranslationPriors

PRIOR_DRAWS = 4000
STORED = ("centre", "between", "within", "slope", "sigma", "omega", "eta", "delta")
"""Parameters that are stored."""
DIMS = dict.fromkeys(("centre", "between", "within", "slope", "sigma", "omega"), ("kind",)) | {"delta": ("pair",)}


def fit_translation(
    project: Project,
    evidence: Evidence,
    settings: Settings,
    *,
    progress: bool = True,
    priors: TranslationPriors = TRANSLATION,
) -> Diagnostics:
    """Fit the translation model and store its record, passed or failed.

    Parameters
    ----------
    project : Project
        Where the record goes.
    evidence : Evidence
        Checked tables of the project, with ``replication_pairs``.
    settings : Settings
        Draws, chains and seed.
    progress : bool
        Whether to show a live progress bar.
    priors : TranslationPriors
        Priors of the model.

    Returns
    -------
    Diagnostics
        The gate's checks.
    """
    from resurge.synthesis.translation import build_model

    started = time.monotonic()
    seen = fingerprint(project, "translation", priors)
    design = translation_design(evidence.replication_pairs)
    groups = sample(compile_model(build_model(design, priors)), settings, progress=progress)
    sampled, stats = groups["posterior"].to_dataset(), groups["sample_stats"].to_dataset()
    posterior = labelled(joined(sampled, STORED), design, (sampled.sizes["chain"], sampled.sizes["draw"]))
    diagnostics = diagnose(posterior[list(STORED)], stats)
    rng = np.random.default_rng(settings.seed)
    drawn = draw_prior(priors, design, PRIOR_DRAWS, rng)
    prior = labelled({**drawn, "delta": true_effects(design, drawn)}, design, (1, PRIOR_DRAWS))
    tree = xr.DataTree.from_dict({"posterior": posterior, "prior": prior, "sample_stats": stats})
    store_fit(project, "translation", tree, settings, seen, diagnostics, started)
    return diagnostics


def labelled(draws: Draws, design: TranslationDesign, shape: tuple[int, int]) -> xr.Dataset:
    """Give draws their dims, split into chains, and the pairs behind them."""
    stored = {name: draws[name] for name in STORED}
    return split(stored, shape, DIMS, {"kind": KINDS, "pair": design.pairs}).assign(
        pair_kind=("pair", (design.pair_experiment @ design.experiment_kind).argmax(1)),
        pair_experiment=("pair", design.pair_experiment.argmax(1)),
        original=("pair", design.original),
        original_se=("pair", design.original_se),
        replication=("pair", design.replication),
        replication_se=("pair", design.replication_se),
    )
