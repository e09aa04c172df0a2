"""Update a stored posterior to today's evidence by weights, or say why only a fit can."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from resurge.evidence.tables import Evidence
from resurge.inference.evidence_seen import evidence_seen
from resurge.inference.freshness import WATCHED, examined
from resurge.inference.gate import MIN_ESS
from resurge.inference.history import append, departing_shifts
from resurge.inference.labelled import SAMPLE, Labelled
from resurge.inference.netcdf import Group, of_labelled, read_group
from resurge.inference.pointwise import row_log_likelihood
from resurge.inference.psis import MAX_K_HAT, resampled
from resurge.inference.records import RecordError, store_groups
from resurge.inference.reweight import BULK, Fit, Reweighting, common_ground, reweighted, signatures
from resurge.inference.stored_draws import FITTED, FITTED_UNITS, ROWS, UNITS, holds, read_draws, taken
from resurge.inference.twins import CannotReweightError, Twin, twin_of
from resurge.locks import model_lock
from resurge.project import Project

STATES = {
    "fresh": "fresh, nothing to do",
    "missing": "there is no posterior yet",
    "failed": "its fit failed the gate",
    "outdated": "its record is of an older version",
    "broken": "its record cannot be read",
}
"""Why there is nothing to weigh, by the state of a record."""
K_HAT, LEFT = "Pareto k-hat", "effective sample size after weighting"


@dataclass(frozen=True)
class Outcome:
    """What an update did, or why it could not.

    Attributes
    ----------
    model : str
        Name of the model.
    done : bool
        Whether the posterior is now that of today's evidence.
    why : str
        What was done, or why only a fit can do it.
    numbers : mapping
        ``k_hat``, ``effective_sample_size``, units ``changed`` and ``gone``, ``seconds``; empty where nothing was
        weighed.
    """

    model: str
    done: bool
    why: str
    numbers: Mapping[str, Any]

    @property
    def told(self) -> str:
        """One sentence for people."""
        if not self.numbers:
            return self.why if self.done else f"only a fit will do: {self.why}"
        return f"reweighted: {self.why}" if self.done else f"weights refused, only a fit will do: {self.why}"

    def as_dict(self) -> dict[str, Any]:
        """Give it for programs; ``done_by`` is nothing, weights or fit."""
        done_by = "fit" if not self.done else "weights" if self.numbers else "nothing"
        return {"model": self.model, "done_by": done_by, "why": self.why, **self.numbers}


@dataclass(frozen=True)
class Trial:
    """Draws of a fit weighed by today's evidence, and all that storing them needs."""

    manifest: Mapping[str, Any]
    now: Mapping[str, Any]
    fit: Fit
    twin: Twin
    result: Reweighting
    rng: np.random.Generator


def update(project: Project, evidence: Evidence, model: str) -> Outcome:
    """Reweight the stored posterior of a model to today's evidence and store it, if that is sound.

    Parameters
    ----------
    project : Project
        Where records are.
    evidence : Evidence
        Checked tables of today.
    model : str
        Name of the model.

    Raises
    ------
    RecordLockedError
        If another process is making a record of the model.
    NotWrittenError
        If the record cannot be written; the one before is kept.
    """
    started = time.monotonic()
    with model_lock(project, model, "resurge update"):
        outcome, trial = weighed(project, evidence, model)
        if trial is None or trial.result.refusal:
            return outcome
        departed = departing_shifts(project, model, trial.now)
        store_reweighted(project, trial, started)
        append(project, model, departed)
    return replace(outcome, numbers={**outcome.numbers, "seconds": round(time.monotonic() - started, 2)})


def tried(project: Project, evidence: Evidence, model: str) -> Outcome:
    """Say what :func:`update` would do, and store nothing."""
    return weighed(project, evidence, model)[0]


def weighed(project: Project, evidence: Evidence, model: str) -> tuple[Outcome, Trial | None]:
    """Weigh the draws of a stored fit by today's evidence, where there is anything to weigh."""
    status, manifest, now = examined(project, model)
    if status.state != "stale":
        return Outcome(model, status.state == "fresh", STATES[status.state], {}), None
    path = project.posteriors / manifest["draws"]
    obstacle = what_weights_cannot_do(manifest, path, now)
    if obstacle:
        return Outcome(model, False, obstacle, {}), None
    rng = np.random.default_rng(manifest["settings"]["seed"])
    fit = stored_fit(manifest, path)
    try:
        twin = twin_of(project, evidence, model, WATCHED[model].priors)
        found = signatures(twin, now)
        result = reweighted(fit, twin, found, common_ground(found, now), rng)
    except (CannotReweightError, RecordError) as error:
        return Outcome(model, False, str(error), {}), None
    numbers = {
        "k_hat": result.weights.k_hat,
        "effective_sample_size": result.effective,
        "changed": list(result.changed),
        "gone": list(result.gone),
    }
    told = f"Pareto k-hat {result.weights.k_hat:.2f}, {result.effective:.0f} effective draws"
    trial = Trial(manifest, now, fit, twin, result, rng)
    return Outcome(model, not result.refusal, result.refusal or told, numbers), trial


