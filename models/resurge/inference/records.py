"""Records of fits: draws in one NetCDF file, everything that made them in one JSON file beside it.

``recurrence.json`` names its draws file by content (``recurrence-<hash>.nc``). Draws are written first and the JSON
file is moved into
place last, so a fit that is stopped at any moment leaves the record before it whole. A record that fails its gate is
kept and
says so; nothing reports from it.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from resurge.errors import ResurgeError
from resurge.project import Project

if TYPE_CHECKING:
    import numpy as np
    import xarray as xr
    from numpy.typing import NDArray

LAYOUT = 1
"""Version of the record's layout."""
MANIFEST = {"model", "draws", "sha256", "settings", "versions", "fingerprint", "diagnostics", "passed"}
"""What the JSON file of every record holds."""


class RecordError(ResurgeError):
    """A stored posterior cannot be used; the message says why and what to do."""

    exit_code = 4


class PosteriorMissingError(RecordError):
    """There is no record of the model."""


class PosteriorStaleError(RecordError):
    """Evidence, priors or model changed after the record was made."""


class PosteriorFailedError(RecordError):
    """The record did not pass its gate."""

    exit_code = 3


class RecordBrokenError(RecordError):
    """The record's files are damaged or come from another version."""


@dataclass(frozen=True)
class Record:
    """A stored fit.

    Attributes
    ----------
    model : str
        Name of the model.
    posterior, prior : xarray.Dataset
        Draws, dims ``(chain, draw, ...)``.
    sample_stats : xarray.Dataset
        Sampler statistics.
    diagnostics : dict
        The gate's checks: value, limit, passed.
    passed : bool
        Whether the gate was passed.
    stale : tuple of str
        What changed since the fit; empty if fresh.
    settings, versions, fingerprint : dict
        How it was made.
    """

    model: str
    posterior: xr.Dataset
    prior: xr.Dataset
    sample_stats: xr.Dataset
    diagnostics: dict[str, Any]
    passed: bool
    stale: tuple[str, ...]
    settings: dict[str, Any]
    versions: dict[str, str]
    fingerprint: dict[str, Any]

    @property
    def fresh(self) -> bool:
        """Whether evidence, priors and model are those of the fit."""
        return not self.stale


def temporary_beside(path: Path) -> Path:
    """Name a hidden file in the same folder that no other process uses."""
    return path.with_name(f".{path.stem}-{os.getpid()}{path.suffix}")


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file under a temporary name in its folder and move it into place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = temporary_beside(path)
    try:
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def store_record(project: Project, model: str, groups: xr.DataTree, manifest: Mapping[str, Any]) -> None:
    """Store draws and manifest of a fit in place of the one before.

    Parameters
    ----------
    project : Project
        Where records are kept.
    model : str
        Name of the model.
    groups : xarray.DataTree
        Groups ``posterior``, ``prior`` and ``sample_stats``.
    manifest : mapping
        Settings, versions, fingerprint, diagnostics and verdict; must be JSON.
    """
    project.posteriors.mkdir(parents=True, exist_ok=True)
    part = temporary_beside(project.posteriors / f"{model}.nc")
    try:
        groups.to_netcdf(part, engine="h5netcdf")
        digest = hashlib.sha256(part.read_bytes()).hexdigest()
        draws = project.posteriors / f"{model}-{digest[:12]}.nc"
        part.replace(draws)
    finally:
        part.unlink(missing_ok=True)
    content = {"layout": LAYOUT, "model": model, "draws": draws.name, "sha256": digest, **manifest}
    write_atomically(manifest_path(project, model), json.dumps(content, indent=1).encode())
    for old in project.posteriors.glob(f"{model}-*.nc"):
        if old != draws:
            old.unlink(missing_ok=True)


def manifest_path(project: Project, model: str) -> Path:
    """Give the path of a record's JSON file."""
    return project.posteriors / f"{model}.json"


