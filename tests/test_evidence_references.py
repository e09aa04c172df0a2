"""Is the bibliography that of the sources, and can a citation processor read it?"""

from __future__ import annotations

import importlib.util
import json
import re

import pypandoc
import pytest

from evidence_folder import DATA
from resurge.evidence import read_rows

_spec = importlib.util.spec_from_file_location("make_references", DATA / "make_references.py")
make_references = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(make_references)


def test_the_committed_bibliography_is_that_of_the_sources():
    committed = (DATA / "references.bib").read_text(encoding="utf-8")
    assert committed == make_references.build(), "run data/make_references.py"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("Pan H, Gray R, et al. (EBCTCG)", "Pan, H. and Gray, R. and others"),
        ("Guo Y, Shen L", "Guo, Y. and Shen, L."),
        (
            "Errington TM, Mathur M, Soderberg CK et al.",
            "Errington, T. M. and Mathur, M. and Soderberg, C. K. and others",
        ),
        ("DeMichele A, Clark AS, ..., Chodosh LA", "DeMichele, A. and Clark, A. S. and others"),
        ("van Maaren MC, de Munck L, et al.", "{van Maaren}, M. C. and {de Munck}, L. and others"),
        ("de Azambuja et al", "{de Azambuja} and others"),
        ("O'Day SJ et al. (SYMMETRY)", "O'Day, S. J. and others"),
        ("Demicheli et al. (authors not given)", "Demicheli and others"),
        ("Breast Trialists' Group (Davies C et al.)", "{Breast Trialists' Group}"),
        ("Z-FAST and E-ZO-FAST", "{Z-FAST and E-ZO-FAST}"),
        ("Jones et al / Howell et al", "{Jones et al / Howell et al}"),
        ("STO-3 investigators (first author not given)", "{STO-3 investigators}"),
        ("(authors not given; PMC123)", ""),
        ("first author not given (Fudan)", ""),
        ("review table of endocrine trials", ""),
        ("", ""),
    ],
)
def test_authors_are_written_as_names(given, expected):
    assert make_references.authors(given) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("Lancet 378:771-784", {"journal": "Lancet", "volume": "378", "pages": "771--784"}),
        ("eLife 10:e71601", {"journal": "eLife", "volume": "10", "pages": "e71601"}),
        (
            "Cancer Res 81(4 suppl):PS6-63",
            {"journal": "Cancer Res", "volume": "81", "number": "4 suppl", "pages": "PS6--63"},
        ),
        ("Nature 2024", {"journal": "Nature"}),
        ("J Clin Oncol", {"journal": "J Clin Oncol"}),
        ("", {}),
    ],
)
def test_a_journal_is_split_where_it_can_be(given, expected):
    assert make_references.publication(given, "2024") == expected


def test_special_characters_survive_a_citation_processor():
    title = r"50% of {HER2} & ER_alpha: cost $5 #1 ~ ^ \ <b>"
    source = {"source_id": "x2001", "authors": "A & B Group 2", "year": "2001", "title": title, "journal": ""}
    text = make_references.entry({**source, "doi": "10.1000/a_b%c", "pmid": ""})
    (item,) = json.loads(pypandoc.convert_text(text, "csljson", format="bibtex"))
    assert item["title"] == title
    assert item["author"] == [{"literal": "A & B Group 2"}]
    assert item["DOI"] == "10.1000/a_b%c"


def test_every_source_is_read_by_a_citation_processor():
    sources = read_rows(DATA / "sources.csv")
    items = json.loads(pypandoc.convert_file(str(DATA / "references.bib"), "csljson", format="biblatex"))
    read = {item["id"]: item for item in items}
    assert set(read) == {source["source_id"] for source in sources}
    for source in sources:
        item = read[source["source_id"]]
        assert re.sub(r"\W", "", item["title"]) == re.sub(r"\W", "", source["title"])
        assert item.get("DOI", "") == source["doi"]
        if source["year"]:
            assert item["issued"]["date-parts"][0] == [int(source["year"])]
