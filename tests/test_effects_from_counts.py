"""Do counts of events and 2x2 tables give the effects that are known by hand, whichever way the arms stand?"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resurge.evidence.effects import (
    from_arm_events,
    from_counts,
    from_events,
    from_interval,
    from_observed_minus_expected,
    from_p_value,
    from_person_time,
    from_risk_difference,
    from_total_events,
    peto_odds_ratio,
    ratio_of_reduction,
    treatment_arm_correction,
)

sizes = st.integers(1, 3000)


@st.composite
def tables(draw):
    n_t, n_c = draw(sizes), draw(sizes)
    return draw(st.integers(0, n_t)), n_t, draw(st.integers(0, n_c)), n_c


def informative(table) -> bool:
    a, n_t, c, n_c = table
    return 0 < a + c < n_t + n_c


# Events and follow-up


def test_the_ways_to_the_same_trial_agree():
    # GIM4, extended letrozole: 0.78 (0.65 to 0.93), p = 0.0064, 212 events of 1,026 women against 262 of 1,030
    ways = [
        from_interval("0.78", "0.65", "0.93"),
        from_p_value("0.78", "0.0064"),
        from_arm_events("0.78", 212, 262),
        from_total_events("0.78", 474, allocation=1026 / 1030),
    ]
    assert [way.sampling_se for way in ways] == pytest.approx([0.0917] * 4, rel=0.01)


def test_events_of_each_arm_beside_a_ratio():
    # deaths in OlympiA, 107 and 143, beside a 28% improvement in hazard
    effect = from_arm_events(ratio_of_reduction(28), 107, 143)
    assert effect.estimate == pytest.approx(np.log(0.72))
    assert effect.sampling_se == pytest.approx(0.127823, abs=1e-6)


def test_observed_minus_expected_by_hand():
    effect = from_observed_minus_expected(-10, 25)
    assert (effect.estimate, effect.se) == (-0.4, 0.2)


@given(st.integers(1, 2000), st.floats(0.2, 5))
def test_events_split_as_allocated_say_that_there_is_no_effect(control, allocation):
    effect = from_observed_minus_expected(0, control * allocation)
    assert effect.estimate == 0
    total = from_total_events(1.0, 4 * control)
    assert total.sampling_se == pytest.approx(1 / np.sqrt(control))


def test_events_of_two_arms_by_hand():
    # 30 and 50 events, two women on treatment for each on control: 53.33 expected, variance 80 * 2 / 9
    effect = from_events(30, 50, allocation=2)
    assert effect.estimate == pytest.approx((30 - 160 / 3) / (160 / 9))
    assert effect.se == pytest.approx(np.sqrt(9 / 160))


@given(st.integers(0, 500), st.integers(0, 500), st.floats(0.2, 5))
def test_events_of_swapped_arms_change_the_sign(treated, control, allocation):
    if treated + control == 0:
        return
    there, back = from_events(treated, control, allocation), from_events(control, treated, 1 / allocation)
    assert back.estimate == pytest.approx(-there.estimate, abs=1e-9)
    assert back.se == pytest.approx(there.se)


def test_rates_by_hand_with_and_without_an_empty_arm():
    effect = from_person_time(20, 1000, 40, 1000)
    assert effect.ratio == pytest.approx(0.5)
    assert effect.se == pytest.approx(np.sqrt(1 / 20 + 1 / 40))
    empty = from_person_time(0, 100, 4, 200)
    assert empty.ratio == pytest.approx((0.5 / 100) / (4.5 / 200))
    assert empty.se == pytest.approx(np.sqrt(2 + 1 / 4.5))


# 2x2 tables


def test_tables_without_an_empty_cell_by_hand():
    odds, risk = from_counts(12, 100, 24, 120, "OR"), from_counts(12, 100, 24, 120, "RR")
    assert odds.ratio == pytest.approx((12 * 96) / (88 * 24))
    assert odds.se == pytest.approx(np.sqrt(1 / 12 + 1 / 88 + 1 / 24 + 1 / 96))
    assert risk.ratio == pytest.approx(0.6)
    assert risk.se == pytest.approx(np.sqrt(1 / 12 - 1 / 100 + 1 / 24 - 1 / 120))


def test_an_empty_cell_adds_a_half_to_all_four_and_only_then():
    odds, risk = from_counts(0, 10, 3, 10, "OR"), from_counts(0, 10, 3, 10, "RR")
    assert odds.ratio == pytest.approx((0.5 / 10.5) / (3.5 / 7.5))
    assert odds.se == pytest.approx(np.sqrt(1 / 0.5 + 1 / 10.5 + 1 / 3.5 + 1 / 7.5))
    assert risk.ratio == pytest.approx((0.5 / 11) / (3.5 / 11))
    assert risk.se == pytest.approx(np.sqrt(1 / 0.5 - 1 / 11 + 1 / 3.5 - 1 / 11))
    mixed = from_counts([0, 1], [10, 10], [3, 3], [10, 10], "OR")
    assert mixed.ratio[1] == pytest.approx((1 / 9) / (3 / 7))


def test_the_correction_by_arms_keeps_no_effect_at_one():
    # twice as many women on control, nobody and one of them with the event
    plain = from_counts(0, 1000, 0 + 1, 2000)
    fair = from_counts(0, 1000, 1, 2000, correction=treatment_arm_correction(1000, 2000))
    assert treatment_arm_correction(1000, 2000) == pytest.approx((1 / 3, 2 / 3))
    assert fair.ratio == pytest.approx((1 / 3) / (1000 + 1 / 3) * (1999 + 2 / 3) / (1 + 2 / 3))
    assert plain.estimate != fair.estimate


def test_petos_odds_ratio_by_hand():
    # 1 of 100 against 4 of 100: 2.5 expected, variance 100 * 100 * 5 * 195 / (200 * 200 * 199)
    effect = peto_odds_ratio(1, 100, 4, 100)
    variance = 5 * 195 / (4 * 199)
    assert effect.estimate == pytest.approx(-1.5 / variance)
    assert effect.se == pytest.approx(1 / np.sqrt(variance))
    assert np.isfinite(peto_odds_ratio(0, 100, 4, 100).estimate)


@given(tables().filter(informative), st.sampled_from(["OR", "RR", "Peto"]))
def test_tables_of_swapped_arms_change_the_sign(table, measure):
    a, n_t, c, n_c = table
    convert = peto_odds_ratio if measure == "Peto" else lambda *cells: from_counts(*cells, measure)
    there, back = convert(a, n_t, c, n_c), convert(c, n_c, a, n_t)
    assert back.estimate == pytest.approx(-there.estimate, abs=1e-9)
    assert back.se == pytest.approx(there.se)
    assert np.isfinite(there.estimate)
    assert 0 < there.se < np.inf


@given(tables().filter(informative))
def test_odds_of_the_event_and_of_its_absence_are_opposite(table):
    a, n_t, c, n_c = table
    event, absence = from_counts(a, n_t, c, n_c), from_counts(n_t - a, n_t, n_c - c, n_c)
    assert absence.estimate == pytest.approx(-event.estimate, abs=1e-9)
    assert absence.se == pytest.approx(event.se)


def test_a_risk_difference_is_the_table_it_came_from():
    effect = from_risk_difference(-0.06, 0.20, 500, 400)
    assert effect == from_counts(70, 500, 80, 400, "RR")
