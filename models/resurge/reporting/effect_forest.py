"""Forest plot of the trials of some classes: what was published, what the model makes of it, and the class."""

import re
from collections.abc import Sequence
from textwrap import fill
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import blended_transform_factory
from numpy.typing import NDArray

from resurge.reporting import words
from resurge.reporting.effect_figures import BLUE, ratio_scale
from resurge.reporting.effect_words import class_name, endpoint_tag, titled, window_words
from resurge.reporting.style import NEUTRAL, QUIET, WIDTH, name_rows, styled

Answer = dict[str, Any]
LEADING = (
    *("any_recurrence", "idfs", "dfs", "distant_recurrence", "bone_recurrence", "locoregional"),
    *("breast_cancer_death", "os"),
)
"""Endpoints in the order in which a trial is shown by one of them."""
ROW_INCHES, TITLE_INCHES = 0.36, 0.55
LETTERS, LINES_IN_A_ROW = 34, 2
"""Of the name of a row: letters in a line, and lines that a row has room for."""
LIMITS = (0.25, 2.6)
_IN_BRACKETS = re.compile(r" \(.*\)$")


def leading_entries(entries: pd.DataFrame) -> pd.DataFrame:
    """Keep of each trial of a class the estimates on the endpoint that it is shown by, in the order of time."""
    rank = entries["endpoint"].map(LEADING.index)
    first = rank.groupby([entries["effect_class"], entries["trial"]]).transform("min")
    return entries[rank == first].sort_values(["effect_class", "trial", "start", "end"], kind="stable")


@styled
def forest(classes: Sequence[Answer], entries: pd.DataFrame) -> Figure:
    """Draw published hazard ratios beside those of the model, a panel for each class.

    Parameters
    ----------
    classes
        Each with `class` and `pooled` (`from`, `to`, `median`, `lower`, `upper` and `predictive` limits).
    entries
        Published estimates with the posterior of their trials, as the findings give them.
    """
    shown = leading_entries(entries)
    own = [shown[shown["effect_class"] == told["class"]] for told in classes]
    names = [[fill(_row_name(row), LETTERS) for row in rows.itertuples()] for rows in own]
    heights = [TITLE_INCHES + ROW_INCHES * (_room(each).sum() + 1) for each in names]
    figure = Figure(figsize=(WIDTH, 0.5 + sum(heights)), layout="constrained")
    axes = figure.subplots(len(classes), 1, squeeze=False, height_ratios=heights, sharex=True)[:, 0]
    for ax, told, rows, named in zip(axes, classes, own, names, strict=True):
        _panel(ax, told, rows, named)
        ratio_scale(ax, "x", LIMITS)
    axes[-1].set_xlabel("Hazard ratio")
    return figure


def _room(names: Sequence[str]) -> NDArray[np.float64]:
    """Give the height of each row, in rows of plain names."""
    return np.array([max(1.0, (name.count("\n") + 1) / LINES_IN_A_ROW) for name in names])


def _panel(ax: Axes, told: Answer, rows: pd.DataFrame, names: Sequence[str]) -> None:
    room = _room(names)
    places = 0.5 + room.sum() - np.cumsum(room) + room / 2
    for row, at in zip(rows.itertuples(), places, strict=True):
        style = ":" if row.used_as == "shape" else "-"
        ax.plot([row.observed_lower, row.observed_upper], [at + 0.14] * 2, style, color=QUIET, linewidth=1.6)
        ax.plot(row.observed, at + 0.14, "s", color=NEUTRAL, markersize=4.5)
        ax.plot([row.lower, row.upper], [at - 0.16] * 2, color=BLUE, linewidth=2.4, solid_capstyle="butt")
        ax.plot(row.median, at - 0.16, "o", color=BLUE, markersize=5, markeredgecolor="white")
        _number(ax, at, row.median, row.lower, row.upper)
    pooled = told["pooled"]
    ax.plot([pooled["predictive"]["lower"], pooled["predictive"]["upper"]], [0, 0], color=BLUE, linewidth=1.2)
    ax.plot([pooled["lower"], pooled["upper"]], [0, 0], color=BLUE, linewidth=4.5, solid_capstyle="butt")
    ax.plot(pooled["median"], 0, "D", color=BLUE, markersize=7, markeredgecolor="white")
    _number(ax, 0, pooled["median"], pooled["lower"], pooled["upper"])
    name_rows(ax, [*places, 0], [*names, f"class, {window_words(pooled['from'], pooled['to'])}"])
    ax.tick_params(axis="y", labelsize=8.5)
    across = blended_transform_factory(ax.figure.transFigure, ax.transAxes)
    ax.set_title(titled(class_name(told["class"])), transform=across, x=0.01)


def _number(ax: Axes, at: float, median: float, lower: float, upper: float) -> None:
    text = words.ratio_cell(median, lower, upper)
    ax.annotate(text, (1.02, at), xycoords=("axes fraction", "data"), va="center", fontsize=8.5)


def _row_name(row: NamedTuple) -> str:
    tag = "" if row.endpoint == "any_recurrence" else f" ({endpoint_tag(row.endpoint)})"
    women = f", {row.women}" if row.women else ""
    return f"{_IN_BRACKETS.sub('', row.trial)}{women}, {window_words(row.start, row.end)}{tag}"
