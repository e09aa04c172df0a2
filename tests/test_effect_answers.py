"""Are answers about effects those that hand-made draws give on paper?"""

from __future__ import annotations

import numpy as np
import pytest

from resurge.errors import UsageError
from resurge.findings.effect_draws import (
    ENDPOINTS,
    Effect,
    average,
    benefit_left,
    contraction,
    expected_recurrences,
    little_left,
    log_hazard_ratio,
    years_of_benefit,
)
from resurge.findings.effect_questions import answer_effect, learned
from resurge.synthesis.effect_course import clock, course
from resurge.synthesis.event_weights import WIDTHS, YEARS
from resurge.synthesis.therapy_design import therapy_design
from resurge.synthesis.therapy_forward import expected_entries
from resurge.synthesis.therapy_priors import SCALED_ENDPOINTS
from simulated_trials import effects_of, even_hazard
from stored_project import store_prior_as_posterior

AT_ONCE, NEVER = 1e-9, 1e9
LN2 = np.log(2)
CLASSES = ("drug", "drug_short", "forever")
HAZARD, LAG = 0.04, 2.0


def hand_made(n=1, **changed):
    """Draws of three classes: a halved hazard for five years with a half-life of 3, a shortened year, and no end."""
    one = {
        "onset": [AT_ONCE] * 3,
        "fade": [0.0] * 3,
        "carry": [3.0, 3.0, NEVER],
        "shape": 1.0,
        "rho": [0.5, 1.0, 1.0, 0.8, 0.9, 1.0, 0.6],
        "lag": LAG,
        "sigma": [0.1] * 3,
        "beta_class": [-LN2, 0.2, -LN2],
        "beta_new": [-0.4, 0.3, -0.4],
    } | changed
    baseline = even_hazard(HAZARD, HAZARD)
    return {name: np.repeat(np.asarray(value, dtype=float)[None], n, axis=0) for name, value in one.items()} | {
        "effect_class": np.array([name.encode() for name in CLASSES], dtype=object),
        "scaled_endpoint": np.array(SCALED_ENDPOINTS),
        "duration": np.array([5.0, 0.5, 5.0]),
        "randomised_year": np.array([0.0, 0.5, 5.0]),
        "sign": np.array([1.0, -1.0, 1.0]),
        "class_er": np.array(["positive", "any", "positive"]),
        "baseline_edges": baseline.edges,
        "baseline_hazard": np.stack([baseline.hazard["negative"], baseline.hazard["positive"]]),
    }


# Hazard ratios


def test_the_hazard_is_halved_for_five_years_and_recovers_with_its_half_life():
    logs = log_hazard_ratio(hand_made(2), Effect("drug"), [0.0, 1.0, 5.0, 8.0, 11.0])
    assert logs.shape == (2, 5)
    assert np.exp(logs[1]) == pytest.approx([1, 0.5, 0.5, 0.5**0.5, 0.5**0.25], rel=1e-6)


def test_treatment_may_last_longer():
    logs = log_hazard_ratio(hand_made(), Effect("drug", duration=8.0), [8.0, 11.0])
    assert np.exp(logs[0]) == pytest.approx([0.5, 0.5**0.5], rel=1e-6)


def test_one_more_trial_has_an_effect_of_its_own():
    assert log_hazard_ratio(hand_made(), Effect("drug", population="new"), 1.0) == pytest.approx(-0.4)


@pytest.mark.parametrize(("endpoint", "scale"), [("any_recurrence", 1.0), ("distant_recurrence", 0.5), ("dfs", 0.8)])
def test_endpoints_scale_the_effect(endpoint, scale):
    assert log_hazard_ratio(hand_made(), Effect("drug", endpoint), 2.0) == pytest.approx(-LN2 * scale)


def test_each_draw_has_its_own_parameters():
    draws = hand_made(2)
    draws["carry"] = np.array([[3.0, 3.0, 3.0], [1.5, 1.5, 1.5]])
    draws["beta_class"] = np.array([[-1.0, 0.0, 0.0], [-2.0, 0.0, 0.0]])
    assert log_hazard_ratio(draws, Effect("drug"), 8.0).ravel() == pytest.approx([-0.5, -0.5], rel=1e-6)


# Deaths


def test_an_effect_that_does_not_end_is_the_same_on_deaths():
    logs = log_hazard_ratio(hand_made(), Effect("forever", "os"), [0.5, 5.0, 20.0])
    assert logs[0] == pytest.approx([-0.6 * LN2] * 3, rel=1e-6)


def deaths_at(year, end, hazard, lag):
    """Share of the deaths at a year that go back to a recurrence before the end of an effect, recurrences exponential.

    A recurrence at s leads to a death at t with weight exp(-hazard s - (t - s) / lag).
    """
    rate = 1 / lag - hazard
    return np.expm1(rate * min(year, end)) / np.expm1(rate * year)


