"""Do the forms in which papers print effects, risks and rates give rows that are sound, or a sentence?"""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from added_rows import EFFECT, RATE, scripted
from resurge.evidence import check_evidence
from resurge.evidence.effects import EffectError, from_counts, from_observed_minus_expected
from resurge.evidence.new_rows import AddingError
from resurge.evidence.printed_cells import interval_check
from resurge.evidence.printed_effects import PRINTED, cells_of
from resurge.evidence.printed_rates import RATES


def test_an_interval_gives_log_ratio_and_error_as_the_rules_of_the_table_want_them(folder):
    row = scripted(folder, "therapy_effects", EFFECT | {"estimate": "0.80", "lower": "0.68", "upper": "0.93"})
    assert float(row["log_estimate"]) == pytest.approx(math.log(0.8), abs=1e-6)
    assert float(row["se_log"]) == pytest.approx(math.log(0.93 / 0.68) / (2 * 1.959964), abs=1e-6)
    assert (row["se_from"], row["measure"], row["level"]) == ("interval", "HR", "0.95")
    assert (row["window_end"], row["window_end_from"], row["used_as"]) == ("5", "landmark_year", "effect")
    assert row["contrast_years_from"] == "assumed"
    assert check_evidence(folder) == []


def test_a_p_value_printed_as_a_bound_is_marked(folder):
    row = scripted(folder, "therapy_effects", EFFECT | {"estimate": "0.70", "p_value": "<0.001"})
    assert float(row["se_log"]) == pytest.approx(abs(math.log(0.7)) / 3.290527, abs=1e-6)
    assert (row["se_from"], row["se_is_upper_bound"]) == ("p", "yes")
    assert check_evidence(folder) == []


EXAMPLES = {
    "interval": {"estimate": "0.80", "lower": "0.68", "upper": "0.93"},
    "p": {"estimate": "0.80", "p_value": "0.005"},
    "one_sided_p": {"estimate": "0.80", "p_value": "0.0025"},
    "arm_events": {"estimate": "0.80", "events_treatment": "90", "events_control": "110"},
    "risk_ratio": {"events_treatment": "90", "n_treatment": "400", "events_control": "110", "n_control": "400"},
    "odds_ratio": {"events_treatment": "90", "n_treatment": "400", "events_control": "110", "n_control": "400"},
    "peto": {"events_treatment": "90", "n_treatment": "400", "events_control": "110", "n_control": "400"},
    "one_limit": {"estimate": "0.80", "limit": "0.93", "one_sided_level": "0.975"},
    "standard_error": {"estimate": "0.64", "error": "0.09"},
    "total_events": {"estimate": "0.80", "events": "200"},
    "percent_reduction": {"percent": "28", "percent_lower": "10", "percent_upper": "42"},
    "upside_down": {"estimate": "1.25", "lower": "1.08", "upper": "1.47"},
    "observed_minus_expected": {"observed_minus_expected": "-11.2", "variance": "50"},
    "events": {"events_treatment": "90", "events_control": "110"},
    "person_time": {
        **{"events_treatment": "90", "time_treatment": "2000"},
        **{"events_control": "110", "time_control": "1950"},
    },
    "risk_difference": {"difference": "-0.05", "control_risk": "0.275", "n_treatment": "400", "n_control": "400"},
    "survival": {
        **{"survival_treatment": "0.733", "survival_control": "0.674"},
        **{"error_treatment": "0.013", "error_control": "0.014"},
    },
    "survival_at_risk": {
        **{"survival_treatment": "0.733", "survival_control": "0.674"},
        **{"at_risk_treatment": "500", "at_risk_control": "480"},
    },
    "survival_intervals": {
        **{"survival_treatment": "0.733", "survival_treatment_lower": "0.705", "survival_treatment_upper": "0.759"},
        **{"survival_control": "0.674", "survival_control_lower": "0.645", "survival_control_upper": "0.702"},
    },
    "medians": {
        **{"median_treatment": "7.5", "median_control": "6.0"},
        **{"events_treatment": "90", "events_control": "110"},
    },
}


