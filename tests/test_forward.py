"""Is what evidence should show under simple hazards that which paper says, and do simulated outcomes scatter so?"""

from __future__ import annotations

import numpy as np
import pytest

from resurge.inference.simulate import simulate, with_outcomes
from resurge.synthesis.design import recurrence_design
from resurge.synthesis.forward import log_hazards, person_time_rates, window_means
from simulation import evidence_of, patients_of, plain_draws, rates_of

PATIENTS = [
    {"er": "positive"},
    {
        "er": "positive",
        "nodal": "N4-9",
        "tumour_size": "T2",
        "start_year": 14.0,
        "end_year": 15.0,
        "person_years": 400.0,
    },
    {"er": "negative", "endpoint": "distant_recurrence", "therapy": "chemo"},
    {"er": "negative", "endpoint": "dfs", "start_year": 7.0, "end_year": 7.5},
]


def design_of(*rates, patients=PATIENTS):
    return recurrence_design(evidence_of(rates_of(*rates), patients_of(*patients)))


# Rates of person-time


def rates(**effects):
    design = design_of({})
    return person_time_rates(plain_draws(1, 2, **effects), design)[0].tolist()


def test_one_percent_a_year_is_one_percent_everywhere():
    assert rates() == pytest.approx([0.01] * 4)


def test_each_effect_reaches_the_rows_it_belongs_to():
    assert rates(nodal_effect=np.log([1, 2, 3, 4])) == pytest.approx([0.01, 0.03, 0.01, 0.01])
    assert rates(size_effect=np.log([1, 5, 7])) == pytest.approx([0.01, 0.05, 0.01, 0.01])
    assert rates(distant=np.log([4, 9])) == pytest.approx([0.01, 0.01, 0.0025, 0.01])
    assert rates(other_death=0.002) == pytest.approx([0.01, 0.01, 0.01, 0.012])
    assert rates(therapy=[0, 0, -np.log(4)]) == pytest.approx([0.01, 0.01, 0.005, 0.01])  # half to either side
    assert rates(a=np.log([2, 9])) == pytest.approx([0.02] * 4)  # F comes before P


def test_the_node_effect_grows_with_g():
    g = np.log(15.5 / 6)
    assert rates(nodal_effect=[0, 0.5, 1.0, 2.0], phi=0.3)[1] == pytest.approx(0.01 * np.exp(1 + 0.3 * g))


def test_a_tilt_turns_the_curve_about_year_five():
    g = np.log((1 + np.array([0.125, 14.5, 0.125, 7.25])) / 6)
    assert rates(b=[0.4, 0]) == pytest.approx(0.01 * np.exp(0.4 * g))


def test_er_groups_have_curves_of_their_own():
    basis = plain_draws(1)["spline_basis"]
    beta = np.log(np.full((2, basis.shape[1]), 0.01) * [[3], [1]])
    assert rates(beta=beta) == pytest.approx([0.01, 0.01, 0.03, 0.03])


def test_log_hazards_come_for_every_curve_and_cell():
    design = design_of({})
    assert log_hazards(plain_draws(5, 2), design.curves, design.edges).shape == (5, len(design.curves.er), 51)


# Means of windows


def hazard_of_window(row, **effects):
    design = design_of(row)
    H = float(np.exp(window_means(plain_draws(1, len(design.populations), **effects), design)[0, 0]))
    return H / (row.get("end_year", 5.0) - row.get("start_year", 0.0))


def test_a_window_of_constant_hazard_is_height_times_width():
    assert hazard_of_window({"start_year": 4.0, "end_year": 9.5}) == pytest.approx(0.01)


def test_a_stratum_of_its_own_is_scaled():
    row = {"er": "positive", "nodal": "N10+", "tumour_size": "T3+", "endpoint": "distant_recurrence"}
    effects = {"nodal_effect": np.log([1, 2, 3, 4]), "size_effect": np.log([1, 5, 7]), "distant": np.log([9, 2])}
    assert hazard_of_window(row, **effects) == pytest.approx(0.01 * 4 * 7 / 2)


