"""Does the page about therapy effects show what the therapy model says, and nothing where there is nothing to say?"""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from IPython.display import Markdown
from matplotlib.figure import Figure
from numpy.testing import assert_allclose

import effect_stand_in
from resurge.evidence import load_evidence
from resurge.inference.records import load_record
from resurge.reporting import effect_figures, effect_tables
from resurge.reporting.effect_families import enough, family
from resurge.reporting.effect_forest import forest, leading_entries
from resurge.reporting.effect_view import EffectView
from resurge.reporting.style import QUIET
from resurge.reporting.tables import Table
from resurge.reporting.therapy_pages import NO_EVIDENCE, effects_of, fit_of, load_effects, load_therapy_model
from stored_project import store_prior_as_posterior

PAGE = Path(__file__).parents[1] / "reports" / "therapy-effects.qmd"
NAMES = sorted(set(re.findall(r"\btherapy(?:_fit)?\.([a-z0-9_]+)", PAGE.read_text(encoding="utf-8"))))
CONSTANTS = {"little", "horizon", "status"}
"""What the page names that is no result."""


def shown_of(view, name):
    """What a page shows by a name, which is the effects' or that of the estimates behind them."""
    return getattr(view if name in CONSTANTS or hasattr(EffectView, name) else fit_of(view), name)


def words_of(html):
    return " ".join(re.sub(r"<[^>]*>", " ", html).split()).replace(" ,", ",")


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return store_prior_as_posterior(tmp_path_factory.mktemp("project"))


def test_curves_are_the_medians_and_windows_lie_over_their_years():
    answers = effect_stand_in.answers()
    tamoxifen = [answers.classes[1]]
    (ax,) = effect_figures.effect_curves(
        tamoxifen, effect_stand_in.entries().iloc[:1], {"endocrine_tamoxifen": 5.0}, 15.0
    ).axes
    seen, forecast, window = [line for line in ax.get_lines() if line.get_color() != QUIET]
    assert_allclose(seen.get_xydata(), [[year, 0.6] for year in range(6)])
    assert forecast.get_linestyle() == "--"
    assert_allclose(forecast.get_xdata(), range(6, 16))
    assert_allclose(window.get_xydata(), [[0, 0.53], [5, 0.53]])
    assert ax.get_title("left") == "Tamoxifen"
    assert ax.get_xlabel() == "Years since randomisation"


def test_forest_sets_what_was_published_beside_the_model():
    answers = effect_stand_in.answers()
    figure = forest([answers.classes[1]], effect_stand_in.entries())
    (ax,) = figure.axes
    points = {line.get_marker(): float(line.get_xdata()[0]) for line in ax.get_lines() if line.get_marker() != "None"}
    assert points == {"s": 0.53, "o": 0.6, "D": 0.55}
    thin = next(line for line in ax.get_lines() if line.get_linewidth() == 1.2 and list(line.get_ydata()) == [0, 0])
    assert_allclose(thin.get_xdata(), [0.7 * 0.55, 1.3 * 0.55])
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert labels == [f"{effect_stand_in.HOSTILE}, years 0–5", "class, years 0–5"]
    assert not any(label.get_parse_math() for label in ax.get_yticklabels())


def test_a_trial_stands_in_a_forest_by_one_endpoint():
    shown = leading_entries(effect_stand_in.entries())
    assert list(shown["entry"]) == ["b1", "b2", "a1"]


def test_chains_show_what_each_report_added_and_the_effect_so_far():
    fitted = effect_stand_in.fitted()
    ax, *_ = effect_figures.chain_panels(fitted.entries.iloc[2:], fitted.reports, fitted.courses).axes
    dots = next(line for line in ax.get_lines() if line.get_marker() == "o")
    assert_allclose(dots.get_xydata(), [[2, 0.7], [4, 0.77]])
    steps = [line.get_xydata().tolist() for line in ax.get_lines() if line.get_color() == effect_figures.REFERENCE]
    assert steps == [[[0, 0.7], [2, 0.7]], [[2, 0.9], [4, 0.9]]]
    assert ax.get_title("left") == "Early\nIDFS"


def test_a_parameter_that_got_wider_counts_as_not_narrowed():
    (ax,) = effect_figures.contraction_chart(effect_stand_in.answers().classes[:1]).axes
    assert [text.get_text() for text in ax.texts] == ["70", "5", "0", "50", "20"]


def test_tables_tell_ratios_and_what_a_half_life_was_learnt_from():
    words = words_of(effect_tables.summary_table(effect_stand_in.answers().classes, {"endocrine_tamoxifen": 10.0}).html)
    assert (
        "Tamoxifen (1 trial, 2 rows) 0.50 (0.45–0.55) 0.60 (0.54–0.66) 0.75 (0.68–0.83) 0.90 (0.81–0.99), forecast"
        in words
    )
    assert words.count("forecast") == 1
    assert "4.0 (3.6–4.4), mostly prior" in words
    assert "4.0 (3.6–4.4), prior only" in words
    assert "12.3 (6–later)" in words


