"""Does the translation model say what its equations say, and undo the winner's curse?"""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytensor
import pytest
from pytensor.graph.replace import clone_replace
from scipy import stats
from scipy.integrate import quad

import resurge.synthesis.translation as module
from evidence_folder import write_small_evidence
from resurge.evidence import load_evidence
from resurge.findings.translation_questions import error_of, repetition
from resurge.synthesis.translation import build_model
from resurge.synthesis.translation_design import stable, stable_se, standardised, translation_design
from resurge.synthesis.translation_forward import (
    SIGNIFICANT,
    chance_picked,
    draw_originals,
    draw_prior,
    draw_replications,
    true_effect_given,
    true_effects,
)
from resurge.synthesis.translation_priors import TRANSLATION

MANY = 40000


@pytest.fixture(scope="module")
def design(tmp_path_factory):
    return translation_design(
        load_evidence(write_small_evidence(tmp_path_factory.mktemp("t") / "data")).replication_pairs
    )


@pytest.fixture(scope="module")
def model(design):
    return build_model(design, TRANSLATION)


def constant(**values):
    """Give many equal draws."""
    return {
        name: np.broadcast_to(np.asarray(value, dtype=float), (MANY, *np.shape(value)))
        for name, value in values.items()
    }


# The scale


def test_the_stable_scale_is_fisher_z_of_the_matching_correlation():
    d = np.array([-1.2, 0.3, 4.0])
    r = d / np.sqrt(d**2 + 4)
    np.testing.assert_allclose(stable(d), np.arctanh(r))
    np.testing.assert_allclose(standardised(stable(d)), d)


def test_its_error_is_that_of_the_delta_method():
    step = 1e-6
    slope = (stable(2.0 + step) - stable(2.0 - step)) / (2 * step)
    assert stable_se(2.0, 0.7) == pytest.approx(0.7 * slope)


# The density


def test_the_model_has_the_density_of_its_equations(design, model):
    draws = draw_prior(TRANSLATION, design, 1, np.random.default_rng(1))
    one = {name: values[0] for name, values in draws.items()}
    delta, kind = true_effects(design, draws)[0], design.pair_experiment @ design.experiment_kind
    originals = stats.norm.logpdf(design.original, delta, design.original_se)
    chosen = np.where(design.original > SIGNIFICANT * design.original_se, 0.0, np.log(one["eta"]))
    originals += chosen - np.log(chance_picked(delta, design.original_se, one["eta"]))
    constants = -0.5 * np.log(2 * np.pi * design.original_se**2).sum()
    same = design.pair_experiment @ design.pair_experiment.T
    covariance = np.diag(design.replication_se**2 + (kind @ one["omega"]) ** 2) + same * (kind @ one["sigma"]) ** 2
    replications = stats.multivariate_normal((kind @ one["slope"]) * delta, covariance).logpdf(design.replication)
    free = ("centre", "between", "within", "level", "z_pair", "eta", "slope", "sigma", "omega")
    given = {model[name]: one[name] for name in free}
    inputs = [each.type() for each in given]
    outputs = clone_replace(list(model.potentials), dict(zip(given, inputs, strict=True)), rebuild_strict=False)
    first, second = pytensor.function(inputs, outputs, mode="FAST_COMPILE", on_unused_input="ignore")(*given.values())
    assert first + constants == pytest.approx(originals.sum())
    assert second == pytest.approx(replications)


def test_the_glossary_is_that_of_the_model(model):
    listed = dict(re.findall(r"^(\w+) {2,}((?:\w+)?) {2,}\S", module.__doc__, re.MULTILINE))
    named = {v.name: model.named_vars_to_dims.get(v.name, ()) for v in [*model.basic_RVs, *model.deterministics]}
    for name, dims in named.items():
        assert listed[name] == ", ".join(dims), name


# The winner's curse


def test_without_selection_the_true_effect_is_the_normal_posterior():
    draws = constant(centre=[1.0, 1.0], between=[0.3, 0.3], within=[0.4, 0.4], eta=1.0)
    truth = true_effect_given(1.6, 0.5, 0, draws, np.random.default_rng(2))
    precision = 1 / 0.25 + 1 / 0.25
    assert truth.mean() == pytest.approx((1.6 / 0.25 + 1.0 / 0.25) / precision, abs=0.01)
    assert truth.std() == pytest.approx(precision**-0.5, rel=0.02)


ETA, ERROR, CENTRE, SPREAD = 0.05, 0.5, 0.6, np.hypot(0.3, 0.3)


def picked(effect):
    """Chance that an original with a true effect is published: sure where it is significant, ETA elsewhere."""
    significant = stats.norm.sf(1.96 * ERROR, effect, ERROR)
    return significant + ETA * (1 - significant)


