"""Do hazards, survival and risk agree with the formulas of curves that have one?"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate
from scipy.interpolate import BSpline

from resurge.evidence.person_time import INTERVAL_EDGES
from resurge.synthesis.hazards import (
    INTERIOR_KNOTS,
    conditional_risk,
    cumulative_hazard,
    cumulative_incidence,
    midpoints,
    mixture_cumulative_hazard,
    overlap,
    spline_basis,
    survival,
    tilt,
    walk_from_middle,
    walk_scales,
)

EDGES = np.array([0.0, 0.5, 1.0, 2.5, 4.0, 7.0, 12.0, 20.0])
FINE = np.linspace(0, 20, 20_001)


# Closed forms


@pytest.mark.parametrize("rate", [1e-8, 0.02, 0.7])
@pytest.mark.parametrize(("start", "end"), [(0, 5), (2.3, 2.9), (5, 20), (7, 7)])
def test_a_constant_hazard_gives_the_exponential(rate, start, end):
    H = cumulative_hazard(np.full(7, rate), EDGES, [start, end])
    assert pytest.approx([rate * start, rate * end]) == H
    assert survival(H) == pytest.approx(np.exp([-rate * start, -rate * end]))
    assert conditional_risk(*H) == pytest.approx(-np.expm1(-rate * (end - start)), rel=1e-9)


@pytest.mark.parametrize(("shape", "scale"), [(0.6, 30.0), (1.0, 12.0), (1.8, 15.0)])
def test_fine_cells_approach_the_weibull(shape, scale):
    hazard = shape / scale * (midpoints(FINE) / scale) ** (shape - 1)
    years = np.array([0.5, 3.3, 10.0, 20.0])
    # Midpoints miss a little where the hazard of shape 0.6 has its pole at 0.
    assert cumulative_hazard(hazard, FINE, years) == pytest.approx((years / scale) ** shape, rel=0.01)


def test_one_interval_is_height_times_width():
    assert cumulative_hazard([0.3], [0.0, 4.0], [0, 1.5, 4]) == pytest.approx([0, 0.45, 1.2])


def test_several_curves_are_integrated_side_by_side():
    hazards = np.array([[[0.1, 0.2], [0.3, 0.0]]])
    expected = [[[0.05, 0.1, 0.3], [0.15, 0.3, 0.3]]]
    assert np.allclose(cumulative_hazard(hazards, [0, 1, 2], [0.5, 1, 2]), expected)


def test_cells_and_windows_overlap_as_on_paper():
    years = overlap([0, 1, 3, 6], [0, 0.5, 2, 3], [6, 2, 2.5, 6])
    assert years.tolist() == [[1, 2, 3], [0.5, 1, 0], [0, 0.5, 0], [0, 0, 3]]


@pytest.mark.parametrize(("start", "end"), [(-1, 2), (0, 7), (3, 2)])
def test_a_window_outside_the_grid_or_backwards_is_refused(start, end):
    with pytest.raises(ValueError, match="between year 0 and year 6"):
        overlap([0, 1, 3, 6], start, end)


def test_the_tilt_is_zero_at_year_five():
    assert tilt([0, 5, 11]) == pytest.approx([-np.log(6), 0, np.log(2)])


# Mixtures


def two_groups(t):
    """Cumulative hazards of women at 0.5 and at 0.01 a year, three of the first to one of the second."""
    return mixture_cumulative_hazard(np.array([[3.0], [1.0]]), np.array([0.5 * t, 0.01 * t]), axis=0)


def test_a_mixture_survives_as_its_parts_do_together():
    t = np.array([0.0, 1.0, 4.0, 20.0])
    assert np.exp(-two_groups(t)) == pytest.approx(0.75 * np.exp(-0.5 * t) + 0.25 * np.exp(-0.01 * t))


def test_the_hazard_of_a_mixture_falls_towards_that_of_the_group_at_low_risk():
    t = np.linspace(0, 60, 601)
    hazard = np.diff(two_groups(t)) / np.diff(t)
    assert (np.diff(hazard) < 0).all()
    assert hazard[0] == pytest.approx(0.75 * 0.5 + 0.25 * 0.01, rel=0.02)
    assert hazard[-1] == pytest.approx(0.01, rel=1e-6)


def test_the_risk_of_those_still_free_is_that_of_the_women_who_are_left():
    u, v = 3.0, 8.0
    left = np.array([0.75 * np.exp(-0.5 * u), 0.25 * np.exp(-0.01 * u)])
    left /= left.sum()
    risks = -np.expm1(-np.array([0.5, 0.01]) * (v - u))
    H = two_groups(np.array([u, v]))
    assert conditional_risk(H[0], H[1]) == pytest.approx(left @ risks)


# Competing deaths


def competing(start, end, h=0.03, m=0.05):
    hazard, deaths = np.full(7, h), np.full(7, m)
    return cumulative_incidence(hazard, deaths, EDGES, start, [end])[0]


@pytest.mark.parametrize(("start", "end"), [(0, 20), (0, 0.3), (1.7, 9.1), (5, 5)])
def test_two_constant_causes_share_the_exits(start, end):
    expected = 0.03 / 0.08 * -np.expm1(-0.08 * (end - start))
    assert competing(start, end) == pytest.approx(expected, abs=1e-14)


def test_without_other_deaths_the_incidence_is_the_risk():
    assert competing(2, 15, m=0.0) == pytest.approx(-np.expm1(-0.03 * 13))


def test_nothing_happens_where_nobody_is_at_risk_of_anything():
    assert competing(0, 20, h=0.0, m=0.0) == 0


def test_changing_causes_agree_with_numerical_integration():
    h = np.array([0.02, 0.08, 0.06, 0.04, 0.03, 0.02, 0.02])
    m = np.array([0.001, 0.002, 0.004, 0.01, 0.02, 0.05, 0.09])
    total = np.concatenate([[0], np.cumsum((h + m) * np.diff(EDGES))])

    def density(t):
        cell = np.searchsorted(EDGES, t, side="right") - 1
        at_start = np.interp(3.0, EDGES, total)
        return h[cell] * np.exp(at_start - np.interp(t, EDGES, total))

    expected = integrate.quad(density, 3.0, 17.0, points=EDGES[(EDGES > 3) & (EDGES < 17)], epsabs=1e-12)[0]
    got = cumulative_incidence(np.stack([h, 0 * h]), m, EDGES, 3.0, [17.0])
    assert got[:, 0] == pytest.approx([expected, 0], abs=1e-9)


# Splines


def test_the_splines_sum_to_one_at_every_year():
    basis = spline_basis(midpoints(INTERVAL_EDGES), INTERVAL_EDGES[-1])
    assert basis.shape == (len(INTERVAL_EDGES) - 1, len(INTERIOR_KNOTS) + 4)
    assert basis.sum(1) == pytest.approx(1)
    assert (basis >= 0).all()


def test_each_spline_is_the_b_spline_of_its_five_knots():
    years = np.linspace(0, 35, 50)[:-1]
    basis = spline_basis(years, 35)
    inner = np.log1p(np.array(INTERIOR_KNOTS))
    knots = np.array([0, 0, 0, 0, *inner, *[np.log(36)] * 4])
    for k in range(basis.shape[1]):
        element = np.nan_to_num(BSpline.basis_element(knots[k : k + 5], extrapolate=False)(np.log1p(years)))
        assert basis[:, k] == pytest.approx(element, abs=1e-12)


def test_a_walk_of_five_goes_outwards_from_the_third():
    # Coefficients 0 and 1 lie below the middle one, 3 and 4 above it; each adds the steps from the middle to itself.
    expected = [[1, 1, 0, 0], [0, 1, 0, 0], [0, 0, 0, 0], [0, 0, 1, 0], [0, 0, 1, 1]]
    assert walk_from_middle(5).tolist() == expected


def test_steps_grow_with_the_distance_between_centres():
    # Knots at log(1 + t) = 0 (4 times), 1, 2 and 3 (4 times): centres 0, 1/3, 1, 2, 8/3, 3.
    gaps = np.array([1 / 3, 2 / 3, 1, 2 / 3, 1 / 3])
    scales = walk_scales(np.expm1(3.0), interior=np.expm1([1.0, 2.0]))
    assert scales == pytest.approx(np.sqrt(gaps / gaps.mean()))
    assert (scales**2).mean() == pytest.approx(1)


# Whatever the hazards

hazards = st.lists(st.floats(0, 3), min_size=7, max_size=7)
bounds = st.lists(st.floats(0, 20), min_size=3, max_size=3).map(sorted)


@given(hazards, bounds)
def test_risks_are_probabilities_that_grow_and_compose(hazard, times):
    H = cumulative_hazard(hazard, EDGES, times)
    first, second, whole = conditional_risk(H[0], H[1]), conditional_risk(H[1], H[2]), conditional_risk(H[0], H[2])
    assert 0 <= first <= 1
    assert whole >= first - 1e-12
    assert whole == pytest.approx(1 - (1 - first) * (1 - second), abs=1e-12)


@given(hazards, bounds)
def test_splitting_a_cell_changes_nothing(hazard, times):
    split = np.unique([*EDGES, *times])
    finer = np.array(hazard)[np.searchsorted(EDGES, split[:-1], side="right") - 1]
    assert cumulative_hazard(finer, split, times) == pytest.approx(cumulative_hazard(hazard, EDGES, times), abs=1e-9)


@given(hazards, hazards, bounds)
def test_competing_causes_never_exceed_what_leaves(hazard, deaths, times):
    start, *ends = times
    event = cumulative_incidence(hazard, np.array(deaths), EDGES, start, ends)
    death = cumulative_incidence(deaths, np.array(hazard), EDGES, start, ends)
    leaves = conditional_risk(*cumulative_hazard(np.add(hazard, deaths), EDGES, [start, ends[1]]))
    assert event[0] <= event[1] + 1e-12
    assert event[1] + death[1] == pytest.approx(leaves, abs=1e-9)


@given(hazards, st.floats(0.01, 0.99), st.floats(0, 20))
def test_a_mixture_lies_between_its_parts(hazard, weight, year):
    H = np.array([cumulative_hazard(hazard, EDGES, year)[0], cumulative_hazard(hazard[::-1], EDGES, year)[0]])
    mixed = mixture_cumulative_hazard(np.array([weight, 1 - weight]), H, axis=0)
    assert H.min() - 1e-9 <= mixed <= H.max() + 1e-9
