"""Are the effects of classes and trials integrated out and drawn as the multivariate normal says?"""

from __future__ import annotations

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
from scipy import stats

from resurge.synthesis.therapy_levels import draw_effects, effects_log_density

# Three classes; trial 1 has two readings, trial 3 none (its trial gave only what an overview counts)
CLASS_OF = np.array([0, 0, 1, 1, 2])
TRIAL_OF = np.array([0, 1, 1, 2, 2, 2, 4])
TRIAL_CLASS, READING_TRIAL = np.eye(3)[CLASS_OF], np.eye(5)[TRIAL_OF]


def some_case(seed):
    rng = np.random.default_rng(seed)
    return {
        "readings": rng.normal(-0.3, 0.3, 7),
        "m": rng.uniform(-0.3, 1.2, 7),
        "variance": rng.uniform(0.02, 0.2, 7) ** 2,
        "sigma": rng.uniform(0.01, 0.4, 3),
        "mu": rng.normal(-0.3, 0.3, 3),
        "tau": np.array(rng.uniform(0.05, 0.6)),
    }


def loadings(case):
    """Which reading carries which effect: columns are classes 0 to 2, then deviations of trials 0 to 4."""
    return case["m"][:, None] * np.hstack([READING_TRIAL @ TRIAL_CLASS, READING_TRIAL])


def prior_of_effects(case):
    """Mean and covariance of classes and deviations of trials."""
    spread = np.concatenate([np.full(3, case["tau"]), case["sigma"][CLASS_OF]])
    return np.concatenate([case["mu"], np.zeros(5)]), np.diag(spread**2)


def dense(case):
    L, (mean, D) = loadings(case), prior_of_effects(case)
    return stats.multivariate_normal(L @ mean, L @ D @ L.T + np.diag(case["variance"])).logpdf(case["readings"])


def integrated(case):
    return effects_log_density(
        case["readings"], case["m"], case["variance"], READING_TRIAL, TRIAL_CLASS,
        case["sigma"], case["mu"], case["tau"],
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(20))
def test_the_density_is_that_of_the_full_covariance(seed):
    case = some_case(seed)
    assert integrated(case) == pytest.approx(dense(case), abs=1e-9)


@pytest.mark.parametrize("extreme", [{"tau": 1e-6}, {"tau": 50.0}, {"sigma": np.full(3, 1e-6)}, {"m": np.zeros(7)}])
def test_the_density_holds_at_the_ends(extreme):
    case = some_case(0) | extreme
    assert integrated(case) == pytest.approx(dense(case), abs=1e-7)


def test_the_density_is_the_same_in_pytensor():
    case = some_case(1)
    variables = {name: pt.tensor(name, shape=(None,) * value.ndim, dtype="float64") for name, value in case.items()}
    v = variables
    density = effects_log_density(
        v["readings"], v["m"], v["variance"], READING_TRIAL, TRIAL_CLASS, v["sigma"], v["mu"], v["tau"], log=pt.log
    )
    compiled = pytensor.function(list(variables.values()), density, mode="FAST_COMPILE")
    assert float(compiled(*case.values())) == pytest.approx(integrated(case), abs=1e-12)


# Draws

N = 200_000
CASE = some_case(2)


@pytest.fixture(scope="module")
def levels():
    tiled = {name: np.broadcast_to(CASE[name], (N, *np.shape(CASE[name]))) for name in ("m", "variance", "sigma", "mu")}
    return draw_effects(
        CASE["readings"], tiled["m"], tiled["variance"], READING_TRIAL, TRIAL_CLASS, tiled["sigma"], tiled["mu"],
        np.full(N, CASE["tau"]), np.random.default_rng(1),
    )  # fmt: skip


@pytest.fixture(scope="module")
def conditional():
    """Mean and covariance of the effects of classes, then of trials, given the readings."""
    L, (mean, D) = loadings(CASE), prior_of_effects(CASE)
    gain = D @ L.T @ np.linalg.inv(L @ D @ L.T + np.diag(CASE["variance"]))
    centre, covariance = mean + gain @ (CASE["readings"] - L @ mean), D - gain @ L @ D
    add = np.block([[np.eye(3), np.zeros((3, 5))], [TRIAL_CLASS, np.eye(5)]])  # a trial is its class and its deviation
    return add @ centre, add @ covariance @ add.T


def test_the_drawn_effects_have_the_conditional_mean(levels, conditional):
    drawn = np.hstack([levels.beta_class, levels.beta_trial])
    mean, covariance = conditional
    assert (np.abs(drawn.mean(0) - mean) <= 5 * np.sqrt(np.diag(covariance) / N)).all()


def test_the_drawn_effects_have_the_conditional_covariance(levels, conditional):
    drawn = np.hstack([levels.beta_class, levels.beta_trial])
    covariance = conditional[1]
    sd = np.sqrt(np.diag(covariance))
    # Standard error of a covariance of normals: sqrt((s_i^2 s_j^2 + s_ij^2) / N).
    error = np.sqrt((np.outer(sd, sd) ** 2 + covariance**2) / N)
    assert (np.abs(np.cov(drawn.T) - covariance) <= 5 * error).all()
    assert covariance[0, 3] > 10 * error[0, 3]  # class and trial go together; so the check can fail


def test_one_more_trial_lies_around_its_class(levels):
    apart = levels.beta_new - levels.beta_class
    assert apart.std(0) == pytest.approx(CASE["sigma"], rel=5 / np.sqrt(2 * N))
    together = [np.corrcoef(apart[:, k], levels.beta_class[:, k])[0, 1] for k in range(3)]
    assert np.abs(together).max() < 5 / np.sqrt(N)


def test_a_trial_without_readings_is_drawn_from_its_class(levels):
    apart = levels.beta_trial[:, 3] - levels.beta_class[:, 1]
    assert apart.std() == pytest.approx(CASE["sigma"][1], rel=5 / np.sqrt(2 * N))


def test_each_draw_uses_its_own_scales():
    sigma = np.stack([np.full(3, 1e-9), np.full(3, 1e3)])
    two = {name: np.broadcast_to(CASE[name], (2, *np.shape(CASE[name]))) for name in ("m", "variance", "mu")}
    drawn = draw_effects(
        CASE["readings"], two["m"], two["variance"], READING_TRIAL, TRIAL_CLASS, sigma, two["mu"],
        np.array([0.3, 1e-9]), np.random.default_rng(2),
    )  # fmt: skip
    assert drawn.beta_trial[0] == pytest.approx(drawn.beta_class[0][CLASS_OF], abs=1e-6)
    assert drawn.beta_class[1] == pytest.approx(CASE["mu"], abs=1e-6)
    weight = 1 / CASE["variance"][[1, 2]]
    own = CASE["m"][[1, 2]]
    alone = (weight * own) @ CASE["readings"][[1, 2]] / (weight @ own**2)
    assert drawn.beta_trial[1, 1] == pytest.approx(alone, abs=5 / np.sqrt(weight @ own**2))
