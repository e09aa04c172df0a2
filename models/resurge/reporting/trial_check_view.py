"""What the page about benefit shows of the check against risks that trials printed for both arms."""

from dataclasses import dataclass

import pandas as pd
from matplotlib.figure import Figure

from resurge.reporting import benefit_figures, benefit_tables, figures, gated, tables, words
from resurge.reporting.benefit_answers import BenefitAnswers
from resurge.reporting.benefit_words import LIMITS, difference, risk, trial_name
from resurge.reporting.effect_words import class_name, points
from resurge.reporting.tables import Table

NO_CHECKS = "No trial of the evidence prints the risks of both arms"
ATLAS = "ATLAS"


@dataclass(frozen=True)
class TrialCheckView:
    """Printed differences of risk and their predictions, for the page.

    Attributes
    ----------
    answers
        Summaries of both posteriors; None where one of them has nothing to report from.
    why
        Why there are no answers.
    """

    answers: BenefitAnswers | None
    why: str = gated.WITHHELD

    @gated.fresh_figure
    def figure(self) -> Figure:
        """Draw printed differences and their predictions."""
        if self.answers.checks.empty:
            return figures.withheld(NO_CHECKS)
        return benefit_figures.printed_and_predicted(self._sorted, comparison_names(self._sorted))

    @gated.fresh_table
    def table(self) -> Table:
        """Lay out printed risks and their predictions."""
        if self.answers.checks.empty:
            return tables.withheld(NO_CHECKS)
        return benefit_tables.checks_table(self._sorted)

    @gated.fresh_phrase
    def atlas(self) -> str:
        """Tell what the largest trial of going on printed, and the predictions."""
        checks = self.answers.checks
        found = [] if checks.empty else checks[(checks["trial"] == ATLAS) & (checks["endpoint"] == "any_recurrence")]
        if not len(found):
            return f"The evidence has no risks of {ATLAS}."
        row, level = found.iloc[0], self.answers.level
        given, baseline, model = (
            {key: row[f"{name}_{key}"] for key in LIMITS} for name in ("given", "baseline", "model")
        )
        stopped, went_on = words.percent(row["without"]), words.percent(row["treated"])
        return (
            f"{ATLAS} printed a risk of {stopped} within {row['years']:g} years for women who stopped at year five and "
            f"of {went_on} for those who went on: a difference of {points(row['difference'])} points. From the printed "
            f"risk of those who stopped, the predicted difference is {difference(given, level)}. Both models together, "
            f"for one more population, predict a risk of {risk(baseline, level)} for those who stop and a difference "
            f"of {difference(model, level)}."
        )

    @gated.fresh_phrase
    def coverage(self) -> str:
        """Tell how many printed differences lie inside their predictive intervals."""
        checks = self.answers.checks
        if checks.empty:
            return f"{NO_CHECKS}."
        both = checks[checks["model_median"].notna()]
        return (
            f"Of {words.count(len(checks), 'difference')}, {checks['given_inside'].sum()} lie inside the interval "
            f"predicted from the printed risk without. Both models together predict {len(both)} of them, those with a "
            f"known ER status and an endpoint of the recurrence model; {both['model_inside'].sum()} of these "
            f"differences and {both['baseline_inside'].sum()} of these risks without lie inside the intervals. "
            f"{self._outside}"
        )

    @gated.fresh_phrase
    def seen(self) -> str:
        """Tell how much of the check is of women whom the models have seen."""
        checks = self.answers.checks
        if checks.empty:
            return f"{NO_CHECKS}."
        own, elsewhere, unseen = (
            int((checks["ratio_from"] == how).sum()) for how in ("this row", "the same women", "nothing")
        )
        return (
            f"The therapy model has read the hazard ratio of {own} of these comparisons; of {elsewhere} it has read "
            f"other rows that count the same women; of {unseen or 'none'} it has read nothing. The "
            f"recurrence model has read risks or rates from the source of {checks['risk_known'].sum()}."
        )

    @property
    def _outside(self) -> str:
        names = [
            name
            for name, inside in zip(comparison_names(self._sorted), self._sorted["given_inside"], strict=True)
            if not inside
        ]
        if not names:
            return "None lies outside the first interval."
        return f"Outside the first interval {'lies' if len(names) == 1 else 'lie'} {'; '.join(names)}."

    @property
    def _sorted(self) -> pd.DataFrame:
        checks = self.answers.checks
        told = checks.assign(name=[class_name(each) for each in checks["effect_class"]])
        return told.sort_values(["name", "trial", "endpoint", "years"], kind="stable")


def comparison_names(checks: pd.DataFrame) -> list[str]:
    """Name comparisons: where a trial has several, with their women, and where that is not enough, with the class."""
    rows = checks.to_dict("records")
    names = [trial_name(row) for row in rows]
    for more in (lambda row: row["women"].split(" (")[0], lambda row: class_name(row["effect_class"])):
        names = [
            f"{name}: {more(row)}" if names.count(name) > 1 and more(row) else name
            for name, row in zip(names, rows, strict=True)
        ]
    return names
