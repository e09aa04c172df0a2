"""The JSON part of a record: reading it, and one sentence for each way in which a record can be unusable."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from resurge.errors import ResurgeError
from resurge.inference.record_forms import misshapen
from resurge.project import Project

LAYOUT = 2
"""Version of the record's layout."""
Found = TypeVar("Found")


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
    """The record's files are damaged or foreign."""


class RecordOutdatedError(RecordError):
    """The record was made by another version of the package, which stored other things."""


def manifest_path(project: Project, model: str) -> Path:
    """Give the path of a record's JSON file."""
    return project.posteriors / f"{model}.json"


def place(project: Project, path: Path) -> str:
    """Name a file of a record as messages do: from the project's folder on."""
    return path.relative_to(project.folder).as_posix()


def again(model: str) -> str:
    """Say what replaces a record that cannot be used."""
    return f"run `resurge fit {model} --force`"


def read_manifest(project: Project, model: str) -> dict[str, Any]:
    """Read the JSON part of a record.

    Raises
    ------
    PosteriorMissingError
        If there is none.
    RecordOutdatedError
        If its layout is that of another version.
    RecordBrokenError
        If it is not a record, or contradicts itself.
    """
    path = manifest_path(project, model)
    where = place(project, path)
    if not path.exists():
        raise PosteriorMissingError(f"no posterior of the {model} model yet: run `resurge fit {model}`")
    try:
        manifest = json.loads(path.read_bytes())
    except OSError as error:
        raise RecordBrokenError(f"{where} cannot be read ({error.strerror}): {again(model)}") from error
    except (ValueError, RecursionError) as error:
        raise RecordBrokenError(f"{where} is not JSON ({_first_line(error)}): {again(model)}") from error
    _refuse_other_layouts(manifest, where, model)
    wrong = misshapen(manifest, model)
    if wrong:
        raise RecordBrokenError(f"{where} is not a whole record ({wrong}): {again(model)}")
    if bool(manifest["passed"]) != all(check["passed"] for check in manifest["diagnostics"].values()):
        raise RecordBrokenError(f"{where}: its verdict does not follow from its diagnostics: {again(model)}")
    return manifest


def draws_path(project: Project, manifest: Mapping[str, Any]) -> Path:
    """Give the path of a record's draws, checked against the manifest.

    Raises
    ------
    RecordBrokenError
        If the file is missing or damaged.
    """
    path = project.posteriors / manifest["draws"]
    try:
        with path.open("rb") as file:
            whole = hashlib.file_digest(file, "sha256").hexdigest() == manifest["sha256"]
    except OSError as error:
        missing = "is missing" if isinstance(error, FileNotFoundError) else f"cannot be read ({error.strerror})"
        raise RecordBrokenError(f"{place(project, path)} {missing}: {again(manifest['model'])}") from error
    if not whole:
        raise RecordBrokenError(
            f"{place(project, path)} is damaged, its content is not what was stored: {again(manifest['model'])}"
        )
    return path


@contextmanager
def intact(path: Path) -> Iterator[None]:
    """Say in one sentence that a file of draws is none, or lacks what is read of it, whatever its hash.

    Parameters
    ----------
    path : pathlib.Path
        As from `draws_path`.

    Raises
    ------
    RecordBrokenError
        If what is done inside fails as reading such a file does.
    """
    try:
        yield
    except (OSError, KeyError, ValueError, TypeError, RuntimeError) as error:
        reason = " ".join(str(error.args[0] if error.args else error).split())
        where, model = "/".join(path.parts[-3:]), path.stem.rpartition("-")[0]
        raise RecordBrokenError(f"{where} does not hold the draws ({reason}): {again(model)}") from error


def reading(project: Project, model: str, read: Callable[[dict[str, Any]], Found]) -> Found:
    """Read something of a record; where a fit replaces the record meanwhile, read it of the new one.

    Parameters
    ----------
    project : Project
        Where records are kept.
    model : str
        Name of the model.
    read : callable
        From the manifest to what is wanted, through `draws_path`.

    Raises
    ------
    RecordError
        If there is no record that can be read.
    """
    manifest = read_manifest(project, model)
    while True:
        try:
            return read(manifest)
        except RecordBrokenError:
            now = read_manifest(project, model)
            if now["sha256"] == manifest["sha256"]:
                raise
            manifest = now


def whole_manifest(project: Project, model: str) -> dict[str, Any]:
    """Read the manifest of a record whose draws are there and undamaged.

    Raises
    ------
    RecordError
        If there is no such record.
    """

    def with_draws(manifest: dict[str, Any]) -> dict[str, Any]:
        draws_path(project, manifest)
        return manifest

    return reading(project, model, with_draws)


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0] or type(error).__name__


def _refuse_other_layouts(manifest: object, where: str, model: str) -> None:
    layout = manifest.get("layout") if isinstance(manifest, dict) else None
    if not isinstance(layout, int) or isinstance(layout, bool) or layout == LAYOUT:
        return
    if layout < LAYOUT:
        raise RecordOutdatedError(f"{where} was made by an older version of resurge: run `resurge fit {model}`")
    raise RecordOutdatedError(
        f"{where} was made by a newer version of resurge: install that, or run `resurge fit {model}` for a record of "
        "this one"
    )
