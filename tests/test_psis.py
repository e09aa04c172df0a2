"""Are smoothed weights those of ArviZ, and do they know when they cannot be trusted?"""

from __future__ import annotations

import arviz as az
import numpy as np
import pytest
from scipy import stats

from resurge.inference.psis import MAX_K_HAT, fitted_tail, quantile_of_tail, resampled, smoothed

N = 4000


@pytest.mark.parametrize("scale", [0.01, 0.3, 1.0, 3.0])
@pytest.mark.parametrize("efficiency", [1.0, 0.4])
def test_weights_are_those_of_arviz(scale, efficiency):
    ratios = scale * np.random.default_rng(3).standard_normal(N)
    ours = smoothed(ratios, efficiency)
    logs, k_hat = az.psislw(ratios.copy(), reff=efficiency)
    np.testing.assert_allclose(ours.log_weights, logs, atol=1e-8)
    assert ours.k_hat == pytest.approx(float(k_hat), abs=1e-8)


def test_equal_ratios_are_equal_weights():
    weights = smoothed(np.full(N, 7.0))
    np.testing.assert_allclose(np.exp(weights.log_weights), 1 / N)
    assert weights.k_hat == 0
    assert weights.kish == pytest.approx(N)


def test_a_narrow_shift_can_be_reweighted_and_a_wide_one_says_it_cannot():
    draws = np.random.default_rng(4).standard_normal(N)

    def to_normal(mean, sd):
        return smoothed(stats.norm.logpdf(draws, mean, sd) - stats.norm.logpdf(draws))

    near = to_normal(0.5, 0.9)
    assert near.k_hat < MAX_K_HAT
    assert np.exp(near.log_weights) @ draws == pytest.approx(0.5, abs=5 * 0.9 / np.sqrt(near.kish))
    assert to_normal(0, 2.5).k_hat > MAX_K_HAT  # its tails are those of draws that hardly exist


@pytest.mark.parametrize("shape", [-0.2, 0.0, 0.3, 0.8])
def test_the_shape_of_a_tail_is_found(shape):
    quantiles = quantile_of_tail((np.arange(20_000) + 0.5) / 20_000, shape, 2.0)
    np.testing.assert_allclose(quantiles[::1000], stats.genpareto.ppf((np.arange(0, 20_000, 1000) + 0.5) / 20_000,
                                                                     shape, scale=2.0))  # fmt: skip
    found, scale = fitted_tail(quantiles)
    assert found == pytest.approx(shape, abs=0.02)
    assert scale == pytest.approx(2.0, rel=0.05)


def test_every_draw_is_chosen_its_due_number_of_times():
    weights = smoothed(np.random.default_rng(5).standard_normal(N))
    chosen = np.bincount(resampled(weights, N, np.random.default_rng(6)), minlength=N)
    assert (np.abs(chosen - N * np.exp(weights.log_weights)) < 1).all()
