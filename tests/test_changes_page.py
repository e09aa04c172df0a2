"""Does the page on change tell what came, what went and what moved by how much, and evidence as plain text?"""

import json
import math
import re
import shutil
from pathlib import Path

import pytest
import yaml

import history_stand_in
from history_stand_in import HOSTILE, LATE, write_history
from resurge.inference.history import history_folder
from resurge.reporting.changes_view import FIRST, LISTED, NO_ROWS, NONE, ChangesView, ModelChange
from resurge.reporting.render import render_reports
from resurge.reporting.source_names import author_year
from stored_project import store_prior_as_posterior

PAGE = Path(__file__).parents[1] / "reports" / "changes.qmd"


@pytest.fixture
def project(tmp_path):
    return store_prior_as_posterior(tmp_path, n=5)


@pytest.fixture
def change(project):
    write_history(project)
    return ChangesView(project).timing


def cells(table):
    """Text of the cells of each row of a table."""
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", table.html.split("<tbody")[1], re.DOTALL)
    return [
        [
            " ".join(re.sub(r"<[^>]*>", " ", cell).split())
            for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S)
        ]
        for row in rows
    ]


def test_rows_in_and_out_and_the_largest_move_are_told(change):
    assert change.told == (
        "recurrence-1 (fitted on 2026-01-02) and recurrence-2 (reweighted on 2026-02-03); rows 1 added, 1 dropped and "
        f"1 changed; the answer that moved most is “{LATE['positive']}”, by +0.50 SD"
    )


def test_answers_stand_in_the_order_of_their_moves_with_their_units(change):
    rows = cells(change.answers_table)
    assert [row[0] for row in rows[:2]] == [LATE["positive"], history_stand_in.SHARE]
    assert rows[0][1:4] == ["2.00% (1.64–2.43)", "2.10% (1.73–2.56)", "+0.50 SD"]
    assert rows[1][1:4] == ["20.0% (16.1–23.9)", "19.5% (15.6–23.4)", "−0.25 SD"]
    assert rows[1][4] == "–"


def test_the_rows_behind_a_move_are_the_three_largest_and_the_uncertain_is_marked(change):
    behind = cells(change.answers_table)[0][4]
    assert [re.findall(r"[+−]0\.\d+", behind)] == [["+0.45", "−0.20", "+0.10"]]
    assert "r3 −0.20 SD (uncertain)" in behind
    assert behind.count("uncertain") == 1
    assert "r9" not in behind


def test_values_are_told_from_and_to(change):
    changed = next(row for row in cells(change.changes_table) if row[2] == "changed")
    assert changed[:4] == ["recurrence_rates", "r3", "changed", "value"]
    assert changed[4].startswith("0.4 → ")


def test_text_of_the_evidence_is_shown_as_text(change):
    for table in (change.answers_table, change.changes_table):
        assert "&lt;script&gt;" in table.html
        assert "<script" not in table.html
        assert "\u202e" not in table.html
        assert HOSTILE not in table.html


def test_an_answer_that_did_not_vary_is_listed_and_not_drawn(change):
    assert history_stand_in.FIXED in change.answers_table.html
    names = [label.get_text().replace("\n", " ") for label in change.answers_figure.axes[0].get_yticklabels()]
    assert names == [LATE["positive"], history_stand_in.SHARE, LATE["negative"]]


def test_the_figure_lays_answers_out_in_standard_deviations_before(change):
    dots = [line for line in change.answers_figure.axes[0].lines if line.get_marker() == "o"]
    assert [round(float(dot.get_xdata()[0]), 6) for dot in dots] == [0, 0.5, 0, -0.25, 0, 0]


def test_a_long_list_of_changes_ends_in_its_count(project):
    compared = history_stand_in.comparison()
    one = next(each for each in compared["changes"] if each["kind"] == "added")
    change = ModelChange({**compared, "changes": [one] * (LISTED + 3)})
    rows = cells(change.changes_table)
    assert len(rows) == LISTED + 1
    assert rows[-1][0] == "and 3 more"


def test_the_history_lists_every_posterior(project):
    write_history(project)
    rows = cells(ChangesView(project).history_table)
    assert rows == [
        ["When recurrence comes"],
        ["recurrence-1", "2026-01-02", "fitted", "3"],
        ["recurrence-2", "2026-02-03", "reweighted", "3"],
    ]


