"""What the page about risk windows shows of single groups, of a new population, and of the data behind the curves."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
import xarray as xr
from matplotlib.figure import Figure

from resurge.reporting import figures, gated, tables, words
from resurge.reporting.results import Answers, limits_of
from resurge.reporting.tables import Table


@dataclass(frozen=True)
class GroupAnswers:
    """Summaries of the posterior, each with `median`, `lower`, `upper` and its interval's level.

    Attributes
    ----------
    hazard, hazard_inner
        Hazard per year in a new population; dims `er`, `year`; the second with a narrower interval.
    residual
        By endpoint and population: risk by a year for women free of recurrence at another; dims `group`, `er`, `start`,
        `end`.
    below
        Year from which the annual risk stays under a threshold: columns `er`, `population`, `threshold`, `median`,
        `lower`, `upper` (infinite if never within the years followed) and `reached` (probability that it is).
    late, late_probability, late_threshold
        By population: hazard late in the follow-up of node-positive ER-positive disease (summary without dims), and the
        probability that it lies above a threshold.
    levels
        Ratio of each population's hazard to the typical one; dim `population`.
    observed
        Standardised rates of the populations, for `figures.hazards_with_data`; None if the evidence is not that of the
        fit.
    """

    hazard: xr.Dataset
    hazard_inner: xr.Dataset
    residual: Mapping[tuple[str, str], xr.Dataset]
    below: pd.DataFrame
    late: Mapping[str, xr.Dataset]
    late_probability: Mapping[str, float]
    late_threshold: float
    levels: xr.Dataset
    observed: pd.DataFrame | None


@dataclass(frozen=True)
class GroupView:
    """Groups of women for the page.

    Attributes
    ----------
    answers
        Answers of a typical population; None if the posterior failed its gate.
    groups
        What is added to them; None likewise.
    """

    answers: Answers | None
    groups: GroupAnswers | None

    @gated.figure
    def hazard_figure(self) -> Figure:
        """Hazard by ER status with the populations' own rates, standardised."""
        if self.groups.observed is None:
            return figures.withheld(gated.OUT_OF_DATE)
        return figures.hazards_with_data(self.answers.hazard, self.answers.hazard_inner, self.groups.observed)

    @gated.figure
    def new_figure(self) -> Figure:
        """Hazard by ER status in a new population."""
        return figures.hazard_curves(self.groups.hazard, self.groups.hazard_inner)

    @gated.phrase
    def series_levels(self) -> str:
        """Level of each patient series against a typical population."""
        if self.groups.observed is None:
            return f"({gated.OUT_OF_DATE.lower()})"
        followed = self.groups.observed.query("kind == 'person-time'")["population"].unique()
        levels = self.groups.levels
        level = levels.attrs["interval_level"]
        told = [(words.population_name(name), limits_of(levels.sel(population=name))) for name in followed]
        return words.listed(f"{words.ratio_interval(*limits, level)} for {name}" for name, limits in told)

    @gated.table
    def residual_table(self) -> Table:
        """Any recurrence, typical population."""
        return self._residual("any_recurrence", "typical")

    @gated.table
    def residual_distant_table(self) -> Table:
        """Distant recurrence, typical population."""
        return self._residual("distant_recurrence", "typical")

    @gated.table
    def residual_new_table(self) -> Table:
        """Any recurrence, new population."""
        return self._residual("any_recurrence", "new")

    @gated.table
    def residual_distant_new_table(self) -> Table:
        """Distant recurrence, new population."""
        return self._residual("distant_recurrence", "new")

    @gated.table
    def below_table(self) -> Table:
        """Years from which the annual risk stays low."""
        return tables.years_below_table(self.groups.below)

    @gated.phrase
    def late_hazard(self) -> str:
        """Late hazard of node-positive ER-positive disease in a typical population."""
        return self._late("typical")

    @gated.phrase
    def late_hazard_new(self) -> str:
        """Late hazard of node-positive ER-positive disease in a new population."""
        return self._late("new")

    @gated.phrase
    def late_threshold(self) -> str:
        """Hazard with which the late one is compared."""
        return words.percent(self.groups.late_threshold, 0)

    @gated.phrase
    def late_probability(self) -> str:
        """Probability that the late hazard of a typical population lies above the threshold."""
        return words.probability(self.groups.late_probability["typical"])

    @gated.phrase
    def late_probability_new(self) -> str:
        """Probability that the late hazard of a new population lies above the threshold."""
        return words.probability(self.groups.late_probability["new"])

    def _residual(self, endpoint: str, population: str) -> Table:
        return tables.residual_risk_table(self.groups.residual[endpoint, population])

    def _late(self, population: str) -> str:
        late = self.groups.late[population]
        return words.percent_interval(*limits_of(late), late.attrs["interval_level"])
