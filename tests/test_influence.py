"""Are answers without a source those of a posterior without it, and are all its rows gone?"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from evidence_folder import set_cells
from resurge.evidence import load_evidence
from resurge.findings.estimands import Estimand, estimands
from resurge.inference import influence
from resurge.inference.chains import flat_arrays
from resurge.inference.freshness import fingerprint
from resurge.inference.influence import leave_out_each, left_out, read_influence
from resurge.inference.labelled import split
from resurge.inference.left_out_rows import answers_of
from resurge.inference.left_out_sources import Reduced, fingerprint_without, without_each_source
from resurge.inference.records import draws_path, read_manifest
from resurge.inference.stored_draws import read_draws
from resurge.inference.twins import CannotReweightError
from resurge.project import Project
from test_reweight import BEFORE, NormalTwin, fingerprint_of, fit_of, posterior_of
from weighed_posterior import MODEL, fitted_project, therapy_posterior


@dataclass
class CompletedTwin(NormalTwin):
    """The conjugate twin, which stores what it was given."""

    def __init__(self, rows):
        super().__init__(rows)

    def completed(self, draws, changed, shape, rng):
        return split({"theta": draws["theta"]}, shape, {}, {})


@pytest.fixture
def conjugate(monkeypatch):
    """Let the posterior be that of a normal mean, and evidence a mapping of rows."""
    monkeypatch.setattr(influence, "twin_of", lambda project, rows, *_: CompletedTwin(rows))
    monkeypatch.setattr(influence, "estimands", lambda model, draws: {"theta": Estimand("number", draws["theta"])})
    monkeypatch.setattr(influence, "conflict", lambda *_: 0.5)


@pytest.mark.parametrize("source", list(BEFORE))
def test_answers_without_a_source_are_those_in_closed_form(conjugate, source):
    rest = {unit: row for unit, row in BEFORE.items() if unit != source}
    fit, rng = fit_of(BEFORE), np.random.default_rng(3)
    found = left_out(None, MODEL, fit, BEFORE, Reduced(source, rest, (f"t:{source}",)), fingerprint_of(BEFORE), rng)
    assert found["by"] == "weights"
    assert found["rows"] == [f"t:{source}"]
    mean, sd = posterior_of(rest)
    assert found["answers"]["theta"]["mean_on_scale"] == pytest.approx(
        mean, abs=5 * sd / np.sqrt(found["effective_sample_size"])
    )
    assert found["answers"]["theta"]["sd_on_scale"] == pytest.approx(sd, rel=0.05)


def test_a_source_that_holds_all_up_is_refused(conjugate):
    rows = {**BEFORE, "e": (6.0, 0.001), "f": (6.0, 0.001), "g": (6.0, 0.001)}
    rows |= {f"g{i}": (6.0, 0.001) for i in range(20)}
    rest = {"a": rows["a"]}
    gone = tuple(f"t:{unit}" for unit in rows if unit not in rest)
    found = left_out(
        None, MODEL, fit_of(rows), rows, Reduced("many", rest, gone), fingerprint_of(rows), np.random.default_rng(3)
    )
    assert found["by"] == "refused"
    assert "limit" in found["why"]
    assert (found["answers"], found["p_conflict"]) == ({}, None)


def test_what_cannot_be_laid_out_is_refused_with_its_reason(monkeypatch):
    def refuse(*_):
        raise CannotReweightError("no row is left")

    monkeypatch.setattr(influence, "twin_of", refuse)
    reduced = Reduced("a", BEFORE, ("t:a",))
    found = left_out(None, MODEL, fit_of(BEFORE), BEFORE, reduced, fingerprint_of(BEFORE), np.random.default_rng(3))
    assert (found["by"], found["why"]) == ("refused", "no row is left")


@pytest.mark.parametrize("table", ["t", "case_mix"])
def test_a_source_without_which_nothing_is_left_is_no_refusal(monkeypatch, table):
    """A mix that is left says nothing of an answer; another row does, and is laid out."""

    def lay_out(*_):
        raise CannotReweightError("laid out")

    monkeypatch.setattr(influence, "twin_of", lay_out)
    now = {"evidence": {"t": {"a": "1"}, table: {"a": "1", "b": "2"}}, "upstream": {}}
    reduced = Reduced("a", BEFORE, ("t:a",) if table == "t" else ("t:a", "case_mix:a"))
    found = left_out(None, MODEL, fit_of(BEFORE), BEFORE, reduced, now, np.random.default_rng(3))
    expected = {"t": ("refused", "laid out"), "case_mix": ("alone", "without it nothing is left to fit")}
    assert (found["by"], found["why"]) == expected[table]


# Which rows a source has


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    return fitted_project(tmp_path_factory.mktemp("kept"))


def test_a_source_goes_with_its_rows_of_all_tables(kept):
    evidence, now = load_evidence(kept.data), fingerprint(kept, "recurrence")
    found = {each.source: each for each in without_each_source(evidence, "recurrence", now)}
    tables = {source: {row.partition(":")[0] for row in each.rows} for source, each in found.items()}
    assert tables["alpha2001"] == {"recurrence_rates", "recurrence_person_time"}
    assert tables["beta2010"] == {"recurrence_rates", "case_mix"}
    for source, each in found.items():
        for table in tables[source]:
            left = getattr(each.evidence, table)
            gone = {row.partition(":")[2] for row in each.rows}
            assert not gone & set(left["row_id"])
            assert set(left["row_id"]) | gone >= set(now["evidence"][table])
        assert each.evidence.therapy_effects is evidence.therapy_effects


def test_experiments_that_are_repeated_go_by_their_paper(kept):
    evidence = load_evidence(kept.data)
    found = list(without_each_source(evidence, "translation", fingerprint(kept, "translation")))
    assert {each.source for each in found} <= set(evidence.replication_pairs["paper"])


def test_rows_left_out_are_gone_from_what_a_fit_saw():
    now = {"evidence": {"t": {"a": "1", "b": "2"}, "s": {"a": "3"}}, "upstream": {"x": "y"}}
    expected = {"evidence": {"t": {"b": "2"}, "s": {"a": "3"}}, "upstream": {"x": "y"}}
    assert fingerprint_without(now, ["t:a"]) == expected


# All sources of a model


def test_each_source_of_a_model_is_left_out_and_kept(kept, tmp_path):
    project = Project(Path(shutil.copytree(kept.folder, tmp_path / "project")))
    evidence = load_evidence(project.data)
    assert read_influence(project, MODEL) is None
    found = leave_out_each(project, evidence, MODEL)
    assert read_influence(project, MODEL)["sources"] == found["sources"]
    assert set(found["sources"]) == {"alpha2001", "beta2010"}
    whole = answers_of(MODEL, read_draws(draws_path(project, read_manifest(project, MODEL)), "posterior"))
    name = "endocrine_tamoxifen: hazard ratio in years 0 to 5"
    assert found["answers"][name]["mean_on_scale"] == pytest.approx(whole[name].on_scale.mean())

    left = found["sources"]["beta2010"]
    assert left["by"] == "weights"
    assert 0 < left["p_conflict"] <= 1
    reduced = next(
        each
        for each in without_each_source(evidence, MODEL, fingerprint(project, MODEL))
        if left["rows"] == list(each.rows)
    )
    exact = therapy_posterior(project, reduced.evidence, seed=8)
    answer = estimands(MODEL, flat_arrays(exact))[name].on_scale
    error = answer.std() * np.hypot(left["effective_sample_size"] ** -0.5, len(answer) ** -0.5)
    assert abs(left["answers"][name]["mean_on_scale"] - answer.mean()) < 4 * error
    assert left["answers"][name]["sd_on_scale"] == pytest.approx(answer.std(), rel=0.15)

    set_cells(project.data, "therapy_effects.csv", "e0001", estimate="0.62", log_estimate="-0.478036")
    assert read_influence(project, MODEL) is None
