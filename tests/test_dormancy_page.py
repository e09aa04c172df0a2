"""Does the page about dormancy show what the model says, and nothing where there is nothing to say?"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from numpy.testing import assert_allclose

import dormancy_stand_in
from resurge.inference.curve_comparison import MISSING
from resurge.inference.records import load_record
from resurge.reporting import dormancy_figures
from resurge.reporting.dormancy_view import load_dormancy
from resurge.reporting.tables import Table
from stored_project import store_prior_as_posterior
from test_curve_comparison import store_comparison

PAGE = Path(__file__).parents[1] / "reports" / "dormancy.qmd"
NAMES = sorted(set(re.findall(r"\bdormancy\.(?!qmd)([a-z_]+)", PAGE.read_text(encoding="utf-8"))))
ALWAYS = {"status", "text", "priors_table", "diagnostics_table"}
"""What is shown whatever the verdict."""


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return store_prior_as_posterior(tmp_path_factory.mktemp("project"))


def view_of(project):
    return load_dormancy(project, load_record(project.folder, "recurrence"))


def told(shown):
    """Words of what is shown: of a figure, those written into its frames."""
    if isinstance(shown, Figure):
        return " ".join(text.get_text() for ax in shown.axes for text in ax.texts)
    return shown.html if isinstance(shown, Table) else str(getattr(shown, "data", shown))


def test_everything_that_the_page_names_is_shown(project):
    view = view_of(store_comparison(project))
    assert len(NAMES) > 15
    for name in NAMES:
        assert "ot shown" not in told(getattr(view, name)), name
        assert "nan" not in told(getattr(view, name)).lower().split(), name


def test_without_a_comparison_the_rest_is_shown(tmp_path):
    view = view_of(store_prior_as_posterior(tmp_path))
    assert view.comparison == f"{MISSING}."
    assert MISSING in view.comparison_table.html
    assert MISSING in told(view.scores_figure)
    assert MISSING in told(view.definition_figure)
    assert "ot shown" not in view.learned_table.html


def test_a_fit_that_failed_shows_no_number(tmp_path):
    view = view_of(store_prior_as_posterior(tmp_path, passed=False))
    assert "failed its checks" in view.status.data
    for name in set(NAMES) - ALWAYS:
        assert "ot shown" in told(getattr(view, name)).replace("not shown", "Not shown"), name
    assert "1.5" in view.diagnostics_table.html


def test_a_project_without_a_fit_says_how_to_get_one(tmp_path):
    project = store_prior_as_posterior(tmp_path)
    (project.posteriors / "dormancy.json").unlink()
    view = view_of(project)
    assert "resurge fit dormancy" in view.status.data
    assert "resurge fit dormancy" in view.half_life_positive


def test_stale_results_say_so(tmp_path):
    project = store_prior_as_posterior(tmp_path)
    rates = project.data / "recurrence_rates.csv"
    rates.write_text(rates.read_text(encoding="utf-8").replace(",0.2,,,none", ",0.21,,,none"), encoding="utf-8")
    assert "out of date" in view_of(project).status.data


def test_curves_are_those_of_both_models(project):
    view = view_of(project)
    hazards = view.answers.hazards
    figure = dormancy_figures.two_curves(hazards)
    assert [ax.get_title("left") for ax in figure.axes] == ["ER-negative", "ER-positive"]
    for ax, er in zip(figure.axes, ("negative", "positive"), strict=True):
        for line, model in zip(ax.get_lines(), ("compartments", "splines"), strict=True):
            own = hazards[(hazards["er"] == er) & (hazards["model"] == model)]
            assert_allclose(line.get_xydata(), own[["year", "median"]])
    whole = hazards[hazards["model"] == "compartments"]
    assert (whole["dormant"] <= whole["upper"]).all() and (whole["dormant"] > 0).all()


def test_populations_are_ordered_by_how_much_better_the_compartments_do():
    scores = [
        {"population": "ALPHA", "recurrence": -3.0, "dormancy": -1.0},
        {"population": "BETA", "recurrence": -3.0, "dormancy": -4.0},
    ]
    (ax,) = dormancy_figures.score_differences(scores).axes
    points = next(line for line in ax.get_lines() if line.get_marker() == "o")
    assert_allclose(points.get_xdata(), [-1.0, 2.0])
    assert [label.get_text() for label in ax.get_yticklabels()] == ["BETA", "ALPHA"]


def test_words_and_tables_are_those_of_the_answers():
    view = dormancy_stand_in.view()
    assert view.half_life_positive == "10.0 years (95% interval 7.0 to 13.0)"
    assert view.within_negative == "10% (95% interval 7 to 13)"
    assert "mostly prior" in view.learned_table.html and "prior only" in view.learned_table.html
    assert "+0.50" in view.correlations_table.html
    assert view.comparison.startswith("The splines predict the populations better by 0.5 units of log score, less than")
    assert "1 of 2" in view.comparison_table.html


def test_shares_lie_between_nothing_and_all(project):
    shares = view_of(project).answers.shares
    assert ((shares[["lower", "median", "upper"]] >= 0) & (shares[["lower", "median", "upper"]] <= 1)).all(axis=None)
    assert np.isfinite(shares["median"]).all()
