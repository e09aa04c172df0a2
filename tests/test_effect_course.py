"""Is the course of an effect what its formula gives on paper, and does the grid average it over windows rightly?"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from resurge.synthesis.effect_course import clock, course
from resurge.synthesis.event_weights import WIDTHS, YEARS, within

AT_ONCE, NEVER = 1e-9, 1e9
"""Half-times, in years, of what is over at once and of what never comes."""
LN2 = np.log(2)


def acting(years, duration=5.0, start=0.0, *, onset=AT_ONCE, fade=0.0, carry=NEVER, shape=1.0):
    return course(clock(years, duration, start), onset, fade, carry, shape)


def on_grid(first, last, **shape):
    """Average over a window of events spread evenly in time, on the cells of the model."""
    weights = within(first, last) * WIDTHS
    return weights @ acting(YEARS, **shape) / weights.sum()


def exact(first, last, duration=5.0, start=0.0, **shape):
    """Average the same by quadrature between the bends of the course, with most points where it moves fastest."""
    bends = np.array([start, start + 0.1, start + 1.0, start + duration, start + duration + 0.5])
    inside = bends[(bends > first) & (bends < last)]
    parts = [
        quad(lambda t: float(acting(t, duration, start, **shape)), a, b, limit=200, epsabs=1e-9)[0]
        for a, b in pairwise(sorted({first, last, *inside}))
    ]
    return sum(parts) / (last - first)


# On paper


def test_half_the_effect_acts_after_the_half_time_of_onset():
    assert acting([0.0, 2.0, 4.0, 6.0], 10.0, onset=2.0) == pytest.approx([0, 1 / 2, 3 / 4, 7 / 8])


def test_half_of_what_was_left_acts_after_the_half_life_whatever_the_shape():
    for shape in (0.5, 1.0, 3.0):
        at_end, later = acting([5.0, 8.0], carry=3.0, fade=0.1, shape=shape)
        assert later / at_end == pytest.approx(0.5, abs=1e-3)


def test_shape_tells_an_even_loss_from_one_that_is_held_first():
    even, held = (acting(5 + np.arange(1, 4), carry=3.0, shape=shape) for shape in (1.0, 2.0))
    assert even == pytest.approx(2 ** -(np.arange(1, 4) / 3))
    assert held == pytest.approx(2 ** -((np.arange(1, 4) / 3) ** 2))


def test_fade_goes_on_as_long_as_treatment_does():
    assert acting([1.0, 5.0, 9.0], fade=0.2) == pytest.approx(np.exp([-0.2, -1.0, -1.0]))


def test_nothing_acts_before_treatments_differ():
    assert acting([0.0, 1.0, 1.99], 1.0, 2.0, onset=0.5, carry=1.0) == pytest.approx([0, 0, 0])
    assert acting([2.5, 4.0], 1.0, 2.0, onset=0.5, carry=1.0) == pytest.approx([1 / 2, (1 - 2**-4) / 2])


def test_no_time_on_treatment_is_carry_over_alone_and_endless_treatment_is_none():
    years = np.array([0.5, 2.0, 9.0])
    assert acting(years, 0.0, fade=0.3, carry=2.0) == pytest.approx(2 ** -(years / 2))
    assert acting(years, NEVER, fade=0.3, carry=2.0) == pytest.approx(np.exp(-0.3 * years), rel=1e-5)


# Averages on paper, of events spread evenly in time


@pytest.mark.parametrize(("first", "last"), [(0.0, 5.0), (0.6, 2.1), (4.0, 17.0)])
def test_a_constant_effect_averages_to_itself(first, last):
    assert on_grid(first, last) == pytest.approx(1.0, rel=1e-7)


@pytest.mark.parametrize(("half_life", "length"), [(1.5, 4.0), (3.0, 5.0), (8.0, 7.0)])
def test_carry_over_after_the_end_averages_to_its_integral(half_life, length):
    closed = (1 - 2 ** (-length / half_life)) * half_life / (length * LN2)
    assert exact(5.0, 5.0 + length, carry=half_life) == pytest.approx(closed, rel=1e-6)
    assert on_grid(5.0, 5.0 + length, carry=half_life) == pytest.approx(closed, rel=3e-3)


@pytest.mark.parametrize(("half_time", "length"), [(0.5, 2.0), (2.0, 5.0)])
def test_onset_averages_to_its_integral(half_time, length):
    closed = 1 - (1 - 2 ** (-length / half_time)) * half_time / (length * LN2)
    assert exact(0.0, length, onset=half_time) == pytest.approx(closed, rel=1e-6)
    assert on_grid(0.0, length, onset=half_time) == pytest.approx(closed, rel=3e-3)


@pytest.mark.parametrize(("fade", "length"), [(0.1, 5.0), (0.3, 3.0)])
def test_fade_averages_to_its_integral(fade, length):
    closed = (1 - np.exp(-fade * length)) / (fade * length)
    assert exact(0.0, length, fade=fade) == pytest.approx(closed, rel=1e-6)
    assert on_grid(0.0, length, fade=fade) == pytest.approx(closed, rel=1e-3)


# Of every course: nine in ten of those that the priors think of

onsets, fades = st.floats(0.08, 8.0), st.floats(0.0, 0.35)
carries, shapes = st.floats(0.9, 20.0), st.floats(0.6, 2.4)
durations = st.floats(0.25, 10.0)
shares = {"onset": onsets, "fade": fades, "carry": carries, "shape": shapes}
of_course = st.fixed_dictionaries(shares)


@given(of_course, durations)
def test_the_share_lies_between_none_and_all(own, duration):
    values = acting(np.linspace(0, 25, 300), duration, **own)
    assert ((values >= 0) & (values <= 1)).all()
    assert values[0] == 0


@given(of_course, durations)
def test_nothing_but_onset_adds_to_the_effect(own, duration):
    years = np.linspace(0.01, 25, 300)
    begun = 1 - 2 ** (-years / own["onset"])
    assert (np.diff(acting(years, duration, **own) / begun) <= 1e-12).all()


@given(of_course, durations)
def test_once_it_has_set_in_it_only_falls_after_treatment(own, duration):
    after = duration + np.linspace(0, 15, 200)
    assert (np.diff(acting(after, duration, **{**own, "onset": AT_ONCE})) <= 0).all()


@given(of_course, durations)
def test_the_end_of_treatment_makes_no_jump(own, duration):
    before, at, after = acting(duration + np.array([-1e-5, 0, 1e-5]), duration, **own)
    # The steepest that the stated shapes lose in 1e-5 years is (1e-5 / carry)^0.6 of the whole.
    assert before == pytest.approx(at, abs=2e-4)
    assert after == pytest.approx(at, abs=1e-3)


@given(of_course, durations, st.floats(0.0, 20.0), st.floats(0.2, 5.0))
def test_the_unit_of_time_is_of_no_consequence(own, duration, year, scale):
    scaled = {"onset": own["onset"] * scale, "fade": own["fade"] / scale, "carry": own["carry"] * scale}
    one, other = acting(year, duration, **own), acting(year * scale, duration * scale, **{**own, **scaled})
    assert float(other) == pytest.approx(float(one), abs=5e-3)  # MOMENT does not scale: (1e-6 / 0.1)^0.6


@given(of_course, durations, st.floats(0.0, 20.0), st.floats(0.0, 5.0))
def test_a_later_start_moves_the_course(own, duration, year, start):
    assert float(acting(year + start, duration, start, **own)) == pytest.approx(
        float(acting(year, duration, **own)), abs=1e-6
    )


@settings(deadline=None)
@given(of_course, st.sampled_from([0.5, 1.0, 2.0, 5.0]), st.sampled_from([(0, 2), (0, 5), (2, 5), (5, 10), (10, 15)]))
def test_the_grid_averages_a_window_as_quadrature_does(own, duration, window):
    # 0.015 of the full effect of a halved hazard is 0.01 of log hazard ratio: a fifth of omega, the scatter that is
    # granted to published ratios anyway. The worst comes from an onset within the first cell.
    assert on_grid(*window, duration=duration, **own) == pytest.approx(exact(*window, duration, **own), abs=0.015)
