"""Are headline answers what they are called, where hazards and effects are known?"""

from __future__ import annotations

import numpy as np
import pytest

from constant_draws import constant_hazard, constant_ratio
from resurge.evidence import load_evidence
from resurge.findings.estimands import PARAMETERS, Estimand, estimands
from resurge.findings.site_draws import site_share
from resurge.synthesis.metastasis_design import SITES, SUBTYPES, site_design
from resurge.synthesis.metastasis_forward import draw_prior
from resurge.synthesis.metastasis_priors import METASTASIS
from resurge.synthesis.strata import ER
from resurge.synthesis.translation_priors import KINDS

HAZARDS = np.array([0.01, 0.04, 0.2])


def test_answers_of_an_even_hazard_are_in_closed_form():
    found = estimands("recurrence", constant_hazard(HAZARDS))
    for er in ER:
        for year in (2, 5, 15):
            assert found[f"ER-{er}: hazard at year {year}"].draws == pytest.approx(HAZARDS)
        assert found[f"ER-{er}: mean hazard in years 10 to 20"].draws == pytest.approx(HAZARDS)
        assert found[f"ER-{er}: risk from year 5 to 20"].draws == pytest.approx(-np.expm1(-15 * HAZARDS))
        late = 1 - np.expm1(-5 * HAZARDS) / np.expm1(-20 * HAZARDS)
        assert found[f"ER-{er}: share of recurrences after year 5"].draws == pytest.approx(late)
    crossing = found["year in which ER-positive overtakes ER-negative"]
    assert np.isnan(crossing.draws).all()
    assert crossing.kind == "years"


def test_a_hazard_ratio_that_stays_is_that_of_every_window():
    ratios = np.array([0.5, 0.8, 1.1])
    found = estimands("therapy", constant_ratio(ratios, begins=0.0))
    assert list(found) == [f"extended_endocrine: hazard ratio in years {years}" for years in ("0 to 5", "5 to 10")]
    for answer in found.values():
        assert answer.draws == pytest.approx(ratios)
        assert answer.on_scale == pytest.approx(np.log(ratios))


def test_shares_of_sites_are_named_by_subtype(folder):
    design = site_design(load_evidence(folder).metastasis_sites)
    draws = draw_prior(METASTASIS, design, 4, np.random.default_rng(1))
    found = estimands("metastasis", draws)
    assert len(found) == len(SUBTYPES) * len(SITES)
    for subtype in SUBTYPES:
        for site in SITES:
            expected = site_share(draws, "any_site_during_course", subtype, site)
            assert np.array_equal(found[f"{subtype}: {site} in the course"].draws, expected)


def test_mechanisms_answer_in_facets_in_which_they_have_rows():
    theta = np.arange(12.0).reshape(2, 3, 2) / 10
    draws = {
        "theta": theta, "facet": np.array(["marker", "drug"]), "mechanism": np.array(["A", "B", "C"]),
        "row_mechanism": np.array([0, 2, 2, 2]), "row_facet": np.array([1, 0, 1, 1]),
    }  # fmt: skip
    found = estimands("resistance", draws)
    assert list(found) == ["A: drug", "C: marker", "C: drug"]
    assert found["C: marker"].draws == pytest.approx(np.exp(theta[:, 2, 0]))


def test_repetitions_answer_by_kind_of_experiment():
    values = np.arange(2.0 * len(KINDS)).reshape(2, len(KINDS))
    found = estimands("translation", {"centre": values, "slope": values + 1, "sigma": values + 2})
    for k, kind in enumerate(KINDS):
        assert np.array_equal(found[f"{kind} experiments: share seen again"].draws, values[:, k] + 1)
        assert np.array_equal(found[f"{kind} experiments: spread of repetitions"].draws, values[:, k] + 2)


@pytest.mark.parametrize(("kind", "logs"), [("ratio", 1), ("rate", 1), ("share", 0), ("years", 0), ("number", 0)])
def test_ratios_and_rates_are_compared_as_factors(kind, logs):
    draws = np.array([0.5, 2.0])
    assert Estimand(kind, draws).on_scale == pytest.approx(np.log(draws) if logs else draws)


def test_every_model_says_what_its_answers_read():
    assert set(PARAMETERS) == {"recurrence", "therapy", "metastasis", "dormancy", "resistance", "translation"}
