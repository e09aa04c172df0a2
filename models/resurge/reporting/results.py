"""What the result pages show: phrases, figures and tables made from the summaries of a posterior.

A posterior that failed its gate gives no summaries; then every result says that it is withheld.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.figure import Figure

from resurge.reporting import figures, gated, tables, words
from resurge.reporting.tables import Table

TOLD_YEARS = [1.0, 2.0, 3.0, 5.0, 7.0, 10.0, 15.0, 20.0]
SURE = 0.9
"""Probability of a crossing from which it is told as a fact with its probability."""


@dataclass(frozen=True)
class Answers:
    """Summaries of the posterior, each a dataset with `mean`, `median`, `lower`, `upper` and its interval's level.

    Attributes
    ----------
    profile
        Words for the women whom the answers are about.
    hazard, hazard_inner
        Hazard per year; dims `er`, `year`; the second with a narrower interval.
    ratio, ratio_inner
        Hazard ratio ER-negative : ER-positive; dim `year`.
    residual
        Risk by a year for women free of recurrence at another; dims `er`, `start`, `end`.
    peak
        Year of the highest hazard; dim `er`.
    late_share
        Share of the recurrences of the whole period that come after a year; dims `er`, `after`.
    windows
        Rows for `figures.risk_windows_chart`, with a column `share` (of recurrences; 0 for the peak).
    crossover, crossover_draws
        Year from which the ER-positive hazard is the higher one: summary without dims, and its draws.
    """

    profile: str
    hazard: xr.Dataset
    hazard_inner: xr.Dataset
    ratio: xr.Dataset
    ratio_inner: xr.Dataset
    residual: xr.Dataset
    peak: xr.Dataset
    late_share: xr.Dataset
    windows: pd.DataFrame
    crossover: xr.Dataset
    crossover_draws: xr.DataArray


@dataclass(frozen=True)
class Results:
    """Results for the pages.

    Attributes
    ----------
    answers
        Summaries of the posterior; None if it failed its gate.
    """

    answers: Answers | None

    @gated.figure
    def headline_figure(self) -> Figure:
        """Hazard by ER status alone."""
        return figures.hazard_curves(self.answers.hazard, self.answers.hazard_inner)

    @gated.figure
    def residual_figure(self) -> Figure:
        """Risks from the years reached."""
        return figures.residual_risk_curves(self.answers.residual)

    @gated.figure
    def windows_figure(self) -> Figure:
        """Peak and shortest windows."""
        return figures.risk_windows_chart(self.answers.windows, float(self.answers.hazard["year"].max()))

    @gated.figure
    def ratio_figure(self) -> Figure:
        """Hazard ratio with time, and the crossover."""
        return figures.hazard_ratio_curve(
            self.answers.ratio, self.answers.ratio_inner, limits_of(self.answers.crossover)
        )

    @gated.figure
    def crossover_figure(self) -> Figure:
        """Posterior of the crossover year."""
        return figures.crossover_density(self.answers.crossover_draws.values)

    @gated.table
    def hazard_table(self) -> Table:
        """Hazards and their ratio by year."""
        return tables.hazard_table(self.answers.hazard.sel(year=TOLD_YEARS), self.answers.ratio.sel(year=TOLD_YEARS))

    @gated.phrase
    def profile(self) -> str:
        """Words for the women whom the answers are about."""
        return self.answers.profile

    @gated.phrase
    def interval(self) -> str:
        """Name of the intervals."""
        return f"{100 * self._level:g}%"

    @gated.phrase
    def inner_interval(self) -> str:
        """Name of the narrower intervals."""
        return f"{100 * self.answers.hazard_inner.attrs['interval_level']:g}%"

    @gated.phrase
    def crossover(self) -> str:
        """Year from which the ER-positive hazard is higher."""
        return words.years_interval(*limits_of(self.answers.crossover), self._level)

    @gated.phrase
    def crossing(self) -> str:
        """Whether and when the ER-positive hazard overtakes the ER-negative one, as a sentence."""
        probability = float(np.isfinite(self.answers.crossover_draws.values).mean())
        told = words.probability(probability)
        if probability < SURE:
            return (
                f"Whether the ER-positive hazard overtakes the ER-negative one in two decades is open: it is {told}. "
                f"If so, then at {self.crossover}."
            )
        return (
            f"The ER-positive hazard overtakes the ER-negative one at {self.crossover} and stays the higher one to the "
            f"end of the second decade. That it does so at all is {told}."
        )

    @gated.phrase
    def peak_negative(self) -> str:
        """Year of the highest ER-negative hazard."""
        return self._peak("negative")

    @gated.phrase
    def peak_positive(self) -> str:
        """Year of the highest ER-positive hazard."""
        return self._peak("positive")

    @gated.phrase
    def highest_negative(self) -> str:
        """Highest annual ER-negative hazard."""
        return self._highest("negative")

    @gated.phrase
    def highest_positive(self) -> str:
        """Highest annual ER-positive hazard."""
        return self._highest("positive")

    @gated.phrase
    def half_window_negative(self) -> str:
        """Shortest window with half of the ER-negative recurrences."""
        return self._window("negative", 0.5)

    @gated.phrase
    def half_window_positive(self) -> str:
        """Shortest window with half of the ER-positive recurrences."""
        return self._window("positive", 0.5)

    @gated.phrase
    def late_share_negative(self) -> str:
        """Share of ER-negative recurrences after year five."""
        return self._late("negative", 5)

    @gated.phrase
    def late_share_positive(self) -> str:
        """Share of ER-positive recurrences after year five."""
        return self._late("positive", 5)

    @gated.phrase
    def residual_negative(self) -> str:
        """Risk of an ER-negative recurrence by the last year for women free of one at year five."""
        return self._residual("negative")

    @gated.phrase
    def residual_positive(self) -> str:
        """Risk of an ER-positive recurrence by the last year for women free of one at year five."""
        return self._residual("positive")

    @property
    def _level(self) -> float:
        return self.answers.hazard.attrs["interval_level"]

    def _peak(self, er: str) -> str:
        return words.years_interval(*limits_of(self.answers.peak.sel(er=er)), self._level)

    def _highest(self, er: str) -> str:
        hazard = self.answers.hazard.sel(er=er)
        at = hazard.isel(year=int(hazard["median"].values.argmax()))
        return words.percent_interval(*limits_of(at), self._level)

    def _window(self, er: str, share: float) -> str:
        windows = self.answers.windows
        row = windows[(windows["er"] == er) & (windows["share"] == share)].iloc[0]
        start = words.years_interval(row.start, row.start_lower, row.start_upper, self._level)
        return f"between {start} and {words.years_interval(row.end, row.end_lower, row.end_upper, self._level)}"

    def _late(self, er: str, after: float) -> str:
        return words.percent_interval(*limits_of(self.answers.late_share.sel(er=er, after=after)), self._level)

    def _residual(self, er: str) -> str:
        return words.percent_interval(*limits_of(self.answers.residual.sel(er=er, start=5).isel(end=-1)), self._level)


def limits_of(summary: xr.Dataset) -> tuple[float, float, float]:
    """Give the median and the limits of a summary without dims."""
    return float(summary["median"]), float(summary["lower"]), float(summary["upper"])
