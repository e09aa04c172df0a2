"""Do the priors of the models believe sane things before any data, in the units that clinicians use?

Bounds come from outside the tables that the models read: from other fields, from what biology allows, and from well
known results that no sane prior may exclude. A prior passes if it neither excludes them nor spreads beyond what can be.
"""

from __future__ import annotations

import numpy as np
import pytest

from evidence_folder import DATA
from resurge.evidence.tables import load_evidence
from resurge.findings.dormancy_draws import course_of, dormant_share_within
from resurge.findings.effect_draws import Effect, log_hazard_ratio
from resurge.findings.hazard_draws import Profile, group_hazard, risk_between
from resurge.findings.site_draws import single_site_shares, site_share
from resurge.synthesis.design import recurrence_design
from resurge.synthesis.dormancy_forward import as_curves
from resurge.synthesis.dormancy_forward import draw_prior as draw_dormancy
from resurge.synthesis.dormancy_priors import DORMANCY
from resurge.synthesis.metastasis_design import SETTINGS, SITES, SUBTYPES, site_design
from resurge.synthesis.metastasis_forward import draw_prior as draw_sites
from resurge.synthesis.metastasis_priors import METASTASIS
from resurge.synthesis.resistance_design import resistance_design
from resurge.synthesis.resistance_forward import draw_prior as draw_resistance
from resurge.synthesis.resistance_forward import mechanism_effects
from resurge.synthesis.resistance_priors import FACETS, RESISTANCE
from resurge.synthesis.therapy_design import therapy_design
from resurge.synthesis.therapy_forward import draw_prior as draw_therapy
from resurge.synthesis.therapy_priors import THERAPY
from resurge.synthesis.translation_design import standardised, translation_design
from resurge.synthesis.translation_forward import draw_originals, draw_replications
from resurge.synthesis.translation_forward import draw_prior as draw_translation
from resurge.synthesis.translation_priors import KINDS, TRANSLATION
from simulated_trials import as_draws, as_posterior, even_hazard, trials_of_every_kind
from simulation import reduced_evidence

N = 10_000


def within(values, level=0.95):
    """Give the central part of some values."""
    return np.quantile(values, [(1 - level) / 2, (1 + level) / 2])


def holds(values, *known, level=0.95):
    """Say whether the central part holds what is known."""
    lower, upper = within(values, level)
    return all(lower < each < upper for each in known)


# Hazard ratios of therapies

STARTED = ("five_years", "half_year", "one_year", "two_years")
CONTINUED, SHORTENED = "extended_five", "one_year_short"


@pytest.fixture(scope="module")
def therapy():
    """Prior draws of six classes: four begun anew, one that goes on after five years, one cut short."""
    baseline = even_hazard(positive=0.02, negative=0.04)
    design = therapy_design(trials_of_every_kind(), baseline)
    return as_draws(as_posterior(draw_therapy(THERAPY, design, N, np.random.default_rng(1)), design, baseline))


def ratio(therapy, name, year, **more):
    return np.exp(log_hazard_ratio(therapy, Effect(name, **more), [year])[:, 0])


@pytest.mark.parametrize("name", STARTED)
def test_a_new_therapy_may_halve_recurrence_or_do_nothing_and_works_no_wonders(therapy, name):
    early = ratio(therapy, name, 1.0)
    # Trastuzumab and tamoxifen, among the best that there are, nearly halve it (0.54 and 0.53); aspirin does nothing.
    assert holds(early, 0.54, 0.53, 1.0)
    # None cured nine in ten, and a drug that trebles recurrence in early trials never gets to a large one.
    assert ((early < 0.1) | (early > 3)).mean() < 0.005
    assert 0.6 < (early < 1).mean() < 0.95  # more therapy is expected to help, and may not


@pytest.mark.parametrize("name", STARTED)
def test_what_a_therapy_leaves_wears_off_but_may_last(therapy, name):
    at = {year: np.abs(np.log(ratio(therapy, name, year))) for year in (1.0, 5.0, 10.0)}
    assert np.median(at[10.0]) < np.median(at[5.0]) < np.median(at[1.0])
    late = ratio(therapy, name, 10.0)
    # From full carry-over, as tamoxifen's 0.68 in years 5 to 9 nearly has it, to none at all.
    assert holds(late, 0.68, 1.0)
    # Five years and more after treatment no drug is left in the body: less than a tenth of the hazard is as likely as
    # not what remains.
    assert (np.abs(late - 1) < 0.1).mean() > 0.5
    assert ((late < 0.33) | (late > 2)).mean() < 0.02


