"""Does pooling give the answers that others published, and those of brute force?"""

import math
import time
from itertools import pairwise

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from published_studies import (
    ADJUVANT,
    CONCURRENT,
    NEOADJUVANT,
    ROUNDED_SCHOOLS,
    ROUNDED_SCHOOLS_SE,
    SCHOOLS,
    SCHOOLS_SE,
    bcg_log_odds_ratios,
)
from resurge.synthesis import pooling, priors

WIDE = ("normal", 0, 100)


def brute_force(y, se, centre, spread, log_prior, lower=0.0, upper=math.inf):
    """Posterior moments of tau, mu, the first effect and a prediction by adaptive quadrature on log tau."""
    y, se = np.asarray(y, float), np.asarray(se, float)
    precision = 0.0 if math.isinf(spread) else spread**-2.0

    def parts(tau):
        w = 1 / (se**2 + tau**2)
        total = w.sum() + precision
        m = ((w * y).sum() + centre * precision) / total
        log_l = 0.5 * np.log(w).sum() - 0.5 * np.log(total) - 0.5 * (w * (y - m) ** 2).sum()
        return log_l - 0.5 * precision * (m - centre) ** 2 + log_prior(tau), m, 1 / total

    ends = (math.log(max(lower, 1e-9 * se.min())), math.log(min(upper, 1e12 * se.max())))
    top = max(parts(math.exp(u))[0] + u for u in np.linspace(*ends, 2000))

    def integral(what):
        def f(u):
            tau = math.exp(u)
            return math.exp(parts(tau)[0] + u - top) * what(tau)

        cuts = np.linspace(*ends, 40)
        return sum(quad(f, a, b, epsabs=1e-14, epsrel=1e-11, limit=400)[0] for a, b in pairwise(cuts))

    whole = integral(lambda tau: 1.0)
    tau = integral(lambda tau: tau) / whole
    mu = integral(lambda tau: parts(tau)[1]) / whole
    mu_sd = math.sqrt(integral(lambda tau: parts(tau)[2] + (parts(tau)[1] - mu) ** 2) / whole)
    first = integral(lambda tau: (y[0] * tau**2 + parts(tau)[1] * se[0] ** 2) / (tau**2 + se[0] ** 2)) / whole
    predicted = math.sqrt(integral(lambda tau: parts(tau)[2] + tau**2 + (parts(tau)[1] - mu) ** 2) / whole)
    return tau, mu, mu_sd, first, predicted


def test_bcg_near_the_binomial_answer_of_technical_support_document_3():
    """The document counts events as binomial; normal log odds ratios lie a tenth of a posterior sd from it."""
    y, se, _ = bcg_log_odds_ratios()
    pooled = pooling.random_effects(y, se, mu_prior=WIDE, tau_prior=("half-normal", 5))
    assert (pooled.mu.mean, pooled.mu.sd) == pytest.approx((-0.762, 0.22), abs=0.1 * 0.22)
    assert np.allclose(pooled.mu.interval(), (-1.21, -0.34), atol=0.2 * 0.22)
    assert pooled.tau.median == pytest.approx(0.649, abs=0.1 * 0.202)
    assert np.allclose(pooled.tau.interval(), (0.39, 1.17), atol=0.2 * 0.202)
    assert np.allclose(pooled.prediction.interval(), (-2.27, 0.72), atol=0.1 * 0.75)
    expected = brute_force(y, se, 0.0, 100.0, lambda tau: -0.5 * (tau / 5) ** 2)
    assert (pooled.tau.mean, pooled.mu.mean, pooled.mu.sd) == pytest.approx(expected[:3], rel=1e-6)


def test_bcg_with_latitude():
    y, se, latitude = bcg_log_odds_ratios()
    fitted = pooling.meta_regression(
        y, se, {"latitude": latitude}, mu_prior=WIDE, slope_prior=WIDE, tau_prior=("half-normal", 5)
    )
    slope = fitted.slopes["latitude"]
    assert (slope.mean, slope.sd) == pytest.approx((-0.032, 0.009), abs=0.1 * 0.009)
    assert fitted.tau.median == pytest.approx(0.272, abs=0.02 * 0.188)
    assert np.allclose(slope.interval(), (-0.05, -0.01), atol=0.005)
    at_mean = fitted.mean_at([latitude.mean()])
    assert at_mean.mean == pytest.approx(fitted.mu.mean)


