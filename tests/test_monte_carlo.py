"""Are Monte Carlo errors of weighted draws those that are seen when the choice of draws is repeated?"""

from __future__ import annotations

import numpy as np
import pytest

from resurge.inference.monte_carlo import Estimate, mean_of, spread_of, standard_errors_apart


def test_errors_of_draws_chosen_by_weights_are_those_seen_over_many_choices():
    from resurge.inference.psis import resampled, smoothed

    rng = np.random.default_rng(4)
    means, spreads, told = [], [], []
    for _ in range(200):
        draws = rng.standard_normal(2000)
        weights = smoothed(0.6 * draws + 0.5 * rng.standard_normal(2000))
        chosen = draws[resampled(weights, 2000, rng)].reshape(4, 500)
        means.append(chosen.mean())
        spreads.append(chosen.std())
        if len(told) < 20:
            told.append((mean_of(chosen).error, spread_of(chosen).error))
    error_of_mean, error_of_spread = np.mean(told, axis=0)
    assert error_of_mean == pytest.approx(np.std(means), rel=0.2)
    assert error_of_spread == pytest.approx(np.std(spreads), rel=0.3)
    assert np.mean(means) == pytest.approx(0.6, abs=0.02)


def test_values_that_do_not_exist_are_left_out():
    draws = np.random.default_rng(5).standard_normal((4, 500))
    some = np.where(np.arange(500) % 2, draws, np.nan)
    assert mean_of(some).value == pytest.approx(np.nanmean(some))
    assert mean_of(some).error == pytest.approx(1 / np.sqrt(1000), rel=0.2)
    assert mean_of(np.ones((4, 5))) == spread_of(np.ones((4, 5))).__class__(1.0, 0.0)
    assert standard_errors_apart(Estimate(1.0, 0.0), Estimate(1.0, 0.0)) == 0
    assert standard_errors_apart(Estimate(1.0, 3.0), Estimate(6.0, 4.0)) == -1
