"""Fit the recurrence model: build, sample, complete the draws, judge them at the gate, store the record."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import numpy as np
import xarray as xr

from resurge.evidence.tables import Evidence
from resurge.findings.hazard_draws import PARAMETERS, Profile, group_hazard
from resurge.inference.freshness import fingerprint
from resurge.inference.gate import Diagnostics, diagnose, passed
from resurge.inference.records import store_record
from resurge.inference.sample import Settings, compile_model, sample
from resurge.project import Project
from resurge.synthesis.design import RecurrenceDesign, recurrence_design
from resurge.synthesis.hazards import midpoints, spline_basis
from resurge.synthesis.levels import draw_levels
from resurge.synthesis.prior_draws import draw_prior
from resurge.synthesis.priors import RECURRENCE, RecurrencePriors
from resurge.synthesis.strata import ER

PRIOR_DRAWS = 2000
KEPT = (
    "beta",
    "nodal_effect",
    "size_effect",
    "phi",
    "therapy",
    "distant",
    "other_death",
    "sigma",
    "omega",
    "log_odds",
    "middle",
    "smoothing",
    "b",
)
"""Parameters that are stored as sampled."""
PACKAGES = ("resurge", "pymc", "pytensor", "nutpie", "numba", "numpy", "arviz", "xarray")
"""Packages whose version is stored with a fit."""


def fit_recurrence(
    project: Project,
    evidence: Evidence,
    settings: Settings,
    *,
    progress: bool = True,
    priors: RecurrencePriors = RECURRENCE,
) -> Diagnostics:
    """Fit the recurrence model and store its record, passed or failed.

    Parameters
    ----------
    project : Project
        Where the record goes.
    evidence : Evidence
        Checked tables of the project.
    settings : Settings
        Draws, chains and seed.
    progress : bool
        Whether to show a live progress bar.
    priors : RecurrencePriors
        Priors of the model.

    Returns
    -------
    Diagnostics
        The gate's checks.
    """
    from resurge.synthesis.recurrence import build_model

    started = time.monotonic()
    seen = fingerprint(project, "recurrence", priors)
    groups = sample(compile_model(build_model(evidence, priors)), settings, progress=progress)
    design = recurrence_design(evidence)
    rng = np.random.default_rng(settings.seed)
    posterior = complete(groups["posterior"].to_dataset(), design, rng)
    diagnostics = diagnose(
        posterior[[*KEPT, "a", "c"]], groups["sample_stats"].to_dataset(), reported_hazards(posterior)
    )
    prior = labelled_prior(draw_prior(priors, design, PRIOR_DRAWS, rng), posterior)
    tree = xr.DataTree.from_dict(
        {"posterior": posterior, "prior": prior, "sample_stats": groups["sample_stats"].to_dataset()}
    )
    store_fit(project, "recurrence", tree, settings, seen, diagnostics, started)
    return diagnostics


def store_fit(
    project: Project,
    model: str,
    tree: xr.DataTree,
    settings: Settings,
    seen: dict[str, Any],
    diagnostics: Diagnostics,
    started: float,
) -> None:
    """Store a fit with all that made it, whatever the gate's verdict; ``started`` is on the monotonic clock."""
    manifest = {
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(time.monotonic() - started, 1),
        "settings": settings.as_dict(),
        "versions": {name: version(name) for name in PACKAGES},
        "fingerprint": seen,
        "diagnostics": diagnostics,
        "passed": passed(diagnostics),
    }
    store_record(project, model, tree, manifest)


def complete(sampled: xr.Dataset, design: RecurrenceDesign, rng: np.random.Generator) -> xr.Dataset:
    """Add to the sampled parameters the levels that the model integrates out, one more population, and the constants.

    Parameters
    ----------
    sampled : xarray.Dataset
        Posterior as sampled, dims ``(chain, draw, ...)``.
    design : RecurrenceDesign
        Layout of the evidence behind it.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    xarray.Dataset
        Parameters of the findings, with ``a`` for every population, ``c`` for every cohort, ``a_new`` and ``b_new``
        for one more
        population, ``edges`` and ``spline_basis``.
    """
    centre = sampled["middle"].values[..., 0].reshape(-1)
    return sampled[list(KEPT)].assign(
        **drawn_levels(sampled, centre, design, rng),
        edges=("edge", design.edges),
        spline_basis=(("cell", "basis"), spline_basis(midpoints(design.edges), design.edges[-1])),
        cohort=np.array(design.cohorts, dtype=str),
    )


Variable = tuple[tuple[str, ...], np.ndarray]
"""Dims and values."""


def drawn_levels(
    sampled: xr.Dataset, centre: np.ndarray, design: RecurrenceDesign, rng: np.random.Generator
) -> dict[str, Variable]:
    """Draw the levels that a model of the curve integrates out, and those of one more population.

    Parameters
    ----------
    sampled : xarray.Dataset
        Posterior as sampled.
    centre : ndarray, shape (sample,)
        Level of the curve on whose scale followed populations are sampled.
    design : RecurrenceDesign
        Layout of the evidence.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    dict
        ``a`` of every population, ``c`` of every cohort, ``a_new`` and ``b_new``.
    """
    shape = (sampled.sizes["chain"], sampled.sizes["draw"])

    def flat(name: str) -> np.ndarray:
        values = sampled[name].values
        return values.reshape(shape[0] * shape[1], *values.shape[2:])

    windows, sigma = design.windows, flat("sigma")
    variance = windows.se**2 + flat("omega")[:, None] ** 2
    residual = windows.log_cumulative_hazard - flat("window_mean")
    a, c = draw_levels(residual, variance, sigma[:, 2], sigma[:, 0], windows.nesting, rng)
    a = a + (flat("alpha") - centre[:, None]) @ design.followed_place.T
    new = sigma[:, :2] * rng.standard_normal((len(sigma), 2))
    return {
        "a": (("chain", "draw", "population"), a.reshape(*shape, len(design.populations))),
        "c": (("chain", "draw", "cohort"), c.reshape(*shape, len(design.cohorts))),
        "a_new": (("chain", "draw"), new[:, 0].reshape(shape)),
        "b_new": (("chain", "draw"), new[:, 1].reshape(shape)),
    }


def reported_hazards(posterior: xr.Dataset) -> xr.Dataset:
    """Give the log hazards that reports show, by ER status, dims ``(chain, draw, er, cell)``."""
    shape = (posterior.sizes["chain"], posterior.sizes["draw"])
    constant = ("edges", "spline_basis")
    draws = {
        name: posterior[name].values
        if name in constant
        else posterior[name].values.reshape(-1, *posterior[name].shape[2:])
        for name in PARAMETERS
    }
    hazards = np.stack([np.log(group_hazard(draws, Profile(er))) for er in ER], axis=1)
    return xr.Dataset({"log_hazard": (("chain", "draw", "er", "time"), hazards.reshape(*shape, *hazards.shape[1:]))})


def labelled_prior(draws: dict[str, np.ndarray], posterior: xr.Dataset) -> xr.Dataset:
    """Give prior draws the dims and labels of the posterior, as a single chain."""
    names = [name for name in posterior.data_vars if name in draws and name != "c"]
    labelled = {}
    for name in names:
        has_draws = "draw" in posterior[name].dims
        labelled[name] = (posterior[name].dims, draws[name][None] if has_draws else draws[name])
    coords = {name: values for name, values in posterior.coords.items() if name not in ("chain", "draw", "cohort")}
    return xr.Dataset(labelled, coords=coords)
