"""What is said, and what is kept, when a record or a report cannot be written?"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from evidence_folder import write_small_evidence
from resurge import cli
from resurge.errors import ResurgeError
from resurge.inference.manifests import draws_path, read_manifest
from resurge.inference.records import sound_draws
from resurge.project import Project
from resurge.reporting.render import render_reports
from resurge.writing import NotWrittenError, write_atomically
from stopped_process import store_constant

resource = pytest.importorskip("resource", reason="limits and mounts are of POSIX systems")
ROOM = 200_000
"""Bytes of the small disk that are free when a test begins to write."""


def mounted(folder: Path, *options: str) -> bool:
    """Mount a file system of the memory's own on a folder, if this machine lets us."""
    mount = shutil.which("mount")
    command = [mount, "-t", "tmpfs", "-o", ",".join(options), "tmpfs", str(folder)]
    return bool(mount) and subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.fixture
def small_disk(tmp_path) -> Iterator[Path]:
    """Give a folder on a disk of 4 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if not mounted(folder, "size=4m"):
        pytest.skip("file systems cannot be mounted here; the limit on file sizes stands in for a full disk below")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path, free: int) -> None:
    """Leave only so many bytes of a disk free."""
    size = os.statvfs(folder).f_bavail * os.statvfs(folder).f_bsize - free
    (folder / "filling").write_bytes(b"\0" * size)


@contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    """Let this process write no file beyond a size."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def with_record(folder: Path) -> Project:
    """Write small evidence with a record whose every draw is 1."""
    write_small_evidence(folder / "data")
    store_constant(Project(folder), 1.0)
    return Project(folder)


def refused(project: Project, reason: str, n: int = 50, **more: object) -> str:
    """Try to store a record of n draws with the value 2; give what was said, and check that nothing changed."""
    before = {path: path.read_bytes() for path in project.posteriors.iterdir()}
    with pytest.raises(NotWrittenError, match=reason) as error:
        store_constant(project, 2.0, n, **more)
    assert {path: path.read_bytes() for path in project.posteriors.iterdir()} == before
    assert set(sound_draws(project, "recurrence", ("phi",))["phi"]) == {1.0}
    said = str(error.value)
    assert len(said.splitlines()) == 1
    assert error.value.exit_code == 7
    return said


# A full disk


def test_a_disk_with_no_room_for_the_draws_keeps_the_record_before(small_disk):
    project = with_record(small_disk)
    fill(small_disk, ROOM)
    said = refused(project, "No space left on device", n=ROOM)
    assert said.startswith(f"{project.posteriors}/recurrence-")
    assert ".nc cannot be written (No space left on device); what was there before is kept" in said
    (small_disk / "filling").unlink()
    store_constant(project, 2.0)
    assert set(sound_draws(project, "recurrence", ("phi",))["phi"]) == {2.0}


