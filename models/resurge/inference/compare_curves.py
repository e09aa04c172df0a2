"""Compare the two models of the curve by populations that they have not seen, and keep the result.

Fitting anew without each population in turn would take hours. The populations are shared out over a few folds of about
equal information; each model is compiled once and fitted once for each fold without its populations, whose evidence is
made worthless rather than taken away. Each population is then scored as one more population.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import xarray as xr

from resurge.evidence.tables import Evidence
from resurge.inference.curve_comparison import CURVE_MODELS, LAYOUT, comparison_path, fingerprints, stored
from resurge.inference.curve_scores import population_scores, scored
from resurge.inference.sample import compile_model, sample
from resurge.inference.settings import Settings
from resurge.locks import locked
from resurge.project import Project
from resurge.synthesis.design import RecurrenceDesign, recurrence_design
from resurge.synthesis.dormancy_priors import DORMANCY, UNHELD
from resurge.synthesis.left_out import balanced_folds, without
from resurge.synthesis.priors import RECURRENCE
from resurge.writing import write_atomically

if TYPE_CHECKING:
    from nutpie.sample import CompiledModel

SETTINGS = Settings(draws=300, tune=400, chains=2, target_accept=0.9)
UNHELD_CHAINS = 4
"""Chains of the fit that is expected to have more than one mode."""
SHOWN = ("early_year", "early_spread", "half_life", "p_early", "p_dormant")
SHOWN_DRAWS = 100
"""Draws of each chain that the picture of the unheld fit keeps."""


def compare_curves(
    project: Project,
    evidence: Evidence,
    *,
    n_folds: int = 5,
    settings: Settings = SETTINGS,
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
    """
    path = comparison_path(project)
    with locked(path.with_name(f".{path.stem}.lock"), "resurge compare-curves"):
        content = compared(project, evidence, n_folds, settings, tell)
        write_atomically(path, json.dumps(content, indent=1).encode())
    return content


def compared(
    project: Project, evidence: Evidence, n_folds: int, settings: Settings, tell: Callable[[str], None]
) -> dict[str, Any]:
    """Give the content of the comparison, with what can be kept of the one before."""
    from resurge.synthesis import dormancy, recurrence

    seen = fingerprints(project)
    design = recurrence_design(evidence)
    folds = balanced_folds(design, n_folds)
    stated = {
        "recurrence": lambda: recurrence.build_model(evidence, RECURRENCE),
        "dormancy": lambda: dormancy.build_model(evidence, DORMANCY),
    }
    parts = {}
    for model in CURVE_MODELS:
        parts[model] = kept_part(project, model, seen[model], settings, folds)
        if parts[model] is None:
            tell(f"{model}: compiling")
            parts[model] = score_folds(compile_model(stated[model]()), design, folds, settings, tell)
    tell("dormancy, early recurrences not held to the first years")
    unheld = compile_model(dormancy.build_model(evidence, UNHELD))
    groups = sample(unheld, replace(settings, chains=UNHELD_CHAINS), progress=False)
    return {
        "layout": LAYOUT,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "settings": settings.as_dict(),
        "fingerprint": seen,
        "folds": folds,
        "parts": parts,
        **scored({model: part["scores"] for model, part in parts.items()}),
        "unheld": {**_soundness(groups), "draws": shown_draws(groups["posterior"].to_dataset())},
    }


def score_folds(
    compiled: CompiledModel,
    design: RecurrenceDesign,
    folds: Sequence[Sequence[str]],
    settings: Settings,
    tell: Callable[[str], None],
) -> dict[str, Any]:
    """Fit one model without each fold in turn and score the populations of that fold."""
    scores, fits = {}, []
    for k, fold in enumerate(folds, start=1):
        tell(f"  without part {k} of {len(folds)}: {', '.join(fold)}")
        groups = sample(compiled, settings, progress=False, data=without(design, fold))
        fits.append(_soundness(groups))
        scores |= population_scores(groups["posterior"].to_dataset(), design, fold)
    return {"scores": scores, "fits": fits}


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
