"""Does the scripted re-fit leave with the code that its answers ask for?"""

from __future__ import annotations

import importlib.util
import json
import shutil
from pathlib import Path

import pytest

from evidence_folder import set_cells
from resurge.commands.session import say
from resurge.inference.fit_several import Refreshed
from resurge.inference.freshness import fingerprint
from resurge.inference.history import history, history_folder
from stored_project import store_prior_as_posterior

PATH = Path(__file__).parents[1] / "analyses" / "refit.py"
RISK = "ER-positive: risk from year 5 to 20"


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("refit", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    return store_prior_as_posterior(tmp_path_factory.mktemp("project"))


@pytest.fixture
def project(prepared, tmp_path):
    shutil.copytree(prepared.folder, tmp_path / "project")
    project = type(prepared)(tmp_path / "project")
    enter(project, 0.20)
    return project


def enter(project, median: float) -> None:
    """Enter a posterior of the recurrence model into the history, with one answer."""
    number = len(history(project, "recurrence")) + 1
    answer = {"kind": "share", "median": median, "lower": median - 0.04, "upper": median + 0.04}
    content = {
        "layout": 1,
        "model": "recurrence",
        "made": "2026-01-01T00:00:00+00:00",
        "how": "fitted",
        "sha256": str(number),
        "settings": {},
        "fingerprint": fingerprint(project, "recurrence"),
        "evidence_rows": {},
        "answers": {RISK: {**answer, "mean_on_scale": median, "sd_on_scale": 0.02}},
        "shifts": [],
    }
    history_folder(project).mkdir(parents=True, exist_ok=True)
    (history_folder(project) / f"recurrence-{number}.json").write_text(json.dumps(content), encoding="utf-8")


def run(script, project, monkeypatch, *words, after: float | None = None, failing=()) -> int:
    """Run the script on the recurrence model, with a fit that gives a known answer."""

    def refresh(work):
        done_by = "nothing" if after is None else "fit"
        if after is not None and not failing:
            enter(work.project, after)
        return [Refreshed("recurrence", done_by, "rows changed", failing)]

    monkeypatch.setattr(script, "refresh_in_turn", refresh)
    monkeypatch.setattr("sys.argv", ["refit.py", "recurrence", "--project", str(project.folder), *words])
    with pytest.raises(SystemExit) as left:
        script.main()
    return left.value.code


def test_what_is_fresh_moved_nothing(script, project, monkeypatch, capsys):
    assert run(script, project, monkeypatch) == 0
    assert capsys.readouterr().out == "recurrence: rows changed\n"


@pytest.mark.parametrize(
    ("after", "words", "code"),
    [
        (0.21, [], 0),
        (0.23, [], 10),
        (0.23, ["--tolerance", "2"], 0),
        (0.17, [], 10),
        (0.21, ["--answer", f"{RISK}=0.005"], 10),
        (0.23, ["--answer", f"{RISK}=0.05"], 0),
    ],
)
def test_the_code_says_whether_an_answer_moved_by_more_than_is_tolerated(
    script, project, monkeypatch, after, words, code
):
    assert run(script, project, monkeypatch, *words, after=after) == code


def test_a_moved_answer_is_told_with_both_values(script, project, monkeypatch, capsys):
    run(script, project, monkeypatch, after=0.23)
    assert f"moved: {RISK}: 0.2 to 0.23 (+1.50 sd)" in capsys.readouterr().out


def test_the_summary_is_for_programs(script, project, monkeypatch, capsys):
    run(script, project, monkeypatch, "--json", after=0.23)
    told = json.loads(capsys.readouterr().out)
    assert told["exit_code"] == 10
    (model,) = told["models"]
    assert (model["before"], model["after"], model["done_by"]) == ("recurrence-1", "recurrence-2", "fit")
    assert model["answers"][0]["beyond"]
    assert model["answers"][0]["move"] == pytest.approx(1.5)


def test_the_summary_is_json_alone_where_the_report_is_rendered_too(script, project, monkeypatch, capsys):
    monkeypatch.setattr("resurge.cli.render", lambda *_: say("  index.qmd"))
    run(script, project, monkeypatch, "--json", "--render", after=0.23)
    told = capsys.readouterr()
    assert json.loads(told.out)["exit_code"] == 10
    assert told.err == "  index.qmd\n"
    run(script, project, monkeypatch, "--render")
    assert capsys.readouterr().out.endswith("  index.qmd\n")


def test_a_failed_gate_is_not_a_moved_answer(script, project, monkeypatch, capsys):
    assert run(script, project, monkeypatch, after=0.5, failing=("R-hat",)) == 3
    assert "failed the gate, and nothing is reported from it: recurrence (R-hat)" in capsys.readouterr().err


def test_the_first_fit_of_a_project_moved_nothing(script, project, monkeypatch):
    shutil.rmtree(history_folder(project))
    assert run(script, project, monkeypatch, after=0.9) == 0


def test_faulty_evidence_is_not_fitted(script, project, monkeypatch, capsys):
    set_cells(project.data, "recurrence_rates.csv", "r0002", estimate="half")
    assert run(script, project, monkeypatch, after=0.9) == 1
    assert "r0002" in capsys.readouterr().err
    assert len(history(project, "recurrence")) == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--answer", "risk"], "'NAME=0.01'"),
        (["--answer", "weather=0.1"], "no answer is called 'weather'"),
        (["weather"], "no model named weather"),
    ],
)
def test_wrong_usage_is_one_sentence(script, project, monkeypatch, capsys, words, told):
    assert run(script, project, monkeypatch, *words) == 2
    assert told in capsys.readouterr().err
