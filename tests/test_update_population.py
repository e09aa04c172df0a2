"""Does an update take a population in that no fit has seen, its level and tilt integrated over their prior?

What is known: the posterior with that population, from draws of the prior that are weighed by the likelihood at the
level and tilt that each of them holds, so nothing is integrated.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from evidence_folder import write_small_evidence
from resurge.evidence import load_evidence
from resurge.findings.estimands import Estimand, estimands
from resurge.inference.freshness import model_status
from resurge.inference.gate import passed
from resurge.inference.left_out_rows import answers_of
from resurge.inference.psis import Weights, resampled, smoothed
from resurge.inference.records import draws_path, read_manifest
from resurge.inference.stored_draws import FITTED, read_draws, taken
from resurge.inference.twin_recurrence import CurveTwin, twin_of
from resurge.inference.update import update
from resurge.project import Project
from resurge.synthesis.prior_draws import draw_prior
from resurge.synthesis.priors import RECURRENCE
from resurge.synthesis.recurrence_pointwise import person_time_log_density, windows_log_density
from weighed_posterior import store_fit

MODEL, NEW = "recurrence", "ALPHA"
TABLES = ("recurrence_rates.csv", "recurrence_person_time.csv")
PRIOR, SHAPE = 40_000, (4, 1000)
CASES = {"a published risk": ("r0001",), "patients": ("p0001",), "both": ("r0001", "p0002")}
"""Rows with which the new population comes: with patients its level is a parameter too, without them its tilt alone."""


@dataclass(frozen=True)
class Known:
    """Draws of the prior with their weights under the evidence."""

    draws: dict[str, NDArray]
    weights: Weights

    @cached_property
    def answers(self) -> dict[str, Estimand]:
        return estimands(MODEL, self.draws)


def keep_rows(project: Project, rows: set[str]) -> None:
    """Leave only some rows in the tables of recurrence."""
    for table in TABLES:
        path = project.data / table
        header, *lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        kept = [line for line in lines if line.partition(",")[0] in rows]
        path.write_text("".join([header, *kept]), encoding="utf-8", newline="")


def prior_of(twin: CurveTwin, seed: int) -> dict[str, NDArray]:
    return draw_prior(RECURRENCE, twin.design, PRIOR, np.random.default_rng(seed))


def known(twin: CurveTwin, seed: int) -> Known:
    """Weigh draws of the prior at their own levels and tilts."""
    draws = prior_of(twin, seed)
    formed = twin.form.read(draws)
    with np.errstate(all="ignore"):  # far out in the prior a hazard is no float, and the draw weighs nothing
        value = person_time_log_density(formed, twin.design).sum(1) + windows_log_density(formed, twin.design).sum(1)
    return Known(draws, smoothed(np.where(np.isnan(value), -np.inf, value)))


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    """Give a project with one population and draws of its posterior."""
    project = Project(tmp_path_factory.mktemp("one population"))
    write_small_evidence(project.data)
    keep_rows(project, {"r0003", "r0004", "r0005"})
    twin = twin_of(project, load_evidence(project.data), RECURRENCE)
    assert twin.design.populations == ("BETA",)
    found, rng = known(twin, seed=1), np.random.default_rng(2)
    chosen = rng.permutation(resampled(found.weights, SHAPE[0] * SHAPE[1], rng))
    completed = twin.completed(taken(found.draws, chosen, PRIOR), list(twin.units), SHAPE, rng)
    store_fit(project, MODEL, completed.as_dataset())
    return project


@pytest.fixture(params=CASES.values(), ids=list(CASES))
def project(fitted, tmp_path, request):
    """Give a copy in which the new population has come."""
    project = Project(Path(shutil.copytree(fitted.folder, tmp_path / "project")))
    write_small_evidence(project.data)
    keep_rows(project, {"r0003", "r0004", "r0005", *request.param})
    return project


def apart(values: NDArray, effective: float, expected: NDArray, weights: Weights) -> tuple[float, float]:
    """Give how far means and standard deviations are from what is known, in Monte Carlo standard errors."""
    exist = np.isfinite(values), np.isfinite(expected)
    values, expected = values[exist[0]], expected[exist[1]]
    weight = np.exp(weights.log_weights)[exist[1]]
    weight /= weight.sum()
    mean = weight @ expected
    square = (expected - mean) ** 2
    error = np.hypot(np.sqrt(weight**2 @ square), values.std() / np.sqrt(effective))
    of_square = np.hypot(
        np.sqrt(weight**2 @ (square - weight @ square) ** 2), ((values - values.mean()) ** 2).std() / np.sqrt(effective)
    )
    return (values.mean() - mean) / error, (values.var() - weight @ square) / of_square


def test_a_new_population_is_taken_in_as_its_posterior_is_known(project):
    evidence = load_evidence(project.data)
    before = read_draws(draws_path(project, read_manifest(project, MODEL)), "posterior")
    with np.errstate(all="ignore"):
        outcome = update(project, evidence, MODEL)
    assert outcome.done, outcome.told
    assert outcome.numbers["changed"] == [NEW]
    assert model_status(project, MODEL).state == "fresh"
    assert passed(read_manifest(project, MODEL)["diagnostics"])

    twin = twin_of(project, evidence, RECURRENCE)
    expected = known(twin, seed=3)
    path = draws_path(project, read_manifest(project, MODEL))
    stored, left = read_draws(path, "posterior"), outcome.numbers["effective_sample_size"]
    assert stored.labels["population"] == twin.design.populations == (NEW, "BETA")
    answers = answers_of(MODEL, stored)
    assert answers.keys() == expected.answers.keys()
    for name, answer in answers.items():
        both = apart(answer.on_scale, left, expected.answers[name].on_scale, expected.weights)
        assert np.abs(both).max() < 4, (name, both)
    for name in ("b", "a") if NEW in twin.design.followed else ("b",):
        both = apart(stored.arrays[name][:, 0], left, expected.draws[name][:, 0], expected.weights)
        assert np.abs(both).max() < 4, (name, both)

    fit = read_draws(path, FITTED)
    assert all(np.array_equal(values, fit.arrays[name]) for name, values in before.arrays.items())
