"""Does an update say why where only a fit will do, and leave the record alone then?"""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from evidence_folder import set_cells
from resurge.inference import update as module
from resurge.inference.freshness import WATCHED
from resurge.inference.manifests import LAYOUT
from resurge.inference.twins import CannotReweightError
from resurge.project import Project
from resurge.synthesis.priors import Normal
from weighed_posterior import A_LITTLE, MODEL, TABLE, edit_manifest, fitted_project, record, updated


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    return fitted_project(tmp_path_factory.mktemp("kept"))


@pytest.fixture
def project(kept, tmp_path):
    """Give a copy that a test may change."""
    return Project(Path(shutil.copytree(kept.folder, tmp_path / "project")))


def other_priors(project, monkeypatch):
    priors = replace(WATCHED[MODEL].priors, mu=Normal(0.0, 9.0, "wider"))
    monkeypatch.setitem(WATCHED, MODEL, replace(WATCHED[MODEL], priors=priors))


def other_source(project, monkeypatch):
    edit_manifest(project, lambda manifest: manifest["fingerprint"]["source"].update({"synthesis/therapy.py": "old"}))


def failed_and_stale(project, monkeypatch):
    failed(project, monkeypatch)
    set_cells(project.data, TABLE, "e0001", **A_LITTLE)


def failed(project, monkeypatch):
    def fail(manifest):
        next(iter(manifest["diagnostics"].values()))["passed"] = False
        manifest["passed"] = False

    edit_manifest(project, fail)


def without_likelihoods(project, monkeypatch):
    edit_manifest(project, lambda manifest: manifest.pop("units"))
    set_cells(project.data, TABLE, "e0001", **A_LITTLE)


def of_an_older_version(project, monkeypatch):
    edit_manifest(project, lambda manifest: manifest.update(layout=LAYOUT - 1))


def damaged(project, monkeypatch):
    draws = next(project.posteriors.glob(f"{MODEL}-*.nc"))
    draws.write_bytes(draws.read_bytes()[:1000])


def missing(project, monkeypatch):
    (project.posteriors / f"{MODEL}.json").unlink()


def without_recurrence(project, monkeypatch):
    (project.posteriors / "recurrence.json").unlink()


def refused_by_the_twin(project, monkeypatch):
    def refuse(*_):
        raise CannotReweightError("the strata are others")

    monkeypatch.setattr(module, "twin_of", refuse)
    set_cells(project.data, TABLE, "e0001", **A_LITTLE)


OBSTACLES = {
    other_priors: "priors changed",
    other_source: "the model's source changed",
    failed: "its fit failed the gate",
    failed_and_stale: "its fit failed the gate",
    without_likelihoods: "its record holds no likelihoods",
    of_an_older_version: "its record is of an older version",
    damaged: "its record cannot be read",
    missing: "there is no posterior yet",
    without_recurrence: "no posterior of the recurrence model yet: run `resurge fit recurrence`",
    refused_by_the_twin: "the strata are others",
}


@pytest.mark.parametrize("harm", OBSTACLES, ids=lambda harm: harm.__name__)
def test_what_only_a_fit_can_do_is_told_and_nothing_is_touched(project, harm, monkeypatch):
    harm(project, monkeypatch)
    before = record(project)
    outcome = updated(project)
    assert not outcome.done
    assert outcome.told == f"only a fit will do: {OBSTACLES[harm]}"
    assert outcome.as_dict()["done_by"] == "fit"
    assert record(project) == before


def test_weights_that_fail_are_refused_by_their_numbers(project):
    set_cells(project.data, TABLE, "e0001", estimate="3", lower="2.7", upper="3.33", log_estimate="1.098612")
    set_cells(project.data, TABLE, "e0001", se_log="0.053499")
    before = record(project)
    outcome = updated(project)
    assert not outcome.done
    assert outcome.told.startswith("weights refused, only a fit will do: ")
    assert ", limit " in outcome.why
    assert outcome.as_dict()["done_by"] == "fit"
    assert record(project) == before


def test_the_record_before_stays_if_the_new_one_cannot_be_stored(project, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    set_cells(project.data, TABLE, "e0001", **A_LITTLE)
    before = record(project)
    monkeypatch.setattr(module, "store_groups", full)
    with pytest.raises(OSError, match="No space"):
        updated(project)
    assert record(project) == before
