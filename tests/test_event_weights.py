"""Do windows weigh the years as counting the events of simulated women does?"""

from __future__ import annotations

import numpy as np
import pytest

from resurge.synthesis.effect_course import clock, course
from resurge.synthesis.event_weights import EDGES, WIDTHS, YEARS, Baseline, followed, time_to_death, within
from simulated_trials import even_hazard

STARTS, ENDS = EDGES[:-1], EDGES[1:]


# What a report counts


@pytest.mark.parametrize(("start", "end"), [(0.0, 5.0), (0.1, 0.2), (4.9, 12.6), (0.0, 25.0)])
def test_a_period_covers_its_own_length(start, end):
    assert within(start, end) @ WIDTHS == pytest.approx(end - start)


def test_a_period_covers_cells_whole_in_part_or_not_at_all():
    covered = within(0.25, 5.125)
    assert covered[[0, 1, 19, 20, 21]] == pytest.approx([0, 1, 1, 0.25, 0])


def test_many_periods_are_covered_at_once():
    starts, ends = np.array([[0.0], [2.0]]), np.array([[5.0], [1.0]])
    assert within(starts, ends).tolist() == [within(0.0, 5.0).tolist(), [0.0] * len(WIDTHS)]


def test_follow_up_is_spread_evenly_around_its_median():
    seen = followed(5.0)
    assert (seen[ENDS <= 3.5] == 1).all()
    assert (seen[STARTS >= 6.5] == 0).all()
    assert np.interp([4.25, 5.0, 5.75], YEARS, seen) == pytest.approx([0.75, 0.5, 0.25])


@pytest.mark.parametrize("median", [1.0, 5.0, 11.3])
def test_the_mean_of_follow_up_is_its_median(median):
    assert followed(median) @ WIDTHS == pytest.approx(median, abs=0.02)


def test_short_follow_up_begins_at_randomisation():
    assert np.interp([0.125, 1.0, 1.875], YEARS, followed(1.0)) == pytest.approx([1 - 1 / 16, 1 / 2, 1 / 16])


# Recurrences of the control arm


@pytest.mark.parametrize("er", ["positive", "negative", "any"])
@pytest.mark.parametrize("year", [0.0, 5.0])
def test_an_even_hazard_gives_exponential_events(er, year):
    exact = np.exp(-0.05 * STARTS) - np.exp(-0.05 * ENDS)
    # The middle of a cell stands for the cell: (hazard * width)^2 / 24 of the events are lost, one in ten thousand.
    assert even_hazard(0.05, 0.05).events(er, year) == pytest.approx(exact, rel=2e-4)


def test_events_are_those_after_randomisation():
    hazard = np.where(np.arange(35) < 5, 0.1, 0.02)
    late = Baseline(np.arange(36.0), {"positive": hazard, "negative": hazard}).events("positive", 8.0)
    assert late == pytest.approx(even_hazard(0.02).events("positive", 0.0))


def test_beyond_the_last_year_the_hazard_stays_as_it_was():
    short = Baseline(np.arange(11.0), {"positive": np.full(10, 0.03), "negative": np.full(10, 0.03)})
    assert short.events("positive", 5.0) == pytest.approx(even_hazard(0.03).events("positive", 0.0))


@pytest.mark.parametrize("year", [0.0, 2.5, 5.0])
def test_unsplit_women_are_a_mixture_of_those_still_free(year):
    baseline = even_hazard(positive=0.02, negative=0.10)
    left = np.array([0.75 * np.exp(-0.02 * year), 0.25 * np.exp(-0.10 * year)])
    positive, negative = (baseline.events(er, year) for er in ("positive", "negative"))
    assert baseline.events("any", year) == pytest.approx((left[0] * positive + left[1] * negative) / left.sum())


# Deaths and the recurrences behind them

LAG, HAZARD, N = 3.0, 0.06, 400_000


def test_a_death_does_not_come_before_its_recurrence():
    assert (np.triu(time_to_death(LAG), 1) == 0).all()


def test_time_to_death_falls_by_its_exponential():
    back = time_to_death(LAG) / WIDTHS[:, None]
    years = YEARS[30] - YEARS[[5, 10]]
    assert back[30, 5] / back[30, 10] == pytest.approx(np.exp(-(years[0] - years[1]) / LAG))


def test_every_recurrence_leads_to_one_death_in_the_end():
    early = STARTS < 5
    deaths = time_to_death(1.5)[:, early].sum(0) / 1.5
    assert deaths == pytest.approx(1, abs=0.02)


@pytest.fixture(scope="module")
def women():
    rng = np.random.default_rng(1)
    recurrence = rng.exponential(1 / HAZARD, N)
    return recurrence, recurrence + rng.exponential(LAG, N), rng.uniform(8.0 - 1.5, 8.0 + 1.5, N)


SHAPE = {"onset": 0.5, "fade": 0.05, "carry": 2.0, "shape": 1.2}


def acting(years):
    return course(clock(years, 3.0), **SHAPE)


def averaged(seen):
    """What the model takes for the mean course over the recurrences behind the deaths that a report counts."""
    weights = (seen @ time_to_death(LAG)) * even_hazard(HAZARD).events("positive", 0.0)
    return weights @ acting(YEARS) / weights.sum()


def counted(recurrence, counts):
    values = acting(recurrence[counts])
    return values.mean(), values.std() / np.sqrt(counts.sum())


@pytest.mark.parametrize(("start", "end"), [(0.0, 5.0), (5.0, 10.0), (10.0, 15.0)])
def test_a_period_of_deaths_reports_on_the_recurrences_before_them(women, start, end):
    recurrence, death, _ = women
    mean, error = counted(recurrence, (death > start) & (death <= end))
    assert averaged(within(start, end)) == pytest.approx(mean, abs=5 * error + 0.005)


def test_a_late_death_reports_on_earlier_times_than_a_late_recurrence(women):
    recurrence, death, _ = women
    of_deaths, _ = counted(recurrence, (death > 5) & (death <= 10))
    of_recurrences, _ = counted(recurrence, (recurrence > 5) & (recurrence <= 10))
    assert of_deaths > of_recurrences + 0.1


def test_a_whole_trial_counts_deaths_while_women_are_followed(women):
    recurrence, death, last_seen = women
    mean, error = counted(recurrence, death < last_seen)
    assert averaged(followed(8.0)) == pytest.approx(mean, abs=5 * error + 0.005)


def test_a_later_look_adds_the_deaths_between_the_two(women):
    recurrence, death, last_seen = women
    mean, error = counted(recurrence, (death >= last_seen - 3.0) & (death < last_seen))
    assert averaged(followed(8.0) - followed(5.0)) == pytest.approx(mean, abs=5 * error + 0.005)
