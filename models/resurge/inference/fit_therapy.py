"""Fit the therapy model: weigh windows by the recurrence posterior, sample, draw the effects, judge, store."""

from __future__ import annotations

import time

import numpy as np
import xarray as xr

from resurge.evidence.tables import Evidence
from resurge.findings.effect_draws import REPORTED_YEARS, full_course
from resurge.findings.hazard_draws import PARAMETERS, Profile, group_hazard
from resurge.inference.chains import joined, split
from resurge.inference.fit import store_fit
from resurge.inference.freshness import fingerprint
from resurge.inference.gate import Diagnostics, diagnose
from resurge.inference.records import sound_draws
from resurge.inference.sample import Settings, compile_model, sample
from resurge.project import Project
from resurge.synthesis.event_weights import Baseline
from resurge.synthesis.strata import ER
from resurge.synthesis.therapy_design import TherapyDesign, therapy_design
from resurge.synthesis.therapy_forward import draw_prior
from resurge.synthesis.therapy_levels import draw_effects
from resurge.synthesis.therapy_priors import SCALED_ENDPOINTS, THERAPY, TherapyPriors

PRIOR_DRAWS = 4000
SAMPLED = ("mu", "tau", "log_sigma_centre", "sigma", "omega", "onset", "fade", "carry", "shape", "rho", "lag")
"""Parameters that are stored as sampled."""
DIMS = {"rho": ("scaled_endpoint",), "beta_trial": ("trial",)} | dict.fromkeys(
    ("sigma", "onset", "fade", "carry", "beta_class", "beta_new"), ("effect_class",)
)


def fit_therapy(
    project: Project,
    evidence: Evidence,
    settings: Settings,
    *,
    progress: bool = True,
    priors: TherapyPriors = THERAPY,
) -> Diagnostics:
    """Fit the therapy model and store its record, passed or failed.

    Parameters
    ----------
    project : Project
        Where the record goes, and the posterior of the recurrence model is.
    evidence : Evidence
        Checked tables of the project, with ``therapy_effects``.
    settings : Settings
        Draws, chains and seed.
    progress : bool
        Whether to show a live progress bar.
    priors : TherapyPriors
        Priors of the model.

    Returns
    -------
    Diagnostics
        The gate's checks.

    Raises
    ------
    RecordError
        If there is no posterior of the recurrence model to weigh windows by.
    """
    from resurge.synthesis.therapy import build_model

    started = time.monotonic()
    baseline = typical_baseline(project)
    seen = fingerprint(project, "therapy", priors)
    design = therapy_design(evidence.therapy_effects, baseline)
    groups = sample(compile_model(build_model(design, priors)), settings, progress=progress)
    rng = np.random.default_rng(settings.seed)
    sampled, stats = groups["posterior"].to_dataset(), groups["sample_stats"].to_dataset()
    posterior = with_constants(with_effects(sampled, design, rng), design, baseline)
    diagnostics = diagnose(posterior[[*SAMPLED, "beta_class"]], stats, reported_effects(posterior))
    prior = with_constants(labelled(draw_prior(priors, design, PRIOR_DRAWS, rng), (1, PRIOR_DRAWS)), design, baseline)
    tree = xr.DataTree.from_dict({"posterior": posterior, "prior": prior, "sample_stats": stats})
    store_fit(project, "therapy", tree, settings, seen, diagnostics, started)
    return diagnostics


def typical_baseline(project: Project) -> Baseline:
    """Give the posterior mean hazard of recurrence of a typical population, by ER status.

    Windows are weighed by where events fall in time; the uncertainty of that weight is of no consequence beside that
    of the effects.
    """
    draws = sound_draws(project, "recurrence", PARAMETERS)
    return Baseline(draws["edges"], {er: group_hazard(draws, Profile(er)).mean(0) for er in ER})


def with_effects(sampled: xr.Dataset, design: TherapyDesign, rng: np.random.Generator) -> xr.Dataset:
    """Add the full effects of classes, trials and one more trial that the model integrates out."""
    shape = (sampled.sizes["chain"], sampled.sizes["draw"])
    flat = joined(sampled, (*SAMPLED, "m"))
    levels = draw_effects(
        design.readings,
        flat["m"],
        design.variance + flat["omega"][:, None] ** 2,
        design.reading_trial,
        design.trial_class,
        flat["sigma"],
        flat["mu"][:, None] * design.sign,
        flat["tau"],
        rng,
    )
    effects = {name: getattr(levels, name) for name in ("beta_class", "beta_trial", "beta_new")}
    return labelled({name: flat[name] for name in SAMPLED} | effects, shape)


def labelled(draws: dict[str, np.ndarray], shape: tuple[int, int]) -> xr.Dataset:
    """Give draws their dims, split into chains."""
    return split(draws, shape, DIMS, {})


def with_constants(draws: xr.Dataset, design: TherapyDesign, baseline: Baseline) -> xr.Dataset:
    """Add labels and what else the findings need: durations, ER status, trials and entries of each class, baseline."""
    return draws.assign(
        duration=("effect_class", design.duration),
        randomised_year=("effect_class", design.randomised_year),
        sign=("effect_class", design.sign),
        continues=("effect_class", design.continues),
        class_er=("effect_class", np.array(design.er, dtype=str)),
        entry_trial=("entry", design.entry_trial.argmax(1)),
        trial_class=("trial", design.trial_class.argmax(1)),
        baseline_edges=("edge", baseline.edges),
        baseline_hazard=(("er", "cell"), np.stack([baseline.hazard[er] for er in ER])),
    ).assign_coords(
        effect_class=np.array(design.classes, dtype=str),
        trial=np.array(design.trials, dtype=str),
        entry=np.array(design.entries, dtype=str),
        scaled_endpoint=np.array(SCALED_ENDPOINTS, dtype=str),
        er=np.array(ER, dtype=str),
    )


def reported_effects(posterior: xr.Dataset) -> xr.Dataset:
    """Give the log hazard ratios that reports show, by class and year, dims ``(chain, draw, effect_class, year)``."""
    shape = (posterior.sizes["chain"], posterior.sizes["draw"])
    names = ("onset", "fade", "carry", "shape", "beta_class")
    draws = joined(posterior, names)
    draws["duration"] = posterior["duration"].values
    values = np.stack(
        [draws["beta_class"][:, [k]] * full_course(draws, k, REPORTED_YEARS) for k in range(len(draws["duration"]))],
        axis=1,
    )
    return xr.Dataset({"log_hr": (("chain", "draw", "effect", "time"), values.reshape(*shape, *values.shape[1:]))})
