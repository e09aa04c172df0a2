"""Is what was there before still whole when a fit or a report is killed, and does one writer keep out another?"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from evidence_folder import write_small_evidence
from resurge.inference.freshness import model_status
from resurge.inference.records import load_record, sound_draws
from resurge.locks import RecordLockedError, locked, model_lock
from resurge.project import Project
from resurge.reporting.render import RenderError, render_reports
from resurge.writing import ABANDONED_AFTER, sweep, temporary_beside
from stopped_process import store_constant

pytestmark = pytest.mark.skipif(os.name != "posix", reason="SIGKILL is of POSIX systems")
DRIVER = Path(__file__).with_name("stopped_process.py")


@pytest.fixture
def project(tmp_path) -> Project:
    """Give small evidence with a record whose every draw is 1."""
    write_small_evidence(tmp_path / "data")
    store_constant(Project(tmp_path), 1.0)
    return Project(tmp_path)


@contextmanager
def stopped(work: str, point: str, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Start a process, wait until it is at a point, and kill it in the end."""
    command = [sys.executable, str(DRIVER), work, point, str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        if process.stdout.readline() != "here\n":
            raise AssertionError(f"the point was not reached: {process.communicate()[1]}")
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()


def kill(work: str, point: str, folder: Path) -> None:
    with stopped(work, point, folder) as process:
        process.kill()
        assert process.wait() == -signal.SIGKILL


def value(project: Project) -> float:
    """Read the record in both ways and give the one value of its draws."""
    assert model_status(project, "recurrence").state == "fresh"
    loaded = load_record(project.folder, "recurrence").posterior["phi"].values
    arrays = sound_draws(project, "recurrence", ("phi",))
    assert np.array_equal(arrays["phi"], loaded.ravel())
    (found,) = set(loaded.ravel())
    return found


def left_over(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if ".part-" in path.name)


# A fit that is killed

BEFORE = (
    "the lock is taken",
    "half of the draws are written",
    "the draws are written, not moved",
    "half of the manifest is written",
    "the manifest is written, not moved",
)


@pytest.mark.parametrize("point", BEFORE)
def test_a_fit_that_is_killed_while_storing_leaves_the_record_before_it(project, point):
    kill("store", point, project.folder)
    assert value(project) == 1.0
    assert bool(left_over(project.posteriors)) == (point != "the lock is taken")
    store_constant(project, 3.0)
    assert value(project) == 3.0
    assert left_over(project.posteriors) == []
    assert len(list(project.posteriors.glob("recurrence-*.nc"))) == 1


def test_a_fit_that_is_killed_when_its_record_is_in_place_has_stored_it(project):
    kill("store", "the manifest is in place", project.folder)
    assert value(project) == 2.0
    assert len(list(project.posteriors.glob("recurrence-*.nc"))) == 2
    store_constant(project, 3.0)
    assert len(list(project.posteriors.glob("recurrence-*.nc"))) == 1


@pytest.mark.parametrize("seconds", [0.003, 0.05, 0.21])
def test_a_process_that_stores_record_after_record_may_be_killed_at_any_time(project, seconds):
    writer = subprocess.Popen([sys.executable, str(DRIVER), "store many", "", str(project.folder)])
    record = project.posteriors / "recurrence.json"
    before = record.stat().st_mtime_ns
    while record.stat().st_mtime_ns == before:  # until the first of its records is there
        assert writer.poll() is None
    time.sleep(seconds)
    writer.kill()
    assert writer.wait() == -signal.SIGKILL
    assert value(project) in range(1, 25)
    store_constant(project, 99.0)
    assert value(project) == 99.0
    assert left_over(project.posteriors) == []


def test_a_fit_that_is_killed_while_sampling_lets_go_of_the_lock(project):
    with stopped("fit", "the model is being sampled", project.folder) as process:
        told = f"process {process.pid} has been at work on `resurge fit recurrence` since "
        with pytest.raises(RecordLockedError, match=told):
            store_constant(project, 3.0)
        assert value(project) == 1.0
        program = "from resurge.cli import main; main()"
        words = ["--project", str(project.folder), "fit", "recurrence", "--force"]
        done = subprocess.run([sys.executable, "-c", program, *words], capture_output=True, text=True, check=False)
        assert done.returncode == 6
        assert told in done.stderr
        assert len(done.stderr.splitlines()) == 1
        with model_lock(project, "dormancy", "resurge fit"):  # another model is free
            pass
    store_constant(project, 3.0)
    assert value(project) == 3.0


# A report that is killed

PAGE = "---\ntitle: A\n---\n\nWords of the first report.\n"


@pytest.fixture
def reports(tmp_path) -> Path:
    """Give a rendered report of one page, whose source has changed since."""
    folder = tmp_path / "reports"
    folder.mkdir()
    (folder / "_quarto.yml").write_text("project:\n  type: website\n  render: [index.qmd]\n")
    (folder / "index.qmd").write_text(PAGE)
    render_reports(folder, renderer="pandoc")
    (folder / "index.qmd").write_text(PAGE.replace("first", "second"))
    return folder


def page(reports: Path) -> str:
    text = (reports / "_site" / "index.html").read_text()
    assert text.rstrip().endswith("</html>")
    return next(word for word in ("first", "second", "third") if f"the {word} report" in text)


def folders(reports: Path) -> list[str]:
    return sorted(path.name.partition("-")[0] for path in reports.iterdir() if path.is_dir())


@pytest.mark.parametrize(
    ("point", "expected"),
    [
        ("a page is being run", "first"),
        ("the website is written, not moved", "first"),
        ("the websites are exchanged", "second"),
    ],
)
def test_a_report_that_is_killed_leaves_a_whole_one(reports, point, expected):
    if point == "the websites are exchanged" and not sys.platform.startswith("linux"):
        pytest.skip("folders are exchanged in one step on Linux only")
    kill("render", point, reports)
    assert page(reports) == expected
    assert folders(reports) == ["_site", "_site.new"]
    (reports / "index.qmd").write_text(PAGE.replace("first", "third"))
    render_reports(reports, renderer="pandoc")
    assert page(reports) == "third"
    assert folders(reports) == ["_site"]


def test_where_folders_cannot_be_exchanged_the_next_run_puts_the_old_report_back(reports):
    kill("render", "the old website is aside", reports)
    assert folders(reports) == ["_site.new", "_site.old"]
    (reports / "index.qmd").write_text("---\ntitle: A\n---\n\n```{python}\n1 / 0\n```\n")
    with pytest.raises(RenderError):
        render_reports(reports, renderer="pandoc")
    assert page(reports) == "first"
    assert folders(reports) == ["_site"]


def test_two_reports_are_not_rendered_at_once(reports):
    with (
        stopped("render", "a page is being run", reports) as process,
        pytest.raises(RecordLockedError, match=f"process {process.pid} has been at work on `resurge report` since"),
    ):
        render_reports(reports, renderer="pandoc")
    render_reports(reports, renderer="pandoc")
    assert page(reports) == "second"


# Readers and writers at once


def test_who_reads_while_records_are_replaced_reads_whole_ones(project):
    writer = subprocess.Popen([sys.executable, str(DRIVER), "store many", "", str(project.folder)])
    seen = set()
    while writer.poll() is None:
        (found,) = set(sound_draws(project, "recurrence", ("phi",))["phi"])
        seen.add(found)
        assert model_status(project, "recurrence").state == "fresh"
    assert writer.returncode == 0
    assert len(seen) > 2
    assert value(project) == 25.0


def test_a_record_replaced_between_manifest_and_draws_is_read_anew(project, monkeypatch):
    from resurge.inference import records

    find = records.draws_path

    def late(asked: Project, manifest: dict[str, object]) -> Path:
        if manifest["settings"] == {"value": 1.0}:
            store_constant(asked, 5.0)
        return find(asked, manifest)

    monkeypatch.setattr(records, "draws_path", late)
    assert set(sound_draws(project, "recurrence", ("phi",))["phi"]) == {5.0}
    store_constant(project, 1.0)
    assert set(load_record(project.folder, "recurrence").posterior["phi"].values.ravel()) == {5.0}


# Locks


def test_a_lock_is_taken_again_by_who_holds_it_and_free_afterwards(tmp_path):
    path = tmp_path / "folder" / ".x.lock"
    with locked(path, "one"):
        with locked(path, "two"):
            pass
        assert json.loads(path.with_suffix(".holder").read_text())["doing"] == "one"
    assert not path.with_suffix(".holder").exists()
    with locked(path, "three"):
        assert json.loads(path.with_suffix(".holder").read_text())["process"] == os.getpid()


def test_a_note_that_says_nothing_does_not_hide_that_the_lock_is_held(project):
    with stopped("store", "half of the draws are written", project.folder):
        for note in ("", "[]", "{}", '{"process": 1}', "[" * 100_000, "\0"):
            (project.posteriors / ".recurrence.holder").write_text(note)
            with pytest.raises(RecordLockedError, match="held by another process; nothing was changed"):
                store_constant(project, 3.0)


# What dead processes left


def test_only_what_the_dead_and_the_very_old_left_is_swept(tmp_path):
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    mine, names = (
        temporary_beside(tmp_path / "a.json"),
        [".a.json.part-{}-0", "_site.new-{}-0", "a.part-{}-0", ".b-{}.txt"],
    )
    mine.touch()
    for name in names:
        (tmp_path / name.format(dead.pid)).touch()
    old = tmp_path / f".old.json.part-{os.getpid()}-99"
    old.touch()
    before = time.time() - ABANDONED_AFTER - 10
    os.utime(old, (before, before))
    future = tmp_path / f".future.json.part-{os.getpid()}-98"
    future.touch()
    os.utime(future, (time.time() + 1e6, time.time() + 1e6))
    sweep(tmp_path)
    kept = {mine.name, future.name, *(name.format(dead.pid) for name in names[1:])}
    assert {path.name for path in tmp_path.iterdir()} == kept
    sweep(tmp_path, ("new", "old"))
    assert {path.name for path in tmp_path.iterdir()} == kept - {names[1].format(dead.pid)}
