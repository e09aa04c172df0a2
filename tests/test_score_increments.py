"""Do the increments of a trial's reports tell of the years between them, and of nothing before?

Trials are simulated month by month, and analysed as they are in print: one Cox regression of all events so far at each
look, whatever has become of the hazard ratio since.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resurge.synthesis.score_increments import InformationShrinksError, orthogonal_contrasts, score_increments

# Simulated trials: the hazard ratio is 0.5 for two years, 0.8 until year 5, then 1.1

N_TRIALS, ARM, MONTHS = 3000, 600, 96
LOOKS = (24, 60, 96)
LOG_RATIOS = np.log([0.5, 0.8, 1.1])


def tables(log_ratios, rng):
    """Give events and women at risk by trial, month and arm (control first)."""
    log_ratio = np.repeat(log_ratios, np.diff([0, *LOOKS]))
    left = np.full((N_TRIALS, 2), ARM)
    events, at_risk = [], []
    for month in range(MONTHS):
        hazard = 0.08 / 12 * np.exp([0.0, log_ratio[month]])
        died = rng.binomial(left, 1 - np.exp(-hazard))
        events.append(died)
        at_risk.append(left)
        left = left - died
    return np.stack(events, axis=1), np.stack(at_risk, axis=1)


def cox(events, at_risk):
    """Maximise the partial likelihood of grouped times; give log hazard ratio and standard error by trial."""
    log_ratio = np.zeros(len(events))
    for _ in range(8):
        risk = at_risk * np.exp(np.stack([np.zeros_like(log_ratio), log_ratio], axis=1))[:, None]
        share = risk[..., 1] / risk.sum(2)
        information = (events.sum(2) * share * (1 - share)).sum(1)
        log_ratio = log_ratio + (events[..., 1] - events.sum(2) * share).sum(1) / information
    return log_ratio, 1 / np.sqrt(information)


def reports_of(log_ratios):
    """Log hazard ratio and standard error of every trial at each look, shape (2, look, trial)."""
    events, at_risk = tables(log_ratios, np.random.default_rng(1))
    return np.stack([cox(events[:, :look], at_risk[:, :look]) for look in LOOKS], axis=1)


def steps_of(reports):
    return np.stack([score_increments(*trial) for trial in np.moveaxis(reports, 2, 0)], axis=2)


def correlations(estimates):
    return np.corrcoef(estimates)[np.triu_indices(len(estimates), 1)]


@pytest.fixture(scope="module")
def reports():
    return reports_of(LOG_RATIOS)


@pytest.fixture(scope="module")
def steps(reports):
    return steps_of(reports)


def test_a_later_report_mixes_what_came_before(reports):
    last = reports[0, -1].mean()
    assert LOG_RATIOS[0] + 0.2 < last < LOG_RATIOS[-1] - 0.2


def test_an_increment_is_the_log_hazard_ratio_of_its_own_years(steps):
    error = steps[0].std(axis=1) / np.sqrt(N_TRIALS)
    # The Cox likelihood is not quite quadratic; where the ratio doubles, its increments are off by a hundredth or two.
    assert (np.abs(steps[0].mean(1) - LOG_RATIOS) < 4 * error + 0.02).all()


def test_the_scatter_of_an_increment_is_its_standard_error(steps):
    assert steps[0].std(axis=1) == pytest.approx(steps[1].mean(1), rel=0.06)


def test_reports_go_together_and_increments_do_not():
    reports = reports_of(np.full(3, np.log(0.7)))
    shared = np.sqrt((reports[1][[1, 2, 2]] / reports[1][[0, 0, 1]]).mean(1) ** 2)
    assert correlations(reports[0]) == pytest.approx(shared, abs=0.03)
    assert shared.min() > 0.5
    assert (np.abs(correlations(steps_of(reports)[0])) < 4 / np.sqrt(N_TRIALS)).all()


def test_a_changing_hazard_ratio_leaves_little_between_increments(reports, steps):
    # Independence is exact for one hazard ratio and small steps from it; here it doubles. A correlation of 0.12 makes
    # the standard error of the mean of two increments wrong by sqrt(1.12) - 1 = 6%, as much as that of one may be
    # above.
    assert correlations(reports[0]).min() > 0.45
    assert np.abs(correlations(steps[0])).max() < 0.12


# On paper


def test_what_is_added_to_a_report_by_hand():
    # Informations 25, 100 and 400; scores -10, -30 and -40.
    log_ratio, se = score_increments([-0.4, -0.3, -0.1], [1 / 5, 1 / 10, 1 / 20])
    assert log_ratio == pytest.approx([-0.4, -20 / 75, -10 / 300])
    assert se == pytest.approx([1 / 5, 75**-0.5, 300**-0.5])


def test_one_report_is_its_own_increment():
    log_ratio, se = score_increments([-0.4], [0.2])
    assert (log_ratio.tolist(), se.tolist()) == (pytest.approx([-0.4]), pytest.approx([0.2]))


chains = st.lists(st.tuples(st.floats(-2, 2), st.floats(1.0, 200.0)), min_size=1, max_size=6)


@given(chains)
def test_increments_add_up_to_the_last_report(steps):
    y, gained = np.array(steps).T
    information = gained.cumsum()
    reported = (y * gained).cumsum() / information
    log_ratio, se = score_increments(reported, information**-0.5)
    assert log_ratio == pytest.approx(y, abs=1e-8)
    weights = se**-2
    assert weights @ log_ratio / weights.sum() == pytest.approx(reported[-1], abs=1e-9)
    assert weights.sum() == pytest.approx(information[-1])


@pytest.mark.parametrize(("se", "late"), [([0.2, 0.2], 2), ([0.2, 0.1, 0.15], 3), ([0.2, 0.3, 0.1], 2)])
def test_a_report_that_gains_no_information_is_refused_by_its_place(se, late):
    with pytest.raises(InformationShrinksError, match=rf"report {late} of the trial .* {se[late - 1]:.4g}, not below"):
        score_increments(np.zeros(len(se)), se)


# Contrasts


@pytest.mark.parametrize("n", range(1, 9))
def test_contrasts_are_a_basis_of_all_differences(n):
    contrasts = orthogonal_contrasts(n)
    assert contrasts.shape == (n - 1, n)
    assert contrasts @ contrasts.T == pytest.approx(np.eye(n - 1))
    assert contrasts.sum(1) == pytest.approx(np.zeros(n - 1), abs=1e-12)


def test_the_first_contrasts_by_hand():
    assert orthogonal_contrasts(3) == pytest.approx(
        np.array([[1 / np.sqrt(2), -1 / np.sqrt(2), 0], [1 / np.sqrt(6), 1 / np.sqrt(6), -2 / np.sqrt(6)]])
    )


@given(st.lists(st.floats(0.01, 4.0), min_size=2, max_size=8))
def test_contrasts_know_nothing_of_the_mean_that_an_overview_takes(variances):
    v = np.array(variances)
    mean = (1 / v) / (1 / v).sum()
    covariance = orthogonal_contrasts(len(v)) @ np.diag(v) @ mean
    assert covariance == pytest.approx(np.zeros(len(v) - 1), abs=1e-12)
