"""Figures of the answers: one function each, summaries in, a matplotlib figure out.

A *summary* is an `xarray.Dataset` with the variables `median`, `lower` and `upper` (as `summarise` of the findings
gives) and the attribute `interval_level`. Nothing is computed here and nothing is saved.
"""

from itertools import pairwise

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator
from numpy.typing import ArrayLike

from resurge.reporting.style import (
    NEUTRAL,
    QUIET,
    WIDTH,
    YEARS_LABEL,
    colour_of,
    curve_with_band,
    interval_words,
    label_lines,
    labels_of,
    name_of,
    name_rows,
    panels,
    percent_axis,
    styled,
    year_axis,
)


@styled
def hazard_curves(summary: xr.Dataset, inner: xr.Dataset | None = None, observed: pd.DataFrame | None = None) -> Figure:
    """Annual hazard of recurrence by ER status.

    Parameters
    ----------
    summary
        Hazard per year as a proportion, dims `er` and `year`.
    inner
        The same with a narrower interval, drawn darker.
    observed
        Crude rates of the populations: columns `population`, `er`, `start_year`, `end_year`, `rate`, `lower`, `upper`
        (per person-year) and `person_years`. The area of a point stands for its person-years.
    """
    figure, (ax,) = panels(height=4.4)
    years = summary["year"].values
    for er in labels_of(summary, "er"):
        narrow = None if inner is None else inner.sel(er=er)
        curve_with_band(ax, years, summary.sel(er=er), colour=colour_of(er), inner=narrow, name=name_of(er))
    top = float(summary["upper"].max())
    if observed is not None:
        _crude_rates(ax, observed)
        top = max(top, float(observed["rate"].max()))
    ax.set_ylim(0, 1.08 * top)
    year_axis(ax, float(years[-1]))
    percent_axis(ax)
    ax.set_ylabel("Hazard of recurrence per year")
    label_lines(ax)
    return figure


def _crude_rates(ax: Axes, observed: pd.DataFrame) -> None:
    markers = dict(zip(sorted(observed["population"].unique()), "osD^v", strict=False))
    for (population, er), rows in observed.groupby(["population", "er"]):
        middle = (rows["start_year"] + rows["end_year"]) / 2
        colour = colour_of(str(er))
        ax.vlines(middle, rows["lower"], rows["upper"], color=colour, alpha=0.4, linewidth=1)
        size = 8 + 120 * rows["person_years"] / observed["person_years"].max()
        marker = markers.get(str(population), "o")
        ax.scatter(middle, rows["rate"], s=size, marker=marker, color=colour, alpha=0.65, linewidths=0, zorder=3)
    handles = [
        Line2D(
            [],
            [],
            marker=marker,
            color="none",
            markerfacecolor=QUIET,
            markeredgewidth=0,
            label=str(population).replace("_", "-"),
        )
        for population, marker in markers.items()
    ]
    ax.legend(handles=handles, loc="upper right", title="Observed rates")


@styled
def residual_risk_curves(summary: xr.Dataset) -> Figure:
    """Risk of recurrence from a year reached without one, a panel for each ER status.

    Parameters
    ----------
    summary
        Risk as a proportion, dims `er`, `start` (the year reached) and `end`; missing where `end` is before `start`.
    """
    ers = labels_of(summary, "er")
    figure, axes = panels(len(ers), height=3.9)
    starts = summary["start"].values
    styles = ["-", "--", "-.", ":"]
    for ax, er in zip(axes, ers, strict=True):
        for start, style in zip(starts, styles, strict=False):
            part = summary.sel(er=er, start=start)
            part = part.isel(end=(part["end"] >= start).values)
            ax.fill_between(part["end"], part["lower"], part["upper"], color=colour_of(er), alpha=0.14, linewidth=0)
            name = "from diagnosis" if start == 0 else f"free at year {start:g}"
            ax.plot(part["end"], part["median"], style, color=colour_of(er), linewidth=2, label=name)
        ax.set_title(name_of(er), color=colour_of(er))
        year_axis(ax, float(summary["end"].max()))
        percent_axis(ax)
        ax.set_ylim(0, 1.3 * float(summary["upper"].max()))  # room for the names of the lines
        ax.legend(loc="upper left")
    axes[0].set_ylabel("Risk of recurrence by that year")
    return figure


@styled
def risk_windows_chart(windows: pd.DataFrame, last_year: float = 20.0) -> Figure:
    """When recurrences happen: the peak and the shortest windows with given shares of them.

    Parameters
    ----------
    windows
        Columns `er`, `name` (what the bar is), `start`, `end` (years, medians; equal for a moment such as the peak),
        and their limits `start_lower`, `start_upper`, `end_lower`, `end_upper`.
    last_year
        End of the axis.
    """
    figure, (ax,) = panels(height=1.1 + 0.5 * len(windows))
    for row, at in zip(windows.itertuples(), np.arange(len(windows))[::-1], strict=True):
        colour = colour_of(row.er)
        if row.start == row.end:
            ax.plot(row.start, at, "D", color=colour, markersize=8)
            ax.plot([row.start_lower, row.start_upper], [at, at], color=colour, linewidth=1.6)
            continue
        ax.barh(at, row.end - row.start, left=row.start, height=0.5, color=colour, alpha=0.55)
        for lower, upper in ((row.start_lower, row.start_upper), (row.end_lower, row.end_upper)):
            ax.plot([lower, upper], [at, at], color=NEUTRAL, linewidth=1.4, marker="|", markersize=7)
    names = [f"{name_of(row.er)}:\n{row.name}" for row in windows.itertuples()]
    name_rows(ax, np.arange(len(windows))[::-1], names)
    year_axis(ax, last_year)
    return figure


