"""Do part of the replicated experiments have their own posterior when they are laid out like the whole?"""

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
from resurge.inference.fit_translation import prepare, prepare_in_shape
from resurge.synthesis.in_shape import OtherShapeError
from resurge.synthesis.translation_design import translation_design
from resurge.synthesis.translation_forward import draw_prior, true_effects
from resurge.synthesis.translation_in_shape import in_shape_of
from resurge.synthesis.translation_priors import TRANSLATION

LEFT_OUT = {
    "p24": "four experiments of many pairs",
    "p47": "one experiment of ten pairs",
    "p6": "one pair",
}


@pytest.fixture(scope="module")
def whole():
    return translation_design(real_evidence().replication_pairs)


def without_pairs(*pairs: str):
    """Give the evidence without some pairs."""
    table = real_evidence().replication_pairs
    return replace(real_evidence(), replication_pairs=table[~table["pair_id"].isin(pairs)].reset_index(drop=True))


def prior_of_absent(point, anew, shaped, whole) -> float:
    """Give the log prior of the levels and outcomes that only the whole has."""
    gone = absent(anew, shaped, "experiment")
    kind = whole.experiment_kind[gone]
    level = stats.norm(kind @ point["centre"], kind @ np.exp(point["between_log__"])).logpdf(point["level"][gone])
    return level.sum() + stats.norm.logpdf(point["z_pair"][absent(anew, shaped, "pair")]).sum()


def assert_same_posterior(evidence, whole):
    """Hold the density in shape, less priors of what is absent and a reading of 0 for each pair, to that anew."""
    shaped = prepare_in_shape(PROJECT, evidence, TRANSLATION, real_evidence()).model
    anew = prepare(PROJECT, evidence, TRANSLATION).model
    in_shape, stated = log_density_of(shaped), log_density_of(anew)
    gone = len(absent(anew, shaped, "pair"))
    assert gone > 0
    rng = np.random.default_rng(1)
    for _ in range(3):
        point = random_point(shaped, rng)
        expected = stated(own_point(point, anew, shaped)) + gone * stats.norm.logpdf(0)
        found = in_shape(point) - prior_of_absent(point, anew, shaped, whole)
        assert found == pytest.approx(expected, rel=1e-10, abs=1e-8)


@pytest.mark.parametrize("source", LEFT_OUT)
def test_the_log_density_without_a_source_is_that_of_the_model_stated_anew(whole, source):
    assert_same_posterior(without_source("translation", source), whole)


def test_the_log_density_without_some_pairs_of_an_experiment_is_that_of_the_model_stated_anew(whole):
    own = [whole.pairs[i] for i in np.flatnonzero(whole.pair_experiment[:, whole.experiments.index("p47e1")])]
    assert_same_posterior(without_pairs(own[0], own[4]), whole)


@pytest.mark.parametrize("source", LEFT_OUT)
def test_only_weights_differ_from_the_layout_of_the_whole(whole, source):
    fewer = translation_design(without_source("translation", source).replication_pairs)
    shaped = in_shape_of(fewer, whole)
    assert_laid_out_like(shaped, whole, told={"weight"})
    assert list(shaped.weight) == [float(pair in fewer.pairs) for pair in whole.pairs]


def test_the_whole_in_its_own_shape_is_itself(whole):
    assert_laid_out_like(in_shape_of(whole, whole), whole, told=set())


def test_pairs_that_the_part_gives_otherwise_are_as_it_says(whole):
    table = real_evidence().replication_pairs.copy()
    own = table["pair_id"] == whole.pairs[0]
    table.loc[own, ["smd_replication", "experiment"]] = [1.5, whole.experiments[-1]]
    table.loc[own, "animal"] = table.loc[table["experiment"] == whole.experiments[-1], "animal"].iloc[-1]
    found = in_shape_of(translation_design(table), whole)
    assert found.replication[0] == np.arcsinh(0.75)
    np.testing.assert_array_equal(found.pair_experiment[0], np.eye(len(whole.experiments))[-1])


def test_what_the_whole_has_no_place_for_is_refused(whole):
    fewer = translation_design(without_pairs(whole.pairs[3]).replication_pairs)
    with pytest.raises(OtherShapeError, match=f"pair {whole.pairs[3]}"):
        in_shape_of(whole, fewer)


def test_the_posterior_is_labelled_as_if_the_model_were_stated_anew(whole):
    evidence = without_source("translation", "p47")
    shaped = prepare_in_shape(PROJECT, evidence, TRANSLATION, real_evidence())
    anew = prepare(PROJECT, evidence, TRANSLATION)
    draws = draw_prior(TRANSLATION, whole, 4, np.random.default_rng(2))
    draws |= {"delta": true_effects(whole, draws)}
    own = {name: each for name, each in draws.items() if name not in ("level", "z_pair")}
    own["delta"] = draws["delta"][:, places(anew.model, shaped.model, "pair")]
    found = shaped.complete(as_sampled(draws, shaped.model), np.random.default_rng(3))
    expected = anew.complete(as_sampled(own, anew.model), np.random.default_rng(3))
    xr.testing.assert_identical(found.posterior, expected.posterior)
    xr.testing.assert_identical(found.prior, expected.prior)
    assert not any(pair.startswith("p47") for pair in found.posterior["pair"].values)
