"""Are the answers about dormancy those that paper gives for compartments simple enough to work them out?"""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy import stats

from resurge.evidence.person_time import INTERVAL_EDGES
from resurge.findings.dormancy_draws import (
    course_of,
    dormant_share_at,
    dormant_share_within,
    read_at,
    still_dormant,
)
from resurge.findings.dormancy_questions import YEARS, answer_dormancy, dormancy_answer
from resurge.findings.hazard_draws import Profile
from resurge.inference.records import PosteriorFailedError, PosteriorMissingError
from resurge.reporting.terminal_dormancy import comparison_lines, dormancy_lines
from resurge.synthesis.compartments import Fractions, incidence
from resurge.synthesis.dormancy_forward import curve_draws
from stored_project import store_prior_as_posterior

EDGES = np.asarray(INTERVAL_EDGES)
REFERENCE = Profile("positive", "N0", "T1")


def draws_of(n=3, *, early_odds=0.1, late_odds=0.2, half_life=9.0, year=2.0, spread=0.6, **effects):
    """Give n equal draws of two compartments, the same in both ER groups, changed by the effects named."""
    sampled = {"early_odds": early_odds, "late_odds": late_odds, "half_life": half_life}
    sampled |= {"early_year": year, "early_spread": spread}
    curve = {name: np.full((n, 2), value) for name, value in sampled.items()}
    zeros = {"nodal_effect": 4, "size_effect": 3, "therapy": 3, "distant": 2, "log_odds": 6}
    plain = {name: np.zeros(size) for name, size in zeros.items()} | dict.fromkeys(("phi", "a_new", "b_new"), 0.0)
    plain |= {"sigma": np.ones(3)} | effects
    rest = {name: np.repeat(np.asarray(value, dtype=float)[None], n, 0) for name, value in plain.items()}
    return {**curve, **curve_draws(curve, EDGES), **rest, "edges": EDGES}


def test_in_the_reference_stratum_the_fractions_are_the_parameters():
    draws = draws_of()
    course = course_of(draws, REFERENCE)
    assert course.dormant_ever == pytest.approx(draws["p_dormant"][:, 1], rel=1e-10)
    assert course.early_ever == pytest.approx(draws["p_early"][:, 1], rel=1e-10)


def cells_of(draws):
    """Recurrences of the reference stratum by cell, early and late, with those of the parameters of the first draw."""
    parts = Fractions(*(draws[name][0, 1] for name in ("p_early", "p_dormant", "awakening")))
    return incidence(parts, draws["early_year"][0, 1], draws["early_spread"][0, 1], EDGES)


def test_recurrences_by_a_year_are_those_of_the_distribution_function():
    draws = draws_of()
    course = course_of(draws, REFERENCE)
    by = EDGES[1:] <= 10
    early, dormant = (part[by].sum() for part in cells_of(draws))
    assert early == pytest.approx(draws["p_early"][0, 1] * stats.lognorm(s=0.6, scale=2.0).cdf(10))
    assert read_at(course.dormant_by, EDGES, [10.0])[0, 0] == pytest.approx(dormant, rel=1e-10)
    assert read_at(course.early_by, EDGES, [10.0])[0, 0] == pytest.approx(early, rel=1e-10)
    assert dormant_share_within(course, EDGES, 0.0, 10.0)[0] == pytest.approx(dormant / (dormant + early), rel=1e-10)


def test_a_stratum_at_twice_the_hazard_has_the_survival_squared():
    draws = draws_of(nodal_effect=[0, np.log(2), 1, 1])
    course = course_of(draws, Profile("positive", "N1-3", "T1"))
    cured = 1 - draws["p_early"][0, 1] - draws["p_dormant"][0, 1]
    assert course.dormant_ever + course.early_ever == pytest.approx(np.full(3, 1 - cured**2), rel=1e-10)
    early, dormant = cells_of(draws)
    S = 1 - np.concatenate([[0], np.cumsum(early + dormant)])
    expected = (-np.diff(S**2) * dormant / (early + dormant)).sum()
    assert course.dormant_by[0, -1] == pytest.approx(expected, rel=1e-10)


def test_a_group_is_the_sum_of_its_strata():
    draws = draws_of(nodal_effect=[0, 0.5, 1.0, 1.5], size_effect=[0, 0.3, 0.6], phi=-0.1)
    whole = course_of(draws, Profile("positive", "any", "T1"))
    parts = [course_of(draws, Profile("positive", n, "T1")) for n in ("N0", "N1-3", "N4-9", "N10+")]
    assert whole.dormant_ever == pytest.approx(np.mean([part.dormant_ever for part in parts], axis=0))
    assert whole.early_by == pytest.approx(np.mean([part.early_by for part in parts], axis=0))


