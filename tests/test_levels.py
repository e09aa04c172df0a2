"""Are populations' and cohorts' levels integrated out and drawn as the multivariate normal says?"""

from __future__ import annotations

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
from scipy import stats

from resurge.synthesis.levels import Nesting, draw_levels, nested_log_density

# Seven windows; cohorts 0 and 1 in population 0, cohort 2 (not varying) in population 1, cohort 3 in population 2
# (followed).
COHORT_OF = [0, 0, 1, 2, 2, 3, 3]
POPULATION_OF = [0, 0, 1, 2]
NESTING = Nesting(
    window_cohort=np.eye(4)[COHORT_OF],
    cohort_population=np.eye(3)[POPULATION_OF],
    cohort_varies=np.array([1.0, 1.0, 0.0, 1.0]),
    population_varies=np.array([1.0, 1.0, 0.0]),
)
RESIDUAL = np.array([0.3, 0.1, -0.4, 0.2, 0.5, -0.1, 0.25])
VARIANCE = np.array([0.01, 0.04, 0.02, 0.09, 0.01, 0.03, 0.05])


def loadings():
    """Which window carries which level: columns are populations 0 to 2, then cohorts 0 to 3."""
    cohort = NESTING.window_cohort
    return np.hstack([cohort @ NESTING.cohort_population, cohort])


def level_variances(sigma_c, sigma_a):
    return np.concatenate([sigma_a**2 * NESTING.population_varies, sigma_c**2 * NESTING.cohort_varies])


def full_covariance(sigma_c, sigma_a):
    V = np.diag(VARIANCE).copy()
    for i in range(7):
        for j in range(7):
            if COHORT_OF[i] == COHORT_OF[j] and COHORT_OF[i] != 2:
                V[i, j] += sigma_c**2
            if POPULATION_OF[COHORT_OF[i]] == POPULATION_OF[COHORT_OF[j]] != 2:
                V[i, j] += sigma_a**2
    return V


@pytest.fixture(scope="module")
def log_density():
    r, v, c, a = pt.dvector("r"), pt.dvector("v"), pt.dscalar("c"), pt.dscalar("a")
    return pytensor.function([r, v, c, a], nested_log_density(r, v, c, a, NESTING), mode="FAST_COMPILE")


@pytest.mark.parametrize(("sigma_c", "sigma_a"), [(0.2, 0.3), (1e-6, 0.4), (0.5, 1e-6), (3.0, 5.0), (0.0, 0.0)])
def test_the_density_is_that_of_the_full_covariance(log_density, sigma_c, sigma_a):
    expected = stats.multivariate_normal(np.zeros(7), full_covariance(sigma_c, sigma_a)).logpdf(RESIDUAL)
    assert log_density(RESIDUAL, VARIANCE, sigma_c, sigma_a) == pytest.approx(expected, abs=1e-9)


def test_without_levels_the_windows_are_independent(log_density):
    expected = stats.norm(0, np.sqrt(VARIANCE)).logpdf(RESIDUAL).sum()
    assert log_density(RESIDUAL, VARIANCE, 0.0, 0.0) == pytest.approx(expected)


N = 200_000
SIGMA_C, SIGMA_A = 0.2, 0.3


@pytest.fixture(scope="module")
def drawn():
    a, c = draw_levels(
        np.tile(RESIDUAL, (N, 1)),
        np.tile(VARIANCE, (N, 1)),
        np.full(N, SIGMA_C),
        np.full(N, SIGMA_A),
        NESTING,
        np.random.default_rng(1),
    )
    return np.hstack([a, c])


@pytest.fixture(scope="module")
def conditional():
    """Mean and covariance of the levels given the residuals: D L' V^-1 r and D - D L' V^-1 L D."""
    L, D = loadings(), np.diag(level_variances(SIGMA_C, SIGMA_A))
    gain = D @ L.T @ np.linalg.inv(full_covariance(SIGMA_C, SIGMA_A))
    return gain @ RESIDUAL, D - gain @ L @ D


def test_the_mean_of_the_drawn_levels_is_the_conditional_mean(drawn, conditional):
    mean, covariance = conditional
    error = np.sqrt(np.diag(covariance) / N)
    assert (np.abs(drawn.mean(0) - mean) <= 5 * error).all()


def test_the_covariance_of_the_drawn_levels_is_the_conditional_one(drawn, conditional):
    covariance = conditional[1]
    sd = np.sqrt(np.diag(covariance))
    # Standard error of a covariance of normals: sqrt((s_i^2 s_j^2 + s_ij^2) / N).
    error = np.sqrt((np.outer(sd, sd) ** 2 + covariance**2) / N)
    assert (np.abs(np.cov(drawn.T) - covariance) <= 5 * error + 1e-15).all()
    assert covariance[0, 3] < -10 * error[0, 3]  # level and cohort of one population trade off; so the check can fail


def test_levels_that_do_not_vary_are_zero(drawn):
    assert (drawn[:, 2] == 0).all()  # a followed population
    assert (drawn[:, 5] == 0).all()  # a cohort that is its whole population
    assert (drawn[:, [0, 1, 3, 4, 6]].std(0) > 0.01).all()


def test_each_draw_uses_its_own_scales():
    spread = np.array([1e-9, 10.0])
    a, _ = draw_levels(
        np.tile(RESIDUAL, (2, 1)),
        np.tile(VARIANCE, (2, 1)),
        np.full(2, 1e-9),
        spread,
        NESTING,
        np.random.default_rng(2),
    )
    assert abs(a[0, 1]) < 1e-6
    # With no spread of cohorts and a wide one of populations, the level is the weighted mean of its two windows.
    weights = 1 / VARIANCE[3:5]
    assert a[1, 1] == pytest.approx(weights @ RESIDUAL[3:5] / weights.sum(), abs=4 / np.sqrt(weights.sum()))
