"""Does the status say what changed, value by value, and what differs without harm?"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from evidence_folder import DATA, set_cells
from resurge.evidence.selection import row_hash
from resurge.inference.evidence_seen import evidence_seen
from resurge.inference.freshness import MODELS, WATCHED, fingerprint, model_status
from resurge.inference.manifests import LAYOUT
from resurge.inference.provenance import note_texts
from resurge.inference.settings import Settings
from resurge.project import Project
from resurge.reporting.terminal_status import is_cut, status_lines
from resurge.synthesis.priors import RECURRENCE
from stored_project import store_prior_as_posterior


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    return store_prior_as_posterior(tmp_path_factory.mktemp("kept"), n=5)


@pytest.fixture
def project(kept, tmp_path):
    """Give a copy that a test may change."""
    return Project(Path(shutil.copytree(kept.folder, tmp_path / "project")))


def edit_manifest(project: Project, **entries: object) -> None:
    path = project.posteriors / "recurrence.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **entries}))


def add_rows(project: Project, *names: str) -> None:
    path = project.data / "recurrence_person_time.csv"
    first = path.read_text(encoding="utf-8").splitlines()[1].partition(",")[2]
    with path.open("a", encoding="utf-8") as file:
        file.writelines(f"{name},{first}\n" for name in names)


def lines(project: Project, named: int | None = 3) -> list[str]:
    return list(status_lines(model_status(project, "recurrence"), named))


def changes(project: Project) -> list[dict[str, str | None]]:
    return [change.as_dict() for change in model_status(project, "recurrence").changes]


# What a fit sees


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("evidence", ["small", "real"])
def test_the_cells_kept_are_those_that_the_fingerprint_hashes(kept, model, evidence):
    project = kept if evidence == "small" else Project(DATA.parent)
    cells = evidence_seen(project, model)
    hashes = {table: {row: row_hash(seen) for row, seen in rows.items()} for table, rows in cells.items()}
    assert hashes == fingerprint(project, model)["evidence"]
    assert all(hashes.values())


# Evidence


def test_a_changed_cell_is_told_with_its_values(project):
    set_cells(project.data, "recurrence_rates.csv", "r0001", estimate="0.11", upper="0.2", notes="read again")
    assert lines(project)[:3] == [
        "recurrence: stale",
        "  recurrence_rates: 1 row changed (r0001)",
        "    r0001: estimate: 0.10 -> 0.11; upper: 0.12 -> 0.2",
    ]
    found = changes(project)
    assert [change["column"] for change in found] == ["estimate", "upper"]
    assert found[0] == {
        "part": "evidence",
        "kind": "changed",
        "table": "recurrence_rates",
        "row": "r0001",
        "column": "estimate",
        "before": "0.10",
        "after": "0.11",
    }


def test_a_cell_emptied_and_a_column_that_is_new_are_told(project):
    set_cells(project.data, "recurrence_rates.csv", "r0001", lower="")
    assert lines(project)[2].endswith("-> (blank)")
    path = project.data / "case_mix.csv"
    header, *rows = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([f"{header},region", *(f"{row},north" for row in rows)]) + "\n", encoding="utf-8")
    assert "    w0001: region: (none) -> north" in lines(project)


def test_rows_added_and_dropped_are_named_once_each(project):
    add_rows(project, "x1")
    set_cells(project.data, "recurrence_rates.csv", "r0003", use="no")
    assert lines(project) == [
        "recurrence: stale",
        "  recurrence_person_time: 1 row added (x1)",
        "  recurrence_rates: 1 row dropped (r0003)",
        *(line for line in lines(project) if "note:" in line),
    ]
    assert [(change["kind"], change["row"], change["column"]) for change in changes(project)] == [
        ("added", "x1", None),
        ("dropped", "r0003", None),
    ]


def test_many_rows_are_counted_unless_all_are_asked_for(project):
    names = [f"x{k}" for k in range(7)]
    add_rows(project, *names)
    assert "  recurrence_person_time: 7 rows added (x0, x1, x2 and 4 more)" in lines(project)
    assert f"  recurrence_person_time: 7 rows added ({', '.join(names)})" in lines(project, None)
    assert is_cut(model_status(project, "recurrence"))
    assert len(changes(project)) == 7


def test_evidence_cannot_write_to_the_terminal(project):
    add_rows(project, "x\x1b[31m1")
    set_cells(project.data, "recurrence_rates.csv", "r0001", stratum="a\x1b]0;b\x07")
    said = "\n".join(lines(project))
    assert said.isascii()
    assert "\x1b" not in said
    assert r"x\x1b[31m1" in said
    assert r"a\x1b]0;b\x07" in said


# Priors, source, other posteriors


def test_a_changed_prior_is_told_with_both_texts(project, monkeypatch):
    other = replace(RECURRENCE, nodal_tilt=replace(RECURRENCE.nodal_tilt, sd=0.123))
    monkeypatch.setitem(WATCHED, "recurrence", replace(WATCHED["recurrence"], priors=other))
    texts = [{name: text for name, text, _ in priors.table()}["nodal_tilt"] for priors in (RECURRENCE, other)]
    assert lines(project)[1:3] == ["  prior changed: nodal_tilt", f"    nodal_tilt: {texts[0]} -> {texts[1]}"]
    assert changes(project) == [
        {"part": "priors", "kind": "changed", "name": "nodal_tilt", "before": texts[0], "after": texts[1]}
    ]


def test_another_posterior_beneath_is_named(project):
    edit_manifest(project, settings={"draws": 5, "chains": 2, "seed": 99})
    status = model_status(project, "therapy")
    assert (status.state, status.reasons) == ("stale", ("posterior of another model changed: recurrence",))
    assert [(change.part, change.name) for change in status.changes] == [("upstream", "recurrence")]


# What differs without making a record stale


def test_settings_and_versions_are_notes_beside_fresh(project):
    defaults = Settings().as_dict()
    edit_manifest(
        project, settings={**defaults, "tune": 500, "cores": 64}, versions={"numpy": "1.0", "nosuchpackage": "2.1"}
    )
    status = model_status(project, "recurrence")
    assert (status.state, status.changes) == ("fresh", ())
    texts = note_texts(status.notes)
    assert texts[0].startswith("made with nosuchpackage 2.1; here is none, numpy 1.0; here is ")
    assert texts[1] == f"drawn with tune 500 instead of {defaults['tune']}"
    assert [f"  note: {text}" for text in texts] == lines(project)[1:]
    assert {(note.part, note.name, note.before) for note in status.notes} == {
        ("versions", "numpy", "1.0"),
        ("versions", "nosuchpackage", "2.1"),
        ("settings", "tune", "500"),
    }


def test_default_settings_and_the_versions_of_here_need_no_note(project):
    edit_manifest(project, settings=Settings().as_dict(), versions={})
    assert lines(project) == ["recurrence: fresh"]


def test_a_record_made_in_the_future_is_fresh_with_a_note(project):
    later = (datetime.now(UTC) + timedelta(days=400)).isoformat(timespec="seconds")
    edit_manifest(project, settings=Settings().as_dict(), made=later)
    status = model_status(project, "recurrence")
    assert status.state == "fresh"
    (text,) = note_texts(status.notes)
    assert text.startswith(f"made at {later}, which is still to come by the clock here")


@pytest.mark.parametrize("made", ["", "yesterday", "2026-01-01"])
def test_a_date_that_says_nothing_harms_nothing(project, made):
    edit_manifest(project, settings=Settings().as_dict(), made=made)
    assert lines(project) == ["recurrence: fresh"]


@pytest.mark.parametrize(("layout", "age"), [(LAYOUT - 1, "an older"), (LAYOUT + 1, "a newer")])
def test_a_record_of_another_version_says_so_in_one_sentence(project, layout, age):
    edit_manifest(project, layout=layout)
    said = lines(project)
    assert said[0] == "recurrence: outdated"
    assert said[1].startswith(f"  analyses/posteriors/recurrence.json was made by {age} version of resurge: ")
    assert "`resurge fit recurrence`" in said[1]
    assert len(said) == 2


# The command


def resurge(project: Project, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the command; what is slow among its imports stands in the error output."""
    program = (
        "import sys; from resurge import cli; sys.argv[0] = 'resurge'\n"
        "try: cli.main()\n"
        "except SystemExit: pass\n"
        "slow = {'pymc', 'pytensor', 'arviz', 'xarray', 'pandas', 'scipy', 'h5py', 'nutpie', 'matplotlib'}\n"
        "print(*slow & set(sys.modules), file=sys.stderr)"
    )
    command = [sys.executable, "-c", program, "--project", str(project.folder), "status", *words]
    return subprocess.run(command, capture_output=True, text=True, check=True)


def test_the_command_tells_the_same_to_people_and_programs(project):
    set_cells(project.data, "recurrence_rates.csv", "r0001", estimate="0.11")
    add_rows(project, *(f"x{k}" for k in range(5)))
    told = resurge(project).stdout.splitlines()
    assert told[-1] == "`resurge status --all` names every row."
    assert set(lines(project)) <= set(told)
    assert set(lines(project, None)) <= set(resurge(project, "--all").stdout.splitlines())
    found = {each["model"]: each for each in json.loads(resurge(project, "--json").stdout)}
    assert list(found) == list(MODELS)
    assert found["recurrence"]["changes"] == changes(project)
    assert found["recurrence"]["state"] == found["dormancy"]["state"] == "stale"


def test_the_command_imports_nothing_slow_to_tell_all_this(project):
    set_cells(project.data, "recurrence_rates.csv", "r0001", estimate="0.11")
    (project.posteriors / "therapy.json").unlink()
    (project.posteriors / "dormancy.json").write_text("[]")
    edit_manifest(project, versions={"pymc": "1.0"})
    told = resurge(project)
    assert {"recurrence: stale", "therapy: missing", "dormancy: broken"} <= set(told.stdout.splitlines())
    assert told.stderr.strip() == ""
