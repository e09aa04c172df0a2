"""Are the quantities that claims are about those of hand-made posteriors and rows?"""

from __future__ import annotations

import math
import shutil

import numpy as np
import pytest
from scipy import stats

from claim_stand_in import DISTANT, LAG, claim, constant_hazards, one_effect, same_shares, sources_of
from evidence_folder import DATA
from resurge.findings.claim_sources import Sources, UnansweredError, read_off, spread
from resurge.findings.claims import ESTIMANDS, judge
from resurge.project import Project
from resurge.reporting.claim_words import (
    FROM_ROWS,
    beside,
    odds,
    reason_words,
)
from resurge.synthesis.pooling import HalfNormal, Normal, random_effects
from resurge.synthesis.resistance_priors import FACETS

GRID = (np.arange(100) + 0.5) / 100
"""0.005, 0.015 ... 0.995: a uniform sample whose probabilities can be counted."""


# Estimands of the recurrence model, by hand

NEGATIVE, POSITIVE = 0.05, 0.02
N = 400


def estimand(name, negative=NEGATIVE, positive=POSITIVE, **cells):
    draws = constant_hazards(np.full(N, negative), np.full(N, positive))
    sources = sources_of({"recurrence": draws, "therapy": {"lag": np.full(N, LAG)}})
    return ESTIMANDS[name](sources, claim(name, ">=", "0", "", "proportion", **cells))


def by(year, hazard):
    return -math.expm1(-hazard * year)


def test_median_time_to_distant_recurrence_is_that_of_an_exponential():
    found = estimand("median_time_er_negative")
    hazard = NEGATIVE * DISTANT
    assert found.values[""] == pytest.approx(-math.log1p(-by(20, hazard) / 2) / hazard, abs=1e-3)
    between, before = found.beside[:2]
    assert between.draws == pytest.approx((by(5, hazard) - by(3, hazard)) / by(20, hazard))
    assert before.draws == pytest.approx(by(3, hazard) / by(20, hazard))


def test_late_share_and_late_hazard_are_those_of_an_exponential():
    found = estimand("share_after_5_er_positive")
    assert found.values[""] == pytest.approx(1 - by(5, POSITIVE) / by(20, POSITIVE))
    assert found.beside[0].draws == pytest.approx(1 - by(5, POSITIVE * DISTANT) / by(20, POSITIVE * DISTANT))
    assert estimand("hazard_15_to_20_er_positive").values[""] == pytest.approx(POSITIVE)


def test_the_quoted_range_is_of_years_5_to_20_and_the_risk_from_diagnosis_stands_beside():
    found = estimand("late_risk_by_stage")
    assert list(found.values) == ["T1N0", "T2N4-9"]
    for draws in found.values.values():
        assert draws == pytest.approx(by(15, POSITIVE * DISTANT))
    whole = {each.what: each.draws for each in found.beside}
    assert whole["T2N4-9, from diagnosis to year 20"] == pytest.approx(by(20, POSITIVE * DISTANT))


def test_the_early_ratio_of_receptor_groups_is_that_of_their_hazards():
    assert estimand("er_negative_ratio_0_to_5").values[""] == pytest.approx(math.log(NEGATIVE / POSITIVE))


def test_both_groups_together_are_each_alone_where_they_are_alike():
    hazard = 0.03
    both = {"negative": hazard, "positive": hazard}
    assert estimand("distant_risk_by_20", **both).values[""] == pytest.approx(by(20, hazard * DISTANT))
    assert estimand("share_after_10", **both).values[""] == pytest.approx(1 - by(10, hazard) / by(20, hazard))


def test_both_groups_together_lie_between_them_by_the_share_of_registries():
    share = estimand("er_negative_share").values[""]
    assert 0.15 < np.median(share) < 0.19  # both registries print 16% to 18%
    risk = estimand("distant_risk_by_20").values[""].mean()
    low, high = by(20, POSITIVE * DISTANT), by(20, NEGATIVE * DISTANT)
    assert (risk - low) / (high - low) == pytest.approx(share.mean(), abs=1e-3)


def test_death_follows_distant_recurrence_after_an_exponential_delay():
    hazard = 0.03
    found = estimand("breast_cancer_survival_at_10", negative=hazard, positive=hazard)
    rate, die = hazard * DISTANT, 1 / LAG
    alive = (die * math.exp(-rate * 10) - rate * math.exp(-die * 10)) / (die - rate)
    assert found.values[""] == pytest.approx(alive, abs=1e-4)
    assert found.beside[0].draws == pytest.approx(1 - by(10, rate))


def test_a_probability_is_the_share_of_draws_in_which_the_claim_holds():
    hazards = np.where(
        np.arange(1000) < 730, 0.01, 0.2
    )  # half of the recurrences of 20 years after year 5: not in the latter
    draws = constant_hazards(hazards, hazards)
    judged = judge(
        claim("share_after_5_er_positive", ">=", "0.5", "", "proportion"), sources_of({"recurrence": draws}), 0.95
    )
    assert judged["probability"] == pytest.approx(0.73)
    assert judged["verdict"] == "undecided"
    assert judged["reason"] is None


