"""Do the pages of models show each fit as far as it is sound, and the equations that the models state?"""

from __future__ import annotations

import re
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest
from matplotlib.figure import Figure

import fit_stand_in
from evidence_folder import set_cells
from glossaries import glossary_of
from resurge.evidence import load_evidence
from resurge.inference.freshness import WATCHED
from resurge.reporting import check_tables, gated
from resurge.reporting.fit_checks import PARAMETERS
from resurge.reporting.fit_view import CODE, NO_EVIDENCE, FitViews
from stored_project import store_prior_as_posterior

REPORTS = Path(__file__).parents[1] / "reports"
PAGES = {"models-course.qmd": ("metastasis", "dormancy"), "models-resistance.qmd": ("resistance", "translation")}
NOT_SYMBOLS = {
    "metastasis": set(),
    "dormancy": {"cured", "baseline"},
    "resistance": {"chosen", "se"},
    "translation": {"original", "picked", "replication", "se", "se'"},
}
"""Names in equations that stand for data, or are explained in the docstring's equations."""


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    project = store_prior_as_posterior(tmp_path_factory.mktemp("sound"))
    return FitViews(load_evidence(project.data))


# What is shown


@pytest.mark.parametrize("model", CODE)
def test_a_sound_fit_shows_everything(sound, model):
    view = getattr(sound, model)
    assert view.status.data == ""
    for name in ("parameters_figure", "replicates_figure"):
        figure = getattr(view, name)
        assert isinstance(figure, Figure)
        assert not any("Not shown" in text.get_text() for ax in figure.axes for text in ax.texts)
    for name in ("priors_table", "diagnostics_table", "coverage_table"):
        assert "Not shown" not in getattr(view, name).html
    assert "lie inside the interval" in view.coverage
    assert "build_model" in view.code.data


@pytest.mark.parametrize("model", CODE)
def test_prior_draws_as_posterior_have_the_intervals_of_the_prior(sound, model):
    rows = getattr(sound, model).answers.parameters
    assert set(rows["panel"]) == set(PARAMETERS[model])
    for name in ("median", "lower", "upper"):
        assert rows[name].to_numpy() == pytest.approx(rows[f"prior_{name}"].to_numpy())
    assert not rows.duplicated(["panel", "parameter"]).any()


def test_a_fit_that_failed_shows_its_diagnostics_and_no_other_number(tmp_path):
    project = store_prior_as_posterior(tmp_path, passed=False)
    views = FitViews(load_evidence(project.data))
    for model in CODE:
        view = getattr(views, model)
        assert "failed its checks" in view.status.data
        assert "R-hat" in view.diagnostics_table.html
        assert view.answers is None
        assert gated.WITHHELD in view.coverage_table.html and gated.WITHHELD in view.outside_table.html
        assert view.coverage == f"({gated.WITHHELD[:1].lower()}{gated.WITHHELD[1:]})"
        assert "Normal" in view.priors_table.html


def test_a_fit_on_other_evidence_says_so_and_is_not_set_beside_it(tmp_path):
    project = store_prior_as_posterior(tmp_path)
    set_cells(project.data, "recurrence_rates.csv", "r0002", estimate="0.21")
    view = FitViews(load_evidence(project.data)).dormancy
    assert "out of date" in view.status.data and "r0002" in view.status.data
    assert view.answers.fitted is None and len(view.answers.parameters) > 0
    assert gated.OUT_OF_DATE in view.coverage_table.html


def test_without_a_fit_one_sentence_says_how_to_get_it(tmp_path):
    project = store_prior_as_posterior(tmp_path)
    (project.posteriors / "metastasis.json").unlink()
    view = FitViews(load_evidence(project.data)).metastasis
    assert "resurge fit" in view.status.data
    assert "Not shown" in view.diagnostics_table.html
    assert view.sampled.startswith("(") and view.coverage.startswith("(")


def test_a_project_without_the_evidence_says_so(sound):
    view = FitViews(replace(sound.evidence, replication_pairs=None)).translation
    assert view.why == NO_EVIDENCE
    assert NO_EVIDENCE in view.coverage_table.html


# What is counted


def test_numbers_inside_are_counted_by_kind_and_those_outside_are_listed():
    rows = fit_stand_in.replicates()
    html = re.sub(r"<[^>]*>", " ", check_tables.coverage_table(rows).html)
    assert re.search(r"First kind\s+2 of 2\s+1 of 2", html)
    assert re.search(r"Second kind\s+0 of 1\s+0 of 1", html)
    outside = check_tables.outside_table(rows).html
    assert "BETA 1" in outside and "GAMMA" in outside and "ALPHA" not in outside
    assert check_tables.NONE_OUTSIDE in check_tables.outside_table(rows[:1]).html


# What is written


def symbols_of(page: str, model: str) -> set[str]:
    """Give the named symbols of the equations in a model's section of a page."""
    section = (REPORTS / page).read_text(encoding="utf-8").split(f"{{#sec-{model}}}")[1].split("\n## ")[0]
    equations = re.search(r"\$\$(.*?)\$\$", section, flags=re.S)[1]
    named = {name.replace(r"\_", "_") for name in re.findall(r"\\mathrm\{([^}]*)\}", equations)}
    greek = re.findall(r"\\(mu|kappa|delta|tau|sigma|phi|theta|omega|eta)(?![a-z])", equations)
    return named | set(greek)


@pytest.mark.parametrize(("page", "model"), [(page, model) for page, models in PAGES.items() for model in models])
def test_the_equations_of_a_page_have_the_symbols_of_the_model(page, model):
    glossary = glossary_of(import_module(f"resurge.synthesis.{model}"), ())
    symbols = symbols_of(page, model)
    assert len(symbols) > 5
    assert symbols - NOT_SYMBOLS[model] <= set(glossary)


@pytest.mark.parametrize("model", CODE)
def test_every_prior_of_a_model_is_printed_with_its_reason(sound, model):
    html = getattr(sound, model).priors_table.html
    for name, _, reason in WATCHED[model].priors.table():
        assert name in html
        assert reason[:15] in html.replace("&#x27;", "'")