def test_course_is_told_in_months_ratios_and_losses():
    words = words_of(effect_tables.course_table(effect_stand_in.answers().classes[1:2]).html)
    assert "Tamoxifen 5 0.50 (0.41–0.61) 3 (3–3), prior only 9.5% (8.6–10.4), prior only 4.0 (3.6–4.4)" in words


def test_tables_escape_text_of_the_evidence():
    html = effect_tables.misfits_table(effect_stand_in.entries()).html
    assert "Trial &lt;b&gt;$x$&lt;/b&gt;" in html
    assert "<b>" not in html
    assert "+2.4" in html
    assert "−1.1" in html
    assert "change only" in html


def test_classes_with_one_estimate_are_named_but_not_shown():
    view = effect_stand_in.view()
    assert "aspirin" in view.left_out
    assert "Aspirin" not in view.summary_table.html
    assert [told["class"] for told in enough(view.answers.classes)] == ["endocrine_tamoxifen", "cdk46_inhibitor"]
    assert [family(name) for name in ("ovarian_suppression", "anti_her2_adc", "chemo_taxane", "aspirin")] == [
        0,
        1,
        2,
        3,
    ]


def test_phrases_are_the_numbers_of_the_summaries():
    view = effect_stand_in.view()
    assert view.size == "5 published estimates from 3 trials and overviews in 3 classes of comparison"
    assert fit_of(view).inside == "9 of 10 readings (90%) lie within their 90% intervals"
    assert fit_of(view).shape_only == "Early (in Overview)"
    assert fit_of(view).assumed == fit_of(view).unfollowed == "1 of 2"
    assert view.spread == f"{np.exp(0.1 * np.sqrt(2)):.2f} (95% interval 1.14 to 1.17)"
    assert view.carry_learnt.startswith(
        "Of 2 half-lives after treatment, 1 were learnt from evidence (tamoxifen), 1 more"
    )
    assert (
        view.headlines.data.splitlines()[0]
        == "- **Tamoxifen**: 0.50 (0.45–0.55) in years 0–2, 0.90 (0.81–0.99) in years 10–15 "
        "(a forecast: no estimate reaches so far)"
    )


def test_page_of_a_failed_fit_shows_no_number():
    view = EffectView(None, Markdown(""))
    for name in set(NAMES) - CONSTANTS:
        shown = shown_of(view, name)
        if isinstance(shown, Figure):
            assert [text.get_text() for text in shown.axes[0].texts] == ["Not shown: the fit failed its checks"], name
        elif isinstance(shown, Table):
            assert "Not shown: the fit failed its checks" in shown.html, name
        else:
            text = shown.data if isinstance(shown, Markdown) else shown
            assert text in {"", "(not shown: the fit failed its checks)"}, name


def test_estimates_of_another_fit_are_not_set_beside_the_model():
    view = replace(effect_stand_in.view(), answers=replace(effect_stand_in.answers(), fitted=None))
    assert fit_of(view).chains_figure.axes[0].texts[0].get_text().startswith("Not shown: the evidence")
    assert "evidence" in fit_of(view).inside
    assert "0.50" in view.summary_table.html


def test_everything_that_the_page_names_can_be_shown_from_a_stored_fit(project):
    view = load_effects(load_evidence(project.data))
    assert view.status.data == ""
    for name in NAMES:
        shown = shown_of(view, name)
        if isinstance(shown, Table):
            assert "Not shown" not in shown.html, name
        elif isinstance(shown, str):
            assert shown
            assert "nan" not in shown


def test_fit_that_failed_or_is_stale_says_so_at_the_top(project):
    evidence = load_evidence(project.data)
    record = load_record(project.folder, "therapy")
    failed = effects_of(replace(record, passed=False), evidence)
    stale = effects_of(replace(record, stale=("priors changed",)), evidence)
    assert failed.answers is None
    assert "did not pass its gate" in failed.status.data
    assert "out of date" in stale.status.data
    assert stale.answers.fitted is None


def test_project_without_therapy_evidence_says_so_in_one_sentence(project):
    evidence = replace(load_evidence(project.data), therapy_effects=None)
    view = load_effects(evidence)
    assert NO_EVIDENCE in view.status.data
    assert view.interval == f"({NO_EVIDENCE[0].lower()}{NO_EVIDENCE[1:]})"
    assert NO_EVIDENCE in load_therapy_model(evidence).diagnostics_table.html


def test_appendix_prints_the_therapy_model_from_its_source(project):
    model = load_therapy_model(load_evidence(project.data))
    assert "one course for every published window" in model.text.data
    assert "pm.Potential" in model.code.data
    assert "def course(" in model.code.data
    assert "log_carry" in model.priors_table.html
    assert "1.01" in model.diagnostics_table.html
