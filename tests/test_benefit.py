"""Is what a therapy changes what hazards and hazard ratios make of it, and are questions without an answer refused?"""

from __future__ import annotations

import json
import sys

import numpy as np
import pytest

from constant_draws import constant_hazard, constant_ratio
from resurge import cli
from resurge.findings.benefit_draws import benefit, natural_start, paired
from resurge.findings.benefit_questions import number_needed, without_therapy
from resurge.findings.effect_draws import Effect
from resurge.findings.hazard_draws import Profile
from stored_project import store_prior_as_posterior

WOMEN = Profile("positive", "N1-3", "T2")
EFFECT = Effect("extended_endocrine")
HAZARD, RATIO = 0.03, 0.6


def by(hazard, ratio, years):
    """Risk under a constant hazard times a constant ratio."""
    return 1 - np.exp(-hazard * ratio * years)


def found(recurrence, therapy, *, start=5.0, survived=5.0, ends=(10.0, 20.0), effect=EFFECT):
    return benefit(recurrence, therapy, WOMEN, effect, start, survived, ends)


def test_constant_hazard_and_ratio_have_a_closed_form():
    answer = found(constant_hazard([HAZARD]), constant_ratio([RATIO]))
    np.testing.assert_allclose(answer.without, [[by(HAZARD, 1, 5), by(HAZARD, 1, 15)]], rtol=1e-9)
    np.testing.assert_allclose(answer.treated, [[by(HAZARD, RATIO, 5), by(HAZARD, RATIO, 15)]], rtol=1e-6)
    np.testing.assert_allclose(answer.difference, answer.without - answer.treated)


def test_a_ratio_of_one_changes_nothing():
    answer = found(constant_hazard([0.01, HAZARD]), constant_ratio([1.0, 1.0]))
    np.testing.assert_array_equal(answer.difference, 0)


def test_therapy_begun_later_acts_only_from_then_on():
    answer = found(constant_hazard([HAZARD]), constant_ratio([RATIO]), start=8.0, ends=(8.0, 12.0))
    assert answer.difference[0, 0] == 0
    np.testing.assert_allclose(answer.treated[0, 1], 1 - np.exp(-HAZARD * (3 + 4 * RATIO)), rtol=1e-6)


def test_years_before_the_landmark_do_not_count():
    whole = found(constant_hazard([HAZARD]), constant_ratio([RATIO]), start=0.0, survived=0.0, ends=(10.0, 15.0))
    later = found(constant_hazard([HAZARD]), constant_ratio([RATIO]), start=0.0, survived=10.0, ends=(15.0,))
    for arm in ("without", "treated"):
        to_ten, to_fifteen = 1 - getattr(whole, arm)[0]
        np.testing.assert_allclose(getattr(later, arm)[0, 0], 1 - to_fifteen / to_ten, rtol=1e-9)


def test_longer_therapy_takes_away_more():
    therapy = constant_ratio([RATIO], carry=0.5)
    gains = [
        found(constant_hazard([HAZARD]), therapy, effect=Effect(EFFECT.effect_class, duration=years)).difference[0, 1]
        for years in (1.0, 3.0, 10.0)
    ]
    assert 0 < gains[0] < gains[1] < gains[2]


def test_draws_of_the_smaller_posterior_are_used_again():
    first, second = paired(np.arange(6.0)[:, None], np.array([[10.0], [20.0]]))
    assert first.ravel().tolist() == [0, 1, 2, 3, 4, 5]
    assert sorted(second.ravel().tolist()) == [10, 10, 10, 20, 20, 20]


def test_number_needed_is_the_difference_turned_over():
    needed = number_needed(np.linspace(0.02, 0.1, 1001), 0.9)
    assert needed["median"] == pytest.approx(1 / 0.06)
    assert needed["lower"] == pytest.approx(1 / 0.096)
    assert needed["upper"] == pytest.approx(1 / 0.024)
    assert needed["probability_of_harm"] == 0


def test_a_therapy_that_may_harm_has_no_upper_limit():
    needed = number_needed(np.array([-0.01, 0.0, 0.01, 0.02]), 0.9)
    assert needed["upper"] is None
    assert needed["median"] == pytest.approx(200)
    assert needed["probability_of_harm"] == 0.25
    assert number_needed(np.array([-0.02, -0.01]), 0.9)["median"] is None


def test_therapy_that_goes_on_begins_at_the_landmark_and_other_therapy_at_diagnosis():
    extended, chemo = constant_ratio([RATIO]), constant_ratio([RATIO], name="chemo", er="any", begins=0.0)
    assert [natural_start(extended, "extended_endocrine", survived) for survived in (0.0, 7.0)] == [5.0, 7.0]
    assert natural_start(chemo, "chemo", 7.0) == 0.0


@pytest.mark.parametrize(
    ("effect_class", "er", "therapy"),
    [
        ("endocrine_tamoxifen", "positive", "none"),
        ("extended_endocrine", "positive", "endocrine_5y"),
        ("chemo", "negative", "none"),
        ("chemo_taxane", "negative", "chemo"),
        ("chemo_taxane", "positive", "chemo_endocrine"),
    ],
)
def test_women_without_a_therapy_are_those_of_its_controls(effect_class, er, therapy):
    assert without_therapy(Profile(er), effect_class).therapy == therapy


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return store_prior_as_posterior(tmp_path_factory.mktemp("project"))


def ask(monkeypatch, capsys, project, *words):
    monkeypatch.setattr(sys, "argv", ["resurge", "--project", str(project.folder), "benefit", *words])
    with pytest.raises(SystemExit) as leaving:
        cli.main()
    return leaving.value.code or 0, *capsys.readouterr()


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--er", "negative", "--class", "extended_endocrine"], "tested in ER-positive disease only"),
        (["--er", "positive", "--class", "prayer"], "it has endocrine_tamoxifen, extended_endocrine"),
        (["--er", "positive", "--class", "extended_endocrine", "--survived", "10", "--to", "8"], "must lie after 10"),
        (["--er", "positive", "--class", "extended_endocrine", "--to", "20,15"], "rise"),
        (["--er", "positive", "--class", "extended_endocrine", "--to", "60"], "not after year 35"),
        (["--er", "positive", "--class", "extended_endocrine", "--duration", "0"], "0.05"),
    ],
)
def test_a_question_without_an_answer_is_refused(monkeypatch, capsys, project, words, why):
    code, out, err = ask(monkeypatch, capsys, project, *words)
    assert (code, out) == (2, "")
    assert why in " ".join(err.replace("│", " ").split())


def test_an_answer_says_what_it_took_for_granted(monkeypatch, capsys, project):
    words = ["--er", "positive", "--class", "extended_endocrine", "--survived", "7", "--to", "10,20", "--json"]
    code, out, _ = ask(monkeypatch, capsys, project, *words)
    answer = json.loads(out)
    assert code == 0
    assert answer["question"]["start"] == 7
    assert [each["from"] for each in answer["benefits"]] == [7, 7]
    assert [each["from"] for each in answer["windows"]] == [7, 10]
    for each in answer["benefits"]:
        assert each["number_needed_to_treat"]["median"] == pytest.approx(1 / each["difference"]["median"])
