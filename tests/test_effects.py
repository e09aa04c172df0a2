"""Do conversions of published statistics give what the literature computes, undo themselves, refuse what is wrong?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from evidence_folder import DATA
from resurge.evidence import read_rows
from resurge.evidence.effects import (
    EffectError,
    NoInformationError,
    from_counts,
    from_events,
    from_interval,
    from_landmark_intervals,
    from_landmark_survival,
    from_landmark_survival_at_risk,
    from_medians,
    from_observed_minus_expected,
    from_one_limit,
    from_one_sided_p_value,
    from_p_value,
    from_percent_reduction,
    from_person_time,
    from_ratio_with_error,
    from_risk_difference,
    inverted,
    inverted_interval,
    peto_odds_ratio,
    ratio_of_reduction,
)

log_ratios = st.floats(-2.5, 2.5)
errors = st.floats(0.02, 1.0)
levels = st.sampled_from([0.90, 0.95, 0.985, 0.99, 0.995]) | st.floats(0.5, 0.9999)
shares = st.floats(0.02, 0.98)


def printed_interval(log_ratio: float, se: float, level: float) -> tuple[float, float, float]:
    half = norm.ppf((1 + level) / 2) * se
    return tuple(np.exp([log_ratio, log_ratio - half, log_ratio + half]))


# Intervals


@given(log_ratios, errors, levels)
def test_an_interval_gives_back_the_effect_it_was_made_of(log_ratio, se, level):
    effect = from_interval(*printed_interval(log_ratio, se, level), level=level)
    assert effect.estimate == pytest.approx(log_ratio, abs=1e-9)
    assert effect.se == pytest.approx(se, rel=1e-6)


@given(log_ratios, errors, levels, levels)
def test_the_level_of_printing_does_not_matter(log_ratio, se, one, other):
    first, second = (from_interval(*printed_interval(log_ratio, se, level), level=level) for level in (one, other))
    assert first.se == pytest.approx(second.se, rel=1e-6)


@given(st.floats(-1.5, 1.5), st.floats(0.05, 0.6))
def test_two_printed_decimals_lose_no_more_than_is_said(log_ratio, se):
    texts = [f"{value:.2f}" for value in printed_interval(log_ratio, se, 0.95)]
    effect = from_interval(*texts)
    half_unit = np.sqrt(3)  # the largest error, in standard deviations of a uniform one
    assert abs(effect.estimate - log_ratio) <= half_unit * effect.rounding * (1 + 0.005 / float(texts[0]))
    slack = 1 + 0.01 / float(texts[1])
    assert abs(effect.sampling_se - se) <= np.sqrt(2) * half_unit * effect.se_rounding * slack


def test_coarser_digits_make_a_larger_standard_error():
    coarse, fine = from_interval("0.5", "0.4", "0.6"), from_interval("0.500", "0.400", "0.600")
    assert coarse.rounding == pytest.approx(0.1 / np.sqrt(12) / 0.5)
    assert coarse.sampling_se == pytest.approx(fine.sampling_se)
    assert coarse.se == pytest.approx(np.hypot(np.log(1.5) / (2 * 1.959964), coarse.rounding), rel=1e-6)
    assert coarse.se > 1.1 * fine.se


def test_a_number_counts_as_printed_with_two_decimals():
    assert from_interval(0.5, 0.4, 0.6) == from_interval("0.50", "0.40", "0.60")


@given(log_ratios, errors)
def test_a_wider_interval_is_less_certain(log_ratio, se):
    narrow, wide = (from_interval(*printed_interval(log_ratio, size, 0.95)) for size in (se, 1.2 * se))
    assert narrow.se < wide.se


@given(log_ratios, errors, levels)
def test_arms_that_change_places_change_the_sign_only(log_ratio, se, level):
    printed = printed_interval(log_ratio, se, level)
    there, back = from_interval(*printed, level=level), from_interval(*inverted_interval(*printed), level=level)
    assert back.estimate == pytest.approx(-there.estimate, abs=1e-9)
    assert back.se == pytest.approx(there.se, rel=1e-6)
    assert inverted(inverted(there)) == there
    assert inverted(there).estimate == -there.estimate


def test_arrays_are_converted_as_their_entries_are():
    together = from_interval([0.72, 0.50], [0.58, 0.41], [0.90, 0.62], level=[0.95, 0.90])
    for place, alone in enumerate((from_interval(0.72, 0.58, 0.90), from_interval(0.50, 0.41, 0.62, level=0.90))):
        assert together.estimate[place] == alone.estimate
        assert together.se[place] == alone.se
        assert together.se_rounding[place] == alone.se_rounding


def test_columns_of_a_data_frame_are_converted():
    frame = pd.DataFrame(
        {"ratio": ["0.50", "0.720"], "lower": ["0.40", "0.580"], "upper": ["0.62", "0.894"]}, dtype=object
    )
    effect = from_interval(frame["ratio"], frame["lower"], frame["upper"])
    assert effect.rounding[0] / effect.rounding[1] == pytest.approx(10 * 0.72 / 0.5)
    assert from_interval([], [], []).se.shape == (0,)


def test_a_one_sided_limit_is_half_an_interval():
    two, one = from_interval(1.10, 0.88, 1.375), from_one_limit(1.10, 1.375, level=0.975)
    assert one.se == pytest.approx(two.se, rel=1e-3)
    assert from_one_limit(0.9, 1.2, level=0.95).sampling_se == pytest.approx(np.log(1.2 / 0.9) / 1.644854, rel=1e-6)


# P values


def test_the_worked_example_of_altman_and_bland():
    # BMJ 2011;343:d2090: relative risk 0.30, P = 0.034, interval 0.10 to 0.90 by their approximation of z, 2.117
    effect = from_p_value(0.30, 0.034)
    assert effect.sampling_se == pytest.approx(np.log(0.30) / -2.117, rel=5e-3)
    lower, upper = effect.interval()
    assert (round(lower, 1), round(upper, 1)) == (0.1, 0.9)


@given(log_ratios.filter(lambda x: abs(x) > 0.02), st.floats(1e-6, 0.99))
def test_a_p_value_gives_back_the_effect_it_was_made_of(log_ratio, p):
    effect = from_p_value(np.exp(log_ratio), p)
    assert effect.estimate == pytest.approx(log_ratio, abs=1e-9)
    assert 2 * norm.sf(abs(log_ratio) / effect.sampling_se) == pytest.approx(p, rel=1e-6)
    assert not effect.se_is_upper_bound


@given(log_ratios.filter(lambda x: abs(x) > 0.02), st.floats(1e-6, 0.4))
def test_a_smaller_p_value_is_more_certain(log_ratio, p):
    ratio = np.exp(log_ratio)
    assert from_p_value(ratio, p).se < from_p_value(ratio, 1.5 * p).se


@given(log_ratios.filter(lambda x: abs(x) > 0.02), st.floats(1e-6, 0.49))
def test_one_side_of_a_p_value_is_half_of_two(log_ratio, p):
    one_sided = p if log_ratio < 0 else 1 - p
    one, two = from_one_sided_p_value(np.exp(log_ratio), one_sided), from_p_value(np.exp(log_ratio), 2 * p)
    assert one.sampling_se == pytest.approx(two.sampling_se, rel=1e-6)


def test_a_p_value_printed_as_less_than_bounds_the_standard_error():
    bound, exact = from_p_value(0.70, "<0.001"), from_p_value(0.70, "0.001")
    assert bound.se_is_upper_bound
    assert not exact.se_is_upper_bound
    assert bound.se == exact.se
    assert list(from_p_value([0.7, 0.8], ["<0.001", "0.04"]).se_is_upper_bound) == [True, False]


def test_rounding_of_a_p_value_is_told():
    # 0.04 may be 0.035 to 0.045: z between 2.0047 and 2.1084
    effect = from_p_value("0.500000", "0.04")
    z = norm.isf(0.02)
    assert effect.se_rounding / effect.sampling_se == pytest.approx((2.1084 - 2.0047) / np.sqrt(12) / z, rel=0.02)


@pytest.mark.parametrize(("ratio", "error", "p"), [(0.86, 0.04, 0.0005), (0.94, 0.06, 0.33), (0.78, 0.06, 0.0004)])
def test_a_ratio_with_its_error_gives_back_the_p_value_beside_it(ratio, error, p):
    # EBCTCG 2012 chemotherapy overview; the error has one digit
    effect = from_ratio_with_error(ratio, error)
    z, printed_z = -effect.estimate / effect.sampling_se, norm.isf(p / 2)
    assert abs(z - printed_z) <= 0.005 / error * printed_z + 0.005 / error


def test_the_error_of_a_ratio_of_one_is_that_of_its_log():
    assert from_ratio_with_error(1.0, 0.05).sampling_se == pytest.approx(0.05)
    assert from_ratio_with_error([0.9999, 1.0001], 0.05).sampling_se == pytest.approx([0.05] * 2, rel=1e-3)
    assert from_ratio_with_error(0.64, 0.09).p_value == pytest.approx(6.3e-5, rel=0.03)


# Landmarks, medians, percentages


def test_landmark_survival_by_hand():
    effect = from_landmark_survival(0.90, 0.80, se_treatment=0.02, se_control=0.03)
    assert effect.ratio == pytest.approx(np.log(0.90) / np.log(0.80))
    assert effect.se == pytest.approx(np.hypot(0.02 / (0.9 * -np.log(0.9)), 0.03 / (0.8 * -np.log(0.8))))


def test_women_at_risk_without_losses_are_a_binomial():
    at_risk = from_landmark_survival_at_risk(0.90, 0.80, 900, 800)
    binomial = from_landmark_survival(0.90, 0.80, se_treatment=np.sqrt(0.09 / 1000), se_control=np.sqrt(0.16 / 1000))
    assert at_risk.se == pytest.approx(binomial.se)


@given(shares, shares, st.floats(0.02, 0.5), levels)
def test_landmark_intervals_give_back_what_they_were_made_of(treated, control, spread, level):
    z = norm.ppf((1 + level) / 2)
    intervals = []
    for share in (treated, control):
        middle = np.log(-np.log(share))
        intervals.append((share, *np.exp(-np.exp([middle + z * spread, middle - z * spread]))))
    if any(lower <= 0 or upper >= 1 for _, lower, upper in intervals):
        return
    effect = from_landmark_intervals(*intervals, level=level)
    assert effect.se == pytest.approx(spread * np.sqrt(2), rel=1e-4)
    assert effect.ratio == pytest.approx(np.log(treated) / np.log(control))


@given(shares, shares, st.floats(10, 1e4), st.floats(10, 1e4))
def test_landmarks_of_swapped_arms_change_the_sign(treated, control, many, few):
    there = from_landmark_survival_at_risk(treated, control, many, few)
    back = from_landmark_survival_at_risk(control, treated, few, many)
    assert back.estimate == pytest.approx(-there.estimate, abs=1e-9)
    assert back.se == pytest.approx(there.se)


@given(shares, shares)
def test_better_survival_is_a_smaller_hazard_ratio(one, other):
    effect = from_landmark_survival_at_risk(max(one, other), min(one, other), 100, 100)
    assert effect.ratio <= 1


def test_medians_by_hand():
    effect = from_medians(12, 6, 50, 80)
    assert effect.ratio == pytest.approx(0.5)
    assert effect.se == pytest.approx(np.sqrt(1 / 50 + 1 / 80))


def test_a_percent_reduction_is_a_ratio_below_one():
    assert ratio_of_reduction(28) == pytest.approx(0.72)
    assert ratio_of_reduction(-15) == pytest.approx(1.15)
    assert from_percent_reduction(28, 10, 42) == from_interval("0.72", "0.58", "0.90")
    assert from_percent_reduction(28.0, 10.0, 42.0) == from_percent_reduction("28", "10", "42")


# What cannot be converted

REFUSALS = {
    "limits swapped": (lambda: from_interval(0.7, 0.9, 0.5), "above the upper one"),
    "estimate below": (lambda: from_interval(0.4, 0.5, 0.9), "above the estimate"),
    "estimate above": (lambda: from_interval(1.4, 0.5, 0.9), "below the estimate"),
    "misprint": (lambda: from_interval(0.47, 0.20, 0.79), "its middle is 0.397"),
    "misprint among sound ones": (lambda: from_interval([0.7, 0.47], [0.5, 0.2], [0.98, 0.79]), "0.397"),
    "no width": (lambda: from_interval(0.7, 0.7, 0.7), "without width"),
    "lower limit of 0": (lambda: from_interval(0.1, 0.0, 0.9), "greater than 0"),
    "negative ratio": (lambda: from_interval(-0.7, -0.9, -0.5), "greater than 0"),
    "level in percent": (lambda: from_interval(0.7, 0.5, 0.98, level=95), "95% is 0.95"),
    "level of 1": (lambda: from_interval(0.7, 0.5, 0.98, level=1), "between 0 and 1"),
    "no number": (lambda: from_interval("0,7", 0.5, 0.98), "must be a number"),
    "not a number": (lambda: from_interval(float("nan"), 0.5, 0.98), "finite"),
    "infinite limit": (lambda: from_interval(0.7, 0.5, float("inf")), "finite"),
    "missing": (lambda: from_interval(None, 0.5, 0.98), "finite"),
    "limit at the estimate": (lambda: from_one_limit(0.7, 0.7), "equals the estimate"),
    "one-sided level": (lambda: from_one_limit(0.7, 0.9, level=0.05), "between 0.5 and 1"),
    "p of 0": (lambda: from_p_value(0.7, 0.0), "<0.001"),
    "p of 1": (lambda: from_p_value(0.7, 1.0), "between 0 and 1"),
    "p greater than": (lambda: from_p_value(0.7, ">0.9"), "greater than"),
    "p in words": (lambda: from_p_value(0.7, "NS"), "must be a number"),
    "ratio of 1": (lambda: from_p_value(1.00, 0.97), "1 but for rounding"),
    "ratio near 1": (lambda: from_p_value("1.0", 0.4), "1 but for rounding"),
    "one-sided p the other way": (lambda: from_one_sided_p_value(0.7, 0.98), "opposite directions"),
    "reduction of all": (lambda: from_percent_reduction(100, 50, 100), "below 100"),
    "reductions swapped": (lambda: from_percent_reduction(28, 42, 10), "smaller reduction comes first"),
    "no variance": (lambda: from_observed_minus_expected(-3, 0), "greater than 0"),
    "broken count": (lambda: from_counts(1.5, 10, 2, 10), "whole number"),
    "negative count": (lambda: from_counts(-1, 10, 2, 10), "whole number"),
    "more events than women": (lambda: from_counts(11, 10, 2, 10), "more events than women"),
    "empty arm": (lambda: from_counts(0, 0, 2, 10), "must have women"),
    "unknown measure": (lambda: from_counts(1, 10, 2, 10, "HR"), "OR or RR"),
    "survival of 1": (lambda: from_landmark_survival_at_risk(1.0, 0.9, 10, 10), "neither of them"),
    "survival in percent": (lambda: from_landmark_survival_at_risk(86, 79, 10, 10), "86% is 0.86"),
    "share outside its limits": (lambda: from_landmark_intervals((0.9, 0.8, 0.85), (0.8, 0.7, 0.9)), "between its"),
    "risk above 1": (lambda: from_risk_difference(0.5, 0.6, 10, 10), "between 0 and 1"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_what_is_wrong_is_refused_in_a_sentence(case):
    convert, words = REFUSALS[case]
    with pytest.raises(EffectError, match=words) as refusal:
        convert()
    assert str(refusal.value).isprintable()


@pytest.mark.parametrize("measure", ["OR", "RR"])
def test_a_table_that_fits_every_ratio_has_no_information(measure):
    with pytest.raises(NoInformationError, match="neither arm has an event"):
        from_counts(0, 10, 0, 12, measure)
    with pytest.raises(NoInformationError, match="every woman"):
        from_counts(10, 10, 12, 12, measure)
    with pytest.raises(NoInformationError):
        peto_odds_ratio(0, 10, 0, 12)
    with pytest.raises(NoInformationError):
        from_events(0, 0)
    with pytest.raises(NoInformationError):
        from_person_time(0, 100, 0, 100)


# The evidence


def test_the_evidence_holds_what_its_printed_numbers_convert_to():
    rows = [row for row in read_rows(DATA / "therapy_effects.csv") if row["exclude_reason"] != "misprint"]
    limits = [row for row in rows if row["se_from"] == "interval"]
    assert len(limits) > 400
    columns = ("estimate", "lower", "upper")
    found = from_interval(*([row[column] for row in limits] for column in columns), [float(r["level"]) for r in limits])
    np.testing.assert_allclose(found.estimate, [float(row["log_estimate"]) for row in limits], atol=1e-6)
    np.testing.assert_allclose(found.sampling_se, [float(row["se_log"]) for row in limits], atol=2e-6)
    for row in (row for row in rows if row["se_from"] == "p"):
        effect = from_p_value(row["estimate"], row["p_value"])
        assert effect.sampling_se == pytest.approx(float(row["se_log"]), abs=2e-6)
        assert ("yes" if effect.se_is_upper_bound else "no") == row["se_is_upper_bound"]
