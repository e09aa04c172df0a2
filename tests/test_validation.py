"""Are validations kept apart from records, shown only while they are of today, and told as they were found?"""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm
from typer.testing import CliRunner

from evidence_folder import set_cells
from resurge.cli import app
from resurge.errors import UsageError
from resurge.evidence import load_evidence
from resurge.inference import refits
from resurge.inference.calibration import SimulatedSet, truth_among_draws
from resurge.inference.coverage import bounds, is_calibrated, share_below, times_covered
from resurge.inference.fit_parts import Refit, as_stated
from resurge.inference.freshness import fingerprint
from resurge.inference.refits import compared_refits, fewer_sources, refit
from resurge.inference.settings import Settings
from resurge.inference.simulated_evidence import SIMULATED, simulated_evidence
from resurge.inference.validation import read_validation, store_validation, validation_path
from resurge.reporting.terminal_validation import coverage_lines, move_lines
from stored_project import store_prior_as_posterior

SHORT = Settings(draws=20, tune=60, chains=2)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return store_prior_as_posterior(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="module")
def evidence(project):
    return load_evidence(project.data)


def records(project):
    return {path.name: path.read_bytes() for path in project.posteriors.iterdir() if path.is_file()}


def stand_in(mean: float, sd: float = 1.0, *, failing=(), why: str = ""):
    """Give a fit of one answer with a known mean."""
    summary = {"kind": "number", "median": mean, "lower": mean - 2 * sd, "upper": mean + 2 * sd}
    answers = {} if why else {"slope": {**summary, "mean_on_scale": mean, "sd_on_scale": sd}}
    return {"answers": answers, "failing": list(failing), "why": why}


def fitted_by_sd(work: Refit):
    """Move the answer with the width of the prior of the slope."""
    return stand_in(work.priors.slope.sd[0] / 0.35)


# Variants


def test_moves_are_in_standard_deviations_of_the_fit_as_stated(project, evidence, monkeypatch):
    monkeypatch.setattr(refits, "refit", fitted_by_sd)
    found = compared_refits(project, evidence, "translation", "priors", only=["slope", "eta"])
    assert list(found["fits"]) == [f"{name} {w} as wide" for w in ("half", "twice") for name in ("slope", "eta")]
    assert found["fits"]["slope half as wide"]["moves"] == {"slope": pytest.approx(-0.5)}
    assert found["fits"]["slope twice as wide"]["moves"] == {"slope": pytest.approx(1.0)}
    assert found["fits"]["eta half as wide"]["moves"] == {"slope": 0}


def test_a_name_that_is_none_lists_those_that_are(project, evidence):
    with pytest.raises(UsageError, match=r"nothing is called phi among .*slope half as wide"):
        compared_refits(project, evidence, "translation", "priors", only=["phi"])


def test_each_source_is_left_out_with_all_its_rows(project, evidence):
    variants = fewer_sources(as_stated(project, evidence, "recurrence", SHORT))
    seen = fingerprint(project, "recurrence")["evidence"]
    gone = {"recurrence_rates": [], "recurrence_person_time": []}
    for name, work in variants.items():
        source = name.removeprefix("without ")
        for table, rows in gone.items():
            before, after = (getattr(each, table) for each in (evidence, work.part))
            dropped = before[~before["row_id"].isin(after["row_id"])]
            assert set(dropped["source_id"]) <= {source}
            rows.extend(dropped["row_id"])
    assert {table: sorted(rows) for table, rows in gone.items()} == {table: sorted(seen[table]) for table in gone}


def test_a_fit_beside_the_record_touches_nothing(project, evidence):
    before = records(project)
    found = refit(as_stated(project, evidence, "translation", SHORT))
    assert "R-hat" in found["failing"]
    assert all(np.isfinite(each["mean_on_scale"]) for each in found["answers"].values())
    assert records(project) == before


def test_evidence_of_which_nothing_is_left_is_told(project, evidence):
    empty = replace(evidence, metastasis_sites=None)
    found = refit(replace(as_stated(project, evidence, "metastasis", SHORT), part=empty))
    assert found["answers"] == {}
    assert "metastasis_sites" in found["why"]


# Calibration


@pytest.mark.parametrize("model", SIMULATED)
def test_a_simulated_set_has_the_layout_of_the_evidence_and_one_truth(project, evidence, model):
    from resurge.findings.estimands import estimands

    one, again, other = (
        simulated_evidence(project, evidence, model, np.random.default_rng(seed)) for seed in (1, 1, 2)
    )
    for name, values in one.data.items():
        assert values.shape == again.data[name].shape == other.data[name].shape
        np.testing.assert_array_equal(values, again.data[name])
    assert any((values != other.data[name]).any() for name, values in one.data.items())
    assert all(each.draws.shape == (1,) for each in estimands(model, one.truth).values())