@pytest.mark.parametrize("kind", PRINTED)
def test_every_form_in_which_papers_print_effects_gives_a_sound_row(folder, kind):
    row = scripted(folder, "therapy_effects", EFFECT, kind, EXAMPLES[kind].items())
    assert check_evidence(folder) == []
    assert -0.7 < float(row["log_estimate"]) < -0.1
    assert 0.03 < float(row["se_log"]) < 0.25
    assert "log ratio" in interval_check(row)


def test_what_has_no_column_is_told_in_the_notes_and_says_the_same(folder):
    row = scripted(
        folder, "therapy_effects", EFFECT, "observed_minus_expected", EXAMPLES["observed_minus_expected"].items()
    )
    assert float(row["log_estimate"]) == pytest.approx(from_observed_minus_expected(-11.2, 50).estimate, abs=1e-4)
    assert float(row["se_log"]) == pytest.approx(1 / math.sqrt(50), rel=1e-3)
    assert "observed_minus_expected -11.2, variance 50" in row["notes"]


def test_counts_without_events_in_one_arm_are_corrected_and_kept(folder):
    counts = {"events_treatment": "0", "n_treatment": "50", "events_control": "6", "n_control": "50"}
    row = scripted(folder, "therapy_effects", EFFECT, "risk_ratio", counts.items())
    assert float(row["log_estimate"]) == pytest.approx(from_counts(0, 50, 6, 50, "RR").estimate, abs=1e-3)
    assert row["events_treatment"] == "0"


@pytest.mark.parametrize(
    ("kind", "numbers", "right"),
    [
        ("interval", {"estimate": "0.80", "lower": "0.93", "upper": "0.68"}, "above the upper one"),
        ("interval", {"estimate": "0.80", "lower": "0.68"}, "lacks upper"),
        ("interval", {"estimate": "0.80", "lower": "0.20", "upper": "0.82"}, "not around the estimate"),
        ("interval", {"estimate": "abc", "lower": "0.20", "upper": "0.82"}, "must be a number"),
        ("p", {"estimate": "1.00", "p_value": "0.5"}, "says nothing"),
        ("p", {"estimate": "0.8", "p_value": ">0.05"}, "greater than"),
        ("survival", {**EXAMPLES["survival"], "survival_control": "67.4"}, "86% is 0.86"),
        ("events", {"events_treatment": "0", "events_control": "0"}, "neither arm has an event"),
        ("observed_minus_expected", {"observed_minus_expected": "60", "variance": "0.01"}, "cannot be written"),
    ],
)
def test_numbers_that_give_no_effect_say_why(kind, numbers, right):
    with pytest.raises(EffectError, match=right):
        cells_of(kind, numbers)


@given(
    st.sampled_from(sorted(PRINTED)),
    st.lists(
        st.one_of(st.text(max_size=8), st.floats().map(str), st.integers(-5, 500).map(str)), min_size=6, max_size=6
    ),
)
def test_any_numbers_give_an_effect_with_an_error_or_a_sentence(kind, values):
    given_numbers = dict(zip(PRINTED[kind].asks, values, strict=False))
    try:
        cells = cells_of(kind, given_numbers)
    except EffectError as error:
        assert str(error)
    else:
        assert math.isfinite(float(cells["log_estimate"])) and float(cells["se_log"]) >= 0


@given(
    st.floats(0.05, 20).map(lambda ratio: f"{ratio:.3f}"),
    st.floats(0.02, 1.5),
    st.sampled_from(["0.9", "0.95", "0.99"]),
)
def test_a_printed_interval_gives_back_its_own_width(ratio, se, level):
    from statistics import NormalDist

    z = NormalDist().inv_cdf((1 + float(level)) / 2)
    lower, upper = (f"{float(ratio) * math.exp(sign * z * se):.6f}" for sign in (-1, 1))
    cells = cells_of("interval", {"estimate": ratio, "lower": lower, "upper": upper, "level": level})
    assert float(cells["se_log"]) == pytest.approx(se, rel=2e-3)
    assert "middle of the interval" in interval_check(cells | {"estimate": ratio})