@pytest.mark.parametrize("year", [2.0, 5.0, 7.0, 10.0, 15.0])
def test_deaths_follow_the_recurrences_before_them(year):
    draws = hand_made(carry=[1e-3] * 3)  # the effect ends with treatment
    share = deaths_at(year, 5.0, HAZARD, LAG)
    (logs,) = log_hazard_ratio(draws, Effect("drug", "breast_cancer_death"), [year])
    assert logs[0] / -LN2 == pytest.approx(share, abs=0.01)


def test_a_short_time_to_death_makes_deaths_as_recurrences():
    draws = hand_made(lag=1e-3)
    deaths = average(draws, Effect("drug", "breast_cancer_death"), 5.0, 10.0)
    assert deaths == pytest.approx(average(draws, Effect("drug"), 5.0, 10.0), rel=1e-6)


def test_the_average_on_deaths_is_that_of_simulated_women():
    rng = np.random.default_rng(1)
    recurrence = rng.exponential(1 / HAZARD, 400_000)
    death = recurrence + rng.exponential(LAG, len(recurrence))
    behind = recurrence[(death > 5.0) & (death <= 10.0)]
    acting = course(clock(behind, 5.0), AT_ONCE, 0.0, 3.0, 1.0)
    error = 5 * acting.std() / np.sqrt(len(acting))
    (found,) = average(hand_made(), Effect("drug", "breast_cancer_death"), 5.0, 10.0)
    assert found / -LN2 == pytest.approx(acting.mean(), abs=error + 0.005)


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize("window", [(0.0, 5.0), (5.0, 10.0), (2.6, 12.4)])
def test_averages_are_what_the_model_expects_of_a_printed_period(endpoint, window):
    draws = hand_made(onset=[0.4] * 3, fade=[0.05] * 3)
    rows = effects_of({"endpoint": endpoint, "window_start": window[0], "window_end": window[1]})
    design = therapy_design(rows, even_hazard(HAZARD, HAZARD))
    own = {name: draws[name][:, :1] if draws[name].ndim == 2 else draws[name] for name in ("onset", "fade", "carry")}
    expected = expected_entries(design, {**own, **{name: draws[name] for name in ("shape", "rho", "lag")}})
    assert average(draws, Effect("drug", endpoint), *window) == pytest.approx(-LN2 * expected[:, 0], rel=1e-9)


# Averages over events


def test_a_window_on_treatment_averages_to_the_effect():
    assert average(hand_made(3), Effect("drug"), 1.0, 4.5) == pytest.approx([-LN2] * 3)


def test_a_window_after_treatment_weighs_years_by_their_events():
    # Of exponential events, exp(-h t) (1/2)^(t / 3) over five years by hand.
    together = HAZARD + LN2 / 3
    share = (1 - np.exp(-5 * together)) / together / ((1 - np.exp(-5 * HAZARD)) / HAZARD)
    assert average(hand_made(), Effect("drug"), 5.0, 10.0) == pytest.approx(-LN2 * share, rel=2e-3)


def test_recurrences_are_those_of_the_disease_of_the_class_after_randomisation():
    draws = hand_made()
    draws["baseline_hazard"] = np.stack([np.full(35, 0.1), np.where(np.arange(35) < 10, 0.02, 0.05)])
    assert expected_recurrences(draws, 0)[0] == pytest.approx(0.02 * 0.25, rel=0.01)
    assert expected_recurrences(draws, 2)[:40].sum() < expected_recurrences(draws, 1)[:40].sum()
    late = YEARS > 7  # five years later than class 0: past year 12, where the hazard is higher
    assert expected_recurrences(draws, 2)[late][0] == pytest.approx(0.05 * WIDTHS[late][0] * np.exp(-0.21), rel=0.05)


# How long it lasts


def test_the_last_year_with_five_percent():
    # 2^-((t - 5) / 3) log 2 falls to -log 0.95 at t = 5 + 3 log2(log 2 / -log 0.95) = 16.27.
    last = 5 + 3 * np.log2(LN2 / -np.log(0.95))
    (found,) = years_of_benefit(hand_made(), Effect("drug"))
    assert last - 0.1 < found <= last


def test_an_effect_too_small_never_counts_and_one_without_end_is_beyond_the_horizon():
    small = hand_made(beta_class=[-0.05, 0.05, 0.3])
    assert [years_of_benefit(small, Effect(name))[0] for name in CLASSES] == [0, 0, 0]
    assert np.isnan(years_of_benefit(hand_made(), Effect("forever"))[0])


def test_less_treatment_harms_for_as_long_as_the_ratio_is_above_one():
    draws = hand_made()
    assert benefit_left(draws, Effect("drug_short"), 0.5) == pytest.approx(0.2)
    last = 0.5 + 3 * np.log2(0.2 / -np.log(0.95))
    (found,) = years_of_benefit(draws, Effect("drug_short"))
    assert last - 0.1 < found <= last
    helps = hand_made(beta_class=[-LN2, -0.2, -LN2])
    assert years_of_benefit(helps, Effect("drug_short"))[0] == 0


