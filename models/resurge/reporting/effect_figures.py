"""Figures of therapy effects over time: one function each, summaries in, a matplotlib figure out."""

from collections.abc import Mapping, Sequence
from textwrap import fill
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from resurge.reporting.effect_words import class_name, endpoint_tag, titled
from resurge.reporting.style import ER_COLOURS, NEUTRAL, QUIET, REFERENCE, WIDTH, name_rows, panels, styled

Answer = dict[str, Any]
BLUE = ER_COLOURS["positive"]
SINCE_RANDOMISATION = "Years since randomisation"
RATIO_TICKS = [0.2, 0.3, 0.5, 0.7, 1, 1.4, 2, 3]
SHOWN_RATIOS = (0.28, 2.2)
"""Hazard ratios on the axes of small panels; what reaches further is cut."""
PARAMETERS = {
    "full_effect": "full\neffect",
    "onset_half_time": "onset",
    "fade_per_year": "loss on\ntreatment",
    "carry_over_half_life": "carry-\nover",
    "heterogeneity": "spread\nof trials",
}


@styled
def effect_curves(
    classes: Sequence[Answer], entries: pd.DataFrame | None, followed: Mapping[str, float], last_year: float
) -> Figure:
    """Hazard ratio over time, a panel for each class, with the published estimates over the years they average.

    Parameters
    ----------
    classes
        Each with `class`, `curve` and `curve_inner` (columns `year`, `median`, `lower`, `upper`).
    entries
        Published estimates: `effect_class`, `start`, `end`, `observed`, `observed_lower`, `observed_upper`, `used_as`
        (those of `shape` are dashed); None to draw none.
    followed
        By class: last year that its estimates reach; the curve is dashed after it.
    last_year
        End of the axes.
    """
    figure, axes = _grid(len(classes), 2, 2.15)
    for ax, told in zip(axes, classes, strict=True):
        for curve, shade in ((told["curve"], 0.16), (told["curve_inner"], 0.28)):
            ax.fill_between(curve["year"], curve["lower"], curve["upper"], color=BLUE, alpha=shade, linewidth=0)
        seen = told["curve"]["year"] <= followed.get(told["class"], np.inf)
        for part, style in ((told["curve"][seen], "-"), (told["curve"][~seen], "--")):
            ax.plot(part["year"], part["median"], style, color=BLUE, linewidth=2)
        if entries is not None:
            for row in entries[entries["effect_class"] == told["class"]].itertuples():
                _window(ax, row, NEUTRAL)
        ax.set_title(fill(titled(class_name(told["class"])), 30), fontsize=10)
        ax.set_xlim(0, last_year)
        ax.set_xticks(np.arange(0, last_year + 0.1, 5))
    _finish(figure, axes, 2)
    return figure


@styled
def chain_panels(entries: pd.DataFrame, reports: pd.DataFrame, courses: Mapping[str, pd.DataFrame]) -> Figure:
    """Draw the updates of single trials as they came out, a panel for each.

    Parameters
    ----------
    entries
        What each report adds: `update_chain`, `trial`, `endpoint`, `start`, `end`, `observed` and its limits.
    reports
        Effect so far at each follow-up: `update_chain`, `end`, `cumulative` and its limits.
    courses
        By chain: `year`, `median`, `lower`, `upper` of the trial's hazard ratio.
    """
    chains = list(dict.fromkeys(entries["update_chain"]))
    figure, axes = _grid(len(chains), 3, 1.85)
    for ax, chain in zip(axes, chains, strict=True):
        course = courses[chain]
        ax.fill_between(course["year"], course["lower"], course["upper"], color=BLUE, alpha=0.2, linewidth=0)
        ax.plot(course["year"], course["median"], color=BLUE, linewidth=1.8)
        own = entries[entries["update_chain"] == chain]
        for row in own.itertuples():
            _window(ax, row, REFERENCE)
        so_far = reports[reports["update_chain"] == chain]
        ax.vlines(so_far["end"], so_far["cumulative_lower"], so_far["cumulative_upper"], color=NEUTRAL, linewidth=1)
        ax.plot(so_far["end"], so_far["cumulative"], "o", color=NEUTRAL, markersize=4.5, label="effect so far")
        ax.set_title(_chain_title(own.iloc[0], entries), fontsize=9)
        ax.set_xlim(0, None)
        ax.xaxis.set_major_locator(MaxNLocator(4, integer=True))
        ax.tick_params(labelsize=8.5)
    _finish(figure, axes, 3)
    handles = [
        Line2D([], [], color=NEUTRAL, marker="o", linewidth=1, markersize=4.5, label="so far"),
        Line2D([], [], color=REFERENCE, linewidth=2, label="what it added"),
        Patch(color=BLUE, alpha=0.5, label="model"),
    ]
    figure.legend(handles=handles, loc="outside upper center", ncols=3)
    return figure


