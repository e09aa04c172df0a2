"""Do published networks give the answers that were published?"""

import math

import numpy as np
import pytest

from published_studies import PARKINSON, SMOKING, contrasts, diabetes_arms, smoking_arms, thrombolytic_arms
from resurge.synthesis import network


def values(fitted, what):
    return [getattr(fitted.d[name], what) for name in sorted(fitted.d)]


def test_parkinson_under_a_common_effect():
    """Technical support document 2, with the deviance that others found for contrasts."""
    fitted = network.fit(contrasts(PARKINSON), effects="fixed", reference="1")
    assert values(fitted, "mean") == pytest.approx([-1.81, -0.47, -0.52, -0.82], abs=0.01)
    assert values(fitted, "sd") == pytest.approx([0.33, 0.49, 0.48, 0.52], abs=0.01)
    deviance = fitted.deviance
    assert (deviance["residual_deviance"], deviance["p_d"], deviance["dic"]) == pytest.approx(
        (6.3, 4.0, 10.3), abs=0.05
    )


def test_parkinson_under_random_effects():
    fitted = network.fit(contrasts(PARKINSON), reference="1", tau_prior=("half-normal", 5))
    assert values(fitted, "mean") == pytest.approx([-1.85, -0.50, -0.53, -0.83], abs=0.01)
    assert values(fitted, "sd") == pytest.approx([0.54, 0.66, 0.65, 0.80], abs=0.01)
    assert fitted.tau.median == pytest.approx(0.28, abs=0.02 * 0.43)
    assert (fitted.tau.mean, fitted.tau.sd) == pytest.approx((0.40, 0.43), abs=0.02 * 0.43)
    assert fitted.d["2"].interval() == pytest.approx((-2.91, -0.85), abs=0.02)
    deviance = fitted.deviance
    assert (deviance["residual_deviance"], deviance["p_d"], deviance["dic"]) == pytest.approx(
        (6.6, 5.5, 12.1), abs=0.06
    )


DIABETES = {
    "acarbose": (-0.8414, 0.2384), "benfluorex": (-0.7369, 0.2776), "metformin": (-1.1284, 0.1494),
    "miglitol": (-0.9499, 0.2253), "pioglitazone": (-1.1294, 0.2119), "rosiglitazone": (-1.2337, 0.1235),
    "sitagliptin": (-0.5700, 0.3414), "sulfonylurea": (-0.4175, 0.2326), "vildagliptin": (-0.7000, 0.3408),
}  # fmt: skip


def test_diabetes_at_the_published_heterogeneity():
    """Multivariate REML of others gives tau² 0.0999; given it, effects and errors follow in closed form."""
    fitted = network.fit(
        contrasts(diabetes_arms()), reference="placebo", tau_prior=("fixed", 0.0999**0.5), d_prior_sd=math.inf
    )
    for name, expected in DIABETES.items():
        assert (fitted.d[name].mean, fitted.d[name].sd) == pytest.approx(expected, abs=2e-4)
    between = fitted.relative("rosiglitazone", "sulfonylurea")
    assert (between.mean, between.sd) == pytest.approx((-0.8162, 0.2290), abs=2e-4)


def test_diabetes_with_the_heterogeneity_unknown():
    fitted = network.fit(contrasts(diabetes_arms()), reference="placebo", tau_prior=("half-normal", 5))
    assert fitted.tau.median == pytest.approx(0.3161, abs=0.05)
    for name, expected in DIABETES.items():
        assert fitted.d[name].mean == pytest.approx(expected[0], abs=0.1 * expected[1])
    order = [fitted.ranking.treatments[i] for i in fitted.ranking.order()]
    assert order[0] == "rosiglitazone"
    assert set(order[1:3]) == {"metformin", "pioglitazone"}
    assert order[-2:] == ["sulfonylurea", "placebo"]
    published = {"rosiglitazone": 0.898, "metformin": 0.786, "miglitol": 0.614, "placebo": 0.012}  # P-scores
    sucra = dict(zip(fitted.ranking.treatments, fitted.ranking.sucra, strict=True))
    assert {name: sucra[name] for name in published} == pytest.approx(published, abs=0.02)


