"""Does the page on influence name the source that each answer owes most to, and nothing of an unsound posterior?"""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

import history_stand_in
from history_stand_in import LATE, NAMES, write_influence
from resurge.inference.influence import influence_path, read_influence
from resurge.inference.records import manifest_path
from resurge.reporting.changes_view import NO_ROWS
from resurge.reporting.influence_figures import influence_figure
from resurge.reporting.influence_view import InfluenceView
from resurge.reporting.model_influence import NONE_HELD, NONE_LEFT_OUT, NONE_REFUSED, ModelInfluence
from resurge.reporting.style import colour_of
from stored_project import store_prior_as_posterior
from test_changes_page import cells

PAGE = Path(__file__).parents[1] / "reports" / "influence.qmd"


@pytest.fixture
def project(tmp_path):
    return store_prior_as_posterior(tmp_path, n=5)


@pytest.fixture
def view(project):
    write_influence(project)
    return InfluenceView(project, NAMES)


def test_the_strongest_source_is_named_with_its_move(view):
    assert view.late_positive == (
        "Alpha et al. 2001: 2.21% (1.82–2.69) without it, against 2.00% (1.64–2.43) with all sources (+1.00 SD)"
    )
    rows = {row[0]: row[1:] for row in cells(view.timing.strongest_table)}
    assert rows[LATE["positive"]] == ["2.00% (1.64–2.43)", "Alpha et al. 2001", "2.21% (1.82–2.69)", "+1.00 SD"]


def test_sources_are_drawn_from_the_strongest_down_those_by_a_fit_as_squares(view):
    ax = view.late_positive_figure.axes[0]
    names = [label.get_text().replace("\n", " ") for label in ax.get_yticklabels()]
    assert names[:2] == ["without Alpha et al. 2001", "without Beta 1999"]
    assert [line.get_marker() for line in ax.lines if line.get_marker() in "so"] == ["s", "o", "o"]
    assert ax.get_xscale() == "log"


@pytest.mark.parametrize("factor", [1.02, 1.5, 4.0, 100.0])
def test_an_axis_of_ratios_has_a_few_ticks_in_its_range(factor):
    whole = history_stand_in.told("ratio", 0.8, 0.01)
    without = {**whole, "lower": 0.8 / factor, "upper": 0.8 * factor, "by": "weights", "source": "a"}
    figure = influence_figure(whole, [without], colour_of("positive"))
    figure.draw_without_rendering()
    ax = figure.axes[0]
    low, high = ax.get_xlim()
    shown = [tick for tick in ax.get_xticks() if low <= tick <= high]
    labels = [text.get_text() for text in ax.get_xticklabels(minor=True)]
    assert 2 <= len(shown) <= 14
    assert not any(labels)


def test_ways_of_leaving_out_are_counted(view):
    assert view.timing.size == (
        "4 sources: 2 left out by weights, 1 left out by a fit and 1 for which weights were refused"
    )
    assert view.timing.refused.startswith("Could not be left out, and so not in these figures: delta2020. Such")
    assert cells(view.timing.refused_table) == [["delta2020", "1", "Pareto k-hat 1.60, limit 0.7"]]


def test_a_page_that_lacks_no_source_says_so(view):
    whole = view.timing.answers
    sources = {name: each for name, each in whole["sources"].items() if each["by"] != "refused"}
    lacking_none = replace(view.timing, answers={**whole, "sources": sources})
    assert lacking_none.refused == "No source is missing from these figures"
    assert cells(lacking_none.refused_table) == [[NONE_REFUSED]]


def test_those_against_the_rest_are_named_from_the_most_extreme_on(view):
    assert view.timing.conflicts == "2 of 3 sources have a p value below 0.05, where 0.2 would by chance alone"
    rows = cells(view.timing.conflicts_table)
    assert [row[0].split()[0][:5] for row in rows] == ["Alpha", "gamma"]
    assert rows[0][1:] == ["2", "0.010", "yes"]


def test_where_none_is_extreme_the_closest_are_shown_as_not_against(view):
    found = history_stand_in.influence()
    for source in found["sources"].values():
        source["p_conflict"] = source["p_conflict"] and 0.5
    rows = cells(ModelInfluence(found).conflicts_table)
    assert {row[-1] for row in rows} == {"no"}


