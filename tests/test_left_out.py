"""Is the density of a population that was left out the integral that it claims to be?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from scipy.special import logsumexp

from resurge.synthesis.design import recurrence_design
from resurge.synthesis.forward import person_time_rates, window_means
from resurge.synthesis.left_out import balanced_folds, log_predictive, without
from resurge.synthesis.prior_draws import draw_prior
from resurge.synthesis.priors import RECURRENCE
from simulation import reduced_evidence


@pytest.fixture(scope="module")
def design():
    evidence = reduced_evidence()
    design = recurrence_design(evidence)
    events = np.random.default_rng(1).poisson(0.03 * design.person_time.person_years)
    return replace(design, person_time=replace(design.person_time, events=events))


@pytest.fixture(scope="module")
def draw(design):
    draws = draw_prior(RECURRENCE, design, 1, np.random.default_rng(2))
    known = {"sigma": [[0.3, 0.2, 0.15]], "omega": [0.1], "middle": [[-3.6, 0.0]]}
    flat = {"beta": np.full_like(draws["beta"], -4.0), "other_death": np.array([0.006])}
    return {**draws, **{name: np.array(value) for name, value in known.items()}, **flat}


@pytest.mark.parametrize("population", ["EPSILON", "ALPHA"])
def test_reports_left_out_have_the_density_of_their_mean_over_levels(design, draw, population):
    j = design.populations.index(population)
    rng, n = np.random.default_rng(3), 4000
    own = (design.windows.nesting.window_cohort @ design.windows.nesting.cohort_population)[:, j] > 0
    total = np.empty(n)
    b = 0.2 * rng.standard_normal(n)
    for i in range(n):
        at = {"a": np.zeros((1, len(design.populations))), "b": np.zeros((1, len(design.populations)))}
        at["b"][0, j] = b[i]
        mean = window_means({**draw, **at}, design)[0, own]
        same_cohort = (design.windows.nesting.window_cohort * design.windows.nesting.cohort_varies)[own]
        V = np.diag(design.windows.se[own] ** 2 + 0.1**2) + 0.3**2 + 0.15**2 * same_cohort @ same_cohort.T
        total[i] = stats.multivariate_normal(mean, V).logpdf(design.windows.log_cumulative_hazard[own])
    expected = logsumexp(total) - np.log(n)
    error = np.std(np.exp(total - total.max())) / np.mean(np.exp(total - total.max())) / np.sqrt(n)
    assert log_predictive(draw, design, population)[0] == pytest.approx(expected, abs=4 * error + 0.01)


@pytest.mark.parametrize("population", ["FIRST", "SECOND"])
def test_patients_left_out_have_the_density_of_a_fine_grid_over_levels(design, draw, population):
    j = design.populations.index(population)
    a, b = np.meshgrid(0.3 * np.linspace(-5, 5, 161), 0.2 * np.linspace(-5, 5, 161))
    a, b = a.ravel(), b.ravel()
    n_cells = len(design.edges) - 1
    own = design.curves.population[design.person_time.curve_cell // n_cells, j] > 0
    events, years = design.person_time.events[own], design.person_time.person_years[own]
    total = []
    for part in np.array_split(np.arange(len(a)), 60):
        at = {name: np.zeros((len(part), len(design.populations))) for name in "ab"}
        at["a"][:, j], at["b"][:, j] = a[part], b[part]
        many = {
            name: values if name in ("edges", "spline_basis") else np.repeat(values, len(part), 0)
            for name, values in draw.items()
        }
        rates = person_time_rates({**many, **at}, design)[:, own]
        total.append(stats.poisson(rates * years).logpmf(events).sum(1))
    log_prior = stats.norm(0, 0.3).logpdf(a) + stats.norm(0, 0.2).logpdf(b)
    cell = 0.3 * 10 / 160 * 0.2 * 10 / 160
    expected = logsumexp(np.concatenate(total) + log_prior) + np.log(cell)
    assert log_predictive(draw, design, population)[0] == pytest.approx(expected, abs=0.01)


def test_folds_hold_every_population_once_and_weigh_about_the_same(design):
    folds = balanced_folds(design, 3)
    assert sorted(name for fold in folds for name in fold) == sorted(design.populations)
    heaviest = next(fold for fold in folds if "FIRST" in fold)
    assert len(heaviest) == min(map(len, folds))


def test_evidence_left_out_is_made_worthless_and_the_rest_is_kept(design):
    data = without(design, ["FIRST", "EPSILON"])
    n_cells = len(design.edges) - 1
    first = design.curves.population[design.person_time.curve_cell // n_cells, design.populations.index("FIRST")] > 0
    assert data["observed_events"][first].sum() == 0
    assert data["person_years"][first].max() < 1e-6
    assert (data["person_years"][~first] == design.person_time.person_years[~first]).all()
    assert (data["observed_events"][~first] == design.person_time.events[~first]).all()
    assert (data["window_se"] > 1000).sum() == 4
    assert (data["window_se"][data["window_se"] < 1000] == design.windows.se[data["window_se"] < 1000]).all()