def test_little_is_left_in_the_draws_within_five_percent_of_one_or_beyond():
    draws = hand_made(4)
    draws["beta_class"] = np.log([[0.80, 1.3, 1], [0.94, 1.06, 1], [0.96, 1.04, 1], [1.2, 0.8, 1]])
    assert little_left(draws, Effect("drug"), [0.0, 1.0]) == pytest.approx([1.0, 0.5])
    assert little_left(draws, Effect("drug_short"), 0.4) == pytest.approx(0.5)


# What was learned


def test_contraction_is_the_share_of_the_spread_that_is_gone():
    assert contraction([-1.0, 1.0], [-2.0, 2.0]) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("narrowed", "word"), [(-0.2, "prior only"), (0.05, "prior only"), (0.2, "in part"), (0.6, "evidence")]
)
def test_words_go_by_the_contraction(narrowed, word):
    prior = np.random.default_rng(1).normal(size=2000)
    answer = learned(prior * (1 - narrowed), prior, 0.9)
    assert answer["contraction"] == pytest.approx(narrowed)
    assert answer["informed_by"] == word


def test_what_is_positive_is_judged_on_the_log_scale():
    prior = np.exp(np.random.default_rng(1).normal(size=2000))
    halved = learned(100 * np.sqrt(prior), prior, 0.9)
    assert halved["contraction"] == pytest.approx(0.5)
    assert halved["median"] == pytest.approx(100 * np.sqrt(np.median(prior)), rel=1e-3)


# Refusals


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ({"endpoint": "pfs"}, "endpoint: 'pfs' is not one of any_recurrence, distant_recurrence"),
        ({"population": "all"}, "population: 'all' is not one of typical, new"),
        ({"duration": 0.0}, "duration: 0.0 is not a number of years above 0"),
        ({"duration": float("nan")}, "duration: nan"),
    ],
)
def test_unknown_words_are_refused_by_name(question, message):
    with pytest.raises(ValueError, match=message):
        Effect("drug", **question)


def test_an_unknown_class_is_refused_with_those_there_are():
    with pytest.raises(KeyError, match=r"no class 'chemo' .* it has drug, drug_short, forever"):
        log_hazard_ratio(hand_made(), Effect("chemo"), 1.0)


# The whole answer, from a stored posterior


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return store_prior_as_posterior(tmp_path_factory.mktemp("project"), n=200)


@pytest.fixture(scope="module")
def answer(project):
    return answer_effect(project, "extended_endocrine", [1.0, 8.0], endpoint="dfs", duration=None, level=0.9)


def test_the_answer_repeats_the_question_with_what_it_left_unsaid(answer):
    asked = answer["question"]
    assert (asked["class"], asked["endpoint"], asked["at"]) == ("extended_endocrine", "dfs", [1.0, 8.0])
    assert (asked["duration"], asked["randomised_year"], asked["er"]) == (5.0, 5.0, "positive")


def test_the_answer_names_its_trials_and_rows(answer):
    assert answer["evidence"]["trials"] == ["Delta", "Epsilon"]
    assert answer["evidence"]["rows"] == ["e0004", "e0005 after e0004", "e0006"]


def test_the_answer_has_every_part_in_order(answer):
    assert [each["year"] for each in answer["hazard_ratios"]] == [1.0, 8.0]
    assert [(each["from"], each["to"]) for each in answer["windows"]] == [(0, 2), (2, 5), (5, 10), (10, 15)]
    assert tuple(answer["endpoints"]) == ENDPOINTS
    assert {name: each["to"] for name, each in answer["endpoints"].items()} == {
        name: 10.0 if name in ("breast_cancer_death", "os") else 5.0 for name in ENDPOINTS
    }
    for each in (*answer["hazard_ratios"], *answer["windows"], *answer["endpoints"].values()):
        assert 0 < each["lower"] < each["median"] < each["upper"]
        assert each["predictive"]["lower"] < each["predictive"]["upper"]
    assert [each["year"] for each in answer["little_left"]] == [1.0, 8.0]


def test_one_more_trial_is_less_certain_than_the_class(answer):
    first = answer["hazard_ratios"][0]
    typical, new = (np.log(each["upper"] / each["lower"]) for each in (first, first["predictive"]))
    assert new > typical


def test_draws_of_the_prior_have_learned_nothing(answer):
    for name in ("onset_half_time", "fade_per_year", "carry_over_half_life", "heterogeneity", "full_effect"):
        assert answer[name]["contraction"] == pytest.approx(0)
        assert answer[name]["informed_by"] == "prior only"


def test_an_unknown_class_is_a_wrong_usage(project):
    with pytest.raises(UsageError, match=r"--class: no class 'chemo' .* endocrine_tamoxifen, extended_endocrine"):
        answer_effect(project, "chemo", [1.0], endpoint="dfs", duration=None, level=0.9)


def test_a_wrong_duration_is_refused(project):
    with pytest.raises(ValueError, match="duration: -1"):
        answer_effect(project, "extended_endocrine", [1.0], endpoint="dfs", duration=-1, level=0.9)
