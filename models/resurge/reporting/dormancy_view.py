"""What the page about dormancy shows: figures, tables and phrases of the dormancy model, and its comparison."""

from dataclasses import dataclass
from typing import Any

import pandas as pd
from IPython.display import Markdown
from matplotlib.figure import Figure

from resurge.inference.curve_comparison import read_comparison
from resurge.inference.records import PosteriorMissingError, Record, load_record
from resurge.project import Project
from resurge.reporting import dormancy_figures, figures, gated, tables, words
from resurge.reporting.dormancy_answers import DormancyAnswers, read_dormancy
from resurge.reporting.effect_words import informed
from resurge.reporting.model_source import model_text
from resurge.reporting.style import name_of
from resurge.reporting.tables import Table, lay_out
from resurge.reporting.verdicts import nothing_yet, verdict
from resurge.synthesis.dormancy_priors import DORMANCY

MODEL = "dormancy"
LEARNED = {
    "dormant_within": "Recur out of dormancy within 20 years",
    "fraction_dormant": "Dormant at diagnosis",
    "fraction_early": "Growing at diagnosis",
    "cured": "Cured",
    "half_life": "Half-life of dormancy",
    "early_year": "Half of the early ones by",
    "early_spread": "Spread of the log year of early ones",
}
IN_YEARS = ("half_life", "early_year")
PAIRS = {
    "p_early": "fraction early",
    "p_dormant": "fraction dormant",
    "cured": "cured",
    "half_life": "half-life",
    "early_year": "middle year of the early ones",
    "phi": "fading of the node effect",
    "sigma_b": "drift between populations",
    "nodes_mix": "share of one to three nodes where not printed",
}