def test_bone_metastases_are_those_of_the_whole_course_and_all_subtypes():
    bone = np.where(np.arange(1000) < 250, 0.66, 0.6)  # within 5 points of 70% in a quarter of the draws
    sources = sources_of({"metastasis": same_shares(bone)})
    judged = judge(claim("sites_ever_bone", "approximately", "0.7", "0.7", "proportion"), sources, 0.95)
    assert judged["probability"] == pytest.approx(0.25)
    assert judged["estimates"][0]["mean"] == pytest.approx(bone.mean())
    assert [each["what"] for each in judged["beside"]][:1] == ["in one more source"]
    assert judged["value_in_interval"] is False
    assert beside(judged)[0] == "70% lies outside the interval"


# Estimands of mechanisms, by hand


def asked_about(facet, *mechanisms):
    return claim(f"facet_{facet}", ">=", "0", "", "oriented log effect", mechanism_id="; ".join(mechanisms))


def test_a_direction_holds_in_the_draws_above_nothing():
    effect = np.where(np.arange(1000) < 880, 0.3, -0.1)
    draws = one_effect(effect, [("M_NRF2", "marker_prognosis", "one"), ("M_NRF2", "marker_prognosis", "two")])
    judged = judge(asked_about("marker_prognosis", "M_NRF2"), sources_of({"resistance": draws}), 0.95)
    assert judged["probability"] == pytest.approx(0.88)
    assert (judged["verdict"], judged["leans"]) == ("leaning", "for")
    assert judged["notes"] == ["M_NRF2: 2 rows of 2 sources"]
    assert judged["probability_without_rows"] == 0.5
    assert odds(judged) == "probability 88% (50% without its own rows, which speak for it)"


def test_a_claim_on_several_mechanisms_is_about_their_mean_and_each_stands_beside():
    facet = "marker_prognosis"
    draws = one_effect(GRID, [("M_CD44", facet, "one"), ("M_XCT", "intervention", "one")], {("M_XCT", facet): 0.4})
    found = ESTIMANDS[f"facet_{facet}"](sources_of({"resistance": draws}), asked_about(facet, "M_CD44", "M_XCT"))
    assert found.values[""] == pytest.approx(GRID + 0.2)
    stands = {each.what: each.draws for each in found.beside}
    assert stands["M_CD44"] == pytest.approx(GRID)
    assert stands["M_XCT"] == pytest.approx(GRID + 0.4)
    assert stands["acting on it, in patients"] == pytest.approx(GRID)
    assert "M_XCT has no row of its own here" in found.notes[1]


def test_cells_and_patients_animals_and_patients_are_told_apart():
    draws = one_effect(
        0.01 * GRID, [("M_GSH", facet, "one") for facet in FACETS], {("M_GSH", "intervention_animals"): 0.7}
    )
    for facet in FACETS:
        found = ESTIMANDS[f"facet_{facet}"](sources_of({"resistance": draws}), asked_about(facet, "M_GSH"))
        assert found.values[""] == pytest.approx(0.01 * GRID + (0.7 if facet == "intervention_animals" else 0.0))


def test_a_fold_change_is_the_exponential_of_the_effect_in_cells():
    draws = one_effect(np.log([4.0, 4.9, 5.1, 3.3]), [("M_OXPHOS", "marker_induction_cells", "one")])
    asked = claim("fold_marker_induction_cells", "approximately", "4", "4", "fold", mechanism_id="M_OXPHOS")
    assert judge(asked, sources_of({"resistance": draws}), 0.95)["probability"] == 0.75


@pytest.mark.parametrize(("name", "words"), [("M_NRF2", "needs evidence on M_NRF2"), ("M_NONE", "needs M_NONE")])
def test_a_mechanism_without_rows_in_the_facet_has_no_verdict(name, words):
    draws = one_effect(np.ones(10), [("M_NRF2", "intervention", "one")])
    judged = judge(asked_about("marker_prognosis", name), sources_of({"resistance": draws}), 0.95)
    assert judged["verdict"] == "not testable"
    assert words in judged["reason"]


def untested(**cells):
    return claim("", "", "", "", "", testable="no_quantitative_evidence", test_kind="", how_to_test="a trial", **cells)


def test_an_untried_combination_has_no_verdict_but_what_is_expected_of_its_class():
    draws = one_effect(GRID, [("M_BTK", "intervention", "one")], {("M_BTKTRAS", "intervention_animals"): 1.0})
    sources = sources_of({"resistance": draws})
    judged = judge(untested(mechanism_id="M_BTK; M_BTKTRAS"), sources, 0.95)
    assert judged["verdict"] == "not testable"
    assert judged["probability"] is None
    patients, animals = judged["beside"]
    assert "expected of an untested mechanism of its class" in animals["what"]
    assert (patients["median"], animals["median"]) == pytest.approx((0.5, 1.5))
    assert "Expected of an untested mechanism" in reason_words(judged)
    assert not judge(untested(mechanism_id="M_BTK"), sources, 0.95)["beside"]


