"""Does part of the metastatic sites have its own posterior when it is laid out like the whole?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr
from scipy import stats
from scipy.special import expit

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
from resurge.inference.fit_metastasis import prepare, prepare_in_shape
from resurge.synthesis.in_shape import OtherShapeError
from resurge.synthesis.metastasis import build_model, counted_first
from resurge.synthesis.metastasis_design import SITES, site_design
from resurge.synthesis.metastasis_forward import draw_prior
from resurge.synthesis.metastasis_in_shape import in_shape_of
from resurge.synthesis.metastasis_priors import METASTASIS
from site_evidence import few_rows

COUNTS = {"n_site", "n_total"}
LEFT_OUT = {
    "malone2021": "single metastases of a source that has other counts",
    "gong2018": "one count of a source",
    "shiraz2021": "a source in two settings, with luminal halves",
    "pogoda2013": "the only source that counts all its early patients",
}


@pytest.fixture(scope="module")
def whole():
    return site_design(real_evidence().metastasis_sites)


def spreads(point) -> tuple[np.ndarray, np.ndarray]:
    """Give sigma and the root of the correlation matrix of a point."""
    sigma = np.exp(point["log_sigma_centre"] + METASTASIS.spread_of_log_sigma * point["z_sigma"])
    r = -0.2 + 1.2 * expit(point["together_logodds__"])
    return sigma, np.linalg.cholesky(np.full((len(SITES), len(SITES)), r) + (1 - r) * np.eye(len(SITES)))


def in_own_coordinates(point, order, centring, own_order, own_centring):
    """Give the same levels of sources in the coordinates of another order and centring of sites."""
    sigma, root = spreads(point)
    found = np.empty_like(point["w_u"])
    for j, w in enumerate(point["w_u"]):
        standard = np.empty(len(SITES))
        standard[order[j]] = root @ (w / sigma[order[j]] ** centring[j])
        found[j] = np.linalg.solve(root, standard[own_order[j]]) * sigma[own_order[j]] ** own_centring[j]
    return found


def log_scale(point, order, centring) -> float:
    """Give the log of the volume that coordinates of levels have in units of their spread."""
    return float((centring * np.log(spreads(point)[0])[order]).sum())


@pytest.mark.parametrize("source", LEFT_OUT)
def test_the_log_density_without_a_source_is_that_of_the_model_stated_anew(whole, source):
    evidence = without_source("metastasis", source)
    fewer = site_design(evidence.metastasis_sites)
    shaped = prepare_in_shape(PROJECT, evidence, METASTASIS, real_evidence()).model
    anew = build_model(fewer, METASTASIS)
    in_shape, stated = log_density_of(shaped), log_density_of(anew)
    order, centring = counted_first(whole)
    kept, gone = (where(anew, shaped, "population") for where in (places, absent))
    sets_gone = absent(anew, shaped, "reach_set")
    rng = np.random.default_rng(1)
    for _ in range(3):
        point = random_point(shaped, rng)
        own = own_point(point, anew, shaped)
        own["w_u"] = in_own_coordinates(own, order[kept], centring[kept], *counted_first(fewer))
        # What has no counts has its prior
        scale = spreads(point)[0][order[gone]] ** centring[gone]
        prior = stats.norm(0, scale).logpdf(point["w_u"][gone]).sum()
        reach = expit(point["reach_logodds__"][sets_gone])
        prior += (stats.beta(*METASTASIS.reach).logpdf(reach) + np.log(reach * (1 - reach))).sum()
        expected = stated(own) + log_scale(own, *counted_first(fewer)) - log_scale(own, order[kept], centring[kept])
        assert in_shape(point) - prior == pytest.approx(expected, rel=0, abs=1e-6)


@pytest.mark.parametrize("source", LEFT_OUT)
def test_only_counts_differ_from_the_layout_of_the_whole(whole, source):
    fewer = site_design(without_source("metastasis", source).metastasis_sites)
    shaped = in_shape_of(fewer, whole)
    assert_laid_out_like(shaped, whole, told=COUNTS)
    assert shaped.n_total.sum() == fewer.n_total.sum()
    for label, n in zip(whole.labels, shaped.n_total, strict=True):
        assert (n > 0) == (label in fewer.labels)


def test_the_whole_in_its_own_shape_is_itself(whole):
    assert_laid_out_like(in_shape_of(whole, whole), whole, told=set())


def test_a_sum_that_loses_a_row_keeps_its_place():
    table = few_rows()
    whole, fewer = site_design(table), site_design(table[table["row_id"] != "m5"])
    place = whole.labels.index("m5+m6")
    shaped = in_shape_of(fewer, whole)
    assert (whole.n_site[place], whole.n_total[place]) == (40, 100)
    assert (shaped.n_site[place], shaped.n_total[place]) == (10, 40)


def test_single_metastases_without_a_site_are_counted_as_far_as_it():
    table = few_rows()
    whole, fewer = site_design(table), site_design(table[table["row_id"] != "m12"])
    shaped = in_shape_of(fewer, whole)
    counted = {label: int(n) for label, n in zip(shaped.labels, shaped.n_total, strict=True)}
    assert [counted[label] for label in ("m10", "m12", "m11")] == [100, 0, 0]


def test_what_the_whole_has_no_place_for_is_refused(whole):
    fewer = site_design(without_source("metastasis", "gong2018").metastasis_sites)
    with pytest.raises(OtherShapeError, match="row m"):
        in_shape_of(whole, fewer)
    elsewhere = replace(fewer, site=(fewer.site + 1) % len(SITES))
    with pytest.raises(OtherShapeError, match="counts something else"):
        in_shape_of(elsewhere, whole)


def test_the_posterior_is_labelled_as_if_the_model_were_stated_anew(whole):
    evidence = without_source("metastasis", "pogoda2013")
    shaped = prepare_in_shape(PROJECT, evidence, METASTASIS, real_evidence())
    anew = prepare(PROJECT, evidence, METASTASIS)
    draws = draw_prior(METASTASIS, whole, 4, np.random.default_rng(2))
    draws = {name: each for name, each in draws.items() if not name.endswith("_new")}
    own = {
        **draws,
        "u": draws["u"][:, places(anew.model, shaped.model, "population")],
        "reach": draws["reach"][:, places(anew.model, shaped.model, "reach_set")],
    }
    found = shaped.complete(as_sampled(draws, shaped.model), np.random.default_rng(3))
    expected = anew.complete(as_sampled(own, anew.model), np.random.default_rng(3))
    xr.testing.assert_identical(found.posterior, expected.posterior)
    xr.testing.assert_identical(found.prior, expected.prior)
    assert "WARSAW" not in found.posterior["population"]