@dataclass(frozen=True)
class DormancyView:
    """Dormancy for the page.

    Attributes
    ----------
    answers
        Summaries of the posterior; None where there is none to report from.
    status
        Callout for the top of the page.
    why
        Why there are no answers.
    diagnostics
        Diagnostics of the fit; empty without one.
    """

    answers: DormancyAnswers | None
    status: Markdown
    why: str
    diagnostics: dict[str, Any]

    @gated.figure
    def curves_figure(self) -> Figure:
        """Two compartments against splines."""
        return dormancy_figures.two_curves(self.answers.hazards)

    @gated.figure
    def shares_figure(self) -> Figure:
        """Dormant share by year."""
        return dormancy_figures.dormant_shares(self.answers.shares)

    @gated.figure
    def ridges_figure(self) -> Figure:
        """Draw the ridges between what the data cannot tell apart."""
        return dormancy_figures.ridges(self.answers.ridge)

    @gated.figure
    def definition_figure(self) -> Figure:
        """Draw the compartments with and without the definition of early."""
        found = self.answers.comparison.found
        if found is None:
            return figures.withheld(self.answers.comparison.why)
        return dormancy_figures.without_definition(self.answers.ridge, found["unheld"]["draws"])

    @gated.figure
    def scores_figure(self) -> Figure:
        """Log scores by population."""
        found = self.answers.comparison.found
        if found is None:
            return figures.withheld(self.answers.comparison.why)
        return dormancy_figures.score_differences(found["scores"])

    @gated.table
    def learned_table(self) -> Table:
        """Estimates with what they rest on."""
        rows = [
            {
                "er": name_of(er),
                "what": told,
                "estimate": _cell(name, answer[name]),
                "contraction": words.percent(max(answer[name]["contraction"], 0.0), 0),
                "informed": informed(answer[name]),
            }
            for er, answer in self.answers.answers.items()
            for name, told in LEARNED.items()
        ]
        labels = {"estimate": "Estimate", "contraction": "Narrowed by", "informed": "Rests on"}
        return lay_out(pd.DataFrame(rows), labels, row="what", group="er")

    @gated.table
    def shares_table(self) -> Table:
        """Dormant share by year, and women whom a recurrence still awaits."""
        ers = list(self.answers.answers)
        years = [row["year"] for row in self.answers.answers[ers[0]]["share_by_year"]]
        rows = [
            {"year": f"year\N{NO-BREAK SPACE}{year:g}"}
            | {er: _share(self.answers.answers[er]["share_by_year"][i]) for er in ers}
            | {f"asleep_{er}": _share(self.answers.answers[er]["still_dormant"][i]) for er in ers}
            for i, year in enumerate(years)
        ]
        labels = {er: f"{name_of(er)}: recurrences out of dormancy" for er in ers}
        labels |= {f"asleep_{er}": f"{name_of(er)}: women still dormant" for er in ers}
        return lay_out(pd.DataFrame(rows), labels, row="year")

    @gated.table
    def correlations_table(self) -> Table:
        """Posterior correlations."""
        by_er = {er: answer["correlations"] for er, answer in self.answers.answers.items()}
        rows = [
            {"pair": " and ".join(PAIRS[name] for name in pair.split(", "))}
            | {er: f"{found[pair]:+.2f}".replace("-", "−") for er, found in by_er.items()}
            for pair in next(iter(by_er.values()))
        ]
        return lay_out(pd.DataFrame(rows), {er: name_of(er) for er in by_er}, row="pair")

    @gated.table
    def comparison_table(self) -> Table:
        """Stacking weights and log scores."""
        found = self.answers.comparison.found
        if found is None:
            return tables.withheld(self.answers.comparison.why)
        names = {"recurrence": "Splines", "dormancy": "Two compartments"}
        rows = [
            {
                "model": told,
                "score": f"{sum(row[model] for row in found['scores']):,.1f}".replace("-", "−"),
                "better": f"{self._better(model)} of {len(found['scores'])}",
                "weight": words.percent(found["weights"][model], 0),
            }
            for model, told in names.items()
        ]
        labels = {"score": "Log score", "better": "Populations predicted better", "weight": "Stacking weight"}
        return lay_out(pd.DataFrame(rows), labels, row="model")

    @gated.phrase
    def comparison(self) -> str:
        """Tell the outcome of the comparison in a sentence."""
        found = self.answers.comparison.found
        if found is None:
            return f"{self.answers.comparison.why}."
        gap, error = (found["difference"][name] for name in ("dormancy_less_recurrence", "standard_error"))
        leader = "two compartments" if gap > 0 else "splines"
        sure = "more than twice" if abs(gap) > 2 * error else "less than twice" if abs(gap) > error else "less than"
        return (
            f"The {leader} predict the populations better by {abs(gap):.1f} units of log score, {sure} the "
            f"standard error of {error:.1f}."
        )

    @gated.phrase
    def interval(self) -> str:
        """Name of the intervals."""
        return f"{100 * self.answers.level:g}%"

    @gated.phrase
    def half_life_positive(self) -> str:
        """Half-life of dormancy, ER-positive."""
        return self._years("positive", "half_life")

    @gated.phrase
    def half_life_negative(self) -> str:
        """Half-life of dormancy, ER-negative."""
        return self._years("negative", "half_life")

    @gated.phrase
    def dormant_positive(self) -> str:
        """Fraction dormant at diagnosis, ER-positive."""
        return self._fraction("positive", "fraction_dormant")

    @gated.phrase
    def dormant_negative(self) -> str:
        """Fraction dormant at diagnosis, ER-negative."""
        return self._fraction("negative", "fraction_dormant")

    @gated.phrase
    def within_positive(self) -> str:
        """Women who recur out of dormancy within the years of the evidence, ER-positive."""
        return self._fraction("positive", "dormant_within")

    @gated.phrase
    def within_negative(self) -> str:
        """Women who recur out of dormancy within the years of the evidence, ER-negative."""
        return self._fraction("negative", "dormant_within")

    @gated.phrase
    def late_share_positive(self) -> str:
        """Share of recurrences of years ten to twenty out of dormancy, ER-positive."""
        return self._late("positive")

    @gated.phrase
    def late_share_negative(self) -> str:
        """Share of recurrences of years ten to twenty out of dormancy, ER-negative."""
        return self._late("negative")

    @property
    def text(self) -> Markdown:
        """Glossary and equations."""
        return model_text("dormancy")

    @property
    def priors_table(self) -> Table:
        """Priors with their reasons."""
        return tables.priors_table(DORMANCY.table())

    @property
    def diagnostics_table(self) -> Table:
        """Diagnostics of the fit."""
        return tables.diagnostics_table(self.diagnostics) if self.diagnostics else tables.withheld(self.why)

    def _better(self, model: str) -> int:
        sign = 1 if model == "dormancy" else -1
        return sum(sign * (row["dormancy"] - row["recurrence"]) > 0 for row in self.answers.comparison.found["scores"])

    def _years(self, er: str, name: str) -> str:
        return words.years_interval(*_limits(self.answers.answers[er][name]), self.answers.level)

    def _fraction(self, er: str, name: str) -> str:
        return words.percent_interval(*_limits(self.answers.answers[er][name]), self.answers.level)

    def _late(self, er: str) -> str:
        periods = self.answers.answers[er]["share_by_period"]
        found = next(row for row in periods if (row["from"], row["to"]) == (10.0, 20.0))
        return words.percent_interval(*_limits(found), self.answers.level)


def load_dormancy(project: Project, splines: Record) -> DormancyView:
    """Load what the page shows of a project.

    Parameters
    ----------
    project
        Where the records are.
    splines
        Record of the recurrence model.
    """
    try:
        record = load_record(project.folder, MODEL)
    except PosteriorMissingError as error:
        return DormancyView(None, nothing_yet(str(error)), str(error), {})
    answers = None
    if record.passed:
        answers = read_dormancy(record, splines if splines.passed else None, read_comparison(project))
    return DormancyView(answers, verdict(record), gated.WITHHELD, record.diagnostics)


def _limits(found: dict[str, float]) -> tuple[float, float, float]:
    return found["median"], found["lower"], found["upper"]


def _share(found: dict[str, float]) -> str:
    return words.percent_cell(*_limits(found))


def _cell(name: str, found: dict[str, float]) -> str:
    if name in IN_YEARS:
        median, lower, upper = (f"{value:.1f}" for value in _limits(found))
        return f"{median} years ({lower}–{upper})"
    return words.ratio_cell(*_limits(found)) if name == "early_spread" else _share(found)
