"""Fit a model: prepare, sample, complete the draws, judge them at the gate, store the record.

What differs between models stands in ``fit_<model>.py``, each with a function ``prepare``; what they share stands here.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING

import numpy as np

from resurge.evidence.tables import Evidence
from resurge.inference.evidence_seen import evidence_seen
from resurge.inference.freshness import WATCHED, Priors, fingerprint
from resurge.inference.gate import Diagnostics, diagnose, passed
from resurge.inference.history import append, departing_shifts
from resurge.inference.labelled import Labelled
from resurge.inference.pointwise import row_log_likelihood, unit_log_likelihood
from resurge.inference.records import store_record
from resurge.inference.reweight import common_ground, signatures
from resurge.inference.sample import compile_model, sample
from resurge.inference.settings import Settings
from resurge.inference.stored_draws import ROWS, UNITS
from resurge.inference.twins import twin_of
from resurge.locks import model_lock
from resurge.project import Project

if TYPE_CHECKING:
    import pymc as pm
    import xarray as xr

PACKAGES = ("resurge", "pymc", "pytensor", "nutpie", "numba", "numpy", "arviz", "xarray")
"""Packages whose version is stored with a fit."""


@dataclass(frozen=True)
class Fitted:
    """A posterior that is ready to be judged and stored.

    Attributes
    ----------
    posterior, prior : xarray.Dataset
        Draws with all that the findings need, dims ``(chain, draw, ...)``.
    judged : tuple of str
        Variables of the posterior that the gate looks at.
    reported : xarray.Dataset, optional
        Answers of the reports, judged like parameters.
    """

    posterior: xr.Dataset
    prior: xr.Dataset
    judged: tuple[str, ...]
    reported: xr.Dataset | None = None


Complete = Callable[["xr.Dataset", np.random.Generator], Fitted]
"""From the posterior as sampled and a source of randomness to what is judged and stored."""


@dataclass(frozen=True)
class Prepared:
    """A model, and how its draws are completed.

    Attributes
    ----------
    model : pymc.Model
        What is sampled.
    complete : callable
        From the posterior as sampled and a source of randomness to what is judged and stored.
    """

    model: pm.Model
    complete: Callable[[xr.Dataset, np.random.Generator], Fitted]


def fit(
    project: Project,
    evidence: Evidence,
    settings: Settings,
    model: str,
    *,
    progress: bool = True,
    priors: Priors | None = None,
) -> Diagnostics:
    """Fit a model and store its record, passed or failed.

    Parameters
    ----------
    project : Project
        Where the record goes, and posteriors of other models are.
    evidence : Evidence
        Checked tables of the project.
    settings : Settings
        Draws, chains and seed.
    model : str
        Name of the model.
    progress : bool
        Whether to show a live progress bar.
    priors : Priors, optional
        Priors of the fit, if they are not those of the model.

    Returns
    -------
    Diagnostics
        The gate's checks.

    Raises
    ------
    RecordError
        If the model needs the posterior of another one, and there is none.
    RecordLockedError
        If another process is fitting the model.
    NotWrittenError
        If the record cannot be written; the one before is kept.
    """
    with model_lock(project, model, "resurge fit"):
        return _fit(project, evidence, settings, model, progress=progress, priors=priors)


def _fit(
    project: Project, evidence: Evidence, settings: Settings, model: str, *, progress: bool, priors: Priors | None
) -> Diagnostics:
    import xarray as xr

    started = time.monotonic()
    seen, rows = fingerprint(project, model, priors), evidence_seen(project, model)
    fitted, stats, diagnostics = drawn(project, evidence, settings, model, progress=progress, priors=priors)
    twin = twin_of(project, evidence, model, priors or WATCHED[model].priors)
    posterior = Labelled.of(fitted.posterior)
    groups = {
        "posterior": fitted.posterior,
        "prior": fitted.prior,
        "sample_stats": stats,
        UNITS: unit_log_likelihood(twin, posterior).as_dataset(),
        ROWS: row_log_likelihood(twin, posterior).as_dataset(),
    }
    units = signatures(twin, seen)
    manifest = {
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(time.monotonic() - started, 1),
        "settings": settings.as_dict(),
        "versions": {name: version(name) for name in PACKAGES},
        "fingerprint": seen,
        "evidence_rows": rows,
        "units": units,
        "common": common_ground(units, seen),
        "diagnostics": diagnostics,
        "passed": passed(diagnostics),
    }
    departed = departing_shifts(project, model, seen)
    store_record(project, model, xr.DataTree.from_dict(groups), manifest)
    append(project, model, departed)
    return diagnostics


def drawn(
    project: Project,
    evidence: Evidence,
    settings: Settings,
    model: str,
    *,
    progress: bool = True,
    priors: Priors | None = None,
) -> tuple[Fitted, xr.Dataset, Diagnostics]:
    """Fit a model and judge it without storing anything.

    Parameters
    ----------
    project, evidence, settings, model, progress, priors
        As :func:`fit` takes them; the evidence need not be that of the project.

    Returns
    -------
    fitted : Fitted
        Draws of posterior and prior.
    sample_stats : xarray.Dataset
        Sampler statistics.
    diagnostics : Diagnostics
        The gate's checks.
    """
    prepare = import_module(f"resurge.inference.fit_{model}").prepare
    prepared: Prepared = prepare(project, evidence, priors or WATCHED[model].priors)
    return judged(prepared, sample(compile_model(prepared.model), settings, progress=progress), settings.seed)


def judged(prepared: Prepared, groups: xr.DataTree, seed: int) -> tuple[Fitted, xr.Dataset, Diagnostics]:
    """Complete the draws of a model and judge them."""
    stats = groups["sample_stats"].to_dataset()
    fitted = prepared.complete(groups["posterior"].to_dataset(), np.random.default_rng(seed))
    return fitted, stats, diagnose(fitted.posterior[list(fitted.judged)], stats, fitted.reported)
