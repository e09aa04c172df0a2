"""Does a fit find the courses behind simulated trials, and are its intervals right as often as they say?

Fifteen trials of six classes report periods, chains of updates, deaths and other endpoints. The many sets of the slow
test come from the prior itself, for which every interval of a right model covers the truth as often as it says.
"""

from __future__ import annotations

import numpy as np
import pytest

from coverage_of_intervals import assert_held_as_often_as_said
from resurge.findings.effect_draws import Effect, average, log_hazard_ratio, years_of_benefit
from resurge.inference.sample import Settings, compile_model
from resurge.synthesis.therapy import build_model
from resurge.synthesis.therapy_design import therapy_design
from resurge.synthesis.therapy_forward import draw_prior, readings_of_trials
from resurge.synthesis.therapy_priors import SCALED_ENDPOINTS, THERAPY
from simulated_trials import as_draws, as_posterior, even_hazard, fit_readings, trials_of_every_kind

BASELINE = even_hazard(positive=0.03, negative=0.05)
N_SETS = 80
MANY = Settings(draws=250, tune=300, chains=2, target_accept=0.9)
ONCE = Settings(draws=400, tune=400, chains=2, target_accept=0.9)


@pytest.fixture(scope="module")
def design():
    return therapy_design(trials_of_every_kind(), BASELINE)


@pytest.fixture(scope="module")
def compiled(design):
    return compile_model(build_model(design, THERAPY))


def reported(draws, design) -> dict[str, np.ndarray]:
    """Give the answers that reports show, one array of draws each."""
    answers = {}
    for k, name in enumerate(design.classes):
        effect = Effect(name)
        for year, logs in zip((2, 5, 10), log_hazard_ratio(draws, effect, [2, 5, 10]).T, strict=True):
            answers[f"{name}: log hazard ratio at year {year}"] = logs
        for start, end in ((0, 5), (5, 10)):
            answers[f"{name}: average of {start}-{end}"] = average(draws, effect, start, end)
        answers[f"{name}: deaths of 0-10"] = average(draws, Effect(name, "breast_cancer_death"), 0, 10)
        answers[f"{name}: one more trial, 0-5"] = average(draws, Effect(name, population="new"), 0, 5)
        answers[f"{name}: carry"] = draws["carry"][:, k]
        beyond = years_of_benefit(draws, effect)
        answers[f"{name}: years of benefit"] = np.where(np.isnan(beyond), np.inf, beyond)
    return answers


# One truth: half of what five years of treatment leave is lost in four years, half of what one year leaves in two


def known_truth(design) -> dict[str, np.ndarray]:
    draw = draw_prior(THERAPY, design, 1, np.random.default_rng(3))
    #  by class: extended_five, five_years, half_year, one_year, one_year_short, two_years
    beta = np.array([-0.5, -0.8, -0.4, -0.7, 0.3, -0.4])
    known = {
        "onset": [3.0, 0.15, 0.15, 0.3, 1.0, 0.3],
        "fade": [0.02, 0.02, 0.02, 0.05, 0.05, 0.05],
        "carry": [8.0, 4.0, 3.0, 2.0, 3.0, 4.0],
        "shape": 1.2,
        "sigma": [0.08] * 6,
        "omega": 0.04,
        "lag": 2.5,
        "rho": [1.0, 1.1, 1.0, 0.85, 0.9, 0.85, 0.7],
        "beta_class": beta,
    }
    draw |= {name: np.array([value], dtype=float) for name, value in known.items()}
    rng = np.random.default_rng(4)
    draw["beta_trial"] = draw["beta_class"] @ design.trial_class.T + 0.08 * rng.standard_normal((1, len(design.trials)))
    draw["beta_new"] = draw["beta_class"]
    return draw


@pytest.fixture(scope="module")
def recovered(compiled, design):
    truth = known_truth(design)
    readings = readings_of_trials(design, truth, np.random.default_rng(5))[0]
    return truth, fit_readings(compiled, design, BASELINE, readings, ONCE)


def test_the_answers_are_found_again(recovered, design):
    truth, draws = recovered
    true = reported(as_draws(as_posterior(truth, design, BASELINE)), design)
    for name, found in reported(draws, design).items():
        if "years of benefit" not in name and "one more" not in name:
            z = (found.mean() - true[name][0]) / found.std()
            assert abs(z) < 3.3, f"{name}: {found.mean():.3f} +- {found.std():.3f}, truth {true[name][0]:.3f}"


def test_periods_of_five_years_of_treatment_are_found_to_a_useful_precision(recovered, design):
    truth, draws = recovered
    one = as_draws(as_posterior(truth, design, BASELINE))
    for start, end in ((0, 5), (5, 10), (10, 15)):
        found, (true,) = (average(each, Effect("five_years"), start, end) for each in (draws, one))
        assert found.std() < 0.1
        assert np.median(found) == pytest.approx(true, abs=0.15)
    early, late = (average(draws, Effect("five_years"), *window) for window in ((0, 5), (10, 15)))
    assert np.exp(np.median(early)) == pytest.approx(0.50, abs=0.06)
    assert (early < late).mean() > 0.99


def test_what_is_not_known_stays_wide(recovered):
    _, draws = recovered
    # A trial of half a year with two windows can hardly tell fade from carry-over.
    half_year = 2
    assert np.log(draws["carry"][:, half_year]).std() > 0.5 * THERAPY.log_carry.sd
    assert draws["fade"][:, half_year].std() > 0.5 * THERAPY.fade.sd * np.sqrt(1 - 2 / np.pi)


# Many truths


def share_below(draws, truth, rng) -> float:
    """Give the share of draws below the truth; among equal ones, as no year of benefit, the truth ranks at random."""
    return float((draws < truth).mean() + rng.uniform() * (draws == truth).mean())


@pytest.mark.slow
def test_intervals_hold_the_truth_as_often_as_they_say(compiled, design, capsys):
    rng = np.random.default_rng(6)
    truths = draw_prior(THERAPY, design, N_SETS, rng)
    readings = readings_of_trials(design, truths, rng)
    true = reported(as_draws(as_posterior(truths, design, BASELINE)), design)
    below = {name: np.empty(N_SETS) for name in (*true, *(f"rho: {each}" for each in SCALED_ENDPOINTS))}
    for i in range(N_SETS):
        draws = fit_readings(compiled, design, BASELINE, readings[i], MANY)
        for name, values in reported(draws, design).items():
            below[name][i] = share_below(values, true[name][i], rng)
        for e, endpoint in enumerate(SCALED_ENDPOINTS):
            below[f"rho: {endpoint}"][i] = share_below(draws["rho"][:, e], truths["rho"][i, e], rng)
    assert_held_as_often_as_said(below, mean_within=0.06, capsys=capsys)
