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


def test_incidence_is_the_difference_of_the_distribution_function():
    found = curve(0.1, 0.3, 0.08, 2.0, 0.7)
    early = 0.1 * np.diff(stats.lognorm(s=0.7, scale=2.0).cdf(EDGES))
    dormant = 0.3 * np.diff(stats.expon(scale=1 / 0.08).cdf(EDGES))
    assert found.early == pytest.approx(early, rel=1e-10)
    assert found.dormant == pytest.approx(dormant, rel=1e-10)


@pytest.mark.parametrize("year", [0.4, 2.0, 7.3, 25.0])
def test_the_hazard_is_density_over_survival(year):
    hazard = np.exp(log_hazard(curve(0.1, 0.3, 0.08, 2.0, 0.7, FINE), FINE))
    early, dormant = stats.lognorm(s=0.7, scale=2.0), stats.expon(scale=1 / 0.08)
    density = 0.1 * early.pdf(year) + 0.3 * dormant.pdf(year)
    free = 1 - 0.1 * early.cdf(year) - 0.3 * dormant.cdf(year)
    assert hazard[np.searchsorted(FINE, year) - 1] == pytest.approx(density / free, rel=2e-3)


def test_survival_is_exact_at_every_edge():
    H = np.cumsum(np.exp(log_hazard(curve(0.1, 0.3, 0.08, 2.0, 0.7), EDGES)) * np.diff(EDGES))
    F = 0.1 * stats.lognorm(s=0.7, scale=2.0).cdf(EDGES[1:]) + 0.3 * stats.expon(scale=1 / 0.08).cdf(EDGES[1:])
    assert np.exp(-H) == pytest.approx(1 - F, rel=1e-12)


def test_without_early_recurrence_and_without_cure_the_hazard_is_that_of_awakening():
    hazard = np.exp(log_hazard(curve(0.0, 1.0, 0.08, 2.0, 0.7), EDGES))
    assert hazard == pytest.approx(np.full(len(EDGES) - 1, 0.08), rel=1e-10)


def test_without_dormancy_the_hazard_is_that_of_a_log_normal_with_cure():
    hazard = np.exp(log_hazard(curve(0.2, 0.0, 0.08, 2.0, 0.7, FINE), FINE))
    early = stats.lognorm(s=0.7, scale=2.0)
    total, _ = quad(lambda t: 0.2 * early.pdf(t) / (1 - 0.2 * early.cdf(t)), 0, 10)
    assert (hazard * np.diff(FINE))[:10_000].sum() == pytest.approx(total, rel=1e-6)


def test_a_few_rare_recurrences_far_out_keep_their_hazard():
    hazard = np.exp(log_hazard(curve(0.2, 1e-9, 0.08, 2.0, 0.3), EDGES))
    assert hazard[-1] == pytest.approx(1e-9 * 0.08 * np.exp(-0.08 * 35.5) / 0.8, rel=0.01)


def test_odds_become_fractions_that_leave_some_cured():
    parts = fractions([0.05, 3.0], [0.06, 5.0], [5.0, 60.0])
    cured = 1 - parts.early - parts.dormant
    assert (cured > 0).all()
    assert parts.early / cured == pytest.approx([0.05, 3.0])
    within = parts.dormant * (1 - 0.5 ** (HORIZON / np.array([5.0, 60.0])))
    assert within / cured == pytest.approx([0.06, 5.0])
    assert np.exp(-parts.awakening * [5.0, 60.0]) == pytest.approx([0.5, 0.5])