@styled
def contraction_chart(classes: Sequence[Answer]) -> Figure:
    """How far the evidence narrowed each parameter of each class, as a shade with its percentage.

    Parameters
    ----------
    classes
        Each with `class` and the parameters, which hold `contraction` (0 not at all, 1 completely).
    """
    figure, (ax,) = panels(height=1.2 + 0.36 * len(classes))
    shades = np.array([[max(told[name]["contraction"], 0.0) for name in PARAMETERS] for told in classes])
    heights = np.arange(len(classes))[::-1]
    edges = np.arange(len(PARAMETERS) + 1) - 0.5
    ax.pcolormesh(edges, np.arange(len(classes) + 1) - 0.5, shades[::-1], cmap="Blues", vmin=0, vmax=1)
    for row, at in zip(shades, heights, strict=True):
        for x, share in enumerate(row):
            colour = "white" if share > 0.55 else NEUTRAL
            ax.text(x, at, f"{100 * share:.0f}", ha="center", va="center", color=colour, fontsize=9)
    name_rows(ax, heights, [fill(class_name(told["class"]), 28) for told in classes])
    ax.tick_params(axis="y", labelsize=9)
    ax.set_xticks(range(len(PARAMETERS)), PARAMETERS.values())
    ax.xaxis.tick_top()
    ax.grid(visible=False)
    return figure


def ratio_scale(ax: Axes, axis: str, limits: tuple[float, float]) -> None:
    """Put hazard ratios on a logarithmic axis, with a line at one."""
    own = ax.yaxis if axis == "y" else ax.xaxis
    (ax.axhline if axis == "y" else ax.axvline)(1, color=QUIET, linewidth=1.2, zorder=0)
    (ax.set_yscale if axis == "y" else ax.set_xscale)("log")
    (ax.set_ylim if axis == "y" else ax.set_xlim)(*limits)
    own.set_major_locator(FixedLocator([tick for tick in RATIO_TICKS if limits[0] <= tick <= limits[1]]))
    own.set_minor_locator(NullLocator())
    own.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def _chain_title(first: pd.Series, entries: pd.DataFrame) -> str:
    """Name trial and endpoint of a chain, and its class where the trial has chains in several."""
    several = entries.loc[entries["trial"] == first["trial"], "effect_class"].nunique() > 1
    name = f"{first['trial']}: {class_name(first['effect_class'])}" if several else first["trial"]
    return f"{fill(name, 22)}\n{endpoint_tag(first['endpoint'])}"


def _window(ax: Axes, row: NamedTuple, colour: str) -> None:
    """Draw a published estimate: level over its years, interval at their middle."""
    style = ":" if row.used_as == "shape" else "-"
    middle = (row.start + row.end) / 2
    ax.vlines(middle, row.observed_lower, row.observed_upper, color=colour, alpha=0.45, linewidth=0.9)
    ax.plot([row.start, row.end], [row.observed] * 2, color=colour, linewidth=1.8, alpha=0.85, linestyle=style)


def _grid(count: int, columns: int, row_height: float) -> tuple[Figure, list[Axes]]:
    rows = -(-count // columns)
    figure = Figure(figsize=(WIDTH, 0.6 + row_height * rows), layout="constrained")
    axes = figure.subplots(rows, columns, sharey=True, squeeze=False).ravel()
    for spare in axes[count:]:
        spare.remove()
    return figure, list(axes[:count])


def _finish(figure: Figure, axes: Sequence[Axes], columns: int) -> None:
    for ax in axes:
        ratio_scale(ax, "y", SHOWN_RATIOS)
    for ax in axes[-columns:]:
        ax.set_xlabel(SINCE_RANDOMISATION if columns < 3 else "Years")
    figure.supylabel("Hazard ratio", fontsize=11)
