"""Look of every figure: colours, sizes and label words, in one place."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import ParamSpec

import matplotlib as mpl
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter
from numpy.typing import ArrayLike

ER_COLOURS = {"positive": "#0072B2", "negative": "#D55E00", "any": "#555555"}
ER_NAMES = {"positive": "ER-positive", "negative": "ER-negative", "any": "ER not split"}
NEUTRAL, QUIET, REFERENCE = "#333333", "#8c959f", "#009E73"
WIDTH = 5.8  # inches; narrow, so that the words stay legible when a phone shrinks the figure
YEARS_LABEL = "Years since diagnosis"

_RC = {
    "font.size": 11,
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 11,
    "xtick.labelsize": 10,
    "ytick.labelsize": 10,
    "legend.fontsize": 10,
    "legend.frameon": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": QUIET,
    "axes.labelcolor": NEUTRAL,
    "text.color": NEUTRAL,
    "xtick.color": NEUTRAL,
    "ytick.color": NEUTRAL,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#e6e8eb",
    "grid.linewidth": 0.8,
    "svg.hashsalt": "resurge",
    "text.parse_math": False,  # names come from evidence: a dollar is a dollar
}
_P = ParamSpec("_P")


def styled(draw: Callable[_P, Figure]) -> Callable[_P, Figure]:
    """Draw a figure in the house style, leaving the settings of matplotlib as they were."""

    @wraps(draw)
    def in_style(*args: _P.args, **kwargs: _P.kwargs) -> Figure:
        with mpl.rc_context(_RC):
            return draw(*args, **kwargs)

    return in_style


def panels(columns: int = 1, *, height: float = 3.9, share_y: bool = True) -> tuple[Figure, list[Axes]]:
    """Figure with a row of panels."""
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    axes = figure.subplots(1, columns, sharey=share_y, squeeze=False)[0]
    return figure, list(axes)


def labels_of(values: xr.Dataset | xr.DataArray, dim: str) -> list[str]:
    """Labels of a dimension as text, in the order of the data."""
    return [str(label) for label in np.atleast_1d(values[dim].values)]


def colour_of(label: str) -> str:
    """Colour of an ER status; neutral for any other label."""
    return ER_COLOURS.get(label, NEUTRAL)


def name_of(label: str) -> str:
    """Words for an ER status; any other label as it is."""
    return ER_NAMES.get(label, label)


def percent_axis(ax: Axes) -> None:
    """Write proportions on the vertical axis as percentages."""
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:.4g}%"))


def year_axis(ax: Axes, last: float, first: float = 0.0) -> None:
    """Years since diagnosis on the horizontal axis, ticked every five."""
    ax.set_xlim(first, last)
    ax.set_xticks(np.arange(first, last + 0.1, 5 if last - first > 10 else 2))
    ax.set_xlabel(YEARS_LABEL)


def name_rows(ax: Axes, heights: ArrayLike, names: Sequence[str]) -> None:
    """Name the rows of a chart of horizontal lines; names are text, never mathematics."""
    ax.set_yticks(heights, names)
    for label in ax.get_yticklabels():
        label.set_parse_math(False)
    ax.grid(visible=False, axis="y")
    ax.set_ylim(min(heights) - 0.6, max(heights) + 0.6)


def curve_with_band(
    ax: Axes, x: ArrayLike, outer: xr.Dataset, *, colour: str, inner: xr.Dataset | None = None, name: str
) -> None:
    """Median as a line, the interval as a band, and a narrower interval as a darker one."""
    ax.fill_between(x, outer["lower"], outer["upper"], color=colour, alpha=0.16, linewidth=0)
    if inner is not None:
        ax.fill_between(x, inner["lower"], inner["upper"], color=colour, alpha=0.28, linewidth=0)
    ax.plot(x, outer["median"], color=colour, linewidth=2, label=name)


def label_lines(ax: Axes, gap: float = 0.07) -> None:
    """Write the name of each line at its right end, pushed apart by at least `gap` of the axis."""
    lines = [line for line in ax.get_lines() if not line.get_label().startswith("_")]
    ends = []
    for line in lines:
        x, y = np.asarray(line.get_xdata(), float), np.asarray(line.get_ydata(), float)
        shown = np.isfinite(y)
        height = ax.transAxes.inverted().transform(ax.transData.transform((x[shown][-1], y[shown][-1])))[1]
        ends.append((float(height), line))
    floor = -np.inf
    for height, line in sorted(ends, key=lambda end: end[0]):
        at = max(height, floor + gap)
        floor = at
        ax.text(1.02, at, line.get_label(), color=line.get_color(), transform=ax.transAxes, va="center")


def interval_words(summary: xr.Dataset) -> str:
    """Words for the interval of a summary, such as "95% interval"."""
    return f"{100 * summary.attrs['interval_level']:g}% interval"