def test_the_dormant_share_is_that_of_the_recurrences_of_the_time():
    draws = draws_of()
    early, dormant = cells_of(draws)
    for year in (0.125, 1.125, 7.25, 18.5):
        cell = np.searchsorted(EDGES, year) - 1
        expected = dormant[cell] / (early[cell] + dormant[cell])
        assert dormant_share_at(draws, "positive", [year])[0, 0] == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize(("absent", "share"), [("early_odds", 1.0), ("late_odds", 0.0)])
def test_a_compartment_that_is_empty_has_no_recurrences(absent, share):
    draws = draws_of(**{absent: 1e-12})
    course = course_of(draws, REFERENCE)
    assert dormant_share_at(draws, "positive", [2.0])[0, 0] == pytest.approx(share, abs=1e-6)
    assert dormant_share_within(course, EDGES, 0.0, 20.0)[0] == pytest.approx(share, abs=1e-6)


def test_women_still_dormant_are_those_whose_recurrence_is_yet_to_come():
    draws = draws_of(early_odds=1e-12, year=1e-4)
    p = draws["p_dormant"][0, 1]
    asleep = still_dormant(course_of(draws, REFERENCE), EDGES, [0.0, 9.0])[0]
    assert asleep == pytest.approx([p, p / 2 / (1 - p / 2)], rel=0.01)


# Questions


def test_an_answer_tells_what_the_evidence_narrowed_and_what_it_did_not():
    rng, n = np.random.default_rng(0), 400
    prior = draws_of(n)
    posterior = draws_of(n)
    for draws, spread in ((prior, 0.6), (posterior, 0.3)):
        draws["half_life"] = np.exp(2 + spread * rng.standard_normal((n, 2)))
        draws["early_year"] = np.exp(0.7 + 0.3 * rng.standard_normal((n, 2)))
        for name in ("early_spread", "p_early", "p_dormant", "phi", "sigma", "log_odds"):
            draws[name] = draws[name] + 1e-3 * rng.random(draws[name].shape)
    answer = dormancy_answer(posterior, prior, REFERENCE, YEARS, level=0.95)
    assert answer["half_life"]["contraction"] == pytest.approx(0.5, abs=0.08)
    assert answer["half_life"]["informed_by"] == "evidence"
    assert answer["early_year"]["informed_by"] == "prior only"
    assert answer["half_life"]["median"] == pytest.approx(np.median(posterior["half_life"][:, 1]))
    assert [row["year"] for row in answer["share_by_year"]] == list(YEARS)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return store_prior_as_posterior(tmp_path_factory.mktemp("project"))


def test_an_answer_is_json_and_can_be_told(project):
    answer = answer_dormancy(project, Profile("positive", population="new"), YEARS, level=0.95)
    assert json.loads(json.dumps(answer))["question"]["er"] == "positive"
    lines = list(dormancy_lines(answer))
    assert "half-life of dormancy" in "\n".join(lines)
    assert not any("nan" in line for line in lines)
    assert answer["fraction_dormant"]["mean"] + answer["fraction_early"]["mean"] + answer["cured"]["mean"] == (
        pytest.approx(1)
    )


def test_there_is_no_answer_from_a_fit_that_failed_or_is_not_there(tmp_path, project):
    failed = store_prior_as_posterior(tmp_path, passed=False)
    with pytest.raises(PosteriorFailedError):
        answer_dormancy(failed, REFERENCE, YEARS, level=0.95)
    (failed.posteriors / "dormancy.json").unlink()
    with pytest.raises(PosteriorMissingError, match="resurge fit dormancy"):
        answer_dormancy(failed, REFERENCE, YEARS, level=0.95)


def test_a_comparison_is_told_in_two_lines():
    found = {
        "scores": [{}] * 7,
        "difference": {"dormancy_less_recurrence": -3.21, "standard_error": 2.0},
        "weights": {"recurrence": 0.8, "dormancy": 0.2},
    }
    first, second = comparison_lines(found)
    assert "7 populations" in first and "-3.2 (standard error 2.0)" in first
    assert second == "stacking weights: splines 0.80, dormancy 0.20"
