"""Does a stored fit come back as it was, and does a damaged one say so?"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
import xarray as xr

from resurge.inference import records
from resurge.inference.freshness import model_status
from resurge.inference.history import HistoryError, entry_of, history, history_folder
from resurge.inference.manifests import LAYOUT
from resurge.inference.record_forms import draws_name
from resurge.inference.records import (
    PosteriorFailedError,
    PosteriorMissingError,
    RecordBrokenError,
    RecordOutdatedError,
    load_record,
    sound_draws,
    store_record,
)
from resurge.inference.stored_draws import read_draws
from resurge.project import Project
from resurge.reporting.terminal_status import status_lines
from stopped_process import store_constant
from stored_project import store_prior_as_posterior, write_prior_as_posterior


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    return store_prior_as_posterior(tmp_path_factory.mktemp("kept"), n=20)


@pytest.fixture
def project(kept, tmp_path):
    """Give a copy that a test may harm."""
    return Project(Path(shutil.copytree(kept.folder, tmp_path / "project")))


def manifest(project):
    return project.posteriors / "recurrence.json"


def draws(project):
    return project.posteriors / json.loads(manifest(project).read_text())["draws"]


# Round trip


def test_every_value_and_label_comes_back(project):
    rng = np.random.default_rng(1)
    posterior = xr.Dataset(
        {
            "a": (("chain", "draw", "population"), rng.standard_normal((2, 5, 3))),
            "phi": (("chain", "draw"), [[1e-300, np.pi, -0.0, 1e300, 5e-324]] * 2),
            "edges": ("edge", [0.0, 0.25, 35.0]),
        },
        {"chain": [0, 1], "draw": np.arange(5), "population": ["ROTTERDAM", "GBSG_2", "Überlingen"]},
    )
    stats = xr.Dataset({"diverging": (("chain", "draw"), rng.random((2, 5)) > 0.5)})
    prior = posterior.isel(chain=[0])
    parts = {
        "made": "2026-01-01T00:00:00+00:00",
        "evidence_rows": json.loads(manifest(project).read_text())["evidence_rows"],
        "settings": {"seed": 20, "target_accept": 0.95},
        "versions": {"numpy": "2.2"},
        "diagnostics": {},
        "passed": True,
        "fingerprint": json.loads(manifest(project).read_text())["fingerprint"],
    }
    groups = xr.DataTree.from_dict({"posterior": posterior, "prior": prior, "sample_stats": stats})
    store_record(project, "recurrence", groups, parts)
    record = load_record(project.folder, "recurrence")
    xr.testing.assert_identical(record.posterior, posterior)
    xr.testing.assert_identical(record.prior, prior)
    xr.testing.assert_identical(record.sample_stats, stats)
    kept = ("settings", "versions", "diagnostics", "passed", "fingerprint")
    assert {name: getattr(record, name) for name in kept} == {name: parts[name] for name in kept}
    assert record.fresh


def test_arrays_without_labels_are_the_same_with_chains_joined(project):
    record = load_record(project.folder, "recurrence")
    arrays = sound_draws(project, "recurrence", ("phi", "beta", "edges"))
    assert np.array_equal(arrays["phi"], record.posterior["phi"].values.ravel())
    assert np.array_equal(arrays["beta"], record.posterior["beta"].values.reshape(40, 2, -1))
    assert np.array_equal(arrays["edges"], record.posterior["edges"].values)


def test_a_new_fit_takes_the_place_of_the_one_before(project):
    first = draws(project)
    write_prior_as_posterior(project.folder, n=30)
    assert not first.exists()
    assert [path.name for path in project.posteriors.glob("recurrence*.nc")] == [draws(project).name]
    assert load_record(project.folder, "recurrence").posterior.sizes["draw"] == 30
    assert {path.suffix for path in project.posteriors.iterdir()} == {".nc", ".json", ".lock"}


# Damage


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def replace_by_another(path: Path) -> None:
    xr.Dataset({"x": ("k", [1.0])}).to_netcdf(path, engine="h5netcdf")


def change(**entries: object):
    def write(path: Path) -> None:
        content = {**json.loads(path.read_text()), **entries}
        path.write_text(json.dumps({name: value for name, value in content.items() if value is not None}))

    return write


def rehashed(write: Callable[[Path], None]) -> Callable[[Path], None]:
    """Put other content in place of the draws, with the name and the hash that belong to it."""

    def harm(path: Path) -> None:
        kept = json.loads(path.read_text())
        old = path.parent / kept["draws"]
        write(old)
        digest = hashlib.sha256(old.read_bytes()).hexdigest()
        name = draws_name("recurrence", digest)
        old.rename(path.parent / name)
        path.write_text(json.dumps({**kept, "draws": name, "sha256": digest}))

    return harm


def without_groups(path: Path) -> None:
    with h5py.File(path, "a") as file:
        for name in ("posterior", "prior", "sample_stats"):
            del file[name]


def of_arrays(path: Path) -> None:
    """Write an HDF5 file of something else, with an array where a group should be."""
    with h5py.File(path, "w") as file:
        file["posterior"] = np.arange(3)


def text(content: str) -> tuple[Callable[[Project], Path], Callable[[Path], None]]:
    return manifest, lambda path: path.write_text(content)


NOTHING_SEEN = {"evidence": {}, "priors": {}, "source": {}, "upstream": {}}
HARM = {
    "draws cut": (draws, cut),
    "draws with one bit changed": (draws, flip),
    "draws of something else": (draws, replace_by_another),
    "draws empty": (draws, lambda path: path.write_bytes(b"")),
    "draws gone": (draws, Path.unlink),
    "manifest cut": (manifest, cut),
    "manifest empty": (manifest, lambda path: path.write_bytes(b"")),
    "manifest not text": (manifest, lambda path: path.write_bytes(b"\xff\xfe\x00")),
    "manifest a list": (manifest, lambda path: path.write_text("[]")),
    "a part missing": (manifest, change(fingerprint=None)),
    "draws of random bytes with their hash": (manifest, rehashed(lambda path: path.write_bytes(b"\x89HDF" * 999))),
    "draws of something else with their hash": (manifest, rehashed(replace_by_another)),
    "draws without groups with their hash": (manifest, rehashed(without_groups)),
    "arrays for groups with their hash": (manifest, rehashed(of_arrays)),
    "draws cut with their hash": (manifest, rehashed(cut)),
    "draws a folder": (draws, lambda path: (path.unlink(), path.mkdir())),
    "manifest a folder": (manifest, lambda path: (path.unlink(), path.mkdir())),
    "manifest null": text("null"),
    "manifest a number": text("1e999"),
    "manifest deep": text("[" * 200_000),
    "manifest of deep objects": text('{"layout": ' * 200_000),
    "manifest with a huge number": text("9" * 10_000),
    "manifest of an object": text("{}"),
    "another model's manifest": (manifest, change(model="therapy")),
    "layout of text": (manifest, change(layout="2")),
    "layout true": (manifest, change(layout=True)),
    "diagnostics a list": (manifest, change(diagnostics=[])),
    "a check without verdict": (manifest, change(diagnostics={"R-hat": {"value": 1.0, "limit": 1.01}})),
    "a verdict of text": (manifest, change(passed="yes")),
    "rows of numbers": (
        manifest,
        change(fingerprint={"evidence": {"x": 1}, "priors": {}, "source": {}, "upstream": {}}),
    ),
    "a fingerprint of text": (manifest, change(fingerprint="abc")),
    "settings null": (
        manifest,
        lambda path: path.write_text(path.read_text().replace('"settings": {', '"settings": null, "x": {')),
    ),
    "a hash of text": (manifest, change(sha256="../../etc")),
    "draws named with a NUL": (manifest, change(draws="recurrence-\0.nc")),
}
STATUS_DOES_NOT_OPEN = {name for name in HARM if name.endswith("with their hash")}
"""Harm that only who opens the draws can see; the status looks at their hash."""


@pytest.mark.parametrize("harm", HARM)
def test_a_damaged_record_is_refused_and_says_what_to_do(project, harm):
    find, damage = HARM[harm]
    damage(find(project))
    for read in (
        lambda: load_record(project.folder, "recurrence"),
        lambda: sound_draws(project, "recurrence", ("phi",)),
    ):
        with pytest.raises(RecordBrokenError, match=r"run `resurge fit recurrence --force`$") as error:
            read()
        said = str(error.value)
        assert said.startswith("analyses/posteriors/recurrence")
        assert len(said.splitlines()) == 1
        assert len(said) < 300
    status = model_status(project, "recurrence")
    assert status.state == ("fresh" if harm in STATUS_DOES_NOT_OPEN else "broken")
    assert list(status_lines(status))


@pytest.mark.parametrize("harm", [harm for harm in HARM if HARM[harm][0] is manifest])
def test_a_damaged_record_is_replaced_by_the_next_fit(project, harm):
    HARM[harm][1](manifest(project))
    if manifest(project).is_dir():
        manifest(project).rmdir()  # this much is left to people
    store_constant(project, 1.0)
    assert model_status(project, "recurrence").state == "fresh"
    assert set(sound_draws(project, "recurrence", ("phi",))["phi"]) == {1.0}
    assert len(list(project.posteriors.glob("recurrence-*.nc"))) == 1


def test_draws_that_are_not_stored_are_named(project):
    with pytest.raises(RecordBrokenError, match=r"does not hold the draws .*nosuchname"):
        sound_draws(project, "recurrence", ("nosuchname",))
    with pytest.raises(RecordBrokenError, match=r"^analyses/posteriors/recurrence-.*nosuchgroup.*--force`"):
        read_draws(draws(project), "nosuchgroup")
    draws(project).write_bytes(b"x" * 1000)
    with pytest.raises(RecordBrokenError, match=r"^analyses/posteriors/recurrence-.*--force`"):
        read_draws(draws(project), "posterior")


@pytest.mark.parametrize(("layout", "age"), [(LAYOUT - 1, "an older"), (0, "an older"), (LAYOUT + 1, "a newer")])
def test_a_record_of_another_version_is_no_damage_but_of_no_use(project, layout, age):
    change(layout=layout, fingerprint=None, draws=None)(manifest(project))
    with pytest.raises(RecordOutdatedError, match=f"was made by {age} version of resurge: .*`resurge fit recurrence`"):
        load_record(project.folder, "recurrence")
    assert model_status(project, "recurrence").state == "outdated"
    assert model_status(project, "therapy").reasons == ("posterior of another model changed: recurrence",)


@pytest.mark.parametrize("content", ["", "null", "[]", "{}", "[" * 100_000, '{"layout": 1}', "\0"])
def test_a_damaged_entry_of_the_history_is_one_sentence(project, content):
    path = history_folder(project) / "recurrence-1.json"
    path.parent.mkdir()
    path.write_text(content)
    for read in (lambda: history(project, "recurrence"), lambda: entry_of(project, "recurrence-1")):
        with pytest.raises(HistoryError, match=r"recurrence-1\.json: not an entry of .*; remove it$") as error:
            read()
        assert len(str(error.value).splitlines()) == 1
        assert str(project.folder) not in str(error.value)


def test_an_entry_of_the_history_that_the_system_does_not_give_is_named_from_the_project_on(project):
    (history_folder(project) / "recurrence-1.json").mkdir(parents=True)
    with pytest.raises(HistoryError) as error:
        history(project, "recurrence")
    assert str(error.value) == (
        "analyses/posteriors/history/recurrence-1.json: not an entry of the history (Is a directory); remove it"
    )


def test_a_manifest_cannot_name_a_file_elsewhere(project):
    other = project.folder / "other.nc"
    shutil.copy(draws(project), other)
    change(draws="../../other.nc")(manifest(project))
    with pytest.raises(RecordBrokenError, match="its draws are not named by their content"):
        load_record(project.folder, "recurrence")


def test_no_record_is_missing(project):
    manifest(project).unlink()
    with pytest.raises(PosteriorMissingError, match="run `resurge fit recurrence`"):
        load_record(project.folder, "recurrence")
    assert model_status(project, "recurrence").state == "missing"


def test_nothing_is_reported_from_a_failed_fit(tmp_path):
    project = store_prior_as_posterior(tmp_path, passed=False, n=5)
    with pytest.raises(PosteriorFailedError, match="R-hat"):
        sound_draws(project, "recurrence", ("phi",))
    status = model_status(project, "recurrence")
    assert (status.state, status.reasons) == ("failed", ("gate: R-hat",))
    assert not load_record(project.folder, "recurrence").passed


# Interruption


class StoppedError(Exception):
    """The power went off."""


def test_a_fit_stopped_between_its_two_writes_leaves_the_record_before_it(project, monkeypatch):
    before = load_record(project.folder, "recurrence")

    def stop(*_: object) -> None:
        raise StoppedError

    with monkeypatch.context() as patch:
        patch.setattr(records, "write_atomically", stop)
        with pytest.raises(StoppedError):
            write_prior_as_posterior(project.folder, n=33)
    after = load_record(project.folder, "recurrence")
    xr.testing.assert_identical(after.posterior, before.posterior)
    assert model_status(project, "recurrence").state == "fresh"
    write_prior_as_posterior(project.folder, n=34)  # and the next fit clears up what was left
    assert len(list(project.posteriors.glob("recurrence*"))) == 2


@pytest.mark.parametrize("moves", [0, 1])
def test_a_fit_stopped_before_a_file_is_moved_into_place_leaves_the_record_before_it(project, monkeypatch, moves):
    before = load_record(project.folder, "recurrence")
    done, move = [], Path.replace

    def stop(self: Path, target: Path) -> Path:
        if len(done) == moves:
            raise StoppedError
        done.append(target)
        return move(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", stop)
        with pytest.raises(StoppedError):
            write_prior_as_posterior(project.folder, n=33)
    xr.testing.assert_identical(load_record(project.folder, "recurrence").posterior, before.posterior)
    assert {path.suffix for path in project.posteriors.iterdir()} == {".nc", ".json", ".lock"}