def test_going_on_acts_later_than_beginning_and_stopping_early_harms(therapy):
    begun, going_on, shorter = (ratio(therapy, name, 1.0) for name in ("five_years", CONTINUED, SHORTENED))
    # The control arm has five years of the same drug in its body.
    assert np.median(np.abs(np.log(going_on))) < np.median(np.abs(np.log(begun))) / 2
    # A ratio of 0.75 from the tenth year after diagnosis on, as ten years of tamoxifen gave it.
    assert holds(ratio(therapy, CONTINUED, 5.0), 0.75, 1.0)
    assert 0.6 < (shorter > 1).mean() < 0.95
    assert holds(ratio(therapy, SHORTENED, 2.0), 1.0, 1.13)  # six or nine months of trastuzumab for twelve


def test_deaths_answer_less_than_recurrences(therapy):
    # Some die of other causes and all die later than they recur.
    recurrence, death = (
        np.abs(np.log(ratio(therapy, "five_years", 5.0, endpoint=name))) for name in ("any_recurrence", "os")
    )
    assert 0.6 < (death < recurrence).mean() < 0.99


# Hazards and risks out of two compartments


@pytest.fixture(scope="module")
def dormancy():
    return draw_dormancy(DORMANCY, recurrence_design(reduced_evidence()), N, np.random.default_rng(2))


def risk(dormancy, er, nodal, size, start, end):
    profile = Profile(er, nodal, size, therapy="endocrine_5y")
    return risk_between(group_hazard(as_curves(dormancy), profile), dormancy["edges"], start, [end])[:, 0]


@pytest.mark.parametrize("er", ["negative", "positive"])
def test_annual_hazards_of_compartments_lie_between_a_new_cancer_and_metastatic_disease(dormancy, er):
    edges = dormancy["edges"]
    for nodal, size in (("N0", "T1"), ("N1-3", "T2"), ("N4-9", "T2")):
        hazard = group_hazard(as_curves(dormancy), Profile(er, nodal, size, therapy="endocrine_5y"))
        first = hazard[:, (edges[1:] > 0.5) & (edges[1:] <= 10)]
        # Women of 60 without breast cancer get one at 0.3% a year: a tenth of that is no recurrence that anyone sees.
        # Above 50% a year half recur within seventeen months, as metastatic disease progresses.
        assert ((first > 0.0003) & (first < 0.5)).mean() > 0.95


def test_twenty_year_risks_of_compartments_hold_what_long_series_saw(dormancy):
    small, large = (
        risk(dormancy, "positive", nodal, size, 0.0, 20.0) for nodal, size in (("N0", "T1"), ("N4-9", "T2"))
    )
    # Two Counties and Stockholm: about one in eight with a small node-negative tumour, two in three with many nodes.
    assert holds(small, 0.125)
    assert holds(large, 0.65)
    assert (small > 0.6).mean() < 0.01  # surgery cures most small node-negative tumours
    assert (small < 0.01).mean() < 0.01  # and not all: they recurred in every series
    assert (large > small).mean() == 1


def test_the_prior_of_compartments_leaves_open_how_much_is_dormancy(dormancy):
    for er in ("negative", "positive"):
        course = course_of(dormancy, Profile(er, "N0", "T1", therapy="endocrine_5y" if er == "positive" else ""))
        share = dormant_share_within(course, dormancy["edges"], 0.0, 20.0)
        lower, upper = within(share)
        assert lower < 0.1
        assert upper > 0.9
    half_life = dormancy["half_life"]
    assert holds(half_life, 5, 20)  # recurrences of ER-positive disease go on for 20 years and more
    assert (half_life < 1).mean() < 0.001  # what wakes within months was growing
    assert (half_life > 80).mean() < 0.001  # a lifetime


# Shares of sites


@pytest.fixture(scope="module")
def sites():
    design = site_design(load_evidence(DATA).metastasis_sites)
    return draw_sites(METASTASIS, design, N, np.random.default_rng(3))


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("site", SITES)
def test_a_site_may_be_rare_or_common_and_is_hardly_none_or_all(sites, setting, site):
    share = site_share(sites, setting, "any", site)
    # Brain first in one of twenty, bone in seven of ten with advanced disease (Coleman 2006): the rarest and the
    # commonest of two dozen pairs of site and setting, so at the ends of a prior that they all share.
    assert holds(share, 0.05, 0.7, level=0.98)
    assert holds(share, 0.1, 0.25, 0.5)
    # A site that fewer than one in a hundred have would have no row, and none is in everybody.
    assert ((share < 0.01) | (share > 0.95)).mean() < 0.02


def test_subtypes_may_differ_as_they_do_and_not_without_bounds(sites):
    odds = {
        name: share / (1 - share)
        for name in SUBTYPES
        for share in [site_share(sites, "any_site_during_course", name, "brain")]
    }
    ratio = odds["TNBC"] / odds["HR+/HER2-"]
    # Kennecke 2010: brain metastases in 25% of basal-like and 8% of luminal A disease, odds four times as high.
    assert holds(ratio, 1 / 4, 1, 4)
    assert ((ratio > 20) | (ratio < 1 / 20)).mean() < 0.01
    assert (ratio > 1).mean() == pytest.approx(0.5, abs=5 * 0.5 / np.sqrt(N))  # subtypes are exchangeable


