"""Figures of the page about resistance: one function each, frames in, a matplotlib figure out."""

from textwrap import fill
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from resurge.reporting import words
from resurge.reporting.resistance_words import FACET_NAMES, KIND_NAMES, short_name
from resurge.reporting.style import ER_COLOURS, NEUTRAL, QUIET, REFERENCE, WIDTH, name_rows, panels, styled

BLUE, ORANGE = ER_COLOURS["positive"], ER_COLOURS["negative"]
RATIOS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20]
COLUMNS = (
    "Marker,\nprognosis",
    "Marker,\nresponse",
    "Marker,\ntherapy",
    "Marker,\ncells",
    "Action,\npatients",
    "Action,\nanimals",
)
"""Facets in the width of a column."""
NARROW, WIDE = 0.2, 12.0
"""Ratios between which a forest is drawn; what reaches further ends at the edge."""


@styled
def evidence_map(catalogue: pd.DataFrame) -> Figure:
    """Rows of evidence by mechanism and facet, darker for more, mechanisms without any among them.

    Parameters
    ----------
    catalogue
        Mechanisms with `class`, `mechanism_id` and a column of counts for each facet.
    """
    counts = catalogue[list(FACET_NAMES)].to_numpy()
    figure = Figure(figsize=(WIDTH, 1.6 + 0.19 * len(catalogue)), layout="constrained")
    ax = figure.subplots()
    ax.imshow(np.log1p(counts), cmap="Blues", aspect="auto", vmin=0, vmax=np.log1p(max(counts.max(), 1)) * 1.25)
    for i, j in zip(*np.nonzero(counts), strict=True):
        ax.text(j, i, str(counts[i, j]), ha="center", va="center", fontsize=8, color=_on(counts[i, j], counts.max()))
    names = [short_name(name) for name in catalogue["mechanism_id"]]
    ax.set_yticks(range(len(names)), names, fontsize=8)
    for label, total in zip(ax.get_yticklabels(), counts.sum(1), strict=True):
        label.set(parse_math=False, color=NEUTRAL if total else QUIET)
    ax.set_xticks(range(len(FACET_NAMES)), COLUMNS, fontsize=8)
    ax.xaxis.tick_top()
    kinds = catalogue["class"].tolist()
    starts = [i for i in range(len(kinds)) if i == 0 or kinds[i] != kinds[i - 1]]
    for start in starts:
        ax.axhline(start - 0.5, color=QUIET, linewidth=0.8)
        ax.annotate(kinds[start], (1.01, start), xycoords=("axes fraction", "data"), va="center", fontsize=8)
    ax.grid(visible=False)
    ax.tick_params(length=0)
    return figure


@styled
def facet_forest(effects: pd.DataFrame, rows: pd.DataFrame, axis: str) -> Figure:
    """Posterior effect of each mechanism that has rows in a facet, the interval of its next study, its rows as points.

    Parameters
    ----------
    effects
        `mechanism`, `median`, `lower`, `upper`, `next_lower`, `next_upper`, the first on top.
    rows
        `mechanism_id` and `effect` as published.
    axis
        What the ratios are of.
    """
    figure, (ax,) = panels(height=1.2 + 0.27 * len(effects))
    heights = np.arange(len(effects))[::-1]
    for effect, at in zip(effects.itertuples(), heights, strict=True):
        own = np.exp(rows.loc[rows["mechanism_id"] == effect.mechanism, "effect"])
        ax.plot([effect.next_lower, effect.next_upper], [at, at], color=QUIET, linewidth=1)
        ax.plot([effect.lower, effect.upper], [at, at], color=BLUE, linewidth=3, solid_capstyle="butt")
        ax.plot(effect.median, at, "o", color=BLUE, markersize=5, markeredgecolor="white")
        ax.plot(own.clip(NARROW, WIDE), np.full(len(own), at - 0.28), "|", color=ORANGE, markersize=5)
        cell = words.ratio_cell(effect.median, effect.lower, effect.upper)
        ax.annotate(cell, (1.02, at), xycoords=("axes fraction", "data"), va="center", fontsize=8.5)
    name_rows(ax, heights, [short_name(name) for name in effects["mechanism"]])
    ax.tick_params(axis="y", labelsize=8.5)
    _ratios(ax, axis)
    return figure


