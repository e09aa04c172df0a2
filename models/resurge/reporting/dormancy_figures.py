"""Figures of the page about dormancy: one function each, summaries in, a matplotlib figure out."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from resurge.reporting.style import (
    NEUTRAL,
    QUIET,
    REFERENCE,
    WIDTH,
    colour_of,
    name_of,
    name_rows,
    panels,
    percent_axis,
    styled,
    year_axis,
)
from resurge.reporting.words import population_name

LAST_YEAR = 20.0


@styled
def two_curves(hazards: pd.DataFrame) -> Figure:
    """Hazard of the two compartments, the part out of dormancy, and the hazard of the splines, by ER status.

    Parameters
    ----------
    hazards
        As in `DormancyAnswers.hazards`.
    """
    ers = list(dict.fromkeys(hazards["er"]))
    figure = Figure(figsize=(WIDTH, 3.2 * len(ers)), layout="constrained")
    for ax, er in zip(figure.subplots(len(ers), 1, squeeze=False)[:, 0], ers, strict=True):
        own = hazards[hazards["er"] == er]
        whole, splines = (own[own["model"] == model] for model in ("compartments", "splines"))
        colour = colour_of(er)
        ax.fill_between(
            whole["year"], 0, whole["dormant"], color=colour, alpha=0.22, linewidth=0, label="out of dormancy"
        )
        ax.plot(whole["year"], whole["median"], color=colour, linewidth=2, label="two compartments")
        ax.fill_between(splines["year"], splines["lower"], splines["upper"], color=QUIET, alpha=0.25, linewidth=0)
        ax.plot(splines["year"], splines["median"], "--", color=NEUTRAL, linewidth=1.5, label="splines")
        ax.set_ylim(0, 1.1 * float(own[["median", "upper"]].max().max()))
        year_axis(ax, LAST_YEAR)
        percent_axis(ax)
        ax.set_ylabel("Hazard per year")
        ax.set_title(name_of(er), color=colour)
        ax.legend(loc="upper right")
    return figure


@styled
def dormant_shares(shares: pd.DataFrame) -> Figure:
    """Share of the recurrences at a time that come out of dormancy, by ER status.

    Parameters
    ----------
    shares
        As in `DormancyAnswers.shares`.
    """
    figure, (ax,) = panels(height=3.6)
    for er, rows in shares.groupby("er", sort=False):
        colour = colour_of(str(er))
        ax.fill_between(rows["year"], rows["lower"], rows["upper"], color=colour, alpha=0.18, linewidth=0)
        ax.plot(rows["year"], rows["median"], color=colour, linewidth=2, label=name_of(str(er)))
    ax.set_ylim(0, 1)
    year_axis(ax, LAST_YEAR)
    percent_axis(ax)
    ax.set_ylabel("Share out of dormancy")
    ax.legend(loc="lower right")
    return figure


@styled
def ridges(draws: pd.DataFrame) -> Figure:
    """Posterior draws: fraction early against fraction dormant, and half-life of dormancy against fraction dormant.

    Parameters
    ----------
    draws
        As in `DormancyAnswers.ridge`.
    """
    figure, axes = panels(2, height=3.7)
    for er, rows in draws.groupby("er", sort=False):
        for ax, name in zip(axes, ("p_early", "half_life"), strict=True):
            ax.plot(rows[name], rows["p_dormant"], "o", color=colour_of(str(er)), markersize=3, alpha=0.35,
                    markeredgewidth=0, label=name_of(str(er)))  # fmt: skip
    axes[0].set_xlabel("Fraction early")
    axes[0].xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:g}%"))
    _log_years(axes[1])
    axes[1].set_xlabel("Half-life of dormancy, years")
    percent_axis(axes[0])
    axes[0].set_ylim(0, None)
    axes[0].set_ylabel("Fraction dormant")
    axes[0].legend(loc="upper right", markerscale=2)
    return figure


@styled
def without_definition(held: pd.DataFrame, unheld: Mapping[str, Sequence[Sequence[float]]]) -> Figure:
    """ER-positive compartments when early recurrences are held to the first years, and when they are not.

    Parameters
    ----------
    held
        As in `DormancyAnswers.ridge`.
    unheld
        Draws of the fit without the definition: lists by chain for `early_year` and `p_dormant`.
    """
    figure, (ax,) = panels(height=3.7)
    own = held[held["er"] == "positive"]
    years, dormant = (
        np.concatenate([np.asarray(chain) for chain in unheld[name]]) for name in ("early_year", "p_dormant")
    )
    point = {"markeredgewidth": 0, "markersize": 3.5}
    ax.plot(years, dormant, "s", color=QUIET, alpha=0.5, label="early not held to the first years", **point)
    ax.plot(
        own["early_year"], own["p_dormant"], "o", color=colour_of("positive"), alpha=0.45, label="as reported", **point
    )
    _log_years(ax)
    ax.set_ylim(0, 1.3 * max(float(dormant.max()), float(own["p_dormant"].max())))  # room for the names
    percent_axis(ax)
    ax.set_xlabel("Year by which half of the early recurrences have come")
    ax.set_ylabel("Fraction dormant")
    ax.legend(loc="upper right", markerscale=2)
    return figure


@styled
def score_differences(scores: Sequence[Mapping[str, object]]) -> Figure:
    """Log score of each population left out, two compartments less splines.

    Parameters
    ----------
    scores
        `population`, `recurrence` and `dormancy` of each.
    """
    rows = sorted(scores, key=lambda row: row["dormancy"] - row["recurrence"])
    gaps = [row["dormancy"] - row["recurrence"] for row in rows]
    figure, (ax,) = panels(height=1.0 + 0.24 * len(rows))
    at = np.arange(len(rows))
    ax.hlines(at, 0, gaps, color=NEUTRAL, linewidth=1.4)
    ax.plot(gaps, at, "o", color=REFERENCE, markersize=5)
    ax.axvline(0, color=QUIET, linewidth=1.2, zorder=0)
    name_rows(ax, at, [population_name(str(row["population"])) for row in rows])
    ax.set_xlabel("Log score, two compartments less splines")
    return figure


def _log_years(ax: Axes) -> None:
    ax.set_xscale("log")
    ax.xaxis.set_major_locator(FixedLocator([0.5, 1, 2, 5, 10, 20, 50]))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
