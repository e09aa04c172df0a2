"""Records of fits: draws in one NetCDF file, everything that made them in one JSON file beside it.

``recurrence.json`` names its draws file by content (``recurrence-<hash>.nc``). Draws are written first and the JSON
file is moved into place last, so a fit that is stopped at any moment leaves the record before it whole. A record that
fails its gate is kept and says so; nothing reports from it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from resurge.inference.manifests import (
    LAYOUT,
    Found,
    PosteriorFailedError,
    PosteriorMissingError,
    PosteriorStaleError,
    RecordBrokenError,
    RecordError,
    RecordOutdatedError,
    draws_path,
    intact,
    manifest_path,
    read_manifest,
    reading,
)
from resurge.inference.record_forms import a_line_each, draws_name
from resurge.locks import model_lock
from resurge.project import Project
from resurge.writing import NotWrittenError, sweep, write_atomically

if TYPE_CHECKING:
    import numpy as np
    import xarray as xr
    from numpy.typing import NDArray

    from resurge.inference.netcdf import Group

__all__ = [
    "LAYOUT",
    "PosteriorFailedError",
    "PosteriorMissingError",
    "PosteriorStaleError",
    "Record",
    "RecordBrokenError",
    "RecordError",
    "RecordOutdatedError",
    "draws_path",
    "load_record",
    "manifest_path",
    "read_manifest",
    "sound_draws",
    "sound_draws_path",
    "store_groups",
    "store_record",
    "write_atomically",
]
GROUPS = ("posterior", "prior", "sample_stats")
"""Groups of the file of draws."""


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
        Settings, versions, fingerprint, the rows seen, diagnostics and verdict; must be JSON.

    Raises
    ------
    RecordLockedError
        If another process is making a record of the model.
    NotWrittenError
        If it cannot be written; the record before is kept.
    """
    from resurge.inference.netcdf import of_dataset

    found = {str(name): of_dataset(node.to_dataset(inherit=False)) for name, node in groups.children.items()}
    store_groups(project, model, found, manifest)


def store_groups(project: Project, model: str, groups: Mapping[str, Group], manifest: Mapping[str, Any]) -> None:
    """Store draws in the form of a file; else as :func:`store_record`."""
    from resurge.inference.netcdf import in_memory

    content = in_memory(groups)  # so that a full disk meets plain bytes, not HDF5
    digest = hashlib.sha256(content).hexdigest()
    draws = project.posteriors / draws_name(model, digest)
    stored = {"layout": LAYOUT, "model": model, "draws": draws.name, "sha256": digest, **manifest}
    with model_lock(project, model, "storing a fit of"):
        new = not draws.exists()
        write_atomically(draws, content)
        try:
            write_atomically(manifest_path(project, model), a_line_each(stored).encode())
        except NotWrittenError:
            if new:
                draws.unlink(missing_ok=True)  # so that draws which nothing names do not fill the disk further
            raise
        _clear(project, model, draws)


def _clear(project: Project, model: str, draws: Path) -> None:
    """Remove the draws of records before this one, and what killed processes left."""
    with suppress(OSError):
        sweep(project.posteriors)
        for old in project.posteriors.glob(f"{model}-*.nc"):
            if old != draws:
                old.unlink(missing_ok=True)


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

    def load(manifest: dict[str, Any]) -> Record:
        path = draws_path(project, manifest)
        with intact(path):
            groups = {name: xr.load_dataset(path, group=name, engine="h5netcdf") for name in GROUPS}
        return Record(
            model=model,
            **groups,
            stale=tuple(what_changed(project, manifest)),
            **{name: manifest[name] for name in ("diagnostics", "passed", "settings", "versions", "fingerprint")},
        )

    return reading(project, model, load)


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
    RecordError
        If there is no posterior to report from.
    """
    from resurge.inference.stored_draws import read_arrays  # takes h5py along

    return sound_reading(project, model, lambda path: read_arrays(path, names, group))


def sound_draws_path(project: Project, model: str) -> Path:
    """Give the path of the draws of a posterior that may be reported from: whole, passed and fresh.

    Raises
    ------
    RecordError
        If there is none.
    """
    return sound_reading(project, model, lambda path: path)


def sound_reading(project: Project, model: str, read: Callable[[Path], Found]) -> Found:
    """Read something of the draws of a posterior that may be reported from, by their path.

    Raises
    ------
    RecordError
        If there is none.
    """
    return reading(project, model, lambda manifest: read(_sound(project, manifest)))


def _sound(project: Project, manifest: Mapping[str, Any]) -> Path:
    from resurge.inference.freshness import what_changed

    model = manifest["model"]
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