def test_diabetes_q_by_design():
    """Krahn et al. 2013: total, within and between designs, and within each design."""
    test = network.fit(contrasts(diabetes_arms()), reference="placebo").design_by_treatment()
    assert (test.q_total, test.q_within, test.q_between) == pytest.approx((96.98, 74.45, 22.53), abs=0.006)
    assert (test.df_total, test.df_within, test.df_between) == (18, 11, 7)
    assert test.p_between == pytest.approx(0.0021, abs=5e-5)
    published = {
        ("metformin", "placebo"): (42.16, 2), ("placebo", "rosiglitazone"): (21.27, 5),
        ("benfluorex", "placebo"): (4.38, 1), ("miglitol", "placebo"): (6.45, 2),
        ("metformin", "rosiglitazone"): (0.19, 1),
    }  # fmt: skip
    assert test.by_design.keys() == published.keys()
    for design, (q, df) in published.items():
        assert test.by_design[design] == pytest.approx((q, df), abs=0.006)


def test_smoking_at_the_published_heterogeneity():
    """Half a quitter more in every cell, tau² 0.4324 by the multivariate REML of others."""
    arms = [
        (trial, name, np.log((r + 0.5) / (n - r + 0.5)), np.sqrt(1 / (r + 0.5) + 1 / (n - r + 0.5)))
        for trial, name, r, n in SMOKING
    ]
    fitted = network.fit(contrasts(arms), reference="none", tau_prior=("fixed", 0.4324**0.5), d_prior_sd=math.inf)
    expected = {"self_help": (0.3888, 0.3221), "individual": (0.6864, 0.1904), "group": (0.8438, 0.3641)}
    for name, answer in expected.items():
        assert (fitted.d[name].mean, fitted.d[name].sd) == pytest.approx(answer, abs=2e-4)
    assert fitted.design_by_treatment().q_total == pytest.approx(202.3334, abs=1e-3)
    assert fitted.design_by_treatment().df_total == 23


def test_smoking_near_the_binomial_answer():
    """Empty arms and few quitters make normal log odds ratios smaller than the binomial ones, by half an sd at most."""
    fitted = network.fit(contrasts(smoking_arms()), reference="none", tau_prior=("half-normal", 5))
    binomial = {"self_help": (0.49, 0.40), "individual": (0.84, 0.24), "group": (1.10, 0.44)}
    for name, (mean, sd) in binomial.items():
        assert 0 < mean - fitted.d[name].mean < 0.5 * sd + 0.005
        assert fitted.d[name].sd == pytest.approx(sd, rel=0.12)
    assert 0.55 < fitted.tau.median < 0.82
    assert len(fitted.node_split()) == 6


def test_thrombolytics_near_the_binomial_answer():
    """Technical support document 4 counts deaths as binomial; large trials make little of the difference."""
    fitted = network.fit(contrasts(thrombolytic_arms()), effects="common", reference="1", d_prior_sd=10)
    published = {
        ("2", "1"): (0.002, 0.030), ("3", "1"): (-0.177, 0.043), ("4", "1"): (-0.049, 0.046),
        ("5", "1"): (-0.124, 0.060), ("7", "1"): (-0.476, 0.101), ("8", "1"): (-0.203, 0.221),
        ("9", "1"): (0.016, 0.037), ("5", "3"): (0.054, 0.055), ("6", "3"): (0.005, 0.064),
        ("7", "3"): (-0.298, 0.098), ("9", "3"): (0.193, 0.056),
    }  # fmt: skip
    for pair, (mean, sd) in published.items():
        found = fitted.relative(*pair)
        assert found.mean == pytest.approx(mean, abs=0.35 * sd)
        assert found.sd == pytest.approx(sd, rel=0.04, abs=0.001)


def test_thrombolytics_contradict_each_other_where_it_is_known():
    """Two trials of ASPAC against accelerated t-PA are at odds with the rest (Dias et al. 2010)."""
    fitted = network.fit(contrasts(thrombolytic_arms()), effects="common", reference="1", d_prior_sd=10)
    splits = sorted(fitted.node_split(), key=lambda split: split.p_value)
    assert (splits[0].treatment, splits[0].control) == ("9", "3")
    assert splits[0].p_value < 0.01 < 0.1 < splits[1].p_value
    assert splits[0].direct.mean == pytest.approx(1.405, abs=0.2 * 0.417)
    assert len(splits) == 14
