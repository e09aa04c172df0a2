"""Is a stored comparison shown only while it is of today's evidence and models, and kept only where it still holds?"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from evidence_folder import set_cells
from resurge.evidence import load_evidence
from resurge.inference import compare_curves as compare_curves_module
from resurge.inference import curve_comparison
from resurge.inference.compare_curves import compare_curves, kept_part
from resurge.inference.curve_comparison import (
    BROKEN,
    CURVE_MODELS,
    LAYOUT,
    MISSING,
    SCORING,
    STALE,
    comparison_path,
    fingerprints,
    read_comparison,
)
from resurge.inference.curve_scores import scored
from resurge.inference.settings import Settings
from resurge.locks import RecordLockedError, locked
from resurge.project import Project
from resurge.synthesis.dormancy_priors import DORMANCY
from resurge.synthesis.dormancy_priors import UNHELD as UNHELD_PRIORS
from stored_project import store_prior_as_posterior

SCORES = {"recurrence": {"ALPHA": -3.0, "BETA": -5.0}, "dormancy": {"ALPHA": -4.0, "BETA": -4.5}}
UNHELD = {name: [[1.0, 2.0], [3.0, 8.0]] for name in ("early_year", "p_dormant")}


def store_comparison(project):
    """Write a comparison of two populations that is of today's evidence and models."""
    content = {
        "layout": LAYOUT,
        "settings": Settings().as_dict(),
        "fingerprint": fingerprints(project),
        "folds": [["ALPHA"], ["BETA"]],
        "parts": {model: {"scores": SCORES[model], "fits": []} for model in CURVE_MODELS},
        **scored(SCORES),
        "unheld": {"draws": UNHELD},
    }
    comparison_path(project).write_text(json.dumps(content), encoding="utf-8")
    return project


@pytest.fixture
def project(tmp_path):
    return store_comparison(store_prior_as_posterior(tmp_path))


def test_a_comparison_of_today_is_shown(project):
    assert read_comparison(project).found["scores"][0]["population"] == "ALPHA"


def test_without_one_it_is_said_how_to_get_one(project):
    comparison_path(project).unlink()
    assert read_comparison(project).why == MISSING
    assert "resurge compare-curves" in MISSING


def test_nothing_is_shown_of_a_comparison_on_other_evidence(project):
    set_cells(project.data, "recurrence_rates.csv", "r0002", estimate="0.21")
    assert read_comparison(project).found is None
    assert read_comparison(project).why == STALE


@pytest.mark.parametrize("file", SCORING)
def test_nothing_is_shown_of_a_comparison_that_was_scored_otherwise(project, file):
    found = json.loads(comparison_path(project).read_text(encoding="utf-8"))
    found["fingerprint"]["dormancy"]["scoring"][file] = "another"
    comparison_path(project).write_text(json.dumps(found), encoding="utf-8")
    assert read_comparison(project).why == STALE


def test_nothing_is_shown_of_a_comparison_with_another_unheld_model(project, monkeypatch):
    monkeypatch.setattr(curve_comparison, "UNHELD", DORMANCY)
    assert read_comparison(project).why == STALE


def test_the_stored_comparison_of_this_project_can_be_read():
    assert read_comparison(Project(Path(__file__).parent.parent)).why in ("", STALE)


@pytest.mark.parametrize("content", ["{", "[]", "null", "[" * 100_000, '{"layout": 99}', '{"layout": 1}'])
def test_a_damaged_comparison_is_one_sentence(project, content):
    comparison_path(project).write_text(content, encoding="utf-8")
    assert read_comparison(project).why == BROKEN


def test_scores_are_kept_only_if_the_same_fits_would_give_them_again(project):
    seen, folds = fingerprints(project), [["ALPHA"], ["BETA"]]
    assert kept_part(project, "recurrence", seen["recurrence"], Settings(), folds)["scores"] == SCORES["recurrence"]
    assert kept_part(project, "recurrence", seen["recurrence"], Settings(seed=1), folds) is None
    assert kept_part(project, "recurrence", seen["recurrence"], Settings(), [["ALPHA", "BETA"]]) is None
    changed = {**seen["recurrence"], "priors": {}}
    assert kept_part(project, "recurrence", changed, Settings(), folds) is None


def test_two_processes_do_not_compare_the_curves_at_once(project):
    with (
        locked(comparison_path(project).with_name(".curve_comparison.lock"), "resurge compare-curves"),
        ThreadPoolExecutor() as another,
        pytest.raises(RecordLockedError, match="at work on `resurge compare-curves` since"),
    ):
        another.submit(compare_curves, project, None).result()
    assert read_comparison(project).found


def test_only_what_is_not_kept_is_fitted_and_results_are_put_together_by_name(project, monkeypatch):
    fitted = []

    def stand_in(work):
        fitted.append((work.model, work.fold, work.priors == UNHELD_PRIORS))
        return {"scores": dict.fromkeys(work.fold, -1.0), "soundness": {"r_hat": 1.0, "divergent": 0}, "shown": {}}

    monkeypatch.setattr(compare_curves_module, "fitted_curve", stand_in)
    first = compare_curves(project, load_evidence(project.data), n_folds=2)
    folds = [tuple(fold) for fold in first["folds"]]
    assert sorted(fitted) == sorted(
        [("dormancy", (), True), *((model, fold, False) for model in CURVE_MODELS for fold in folds)]
    )
    assert [score["population"] for score in first["scores"]] == sorted(name for fold in folds for name in fold)
    assert first["parts"]["recurrence"]["fits"] == [{"r_hat": 1.0, "divergent": 0}] * 2
    fitted.clear()
    again = compare_curves(project, load_evidence(project.data), n_folds=2)
    assert fitted == [("dormancy", (), True)]
    assert {**again, "made": ""} == {**first, "made": ""}