def test_names_of_sources_are_shown_as_text(view):
    assert "&lt;script&gt;" in view.timing.conflicts_table.html
    assert "<script" not in view.timing.conflicts_table.html
    assert "\u202e" not in view.timing.conflicts_table.html


def test_an_answer_of_which_no_source_can_be_left_out_says_so(view):
    found = history_stand_in.influence()
    only = ModelInfluence({**found, "sources": {"delta2020": found["sources"]["delta2020"]}})
    assert "no source could be left out" in only.strongest(LATE["positive"])
    assert cells(only.strongest_table) == [[NONE_LEFT_OUT]]
    assert "No source" in only.drawn(LATE["positive"], "black").axes[0].texts[0].get_text()
    assert only.conflicts == f"{NONE_HELD[:1].lower()}{NONE_HELD[1:]}"
    assert cells(only.conflicts_table) == [[NONE_HELD]]


def test_a_single_source_is_told_to_hold_up_everything_and_not_as_refused():
    found = history_stand_in.influence()
    alone = {"rows": ["recurrence_rates:r1"], "by": "alone", "why": "", "answers": {}, "p_conflict": None}
    only = ModelInfluence({**found, "sources": {"alpha2001": alone}}, "", NAMES)
    why = "Without Alpha et al. 2001 nothing is left to fit: all rests on it"
    assert only.size == "1 source: 1 without which nothing is left to fit"
    assert only.refused == why
    assert cells(only.strongest_table) == [[why]]
    assert only.strongest(LATE["positive"]) == f"none that is known (w{why[1:]})"
    assert "Without Alpha" in " ".join(only.drawn(LATE["positive"], "black").axes[0].texts[0].get_text().split())
    assert cells(only.refused_table) == [[NONE_REFUSED]]


def test_without_stored_influence_one_sentence_says_what_to_do(project):
    view = InfluenceView(project)
    assert "holds no likelihoods" in view.status.data  # draws from the prior were stored without them
    assert "holds no likelihoods" in view.late_positive
    assert "holds no likelihoods" in view.timing.strongest_table.html


def test_influence_of_other_draws_evidence_or_code_is_not_shown(project):
    write_influence(project)
    assert read_influence(project, "recurrence")
    path = influence_path(project, "recurrence")
    found = json.loads(path.read_text())
    code = {**found["code"], "findings/estimands.py": "other"}
    for other in ({"sha256": "other"}, {"fingerprint": {}}, {"code": code}, {"layout": 1}):
        path.write_text(json.dumps({**found, **other}))
        assert read_influence(project, "recurrence") is None
        assert "+1.00 SD" not in InfluenceView(project).late_positive
    for text in ("{", "[]", '{"layout": 1}', "\udc80"):
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
        assert read_influence(project, "recurrence") is None


def test_influence_on_a_posterior_that_failed_its_gate_is_withheld(project):
    write_influence(project)
    path = manifest_path(project, "recurrence")
    manifest = json.loads(path.read_text())
    manifest["diagnostics"]["R-hat"]["passed"] = manifest["passed"] = False
    path.write_text(json.dumps(manifest))
    view = InfluenceView(project, NAMES)
    assert "failed its gate" in view.status.data
    assert "failed its gate" in view.late_positive
    assert "Alpha" not in view.timing.strongest_table.html + view.timing.conflicts_table.html
    assert "failed its gate" in view.late_positive_figure.axes[0].texts[0].get_text()


def test_a_model_without_rows_says_so(project):
    (project.data / "metastasis_sites.csv").unlink()
    assert NO_ROWS in InfluenceView(project).sites.strongest_table.html


def test_everything_that_the_page_names_is_shown(project):
    names = re.findall(r"influence\.([a-z_]+)(?:\.([a-z_]+))?", PAGE.read_text(encoding="utf-8"))
    assert len(names) > 15
    view = history_stand_in.influences(project)
    for first, second in names:
        shown = getattr(view, first)
        assert "ot shown" not in str(getattr(shown, second) if second else shown)
