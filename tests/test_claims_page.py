"""Does the page about claims show what was judged, with its definitions, and nothing where there is nothing to say?"""

import re
from pathlib import Path

import pytest
from IPython.display import Markdown
from matplotlib.figure import Figure

import claim_stand_in
from claim_stand_in import claim, constant_hazards, sources_of
from evidence_folder import DATA
from resurge.evidence.csv_files import read_rows
from resurge.findings.claims import answer_of, scale
from resurge.reporting import claim_figures, claim_tables
from resurge.reporting.claims_view import LEVEL, ClaimsView, DocumentView, load_claims
from resurge.reporting.tables import Table
from stored_project import store_prior_as_posterior

PAGE = (Path(__file__).parents[1] / "reports" / "claims.qmd").read_text(encoding="utf-8")
CLAIMS = read_rows(DATA / "claims.csv")
HOSTILE = '<script>alert("x")</script> $a$ *b* | c'
CONSTANTS = {("claims", name) for name in ("interval", "scale", "least")}
"""What the page names that is no result."""
ROOMS = {"bone", "dormancy", "btk", "persisters"}


@pytest.fixture(scope="module")
def view():
    return claim_stand_in.view()


def words_of(html):
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


def named():
    """What the page names, by the view or the document that shows it."""
    return set(re.findall(r"\b(claims|bone|dormancy|btk|persisters)\.([a-z_]+)", PAGE)) - {("claims", "qmd")}


def shown_of(view, room, name):
    return getattr(view if room == "claims" else getattr(view, room), name)


def test_everything_that_the_page_names_can_be_shown(view):
    pairs = named()
    assert {room for room, _ in pairs} == {"claims", *ROOMS}
    for room, name in pairs - {("claims", room) for room in ROOMS}:
        shown = shown_of(view, room, name)
        assert isinstance(shown, str | Markdown | Table | Figure), (room, name)
        if isinstance(shown, str):
            assert shown
            assert not shown.startswith("("), (room, name, shown)
            assert "nan" not in shown.split()


def test_evidence_without_claims_shows_why_everywhere():
    empty = ClaimsView(None, "the evidence has no claims")
    for room, name in named() - {("claims", room) for room in ROOMS} - CONSTANTS:
        shown = shown_of(empty, room, name)
        if isinstance(shown, Figure):
            assert any("no claims" in text.get_text() for ax in shown.axes for text in ax.texts), name
        else:
            said = shown if isinstance(shown, str) else shown.data if isinstance(shown, Markdown) else shown.html
            assert "no claims" in said, (room, name)


def test_the_quoted_range_stands_with_its_years(view):
    table = words_of(view.dormancy.verdicts_table.html)
    assert "years 5 to 20 among women free of recurrence at year 5" in table
    assert "T1N0, from diagnosis to year 20" in table
    assert view.quoted == "13 to 41 percent"
    assert "from diagnosis to year 20" in view.quoted_range
    assert "free of recurrence at year five" in " ".join(PAGE.split())


def test_proxies_are_called_proxies(view):
    by_claim = {each["claim_id"]: each for each in view.answers["claims"]}
    for document in (view.bone, view.dormancy, view.persisters):
        for row in re.findall(r"<tr>.*?</tr>", document.verdicts_table.html, re.DOTALL):
            key = re.search(r"<strong>(C\d{3})</strong>", row)
            if key:
                assert ("Tested by proxy" in row) == (by_claim[key[1]]["test"] == "proxy"), key[1]


def test_counts_add_up(view):
    last = words_of(view.counts_table.html.split("All documents")[1])
    *parts, total = map(int, last.split()[:7])
    assert sum(parts) == total == len(view.answers["claims"]) == len(CLAIMS)
    assert f"{total} statements of 4 documents" in view.size


def test_every_statement_of_a_document_is_in_one_of_its_tables(view):
    found = []
    for room in ROOMS:
        document = getattr(view, room)
        html = document.verdicts_table.html + document.reasons_table.html
        found += re.findall(r"\bC\d{3}\b", re.sub(r"<em>Mind:.*?<br>", "", html))
    assert sorted(found) == sorted(row["claim_id"] for row in CLAIMS)


def hostile_answer():
    hazards = constant_hazards(*([[0.03] * 50] * 2))
    judged = claim("share_after_5_er_positive", ">=", "0.5", "", "proportion", claim=HOSTILE, caution=HOSTILE)
    judged |= {"estimand": HOSTILE, "source_id": "zhang2023"}
    unjudged = claim("", "", "", "", "", claim=HOSTILE, testable="no", how_to_test=HOSTILE, source_id="zhang2023")
    return answer_of([judged, unjudged | {"test_kind": ""}], sources_of({"recurrence": hazards}), LEVEL)


def test_text_of_documents_is_escaped_everywhere():
    answer = hostile_answer()
    answer["documents"][0] |= {"title": HOSTILE, "authors": "", "year": ""}
    document = DocumentView(answer, "zhang2023")
    for table in (document.verdicts_table, document.reasons_table, claim_tables.counts_table(answer)):
        assert "<script>" not in table.html
        assert "&lt;script&gt;" in table.html
    figure = claim_figures.probability_chart(answer["claims"][:1], scale())
    assert not any(label.get_parse_math() for label in figure.axes[0].get_yticklabels())


def test_the_figure_puts_each_claim_at_its_probability(view):
    judged = [each for each in view.answers["claims"] if each["verdict"] != "not testable"]
    (ax,) = view.probability_figure.axes
    points = {round(float(line.get_ydata()[0])): line for line in ax.get_lines()}
    assert len(points) == len(judged)
    for place, each in enumerate(judged):
        line = points[len(judged) - 1 - place]
        assert float(line.get_xdata()[0]) == each["probability"]
        assert (line.get_markerfacecolor() == "white") == (each["test"] == "proxy")


def test_a_failed_gate_leaves_no_number_of_its_model_on_the_page(tmp_path):
    view = load_claims(store_prior_as_posterior(tmp_path, passed=False))
    document = DocumentView(view.answers, "alpha2001")
    assert "no statement of this document has a verdict" in document.verdicts_table.html
    assert "failed its gate" in document.reasons_table.html
    assert "probability" not in document.verdicts_table.html


def test_a_project_without_claims_has_a_page_that_says_so(tmp_path):
    project = store_prior_as_posterior(tmp_path)
    (project.data / "claims.csv").unlink()
    view = load_claims(project)
    assert view.answers is None
    assert "no claims" in view.size
