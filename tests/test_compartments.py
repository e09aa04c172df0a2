"""Is the two-compartment curve the one of its closed forms, in all its limits?"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad

from resurge.evidence.person_time import INTERVAL_EDGES
from resurge.synthesis.compartments import HORIZON, Fractions, fractions, incidence, log_hazard

EDGES = np.asarray(INTERVAL_EDGES)
FINE = np.linspace(0.0, 30.0, 30_001)


def curve(p_early, p_dormant, awakening, year, spread, edges=EDGES):
    return incidence(Fractions(*map(np.asarray, (p_early, p_dormant, awakening))), year, spread, edges)


def late_by(t, awakening, year, spread):
    """Share of the dormant that shows by year t, by numerical integration over the time of awakening."""
    growth = stats.lognorm(s=spread, scale=year)
    return quad(lambda u: growth.cdf(t - u) * awakening * np.exp(-awakening * u), 0, t)[0]


def test_early_incidence_is_the_difference_of_the_distribution_function():
    found = curve(0.1, 0.3, 0.08, 2.0, 0.7)
    assert found.early == pytest.approx(0.1 * np.diff(stats.lognorm(s=0.7, scale=2.0).cdf(EDGES)), rel=1e-10)


@pytest.mark.parametrize(("edges", "precision"), [(EDGES, 0.004), (FINE[::20], 2e-5)])
def test_what_awakes_shows_after_it_has_grown(edges, precision):
    by = np.cumsum(curve(0.1, 0.3, 0.08, 2.0, 0.7, edges).dormant)
    for year in (1.0, 3.0, 8.0, 20.0):
        expected = 0.3 * late_by(year, 0.08, 2.0, 0.7)
        assert by[np.searchsorted(edges, year) - 1] == pytest.approx(expected, rel=precision, abs=precision / 10)


def test_growth_that_takes_no_time_leaves_the_awakening():
    edges = FINE[::4]
    found = curve(0.1, 0.3, 0.08, 1e-3, 0.5, edges)
    assert np.cumsum(found.dormant)[500:] == pytest.approx(0.3 * (1 - np.exp(-0.08 * edges[501:])), rel=2e-3)


@pytest.mark.parametrize("year", [0.41, 2.01, 7.31, 25.01])
def test_the_hazard_is_density_over_survival(year):
    edges = FINE[::20]
    hazard = np.exp(log_hazard(curve(0.1, 0.3, 0.08, 2.0, 0.7, edges), edges))
    growth, step = stats.lognorm(s=0.7, scale=2.0), 0.01
    late, later = (late_by(t, 0.08, 2.0, 0.7) for t in (year - step, year + step))
    density = 0.1 * growth.pdf(year) + 0.3 * (later - late) / (2 * step)
    free = 1 - 0.1 * growth.cdf(year) - 0.3 * (late + later) / 2
    cell = np.searchsorted(edges, year) - 1
    assert hazard[cell] == pytest.approx(density / free, rel=0.03)


def test_survival_is_exact_at_every_edge():
    found = curve(0.1, 0.3, 0.08, 2.0, 0.7)
    H = np.cumsum(np.exp(log_hazard(found, EDGES)) * np.diff(EDGES))
    assert np.exp(-H) == pytest.approx(1 - np.cumsum(found.early + found.dormant), rel=1e-12)


def test_without_early_recurrence_cure_or_growth_the_hazard_is_that_of_awakening():
    hazard = np.exp(log_hazard(curve(0.0, 1.0, 0.08, 1e-6, 0.3), EDGES))
    assert hazard[1:] == pytest.approx(np.full(len(EDGES) - 2, 0.08), rel=1e-10)


def test_without_dormancy_the_hazard_is_that_of_a_log_normal_with_cure():
    edges = FINE[::20]
    hazard = np.exp(log_hazard(curve(0.2, 0.0, 0.08, 2.0, 0.7, edges), edges))
    early = stats.lognorm(s=0.7, scale=2.0)
    total, _ = quad(lambda t: 0.2 * early.pdf(t) / (1 - 0.2 * early.cdf(t)), 0, 10)
    assert (hazard * np.diff(edges))[:500].sum() == pytest.approx(total, rel=1e-6)


def test_odds_become_fractions_that_leave_some_cured():
    parts = fractions([0.05, 3.0], [0.06, 5.0], [5.0, 60.0])
    cured = 1 - parts.early - parts.dormant
    assert (cured > 0).all()
    assert parts.early / cured == pytest.approx([0.05, 3.0])
    within = parts.dormant * (1 - 0.5 ** (HORIZON / np.array([5.0, 60.0])))
    assert within / cured == pytest.approx([0.06, 5.0])
    assert np.exp(-parts.awakening * [5.0, 60.0]) == pytest.approx([0.5, 0.5])
