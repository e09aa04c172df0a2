"""Is the twin of the recurrence model the same model, row by row and population by population?"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from scipy.special import logsumexp

from curve_evidence_and_draws import (
    N,
    labels_of,
    log_density_of_evidence,
    prior_sample,
    same_form,
    small_evidence,
    stored,
)
from resurge.inference.fit_recurrence import PRIOR_DRAWS, complete, labelled_prior
from resurge.inference.labelled import Labelled
from resurge.inference.twin_recurrence import twin_of
from resurge.inference.twins import CannotReweightError
from resurge.project import Project
from resurge.synthesis.design import recurrence_design
from resurge.synthesis.forward import window_means
from resurge.synthesis.left_out import log_predictive
from resurge.synthesis.prior_draws import draw_prior
from resurge.synthesis.priors import RECURRENCE
from resurge.synthesis.recurrence import build_model
from resurge.synthesis.recurrence_pointwise import person_time_log_density, windows_log_density
from simulation import rates_of

POPULATIONS = ("F", "Q", "R", "T")


def twin_for(evidence):
    return twin_of(Project(Path("nowhere")), evidence, RECURRENCE)


@pytest.fixture(scope="module")
def evidence():
    return small_evidence()


@pytest.fixture(scope="module")
def twin(evidence):
    return twin_for(evidence)


@pytest.fixture(scope="module")
def model(evidence):
    return build_model(evidence, RECURRENCE)


@pytest.fixture(scope="module")
def sample(model):
    return prior_sample(model)


@pytest.fixture(scope="module")
def posterior(sample, evidence):
    return complete(sample, recurrence_design(evidence), np.random.default_rng(0))


def some_draws(evidence, n, seed=0):
    """Give prior draws near what is known, so that no cumulative hazard is out of the range of floats."""
    design = recurrence_design(evidence)
    draws = draw_prior(RECURRENCE, design, n, np.random.default_rng(seed))
    return {**draws, "beta": draws["beta"] * 0.2 - 3.2}


def repeated(draws, n, **own):
    """Give one draw n times, with levels and tilts of its own."""
    constant = ("edges", "spline_basis")
    same = {name: each if name in constant else np.repeat(each[:1], n, axis=0) for name, each in draws.items()}
    return {**same, **own}


# Rows


def test_rows_are_named_and_belong_to_their_population(twin):
    assert twin.units == {
        "F": (*(f"recurrence_person_time:p{k}" for k in (1, 2, 3, 4)), "recurrence_rates:r1", "recurrence_rates:r2"),
        "Q": ("recurrence_rates:r7", "case_mix:w1", "case_mix:w2"),
        "R": tuple(f"recurrence_rates:r{k}" for k in (3, 4, 5, 6)),
        "T": tuple(f"recurrence_person_time:p{k}" for k in (5, 6, 7)),
        "NOBODY": ("case_mix:w3",),
    }
    patients, rates = (f"recurrence_person_time:p{k}" for k in range(1, 8)), (1, 2, 3, 5, 6, 7)
    assert twin.rows == (*patients, *(f"recurrence_rates:r{k}" for k in rates))  # r4 adds nothing to its chain


def test_all_rows_together_have_the_density_of_the_model(twin, model, sample, posterior):
    draws = twin.form.read(stored(posterior))
    total = person_time_log_density(draws, twin.design).sum(1) + windows_log_density(draws, twin.design).sum(1)
    assert total == pytest.approx(log_density_of_evidence(model, sample), rel=1e-10, abs=1e-10)


def test_a_row_of_patients_has_its_poisson_density(twin, posterior, sample):
    by_row = twin.by_row(stored(posterior))
    rows = twin.design.person_time
    assert by_row.shape == (N, len(twin.rows))
    log_hazard = sample["beta"].values[0, :, 1] @ posterior["spline_basis"].values[0]  # the first quarter of a year
    level = sample["alpha"].values[0, :, 0] - sample["middle"].values[0, :, 0]
    rate = np.exp(log_hazard + level + sample["b_followed"].values[0, :, 0] * np.log(1.125 / 6))
    assert rows.row_id[0] == "p1"
    assert by_row[:, 0] == pytest.approx(stats.poisson(90.0 * rate).logpmf(4), rel=1e-10)


def covariance(draws, twin, k, windows):
    """Write down the covariance of some windows at draw k, one entry at a time."""
    nesting, sigma = twin.design.windows.nesting, draws["sigma"][k]
    V = np.diag(twin.design.windows.se[windows] ** 2 + draws["omega"][k] ** 2)
    for x, i in enumerate(windows):
        for y, j in enumerate(windows):
            one, other = nesting.window_cohort[i].argmax(), nesting.window_cohort[j].argmax()
            populations = nesting.cohort_population[[one, other]].argmax(1)
            V[x, y] += (one == other) * nesting.cohort_varies[one] * sigma[2] ** 2
            V[x, y] += (populations[0] == populations[1]) * nesting.population_varies[populations[0]] * sigma[0] ** 2
    return V


def test_a_window_has_the_density_that_the_others_of_its_population_leave_it(twin, evidence):
    draws = some_draws(evidence, 4)
    found = twin.by_row(draws)[:, len(twin.design.person_time.row_id) :]
    residual = twin.design.windows.log_cumulative_hazard - window_means(draws, twin.design)
    everything = np.arange(residual.shape[1])
    for k in range(4):
        whole = stats.multivariate_normal(cov=covariance(draws, twin, k, everything)).logpdf(residual[k])
        for i in everything:
            others = np.delete(everything, i)
            rest = stats.multivariate_normal(cov=covariance(draws, twin, k, others)).logpdf(residual[k, others])
            assert found[k, i] == pytest.approx(whole - rest, abs=1e-9)


# Populations


def on_fine_grid(draws, twin, population):
    """Give one draw's log density of a population's evidence with level and tilt, over a fine grid of the free ones."""
    j, sigma = twin.design.populations.index(population), draws["sigma"][0]
    followed = population in twin.design.followed
    nodes = np.linspace(-6, 6, 141 if followed else 2001)
    a, b = (each.ravel() for each in np.meshgrid(nodes * sigma[0] if followed else [0.0], nodes * sigma[1]))
    own = {name: np.zeros((len(a), len(twin.design.populations))) for name in "ab"}
    own["a"][:, j], own["b"][:, j] = a, b
    many = twin.form.read(repeated(draws, len(a), **own))
    rows = np.array([name in twin.units[population] for name in twin.rows[: len(twin.design.person_time.row_id)]])
    value = person_time_log_density(many, twin.design)[:, rows].sum(1) + windows_log_density(many, twin.design)[:, j]
    for level, spread in ((a, sigma[0]), (b, sigma[1])) if followed else ((b, sigma[1]),):
        value += stats.norm(0, spread).logpdf(level) + np.log((nodes[1] - nodes[0]) * spread)
    return a, b, value


@pytest.mark.parametrize("population", POPULATIONS)
@pytest.mark.parametrize("seed", range(4))
def test_own_effects_are_integrated_as_on_a_fine_grid(twin, evidence, population, seed):
    draws = some_draws(evidence, 1, seed)
    _, _, value = on_fine_grid(draws, twin, population)
    assert twin.by_unit(draws, [population])[0, 0] == pytest.approx(logsumexp(value), abs=2e-4)


@pytest.mark.parametrize(("population", "spread"), [("Q", 0.5), ("R", 0.5), ("T", 0.2)])
def test_own_effects_are_integrated_as_for_a_population_left_out(twin, evidence, population, spread):
    draws = some_draws(evidence, 50)
    # Wide enough for the grid over the prior of that integral, or narrow enough for its few nodes
    draws["sigma"] = np.full((50, 3), spread)
    expected = log_predictive(draws, twin.design, population)
    assert twin.by_unit(draws, [population])[:, 0] == pytest.approx(expected, abs=1e-3)


def test_a_population_that_many_sharp_windows_put_far_out_is_integrated_where_it_is():
    periods = [(k / 2, (k + 1) / 2) for k in range(40)]
    sharp = [
        {"population": "S", "er": "positive", "nodal": "N0", "tumour_size": "T1", "start_year": start, "end_year": end,
         "estimate": 0.0025 * (1 + end) ** 0.9, "n": 1e6}
        for start, end in periods
    ]  # fmt: skip
    evidence = small_evidence(*sharp)
    twin = twin_for(evidence)
    draws = some_draws(evidence, 1)
    draws |= {"sigma": np.array([[0.3, 0.2, 0.2]]), "omega": np.array([0.03]), "beta": np.full((1, 2, 13), -4.5)}
    _, b, value = on_fine_grid(draws, twin, "S")
    assert b[np.argmax(value)] > 4 * 0.2  # beyond the grid of the prior
    assert twin.by_unit(draws, ["S"])[0, 0] == pytest.approx(logsumexp(value), abs=1e-3)


def test_only_the_population_whose_rows_change_changes(twin, evidence):
    draws = some_draws(evidence, 5)
    rates = evidence.recurrence_rates
    moved = rates.assign(estimate=rates["estimate"].where(rates["row_id"] != "r6", 0.25))
    mixed = evidence.case_mix.assign(share=[0.5, 0.5, 0.7])
    fewer = evidence.recurrence_person_time.query("row_id != 'p2'")
    before = twin.by_unit(draws, POPULATIONS)
    assert twin.by_unit(draws, []).shape == (5, 0)
    for change, who in (
        ({"recurrence_rates": moved}, "R"),
        ({"case_mix": mixed}, "Q"),
        ({"recurrence_person_time": fewer}, "F"),
        ({"recurrence_rates": rates.query("row_id != 'r3'")}, "R"),
    ):
        after = twin_for(replace(evidence, **change)).by_unit(draws, POPULATIONS)
        differs = np.abs(after - before).max(0) > 1e-9
        assert [name for name, moves in zip(POPULATIONS, differs, strict=True) if moves] == [who]


def test_a_mix_of_a_population_without_rows_says_nothing(twin, evidence):
    assert (twin.by_unit(some_draws(evidence, 3), ["NOBODY"]) == 0).all()


@pytest.mark.parametrize("missing", ["recurrence_rates", "recurrence_person_time"])
def test_patients_alone_and_windows_alone_will_do(evidence, missing):
    alone = replace(evidence, **{missing: getattr(evidence, missing)[:0]}, case_mix=None)
    twin, draws = twin_for(alone), some_draws(alone, 3)
    names = twin.design.populations
    assert names == (("F", "T") if missing == "recurrence_rates" else ("F", "Q", "R"))
    assert np.isfinite(twin.by_row(draws)).all() and twin.by_row(draws).shape == (3, len(twin.rows))
    assert np.isfinite(twin.by_unit(draws, names)).all()
    drawn = twin.completed(draws, names, (1, 3), np.random.default_rng(0)).as_dataset()
    assert all(np.isfinite(each).all() for each in drawn.values())


# New labels


def added(population="NEW", **row):
    return {"population": population, "er": "positive", "nodal": "N0", "tumour_size": "T1", "n": 800.0, **row}


def test_draws_are_laid_out_by_todays_populations_and_cohorts(posterior, evidence):
    today = replace(
        small_evidence(added(), added("R", source_id="s9", diagnosis_years="1990-1999")),
        recurrence_person_time=evidence.recurrence_person_time.query("population != 'T'"),
    )
    twin, draws = twin_for(today), stored(posterior)
    widened = twin.widened(draws, labels_of(posterior), np.random.default_rng(0))
    assert twin.design.populations == ("F", "NEW", "Q", "R")
    assert np.isnan(widened["a"][:, 1]).all() and np.isnan(widened["b"][:, 1]).all()
    assert (widened["b"][:, [0, 2, 3]] == draws["b"][:, [0, 1, 2]]).all()
    assert (widened["a"][:, [0, 2, 3]] == draws["a"][:, [0, 1, 2]]).all()
    new = [name for name in twin.design.cohorts if name not in posterior["cohort"].values]
    assert new and np.isnan(widened["c"][:, [twin.design.cohorts.index(name) for name in new]]).all()
    assert (widened["log_odds"] == draws["log_odds"]).all()
    assert np.isfinite(twin.by_unit(widened, twin.design.populations)).all()


def test_a_mix_that_the_draws_do_not_know_comes_from_its_prior(twin, posterior):
    draws = {**stored(posterior), "log_odds": np.zeros((4000, 5))}
    labels = {**labels_of(posterior), "mix": ["N1-3", "N4-9", "N10+", "T2", "T3+"]}
    widened = twin.widened(draws, labels, np.random.default_rng(0))
    assert (widened["log_odds"][:, 1:] == 0).all()
    mean, sd = RECURRENCE.log_odds.mean[0], RECURRENCE.log_odds.sd[0]
    assert widened["log_odds"][:, 0].mean() == pytest.approx(mean, abs=4 * sd / np.sqrt(4000))
    assert widened["log_odds"][:, 0].std() == pytest.approx(sd, rel=0.05)


def test_another_grid_or_other_strata_are_refused(twin, posterior):
    draws, labels = stored(posterior), labels_of(posterior)
    with pytest.raises(CannotReweightError, match="time grid"):
        twin.widened({**draws, "edges": draws["edges"][:-1]}, labels, np.random.default_rng(0))
    with pytest.raises(CannotReweightError, match="nodal as N0, N1, not as N0, N1-3"):
        twin.widened(draws, {**labels, "nodal": ["N0", "N1"]}, np.random.default_rng(0))


# Completed


def test_what_did_not_change_stays_and_has_the_form_of_a_fit(twin, posterior):
    again = twin.completed(stored(posterior), [], (1, N), np.random.default_rng(1)).as_dataset()
    assert same_form(again, posterior)
    for name in set(posterior.data_vars) - {"a_new", "b_new"}:
        assert (again[name].values == posterior[name].values).all()
    assert (again["a_new"].values != posterior["a_new"].values).all()


def test_the_prior_has_the_form_of_a_fit(twin, posterior):
    prior = twin.prior(np.random.default_rng(2)).as_dataset()
    draws = draw_prior(RECURRENCE, twin.design, PRIOR_DRAWS, np.random.default_rng(2))
    assert prior.identical(labelled_prior(draws, Labelled.of(posterior)).as_dataset())


@pytest.mark.parametrize("population", POPULATIONS)
def test_level_and_tilt_of_a_changed_population_follow_its_rows(twin, evidence, population):
    n, j = 4000, twin.design.populations.index(population)
    draws = some_draws(evidence, 1, 2)
    a, b, value = on_fine_grid(draws, twin, population)
    weight = np.exp(value - logsumexp(value))
    many = repeated(draws, n)
    posterior = twin.completed(many, [population], (2, n // 2), np.random.default_rng(3)).as_dataset()
    drawn = {name: posterior[name].values.reshape(n, -1)[:, j] for name in "ab"}
    for name, grid in (("b", b), ("a", a)) if population in twin.design.followed else (("b", b),):
        mean = weight @ grid
        sd = np.sqrt(weight @ grid**2 - mean**2)
        assert drawn[name].mean() == pytest.approx(mean, abs=4 * sd / np.sqrt(n))
        assert drawn[name].std() == pytest.approx(sd, rel=0.06)
    others = [k for k in range(len(POPULATIONS)) if k != j]
    assert (posterior["a"].values.reshape(n, -1)[:, others] == many["a"][:, others]).all()


def test_levels_of_reports_and_cohorts_follow_their_rows_too(twin, evidence):
    n, j = 4000, twin.design.populations.index("R")
    draws = some_draws(evidence, 1, 2)
    _, b, value = on_fine_grid(draws, twin, "R")
    weight = np.exp(value - logsumexp(value))
    at = np.zeros((len(b), 4))
    at[:, j] = b
    nesting, sigma = twin.design.windows.nesting, draws["sigma"][0]
    cohorts = np.flatnonzero(nesting.cohort_population[:, j])
    own = np.flatnonzero(nesting.window_cohort[:, cohorts].sum(1))
    many = repeated(draws, len(b), a=np.zeros_like(at), b=at)
    residual = (twin.design.windows.log_cumulative_hazard - window_means(twin.form.read(many), twin.design))[:, own]
    precise = np.linalg.solve(
        covariance(draws, twin, 0, own), residual.T
    ).T  # the regression of each level on residuals
    level = weight @ (sigma[0] ** 2 * precise.sum(1))
    cohort = weight @ (sigma[2] ** 2 * precise @ nesting.window_cohort[np.ix_(own, cohorts)])
    posterior = twin.completed(repeated(draws, n), ["R"], (1, n), np.random.default_rng(4)).as_dataset()
    a, c = posterior["a"].values[0, :, j], posterior["c"].values[0][:, cohorts]
    assert nesting.cohort_varies[cohorts].all()
    assert a.mean() == pytest.approx(level, abs=4 * sigma[0] / np.sqrt(n))
    assert c.mean(0) == pytest.approx(cohort, abs=4 * sigma[2] / np.sqrt(n))


def test_weights_and_completion_together_give_the_posterior_of_a_new_population(evidence):
    rows = rates_of({"population": "NEW", "estimate": 0.2, "n": 400.0, "row_id": "x1"})
    today = replace(evidence, recurrence_rates=rows, recurrence_person_time=evidence.recurrence_person_time[:0])
    twin, n = twin_for(today), 8000
    draws = some_draws(today, n)
    plain = windows_log_density(draws, twin.design)[:, 0]  # tilts as drawn from their prior
    integrated = twin.by_unit(draws, ["NEW"])[:, 0]
    b = twin.completed(draws, ["NEW"], (1, n), np.random.default_rng(5)).as_dataset()["b"].values[0, :, 0]
    estimates = []
    for log_weight, tilts in ((plain, draws["b"][:, 0]), (integrated, b)):
        weight = np.exp(log_weight - logsumexp(log_weight))
        mean = weight @ tilts
        estimates.append((mean, np.sqrt(weight**2 @ (tilts - mean) ** 2)))
    (one, error), (other, smaller) = estimates
    assert one == pytest.approx(other, abs=4 * np.hypot(error, smaller))
    assert logsumexp(plain) == pytest.approx(logsumexp(integrated), abs=0.05)
