"""Are risks that trials print held against the models as one would by hand?"""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from constant_draws import constant_hazard, constant_ratio
from resurge.evidence import load_evidence
from resurge.findings.trial_risks import check_trials, held_against, model_risks, treated_risk, trial_risks

DATA = Path(__file__).parents[1] / "data"
CLASS = "extended_endocrine"
ROW = {
    "row_id": "e0001", "source_id": "alpha2001", "trial": "Alpha", "setting": "extended_adjuvant", "er": "positive",
    "nodal": "any", "menopausal": "any", "population_notes": "", "treatment": "a", "control": "b",
    "effect_class": CLASS, "inverted": "no", "endpoint": "any_recurrence", "landmark_year": 10.0,
    "survival_treatment": 0.8, "survival_control": 0.7, "randomised_year": 5.0, "contrast_start_year": 0.0,
    "contrast_years": 5.0, "se_log": np.nan, "use": "yes", "used_as": "effect", "inside": "", "exclude_reason": "",
}  # fmt: skip
RATE = {"source_id": "beta2010", "endpoint": "any_recurrence", "use": "yes", "statistic": "cumulative_risk"}


def evidence(*rows, rates=()):
    effects = pd.DataFrame([ROW | row for row in rows])
    return SimpleNamespace(therapy_effects=effects, recurrence_rates=pd.DataFrame([RATE, *rates]))


def only(*rows, **more):
    (trial,) = trial_risks(evidence(*rows, **more), [CLASS])
    return trial


def test_risks_are_what_is_left_of_survival():
    trial = only({})
    assert (trial.without, trial.treated, trial.difference) == pytest.approx((0.3, 0.2, 0.1))


def test_arms_change_places_where_the_row_is_upside_down():
    trial = only({"inverted": "yes"})
    assert (trial.without, trial.treated) == pytest.approx((0.2, 0.3))


@pytest.mark.parametrize(
    "row",
    [
        {"setting": "metastatic"},
        {"endpoint": "dfs"},
        {"endpoint": "os"},
        {"effect_class": "unknown"},
        {"landmark_year": np.nan},
        {"survival_control": np.nan},
    ],
)
def test_other_rows_have_no_risks_of_recurrence(row):
    assert trial_risks(evidence(row), [CLASS]) == []


def test_of_one_comparison_the_latest_landmark_counts():
    trials = trial_risks(evidence({"landmark_year": 5.0}, {}, {"landmark_year": 3.0}, {"nodal": "positive"}), [CLASS])
    assert [(trial.nodal, trial.years) for trial in trials] == [("any", 10.0), ("positive", 10.0)]


@pytest.mark.parametrize(
    ("rows", "read"),
    [
        ([{}], "this row"),
        ([{"used_as": ""}, {"endpoint": "dfs", "used_as": "shape"}], "the same women"),
        ([{"used_as": "", "exclude_reason": "overlaps:e0010"}], "the same women"),
        ([{"used_as": "", "inside": "Overview"}], "the same women"),
        ([{"used_as": ""}, {"trial": "Beta", "endpoint": "dfs"}], "nothing"),
    ],
)
def test_what_the_therapy_model_has_read_is_told(rows, read):
    assert only(*rows).ratio_from == read


def test_what_the_recurrence_model_has_read_is_told():
    assert not only({}).risk_known
    assert only({"source_id": "beta2010"}).risk_known
    assert not only({"source_id": "beta2010", "endpoint": "distant_recurrence"}).risk_known
    assert not only({}, rates=[RATE | {"source_id": "alpha2001", "use": "no"}]).risk_known


def test_a_constant_ratio_raises_survival_to_its_power():
    risks = treated_risk(constant_ratio([0.5, 0.8]), only({}))
    np.testing.assert_allclose(risks, [1 - 0.7**0.5, 1 - 0.7**0.8], rtol=1e-6)


def test_years_before_arms_differ_change_nothing():
    late = only({"contrast_start_year": 5.0})
    half = treated_risk(constant_ratio([0.5]), late)[0]
    # A constant hazard of 0.02 puts half of the hazard of ten years into each five.
    assert half == pytest.approx(1 - 0.7 ** (0.5 + 0.5 * 0.5), rel=1e-3)
    assert treated_risk(constant_ratio([0.5]), only({"contrast_start_year": 12.0}))[0] == pytest.approx(0.3)


def test_chance_has_the_size_of_the_trials_own_error():
    ratios = np.full(20_000, 0.5)
    risks = treated_risk(constant_ratio(ratios), only({"se_log": 0.2}))
    logs = np.log(np.log1p(-risks) / np.log(0.7))
    assert logs.mean() == pytest.approx(np.log(0.5), abs=0.01)
    assert logs.std() == pytest.approx(0.2, rel=0.03)
    calm = treated_risk(constant_ratio(ratios), only({"se_log": 0.2}), chance=False)
    assert np.ptp(calm) < 1e-12


def test_both_models_predict_both_arms():
    found = model_risks(constant_hazard([0.03]), constant_ratio([0.5]), only({}))
    np.testing.assert_allclose(found.without, [[1 - np.exp(-0.3)]])
    np.testing.assert_allclose(found.treated, [[1 - np.exp(-0.15)]], rtol=1e-6)


@pytest.mark.parametrize("row", [{"er": "any"}, {"endpoint": "bone_recurrence"}, {"nodal": "unknown"}])
def test_women_whom_the_recurrence_model_does_not_know_get_no_prediction(row):
    assert model_risks(constant_hazard([0.03]), constant_ratio([0.5]), only(row)) is None


def test_inside_is_between_the_limits():
    draws = np.linspace(0, 1, 101)
    assert held_against(0.5, draws, 0.9) == pytest.approx({"lower": 0.05, "median": 0.5, "upper": 0.95, "inside": True})
    assert not held_against(0.96, draws, 0.9)["inside"]


def test_printed_differences_are_set_beside_both_predictions():
    trials = trial_risks(evidence({}, {"er": "any", "trial": "Beta"}), [CLASS])
    checks = check_trials(constant_hazard([0.03]), constant_ratio([0.5]), trials, 0.95)
    assert checks["difference"].tolist() == pytest.approx([0.1, 0.1])
    assert checks["given_median"].tolist() == pytest.approx([0.7**0.5 - 0.7] * 2)
    assert checks["baseline_median"].tolist() == pytest.approx([1 - np.exp(-0.3), np.nan], nan_ok=True)
    assert checks["model_inside"].tolist() == [False, False]


def test_the_trial_of_ten_against_five_years_of_tamoxifen_is_read_as_printed():
    trials = trial_risks(load_evidence(DATA), [CLASS])
    (atlas,) = (trial for trial in trials if trial.trial == "ATLAS")
    assert (atlas.without, atlas.treated, atlas.years, atlas.randomised_year) == pytest.approx((0.251, 0.214, 10, 5))
    assert (atlas.ratio_from, atlas.risk_known) == ("the same women", True)
