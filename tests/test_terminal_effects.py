"""Do the commands about therapy say in words what their answers hold?"""

import pytest

from effect_stand_in import learnt, over, ratio
from resurge.commands import therapy
from resurge.commands.session import session
from resurge.reporting.terminal_effects import benefit_lines, class_lines, effect_lines
from stored_project import store_prior_as_posterior


def effect_answer():
    return {
        "question": {
            "class": "extended_endocrine", "endpoint": "any_recurrence", "at": [2.0], "er": "positive",
            "years_count_from": "randomisation", "randomised_year": 5.0, "duration": 5.0,
        },
        "interval": 0.95,
        "evidence": {"trials": ["ATLAS", "aTTom"], "rows": ["e1", "e2", "e3"]},
        "hazard_ratios": [{"year": 2.0, **over(0, 0, 0.8)}],
        "windows": [over(0.0, 2.0, 0.9)],
        "endpoints": {"os": over(0.0, 10.0, 0.95)},
        "onset_half_time": learnt(2.0, 0.4, "evidence"),
        "fade_per_year": learnt(0.1, 0.0, "prior only"),
        "carry_over_half_life": learnt(7.0, 0.2, "in part"),
        "heterogeneity": learnt(0.1, 0.0, "prior only"),
        "full_effect": learnt(-0.5, 0.5, "evidence"),
        "years_of_benefit": {"mean": None, "median": None, "lower": 10.4, "upper": None, "probability": 0.4},
        "little_left": [{"year": 2.0, "within": 0.05, "probability": 0.985}],
    }  # fmt: skip


def benefit_answer(upper):
    risk = {"from": 5.0, "to": 10.0, "without": ratio(0.12), "with": ratio(0.1), "difference": ratio(0.02)}
    risk["number_needed_to_treat"] = {"lower": 35.2, "median": 50.0, "upper": upper, "probability_of_harm": 0.03}
    return {
        "question": {
            "er": "positive", "nodes": "N0", "size": "T1", "endpoint": "any_recurrence", "population": "typical",
            "therapy": "endocrine_5y", "class": "extended_endocrine", "survived": 5.0, "to": [10.0], "start": 5.0,
            "duration": 5.0,
        },
        "interval": 0.95,
        "benefits": [risk],
        "windows": [risk],
        "effect_ends": {"mean": None, "median": 15.0, "lower": 9.0, "upper": None, "probability": 0.8},
    }  # fmt: skip


def test_effect_says_who_since_when_and_on_what_evidence():
    about, years, evidence, *_ = effect_lines(effect_answer())
    assert about == "Endocrine therapy beyond five years (extended_endocrine); any recurrence; ER-positive disease"
    assert years == "years count from randomisation, year 5 after diagnosis; treatments differ for 5.0 years"
    assert evidence == "evidence: 2 trials, 3 published estimates (ATLAS and aTTom)"


def test_effect_tells_ratios_course_and_how_long_it_lasts():
    lines = list(effect_lines(effect_answer()))
    assert "  year 2: 0.80 (95% interval 0.72 to 0.88); one more trial 0.56 to 1.04" in lines
    assert "  years 0–2: 0.90 (95% interval 0.81 to 0.99); one more trial 0.63 to 1.17" in lines
    assert any(line.startswith("  death from any cause, years 0–10: 0.95") for line in lines)
    assert "  half-life after treatment: 7.0 years (95% interval 6.3 to 7.7) [mostly prior]" in lines
    assert "  lost per year on treatment: 9.5% (95% interval 8.6 to 10.4) [prior only]" in lines
    assert "the hazard ratio stays at least 5% from one until later than year 20 (95% interval 10.4 to later)" in lines
    assert lines[-1] == "  year 2: very likely (98.5%)"


def test_therapy_from_diagnosis_on_counts_from_it():
    answer = effect_answer()
    answer["question"]["randomised_year"] = 0.0
    assert "randomisation, soon after diagnosis" in list(effect_lines(answer))[1]


def test_benefit_tells_risks_points_and_number_needed():
    lines = list(benefit_lines(benefit_answer(85.0)))
    assert lines[1] == (
        "with or without: endocrine therapy beyond five years (extended_endocrine) from year 5 after diagnosis for "
        "5.0 years"
    )
    assert (
        "  years 5 to 10: risk without 12.0% (95% interval 10.8 to 13.2), with 10.0% (95% interval 9.0 to 11.0)"
        in lines
    )
    points, needed = lines[4].split("; ")
    assert points == "    difference 2.0 percentage points (95% interval 1.8 to 2.2)"
    assert needed == "number needed to treat 50 (95% interval 35 to 85)"
    assert lines[-1].endswith("from year 15 (95% interval 9 to later)")


def test_number_needed_without_an_upper_limit_may_be_none():
    lines = list(benefit_lines(benefit_answer(None)))
    assert any("50 (95% interval 35 to no upper limit: there may be no benefit)" in line for line in lines)
    assert any(line == "    that it does harm is very unlikely (3.0%)" for line in lines)


def test_classes_are_listed_with_their_evidence():
    lines = list(class_lines([{"class": "aspirin", "trials": ["ABC"], "rows": 2}]))
    assert lines[1] == "  aspirin  aspirin: 1 trial, 2 published estimates"


def test_effect_without_a_class_lists_those_of_the_project(tmp_path, capsys, monkeypatch):
    project = store_prior_as_posterior(tmp_path, n=5)
    monkeypatch.setattr(session, "folder", project.folder)
    therapy.effect()
    assert "extended_endocrine" in capsys.readouterr().out


@pytest.mark.parametrize("found", [{"median": None, "lower": None, "upper": None, "probability_of_harm": 0.9}])
def test_no_benefit_at_all_is_told_as_none(found):
    answer = benefit_answer(None)
    answer["benefits"][0]["number_needed_to_treat"] = found
    assert any("number needed to treat none" in line for line in benefit_lines(answer))