PRINTED_RATES = [
    ("risk", {"estimate": "0.12"}, ("cumulative_risk", "0.12", "", "", "none", "no")),
    ("risk_percent", {"estimate": "12.0%"}, ("cumulative_risk", "0.12", "", "", "none", "no")),
    (
        "risk_percent",
        {"estimate": "12", "lower": "10", "upper": "14.5"},
        ("cumulative_risk", "0.12", "0.1", "0.145", "ci", "no"),
    ),
    ("event_free", {"estimate": "0.88"}, ("cumulative_risk", "0.12", "", "", "none", "yes")),
    (
        "event_free_percent",
        {"estimate": "88.0", "lower": "85.5", "upper": "90"},
        ("cumulative_risk", "0.12", "0.1", "0.145", "ci", "yes"),
    ),
    ("annual_rate", {"estimate": "0.02"}, ("annual_rate", "0.02", "", "", "none", "no")),
    (
        "person_years",
        {"events": "30", "person_years": "1500"},
        ("events_over_person_years", "0.02", "", "", "none", "yes"),
    ),
]


@pytest.mark.parametrize(("kind", "numbers", "expected"), PRINTED_RATES)
def test_risks_and_rates_are_taken_in_the_forms_of_papers(folder, kind, numbers, expected):
    known = {name: value for name, value in RATE.items() if name not in ("estimate", "statistic")}
    row = scripted(folder, "recurrence_rates", known, kind, numbers.items())
    statistic, *numbers_expected, bounds, derived = expected
    assert (row["statistic"], row["bounds"], row["derived"]) == (statistic, bounds, derived)
    found = [row[name] for name in ("estimate", "lower", "upper")]
    assert [each and float(each) for each in found] == [each and float(each) for each in numbers_expected]
    assert check_evidence(folder) == []


@pytest.mark.parametrize(
    ("kind", "numbers", "right"),
    [
        ("risk", {"estimate": "12"}, "between 0 and 1"),
        ("event_free_percent", {"estimate": "880"}, "between 0 and 100"),
        ("risk", {"estimate": "0.12", "lower": "0.1"}, "an interval has both"),
        ("risk", {"estimate": ""}, "must be a number"),
        ("risk", {"estimate": "NaN"}, "a paper could print"),
        ("risk", {"estimate": "1e-999999"}, "a paper could print"),
        ("person_years", {"events": "3", "person_years": "0"}, "greater than 0"),
    ],
)
def test_risks_and_rates_that_cannot_be_say_why(kind, numbers, right):
    with pytest.raises(EffectError, match=right):
        RATES[kind].cells(numbers)


@given(st.sampled_from(sorted(RATES)), st.lists(st.text(max_size=8) | st.floats().map(str), min_size=4, max_size=4))
def test_any_numbers_give_a_risk_or_rate_or_a_sentence(kind, values):
    try:
        cells = RATES[kind].cells(dict(zip(RATES[kind].asks, values, strict=False)))
    except EffectError as error:
        assert str(error)
    else:
        assert math.isfinite(float(cells["estimate"]))


def test_forms_and_numbers_are_named_where_they_are_wrong(folder):
    with pytest.raises(AddingError, match="no form in which papers print this"):
        scripted(folder, "therapy_effects", EFFECT, "hunch")
    with pytest.raises(AddingError, match="interval takes estimate, lower, upper, level"):
        scripted(folder, "therapy_effects", EFFECT, "interval", {"variance": "1"}.items())
    with pytest.raises(AddingError, match="one of risk, risk_percent, event_free"):
        scripted(folder, "recurrence_rates", RATE, "interval", {"estimate": "1"}.items())
    with pytest.raises(AddingError, match=r"nothing is computed for populations\.csv"):
        scripted(folder, "populations", {"population": "A"}, "interval", {"estimate": "1"}.items())
    with pytest.raises(AddingError, match="need --prints"):
        scripted(folder, "recurrence_rates", RATE, None, {"estimate": "1"}.items())
