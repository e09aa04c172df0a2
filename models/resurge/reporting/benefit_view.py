"""What the page about benefit shows: figures, tables and phrases of both models together."""

from dataclasses import dataclass

import pandas as pd
from IPython.display import Markdown
from matplotlib.figure import Figure

from resurge.reporting import benefit_figures, benefit_tables, figures, gated, tables, words
from resurge.reporting.benefit_answers import ENDS, EXTENDED, BenefitAnswers
from resurge.reporting.benefit_words import GROUP_WORDS, LIMITS, decision, difference
from resurge.reporting.effect_words import end_interval
from resurge.reporting.tables import Table
from resurge.reporting.trial_check_view import TrialCheckView

NO_EXTENSION = "No trial of the evidence extends endocrine therapy"
LOW, MIDDLE, HIGH = GROUP_WORDS
SHOWN_END = ENDS[0]
"""Year that therapies begun at diagnosis are compared by: few of their trials were followed for longer."""


@dataclass(frozen=True)
class BenefitView:
    """Benefit for the page.

    Attributes
    ----------
    answers
        Summaries of both posteriors; None where one of them has nothing to report from.
    status
        Callout for the top of the page.
    why
        Why there are no answers.
    """

    answers: BenefitAnswers | None
    status: Markdown
    why: str = gated.WITHHELD

    @property
    def checks(self) -> TrialCheckView:
        """Risks that trials printed, and their predictions."""
        return TrialCheckView(self.answers, self.why)

    @gated.figure
    def decision_figure(self) -> Figure:
        """Risks from year five, stopping and going on."""
        if not self.answers.decisions:
            return figures.withheld(NO_EXTENSION)
        return benefit_figures.decision_curves({name: found.curve for name, found in self.answers.decisions.items()})

    @gated.table
    def decision_table(self) -> Table:
        """Risks from year five to later years."""
        if not self.answers.decisions:
            return tables.withheld(NO_EXTENSION)
        return benefit_tables.decisions_table({_titled(g): d.ends for g, d in self.answers.decisions.items()})

    @gated.table
    def windows_table(self) -> Table:
        """Risks within each span of years, for women still free at its start."""
        if not self.answers.decisions:
            return tables.withheld(NO_EXTENSION)
        return benefit_tables.decisions_table({_titled(g): d.windows for g, d in self.answers.decisions.items()})

    @gated.figure
    def starts_figure(self) -> Figure:
        """Differences by class for therapies begun at diagnosis."""
        if self.answers.starts.empty:
            return figures.withheld("The evidence has none of these classes")
        return benefit_figures.differences_by_class(self._starts)

    @gated.table
    def starts_table(self) -> Table:
        """Differences and numbers needed to treat by one year."""
        if self.answers.starts.empty:
            return tables.withheld("The evidence has none of these classes")
        return benefit_tables.starts_table(self._starts)

    @gated.table
    def ends_table(self) -> Table:
        """Differences by several years."""
        if self.answers.starts.empty:
            return tables.withheld("The evidence has none of these classes")
        return benefit_tables.ends_table(self.answers.starts)

    @gated.phrase
    def interval(self) -> str:
        """Name of the intervals."""
        return f"{100 * self.answers.level:g}%"

    @gated.phrase
    def shown_end(self) -> str:
        """Year that therapies begun at diagnosis are compared by."""
        return f"{SHOWN_END:g}"

    @gated.phrase
    def decision_low(self) -> str:
        """Tell what going on changes for women with the lowest risk."""
        return self._decision(LOW)

    @gated.phrase
    def decision_middle(self) -> str:
        """Tell what going on changes for women between."""
        return self._decision(MIDDLE)

    @gated.phrase
    def decision_high(self) -> str:
        """Tell what going on changes for women with the highest risk."""
        return self._decision(HIGH)

    @gated.phrase
    def ratios(self) -> str:
        """Hazard ratio of going on by span of years."""
        told = [
            f"{words.ratio_interval(*(found[key] for key in LIMITS), self.answers.level)} in years "
            f"{found['from']:g} to {found['to']:g}"
            for found in self.answers.ratios
        ]
        return words.listed(told) or f"({NO_EXTENSION.lower()})"

    @gated.phrase
    def wears_off(self) -> str:
        """When going on or stopping no longer matters, as a sentence."""
        found = self.answers.wears_off
        if found is None:
            return f"{NO_EXTENSION}."
        reached = words.probability(found["probability"])
        last = f"{found['horizon']:g}"
        if found["median"] is None:
            lower = f"; it is hardly before year {found['lower']:.0f}" if found["lower"] is not None else ""
            return f"That this happens by year {last} after diagnosis, as far as the model looks, is {reached}{lower}."
        year = end_interval(found, self.answers.level, found["horizon"])
        return f"This happens at {year} after diagnosis; that it does by year {last} is {reached}."

    @gated.phrase
    def longer(self) -> str:
        """Tell what five further years take away beyond two."""
        if not self.answers.decisions:
            return f"{NO_EXTENSION}."
        found = self.answers.decisions[MIDDLE]
        short, long = (row for _, row in found.lengths.iterrows())
        return (
            f"By year {ENDS[-1]:g}, {short['years']:g} further years take away {difference(short, self.answers.level)} "
            f"and {long['years']:g} further years {difference(long, self.answers.level)} in women with "
            f"{GROUP_WORDS[MIDDLE]}: what the longer therapy adds is {difference(found.longer, self.answers.level)}."
        )

    @gated.phrase
    def followed(self) -> str:
        """Year since diagnosis to which trials of extended therapy were followed."""
        return words.years(self.answers.followed.get(EXTENDED, float("nan")), 0)

    @property
    def _starts(self) -> pd.DataFrame:
        return self.answers.starts[self.answers.starts["end"] == SHOWN_END]

    def _decision(self, group: str) -> str:
        if not self.answers.decisions:
            return f"{NO_EXTENSION}."
        return decision(self.answers.decisions[group].ends[-1], self.answers.level)


def _titled(group: str) -> str:
    return f"{group}: {GROUP_WORDS[group]}"