def test_one_more_source_differs_as_sources_do(sites):
    k, s, v = SETTINGS.index("any_site_during_course"), SUBTYPES.index("TNBC"), SITES.index("bone")
    typical, new = site_share(sites, SETTINGS[k], "TNBC", "bone"), sites["share_new"][:, k, s, v]
    apart = np.abs(new - typical)[(typical > 0.2) & (typical < 0.5)]
    # Series of one disease print 20% to 50% for one site: ten points typically, not forty.
    assert 0.04 < np.median(apart) < 0.15
    assert (apart > 0.4).mean() < 0.02


def test_single_sites_share_one_and_none_is_preferred(sites):
    shares = single_site_shares(sites, "TNBC")
    assert shares.sum(1) == pytest.approx(1)
    assert shares.mean(0) == pytest.approx(1 / 4, abs=5 * shares.std(0).max() / np.sqrt(N))
    assert holds(shares[:, 0], 0.05, 0.6)


def test_early_patients_reach_metastases_as_they_do(sites):
    # Overall about three in ten recur at a distance; one in ten of low, six in ten of high risk.
    assert holds(sites["reach"], 0.1, 0.3, 0.6)


# Ratios of mechanisms

# By facet: a strong effect that is known from elsewhere and must be possible, and one that no mechanism has.
RATIOS = {
    "marker_prognosis": (1.9, 6.0),  # high Ki-67, hazard of recurrence: 1.93 (de Azambuja 2007)
    "response_prediction": (3.0, 20.0),  # odds of pathological response, ER-negative over ER-positive disease
    "marker_induction": (1.5, 4.0),  # in a biopsy that is a mixture of cells
    "marker_induction_cells": (4.0, 100.0),  # genes of tolerant cells: several-fold
    "intervention": (1.5, 4.0),  # alpelisib 0.65, capivasertib 0.60: saved by 1.5 to 1.7; imatinib has no equal here
    "intervention_animals": (3.0, 30.0),  # tumours a third the size
}


@pytest.fixture(scope="module")
def mechanisms():
    evidence = load_evidence(DATA)
    design = resistance_design(evidence.resistance_effects, evidence.mechanisms)
    return mechanism_effects(draw_resistance(RESISTANCE, design, N, np.random.default_rng(4)), design)[:, 0]


@pytest.mark.parametrize("facet", FACETS)
def test_a_mechanism_may_do_much_or_nothing_and_no_wonders(mechanisms, facet):
    strong, impossible = RATIOS[facet]
    effect = mechanisms[:, FACETS.index(facet)]
    assert holds(effect, 0, np.log(strong))
    assert (np.abs(effect) > np.log(impossible)).mean() < 0.01
    assert 1 / 3 < (effect > 0).mean() < 2 / 3  # no direction is settled beforehand


def test_effects_in_patients_are_expected_smaller_than_in_animals_and_cells(mechanisms):
    spread = dict(zip(FACETS, mechanisms.std(0), strict=True))
    # Animals are alike, tumours of one line, doses free; cells have nobody around them.
    assert spread["intervention_animals"] > 1.5 * spread["intervention"]
    assert spread["marker_induction_cells"] > 1.5 * spread["marker_induction"]


# Repeated experiments


@pytest.fixture(scope="module")
def translation():
    design = translation_design(load_evidence(DATA).replication_pairs)
    return design, draw_translation(TRANSLATION, design, 2000, np.random.default_rng(5))


@pytest.mark.parametrize("kind", range(len(KINDS)))
def test_a_repetition_shows_nothing_to_all_of_a_true_effect(translation, kind):
    slope = translation[1]["slope"][:, kind]
    # Psychology found half of published effects again (2015: 0.20 of 0.40), economics two thirds (2016).
    assert holds(slope, 0.0, 0.5, 0.66, 1.0)
    # Turned round or larger than the truth would be a fault of the method, not of the finding.
    assert (slope < 0).mean() < 0.15
    assert (slope > 1).mean() < 0.15
    assert ((slope < -0.5) | (slope > 1.5)).mean() < 0.01


@pytest.mark.parametrize("kind", range(len(KINDS)))
def test_published_originals_are_as_large_as_preclinical_work_prints_and_shrink(translation, kind):
    design, draws = translation
    rng = np.random.default_rng(6)
    own = (design.pair_experiment @ design.experiment_kind).argmax(1) == kind
    original, repeated = (
        standardised(draw(design, draws, rng)[:, own]) for draw in (draw_originals, draw_replications)
    )
    middle = np.median(original, axis=1)
    # Standardised differences of animal and cell experiments are mostly 1 to 3; groups hardly overlap at 3.
    assert holds(middle, 1.0, 3.0)
    assert (middle > 10).mean() < 0.02  # ten standard deviations apart in half of all experiments
    smaller = np.median(repeated, axis=1) < middle
    assert smaller.mean() > 0.8
    assert holds((repeated > 0).mean(1), 0.6, 0.8)
