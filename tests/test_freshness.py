"""Does a record know when evidence, priors or model are no longer those of its fit, and only then?"""

from __future__ import annotations

import ast
import csv
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from evidence_folder import set_cells
from resurge.inference import freshness
from resurge.inference.freshness import code_hash, fingerprint, model_status, what_changed
from resurge.inference.records import PosteriorStaleError, load_record, read_manifest, sound_draws
from resurge.project import Project
from resurge.synthesis.priors import RECURRENCE, HalfNormal
from stored_project import store_prior_as_posterior


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    return store_prior_as_posterior(tmp_path_factory.mktemp("kept"), n=5)


@pytest.fixture
def project(kept, tmp_path):
    return Project(Path(shutil.copytree(kept.folder, tmp_path / "project")))


def reasons(project) -> tuple[str, ...]:
    status = model_status(project, "recurrence")
    assert status.state == ("stale" if status.reasons else "fresh")
    assert load_record(project.folder, "recurrence").stale == status.reasons
    return status.reasons


def rows_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def write_rows(path: Path, rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def test_nothing_changed_is_fresh(project):
    assert reasons(project) == ()


# Evidence


@pytest.mark.parametrize(
    ("table", "row", "cells"),
    [
        ("recurrence_rates", "r0001", {"estimate": "0.11"}),
        ("recurrence_rates", "r0003", {"er": "positive"}),
        ("recurrence_rates", "r0003", {"population": "ALPHA"}),
        ("recurrence_person_time", "p0001", {"events": "11"}),
        ("case_mix", "w0001", {"share": "0.5"}),
    ],
)
def test_a_changed_row_is_named(project, table, row, cells):
    set_cells(project.data, f"{table}.csv", row, **cells)
    assert reasons(project) == (f"{table}: 1 row changed ({row})",)
    with pytest.raises(PosteriorStaleError, match=row):
        sound_draws(project, "recurrence", ("phi",))


@pytest.mark.parametrize("table", ["recurrence_rates", "recurrence_person_time", "case_mix"])
def test_an_added_row_is_named(project, table):
    path = project.data / f"{table}.csv"
    rows = rows_of(path)
    write_rows(path, [*rows, ["x0009", *rows[1][1:]]])
    assert reasons(project) == (f"{table}: 1 row added (x0009)",)


@pytest.mark.parametrize("table", ["recurrence_rates", "recurrence_person_time", "case_mix"])
def test_a_dropped_row_is_named(project, table):
    path = project.data / f"{table}.csv"
    header, first, *rest = rows_of(path)
    write_rows(path, [header, *rest])
    assert reasons(project) == (f"{table}: 1 row dropped ({first[0]})",)


def test_a_row_taken_out_of_use_is_dropped(project):
    set_cells(project.data, "recurrence_rates.csv", "r0003", use="no")
    assert reasons(project) == ("recurrence_rates: 1 row dropped (r0003)",)


def test_a_table_that_is_gone_drops_its_rows(project):
    (project.data / "case_mix.csv").unlink()
    assert reasons(project) == ("case_mix: 2 rows dropped (w0001, w0002)",)


def test_many_rows_are_counted(project):
    path = project.data / "recurrence_person_time.csv"
    rows = rows_of(path)
    write_rows(path, [*rows, *([f"x{k}", *rows[1][1:]] for k in range(5))])
    assert reasons(project) == ("recurrence_person_time: 5 rows added (x0, x1, x2 and 2 more)",)


@pytest.mark.parametrize(
    ("table", "row", "cells"),
    [
        ("recurrence_rates", "r0001", {"notes": "read again", "locator": "table 3", "read_in": "full_text"}),
        ("recurrence_rates", "r0004", {"estimate": "0.71"}),  # a ratio, which the model does not read
        ("recurrence_rates", "r0005", {"estimate": "0.2"}),  # not in use
        ("recurrence_person_time", "p0003", {"events": "2"}),  # kept for validation
        ("sources", "alpha2001", {"title": "Another title"}),
    ],
)
def test_commentary_and_rows_that_are_not_read_change_nothing(project, table, row, cells):
    set_cells(project.data, f"{table}.csv", row, **cells)
    assert reasons(project) == ()


def test_the_order_of_rows_and_columns_changes_nothing(project):
    path = project.data / "recurrence_rates.csv"
    header, *rows = rows_of(path)
    write_rows(path, [row[::-1] for row in (header, *rows[::-1])])
    assert reasons(project) == ()


# Priors and model


def test_another_prior_is_named(project):
    other = replace(RECURRENCE, nodal_tilt=replace(RECURRENCE.nodal_tilt, sd=0.3))
    today, then = fingerprint(project, "recurrence"), fingerprint(project, "recurrence", other)
    assert {name for name in today["priors"] if today["priors"][name] != then["priors"][name]} == {"nodal_tilt"}
    manifest = {**read_manifest(project, "recurrence"), "fingerprint": then}
    assert what_changed(project, manifest) == ["prior changed: nodal_tilt"]


def test_the_reason_of_a_prior_is_no_part_of_the_fit(project):
    reworded = replace(RECURRENCE, nodal_step=HalfNormal(RECURRENCE.nodal_step.sd, "for another reason"))
    assert fingerprint(project, "recurrence", reworded) == fingerprint(project, "recurrence")


def test_another_model_source_is_named(project, monkeypatch, tmp_path):
    package = Path(freshness.resurge.__file__).parent
    copy = tmp_path / "package"
    for name in freshness.RECURRENCE_SOURCES:
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(package / name, copy / name)
    (copy / "__init__.py").touch()
    monkeypatch.setattr(freshness.resurge, "__file__", str(copy / "__init__.py"))
    assert reasons(project) == ()
    changed = copy / "synthesis" / "hazards.py"
    changed.write_text(changed.read_text(encoding="utf-8").replace("TILT_ORIGIN = 5.0", "TILT_ORIGIN = 4.0"))
    assert reasons(project) == ("model source changed: synthesis/hazards.py",)


def made_of(name: str, seen: set[str]) -> set[str]:
    """Follow the imports of a module of the package to all of the package that it needs."""
    package = Path(freshness.resurge.__file__).parent
    path = f"{name.replace('.', '/')}.py"
    if path not in seen and (package / path).is_file():
        seen.add(path)
        for node in ast.walk(ast.parse((package / path).read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("resurge."):
                made_of(node.module.removeprefix("resurge."), seen)
    return seen


def test_every_module_that_the_model_is_made_of_is_watched():
    modules = made_of("synthesis.recurrence", set())
    assert len(modules) > 8
    assert modules - {f"{name}.py" for name in BY_VALUE} <= set(freshness.RECURRENCE_SOURCES)


BY_VALUE = (
    *("errors", "synthesis/priors"),
    *(
        f"evidence/{name}"
        for name in (
            *(
                "cells",
                "chain_rules",
                "claim_rules",
                "codebook",
                "counting_rules",
                "csv_files",
                "effect_rules",
                "effect_use_rules",
            ),
            *(
                "faults",
                "intervals",
                "log_effects",
                "network_rules",
                "p_values",
                "pointer_rules",
                "rate_rules",
                "resistance_rules",
                "resistance_selection",
                "rules",
                "site_rules",
                "timing_rules",
            ),
            "tables",
        )
    ),
)
"""What reads and checks tables is watched by the rows that it reads, priors are watched one by one."""


def test_code_is_compared_by_what_it_does():
    before = 'def f(x):\n    """Double."""\n    return 2 * x\n'
    assert code_hash('# twice\ndef f(x):\n    """Twice."""\n\n    return (2 * x)\n') == code_hash(before)
    assert code_hash("def f(x):\n    return 3 * x\n") != code_hash(before)


# Speed


@pytest.mark.parametrize("state", ["fresh", "stale"])
def test_the_state_is_told_without_the_slow_imports(project, state):
    if state == "stale":
        set_cells(project.data, "recurrence_rates.csv", "r0001", estimate="0.11")
    program = (
        "import sys; from pathlib import Path; from resurge.project import Project; "
        "from resurge.inference.freshness import model_status; "
        "print(model_status(Project(Path(sys.argv[1])), 'recurrence').state); "
        "print(*{'pymc', 'pytensor', 'pandas', 'xarray', 'scipy', 'arviz', 'nutpie'} & sys.modules.keys())"
    )
    command = [sys.executable, "-c", program, str(project.folder)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert said == [state, ""]
