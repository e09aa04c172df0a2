"""What every answer owes to every source: answers without it, by weights, and by a fit where weights are refused.

Results are kept beside the records, with the fingerprint of the evidence, priors and model that they are of and with
hashes of the code between draws and answers (:mod:`resurge.inference.influence_code`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from resurge.evidence.tables import Evidence
from resurge.findings.conflict import conflict
from resurge.findings.estimands import Estimand, estimands
from resurge.inference.freshness import WATCHED, fingerprint
from resurge.inference.influence_code import influence_code
from resurge.inference.kept_fits import kept_fits
from resurge.inference.left_out_rows import answers_of
from resurge.inference.left_out_sources import Reduced, fingerprint_without, says_anything, without_each_source
from resurge.inference.psis import resampled
from resurge.inference.records import RecordError, draws_path, read_manifest, sound_draws_path, write_atomically
from resurge.inference.reweight import Fit, Reweighting, common_ground, reweighted, signatures
from resurge.inference.stored_draws import read_draws, taken
from resurge.inference.twins import CannotReweightError, Draws, Twin, twin_of
from resurge.inference.update import stored_fit, what_weights_cannot_do
from resurge.project import Project

LAYOUT = 2
PARTS = {"sha256", "fingerprint", "code", "answers", "sources"}
"""What stored influence holds beside its layout."""
WEIGHTS, REFUSED, ALONE = "weights", "refused", "alone"
"""How answers without a source came about, or why there are none: weights were refused, or nothing else is there."""
NOTHING_LEFT = "without it nothing is left to fit"


def influence_path(project: Project, model: str) -> Path:
    """Give the path of a model's influence."""
    return project.posteriors / f"influence-{model}.json"


def read_influence(project: Project, model: str) -> dict[str, Any] | None:
    """Read the stored influence of a model; None if there is none of the stored draws and today's evidence and code."""
    try:
        found = json.loads(influence_path(project, model).read_bytes())
        draws = read_manifest(project, model)["sha256"]
    except (OSError, ValueError, RecursionError, RecordError):
        return None
    if not isinstance(found, dict) or found.get("layout") != LAYOUT or not found.keys() >= PARTS:
        return None
    of_today = {"sha256": draws, "fingerprint": fingerprint(project, model), "code": influence_code(model)}
    if any(found[part] != told for part, told in of_today.items()):
        return None
    return {**found, "sources": with_kept_fits(project, model, found["fingerprint"], found["sources"])}


def with_kept_fits(
    project: Project, model: str, now: Mapping[str, Any], sources: Mapping[str, Mapping[str, Any]]
) -> dict[str, dict[str, Any]]:
    """Let kept fits stand in where weights were refused; they may have come after the rest was worked out."""
    fitted = kept_fits(project, model, now)
    return {
        source: {**each, **(fitted.get(source, {}) if each["by"] == REFUSED else {})}
        for source, each in sources.items()
    }


def why_not_left_out(project: Project, model: str) -> str:
    """Say why no source of a model can be left out by weights, or nothing.

    Raises
    ------
    RecordError
        If there is no record, or none that can be read.
    """
    manifest = read_manifest(project, model)
    obstacle = what_weights_cannot_do(manifest, draws_path(project, manifest), fingerprint(project, model))
    return f"no source of the {model} model can be left out by weights: {obstacle}" if obstacle else ""


def leave_out_each(
    project: Project, evidence: Evidence, model: str, tell: Callable[[str], None] = lambda _: None
) -> dict[str, Any]:
    """Leave out each source of a model in turn, by weights, and store what the answers become.

    Where weights are refused, what fits of the same evidence, priors and code said stands in, if any is kept.

    Parameters
    ----------
    project : Project
        Where records are.
    evidence : Evidence
        Checked tables, those of the stored posterior.
    model : str
        Name of the model.
    tell : callable
        Is told what is under way.

    Returns
    -------
    dict
        ``answers`` (with all sources) and ``sources``: for each its ``rows``, ``by`` (weights, refused, or alone where
        nothing is left without it), ``k_hat``, ``effective_sample_size``, ``answers`` without it and ``p_conflict`` of
        its rows under the posterior without it.

    Raises
    ------
    RecordError
        If there is no posterior to report from.
    CannotReweightError
        If weights cannot be worked out from what is stored.
    """
    path, now = sound_draws_path(project, model), fingerprint(project, model)
    obstacle = why_not_left_out(project, model)
    if obstacle:
        raise CannotReweightError(f"{obstacle}; run `resurge fit {model} --force`")
    manifest = read_manifest(project, model)
    fit, whole = stored_fit(manifest, path), answers_of(model, read_draws(path, "posterior"))
    rng = np.random.default_rng(manifest["settings"]["seed"])
    found = {}
    for reduced in without_each_source(evidence, model, now):
        tell(f"  {model} without {reduced.source}")
        found[reduced.source] = left_out(project, model, fit, evidence, reduced, now, rng)
    content = {
        "layout": LAYOUT,
        "model": model,
        "sha256": manifest["sha256"],
        "fingerprint": now,
        "code": influence_code(model),
        "answers": told(whole),
        "sources": with_kept_fits(project, model, now, found),
    }
    write_atomically(influence_path(project, model), json.dumps(content).encode())
    return content


def left_out(
    project: Project,
    model: str,
    fit: Fit,
    evidence: Evidence,
    reduced: Reduced,
    now: Mapping[str, Any],
    rng: np.random.Generator,
) -> dict[str, Any]:
    """Give the answers of a model without one source, by weights of a fit with it."""
    own = {"rows": list(reduced.rows)}
    fewer = fingerprint_without(now, reduced.rows)
    if not says_anything(fewer):
        return {**own, "by": ALONE, "why": NOTHING_LEFT, "answers": {}, "p_conflict": None}
    try:
        twin = twin_of(project, reduced.evidence, model, WATCHED[model].priors)
        found = signatures(twin, fewer)
        result = reweighted(fit, twin, found, common_ground(found, fewer), rng)
    except CannotReweightError as error:
        return {**own, "by": REFUSED, "why": str(error), "answers": {}, "p_conflict": None}
    weighed = {"k_hat": result.weights.k_hat, "effective_sample_size": result.effective}
    if result.heavy_tail:
        return {**own, "by": REFUSED, "why": result.heavy_tail, **weighed, "answers": {}, "p_conflict": None}
    draws = draws_under(fit, twin, result, rng)
    return {**own, "by": WEIGHTS, **weighed, **without(model, draws, evidence, reduced, rng)}


def without(model: str, draws: Draws, evidence: Evidence, reduced: Reduced, rng: np.random.Generator) -> dict[str, Any]:
    """Tell what the posterior without a source answers, and how the source stands against it."""
    return {
        "answers": told(estimands(model, draws)),
        "p_conflict": conflict(model, draws, evidence, reduced.rows, rng),
    }


def draws_under(fit: Fit, twin: Twin, result: Reweighting, rng: np.random.Generator) -> Draws:
    """Choose draws by their weights and complete them by what the evidence says of changed units."""
    n = len(result.weights.log_weights)
    chosen = taken(result.draws, resampled(result.weights, n, rng), n)
    return twin.completed(chosen, result.changed, fit.draws.shape, rng).flat_arrays()


def told(answers: Mapping[str, Estimand]) -> dict[str, dict[str, Any]]:
    """Summarise answers for storage."""
    from resurge.inference.history import summaries

    return summaries(answers)
