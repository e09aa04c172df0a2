"""Do the report pages say what the results say, all of it, and no number of their own?"""

import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml

import report_stand_in
from resurge.reporting.group_view import GroupView
from resurge.reporting.model_view import Checks, ModelView
from resurge.reporting.render import render_reports
from resurge.reporting.results import Results
from resurge.reporting.source import Cell, Prose, read_source

REPORTS = Path(__file__).parents[1] / "reports"
PAGES = sorted(REPORTS.glob("*.qmd"))
LINES_IN_A_CELL = 8


def words_of(html):
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The pages rendered over results that are known."""
    project = tmp_path_factory.mktemp("project")
    folder = Path(
        shutil.copytree(REPORTS, project / "reports", ignore=shutil.ignore_patterns("_site", ".quarto", "*_files"))
    )
    (project / "data").mkdir()
    shutil.copy(report_stand_in.DATA / "references.bib", project / "data")
    for page in folder.glob("*.qmd"):
        text = page.read_text(encoding="utf-8")
        page.write_text(
            text.replace("from resurge.reporting import pages", "import report_stand_in as pages"), encoding="utf-8"
        )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(Path(__file__).parent))
        render_reports(folder, renderer="pandoc")
    return {path.stem: path.read_text(encoding="utf-8") for path in (folder / "_site").glob("*.html")}


def test_every_page_is_there(site):
    assert set(site) == {page.stem for page in PAGES if not page.name.startswith("_")}
    assert {"index", "risk-windows", "therapy-effects", "resistant-disease", "evidence", "appendix"} <= set(site)


def test_headlines_are_the_numbers_of_the_results(site):
    words = words_of(site["index"])
    for phrase in (
        "highest 1.7 years (95% interval 1.4 to 2.1)",
        "overtakes the ER-negative one at 5.1 years (95% interval 4.2 to 6.2)",
        "60% (95% interval 49 to 73) come after year five in ER-positive disease",
        "not a medical device",
    ):
        assert phrase.lower() in words.lower().replace(" .", ".")


def test_figures_have_words_for_those_who_cannot_see_them(site):
    images = [image for html in site.values() for image in re.findall(r"<img[^>]*>", html)]
    assert len(images) == sum(page.read_text(encoding="utf-8").count("#| fig-alt:") for page in PAGES)
    assert all(len(re.search(r'alt="([^"]*)"', image)[1]) > 40 for image in images)


def test_model_is_printed_from_its_source(site):
    assert "one hazard for patients and for published windows" in words_of(site["appendix"])
    assert "pm.Poisson" in re.sub(r"<[^>]*>", "", site["appendix"])


def test_evidence_left_out_is_listed_with_its_reason(site):
    words = words_of(site["evidence"])
    assert "the same patients are counted in another row" in words
    assert "kept to test the predictions" in words
    assert "Foekens" in words_of(site["evidence"].split('id="refs"')[1])


def test_nothing_is_fetched_from_elsewhere(site):
    for html in site.values():
        assert not re.findall(r'<(?:link|script|img|iframe)[^>]*(?:src|href)="(?:https?:)?//', html)


def test_results_of_a_failed_fit_are_withheld():
    views = [Results(None), GroupView(None, None)]
    model = ModelView({"R-hat": {"value": 1.25, "limit": 1.01, "passed": False, "worst": "beta"}}, Checks())
    shown = [
        getattr(view, name)
        for view in views
        for name in dir(view.__class__)
        if isinstance(getattr(view.__class__, name), property) and name[0] != "_"
    ]
    phrases = [value for value in shown if isinstance(value, str)]
    assert set(phrases) == {"(not shown: the fit failed its checks)"}
    assert len(phrases) == len([value for value in shown if not hasattr(value, "axes") and not hasattr(value, "html")])
    assert "Not shown: the fit failed its checks" in views[1].residual_table.html
    assert "1.25" in model.diagnostics_table.html


def test_a_crossing_that_is_doubtful_is_told_as_doubtful():
    answers = report_stand_in.answers()
    draws = answers.crossover_draws
    doubtful = Results(replace(answers, crossover_draws=draws.where(np.arange(draws.size) % 2 == 0)))
    assert doubtful.crossing.startswith("Whether the ER-positive hazard overtakes")
    assert "about as likely as not (50.0%)" in doubtful.crossing
    assert "almost certain (above 99.9%)" in Results(answers).crossing


def test_evidence_of_another_fit_is_not_set_beside_the_curves():
    groups = GroupView(report_stand_in.answers(), replace(report_stand_in.groups(), observed=None))
    assert groups.hazard_figure.axes[0].texts[0].get_text().startswith("Not shown: the evidence")
    assert "evidence" in groups.series_levels


def test_stand_in_has_every_name_that_the_pages_use():
    report = report_stand_in.load("")
    names = {
        tuple(name.split("."))
        for page in PAGES
        for name in re.findall(
            r"\b((?:results|groups|evidence|model|therapy|therapy_fit|therapy_model|benefit|changes|influence)\.(?!qmd)"
            r"[a-z0-9_]+)",
            page.read_text(encoding="utf-8"),
        )
    }
    assert len(names) > 30
    for room, name in names:
        assert getattr(getattr(report, room), name) is not None


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pages_hold_no_typed_numbers_and_no_logic(page):
    source = read_source(page)
    cells = [part for part in source.parts if isinstance(part, Cell)]
    captions = [str(cell.options.get(key, "")) for cell in cells for key in ("fig-cap", "tbl-cap", "fig-alt")]
    prose = [part.with_values([""] * len(part.expressions)) for part in source.parts if isinstance(part, Prose)]
    typed = re.findall(r"\d+\.\d+|\d+\s*%|\b\d{2,}\b", " ".join([*prose, *captions]))
    assert typed == []
    assert all(len(cell.code.splitlines()) < LINES_IN_A_CELL for cell in cells)
    assert not re.search(r"^\s*(if|for|while|def|with)\b", "\n".join(cell.code for cell in cells), re.MULTILINE)


def test_project_file_lists_every_page():
    config = yaml.safe_load((REPORTS / "_quarto.yml").read_text(encoding="utf-8"))
    listed = [page.name for page in PAGES if not page.name.startswith("_")]
    assert sorted(config["project"]["render"]) == listed
    assert config["execute"]["freeze"] is False
    assert config["format"]["html"]["html-math-method"] == "mathml"
