"""What the result pages show: phrases, figures and tables made from the summaries of a posterior.

A posterior that failed its gate gives no summaries; then every result says that it is withheld.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.figure import Figure

from resurge.reporting import figures, tables, words
from resurge.reporting.tables import Table

WITHHELD = "Not shown: the fit failed its checks"


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


def _shown_if_sound(otherwise: Callable[[str], Any]) -> Callable[[Callable[["Results"], Any]], property]:
    """Make a property that shows a result only if the posterior passed its gate."""

    def decorate(show: Callable[["Results"], Any]) -> property:
        @wraps(show)
        def read(self: "Results") -> object:
            return otherwise(WITHHELD) if self.answers is None else show(self)

        return property(read)

    return decorate


_figure = _shown_if_sound(figures.withheld)
_table = _shown_if_sound(tables.withheld)
_phrase = _shown_if_sound(lambda reason: f"({reason.lower()})")


@dataclass(frozen=True)
class Results:
    """Results for the pages.

    Attributes
    ----------
    answers
        Summaries of the posterior; None if it failed its gate.
    observed
        Crude rates of the populations, for `figures.hazard_curves`.
    """

    answers: Answers | None
    observed: pd.DataFrame

    @_figure
    def hazard_figure(self) -> Figure:
        """Hazard by ER status with the populations' own rates."""
        return figures.hazard_curves(self.answers.hazard, self.answers.hazard_inner, self.observed)

    @_figure
    def headline_figure(self) -> Figure:
        """Hazard by ER status alone."""
        return figures.hazard_curves(self.answers.hazard, self.answers.hazard_inner)

    @_figure
    def residual_figure(self) -> Figure:
        """Risks from the years reached."""
        return figures.residual_risk_curves(self.answers.residual)

    @_figure
    def windows_figure(self) -> Figure:
        """Peak and shortest windows."""
        return figures.risk_windows_chart(self.answers.windows, float(self.answers.hazard["year"].max()))

    @_figure
    def ratio_figure(self) -> Figure:
        """Hazard ratio with time, and the crossover."""
        return figures.hazard_ratio_curve(self.answers.ratio, self.answers.ratio_inner, _limits(self.answers.crossover))

    @_figure
    def crossover_figure(self) -> Figure:
        """Posterior of the crossover year."""
        return figures.crossover_density(self.answers.crossover_draws.values)

    @_table
    def residual_table(self) -> Table:
        """Risks from the years reached, by the years that people ask for."""
        residual = self.answers.residual
        asked = [end for end in residual["end"].values if end in {5, 10, 15, 20}]
        return tables.residual_risk_table(residual.sel(end=asked))

    @_phrase
    def profile(self) -> str:
        """Words for the women whom the answers are about."""
        return self.answers.profile

    @_phrase
    def interval(self) -> str:
        """Name of the intervals."""
        return f"{100 * self._level:g}%"

    @_phrase
    def inner_interval(self) -> str:
        """Name of the narrower intervals."""
        return f"{100 * self.answers.hazard_inner.attrs['interval_level']:g}%"

    @_phrase
    def crossover(self) -> str:
        """Year from which the ER-positive hazard is higher."""
        return words.years_interval(*_limits(self.answers.crossover), self._level)

    @_phrase
    def crossing(self) -> str:
        """Probability that the hazards cross at all."""
        return words.probability(float(np.isfinite(self.answers.crossover_draws.values).mean()))

    @_phrase
    def peak_negative(self) -> str:
        """Year of the highest ER-negative hazard."""
        return self._peak("negative")

    @_phrase
    def peak_positive(self) -> str:
        """Year of the highest ER-positive hazard."""
        return self._peak("positive")

    @_phrase
    def highest_negative(self) -> str:
        """Highest annual ER-negative hazard."""
        return self._highest("negative")

    @_phrase
    def highest_positive(self) -> str:
        """Highest annual ER-positive hazard."""
        return self._highest("positive")

    @_phrase
    def half_window_negative(self) -> str:
        """Shortest window with half of the ER-negative recurrences."""
        return self._window("negative", 0.5)

    @_phrase
    def half_window_positive(self) -> str:
        """Shortest window with half of the ER-positive recurrences."""
        return self._window("positive", 0.5)

    @_phrase
    def late_share_negative(self) -> str:
        """Share of ER-negative recurrences after year five."""
        return self._late("negative", 5)

    @_phrase
    def late_share_positive(self) -> str:
        """Share of ER-positive recurrences after year five."""
        return self._late("positive", 5)

    @_phrase
    def residual_negative(self) -> str:
        """Risk of an ER-negative recurrence by the last year for women free of one at year five."""
        return self._residual("negative")

    @_phrase
    def residual_positive(self) -> str:
        """Risk of an ER-positive recurrence by the last year for women free of one at year five."""
        return self._residual("positive")

    @property
    def _level(self) -> float:
        return self.answers.hazard.attrs["interval_level"]

    def _peak(self, er: str) -> str:
        return words.years_interval(*_limits(self.answers.peak.sel(er=er)), self._level)

    def _highest(self, er: str) -> str:
        hazard = self.answers.hazard.sel(er=er)
        at = hazard.isel(year=int(hazard["median"].values.argmax()))
        return words.percent_interval(*_limits(at), self._level)

    def _window(self, er: str, share: float) -> str:
        windows = self.answers.windows
        row = windows[(windows["er"] == er) & (windows["share"] == share)].iloc[0]
        start = words.years_interval(row.start, row.start_lower, row.start_upper, self._level)
        return f"between {start} and {words.years_interval(row.end, row.end_lower, row.end_upper, self._level)}"

    def _late(self, er: str, after: float) -> str:
        return words.percent_interval(*_limits(self.answers.late_share.sel(er=er, after=after)), self._level)

    def _residual(self, er: str) -> str:
        return words.percent_interval(*_limits(self.answers.residual.sel(er=er, start=5).isel(end=-1)), self._level)


def _limits(summary: xr.Dataset) -> tuple[float, float, float]:
    return float(summary["median"]), float(summary["lower"]), float(summary["upper"])
