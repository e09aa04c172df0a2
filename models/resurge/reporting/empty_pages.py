"""Pages that have nothing to show: a project without the evidence behind a page says so there in one sentence."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import yaml

from resurge.evidence.csv_files import read_rows
from resurge.inference.freshness import models_of
from resurge.project import Project
from resurge.reporting.site import Site
from resurge.reporting.source import Prose, Source, read_source
from resurge.writing import temporary_beside

MODELS = {
    "metastasis": (("metastasis",), "metastasis_sites"),
    "dormancy": (("dormancy",), "recurrence_rates"),
    "therapy-effects": (("therapy",), "therapy_effects"),
    "benefit": (("therapy",), "therapy_effects"),
    "resistance": (("resistance", "translation"), "resistance_effects"),
    "models-resistance": (("resistance", "translation"), "resistance_effects"),
}
"""Pages that show fitted models: the models, of which one is enough, and the table that their evidence stands in."""
TABLES = {"resistant-disease": ("therapy_networks",), "claims": ("claims",)}
"""Pages that read tables themselves, of which one row is enough."""
SHOWN = ("title", "subtitle")
"""What an empty page keeps of its front matter."""


def empty_pages(project: Project) -> dict[str, str]:
    """Say of each page without evidence what it lacks.

    Parameters
    ----------
    project : Project
        A project whose evidence is sound.

    Returns
    -------
    dict
        A sentence by name of the page, without its suffix.
    """
    known = set(models_of(project))
    missing = {page: (table,) for page, (models, table) in MODELS.items() if not known & set(models)}
    missing |= {page: tables for page, tables in TABLES.items() if not any(_has_rows(project, each) for each in tables)}
    return {
        page: f"There is nothing to show here yet: `data/{tables[0]}.csv` has no row that this page could read."
        for page, tables in missing.items()
    }


def _has_rows(project: Project, table: str) -> bool:
    path = project.data / f"{table}.csv"
    return path.is_file() and bool(read_rows(path))


def emptied(source: Source, sentence: str) -> Source:
    """Give a page that says one sentence under its own title."""
    metadata = {name: source.metadata[name] for name in SHOWN if name in source.metadata}
    return Source(source.path, metadata, (Prose(f"\n{sentence}\n"),))


@contextmanager
def folder_with_empty_pages(site: Site, empty: Mapping[str, str]) -> Iterator[Path]:
    """Give the folder that Quarto renders: where pages have no evidence, a copy beside it in which they say so.

    Parameters
    ----------
    site : Site
        The project.
    empty : mapping
        Sentence by name of the page, without its suffix.
    """
    affected = [page for page in site.pages if page.stem in empty]
    if not affected:
        yield site.folder
        return
    copy = temporary_beside(site.folder, "new")
    try:
        shutil.copytree(site.folder, copy, ignore=shutil.ignore_patterns("_site*", "_pdf*", ".*", "*_files"))
        for page in affected:
            (copy / page.name).write_text(_written(emptied(read_source(page), empty[page.stem])), encoding="utf-8")
        yield copy
    finally:
        shutil.rmtree(copy, ignore_errors=True)


def _written(source: Source) -> str:
    prose = "".join(part.text for part in source.parts if isinstance(part, Prose))
    return f"---\n{yaml.safe_dump(source.metadata, allow_unicode=True)}---\n{prose}"
