"""Does the resistance model say what its equations say: conversions, densities, glossary, and its numpy twin?"""

from __future__ import annotations

import math
import re

import numpy as np
import pandas as pd
import pytensor
import pytest
from pytensor.graph.replace import clone_replace
from scipy import stats

import resurge.synthesis.resistance as module
from evidence_folder import DATA, write_small_evidence
from resurge.evidence import load_evidence
from resurge.evidence.tables import read_rows
from resurge.synthesis.correlation import beta_shapes, cholesky, draw_partial, pairs
from resurge.synthesis.resistance import build_model
from resurge.synthesis.resistance_design import (
    COMMON_SCALE,
    SHARED_ERROR,
    common_rows,
    independent,
    model_facet,
    resistance_design,
)
from resurge.synthesis.resistance_forward import (
    all_effects,
    class_effects,
    draw_prior,
    draw_readings,
    mechanism_effects,
)
from resurge.synthesis.resistance_levels import readings_log_density
from resurge.synthesis.resistance_priors import FACETS, RESISTANCE


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    evidence = load_evidence(write_small_evidence(tmp_path_factory.mktemp("small") / "data"))
    return resistance_design(evidence.resistance_effects, evidence.mechanisms)


@pytest.fixture(scope="module")
def model(small):
    return build_model(small, RESISTANCE)


# Scales


def test_a_standardised_difference_is_a_log_odds_ratio_of_logistic_distributions():
    scale = math.sqrt(3) / math.pi  # of a logistic distribution with standard deviation 1
    cut, d = 0.4, 0.7
    log_odds = [math.log(stats.logistic.sf(cut, mean, scale) / stats.logistic.cdf(cut, mean, scale)) for mean in (d, 0)]
    assert COMMON_SCALE["response_prediction"]["smd"] * d == pytest.approx(log_odds[0] - log_odds[1])


def test_risk_and_odds_ratios_at_the_stated_shares_become_the_ratio_of_the_facet():
    small = 1e-4
    share = 1 / 3
    risk_ratio = math.log((share + small) / share)
    odds_ratio = math.log((share + small) / (1 - share - small)) - math.log(share / (1 - share))
    assert COMMON_SCALE["response_prediction"]["log_rr"] * risk_ratio == pytest.approx(odds_ratio, rel=1e-3)
    survival, hazard_ratio = 0.5, math.exp(-small)
    risk_ratio = math.log(survival**hazard_ratio / survival)
    assert COMMON_SCALE["intervention"]["log_rr"] * risk_ratio == pytest.approx(small, rel=1e-3)
    odds_ratio = math.log(survival**hazard_ratio / (1 - survival**hazard_ratio))
    assert COMMON_SCALE["intervention"]["log_or"] * odds_ratio == pytest.approx(small, rel=1e-3)


def test_every_used_row_of_the_project_has_a_place_on_a_scale():
    effects = pd.DataFrame(read_rows(DATA / "resistance_effects.csv"))
    for column in ("log_effect", "se_log"):
        effects[column] = pd.to_numeric(effects[column].replace("", np.nan))
    rows = common_rows(effects)
    told_only, no_mechanism = {"calibration", "reference", "other"}, {"M_CALIB", "M_REF"}
    expected = effects[
        (effects["use"] == "yes") & ~effects["facet"].isin(told_only) & ~effects["mechanism_id"].isin(no_mechanism)
    ]
    assert sorted(rows["row_id"]) == sorted(expected["row_id"])
    assert np.isfinite(rows["effect"]).all()
    assert set(rows.loc[rows["se"] == 0, "facet"]) == {"marker_induction_cells"}


def test_work_in_animals_and_cells_stands_apart():
    assert model_facet("intervention", "in_vivo") == "intervention_animals"
    assert model_facet("marker_induction", "in_vitro") == "marker_induction_cells"
    assert model_facet("intervention", "patient") == "intervention"


# Rows of the same patients


def test_rotated_rows_are_independent_and_keep_what_they_say():
    se = np.array([0.2, 0.3, 0.25])
    covariance = np.outer(se, se) * np.where(np.eye(3) == 1, 1.0, SHARED_ERROR)
    variance, rotation = independent(se)
    np.testing.assert_allclose(rotation @ covariance @ rotation.T, np.diag(variance), atol=1e-12)
    m = rotation.sum(1)
    assert (m**2 / variance).sum() == pytest.approx(np.linalg.inv(covariance).sum())


