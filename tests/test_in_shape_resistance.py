"""Does part of the evidence on resistance have its own posterior when it is laid out like the whole?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr
from scipy import stats

from part_of_evidence import (
    PROJECT,
    absent,
    as_sampled,
    assert_laid_out_like,
    log_density_of,
    own_point,
    places,
    random_point,
    real_evidence,
    without_source,
)
from resurge.inference.fit_resistance import prepare, prepare_in_shape
from resurge.synthesis.in_shape import OtherShapeError
from resurge.synthesis.resistance_design import resistance_design
from resurge.synthesis.resistance_forward import draw_prior
from resurge.synthesis.resistance_in_shape import BEYOND_SCALE, BLOCK, in_shape_of
from resurge.synthesis.resistance_priors import RESISTANCE

TOLD = {"readings", "m", "variance", "lean"}
LEFT_OUT = {
    "h3k9me3": "the only source of a mechanism",
    "anaya2016": "a table of many markers",
    "esr1meta": "the longest block of one mechanism and facet",
}


def design_of(evidence):
    return resistance_design(evidence.resistance_effects, evidence.mechanisms)


@pytest.fixture(scope="module")
def whole():
    return design_of(real_evidence())


def without_rows(*rows: str):
    """Give the evidence without some rows."""
    effects = real_evidence().resistance_effects
    return replace(real_evidence(), resistance_effects=effects[~effects["row_id"].isin(rows)].reset_index(drop=True))


@pytest.fixture(scope="module")
def block(whole):
    """Name the rows of the longest block."""
    return max((list(rows) for _, rows in whole.rows.groupby(BLOCK)["row_id"]), key=len)


def assert_same_posterior(evidence, whole):
    """Hold the density in shape, less priors of what is absent and the constant of spare readings, to that anew."""
    shaped = prepare_in_shape(PROJECT, evidence, RESISTANCE, real_evidence()).model
    anew = prepare(PROJECT, evidence, RESISTANCE).model
    in_shape, stated = log_density_of(shaped), log_density_of(anew)
    spare = len(whole.readings) - len(anew.coords["reading"])
    assert spare > 0
    constant = -0.5 * spare * np.log(2 * np.pi * BEYOND_SCALE)
    rng = np.random.default_rng(1)
    for _ in range(3):
        point = random_point(shaped, rng)
        prior = stats.norm.logpdf(point["z"][absent(anew, shaped, "tested")]).sum()
        expected = stated(own_point(point, anew, shaped))
        assert in_shape(point) - prior - constant == pytest.approx(expected, rel=0, abs=1e-6)


@pytest.mark.parametrize("source", LEFT_OUT)
def test_the_log_density_without_a_source_is_that_of_the_model_stated_anew(whole, source):
    assert_same_posterior(without_source("resistance", source), whole)


def test_the_log_density_without_some_rows_of_a_block_is_that_of_the_model_stated_anew(whole, block):
    assert len(block) > 4
    assert_same_posterior(without_rows(block[0], block[3]), whole)


@pytest.mark.parametrize("source", LEFT_OUT)
def test_only_readings_differ_from_the_layout_of_the_whole(whole, source):
    shaped = in_shape_of(design_of(without_source("resistance", source)), whole)
    assert_laid_out_like(shaped, whole, told=TOLD)
    gone = (whole.rows["source_id"] == source).to_numpy()
    np.testing.assert_array_equal(shaped.variance == BEYOND_SCALE, gone)
    np.testing.assert_array_equal(shaped.m[gone], 0)
    for name in TOLD:
        np.testing.assert_array_equal(getattr(shaped, name)[~gone], getattr(whole, name)[~gone])


def test_the_whole_in_its_own_shape_is_itself(whole):
    assert_laid_out_like(in_shape_of(whole, whole), whole, told=set())


def test_a_mechanism_is_in_the_class_that_the_part_says(whole):
    mechanisms = real_evidence().mechanisms.copy()
    at, other = mechanisms["mechanism_id"] == whole.tested[0], whole.classes[-1]
    assert whole.tested_class[0, -1] == 0
    mechanisms.loc[at, "class"] = other
    found = in_shape_of(resistance_design(without_rows("none").resistance_effects, mechanisms), whole).tested_class
    np.testing.assert_array_equal(found[0], np.eye(len(whole.classes))[-1])
    np.testing.assert_array_equal(found[1:], whole.tested_class[1:])


def test_what_the_whole_has_no_place_for_is_refused(whole, block):
    fewer = design_of(without_rows(block[0]))
    with pytest.raises(OtherShapeError, match=f"row {block[0]}"):
        in_shape_of(whole, fewer)
    effects = real_evidence().resistance_effects.copy()
    elsewhere = next(
        name for name in whole.tested if name not in set(whole.rows["mechanism_id"][whole.rows["row_id"].isin(block)])
    )
    effects.loc[effects["row_id"] == block[0], "mechanism_id"] = elsewhere
    with pytest.raises(OtherShapeError, match=f"{elsewhere} .* has fewer rows"):
        in_shape_of(resistance_design(effects, real_evidence().mechanisms), whole)


def test_the_posterior_is_labelled_as_if_the_model_were_stated_anew(whole):
    evidence = without_source("resistance", "h3k9me3")
    shaped = prepare_in_shape(PROJECT, evidence, RESISTANCE, real_evidence())
    anew = prepare(PROJECT, evidence, RESISTANCE)
    draws = draw_prior(RESISTANCE, whole, 4, np.random.default_rng(2))
    own = {**draws, "z": draws["z"][:, places(anew.model, shaped.model, "tested")]}
    found = shaped.complete(as_sampled(draws, shaped.model), np.random.default_rng(3))
    expected = anew.complete(as_sampled(own, anew.model), np.random.default_rng(3))
    xr.testing.assert_identical(found.posterior, expected.posterior)
    xr.testing.assert_identical(found.prior, expected.prior)
    assert "M_LINE1" in found.posterior["mechanism"]
    assert "h3k9me3" not in found.posterior["row_source"]