def test_a_mixture_is_weighed_by_its_odds_and_by_who_is_left():
    row = {"er": "positive", "nodal": "any", "tumour_size": "T1", "start_year": 5.0, "end_year": 10.0}
    hazard = 0.01 * np.array([1, 2, 4, 8])
    effects = {"nodal_effect": np.log([1, 2, 4, 8]), "log_odds": np.log([7, 0.5, 0.25, 0.125, 3, 2])}
    weights = np.array([1, 0.5, 0.25, 0.125])  # the odds of ER and size weigh nothing here
    at_5, at_10 = ((weights * np.exp(-hazard * t)).sum() for t in (5, 10))
    assert hazard_of_window(row, **effects) == pytest.approx(np.log(at_5 / at_10) / 5)


def test_the_level_of_a_followed_population_is_in_and_that_of_a_reported_one_is_not():
    effects = {"a": np.log([2, 9])}
    assert hazard_of_window({"population": "P"}, **effects) == pytest.approx(0.01)
    design = design_of({"population": "F"})
    H = np.exp(window_means(plain_draws(1, 1, a=np.log([2])), design)[0, 0])
    assert pytest.approx(0.02 * 5) == H


# Simulated outcomes

N = 20_000


@pytest.fixture(scope="module")
def outcomes():
    rates = [{"population": "P", "n": 500.0, "diagnosis_years": years} for years in ("1990-1999", "2000-2009")]
    design = design_of({"population": "F", "n": 500.0}, *rates)
    effects = {"a": np.log([2, 3]), "c": [0.0, 0.1, -0.2], "omega": 0.3, "other_death": 0.01}
    order = [str(name) for name in design.cohorts]
    assert order == ["F", "s1 1990-1999", "s1 2000-2009"]
    return design, simulate(plain_draws(N, 2, **effects), design, np.random.default_rng(1))


def test_events_are_poisson_about_rate_times_years(outcomes):
    design, simulated = outcomes
    mean = np.array([0.02, 0.02, 0.02, 0.03]) * design.person_time.person_years
    assert simulated.events.shape == (N, 4)
    assert (np.abs(simulated.events.mean(0) - mean) < 5 * np.sqrt(mean / N)).all()
    # Variance of the sample variance of a Poisson: (mean + 2 mean^2) / N.
    assert (np.abs(simulated.events.var(0) - mean) < 5 * np.sqrt((mean + 2 * mean**2) / N)).all()


def test_windows_scatter_about_their_mean_with_levels_and_both_spreads(outcomes):
    design, simulated = outcomes
    mean = np.log(0.05 * np.array([2, 3 * np.exp(0.1), 3 * np.exp(-0.2)]))
    variance = design.windows.se**2 + 0.3**2
    assert (np.abs(simulated.log_cumulative_hazard.mean(0) - mean) < 5 * np.sqrt(variance / N)).all()
    assert (np.abs(simulated.log_cumulative_hazard.var(0) / variance - 1) < 5 * np.sqrt(2 / N)).all()


def test_the_same_generator_gives_the_same_outcomes():
    design = design_of({})
    first, second = (simulate(plain_draws(3, 2, c=[0.0]), design, np.random.default_rng(7)) for _ in range(2))
    assert (first.events == second.events).all()
    assert (first.log_cumulative_hazard == second.log_cumulative_hazard).all()


def test_outcomes_take_the_place_of_those_in_a_design(outcomes):
    design, simulated = outcomes
    data = simulated.data(3)
    other = with_outcomes(design, data["observed_events"], data["observed_log_H"])
    assert (other.person_time.events == simulated.events[3]).all()
    assert (other.windows.log_cumulative_hazard == simulated.log_cumulative_hazard[3]).all()
    assert (other.windows.se == design.windows.se).all()