def read_manifest(project: Project, model: str) -> dict[str, Any]:
    """Read the JSON part of a record.

    Raises
    ------
    PosteriorMissingError
        If there is none.
    RecordBrokenError
        If it is not a record of this layout, or contradicts itself.
    """
    path = manifest_path(project, model)
    if not path.is_file():
        raise PosteriorMissingError(f"no posterior of the {model} model yet: run `resurge fit {model}`")
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError, OSError) as error:
        raise RecordBrokenError(f"{path.name} cannot be read ({error}): run `resurge fit {model} --force`") from error
    if not isinstance(manifest, dict) or manifest.get("layout") != LAYOUT or not manifest.keys() >= MANIFEST:
        raise RecordBrokenError(f"{path.name} is not a record of this version: run `resurge fit {model} --force`")
    if bool(manifest["passed"]) != all(check["passed"] for check in manifest["diagnostics"].values()):
        raise RecordBrokenError(
            f"{path.name}: its verdict does not follow from its diagnostics: run `resurge fit {model} --force`"
        )
    return manifest


def draws_path(project: Project, manifest: Mapping[str, Any]) -> Path:
    """Give the path of a record's draws, checked against the manifest.

    Raises
    ------
    RecordBrokenError
        If the file is missing or damaged.
    """
    model, path = manifest["model"], project.posteriors / Path(manifest["draws"]).name
    if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != manifest["sha256"]:
        raise RecordBrokenError(f"{path.name} is missing or damaged: run `resurge fit {model} --force`")
    return path


def load_record(project_folder: Path | str, model: str) -> Record:
    """Load a record, whatever its verdict; callers look at ``passed`` and ``fresh``.

    Parameters
    ----------
    project_folder : pathlib.Path or str
        The folder that holds ``data/``.
    model : str
        Name of the model.

    Raises
    ------
    PosteriorMissingError, RecordBrokenError
        If there is no record, or none that can be read.
    """
    import xarray as xr

    from resurge.inference.freshness import what_changed

    project = Project(Path(project_folder))
    manifest = read_manifest(project, model)
    path = draws_path(project, manifest)
    groups = {
        name: xr.load_dataset(path, group=name, engine="h5netcdf") for name in ("posterior", "prior", "sample_stats")
    }
    return Record(
        model=model,
        **groups,
        diagnostics=manifest["diagnostics"],
        passed=manifest["passed"],
        stale=tuple(what_changed(project, manifest)),
        settings=manifest["settings"],
        versions=manifest["versions"],
        fingerprint=manifest["fingerprint"],
    )


def sound_draws(
    project: Project, model: str, names: tuple[str, ...], *, group: Literal["posterior", "prior"] = "posterior"
) -> dict[str, NDArray[np.float64]]:
    """Read some arrays of a posterior that may be reported from, chains joined, without xarray's seconds of import.

    Parameters
    ----------
    project : Project
        Where records are kept.
    model : str
        Name of the model.
    names : tuple of str
        Variables to read; the sample comes first where they have one.
    group : {"posterior", "prior"}
        Which draws.

    Raises
    ------
    PosteriorMissingError, PosteriorStaleError, PosteriorFailedError, RecordBrokenError
        If there is no posterior to report from.
    """
    import h5py

    with h5py.File(sound_draws_path(project, model)) as file:
        stored = file[group]
        arrays = {name: stored[name][()] for name in names}
        n_chains, n_draws = len(stored["chain"]), len(stored["draw"])
    return {
        name: array.reshape(n_chains * n_draws, *array.shape[2:]) if array.shape[:2] == (n_chains, n_draws) else array
        for name, array in arrays.items()
    }


def sound_draws_path(project: Project, model: str) -> Path:
    """Give the path of the draws of a posterior that may be reported from: whole, passed and fresh.

    Raises
    ------
    PosteriorMissingError, PosteriorStaleError, PosteriorFailedError, RecordBrokenError
        If there is none.
    """
    from resurge.inference.freshness import what_changed

    manifest = read_manifest(project, model)
    if not manifest["passed"]:
        failing = [name for name, check in manifest["diagnostics"].items() if not check["passed"]]
        raise PosteriorFailedError(
            f"the posterior of the {model} model failed its gate ({', '.join(failing)}): no answers from it; "
            f"run `resurge fit {model} --force` with more draws"
        )
    changed = what_changed(project, manifest)
    if changed:
        raise PosteriorStaleError(
            f"the posterior of the {model} model is stale ({'; '.join(changed)}): run `resurge fit {model}`"
        )
    return draws_path(project, manifest)
