"""What does each command print, and with which exit code does it leave?"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from evidence_folder import set_cells, write_small_evidence
from resurge import __version__, cli
from resurge.commands import session
from resurge.errors import ResurgeError
from resurge.findings.hazard_draws import PARAMETERS, Profile, group_hazard, risk_between
from resurge.findings.questions import reached_within
from resurge.inference.records import sound_draws
from stored_project import store_prior_as_posterior


@pytest.fixture
def resurge(monkeypatch, capsys):
    """Run a command in this process; give exit code, output and error output."""

    def run(folder: Path, *words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["resurge", "--project", str(folder), *words])
        with pytest.raises(SystemExit) as leaving:
            cli.main()
        out, err = capsys.readouterr()
        return leaving.value.code or 0, out, err

    return run


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return store_prior_as_posterior(tmp_path_factory.mktemp("project"))


def test_sound_evidence_leaves_with_0(resurge, tmp_path):
    write_small_evidence(tmp_path / "data")
    code, out, err = resurge(tmp_path, "check")
    assert (code, err) == (0, "")
    assert "sound" in out


def test_every_fault_is_listed_and_leaves_with_1(resurge, tmp_path):
    folder = write_small_evidence(tmp_path / "data")
    set_cells(folder, "recurrence_rates.csv", "r0001", estimate="10")
    set_cells(folder, "recurrence_rates.csv", "r0003", source_id="nobody2020")
    code, out, err = resurge(tmp_path, "check")
    assert (code, out) == (1, "")
    lines = err.splitlines()
    assert any(line.startswith("recurrence_rates.csv:r0001:estimate: 10:") for line in lines)
    assert any(line.startswith("recurrence_rates.csv:r0003:source_id: nobody2020:") for line in lines)


@pytest.mark.parametrize("command", [["fit"], ["run", "--quick"]])
def test_nothing_is_fitted_to_faulty_evidence(resurge, tmp_path, command):
    set_cells(write_small_evidence(tmp_path / "data"), "recurrence_rates.csv", "r0001", end_year="-1")
    code, _, err = resurge(tmp_path, *command)
    assert code == 1
    assert "recurrence_rates.csv:r0001:end_year: -1" in err
    assert not (tmp_path / "analyses").exists()


def test_a_folder_without_a_project_leaves_with_2(resurge, tmp_path):
    code, _, err = resurge(tmp_path, "status")
    assert code == 2
    assert "no data/datapackage.yaml" in err
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize(
    "words",
    [
        ["risk", "--er", "purple"],
        ["risk"],
        ["risk", "--er", "positive", "--nodes", "N5"],
        ["risk", "--er", "positive", "--survived", "5", "--to", "5"],
        ["risk", "--er", "positive", "--to", "10,5"],
        ["risk", "--er", "positive", "--to", "ten"],
        ["risk", "--er", "positive", "--to", "nan"],
        ["risk", "--er", "positive", "--to", "40"],
        ["risk", "--er", "positive", "--survived", "nan"],
        ["risk", "--er", "positive", "--age", "nan"],
        ["risk", "--er", "positive", "--survived", "-1"],
        ["windows", "--er", "any"],
        ["fit", "weather"],
        ["fit", "--draws", "1"],
        ["fit", "--seed", "99999999999999999999"],
        ["report", "--renderer", "typewriter"],
        ["nonsense"],
    ],
)
def test_wrong_usage_leaves_with_2(resurge, project, words):
    code, out, err = resurge(project.folder, *words)
    assert (code, out) == (2, "")
    assert "Traceback" not in err


def test_a_missing_posterior_leaves_with_4(resurge, tmp_path):
    write_small_evidence(tmp_path / "data")
    for words in (["risk", "--er", "positive"], ["windows", "--er", "positive"], ["report"]):
        code, _, err = resurge(tmp_path, *words)
        assert code == 4
        assert "resurge fit" in err
    assert "missing" in resurge(tmp_path, "status")[1]


def test_a_stale_posterior_names_the_row_and_leaves_with_4(resurge, tmp_path):
    store_prior_as_posterior(tmp_path)
    assert resurge(tmp_path, "status")[1].startswith("recurrence: fresh")
    set_cells(tmp_path / "data", "recurrence_rates.csv", "r0002", estimate="0.21")
    code, out, _ = resurge(tmp_path, "status", "--json")
    assert code == 0
    states = {state["model"]: state for state in json.loads(out)}
    expected = {"recurrence": "stale", "dormancy": "stale", "therapy": "fresh"}
    assert {model: states[model]["state"] for model in expected} == expected
    assert states["recurrence"]["reasons"] == ["recurrence_rates: 1 row changed (r0002)"]
    code, _, err = resurge(tmp_path, "risk", "--er", "positive")
    assert code == 4
    assert "r0002" in err


def test_a_posterior_that_failed_its_gate_answers_nothing(resurge, tmp_path):
    store_prior_as_posterior(tmp_path, passed=False)
    code, out, err = resurge(tmp_path, "risk", "--er", "positive", "--json")
    assert (code, out) == (3, "")
    assert "R-hat" in err
    assert resurge(tmp_path, "status")[1].startswith("recurrence: failed")
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "_quarto.yml").write_text("project: {type: website}\n")
    assert resurge(tmp_path, "report")[0] == 3
    assert not (tmp_path / "reports" / "_site").exists()


def test_a_verdict_that_contradicts_its_diagnostics_is_broken(resurge, tmp_path):
    stored = store_prior_as_posterior(tmp_path, passed=False)
    manifest = stored.posteriors / "recurrence.json"
    edited = json.loads(manifest.read_text()) | {"passed": True}
    manifest.write_text(json.dumps(edited))
    code, out, err = resurge(tmp_path, "risk", "--er", "positive")
    assert (code, out) == (4, "")
    assert "verdict" in err


def test_a_report_needs_sound_evidence_and_a_whole_posterior(resurge, tmp_path):
    stored = store_prior_as_posterior(tmp_path)
    (draws,) = stored.posteriors.glob("recurrence*.nc")
    whole = draws.read_bytes()
    draws.write_bytes(whole[:1000])
    assert resurge(tmp_path, "report")[0] == 4
    draws.write_bytes(whole)
    set_cells(tmp_path / "data", "recurrence_rates.csv", "r0001", estimate="10")
    code, _, err = resurge(tmp_path, "report")
    assert code == 1
    assert any(line.startswith("recurrence_rates.csv:r0001:estimate: 10:") for line in err.splitlines())


def test_a_year_beyond_the_horizon_counts_as_later():
    years = np.array([10.0] * 60 + [np.nan] * 40)
    assert reached_within(years, 0.95) == {
        "mean": None,
        "median": 10.0,
        "lower": 10.0,
        "upper": None,
        "probability": pytest.approx(0.6),
    }


def test_the_version_is_printed(resurge, tmp_path):
    assert resurge(tmp_path, "--version")[:2] == (0, f"resurge {__version__}\n")


def test_a_fault_of_the_program_is_a_sentence_too(resurge, tmp_path, monkeypatch):
    def fail(_):
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr(session, "find_project", fail)
    code, _, err = resurge(tmp_path, "status")
    assert code == 70
    assert "ZeroDivisionError: by nothing" in err
    assert len(err.splitlines()) == 1


def test_a_damaged_posterior_leaves_with_4(resurge, tmp_path):
    stored = store_prior_as_posterior(tmp_path)
    (draws,) = stored.posteriors.glob("recurrence*.nc")
    draws.write_bytes(draws.read_bytes()[:1000])
    code, _, err = resurge(tmp_path, "risk", "--er", "positive")
    assert code == 4
    assert "damaged" in err


def test_risk_answers_as_json(resurge, project):
    women = ["--er", "positive", "--nodes", "N1-3", "--size", "T2", "--survived", "5", "--to", "10,20"]
    code, out, _ = resurge(
        project.folder, "risk", *women, "--endpoint", "distant_recurrence", "--population", "new", "--json"
    )
    assert code == 0
    answer = json.loads(out)
    assert answer["interval"] == 0.95
    assert answer["question"] == {
        "er": "positive",
        "nodes": "N1-3",
        "size": "T2",
        "endpoint": "distant_recurrence",
        "population": "new",
        "therapy": "endocrine_5y",
        "survived": 5.0,
        "to": [10.0, 20.0],
    }
    draws = sound_draws(project, "recurrence", PARAMETERS)
    hazard = group_hazard(draws, Profile("positive", "N1-3", "T2", "distant_recurrence", "new"))
    expected = risk_between(hazard, draws["edges"], 5.0, [10.0, 20.0])
    for i, risk in enumerate(answer["risks"]):
        assert (risk["from"], risk["to"]) == (5.0, [10.0, 20.0][i])
        assert risk["mean"] == pytest.approx(expected[:, i].mean())
        assert risk["median"] == pytest.approx(np.median(expected[:, i]))
        assert risk["lower"] < risk["median"] < risk["upper"]


def test_a_mixture_states_its_weights(resurge, project):
    answer = json.loads(resurge(project.folder, "risk", "--er", "negative", "--nodes", "N1+", "--json")[1])
    mixture = answer["question"]["mixture"]
    assert len(mixture) == 9
    assert sum(mixture.values()) == pytest.approx(1)
    assert "mixture at diagnosis: N1-3 T1" in resurge(project.folder, "risk", "--er", "negative", "--nodes", "N1+")[1]


def test_competing_deaths_lower_the_risk(resurge, tmp_path):
    store_prior_as_posterior(tmp_path)
    table = tmp_path / "data" / "other_cause_mortality.csv"
    table.write_text(table.read_text().replace(",50,55,0.004,", ",30,100,0.05,"))
    plain, competing = (
        json.loads(resurge(tmp_path, "risk", "--er", "positive", "--to", "20", "--json", *more)[1])["risks"][0]
        for more in ([], ["--age", "50"])
    )
    assert competing["mean"] < plain["mean"]


def test_windows_answer_as_json(resurge, project):
    answer = json.loads(resurge(project.folder, "windows", "--er", "positive", "--json")[1])
    assert [window["share"] for window in answer["windows"]] == [0.5, 0.8]
    half, most = answer["windows"]
    assert half["end"]["mean"] - half["start"]["mean"] < most["end"]["mean"] - most["start"]["mean"]
    early, late = answer["share_after"]
    assert (early["year"], late["year"]) == (5.0, 10.0)
    assert early["mean"] > late["mean"]
    assert 0 <= answer["crossover_year"]["probability"] <= 1
    assert 0 < answer["peak_year"]["median"] < 20
    lines = resurge(project.folder, "windows", "--er", "positive")[1].splitlines()
    assert [line.partition(":")[0] for line in lines[2:]] == [
        "highest hazard",
        "shortest window with 50% of the recurrences of 20 years",
        "shortest window with 80% of the recurrences of 20 years",
        "share of recurrences after year 5",
        "share of recurrences after year 10",
        "annual risk stays under 1% from year",
        "annual risk stays under 2% from year",
        "ER-positive hazard overtakes ER-negative",
    ]
    assert all(line.partition(": ")[2] for line in lines)


def test_a_report_that_cannot_be_rendered_leaves_with_5(resurge, tmp_path):
    store_prior_as_posterior(tmp_path)
    pages = tmp_path / "reports"
    pages.mkdir()
    (pages / "_quarto.yml").write_text("project:\n  type: website\n  render: [index.qmd]\n")
    (pages / "index.qmd").write_text("---\ntitle: A\n---\n\n```{python}\n1 / 0\n```\n")
    code, _, err = resurge(tmp_path, "report", "--renderer", "pandoc")
    assert code == 5
    assert "index" in err
    assert "Traceback" not in err


def test_errors_draw_their_exit_codes_from_the_tree():
    from resurge import errors

    def leaves(kind):
        return [kind, *(leaf for each in kind.__subclasses__() for leaf in leaves(each))]

    drawn = errors.__doc__
    assert all(kind.__name__ in drawn for kind in leaves(ResurgeError))


@pytest.mark.parametrize("words", [["status"], ["check"], ["risk", "--er", "positive"]])
def test_quick_commands_do_not_import_what_is_slow(project, words):
    program = (
        "import sys; from resurge import cli; sys.argv = ['resurge', *sys.argv[1:]]\n"
        "try: cli.main()\n"
        "except SystemExit: pass\n"
        "print(*{'pymc', 'arviz', 'xarray', 'pandas', 'matplotlib'} & set(sys.modules), file=sys.stderr)"
    )
    command = [sys.executable, "-c", program, "--project", str(project.folder), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr.strip() == ""


def test_the_command_is_installed():
    assert shutil.which("resurge", path=str(Path(sys.executable).parent))