@styled
def trials_figure(trials: pd.DataFrame) -> Figure:
    """Interventions in patients as published; those that hold no effect in the same weight as those that do not.

    Parameters
    ----------
    trials
        `mechanism_id`, `intervention`, `outcome`, `ratio`, `lower`, `upper`, `null`; the first on top.
    """
    figure, (ax,) = panels(height=1.4 + 0.34 * len(trials))
    heights = np.arange(len(trials))[::-1]
    for row, at in zip(trials.itertuples(), heights, strict=True):
        colour = ORANGE if row.null else BLUE
        ax.plot([max(row.lower, NARROW), min(row.upper, WIDE)], [at, at], color=colour, linewidth=2.4)
        ax.plot(row.ratio, at, "s" if row.null else "o", color=colour, markersize=5.5, markeredgecolor="white")
    what = [fill(f"{short_name(row.mechanism_id)}: {row.intervention}, {row.outcome.replace('_', ' ')}", 44)
            for row in trials.itertuples()]  # fmt: skip
    name_rows(ax, heights, what)
    ax.tick_params(axis="y", labelsize=7.5)
    ax.plot([], [], "s", color=ORANGE, label="interval includes 1")
    ax.plot([], [], "o", color=BLUE, label="interval excludes 1")
    ax.legend(loc="lower center", bbox_to_anchor=(0.2, 1.0), ncols=2, fontsize=8.5)
    _ratios(ax, "Hazard ratio, control over treated")
    return figure


@styled
def shrinkage_figure(pairs: pd.DataFrame, curve: pd.DataFrame) -> Figure:
    """Repeated against published effects, with what the model expects; on the dashed line nothing is lost.

    Parameters
    ----------
    pairs, curve
        As in `resistance_answers.ReplicationAnswers`.
    """
    figure, axes = panels(2, height=3.9)
    for ax, kind in zip(axes, KIND_NAMES, strict=True):
        seen, told = pairs[pairs["kind"] == kind], curve[curve["kind"] == kind]
        ax.plot([0.3, 100], [0.3, 100], "--", color=NEUTRAL, linewidth=1)
        ax.axhline(0, color=QUIET, linewidth=1)
        ax.fill_between(told["original"], told["lower"], told["upper"], color=BLUE, alpha=0.18, linewidth=0)
        ax.plot(told["original"], told["median"], color=BLUE, linewidth=2)
        ax.plot(seen["original"], seen["replication"], "o", color=ORANGE, markersize=4, alpha=0.75, markeredgewidth=0)
        ax.set(xscale="log", xlim=(0.22, 100), title=KIND_NAMES[kind].capitalize(), xlabel="Published effect")
        ax.set_yscale("symlog", linthresh=1)
        ax.set_ylim(-5, 60)
        ax.xaxis.set(major_locator=FixedLocator([0.5, 1, 3, 10, 30]), minor_locator=NullLocator())
        ax.yaxis.set(major_locator=FixedLocator([-3, -1, 0, 1, 3, 10, 30]), minor_locator=NullLocator())
        ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}".replace("-", "−")))
    axes[0].set_ylabel("Effect seen again")
    return figure


@styled
def correlation_figure(found: list[dict[str, Any]]) -> Figure:
    """Correlations of other facets with interventions in patients.

    Parameters
    ----------
    found
        `facet`, `median`, `lower`, `upper`.
    """
    figure, (ax,) = panels(height=1.2 + 0.36 * len(found))
    heights = np.arange(len(found))[::-1]
    for each, at in zip(found, heights, strict=True):
        ax.plot([each["lower"], each["upper"]], [at, at], color=BLUE, linewidth=3, solid_capstyle="butt")
        ax.plot(each["median"], at, "o", color=BLUE, markersize=6, markeredgecolor="white")
    name_rows(ax, heights, [FACET_NAMES[each["facet"]] for each in found])
    ax.axvline(0, color=NEUTRAL, linewidth=1)
    ax.set(xlim=(-1, 1), xlabel="Correlation with the effect of intervening in patients")
    return figure


def _ratios(ax, axis: str) -> None:  # noqa: ANN001 - an Axes of matplotlib
    ax.set_xscale("log")
    ax.set_xlim(NARROW, WIDE)
    ax.axvline(1, color=REFERENCE, linewidth=1.2, zorder=0)
    ax.xaxis.set(major_locator=FixedLocator(RATIOS), minor_locator=NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.set_xlabel(axis)


def _on(count: int, most: int) -> str:
    """Give the colour in which a count is read on its shade."""
    return "white" if np.log1p(count) > 0.75 * np.log1p(most) else NEUTRAL