def test_without_a_second_posterior_one_sentence_says_so(project):
    view = ChangesView(project)
    assert "nothing to set side by side" in view.status.data
    assert view.timing.told == f"({NONE[:1].lower()}{NONE[1:]})"
    assert NONE in view.timing.answers_table.html
    write_history(project)
    (history_folder(project) / "recurrence-2.json").unlink()
    assert ChangesView(project).timing.told == f"({FIRST[:1].lower()}{FIRST[1:]})"


def test_a_model_without_rows_says_so(project):
    (project.data / "metastasis_sites.csv").unlink()
    assert ChangesView(project).sites.told == f"({NO_ROWS[:1].lower()}{NO_ROWS[1:]})"


@pytest.mark.parametrize("text", ["{", "[]", json.dumps({"layout": 1})])
def test_an_entry_that_cannot_be_read_is_told_and_the_rest_is_shown(project, text):
    write_history(project)
    write_history(project, "dormancy")
    (history_folder(project) / "recurrence-1.json").write_text(text, encoding="utf-8")
    view = ChangesView(project)
    assert "recurrence-1.json: not an entry" in view.timing.told
    assert "+0.50 SD" in view.sleep.told
    assert view.status.data == ""


def test_rendered_pages_do_not_tell_where_the_project_lies(project):
    """Whatever cannot be read: text that is none, a folder in the place of a file, other content, lost draws."""
    for model, content in {"recurrence": "{", "therapy": None, "dormancy": '{"layout": 1}'}.items():
        write_history(project, model)
        path = history_folder(project) / f"{model}-1.json"
        path.unlink()
        path.mkdir() if content is None else path.write_text(content)
    next(project.posteriors.glob("therapy-*.nc")).unlink()
    next(project.posteriors.glob("dormancy-*.nc")).write_bytes(b"no draws")
    reports = project.folder / "reports"
    reports.mkdir()
    for name in ("changes.qmd", "influence.qmd", "styles.css", "_quarto.yml"):
        shutil.copy(PAGE.parent / name, reports)
    settings = yaml.safe_load((reports / "_quarto.yml").read_text(encoding="utf-8"))
    settings["project"]["render"] = ["changes.qmd", "influence.qmd"]
    (reports / "_quarto.yml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    (project.data / "references.bib").touch()
    render_reports(reports, renderer="pandoc")
    pages = {path.name: path.read_text(encoding="utf-8") for path in (reports / "_site").glob("*.html")}
    for model in ("recurrence", "therapy", "dormancy"):
        assert f"(analyses/posteriors/history/{model}-1.json: not an entry" in " ".join(pages["changes.html"].split())
    assert "is damaged" in pages["influence.html"] and "is missing" in pages["influence.html"]
    for name, html in pages.items():
        assert str(project.folder) not in html, name


def test_everything_that_the_page_names_is_shown(project):
    names = re.findall(r"changes\.([a-z_]+)(?:\.([a-z_]+))?", PAGE.read_text(encoding="utf-8"))
    assert len(names) > 15
    view = history_stand_in.changes(project)
    for first, second in names:
        shown = getattr(view, first)
        assert "ot shown" not in str(getattr(shown, second) if second else shown)


def test_noise_is_that_of_the_difference_of_two_means():
    assert math.isclose(float(ChangesView(None).noise.removesuffix(" SD")), math.sqrt(2 / 400), abs_tol=0.005)


@pytest.mark.parametrize(
    ("authors", "year", "name"),
    [
        ("Foekens JA, Peters HA, Look MP", 2000.0, "Foekens et al. 2000"),
        ("von Minckwitz G et al.", 2019.0, "von Minckwitz et al. 2019"),
        ("Anaya J", float("nan"), "Anaya"),
        ("Early Breast Cancer Trialists' Collaborative Group", 2011.0, "EBCTCG 2011"),
        ("book chapter, authors not given", 2011.0, ""),
        (float("nan"), 2011.0, ""),
    ],
)
def test_sources_are_called_by_first_author_and_year(authors, year, name):
    assert author_year(authors, year) == name