@styled
def hazard_ratio_curve(
    summary: xr.Dataset, inner: xr.Dataset | None = None, crossover: tuple[float, float, float] | None = None
) -> Figure:
    """Hazard of ER-negative over that of ER-positive disease, with time.

    Parameters
    ----------
    summary, inner
        Ratio, dim `year`; the second with a narrower interval.
    crossover
        Year at which the ratio falls through one: median, lower and upper limit.
    """
    figure, (ax,) = panels()
    curve_with_band(ax, summary["year"], summary, colour=NEUTRAL, inner=inner, name="median")
    ax.axhline(1, color=QUIET, linewidth=1.2)
    if crossover is not None and np.isfinite(crossover).all():
        median, lower, upper = crossover
        ax.axvspan(lower, upper, color=colour_of("positive"), alpha=0.14, linewidth=0)
        ax.axvline(median, color=colour_of("positive"), linewidth=1.4, linestyle="--")
        words = f"the curves cross\n({interval_words(summary)})"
        ax.annotate(words, (upper, 0.97), (5, 0), ("data", "axes fraction"), "offset points", va="top")
    ax.set_yscale("log")
    ax.yaxis.set_major_locator(FixedLocator([0.1, 0.2, 0.5, 1, 2, 5, 10]))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    year_axis(ax, float(summary["year"][-1]))
    ax.set_ylabel("Hazard ratio,\nER-negative : ER-positive")
    return figure


@styled
def crossover_density(years: ArrayLike, last_year: float = 20.0) -> Figure:
    """Posterior of the year in which the ER-positive hazard overtakes the ER-negative one.

    Parameters
    ----------
    years
        Draws of the year; those without a crossing are missing and are counted in the title.
    last_year
        End of the axis.
    """
    draws = np.asarray(years, float)
    crossed = draws[np.isfinite(draws)]
    figure, (ax,) = panels(height=3.0)
    weights = np.full(crossed.size, 1 / draws.size)
    ax.hist(crossed, bins=np.arange(0, last_year + 0.25, 0.25), weights=weights, color=colour_of("positive"), alpha=0.7)
    year_axis(ax, last_year)
    percent_axis(ax)
    ax.set_ylabel("Probability\nper quarter year")
    return figure


@styled
def inclusion_flow(stages: pd.DataFrame, excluded: pd.DataFrame) -> Figure:
    """Rows of evidence from the tables to the model.

    Parameters
    ----------
    stages
        Boxes from top to bottom: columns `stage` (words) and `rows`.
    excluded
        What leaves after the first box: columns `reason` (words) and `rows`.
    """
    height = max(1.15 * len(stages), 0.9 + 0.27 * len(excluded)) + 0.3
    figure = Figure(figsize=(1.15 * WIDTH, height), layout="constrained")
    ax = figure.subplots()
    ax.axis("off")
    ax.set(xlim=(0, 1), ylim=(0, 1))
    box = {"boxstyle": "round,pad=0.6", "facecolor": "#f6f8fa", "edgecolor": QUIET}
    heights = np.linspace(0.88, 0.12, len(stages))
    for row, at in zip(stages.itertuples(), heights, strict=True):
        ax.text(0.22, at, f"{row.stage}\n{row.rows:,} rows", ha="center", va="center", bbox=box, zorder=2)
    arrow = {"arrowstyle": "-|>", "color": QUIET, "linewidth": 1.4}
    for upper, lower in pairwise(heights):
        ax.annotate("", (0.22, lower + 0.1), (0.22, upper - 0.1), arrowprops=arrow)
    between = (heights[0] + heights[1]) / 2
    ax.annotate("", (0.47, between), (0.22, between), arrowprops=arrow)
    lines = [
        f"Left out: {excluded['rows'].sum():,} rows",
        *(f"{r.rows:>5,}  {r.reason}" for r in excluded.itertuples()),
    ]
    ax.text(0.5, 0.95, "\n".join(lines), va="top", bbox=box, fontsize=10, linespacing=1.5)
    return figure


@styled
def withheld(reason: str) -> Figure:
    """Empty frame with the reason why a result is not shown."""
    figure, (ax,) = panels(height=2.2)
    ax.set_axis_off()
    ax.text(0.5, 0.5, reason, ha="center", va="center", wrap=True, color=NEUTRAL)
    ax.set_xlabel(YEARS_LABEL)
    return figure