def test_bcg_without_priors():
    y, se, _ = bcg_log_odds_ratios()
    equal = pooling.equal_effects(y, se)
    assert np.allclose(np.exp([equal.mean, *equal.interval()]), [0.6465, 0.5951, 0.7024], atol=5e-5)
    likely = pooling.maximum_likelihood(y, se)
    assert np.allclose(np.exp([likely.mean, *likely.interval()]), [0.4762, 0.3360, 0.6749], atol=5e-5)
    assert likely.tau2 == pytest.approx(0.3025, abs=5e-5)
    assert pooling.restricted_maximum_likelihood(y, se).tau2 == pytest.approx(0.3378, abs=1e-4)


def test_eight_schools():
    pooled = pooling.random_effects(SCHOOLS, SCHOOLS_SE, mu_prior=(0, 50), tau_prior=("half-cauchy", 25))
    assert (pooled.mu.mean, pooled.mu.sd) == pytest.approx((7.9857, 4.9958), abs=0.001)
    assert (pooled.tau.mean, pooled.tau.median) == pytest.approx((5.8845, 4.7585), abs=0.001)
    assert pooled.probability_positive == pytest.approx(0.94875, abs=5e-5)
    assert pooled.prediction.sd == pytest.approx(9.1268, abs=0.001)
    assert (pooled.effects.mean[0], pooled.effects.sd[0]) == pytest.approx((11.095, 7.901), abs=0.005)


def test_eight_schools_rounded():
    pooled = pooling.random_effects(ROUNDED_SCHOOLS, ROUNDED_SCHOOLS_SE, mu_prior=(0, 5), tau_prior=("half-cauchy", 5))
    assert (pooled.mu.mean, pooled.mu.sd) == pytest.approx((4.3970, 3.3176), abs=0.001)
    assert (pooled.tau.mean, pooled.tau.sd, pooled.tau.median) == pytest.approx((3.5953, 3.2202, 2.747), abs=0.003)


def test_log_rank_sums_of_head_and_neck_trials():
    by_timing = {}
    for name, trials in (("adjuvant", ADJUVANT), ("neoadjuvant", NEOADJUVANT), ("concurrent", CONCURRENT)):
        by_timing[name] = pooling.equal_effects(*pooling.log_rank_effects(*np.transpose(trials)))
    everything = pooling.equal_effects(*pooling.log_rank_effects(*np.transpose(ADJUVANT + NEOADJUVANT + CONCURRENT)))
    assert (everything.mean, everything.sd) == pytest.approx((-0.1108, 0.0237), abs=5e-5)
    assert everything.q == pytest.approx(123.67, abs=0.005)
    assert everything.df == 64
    found = [by_timing[name].mean for name in ("adjuvant", "neoadjuvant", "concurrent")]
    assert found == pytest.approx([-0.0232, -0.0559, -0.2053], abs=5e-5)


CASES = {
    "many like each other": ([0.1, 0.12, 0.09, 0.11], [0.1, 0.2, 0.15, 0.1], 0.0, 10.0),
    "identical": ([0.3, 0.3, 0.3], [0.1, 0.1, 0.1], 0.0, math.inf),
    "three schools, heavy tail": ([28.0, 8.0, -3.0], [15.0, 10.0, 16.0], 0.0, math.inf),
    "far apart": ([-5.0, 0.0, 5.0, 9.0], [0.1, 0.1, 0.1, 0.1], 0.0, 100.0),
    "precise beside vague": ([0.5, 3.0, -4.0, 0.4], [1e-4, 5.0, 5.0, 1.0], 0.0, 10.0),
}
PRIORS = {
    "half-normal": (pooling.HalfNormal(0.5), lambda t: -0.5 * (t / 0.5) ** 2, 0.0, math.inf),
    "half-cauchy": (pooling.HalfCauchy(25.0), lambda t: -math.log1p((t / 25) ** 2), 0.0, math.inf),
    "half-t": (("half-t", 4, 0.3), lambda t: -2.5 * math.log1p((t / 0.3) ** 2 / 4), 0.0, math.inf),
    "uniform": (("uniform", 0, 10), lambda _: 0.0, 0.0, 10.0),
    "exponential": (("exponential", 2.0), lambda t: -t / 2, 0.0, math.inf),
    "log-normal": (("log-normal", -1, 0.8), lambda t: -math.log(t) - 0.5 * ((math.log(t) + 1) / 0.8) ** 2, 0, math.inf),
}


