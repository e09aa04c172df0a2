"""A new, empty project of evidence: tables with their headers, the codebook, an explanation, pages."""

from __future__ import annotations

import csv
import io
import shutil
from pathlib import Path

from resurge.errors import UsageError
from resurge.evidence.codebook import CODEBOOK, read_codebook
from resurge.evidence.csv_files import read_rows
from resurge.evidence.effect_selection import modelled_effect_hashes
from resurge.evidence.faults import EvidenceError
from resurge.evidence.new_project_pages import new_pages
from resurge.evidence.new_project_readme import cell, readme_of_tables
from resurge.evidence.selection import is_modelled_person_time, is_modelled_rate
from resurge.evidence.shipped import shipped, template
from resurge.writing import NotWrittenError, temporary_beside

REFERENCES = "% One entry a source: python data/make_references.py writes this file from sources.csv.\n"


class ProjectExistsError(UsageError):
    """A new project may not be written into a folder that holds something."""


class NothingToFitError(UsageError):
    """No row of the evidence says how often recurrence happens."""


def create_project(folder: Path) -> Path:
    """Write an empty project, whole or not at all.

    Parameters
    ----------
    folder : pathlib.Path
        A folder that does not exist or is empty, in one that exists.

    Returns
    -------
    pathlib.Path
        The folder.

    Raises
    ------
    ProjectExistsError
        If the folder holds something, or is a file.
    NotWrittenError
        If it cannot be written.
    """
    folder = folder.resolve()
    try:
        _refuse_occupied(folder)
        contents = project_files(folder.name)
        building = temporary_beside(folder, "new")
        try:
            for name, content in contents.items():
                path = building / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
            _move_in(building, folder)
        finally:
            shutil.rmtree(building, ignore_errors=True)
    except OSError as error:
        raise NotWrittenError(folder, error) from error
    return folder


def _refuse_occupied(folder: Path) -> None:
    if folder.is_dir() and not any(folder.iterdir()):
        return
    if (folder / "data" / CODEBOOK).exists():
        raise ProjectExistsError(f"{folder} is a project of resurge already; name another folder for a new one")
    if folder.exists() or folder.is_symlink():
        what = "is not empty" if folder.is_dir() else "is not a folder"
        raise ProjectExistsError(f"{folder} {what}; name a new or an empty folder for a new project")
    if not folder.parent.is_dir():
        raise ProjectExistsError(f"there is no folder {folder.parent} to put a new project in; make it first")


def _move_in(building: Path, folder: Path) -> None:
    """Move what was built into its place; an empty folder stays itself, for somebody may be standing in it."""
    if not folder.exists():
        building.rename(folder)
        return
    moved: list[Path] = []
    try:
        # What makes the folder a project, its data, comes last.
        last = sorted(building.iterdir(), key=lambda each: (each.name == "data", each.name))
        moved.extend(path.rename(folder / path.name) for path in last)
    except OSError:
        for path in moved:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        raise


def project_files(name: str) -> dict[str, bytes]:
    """Give the files of an empty project and what they hold.

    Parameters
    ----------
    name : str
        Name of the project.
    """
    codebook = shipped(f"data/{CODEBOOK}")
    tables, faults = read_codebook(codebook.parent)
    if faults:
        raise EvidenceError(faults)
    texts = {
        "README.md": template("README.md").replace("{name}", cell(name)),
        ".gitignore": template("gitignore"),
        "analyses/README.md": template("analyses.md"),
        "data/README.md": readme_of_tables(tables),
        "data/references.bib": REFERENCES,
        "data/make_references.py": shipped("data/make_references.py").read_text(encoding="utf-8"),
    }
    texts |= {f"data/{table.file}": header(table.columns) for table in tables.values()}
    texts |= {f"reports/{page}": text for page, text in new_pages(name)}
    return {name: text.encode() for name, text in texts.items()} | {f"data/{CODEBOOK}": codebook.read_bytes()}


def header(columns: tuple[str, ...]) -> str:
    """Write the header line of a table."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(columns)
    return line.getvalue()


def is_empty(data: Path) -> bool:
    """Tell whether no table of a sound folder of evidence has a row."""
    tables, _ = read_codebook(data)
    return not any(read_rows(data / table.file) for table in tables.values())


def refuse_nothing(data: Path) -> None:
    """Ask for evidence that a model can be fitted to.

    Raises
    ------
    NothingToFitError
        If no row in use says how often recurrence happens; one sentence on what to add first.
    """
    if any(map(is_modelled_rate, read_rows(data / "recurrence_rates.csv"))):
        return
    if any(map(is_modelled_person_time, read_rows(data / "recurrence_person_time.csv"))):
        return
    effects = sum(map(len, modelled_effect_hashes(data).values()))
    before = (
        f" (the effects of treatments here, {effects}, rest on the curve over time that these give)" if effects else ""
    )
    raise NothingToFitError(
        "nothing to fit yet: no row in use states how often recurrence happens; add a few published risks or rates "
        f"first, with `resurge add recurrence_rates`{before}"
    )
