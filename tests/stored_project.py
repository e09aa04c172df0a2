"""A small project whose posteriors were not sampled: prior draws, stored with the verdict a test wants."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import xarray as xr

from evidence_folder import write_small_evidence
from resurge.evidence import Evidence, load_evidence
from resurge.findings.hazard_draws import Profile, group_hazard
from resurge.inference.evidence_seen import evidence_seen
from resurge.inference.fit_metastasis import labelled as labelled_sites
from resurge.inference.fit_resistance import completed
from resurge.inference.fit_therapy import labelled, with_constants
from resurge.inference.fit_translation import labelled as labelled_pairs
from resurge.inference.freshness import fingerprint
from resurge.inference.records import store_record
from resurge.project import Project
from resurge.synthesis.design import recurrence_design
from resurge.synthesis.dormancy_forward import draw_prior as draw_dormancy_prior
from resurge.synthesis.dormancy_priors import DORMANCY
from resurge.synthesis.event_weights import Baseline
from resurge.synthesis.metastasis_design import site_design
from resurge.synthesis.metastasis_forward import draw_prior as draw_site_prior
from resurge.synthesis.metastasis_priors import METASTASIS
from resurge.synthesis.prior_draws import draw_prior
from resurge.synthesis.priors import RECURRENCE
from resurge.synthesis.resistance_design import resistance_design
from resurge.synthesis.resistance_forward import draw_prior as draw_resistance_prior
from resurge.synthesis.resistance_priors import RESISTANCE
from resurge.synthesis.strata import ER
from resurge.synthesis.therapy_design import therapy_design
from resurge.synthesis.therapy_forward import draw_prior as draw_therapy_prior
from resurge.synthesis.therapy_priors import THERAPY
from resurge.synthesis.translation_design import translation_design
from resurge.synthesis.translation_forward import draw_prior as draw_translation_prior
from resurge.synthesis.translation_forward import true_effects
from resurge.synthesis.translation_priors import TRANSLATION

CONSTANTS = ("edges", "spline_basis")


def store_prior_as_posterior(folder: Path, *, passed: bool = True, n: int = 60) -> Project:
    """Give a folder without a project small evidence and, as the posterior of each model, two chains of prior draws."""
    shutil.copytree(made_once(passed, n).name, folder, dirs_exist_ok=True)
    return Project(folder)


@cache
def made_once(passed: bool, n: int) -> TemporaryDirectory[str]:
    """Give the project that all tests of a run copy: to write it takes a second."""
    made = TemporaryDirectory(prefix="stored_project_")
    write_prior_as_posterior(Path(made.name), passed=passed, n=n)
    return made


def write_prior_as_posterior(folder: Path, *, passed: bool = True, n: int = 60) -> Project:
    """Write small evidence and fit by fit, over those of before if there are any."""
    write_small_evidence(folder / "data")
    project = Project(folder)
    evidence = load_evidence(project.data)
    draws = draw_prior(RECURRENCE, recurrence_design(evidence), 2 * n, np.random.default_rng(1))
    store(project, "recurrence", of_recurrence(draws, n), passed=passed)
    dormancy = draw_dormancy_prior(DORMANCY, recurrence_design(evidence), 2 * n, np.random.default_rng(3))
    store(project, "dormancy", of_recurrence(dormancy, n), passed=passed)
    baseline = Baseline(draws["edges"], {er: group_hazard(draws, Profile(er)).mean(0) for er in ER})
    therapy = therapy_design(evidence.therapy_effects, baseline)
    effects = draw_therapy_prior(THERAPY, therapy, 2 * n, np.random.default_rng(2))
    store(project, "therapy", with_constants(labelled(effects, (2, n)), therapy, baseline).as_dataset(), passed=passed)
    sites = site_design(evidence.metastasis_sites)
    shares = draw_site_prior(METASTASIS, sites, 2 * n, np.random.default_rng(3))
    store(project, "metastasis", labelled_sites(shares, (2, n), sites).as_dataset(), passed=passed)
    store_resistance(project, evidence, n, passed=passed)
    return project


def store_resistance(project: Project, evidence: Evidence, n: int, *, passed: bool) -> None:
    """Store prior draws of the models of mechanisms and of replications."""
    rng = np.random.default_rng(4)
    mechanisms = resistance_design(evidence.resistance_effects, evidence.mechanisms)
    effects = draw_resistance_prior(RESISTANCE, mechanisms, 2 * n, rng)
    store(project, "resistance", completed(effects, mechanisms, (2, n), rng).as_dataset(), passed=passed)
    pairs = translation_design(evidence.replication_pairs)
    repeated = draw_translation_prior(TRANSLATION, pairs, 2 * n, rng)
    repeated["delta"] = true_effects(pairs, repeated)
    store(project, "translation", labelled_pairs(repeated, pairs, (2, n)).as_dataset(), passed=passed)


def of_recurrence(draws: dict[str, np.ndarray], n: int) -> xr.Dataset:
    """Give draws of a model of the curve their dims."""
    variables = {}
    for name, values in draws.items():
        if name in CONSTANTS:
            variables[name] = ([f"{name}_{axis}" for axis in range(values.ndim)], values)
        else:
            dims = ["chain", "draw", *(f"{name}_{axis}" for axis in range(values.ndim - 1))]
            variables[name] = (dims, values.reshape(2, n, *values.shape[1:]))
    return xr.Dataset(variables, coords={"chain": [0, 1], "draw": np.arange(n)})


def store(project: Project, model: str, posterior: xr.Dataset, *, passed: bool) -> None:
    """Store draws as a fit with a verdict."""
    n = posterior.sizes["draw"]
    stats = xr.Dataset({"diverging": (("chain", "draw"), np.zeros((2, n), dtype=bool))})
    check = {"value": 1.0 if passed else 1.5, "limit": 1.01, "passed": passed, "worst": "phi"}
    manifest = {
        "made": "2026-01-01T00:00:00+00:00",
        "settings": {"draws": n, "chains": 2},
        "versions": {},
        "fingerprint": fingerprint(project, model),
        "evidence_rows": evidence_seen(project, model),
        "diagnostics": {"R-hat": check},
        "passed": passed,
    }
    groups = xr.DataTree.from_dict({"posterior": posterior, "prior": posterior, "sample_stats": stats})
    store_record(project, model, groups, manifest)
