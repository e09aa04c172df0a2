"""Is the twin of the dormancy model the same model, with its own curve?"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from curve_evidence_and_draws import (
    N,
    labels_of,
    log_density_of_evidence,
    prior_sample,
    same_form,
    small_evidence,
    stored,
)
from resurge.inference.fit_dormancy import PRIOR_DRAWS, complete, labelled_prior
from resurge.inference.labelled import Labelled
from resurge.inference.twin_dormancy import twin_of
from resurge.project import Project
from resurge.synthesis.design import recurrence_design
from resurge.synthesis.dormancy import build_model
from resurge.synthesis.dormancy_forward import as_curves, draw_prior
from resurge.synthesis.dormancy_priors import DORMANCY
from resurge.synthesis.left_out import log_predictive
from resurge.synthesis.recurrence_pointwise import person_time_log_density, windows_log_density


@pytest.fixture(scope="module")
def evidence():
    return small_evidence()


@pytest.fixture(scope="module")
def twin(evidence):
    return twin_of(Project(Path("nowhere")), evidence, DORMANCY)


@pytest.fixture(scope="module")
def model(evidence):
    return build_model(evidence, DORMANCY)


@pytest.fixture(scope="module")
def sample(model):
    return prior_sample(model)


@pytest.fixture(scope="module")
def posterior(sample, evidence):
    return complete(sample, recurrence_design(evidence), np.random.default_rng(0))


def test_all_rows_together_have_the_density_of_the_model(twin, model, sample, posterior):
    draws = twin.form.read(stored(posterior))
    total = person_time_log_density(draws, twin.design).sum(1) + windows_log_density(draws, twin.design).sum(1)
    assert total == pytest.approx(log_density_of_evidence(model, sample), rel=1e-10, abs=1e-10)


def test_own_effects_are_integrated_as_for_a_population_left_out(twin):
    draws = draw_prior(DORMANCY, twin.design, 40, np.random.default_rng(2))
    draws["sigma"] = np.full((40, 3), 0.7)  # wide enough for the grid over the prior of that integral
    populations = ["Q", "R"]
    expected = np.stack([log_predictive(as_curves(draws), twin.design, name) for name in populations], axis=1)
    assert twin.by_unit(draws, populations) == pytest.approx(expected, abs=1e-3)


def test_what_did_not_change_stays_and_has_the_form_of_a_fit(twin, posterior):
    again = twin.completed(stored(posterior), [], (1, N), np.random.default_rng(1)).as_dataset()
    assert same_form(again, posterior)
    for name in set(posterior.data_vars) - {"a_new", "b_new"}:
        assert (again[name].values == posterior[name].values).all()


def test_the_prior_has_the_form_of_a_fit(twin, posterior):
    prior = twin.prior(np.random.default_rng(2)).as_dataset()
    draws = draw_prior(DORMANCY, twin.design, PRIOR_DRAWS, np.random.default_rng(2))
    assert prior.identical(labelled_prior(draws, Labelled.of(posterior)).as_dataset())


def test_a_new_population_is_found_a_place_and_effects_of_its_own(posterior):
    evidence = small_evidence({"population": "NEW", "estimate": 0.2, "n": 400.0})
    twin = twin_of(Project(Path("nowhere")), evidence, DORMANCY)
    draws = twin.widened(stored(posterior), labels_of(posterior), np.random.default_rng(1))
    assert np.isnan(draws["b"][:, twin.design.populations.index("NEW")]).all()
    today = twin.completed(draws, [], (1, N), np.random.default_rng(1)).as_dataset()
    assert today["population"].values.tolist() == ["F", "NEW", "Q", "R", "T"]
    assert all(np.isfinite(each).all() for each in today.values())
    for name in ("F", "Q", "R", "T"):
        assert (today["b"].sel(population=name).values == posterior["b"].sel(population=name).values).all()