@pytest.mark.parametrize("prior", PRIORS)
@pytest.mark.parametrize("case", CASES)
def test_agrees_with_brute_force(case, prior):
    y, se, centre, spread = CASES[case]
    tau_prior, log_prior, lower, upper = PRIORS[prior]
    mu_prior = pooling.Flat() if math.isinf(spread) else (centre, spread)
    pooled = pooling.random_effects(y, se, mu_prior=mu_prior, tau_prior=tau_prior)
    found = pooled.tau.mean, pooled.mu.mean, pooled.mu.sd, pooled.effects.mean[0], pooled.prediction.sd
    expected = brute_force(y, se, centre, spread, log_prior, lower, upper)
    assert np.allclose(found, expected, rtol=1e-4, atol=1e-4 * pooled.mu.sd)


def test_quantiles_and_distribution_functions_are_inverse():
    pooled = pooling.random_effects(SCHOOLS[:3], SCHOOLS_SE[:3], tau_prior=("half-cauchy", 25))
    p = np.array([0.001, 0.025, 0.5, 0.9, 0.999])
    for part in (pooled.tau, pooled.mu, pooled.prediction):
        assert np.allclose(part.cdf(part.quantile(p)), p, atol=1e-8)
    assert np.allclose(pooled.effects.cdf(pooled.effects.quantile(0.3)), 0.3)


def test_quantiles_of_tau_are_those_of_a_prior_that_learns_nothing():
    pooled = pooling.random_effects(
        [0.0], [1e-3], tau_prior=("half-normal", 2)
    )  # one study, mu flat: tau stays as it was
    p = np.array([0.025, 0.25, 0.5, 0.975])
    assert np.allclose(pooled.tau.quantile(p), scipy.stats.halfnorm(scale=2).ppf(p), rtol=1e-6)
    assert pooled.tau.sd == pytest.approx(scipy.stats.halfnorm(scale=2).std(), rel=1e-6)


def test_moments_that_do_not_exist_are_told():
    two = pooling.random_effects([1.0, 2.0], [1.0, 1.0], tau_prior=("half-cauchy", 1))
    assert math.isfinite(two.tau.mean)
    assert two.tau.sd == two.mu.sd == two.prediction.sd == math.inf
    one = pooling.random_effects([1.0], [1.0], tau_prior=("half-cauchy", 1))
    assert one.tau.mean == math.inf
    assert one.tau.median == pytest.approx(1.0)
    assert math.isnan(one.mu.mean)
    assert one.mu.median == pytest.approx(1.0)


def test_one_study_with_proper_priors():
    pooled = pooling.random_effects([-0.5], [0.2], mu_prior=(0, 1), tau_prior=("fixed", 0))
    weight = 0.2**-2 / (0.2**-2 + 1)
    assert (pooled.mu.mean, pooled.mu.sd) == pytest.approx((-0.5 * weight, (0.2**-2 + 1) ** -0.5))


def test_a_known_heterogeneity_of_zero_is_a_common_effect():
    pooled = pooling.random_effects(SCHOOLS, SCHOOLS_SE, tau_prior=pooling.Fixed(0.0))
    equal = pooling.equal_effects(SCHOOLS, SCHOOLS_SE)
    assert (pooled.mu.mean, pooled.mu.sd) == pytest.approx((equal.mean, equal.sd))
    assert np.allclose(pooled.effects.mean, equal.mean)


@pytest.mark.parametrize("scale", [1e-9, 1e-3, 1e4, 1e9])
def test_units_do_not_matter(scale):
    plain = pooling.random_effects(SCHOOLS, SCHOOLS_SE, mu_prior=(0, 50), tau_prior=("half-cauchy", 25))
    scaled = pooling.random_effects(
        scale * SCHOOLS, scale * SCHOOLS_SE, mu_prior=(0, 50 * scale), tau_prior=("half-cauchy", 25 * scale)
    )
    for part in ("mu", "tau", "prediction"):
        assert np.allclose(
            np.array(getattr(scaled, part).interval()) / scale, getattr(plain, part).interval(), rtol=1e-6, atol=1e-6
        )


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-3, 3), st.floats(0.05, 2.0)), min_size=2, max_size=8),
    st.floats(-1000, 1000),
    st.randoms(use_true_random=False),
)
def test_order_sign_and_origin_do_not_matter(studies, shift, random):
    y, se = np.transpose(studies)
    pooled = pooling.random_effects(y, se, tau_prior=("half-normal", 1))
    order = random.sample(range(len(y)), len(y))
    mirrored = pooling.random_effects(shift - y[order], se[order], tau_prior=("half-normal", 1))
    assert mirrored.mu.mean == pytest.approx(shift - pooled.mu.mean, abs=1e-6)
    assert mirrored.tau.median == pytest.approx(pooled.tau.median, abs=1e-6)
    assert np.allclose(mirrored.effects.mean, shift - pooled.effects.mean[order], atol=1e-6)


