"""Compare the two models of the curve by populations that they have not seen, and keep the result.

Fitting anew without each population in turn would take hours. The populations are shared out over a few folds of about
equal information; each model is compiled once in every process and fitted once for each fold without its populations,
whose evidence is made worthless rather than taken away. Each population is then scored as one more population. The fits
do not depend on each other and may run at once.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

import xarray as xr

from resurge.evidence.tables import Evidence
from resurge.inference.curve_comparison import CURVE_MODELS, LAYOUT, comparison_path, fingerprints, stored
from resurge.inference.curve_scores import population_scores, scored
from resurge.inference.freshness import WATCHED
from resurge.inference.independent_fits import HERE, Workers, independent
from resurge.inference.sample import compile_model, compiled_once, sample
from resurge.inference.settings import Settings
from resurge.locks import locked
from resurge.project import Project
from resurge.synthesis.design import recurrence_design
from resurge.synthesis.dormancy_priors import UNHELD, DormancyPriors
from resurge.synthesis.left_out import balanced_folds, without
from resurge.synthesis.priors import RecurrencePriors
from resurge.writing import write_atomically

SETTINGS = Settings(draws=300, tune=400, chains=2, target_accept=0.9)
UNHELD_FIT = "dormancy, early recurrences not held to the first years"
UNHELD_CHAINS = 4
"""Chains of the fit that is expected to have more than one mode."""
SHOWN = ("early_year", "early_spread", "half_life", "p_early", "p_dormant")
SHOWN_DRAWS = 100
"""Draws of each chain that the picture of the unheld fit keeps."""


@dataclass(frozen=True)
class CurveFit:
    """One fit of the comparison.

    Attributes
    ----------
    model : str
        Name of the model.
    priors : RecurrencePriors or DormancyPriors
        Its priors.
    evidence : Evidence
        Checked tables.
    seen : str
        What tells this evidence from another.
    fold : tuple of str
        Populations that are left out and scored.
    settings : Settings
        Draws, chains and seed.
    """

    model: str
    priors: RecurrencePriors | DormancyPriors
    evidence: Evidence
    seen: str
    fold: tuple[str, ...]
    settings: Settings


def compare_curves(
    project: Project,
    evidence: Evidence,
    *,
    n_folds: int = 5,
    settings: Settings = SETTINGS,
    workers: Workers = HERE,
    tell: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """Score both models of the curve on populations left out, and store the comparison.

    Parameters
    ----------
    project : Project
        Where the comparison is stored, beside the records of fits.
    evidence : Evidence
        Checked tables of the project.
    n_folds : int
        Parts that the populations are shared out over.
    settings : Settings
        Draws, chains and seed of each fit.
    workers : Workers
        Where the fits run.
    tell : callable
        Is told what is under way.

    Returns
    -------
    dict
        What is stored: ``folds``, ``scores`` (one entry a population), ``weights`` and ``difference`` (dormancy less
        recurrence, with its standard error), ``parts`` (by model: scores, worst R-hat, divergences; kept from the
        comparison before where nothing behind them changed), ``unheld`` (draws of the dormancy model whose early
        recurrences are not held to the first years) and ``fingerprint``.

    Raises
    ------
    RecordLockedError
        If another process is comparing them.
    NotWrittenError
        If the comparison cannot be written; the one before is kept.
    WorkerError, ClusterError
        If fits that run apart cannot be done.
    """
    path = comparison_path(project)
    with locked(path.with_name(f".{path.stem}.lock"), "resurge compare-curves"):
        content = compared(project, evidence, n_folds, settings, workers, tell)
        write_atomically(path, json.dumps(content, indent=1).encode())
    return content


def compared(
    project: Project,
    evidence: Evidence,
    n_folds: int,
    settings: Settings,
    workers: Workers,
    tell: Callable[[str], None],
) -> dict[str, Any]:
    """Give the content of the comparison, with what can be kept of the one before."""
    seen = fingerprints(project)
    folds = balanced_folds(recurrence_design(evidence), n_folds)
    kept = {model: kept_part(project, model, seen[model], settings, folds) for model in CURVE_MODELS}
    stated = CurveFit("dormancy", UNHELD, evidence, json.dumps(seen), (), replace(settings, chains=UNHELD_CHAINS))
    items = {UNHELD_FIT: stated} | {
        fold_name(model, fold): replace(
            stated, model=model, priors=WATCHED[model].priors, fold=tuple(fold), settings=settings
        )
        for model in CURVE_MODELS
        if kept[model] is None
        for fold in folds
    }
    tell(f"{len(items)} fits, each model compiled first:")
    found = independent(fitted_curve, items, workers, tell)
    parts = {model: kept[model] or part_of([found[fold_name(model, fold)] for fold in folds]) for model in CURVE_MODELS}
    unheld = found[UNHELD_FIT]
    return {
        "layout": LAYOUT,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "settings": settings.as_dict(),
        "fingerprint": seen,
        "folds": folds,
        "parts": parts,
        **scored({model: part["scores"] for model, part in parts.items()}),
        "unheld": {**unheld["soundness"], "draws": unheld["shown"]},
    }


def fold_name(model: str, fold: Sequence[str]) -> str:
    """Name a fit by what it leaves out."""
    return f"{model} without {', '.join(fold)}"


def fitted_curve(work: CurveFit) -> dict[str, Any]:
    """Fit a model of the curve without a fold and score the populations of that fold.

    Returns
    -------
    dict
        ``scores`` by population, ``soundness`` of the fit, and ``shown``: draws of the compartments, if it has any.
    """
    state = import_module(f"resurge.synthesis.{work.model}").build_model
    compiled = compiled_once(
        (work.model, work.priors, work.seen), lambda: compile_model(state(work.evidence, work.priors))
    )
    design = recurrence_design(work.evidence)
    groups = sample(compiled, work.settings, progress=False, data=without(design, work.fold))
    posterior = groups["posterior"].to_dataset()
    return {
        "scores": population_scores(posterior, design, work.fold),
        "soundness": _soundness(groups),
        "shown": shown_draws(posterior) if "early_year" in posterior else {},
    }


def part_of(fits: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Put the folds of one model together."""
    scores = {name: score for fit in fits for name, score in fit["scores"].items()}
    return {"scores": scores, "fits": [fit["soundness"] for fit in fits]}


def kept_part(
    project: Project, model: str, seen: dict[str, Any], settings: Settings, folds: list[list[str]]
) -> dict[str, Any] | None:
    """Give the scores of a model from the comparison before, if the same fits would give them again."""
    before = stored(project)
    if before is None or (before["settings"], before["folds"]) != (settings.as_dict(), folds):
        return None
    return before["parts"][model] if before["fingerprint"].get(model) == seen else None


def shown_draws(posterior: xr.Dataset) -> dict[str, list[list[float]]]:
    """Give some draws of the ER-positive compartments for a picture, a list for each chain."""
    step = max(1, posterior.sizes["draw"] // SHOWN_DRAWS)
    few = posterior.sel(er="positive").isel(draw=slice(None, None, step))
    return {name: few[name].transpose("chain", "draw").values.round(4).tolist() for name in SHOWN}


def _soundness(groups: xr.DataTree) -> dict[str, float | int]:
    import arviz as az

    posterior = groups["posterior"].to_dataset()
    names = [name for name in ("beta", "p_early", "p_dormant", "half_life", "sigma", "phi") if name in posterior]
    r_hat = max(float(values.max()) for values in az.rhat(posterior[names]).data_vars.values())
    return {"r_hat": r_hat, "divergent": int(groups["sample_stats"]["diverging"].sum())}
