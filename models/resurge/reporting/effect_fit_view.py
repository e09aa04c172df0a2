"""What the page about therapy effects shows of the published estimates: trials, updates, fit and misfit."""

from dataclasses import dataclass

from matplotlib.figure import Figure

from resurge.reporting import effect_figures, effect_tables, figures, gated, words
from resurge.reporting.effect_answers import EffectAnswers
from resurge.reporting.effect_families import RECURRENCE_LIKE, enough, family
from resurge.reporting.effect_forest import forest
from resurge.reporting.tables import Table

MISFITS = 10
NO_CLASS = "Not shown: the evidence has none of these classes"


@dataclass(frozen=True)
class EffectFitView:
    """Published estimates beside the model, for the page; only while the evidence is that of the fit.

    Attributes
    ----------
    answers
        Summaries of the posterior; None where there is none to report from.
    why
        Why there are no answers.
    """

    answers: EffectAnswers | None
    why: str = gated.WITHHELD

    @gated.fresh_figure
    def endocrine_forest_figure(self) -> Figure:
        """Trials of endocrine classes."""
        return self._forest(0)

    @gated.fresh_figure
    def her2_forest_figure(self) -> Figure:
        """Trials of classes against HER2."""
        return self._forest(1)

    @gated.fresh_figure
    def bone_forest_figure(self) -> Figure:
        """Trials of bone-targeted classes and of chemotherapy."""
        return self._forest(2)

    @gated.fresh_figure
    def targeted_forest_figure(self) -> Figure:
        """Trials of other classes."""
        return self._forest(3)

    @gated.fresh_figure
    def chains_figure(self) -> Figure:
        """Update chains of endpoints near recurrence."""
        return self._chains(True)

    @gated.fresh_figure
    def other_chains_figure(self) -> Figure:
        """Update chains of distant recurrence and death."""
        return self._chains(False)

    @gated.fresh_table
    def misfits_table(self) -> Table:
        """Estimates that the model fits worst."""
        entries = self.answers.fitted.entries
        return effect_tables.misfits_table(entries.loc[entries["off"].abs().nlargest(MISFITS).index])

    @gated.fresh_phrase
    def inside(self) -> str:
        """Count readings inside their predictive intervals."""
        found = self.answers.fitted.inside
        share = words.percent(found.inside / found.readings, 0)
        return (
            f"{found.inside} of {found.readings} readings ({share}) lie within their {100 * found.level:g}% intervals"
        )

    @gated.fresh_phrase
    def shape_only(self) -> str:
        """Name the trials that are read for change only, by the overview that counts their women."""
        entries = self.answers.fitted.entries
        rows = entries[entries["used_as"] == "shape"]
        by_overview = rows.groupby("inside", sort=False)["trial"].unique()
        return (
            words.listed(f"{words.listed(trials)} (in {overview})" for overview, trials in by_overview.items())
            or "none"
        )

    @gated.fresh_phrase
    def crossed_over(self) -> str:
        """Name the trials whose table rows note that controls crossed over."""
        return words.listed(self.answers.fitted.crossed_over) or "none"

    @gated.fresh_phrase
    def assumed(self) -> str:
        """Count estimates whose years of different treatment are assumed."""
        evidence = self.answers.fitted.evidence
        return f"{(evidence['contrast_years_from'] == 'assumed').sum()} of {len(evidence)}"

    @gated.fresh_phrase
    def unfollowed(self) -> str:
        """Count estimates without a printed follow-up."""
        evidence = self.answers.fitted.evidence
        return f"{evidence['window_end'].isna().sum()} of {len(evidence)}"

    @gated.fresh_phrase
    def chains(self) -> str:
        """Count update chains."""
        return words.count(len(self.answers.fitted.courses), "chain")

    def _forest(self, number: int) -> Figure:
        classes = [told for told in enough(self.answers.classes) if family(told["class"]) == number]
        return forest(classes, self.answers.fitted.entries) if classes else figures.withheld(NO_CLASS)

    def _chains(self, recurrence_like: bool) -> Figure:
        fitted = self.answers.fitted
        entries = fitted.entries[fitted.entries["update_chain"].isin(list(fitted.courses))]
        entries = entries[entries["endpoint"].isin(RECURRENCE_LIKE) == recurrence_like]
        if entries.empty:
            return figures.withheld("The evidence has no such updates")
        return effect_figures.chain_panels(entries, fitted.reports, fitted.courses)