def test_any_form_of_the_same_prior_gives_the_same_answer():
    forms = [
        pooling.HalfNormal(2.0), ("half-normal", 2), ("half_normal", 2.0), priors.HalfNormal(2.0, "a reason"),
        scipy.stats.halfnorm(scale=2),
    ]  # fmt: skip
    centres = [pooling.Normal(1, 3), ("normal", 1, 3), (1, 3), scipy.stats.norm(1, 3), priors.Normal(1.0, 3.0, "why")]
    found = [
        pooling.random_effects(SCHOOLS, SCHOOLS_SE, mu_prior=mu, tau_prior=tau).mu.mean
        for mu, tau in zip(centres, forms, strict=True)
    ]
    assert np.allclose(found, found[0], rtol=1e-9)


@pytest.mark.parametrize(
    "tau_prior", ["half-nromal", ("half-normal", -1), ("uniform", 3, 1), ("half-normal",), 0.5, None]
)
def test_what_is_not_a_prior_is_refused(tau_prior):
    with pytest.raises(pooling.PriorError):
        pooling.random_effects(SCHOOLS, SCHOOLS_SE, tau_prior=tau_prior)


@pytest.mark.parametrize(
    ("y", "se", "words"),
    [
        ([1.0, math.nan], [1.0, 1.0], "study 2: the effect"),
        ([1.0, 2.0], [1.0, -1.0], "study 2: the standard error"),
        ([1.0, 2.0], [0.0, 1.0], "study 1: the standard error"),
        ([1.0, 2.0], [1.0], "2 effects do not fit 1"),
        ([], [], "no study"),
        (["a"], [1.0], "must be numbers"),
    ],
)
def test_what_is_not_a_study_is_named(y, se, words):
    with pytest.raises(pooling.StudyError, match=words):
        pooling.random_effects(y, se, tau_prior=("half-normal", 1))


def test_an_improper_posterior_is_refused():
    with pytest.raises(pooling.ImproperPosteriorError, match="too few studies"):
        pooling.random_effects(SCHOOLS[:2], SCHOOLS_SE[:2], tau_prior="flat")
    assert math.isfinite(pooling.random_effects(SCHOOLS[:4], SCHOOLS_SE[:4], tau_prior="flat").tau.mean)


def test_covariates_that_say_nothing_are_refused():
    for covariate in (np.ones(8), np.column_stack([np.arange(8), 2 * np.arange(8)]), np.arange(7)):
        with pytest.raises(pooling.StudyError):
            pooling.meta_regression(SCHOOLS, SCHOOLS_SE, covariate, tau_prior=("half-normal", 10))


def test_draws_have_the_posterior_s_moments():
    pooled = pooling.random_effects(SCHOOLS, SCHOOLS_SE, mu_prior=(0, 50), tau_prior=("half-normal", 10))
    draws = pooled.draw(200_000, np.random.default_rng(1))
    for name in ("mu", "tau", "prediction", "effects"):
        part = getattr(pooled, name)
        assert np.allclose(draws[name].mean(axis=0), part.mean, atol=0.06)
        assert np.allclose(draws[name].std(axis=0), part.sd, rtol=0.02)


def test_thousands_of_studies_take_no_time():
    rng = np.random.default_rng(5)
    se = rng.uniform(0.1, 0.5, 5000)
    y = 0.3 + np.hypot(0.2, se) * rng.standard_normal(5000)
    start = time.process_time()
    pooled = pooling.random_effects(y, se, tau_prior=("half-normal", 1))
    assert time.process_time() - start < 3
    assert abs(pooled.mu.mean - 0.3) < 4 * pooled.mu.sd
    assert abs(pooled.tau.mean - 0.2) < 4 * pooled.tau.sd


def test_a_result_prints_its_answers():
    pooled = pooling.random_effects([0.1, 0.3], [0.1, 0.1], mu_prior=("normal", 0, 1), tau_prior=("half-normal", 0.5))
    head, mu, tau, new = repr(pooled).splitlines()
    assert head == "random effects of 2 studies"
    assert mu.split(":")[0].startswith(f"  mu         mean {pooled.mu.mean:.4g}, sd {pooled.mu.sd:.4g}, 95% interval ")
    assert tau.startswith(f"  tau        median {pooled.tau.median:.4g}, ")
    assert new.startswith("  new study  mean ")
