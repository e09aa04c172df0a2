"""Does the page about benefit say what the answers say, and nothing where there are none?"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from IPython.display import Markdown

import benefit_stand_in
from resurge.evidence import load_evidence
from resurge.inference.records import load_record
from resurge.reporting import benefit_tables
from resurge.reporting.benefit_pages import load_benefit, worse_verdict
from resurge.reporting.benefit_view import BenefitView
from resurge.reporting.trial_check_view import TrialCheckView, comparison_names
from stored_project import store_prior_as_posterior


@pytest.fixture
def view():
    return BenefitView(benefit_stand_in.answers(), Markdown(""))


def shown(view):
    names = [name for name in dir(type(view)) if isinstance(getattr(type(view), name), property) and name[0] != "_"]
    return {name: getattr(view, name) for name in names if name != "checks"}


def test_the_decision_is_told_in_women_and_in_risks(view):
    told = view.decision_middle
    assert "about 30 have a recurrence if they stop; about 5 of them are spared it by going on." in told
    assert "30% (95% interval 25 to 35) if they stop and 25% (95% interval 20 to 30) if they go on" in told
    assert "a difference of 5.0 points (95% interval 4.0 to 6.0)" in told
    assert "Number needed to treat: 20 (95% interval 17 to 25)." in told


def test_the_end_of_the_effect_is_told_with_its_probability(view):
    assert view.wears_off.startswith("This happens at year 18 (95% interval 14 to later")
    assert "likely (80.0%)" in view.wears_off
    open_end = view.answers.wears_off | {"median": None, "probability": 0.4}
    told = BenefitView(replace(view.answers, wears_off=open_end), view.status).wears_off
    assert told.startswith("That this happens by year 25")
    assert "about as likely as not (40.0%)" in told


def test_what_longer_therapy_adds_is_told(view):
    assert "2 further years take away 4.0 points" in view.longer
    assert "what the longer therapy adds is 1.0 points (95% interval 0.0 to 2.0)" in view.longer


def test_years_beyond_the_trials_are_marked(view):
    assert "8.0 (7.0 to 9.0), NNT 12 (11 to 14)" in view.starts_table.html
    assert "*" not in view.starts_table.html.split("<tbody")[1]
    assert "8.0 (7.0 to 9.0)*" in view.ends_table.html


def test_the_check_counts_what_lies_inside(view):
    told = view.checks.coverage
    assert told.startswith("Of 2 differences, 1 lie inside")
    assert "predict 1 of them" in told
    assert "lies Beta, year 10." in told
    assert "printed a risk of 25.1% within 10 years" in view.checks.atlas
    assert "a difference of 3.7 points" in view.checks.atlas


def test_the_check_tells_what_the_models_have_read(view):
    told = view.checks.seen
    assert "the hazard ratio of 0 of these comparisons; of 1 it has read other rows" in told
    assert "of 1 it has read nothing" in told


def test_comparisons_of_one_trial_are_told_apart(view):
    first = view.answers.checks.iloc[[0, 0, 0, 0]].assign(
        women=["", "node-positive (all)", "node-negative", "node-negative"],
        effect_class=["endocrine_ai", "endocrine_ai", "endocrine_ai", "endocrine_tamoxifen"],
    )
    assert comparison_names(first) == [
        "ATLAS, year 10",
        "ATLAS, year 10: node-positive",
        "ATLAS, year 10: node-negative: aromatase inhibitor instead of tamoxifen",
        "ATLAS, year 10: node-negative: tamoxifen",
    ]


def test_words_of_the_evidence_are_escaped(view):
    assert "all &lt;women&gt;" in view.checks.table.html


def test_every_figure_and_table_is_drawn(view):
    for each in (shown(view), shown(view.checks)):
        assert all(value is not None for value in each.values())
    panels = view.decision_figure.axes
    assert [ax.get_title(loc="left") for ax in panels] == ["N0, T1", "N1–3, T2", "N4–9, T2"]
    diamonds = [line for line in view.checks.figure.axes[0].lines if line.get_marker() == "D"]
    drawn = sorted(x for line in diamonds for x in line.get_xdata())
    assert drawn == pytest.approx([0.037, 0.1])


def test_nothing_is_shown_of_a_fit_that_failed(tmp_path):
    project = store_prior_as_posterior(tmp_path, passed=False)
    view = load_benefit(load_record(tmp_path, "recurrence"), load_evidence(project.data))
    assert "did not pass its gate" in view.status.data
    for each in (shown(view), shown(view.checks)):
        told = [value for name, value in each.items() if isinstance(value, str) and name != "why"]
        assert set(told) == {"(not shown: the fit failed its checks)"}
        assert all("Not shown" in table.html for table in each.values() if hasattr(table, "html"))


def test_evidence_of_another_fit_is_not_set_beside_predictions(view):
    stale = TrialCheckView(replace(view.answers, checks=None))
    assert stale.atlas == stale.coverage == stale.seen == "(not shown: the evidence or the model changed after the fit)"
    assert "Not shown" in stale.table.html
    assert view.decision_low.startswith("By year 20")


def test_a_failed_fit_is_told_before_a_stale_one():
    stale, failed = (SimpleNamespace(passed=passed, fresh=not passed) for passed in (True, False))
    assert "did not pass" in worse_verdict(stale, failed).data
    assert "out of date" in worse_verdict(stale, SimpleNamespace(passed=True, fresh=True)).data


def test_a_project_without_the_therapy_model_says_so(tmp_path):
    project = store_prior_as_posterior(tmp_path)
    evidence, record = load_evidence(project.data), load_record(tmp_path, "recurrence")
    (project.posteriors / "therapy.json").unlink()
    view = load_benefit(record, evidence)
    assert "no posterior of the therapy model yet" in view.status.data
    assert "no posterior of the therapy model" in view.decision_low
    view = load_benefit(record, SimpleNamespace(therapy_effects=None))
    assert "no evidence on effects of therapy" in view.decision_low


def test_a_small_project_has_a_page_without_printed_risks(tmp_path):
    project = store_prior_as_posterior(tmp_path)
    view = load_benefit(load_record(tmp_path, "recurrence"), load_evidence(project.data))
    assert view.status.data == ""
    assert view.checks.coverage == "No trial of the evidence prints the risks of both arms."
    assert set(view.answers.starts["effect_class"]) == {"endocrine_tamoxifen"}
    assert view.answers.starts["beyond"].all()
    found = view.answers.decisions["N1–3, T2"]
    for end in found.ends:
        assert end["difference"]["mean"] == pytest.approx(end["without"]["mean"] - end["with"]["mean"])
    last = found.curve.iloc[-1]
    assert last["without_median"] == pytest.approx(found.ends[-1]["without"]["median"])
    for answer in (shown(view), shown(view.checks)):
        assert all(value is not None for value in answer.values())


def test_the_page_asks_for_what_there_is(view):
    page = (Path(__file__).parents[1] / "reports" / "benefit.qmd").read_text(encoding="utf-8")
    asked = {room: set(re.findall(rf"\b(?<!report\.){room}\.(?!qmd)([a-z_]+)", page)) for room in ("benefit", "checks")}
    assert asked["checks"] == {"figure", "table", "atlas", "coverage", "seen"}
    assert asked["benefit"] - {"status", "checks"} == set(shown(view)) - {"status", "why"}


def test_cells_without_a_group_are_left_open():
    starts = benefit_stand_in.starts()
    some = starts[(starts["er"] == "positive") | (starts["group"] != "N0, T1")]
    html = benefit_tables.starts_table(some[some["end"] == 10]).html
    assert html.count("–</td>") == 1
