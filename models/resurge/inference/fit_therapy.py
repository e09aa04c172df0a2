"""What a fit of the therapy model needs: windows weighted by the recurrence posterior, and full effects drawn back."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from resurge.evidence.tables import Evidence
from resurge.findings.effect_draws import REPORTED_YEARS, full_course
from resurge.inference.baseline import typical_baseline
from resurge.inference.chains import joined
from resurge.inference.fit import Fitted, Prepared
from resurge.inference.labelled import Labelled, split
from resurge.project import Project
from resurge.synthesis.event_weights import Baseline
from resurge.synthesis.strata import ER
from resurge.synthesis.therapy_design import TherapyDesign, therapy_design
from resurge.synthesis.therapy_forward import draw_prior
from resurge.synthesis.therapy_in_shape import in_shape_of, reading_places
from resurge.synthesis.therapy_levels import draw_effects
from resurge.synthesis.therapy_priors import SCALED_ENDPOINTS, TherapyPriors

if TYPE_CHECKING:
    import xarray as xr

PRIOR_DRAWS = 4000
SAMPLED = ("mu", "tau", "log_sigma_centre", "sigma", "omega", "onset", "fade", "carry", "shape", "rho", "lag")
"""Parameters that are stored as sampled."""
DIMS = {"rho": ("scaled_endpoint",), "beta_trial": ("trial",)} | dict.fromkeys(
    ("sigma", "onset", "fade", "carry", "beta_class", "beta_new"), ("effect_class",)
)


def prepare(project: Project, evidence: Evidence, priors: TherapyPriors) -> Prepared:
    """State the therapy model for the evidence of a project, windows weighted by its recurrence posterior.

    Raises
    ------
    RecordError
        If there is no posterior of the recurrence model.
    """
    from resurge.synthesis.therapy import build_model

    baseline = typical_baseline(project)
    design = therapy_design(evidence.therapy_effects, baseline)
    finish = partial(finished, design=design, priors=priors, baseline=baseline)
    return Prepared(build_model(design, priors), finish)


def prepare_in_shape(project: Project, evidence: Evidence, priors: TherapyPriors, whole: Evidence) -> Prepared:
    """State the therapy model for part of the evidence in the shape of the whole, as a `Room` of fits does."""
    from resurge.synthesis.therapy import build_model

    baseline = typical_baseline(project)
    design, of_whole = (therapy_design(each.therapy_effects, baseline) for each in (evidence, whole))

    def finish(sampled: xr.Dataset, rng: np.random.Generator) -> Fitted:
        own = sampled.isel(reading=reading_places(design, of_whole)).sel(effect_class=list(design.classes))
        return finished(own, rng, design=design, priors=priors, baseline=baseline)

    return Prepared(build_model(in_shape_of(design, of_whole), priors), finish)


def finished(
    sampled: xr.Dataset, rng: np.random.Generator, *, design: TherapyDesign, priors: TherapyPriors, baseline: Baseline
) -> Fitted:
    """Complete the draws of a fit by what is judged and stored."""
    posterior = with_constants(with_effects(sampled, design, rng), design, baseline).as_dataset()
    prior = prior_of(priors, design, baseline, rng).as_dataset()
    return Fitted(posterior, prior, (*SAMPLED, "beta_class"), reported_effects(posterior))


def prior_of(priors: TherapyPriors, design: TherapyDesign, baseline: Baseline, rng: np.random.Generator) -> Labelled:
    """Draw from the prior what is stored of the posterior."""
    drawn = labelled(draw_prior(priors, design, PRIOR_DRAWS, rng), (1, PRIOR_DRAWS))
    return with_constants(drawn, design, baseline)


def with_effects(sampled: xr.Dataset, design: TherapyDesign, rng: np.random.Generator) -> Labelled:
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


def labelled(draws: dict[str, np.ndarray], shape: tuple[int, int]) -> Labelled:
    """Give draws their dims, split into chains."""
    return split(draws, shape, DIMS, {})


def with_constants(draws: Labelled, design: TherapyDesign, baseline: Baseline) -> Labelled:
    """Add labels and what else the findings need: durations, ER status, trials and entries of each class, baseline."""
    constants = {
        "duration": ("effect_class", design.duration),
        "randomised_year": ("effect_class", design.randomised_year),
        "sign": ("effect_class", design.sign),
        "continues": ("effect_class", design.continues),
        "class_er": ("effect_class", np.array(design.er, dtype=str)),
        "entry_trial": ("entry", design.entry_trial.argmax(1)),
        "trial_class": ("trial", design.trial_class.argmax(1)),
        "baseline_edges": ("edge", baseline.edges),
        "baseline_hazard": (("er", "cell"), np.stack([baseline.hazard[er] for er in ER])),
    }
    labels = {
        "effect_class": np.array(design.classes, dtype=str),
        "trial": np.array(design.trials, dtype=str),
        "entry": np.array(design.entries, dtype=str),
        "scaled_endpoint": np.array(SCALED_ENDPOINTS, dtype=str),
        "er": np.array(ER, dtype=str),
    }
    return draws.extended(constants, labels)


def reported_effects(posterior: xr.Dataset) -> xr.Dataset:
    """Give the log hazard ratios that reports show, by class and year, dims ``(chain, draw, effect_class, year)``."""
    import xarray as xr

    shape = (posterior.sizes["chain"], posterior.sizes["draw"])
    names = ("onset", "fade", "carry", "shape", "beta_class")
    draws = joined(posterior, names)
    draws["duration"] = posterior["duration"].values
    values = np.stack(
        [draws["beta_class"][:, [k]] * full_course(draws, k, REPORTED_YEARS) for k in range(len(draws["duration"]))],
        axis=1,
    )
    return xr.Dataset({"log_hr": (("chain", "draw", "effect", "time"), values.reshape(*shape, *values.shape[1:]))})
