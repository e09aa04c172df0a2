"""A posterior of the therapy model on small evidence, drawn without a sampler: prior draws weighed by the likelihood.

Such draws are a fit for all that follows a fit, in a second and without PyMC.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import xarray as xr

from resurge.evidence import Evidence, load_evidence
from resurge.inference import twins
from resurge.inference.evidence_seen import evidence_seen
from resurge.inference.freshness import WATCHED, fingerprint
from resurge.inference.history import append
from resurge.inference.labelled import Labelled
from resurge.inference.pointwise import row_log_likelihood, unit_log_likelihood
from resurge.inference.psis import resampled, smoothed
from resurge.inference.records import store_record
from resurge.inference.reweight import BULK, common_ground, signatures
from resurge.inference.stored_draws import ROWS, UNITS, taken
from resurge.inference.twin_therapy import twin_of
from resurge.inference.update import update
from resurge.project import Project
from resurge.synthesis.therapy_forward import draw_prior
from resurge.synthesis.therapy_priors import THERAPY
from stored_project import store_prior_as_posterior

MODEL = "therapy"
SHAPE = (4, 1000)
PRIOR = 30_000
"""Prior draws, of which a sixth is left by the evidence."""
A_LITTLE = {"estimate": "0.62", "log_estimate": "-0.478036"}
"""The ratio of e0001 a little nearer to one."""
TABLE = "therapy_effects.csv"


def therapy_posterior(project: Project, evidence: Evidence, seed: int, shape: tuple[int, int] = SHAPE) -> xr.Dataset:
    """Draw the posterior of the therapy model from its prior."""
    rng = np.random.default_rng(seed)
    twin = twin_of(project, evidence, THERAPY)
    draws = draw_prior(THERAPY, twin.design, PRIOR, rng)
    weights = smoothed(twin.by_unit(draws, list(twin.units)).sum(1))
    chosen = rng.permutation(resampled(weights, shape[0] * shape[1], rng))
    return twin.completed(taken(draws, chosen, PRIOR), list(twin.units), shape, rng).as_dataset()


def store_therapy(project: Project, posterior: xr.Dataset) -> None:
    """Store draws as a fit of the therapy model of today."""
    store_fit(project, MODEL, posterior)


def store_fit(project: Project, model: str, posterior: xr.Dataset) -> None:
    """Store draws as a fit of today that passed its gate, and enter it into the history."""
    evidence, seen = load_evidence(project.data), fingerprint(project, model)
    twin = twins.twin_of(project, evidence, model, WATCHED[model].priors)
    units, shape = signatures(twin, seen), (posterior.sizes["chain"], posterior.sizes["draw"])
    stats = xr.Dataset({"diverging": (("chain", "draw"), np.zeros(shape, dtype=bool))})
    groups = {
        "posterior": posterior,
        "prior": twin.prior(np.random.default_rng(2)).as_dataset(),
        "sample_stats": stats,
        UNITS: unit_log_likelihood(twin, Labelled.of(posterior)).as_dataset(),
        ROWS: row_log_likelihood(twin, Labelled.of(posterior)).as_dataset(),
    }
    manifest = {
        "made": "2026-01-01T00:00:00+00:00",
        "seconds": 60.0,
        "settings": {"draws": shape[1], "chains": shape[0], "seed": 1},
        "versions": {},
        "fingerprint": seen,
        "evidence_rows": evidence_seen(project, model),
        "units": units,
        "common": common_ground(units, seen),
        "diagnostics": {BULK: {"value": float(shape[0] * shape[1]), "limit": 400, "passed": True, "worst": "mu"}},
        "passed": True,
    }
    store_record(project, model, xr.DataTree.from_dict(groups), manifest)
    append(project, model)


def fitted_project(folder: Path) -> Project:
    """Give a project of small evidence with a sound posterior of the therapy model."""
    project = store_prior_as_posterior(folder, n=10)
    store_therapy(project, therapy_posterior(project, load_evidence(project.data), seed=1))
    return project


def updated(project: Project):
    return update(project, load_evidence(project.data), MODEL)


def record(project: Project) -> dict[str, bytes]:
    """Give all files of the model's record and history."""
    return {path.name: path.read_bytes() for path in project.posteriors.rglob(f"{MODEL}*") if path.is_file()}


def edit_manifest(project: Project, change) -> None:
    path = project.posteriors / f"{MODEL}.json"
    manifest = json.loads(path.read_text())
    change(manifest)
    path.write_text(json.dumps(manifest))