def test_the_small_design_is_read_as_written(small):
    assert small.mechanisms == ("M_ALPHA", "M_BETA", "M_GAMMA", "M_NEW")
    assert small.tested == ("M_ALPHA", "M_BETA", "M_GAMMA")
    assert small.report_facet.sum() == 7
    rows = small.rows.set_index("row_id")
    assert rows.loc["x0003", "effect"] == pytest.approx(0.356675 * 1.5)
    assert rows.loc["x0004", "effect"] == pytest.approx(-0.3 * math.pi / math.sqrt(3))
    assert rows.loc["x0006", "se"] == 0
    # Only rows that were chosen to be printed lean.
    lean = dict(zip(small.rows["row_id"], small.lean, strict=True))
    assert lean["x0004"] == lean["x0005"] == 0
    assert lean["x0007"] == pytest.approx(0.093024)


# Correlations


def test_the_cholesky_factor_of_two_is_the_correlation():
    L = cholesky(np.array([0.6]), 2, log=np.log, exp=np.exp)
    np.testing.assert_allclose(L @ L.T, [[1, 0.6], [0.6, 1]])


def test_partial_correlations_give_the_correlations_they_are_of():
    rng = np.random.default_rng(3)
    A = rng.normal(size=(4, 4))
    covariance = A @ A.T
    sd = np.sqrt(np.diag(covariance))
    C = covariance / np.outer(sd, sd)
    partial = []
    for i, j in zip(*pairs(4), strict=True):
        keep = [*range(j), j, i]
        P = np.linalg.inv(C[np.ix_(keep, keep)])
        partial.append(-P[-1, -2] / math.sqrt(P[-1, -1] * P[-2, -2]))
    L = cholesky(np.array(partial), 4, log=np.log, exp=np.exp)
    np.testing.assert_allclose(L @ L.T, C, atol=1e-10)


def test_drawn_correlations_are_lkj():
    rng = np.random.default_rng(4)
    L = cholesky(draw_partial(6, 2.0, 20000, rng), 6, log=np.log, exp=np.exp)
    C = L @ L.swapaxes(1, 2)
    # Every correlation of an LKJ matrix has the same symmetric beta distribution with a = eta + (n - 2) / 2.
    sd = math.sqrt(1 / (2 * (2.0 + 2) + 1))
    for i, j in zip(*pairs(6), strict=True):
        assert C[:, i, j].std() == pytest.approx(sd, rel=0.03)
        assert abs(C[:, i, j].mean()) < 0.012
    assert beta_shapes(2, 2.0)[0] == 2.0


# Density


def test_the_density_of_the_readings_is_that_of_their_joint_normal():
    rng = np.random.default_rng(5)
    report = np.array([[1, 0], [1, 0], [0, 1], [1, 0], [0, 1.0]])
    m, variance, spread = rng.normal(1, 0.3, 5), rng.uniform(0.02, 0.2, 5), np.array([0.3, 0.1])
    effect, readings = rng.normal(size=5), rng.normal(size=5)
    covariance = np.diag(variance) + np.outer(m, m) * ((report * spread) @ report.T)
    expected = stats.multivariate_normal(m * effect, covariance).logpdf(readings)
    assert readings_log_density(readings, effect, m, variance, report, spread) == pytest.approx(expected)


def test_the_model_has_the_density_of_its_equations(small, model):
    draws = draw_prior(RESISTANCE, small, 1, np.random.default_rng(6))
    one = {name: values[0] for name, values in draws.items()}
    theta = mechanism_effects(draws, small)[0]
    effect = ((small.reading_tested @ theta) * small.reading_facet).sum(1)
    lean = small.lean * (small.reading_facet @ one["excess"])
    variance = small.variance + small.reading_facet @ one["omega"] ** 2
    spread = small.reading_report @ (small.report_facet @ one["sigma"] ** 2)
    same = small.reading_report @ small.reading_report.T
    covariance = np.diag(variance) + same * np.outer(small.m, small.m) * np.sqrt(np.outer(spread, spread))
    expected = stats.multivariate_normal(small.m * effect + lean, covariance).logpdf(small.readings)
    potential = next(each for each in model.potentials if each.name == "readings")
    free = {name: one[name] for name in ("mu", "tau", "kappa", "z_class", "z", "sigma", "omega", "excess")}
    given = {model[name]: value for name, value in (free | {"half": (one["partial"] + 1) / 2}).items()}
    value, inside = evaluated(model, potential, given)
    np.testing.assert_allclose(inside, theta, atol=1e-8)
    assert value == pytest.approx(expected)


