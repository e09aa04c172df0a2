"""What the page about therapy effects over time shows: figures, tables and phrases of the therapy model."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from IPython.display import Markdown
from matplotlib.figure import Figure

from resurge.findings.effect_draws import HORIZON, LITTLE
from resurge.reporting import effect_figures, effect_tables, figures, gated, words
from resurge.reporting.effect_answers import LAST_YEAR, EffectAnswers
from resurge.reporting.effect_families import ENDOCRINE_CURVES, HEADLINES, OTHER_CURVES, RECURRENCE_LIKE, enough, named
from resurge.reporting.effect_fit_view import NO_CLASS
from resurge.reporting.effect_words import class_name, informed, titled, window_words
from resurge.reporting.tables import Table

Answer = dict[str, Any]


@dataclass(frozen=True)
class EffectView:
    """Effects of therapy for the page.

    Attributes
    ----------
    answers
        Summaries of the posterior; None where there is none to report from.
    status
        Callout for the top of the page.
    why
        Why there are no answers.
    """

    answers: EffectAnswers | None
    status: Markdown
    why: str = gated.WITHHELD

    @gated.figure
    def endocrine_curves_figure(self) -> Figure:
        """Endocrine classes over time."""
        return self._curves(ENDOCRINE_CURVES)

    @gated.figure
    def other_curves_figure(self) -> Figure:
        """Other classes over time."""
        return self._curves(OTHER_CURVES)

    @gated.figure
    def contraction_figure(self) -> Figure:
        """How far the evidence narrowed each parameter."""
        return effect_figures.contraction_chart(self._shown)

    @gated.table
    def summary_table(self) -> Table:
        """Effects by class and window."""
        return effect_tables.summary_table(self._shown, self._followed)

    @gated.table
    def course_table(self) -> Table:
        """Numbers behind the courses."""
        return effect_tables.course_table(self._shown)

    @gated.table
    def endpoints_table(self) -> Table:
        """Effects on other endpoints."""
        return effect_tables.endpoints_table(self.answers.endpoints)

    @gated.phrase
    def interval(self) -> str:
        """Name of the intervals."""
        return f"{100 * self.answers.level:g}%"

    @gated.phrase
    def inner_interval(self) -> str:
        """Name of the narrower intervals."""
        return f"{100 * self.answers.inner_level:g}%"

    @property
    def little(self) -> str:
        """How close to one a hazard ratio is of no weight."""
        return words.percent(LITTLE, 0)

    @property
    def horizon(self) -> str:
        """Years that an effect is followed."""
        return f"{HORIZON:g}"

    @gated.phrase
    def size(self) -> str:
        """Count classes, trials and published estimates."""
        told = self.answers.classes
        trials = {trial for each in told for trial in each["evidence"]["trials"]}
        rows = sum(len(each["evidence"]["rows"]) for each in told)
        sources = words.count(len(trials), "trial or overview", "trials and overviews")
        classes = words.count(len(told), "class", "classes")
        return f"{words.count(rows, 'published estimate')} from {sources} in {classes} of comparison"

    @gated.phrase
    def left_out(self) -> str:
        """Name the classes with too few estimates for the tables, as a sentence."""
        shown = [told["class"] for told in self._shown]
        others = [class_name(told["class"]) for told in self.answers.classes if told["class"] not in shown]
        if not others:
            return "Every class has estimates enough to be shown."
        return f"Classes with a single estimate are in the model but not in the tables: {words.listed(others)}."

    @property
    def headlines(self) -> Markdown:
        """List what the model says of the main classes, a line each; nothing where there is nothing to report from."""
        if self.answers is None:
            return Markdown("")
        told = named(self.answers.classes, HEADLINES)
        return Markdown("\n".join(f"- {self._headline(each)}" for each in told))

    @gated.phrase
    def carry_learnt(self) -> str:
        """Say for how many classes the carry-over was learnt from evidence, and which are the prior's."""
        by_word: dict[str, list[str]] = {}
        for told in self._shown:
            by_word.setdefault(told["carry_over_half_life"]["informed_by"], []).append(class_name(told["class"]))
        learnt = by_word.get("evidence", [])
        names = f" ({words.listed(learnt)})" if learnt else ""
        return (
            f"Of {words.count(len(self._shown), 'half-life', 'half-lives')} after treatment, {len(learnt)} were learnt "
            f"from evidence{names}, {len(by_word.get('in part', []))} more from the prior than from evidence, and "
            f"{len(by_word.get('prior only', []))} are the prior’s alone"
        )

    @gated.phrase
    def spread(self) -> str:
        """Tell the typical spread of trials of a class as a factor between two of them."""
        return self._factor(self.answers.spread)

    @gated.phrase
    def extra(self) -> str:
        """Tell the extra spread of published estimates as a factor between two of them."""
        return self._factor(self.answers.extra)

    @gated.phrase
    def lag(self) -> str:
        """Years from a recurrence to the death from it."""
        lag = self.answers.lag
        return words.years_interval(lag["median"], lag["lower"], lag["upper"], self.answers.level)

    @gated.phrase
    def lag_learnt(self) -> str:
        """Say what the lag was learnt from."""
        narrowed = words.percent(max(self.answers.lag["contraction"], 0.0), 0)
        return f"the evidence narrowed it by {narrowed} of the prior’s spread ({informed(self.answers.lag)})"

    @property
    def _shown(self) -> list[Answer]:
        return enough(self.answers.classes)

    def _headline(self, told: Answer) -> str:
        first, last = told["windows"][0], told["windows"][-1]
        early, late = (words.ratio_cell(each["median"], each["lower"], each["upper"]) for each in (first, last))
        forecast = effect_tables.is_forecast(last, self._followed.get(told["class"]))
        return (
            f"**{words.escape_markdown(titled(class_name(told['class'])))}**: {early} in "
            f"{window_words(first['from'], first['to'])}, {late} in {window_words(last['from'], last['to'])}"
            f"{' (a forecast: no estimate reaches so far)' * forecast}"
        )

    @property
    def _followed(self) -> dict[str, float]:
        """Last year that the estimates of each class reach; nothing where the evidence is not that of the fit."""
        fitted = self.answers.fitted
        return {} if fitted is None else fitted.entries.groupby("effect_class")["end"].max().to_dict()

    def _factor(self, told: Answer) -> str:
        factors = np.exp(np.sqrt(2) * np.array([told[key] for key in ("median", "lower", "upper")]))
        return words.ratio_interval(*factors, self.answers.level)

    def _curves(self, names: Sequence[str]) -> Figure:
        classes, fitted = named(self.answers.classes, names), self.answers.fitted
        if not classes:
            return figures.withheld(NO_CLASS)
        entries = None if fitted is None else fitted.entries[fitted.entries["endpoint"].isin(RECURRENCE_LIKE)]
        return effect_figures.effect_curves(classes, entries, self._followed, LAST_YEAR)