def test_without_a_posterior_or_a_catalogue_nothing_is_expected(tmp_path):
    sources = Sources.of(Project(tmp_path))
    assert not judge(untested(mechanism_id="M_BTKTRAS"), sources, 0.95)["beside"]
    (tmp_path / "data").mkdir()
    shutil.copy(DATA / "mechanisms.csv", tmp_path / "data")
    assert not judge(untested(mechanism_id="M_BTKTRAS"), Sources.of(Project(tmp_path)), 0.95)["beside"]


def test_a_combination_that_was_tried_is_not_called_untested():
    draws = one_effect(GRID, [("M_BTKTRAS", "intervention", "one")])
    assert not judge(untested(mechanism_id="M_BTKTRAS"), sources_of({"resistance": draws}), 0.95)["beside"]


# Estimands of rows, by hand


def rows_of(**tables):
    return lambda table: tables[table]


def effect(row_id, log_effect, se):
    return {"row_id": row_id, "log_effect": str(log_effect), "se_log": str(se), "mean_treated": "", "n_treated": ""}


def test_a_difference_of_rows_is_normal():
    sources = sources_of({}, rows_of(resistance_effects=[effect("x0001", 0.8, 0.3), effect("x0002", 0.5, 0.4)]))
    asked = claim("difference_of_rows", ">=", "0", "", "log hazard ratio", rows="x0001; x0002")
    judged = judge(asked, sources, 0.95)
    assert judged["probability"] == pytest.approx(stats.norm.cdf(0.3 / 0.5), abs=5e-4)
    assert judged["estimates"][0]["median"] == pytest.approx(0.3, abs=1e-3)
    assert judged["estimates"][0]["upper"] == pytest.approx(0.3 + 1.96 * 0.5, abs=2e-3)
    assert judged["from_rows"]
    assert beside(judged) == [FROM_ROWS]


def test_pooled_rows_are_those_of_the_pooling():
    sources = sources_of({}, rows_of(resistance_effects=[effect("x0001", 0.2, 0.1), effect("x0002", 0.4, 0.2)]))
    asked = claim("pooled_rows", ">=", "0", "", "oriented log effect", rows="x0001; x0002")
    pooled = random_effects([0.2, 0.4], [0.1, 0.2], mu_prior=Normal(0, 1.5), tau_prior=HalfNormal(0.2))
    assert judge(asked, sources, 0.95)["probability"] == pytest.approx(pooled.probability_positive, abs=5e-4)


def test_a_response_rate_carries_a_sceptical_prior():
    row = {"row_id": "x0001", "mean_treated": "15", "n_treated": "40"}
    asked = claim("response_rate", ">=", "0.16", "", "proportion", rows="x0001")
    judged = judge(asked, sources_of({}, rows_of(resistance_effects=[row])), 0.95)
    posterior = stats.beta(15 + 40 * 0.16, 25 + 40 * 0.84)
    assert judged["probability"] == pytest.approx(posterior.sf(0.16), abs=5e-4)
    assert judged["estimates"][0]["median"] == pytest.approx(posterior.median(), abs=1e-4)
    assert judged["estimates"][0]["median"] < 15 / 40


@pytest.mark.parametrize(
    ("name", "row", "words"),
    [
        ("pooled_rows", effect("x0002", 0.1, 0.1), "needs row x0001"),
        ("pooled_rows", effect("x0001", 0.1, ""), "needs an effect and a standard error in row x0001"),
        ("response_rate", effect("x0001", 0.1, 0.1), "needs responders and patients in row x0001"),
    ],
)
def test_a_claim_whose_row_is_not_there_says_so(name, row, words):
    asked = claim(name, ">=", "0.1", "", "proportion", rows="x0001")
    judged = judge(asked, sources_of({}, rows_of(resistance_effects=[row])), 0.95)
    assert judged["verdict"] == "not testable"
    assert words in judged["reason"]


def test_without_counts_by_receptor_there_is_no_share():
    with pytest.raises(UnansweredError, match="counts by ER status"):
        ESTIMANDS["er_negative_share"](sources_of({}, rows_of(case_mix=[])), {})


def test_values_that_stand_for_draws_keep_their_distribution():
    pooled = random_effects([0.2, 0.4], [0.1, 0.2], mu_prior=Normal(0, 1.5), tau_prior=HalfNormal(0.2)).mu
    values = read_off(pooled)
    assert (values.mean(), values.std()) == pytest.approx((pooled.mean, pooled.sd), rel=5e-3)
    taken = spread(values, 1000)
    assert taken.mean() == pytest.approx(values.mean(), abs=1e-3)
    assert abs(np.corrcoef(taken, np.arange(1000))[0, 1]) < 0.1
    assert (spread(values, 1000) == taken).all()
