"""Figures of the answers: one function each, summaries in, a matplotlib figure out.

A *summary* is an `xarray.Dataset` with the variables `median`, `lower` and `upper` (as `summarise` of the findings
gives) and the attribute `interval_level`. Nothing is computed here and nothing is saved.
"""

from itertools import pairwise
from textwrap import fill

import numpy as np
import pandas as pd
import xarray as xr
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
from resurge.reporting.words import population_name


@styled
def hazard_curves(summary: xr.Dataset, inner: xr.Dataset) -> Figure:
    """Annual hazard of recurrence by ER status.

    Parameters
    ----------
    summary
        Hazard per year as a proportion, dims `er` and `year`.
    inner
        The same with a narrower interval, drawn darker.
    """
    figure, (ax,) = panels(height=4.2)
    years = summary["year"].values
    for er in labels_of(summary, "er"):
        curve_with_band(ax, years, summary.sel(er=er), colour=colour_of(er), inner=inner.sel(er=er), name=name_of(er))
    ax.set_ylim(0, 1.08 * float(summary["upper"].max()))
    year_axis(ax, float(years[-1]))
    percent_axis(ax)
    ax.set_ylabel("Hazard of recurrence per year")
    label_lines(ax)
    return figure


@styled
def hazards_with_data(summary: xr.Dataset, inner: xr.Dataset, observed: pd.DataFrame) -> Figure:
    """Annual hazard of recurrence with the populations' own rates, a panel for each ER status.

    Parameters
    ----------
    summary, inner
        As for `hazard_curves`.
    observed
        Rates of the populations on the footing of the curves: columns `population`, `er`, `start_year`, `end_year`,
        `kind` (``person-time``, drawn as points with limits, or ``published``, drawn as lines over their years),
        `rate`, `lower`, `upper`.
    """
    ers, years = labels_of(summary, "er"), summary["year"].values
    figure = Figure(figsize=(WIDTH, 3.3 * len(ers)), layout="constrained")
    axes = figure.subplots(len(ers), 1, squeeze=False)[:, 0]
    markers = dict(zip(sorted(observed.query("kind == 'person-time'")["population"].unique()), "osD^v", strict=False))
    for ax, er in zip(axes, ers, strict=True):
        colour = colour_of(er)
        curve_with_band(ax, years, summary.sel(er=er), colour=colour, inner=inner.sel(er=er), name=name_of(er))
        seen = observed[observed["er"] == er]
        for row in seen[seen["kind"] == "published"].itertuples():
            ax.plot([row.start_year, row.end_year], [row.rate] * 2, color=NEUTRAL, alpha=0.35, linewidth=1.2)
        for population, rows in seen[seen["kind"] == "person-time"].groupby("population"):
            middle = (rows["start_year"] + rows["end_year"]) / 2
            ax.vlines(middle, rows["lower"], rows["upper"], color=NEUTRAL, alpha=0.5, linewidth=1)
            ax.plot(middle, rows["rate"], markers[population], color=NEUTRAL, markersize=5, markeredgewidth=0)
        ax.set_ylim(0, 1.08 * max(float(summary.sel(er=er)["upper"].max()), float(seen["rate"].max())))
        year_axis(ax, float(years[-1]))
        percent_axis(ax)
        ax.set_ylabel("Hazard per year")
        ax.set_title(name_of(er), color=colour)
    point = {"color": "none", "markerfacecolor": NEUTRAL, "markeredgewidth": 0}
    handles = [Line2D([], [], marker=m, label=population_name(name), **point) for name, m in markers.items()]
    handles.append(Line2D([], [], color=NEUTRAL, alpha=0.5, linewidth=1.2, label="published windows"))
    axes[0].legend(handles=handles, loc="upper right", title="Standardised data")
    return figure


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
def inclusion_flow(stages: pd.DataFrame, excluded: pd.DataFrame, other: pd.DataFrame) -> Figure:
    """Rows of evidence from the tables to the model.

    Parameters
    ----------
    stages
        Boxes from top to bottom: columns `stage` (words) and `rows`.
    excluded
        What leaves after the first box: columns `reason` (words) and `rows`.
    other
        What leaves after the last box but one: columns `kind` (words) and `rows`.
    """
    left_out = _tally("Left out", excluded.rename(columns={"reason": "kind"}))
    kept = _tally("For other models", other)
    first, second = left_out.count("\n") + 1, kept.count("\n") + 1
    top = first + second + 12.5  # in lines of text
    figure = Figure(figsize=(WIDTH, 0.2 * top), layout="constrained")
    ax = figure.subplots()
    ax.axis("off")
    ax.set(xlim=(0, 1), ylim=(0, top))
    middle = top - first - 6
    heights = [top - 2, middle, 2.5]
    box = {"boxstyle": "round,pad=0.5", "facecolor": "#f6f8fa", "edgecolor": QUIET}
    for row, at in zip(stages.itertuples(), heights, strict=True):
        ax.text(0.14, at, f"{fill(row.stage, 17)}\n{row.rows:,} rows", ha="center", va="center", bbox=box, zorder=2)
    arrow = {"arrowstyle": "-|>", "color": QUIET, "linewidth": 1.4}
    for upper, lower in pairwise(heights):
        ax.annotate("", (0.14, lower + 2.3), (0.14, upper), arrowprops=arrow, zorder=1)
    for at, text in ((top - 3.5 - first / 2, left_out), (middle - 2 - second / 2, kept)):
        ax.annotate("", (0.33, at), (0.14, at), arrowprops=arrow, zorder=1)
        ax.text(0.36, at, text, va="center", bbox=box, fontsize=10, linespacing=1.3)
    return figure


def _tally(title: str, rows: pd.DataFrame) -> str:
    """Total, then the number of each kind, long kinds folded."""
    items = [fill(f"{row.rows:,}  {row.kind}", 44, subsequent_indent="      ") for row in rows.itertuples()]
    return "\n".join([f"{title}: {rows['rows'].sum():,} rows", *items])


@styled
def withheld(reason: str) -> Figure:
    """Empty frame with the reason why a result is not shown."""
    figure, (ax,) = panels(height=2.2)
    ax.set_axis_off()
    ax.text(0.5, 0.5, reason, ha="center", va="center", wrap=True, color=NEUTRAL)
    ax.set_xlabel(YEARS_LABEL)
    return figure