def evaluated(model, potential, given):
    """Give the potential and the effects of the mechanisms at given values of the free parameters."""
    inputs = [each.type() for each in given]
    places = dict(zip(given, inputs, strict=True))
    outputs = clone_replace([potential, model["theta"]], places, rebuild_strict=False)
    return pytensor.function(inputs, outputs, mode="FAST_COMPILE")(*given.values())


def test_the_glossary_is_that_of_the_model(model):
    listed = {}
    for line in re.findall(r"^(\w+) {2,}((?:\w+(?:, \w+)*)?) {2,}\S", module.__doc__, re.MULTILINE):
        listed[line[0]] = tuple(filter(None, line[1].split(", ")))
    listed.pop("symbol")
    named = {variable.name: tuple(model.named_vars_to_dims.get(variable.name, ())) for variable in model.basic_RVs}
    named |= {v.name: tuple(model.named_vars_to_dims.get(v.name, ())) for v in model.deterministics}
    named.pop("half")  # the same as partial, between 0 and 1
    for name, dims in named.items():
        assert listed[name] == dims, name


# The numpy twin


def test_mechanisms_without_rows_are_drawn_from_their_class(small):
    draws = draw_prior(RESISTANCE, small, 4000, np.random.default_rng(7))
    theta, new = all_effects(draws, small, np.random.default_rng(8))
    np.testing.assert_allclose(theta[:, :3], mechanism_effects(draws, small))
    kind = small.classes.index("metabolic")
    beyond = (theta[:, 3] - class_effects(draws)[:, kind]) / draws["tau"]
    assert beyond.std(0) == pytest.approx(np.ones(len(FACETS)), rel=0.05)
    # Two mechanisms of one class share its middle: beyond mu, in units of tau, they covary by the mean of kappa
    # squared.
    together = np.prod([(each - draws["mu"]) / draws["tau"] for each in (theta[:, 3], new[:, kind])], axis=0).mean(1)
    error, kappa = together.std() / np.sqrt(len(together)), RESISTANCE.log_kappa
    assert together.mean() == pytest.approx(np.exp(2 * kappa.mean + 2 * kappa.sd**2), abs=5 * error)
    assert together.mean() > 5 * error  # so the check can fail
    correlation = np.mean(beyond[:, 0] * beyond[:, 1])
    L = cholesky(draws["partial"], len(FACETS), log=np.log, exp=np.exp)
    assert correlation == pytest.approx((L @ L.swapaxes(1, 2))[:, 0, 1].mean(), abs=0.05)


def test_drawn_readings_have_the_moments_of_the_model(small):
    draws = draw_prior(RESISTANCE, small, 1, np.random.default_rng(9))
    many = {name: np.repeat(values, 20000, axis=0) for name, values in draws.items()}
    readings = draw_readings(small, many, np.random.default_rng(10))
    theta = mechanism_effects(draws, small)[0]
    effect = ((small.reading_tested @ theta) * small.reading_facet).sum(1)
    lean = small.lean * (small.reading_facet @ draws["excess"][0])
    variance = small.variance + small.reading_facet @ draws["omega"][0] ** 2
    spread = small.reading_report @ (small.report_facet @ draws["sigma"][0] ** 2)
    total = np.sqrt(variance + small.m**2 * spread)
    np.testing.assert_allclose(readings.mean(0), small.m * effect + lean, atol=4 * total.max() / math.sqrt(20000))
    np.testing.assert_allclose(readings.std(0), total, rtol=0.03)


def test_every_prior_has_a_reason():
    table = RESISTANCE.table()
    assert len(table) == 4 * len(FACETS) + 3
    assert all(reason for _, _, reason in table)