def test_a_disk_with_no_room_for_the_manifest_keeps_the_record_before(small_disk):
    project = with_record(small_disk)
    draws = draws_path(project, read_manifest(project, "recurrence")).stat().st_size
    pages = 2 + -(-draws // 4096)  # those of the draws, and of the note on who holds the lock
    fill(small_disk, pages * 4096)
    assert f"{project.posteriors}/recurrence.json cannot be written" in refused(project, "No space left on device")


def test_a_disk_that_is_full_to_the_brim_is_noticed_before_anything_is_sampled(small_disk):
    project = with_record(small_disk)
    fill(small_disk, 0)
    assert f"{project.posteriors}/.recurrence.holder cannot be written" in refused(project, "No space left on device")


def test_a_file_that_grows_too_large_keeps_the_record_before(tmp_path):
    project = with_record(tmp_path)
    with files_no_larger_than(5_000):
        assert ".nc cannot be written (File too large)" in refused(project, "File too large")


def test_a_manifest_that_grows_too_large_takes_its_draws_with_it(tmp_path):
    project = with_record(tmp_path)
    largest = max(path.stat().st_size for path in project.posteriors.iterdir())
    with files_no_larger_than(2 * largest):
        said = refused(project, "File too large", remark="x" * 3 * largest)
    assert f"{project.posteriors}/recurrence.json cannot be written" in said


def test_a_report_on_a_full_disk_keeps_the_one_before(small_disk):
    (small_disk / "_quarto.yml").write_text("project:\n  type: website\n  render: [index.qmd]\n")
    (small_disk / "index.qmd").write_text("---\ntitle: A\n---\n\nFirst words.\n")
    render_reports(small_disk, renderer="pandoc")
    (small_disk / "index.qmd").write_text("---\ntitle: A\n---\n\n" + "More words than there is room for.\n" * 20_000)
    fill(small_disk, ROOM)
    with pytest.raises(NotWrittenError, match="No space left on device"):
        render_reports(small_disk, renderer="pandoc")
    assert "First words" in (small_disk / "_site" / "index.html").read_text()
    assert not list(small_disk.glob("_site.*"))


# A folder that may not be written to


@pytest.fixture
def read_only(tmp_path) -> Iterator[Project]:
    """Give a project with a record, on which nothing can be written any more."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() != 0:
        project = with_record(folder)
        project.posteriors.chmod(0o500)
        yield project
        project.posteriors.chmod(0o700)
        return
    if not mounted(folder, "size=4m"):
        pytest.skip("root may write everywhere, and file systems cannot be mounted here")
    project = with_record(folder)
    subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True, capture_output=True)
    yield project
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_folder_that_may_not_be_written_to_keeps_the_record_and_can_be_read(read_only):
    assert f"{read_only.posteriors}/" in refused(read_only, "Read-only file system|Permission denied")


@pytest.mark.parametrize("name", ["analyses", "analyses/posteriors"])
def test_a_file_where_the_folder_should_be_is_one_sentence(tmp_path, name):
    write_small_evidence(tmp_path / "data")
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("not a folder")
    with pytest.raises(NotWrittenError, match=r"cannot be written \((File exists|Not a directory)\)"):
        store_constant(Project(tmp_path), 1.0)
    assert path.read_text() == "not a folder"


def test_a_folder_where_the_manifest_should_be_is_one_sentence(tmp_path):
    project = with_record(tmp_path)
    manifest = project.posteriors / "recurrence.json"
    manifest.unlink()
    (manifest / "inside").mkdir(parents=True)
    with pytest.raises(ResurgeError, match=r"recurrence\.json cannot be read \(Is a directory\)"):
        sound_draws(project, "recurrence", ("phi",))
    with pytest.raises(NotWrittenError, match=r"recurrence\.json cannot be written"):
        store_constant(project, 2.0)
    assert not list(project.posteriors.glob("*.part-*"))


def test_the_command_line_leaves_with_7(tmp_path, monkeypatch, capsys):
    write_small_evidence(tmp_path / "data")
    (tmp_path / "analyses").write_text("not a folder")
    monkeypatch.setattr(sys, "argv", ["resurge", "--project", str(tmp_path), "fit", "recurrence"])
    with pytest.raises(SystemExit) as leaving:
        cli.main()
    assert leaving.value.code == 7
    lock = tmp_path / "analyses" / "posteriors" / ".recurrence.lock"
    said = f"{lock} cannot be written (Not a directory); what was there before is kept\n"
    assert capsys.readouterr().err == said


# What is written


def test_what_is_written_is_all_there_with_the_rights_it_had(tmp_path):
    path = tmp_path / "new" / "folder" / "a.bin"
    for content in (b"", b"one", bytes(range(256)) * 1000):
        write_atomically(path, content)
        assert path.read_bytes() == content
    (tmp_path / "plain").touch()
    assert path.stat().st_mode == (tmp_path / "plain").stat().st_mode
    path.chmod(0o640)
    write_atomically(path, b"two")
    assert path.stat().st_mode & 0o777 == 0o640
    assert [each.name for each in path.parent.iterdir()] == ["a.bin"]
