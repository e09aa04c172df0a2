"""Pages of a new project: those of this one, without what speaks of its own sources."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from resurge.evidence.shipped import TEMPLATES, shipped, template

PROJECT_FILE = "_quarto.yml"
OWN = ("claims.qmd",)
"""Pages about documents of this project alone."""
_CITATION = re.compile(r"(?<![\w.`])@(?!(?:fig|tbl|sec|eq)-)[a-z]\w+")
_INCLUDED = re.compile(r"^\{\{<\s*include\s+(\S+)\s*>\}\}", re.MULTILINE)


def new_pages(title: str) -> Iterator[tuple[str, str]]:
    """Give name and text of every file of the reports folder.

    Parameters
    ----------
    title : str
        Title of the website.
    """
    config = yaml.safe_load(shipped(f"reports/{PROJECT_FILE}").read_text(encoding="utf-8"))
    config["project"]["render"] = [name for name in config["project"]["render"] if name not in OWN]
    config["website"]["title"] = title
    bar = config["website"]["navbar"]
    bar["left"] = without_own(bar["left"])
    yield PROJECT_FILE, yaml.safe_dump(config, sort_keys=False, allow_unicode=True)
    style = config["format"]["html"]["css"]
    yield style, shipped(f"reports/{style}").read_text(encoding="utf-8")
    pages = {name: page(name) for name in config["project"]["render"]}
    parts = {part for text in pages.values() for part in _INCLUDED.findall(text)}
    yield from pages.items()
    yield from ((part, page(part)) for part in sorted(parts))


def without_own(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out of a bar of navigation, and of the menus in it, the pages that a new project has not."""
    kept = [entry for entry in entries if entry.get("href") not in OWN]
    return [entry | {"menu": without_own(entry["menu"])} if "menu" in entry else entry for entry in kept]


def page(name: str) -> str:
    """Give a page for a new project: its template where there is one, else the page of this project, uncited."""
    if (TEMPLATES / name).is_file():
        return template(name)
    return without_citations(shipped(f"reports/{name}").read_text(encoding="utf-8"))


def without_citations(text: str) -> str:
    """Leave out sections that cite a source, and before the first section the paragraphs that do.

    Parameters
    ----------
    text : str
        A Quarto page.
    """
    preamble, *sections = re.split(r"^(?=## )", text, flags=re.MULTILINE)
    paragraphs = re.split(r"(?<=\n)\n+", preamble)
    kept = "\n".join(each for each in paragraphs if not _CITATION.search(each))
    return "".join([kept, *(each for each in sections if not _CITATION.search(each))])
