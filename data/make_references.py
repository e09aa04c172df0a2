"""Rebuild references.bib from sources.csv: one BibTeX entry a source, in the order of the table.

Usage: ``uv run python data/make_references.py``. Nothing is invented: what a source does not tell is left out of its
entry.
"""

from __future__ import annotations

import re
from pathlib import Path

from resurge.evidence import read_rows

HERE = Path(__file__).parent
BIBLIOGRAPHY = HERE / "references.bib"

_OTHERS = re.compile(r",?\s*(?:\bet al\b\.?|\.\.\.).*$")
_UNKNOWN = re.compile(r",?\s*\b(?:first )?authors? not given\b.*", re.IGNORECASE)
_PERSON = re.compile(r"(?P<family>[^\W\d_][^\d_,;/]*?) (?P<initials>[A-Z]{1,4})")
_FAMILY = re.compile(r"[^\W\d_][^\d_,;/]*")
_PLACE = re.compile(r"(?P<journal>[^;]+?) (?P<volume>\d+)(?:\((?P<number>[^()]+)\))?:(?P<pages>[A-Za-z]?\w+(?:-\w+)*)")
_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{mark: f"\\{mark}" for mark in "&%$#_"},
}


def escape(text: str) -> str:
    """Write text so that BibTeX and LaTeX read it as it stands."""
    return "".join(_SPECIAL.get(character, character) for character in text)


def family_name(name: str) -> str:
    """Write a family name; braces keep a particle such as "van" in it, which a style would drop."""
    return f"{{{escape(name)}}}" if name[0].islower() else escape(name)


def authors(text: str) -> str:
    """Write the authors of a source as BibTeX names.

    ``Pan H, Gray R, et al. (EBCTCG)`` becomes ``Pan, H. and Gray, R. and others``. The name of a group is kept whole in
    braces. ``""`` where nobody is named, or only a description stands, which begins in lower case.
    """
    named = _UNKNOWN.sub("", re.sub(r"\s*\([^()]*\)\s*$", "", text)).strip()
    if not named:
        return ""
    listed = _OTHERS.sub("", named)
    more = listed != named
    people = [_PERSON.fullmatch(name) for name in listed.split(", ")]
    if all(people):
        names = [f"{family_name(person['family'])}, {'. '.join(person['initials'])}." for person in people if person]
    elif more and "/" not in named and _FAMILY.fullmatch(listed):
        names = [family_name(listed)]
    else:
        return "" if named.split()[0].islower() else f"{{{escape(named)}}}"
    return " and ".join([*names, "others"] if more else names)


def publication(journal: str, year: str) -> dict[str, str]:
    """Split ``Lancet 378:771-784`` into journal, volume and pages; keep anything else whole."""
    place = _PLACE.fullmatch(journal)
    if place is None:
        return {"journal": escape(journal.removesuffix(f" {year}"))} if journal else {}
    parts = {name: escape(value) for name, value in place.groupdict().items() if value}
    return {**parts, "pages": parts["pages"].replace("-", "--")}


def entry(source: dict[str, str]) -> str:
    """Write one source as a BibTeX entry; the title keeps its capitals."""
    fields = {
        "author": authors(source["authors"]),
        "title": f"{{{escape(source['title'])}}}",
        **publication(source["journal"], source["year"]),
        "year": source["year"],
        "doi": source["doi"],
        "pmid": source["pmid"],
    }
    kind = "article" if source["journal"] else "misc"
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@{kind}{{{source['source_id']},", *lines, "}"])


def build(folder: Path = HERE) -> str:
    """Write the bibliography of all sources of a folder."""
    entries = [entry(source) for source in read_rows(folder / "sources.csv")]
    return "% Made from sources.csv by make_references.py; do not edit.\n\n" + "\n\n".join(entries) + "\n"


if __name__ == "__main__":
    draft = BIBLIOGRAPHY.with_suffix(".bib.new")
    draft.write_text(build(), encoding="utf-8", newline="\n")
    draft.replace(BIBLIOGRAPHY)
    print(f"wrote {BIBLIOGRAPHY.name}")