def test_sets_are_fitted_with_a_model_that_is_compiled_once(project, evidence, monkeypatch):
    from resurge.inference import sample

    compiled = []
    compile_model = sample.compile_model
    monkeypatch.setattr(sample, "compile_model", lambda model: compiled.append(model) or compile_model(model))
    monkeypatch.setattr(sample, "_COMPILED", {})
    sets = [SimulatedSet(project, evidence, "translation", "seen", SHORT, number) for number in (1, 2, 1)]
    first, second, first_again = map(truth_among_draws, sets)
    assert len(compiled) == 1
    assert first == first_again
    assert first != second
    assert all(0 <= share <= 1 for share in first.values())


def test_shares_rank_the_truth_among_draws():
    rng = np.random.default_rng(1)
    assert share_below(np.arange(10.0), 3.0, rng) == pytest.approx(0.3, abs=0.1)
    assert share_below(np.full(10, np.nan), 3.0, rng) == 0  # what never comes is later than any year
    assert 0.5 < share_below(np.array([1.0, np.nan]), np.nan, rng) <= 1


def test_coverage_is_counted_as_the_intervals_say():
    even = (np.arange(200) + 0.5) / 200
    assert times_covered(even) == {0.5: 100, 0.9: 180}
    assert is_calibrated(even)
    assert not is_calibrated(norm.cdf(norm.ppf(even) * 2))
    low, high = bounds(200, 0.5)
    assert low < 100 < high


# What is kept and told


@pytest.fixture
def kept(project):
    found = {
        "stated": stand_in(0.0),
        "fits": {
            "slope twice as wide": {**stand_in(1.5), "moves": {"slope": 1.5}},
            "eta half as wide": {**stand_in(0.1, failing=["R-hat"]), "moves": {"slope": 0.1}},
            "without s1": {**stand_in(0, why="no row is left"), "moves": {}},
        },
    }
    seen = fingerprint(project, "translation")
    return store_validation(project, "translation", "priors", seen, SHORT, found)


def test_a_validation_is_read_back_while_it_is_of_today(tmp_path):
    project = store_prior_as_posterior(tmp_path)
    seen = fingerprint(project, "recurrence")
    content = store_validation(project, "recurrence", "deletion", seen, SHORT, {"fits": {}})
    assert read_validation(project, "recurrence", "deletion") == content
    assert read_validation(project, "recurrence", "priors") is None
    set_cells(project.data, "recurrence_rates.csv", "r0002", estimate="0.21")
    assert read_validation(project, "recurrence", "deletion") is None
    validation_path(project, "recurrence", "deletion").write_text("{", encoding="utf-8")
    assert read_validation(project, "recurrence", "deletion") is None


def test_the_largest_moves_come_first_and_little_ones_are_not_named(kept):
    lines = list(move_lines(kept))
    assert lines[1].startswith("  slope twice as wide: 1.50")
    assert lines[2] == "    +1.50  slope: 0 (-2 to 2) to 1.5 (-0.5 to 3.5)"
    assert lines[3] == "  eta half as wide: 0.10 (not passed: R-hat)"
    assert lines[4] == "  without s1: no row is left"


def test_coverage_is_told_by_answer():
    answers = {
        "slope": {"below": [], "covered": {"0.5": 25, "0.9": 45}, "calibrated": True},
        "sigma": {"below": [], "covered": {"0.5": 3, "0.9": 9}, "calibrated": False},
    }
    lines = list(coverage_lines({"model": "translation", "sets": 50, "answers": answers}))
    assert lines[2].split() == ["slope", "25", "45"]
    assert lines[3].endswith("too few or too many")
    assert lines[4] == "  mean over answers of the 50% interval: 28%"


def test_the_command_keeps_what_it_prints_and_no_record_is_touched(project, monkeypatch):
    monkeypatch.setattr(refits, "refit", fitted_by_sd)
    before = records(project)
    words = ["--project", str(project.folder), "validate", "priors", "translation", "--only", "slope"]
    result = CliRunner().invoke(app, words, catch_exceptions=False)
    assert "slope twice as wide: 1.00" in result.output
    told = json.loads(CliRunner().invoke(app, [*words, "--json"]).output)
    assert told == read_validation(project, "translation", "priors")
    assert records(project) == before


def test_a_model_that_the_project_lacks_is_wrong_usage(project):
    result = CliRunner().invoke(app, ["--project", str(project.folder), "validate", "deletion", "weather"])
    assert result.exit_code == 2
    assert "no model named weather" in " ".join(result.output.split())
