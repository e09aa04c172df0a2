"""Does the history keep every posterior once, in order, with what moved it, and say what is wrong with an entry?"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from evidence_folder import set_cells
from resurge.errors import UsageError
from resurge.evidence import load_evidence
from resurge.findings.estimands import Estimand
from resurge.inference.freshness import fingerprint
from resurge.inference.history import (
    HistoryError,
    append,
    departing_shifts,
    entry_of,
    history,
    history_folder,
    summaries,
)
from resurge.inference.left_out_rows import moved, shifts
from resurge.inference.psis import smoothed
from resurge.inference.records import draws_path, read_manifest
from resurge.inference.update import update
from resurge.inference.what_moved import move, set_side_by_side
from resurge.project import Project
from weighed_posterior import MODEL, fitted_project


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    return fitted_project(tmp_path_factory.mktemp("kept"))


@pytest.fixture
def project(kept, tmp_path):
    """Give a copy that a test may change."""
    return Project(Path(shutil.copytree(kept.folder, tmp_path / "project")))


def change(project: Project, ratio: str, log: str) -> None:
    set_cells(project.data, "therapy_effects.csv", "e0001", estimate=ratio, log_estimate=log)
    assert update(project, load_evidence(project.data), MODEL).done


def test_a_posterior_is_entered_once(project):
    assert append(project, MODEL) is None
    (entry,) = history(project, MODEL)
    assert (entry.name, entry.content["how"]) == ("therapy-1", "fitted")
    manifest = read_manifest(project, MODEL)
    for name in ("sha256", "settings", "fingerprint", "evidence_rows"):
        assert entry.content[name] == manifest[name]
    assert entry.content["shifts"] == []
    assert "endocrine_tamoxifen: hazard ratio in years 0 to 5" in entry.content["answers"]


def test_a_posterior_that_failed_is_not_entered(project):
    shutil.rmtree(history_folder(project))
    path = project.posteriors / f"{MODEL}.json"
    manifest = json.loads(path.read_text())
    for check in manifest["diagnostics"].values():
        check["passed"] = False
    path.write_text(json.dumps({**manifest, "passed": False}))
    assert append(project, MODEL) is None
    assert history(project, MODEL) == []


def test_what_a_stopped_process_left_out_is_entered_before_it_is_replaced(project):
    shutil.rmtree(history_folder(project))
    change(project, "0.62", "-0.478036")
    assert [entry.content["how"] for entry in history(project, MODEL)] == ["fitted", "reweighted"]


def test_entries_are_in_the_order_of_their_numbers(project):
    first = history_folder(project) / "therapy-1.json"
    for number in (10, 9, 2):
        shutil.copy(first, history_folder(project) / f"therapy-{number}.json")
    (history_folder(project) / "therapy-new.json").write_text("not an entry")
    assert [entry.number for entry in history(project, MODEL)] == [1, 2, 9, 10]
    assert entry_of(project, "therapy-9").number == 9


@pytest.mark.parametrize("name", ["therapy-7", "therapy", "therapy-x", "../therapy-1", ""])
def test_an_entry_that_is_not_there_is_named(project, name):
    with pytest.raises(HistoryError, match="no entry"):
        entry_of(project, name)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"layout": 99}', "\x00\xff"])
def test_a_file_that_is_no_entry_is_told(project, text):
    (history_folder(project) / "therapy-2.json").write_text(text, encoding="latin-1")
    with pytest.raises(HistoryError, match=r"therapy-2\.json"):
        history(project, MODEL)


def test_an_update_reads_the_last_entry_alone(project):
    change(project, "0.62", "-0.478036")
    (history_folder(project) / "therapy-1.json").write_text("damaged")
    change(project, "0.58", "-0.544727")
    assert entry_of(project, "therapy-3").content["how"] == "reweighted"


def test_entries_of_other_models_and_in_other_order_are_not_compared(project):
    change(project, "0.62", "-0.478036")
    old, new = history(project, MODEL)
    with pytest.raises(UsageError, match="does not come before"):
        set_side_by_side(project, new, old)
    other = type(new)(5, "recurrence", new.content)
    with pytest.raises(UsageError, match="different models"):
        set_side_by_side(project, old, other)


def test_over_several_entries_all_their_shifts_count(project):
    change(project, "0.62", "-0.478036")
    change(project, "0.58", "-0.544727")
    first, _, last = history(project, MODEL)
    found = set_side_by_side(project, first, last)
    (cell,) = (each for each in found["changes"] if each["column"] == "log_estimate")
    assert (cell["before"], cell["after"]) == ("-0.510826", "-0.544727")
    answer = next(each for each in found["answers"] if each["name"].startswith("endocrine_tamoxifen"))
    assert len(answer["rows"]) == 3  # of four: out and in, twice
    assert answer["move"] < 0


def test_rows_that_change_are_left_out_of_the_draws_before(project):
    set_cells(project.data, "therapy_effects.csv", "e0001", estimate="0.62", log_estimate="-0.478036")
    found = departing_shifts(project, MODEL, fingerprint(project, MODEL))
    assert {each.row for each in found} == {"therapy_effects:e0001"}
    own = next(each for each in found if each.answer == "endocrine_tamoxifen: hazard ratio in years 0 to 5")
    assert own.sds < -0.3  # the largest row of the class lowers its hazard ratio
    other = next(each for each in found if each.answer == "extended_endocrine: hazard ratio in years 0 to 5")
    assert abs(other.sds) < abs(own.sds)


def test_rows_without_a_likelihood_are_passed_over(project):
    path = draws_path(project, read_manifest(project, MODEL))
    assert shifts(MODEL, path, ["recurrence_rates:r0001"]) == []


def test_a_move_is_that_of_means_in_standard_deviations():
    rng = np.random.default_rng(6)
    theta = rng.standard_normal(50_000)
    answers = {"theta": Estimand("number", theta), "same": Estimand("number", np.ones(50_000))}
    # Without a row N(1 | theta, 1) of a posterior N(0, 1): precision 1 - 1/4, mean -(1/4) / (3/4).
    row = -0.5 * (1 - theta) ** 2 / 4
    found = moved(answers, smoothed(-row))
    assert found.keys() == {"theta"}
    assert found["theta"] == pytest.approx(1 / 3, abs=0.02)
    assert move({"mean_on_scale": 1.0, "sd_on_scale": 0.5}, {"mean_on_scale": 2.0}) == 2
    assert move({"mean_on_scale": 1.0, "sd_on_scale": 0.0}, {"mean_on_scale": 2.0}) == np.inf


def test_summaries_are_on_the_scale_of_the_answer_and_of_what_exists():
    draws = np.array([np.nan, 1.0, np.e, np.e**2])
    found = summaries({"rate": Estimand("rate", draws), "none": Estimand("years", np.full(4, np.nan))})
    assert found.keys() == {"rate"}
    assert found["rate"]["median"] == pytest.approx(np.e)
    assert found["rate"]["mean_on_scale"] == pytest.approx(1)
    assert found["rate"]["sd_on_scale"] == pytest.approx(np.sqrt(2 / 3))
