"""Are models that need each other fitted in turn, and is nothing done that is done already?"""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from resurge.cli import app
from resurge.inference.fit_several import InTurn, fit_in_turn, groups_of, is_done
from resurge.inference.freshness import MODELS, WATCHED
from resurge.inference.records import read_manifest
from resurge.inference.settings import Settings
from stored_project import store_prior_as_posterior


def test_a_model_comes_after_those_that_it_needs_and_groups_need_nothing_of_each_other():
    groups = groups_of(MODELS)
    assert sorted(model for group in groups for model in group) == sorted(MODELS)
    assert ("recurrence", "therapy") in groups
    for group in groups:
        for place, model in enumerate(group):
            assert set(WATCHED[model].upstream) & set(MODELS) <= set(group[:place])


def test_models_that_are_asked_for_alone_stand_alone():
    assert groups_of(["therapy", "dormancy"]) == [("therapy",), ("dormancy",)]


def test_what_is_fresh_and_drawn_as_asked_is_left_alone(tmp_path):
    project = store_prior_as_posterior(tmp_path)
    before = read_manifest(project, "recurrence")
    settings = Settings(**before["settings"])
    assert not is_done(project, "recurrence", Settings(seed=99))
    if before["settings"] == settings.as_dict():
        assert fit_in_turn(InTurn(project, ("recurrence",), {"recurrence": settings}, force=False)) == [
            ("recurrence", None)
        ]
    assert read_manifest(project, "recurrence") == before


@pytest.mark.parametrize("command", [["fit"], ["run"], ["compare-curves"]])
def test_jobs_and_a_scheduler_are_not_given_together(tmp_path, command):
    project = store_prior_as_posterior(tmp_path)
    words = ["--project", str(project.folder), *command, "--jobs", "2", "--scheduler", "tcp://127.0.0.1:9"]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 2
    assert "give one of them" in " ".join(result.output.split())