def what_weights_cannot_do(manifest: Mapping[str, Any], path: Path, now: Mapping[str, Any]) -> str:
    """Say what differs that weights of evidence do not reach, or what they lack, or nothing."""
    group = FITTED_UNITS if "reweighted" in manifest else UNITS
    if "units" not in manifest or not holds(path, group):
        return "its record holds no likelihoods"
    if not manifest["passed"]:
        return "its fit failed the gate"
    for part, told in (("priors", "priors changed"), ("source", "the model's source changed")):
        if manifest["fingerprint"][part] != now[part]:
            return told
    return ""


def stored_fit(manifest: Mapping[str, Any], path: Path) -> Fit:
    """Read the fit behind a record and its draws file: the record itself unless that was reweighted."""
    before = manifest.get("reweighted")
    rests_on = before or manifest
    likelihood = read_draws(path, FITTED_UNITS if before else UNITS)
    by_unit = dict(zip(likelihood.labels["unit"], likelihood.arrays["by_unit"].T, strict=True))
    return Fit(
        read_draws(path, FITTED if before else "posterior"),
        by_unit,
        rests_on["units"],
        rests_on["common"],
        rests_on["diagnostics"][BULK]["value"],
    )


def store_reweighted(project: Project, trial: Trial, started: float) -> None:
    """Store the posterior of today's evidence with the fit that it was made from."""
    manifest, result, twin, rng = trial.manifest, trial.result, trial.twin, trial.rng
    path = project.posteriors / manifest["draws"]
    n = len(result.weights.log_weights)
    chosen = resampled(result.weights, n, rng)
    posterior = twin.completed(taken(result.draws, chosen, n), result.changed, trial.fit.draws.shape, rng)
    before = (FITTED, FITTED_UNITS) if "reweighted" in manifest else ("posterior", UNITS)
    groups = {
        "posterior": of_labelled(posterior),
        "prior": prior_of(trial, path, posterior),
        "sample_stats": read_group(path, "sample_stats"),
        ROWS: of_labelled(row_log_likelihood(twin, posterior)),
        FITTED: read_group(path, before[0]),
        FITTED_UNITS: read_group(path, before[1]),
    }
    content = {
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(time.monotonic() - started, 1),
        **{name: manifest[name] for name in ("settings", "versions")},
        "evidence_rows": evidence_seen(project, manifest["model"]),
        **described(trial),
    }
    store_groups(project, manifest["model"], groups, content)


def prior_of(trial: Trial, path: Path, posterior: Labelled) -> Group:
    """Give draws of the prior: those of the record where all that it has is labelled as today, new ones where not."""
    kept = read_group(path, "prior")
    own = {dim: names for dim, names in kept.labels.items() if dim not in SAMPLE}
    if all(dim in posterior.labels and names == posterior.labels[dim].tolist() for dim, names in own.items()):
        return kept
    return of_labelled(trial.twin.prior(trial.rng))


def described(trial: Trial) -> dict[str, Any]:
    """Describe a reweighted posterior: what it is of, what it was made from, and the verdict on both."""
    manifest, result, now = trial.manifest, trial.result, trial.now
    found = signatures(trial.twin, now)
    rests_on = manifest.get("reweighted") or manifest
    weighed = {
        K_HAT: {"value": result.weights.k_hat, "limit": MAX_K_HAT, "passed": True, "worst": "weights"},
        LEFT: {"value": result.effective, "limit": MIN_ESS, "passed": True, "worst": "weights"},
    }
    return {
        "fingerprint": now,
        "units": found,
        "common": common_ground(found, now),
        "diagnostics": rests_on["diagnostics"] | weighed,
        "passed": True,
        "reweighted": {
            **{name: rests_on[name] for name in ("made", "units", "common", "diagnostics", "fingerprint")},
            "changed": list(result.changed),
            "gone": list(result.gone),
        },
    }