def told_by_quadrature(published):
    """Mean and standard deviation of the true effect behind one published effect."""

    def moment(k):
        def density(effect):
            own = stats.norm.pdf(published, effect, ERROR) * stats.norm.pdf(effect, CENTRE, SPREAD)
            return effect**k * own / picked(effect)

        return quad(density, -4, 6, epsabs=1e-12)[0]

    mean = moment(1) / moment(0)
    return mean, np.sqrt(moment(2) / moment(0) - mean**2)


def exaggeration_below(limit):
    """Mean of published less true effect of the true effects below a limit; a truncated normal exceeds its mean."""

    def excess(effect):
        above = ERROR * stats.norm.pdf(1.96 - effect / ERROR)  # mean excess of the significant, times their chance
        return (1 - ETA) * above / picked(effect)

    parts = [
        quad(lambda effect: f(effect) * stats.norm.pdf(effect, CENTRE, SPREAD), -4, limit)[0]  # noqa: B023
        for f in (excess, lambda _: 1.0)
    ]
    return parts[0] / parts[1]


def test_with_selection_the_true_effect_is_that_of_simulated_originals(design):
    one = replace(design, original_se=np.full(4, 0.5))
    draws = constant(
        centre=[0.6, 0.6], between=[0.3, 0.3], within=[0.3, 0.3], eta=0.05, z_pair=[0.0] * 4, level=[0.0] * 3
    )
    rng = np.random.default_rng(3)
    draws["level"] = 0.6 + 0.3 * rng.standard_normal((MANY, 3))
    draws["z_pair"] = rng.standard_normal((MANY, 4))
    published, truth = draw_originals(one, draws, rng), true_effects(one, draws)
    # Given the truth every original is published once, so the truth keeps its own distribution: the model's assumption.
    near = np.abs(published - 1.1) < 0.05
    told = true_effect_given(1.1, 0.5, 0, draws, rng)
    assert told.mean() == pytest.approx(truth[near].mean(), abs=0.03)
    assert told.std() == pytest.approx(truth[near].std(), abs=0.03)
    mean, spread = told_by_quadrature(1.1)
    assert told.mean() == pytest.approx(mean, abs=5 * spread / np.sqrt(MANY) + 0.005)  # half a step of its grid
    assert told.std() == pytest.approx(spread, rel=0.03)
    # Small true effects are published as larger ones, and the correction takes that back.
    assert (published - truth)[truth < 0.5].mean() == pytest.approx(exaggeration_below(0.5), abs=0.01)
    assert told.mean() < (0.18 * 1.1 + 0.25 * 0.6) / 0.43 - 0.02  # of the normal posterior, without selection


def test_a_repetition_is_the_slope_times_the_truth():
    draws = constant(
        centre=[1.0, 1.0], between=[0.3, 0.3], within=[0.3, 0.3], eta=1.0, slope=[0.5, 0.2], sigma=[0.0, 0.0],
        omega=[0.0, 0.0],
    )  # fmt: skip
    truth, repeated = repetition(draws, 0, 1.5, 0.4)
    np.testing.assert_allclose(repeated, 0.5 * truth)


def test_the_error_of_a_standardised_difference_is_the_usual_one():
    # Two groups of 10, d = 0.5: sqrt(1/10 + 1/10 + 0.25 / 40)
    assert error_of(0.5, 20) == pytest.approx(np.sqrt(0.2 + 0.25 / 40))


def test_replications_have_the_moments_of_the_model(design):
    draws = draw_prior(TRANSLATION, design, 1, np.random.default_rng(4))
    many = {name: np.repeat(values, MANY, axis=0) for name, values in draws.items()}
    drawn = draw_replications(design, many, np.random.default_rng(5))
    kind = design.pair_experiment @ design.experiment_kind
    mean = (kind @ draws["slope"][0]) * true_effects(design, draws)[0]
    sd = np.sqrt(design.replication_se**2 + (kind @ draws["omega"][0]) ** 2 + (kind @ draws["sigma"][0]) ** 2)
    np.testing.assert_allclose(drawn.mean(0), mean, atol=0.02)
    np.testing.assert_allclose(drawn.std(0), sd, rtol=0.03)
    shared = np.corrcoef(drawn[:, 0], drawn[:, 1])[0, 1]
    assert shared == pytest.approx((draws["sigma"][0] @ [0, 1]) ** 2 / (sd[0] * sd[1]), abs=0.02)


def test_every_prior_has_a_reason():
    vectors = ("centre", "log_between", "log_within", "slope", "log_sigma", "log_omega")
    expected = {"eta", *(f"{name}[{kind}]" for name in vectors for kind in ("animal", "cell"))}
    assert sorted(name for name, _, _ in TRANSLATION.table()) == sorted(expected)
    assert all(reason for _, _, reason in TRANSLATION.table())
