"""Figures of benefit: risks with and without a therapy, differences by class, printed differences and predictions."""

from collections.abc import Collection, Mapping, Sequence
from textwrap import fill

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter

from resurge.reporting.effect_words import class_name, titled
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
)

TREATED = REFERENCE
MARKERS = "osD"
PRINTED = {
    "this row": ("white", "ratio read by the model"),
    "the same women": ("#bbbbbb", "same women read elsewhere"),
    "nothing": (NEUTRAL, "women not seen"),
}
"""Face of the mark and words, by what the therapy model has read of the women."""


@styled
def decision_curves(curves: Mapping[str, pd.DataFrame]) -> Figure:
    """Risk of recurrence from the landmark with and without a therapy, a panel for each group.

    Parameters
    ----------
    curves
        By group: columns `year`, and `median`, `lower`, `upper` after `without_` and `with_`.
    """
    figure, axes = panels(len(curves), height=3.9)
    for ax, (group, curve) in zip(axes, curves.items(), strict=True):
        for arm, colour, style, name in (("without", NEUTRAL, "-", "stops"), ("with", TREATED, "--", "goes on")):
            ax.fill_between(
                curve["year"], curve[f"{arm}_lower"], curve[f"{arm}_upper"], color=colour, alpha=0.16, linewidth=0
            )
            ax.plot(curve["year"], curve[f"{arm}_median"], style, color=colour, linewidth=2, label=name)
        ax.set_title(group)
        ax.set_xlim(curve["year"].min(), curve["year"].max())
        ax.set_xticks(np.arange(curve["year"].min(), curve["year"].max() + 1, 5))
        percent_axis(ax)
    axes[0].set_ylim(0, None)
    axes[0].set_ylabel("Risk of recurrence by that year")
    axes[0].legend(loc="upper left")
    figure.supxlabel("Years since diagnosis", fontsize=11)
    return figure


@styled
def differences_by_class(starts: pd.DataFrame) -> Figure:
    """Risk that each therapy takes away, a panel for each ER status and a mark for each group.

    Parameters
    ----------
    starts
        Columns `er`, `effect_class`, `group`, `median`, `lower`, `upper` (proportions) and `beyond` (hollow marks).
    """
    parts = [(str(er), rows) for er, rows in starts.groupby("er", sort=False)]
    counts = [rows["effect_class"].nunique() for _, rows in parts]
    figure = Figure(figsize=(WIDTH, 1.3 + 0.62 * sum(counts)), layout="constrained")
    axes = figure.subplots(len(parts), 1, squeeze=False, sharex=True, height_ratios=[n + 0.5 for n in counts])[:, 0]
    markers = dict(zip(dict.fromkeys(starts["group"]), MARKERS, strict=False))
    for ax, (er, rows) in zip(axes, parts, strict=True):
        classes = list(dict.fromkeys(rows["effect_class"]))
        for row in rows.itertuples():
            at = len(classes) - 1 - classes.index(row.effect_class) + 0.22 - 0.22 * list(markers).index(row.group)
            ax.plot([row.lower, row.upper], [at, at], color=colour_of(er), linewidth=1.4)
            face = "white" if row.beyond else colour_of(er)
            ax.plot(row.median, at, markers[row.group], color=colour_of(er), markerfacecolor=face, markersize=5)
        name_rows(ax, np.arange(len(classes))[::-1], [fill(titled(class_name(name)), 25) for name in classes])
        ax.axvline(0, color=QUIET, linewidth=1.2, zorder=0)
        ax.set_title(name_of(er), color=colour_of(er))
    _points_axis(axes[-1])
    axes[-1].set_xlabel("Fewer recurrences, percentage points")
    handles = [Line2D([], [], marker=m, color=NEUTRAL, linestyle="none", label=name) for name, m in markers.items()]
    figure.legend(handles=handles, loc="outside upper right", ncols=len(handles))
    return figure


@styled
def printed_and_predicted(checks: pd.DataFrame, names: Sequence[str]) -> Figure:
    """Draw printed differences of risk beside their predictive intervals.

    Parameters
    ----------
    checks
        Columns `difference`, `given_lower`, `given_upper`, `model_lower`, `model_upper` (NaN where there is none) and
        `ratio_from`.
    names
        Words for each row.
    """
    figure, (ax,) = panels(height=1.4 + 0.36 * len(checks))
    at = np.arange(len(checks))[::-1]
    ax.hlines(at - 0.2, checks["model_lower"], checks["model_upper"], color=QUIET, linewidth=1.1)
    ax.hlines(at, checks["given_lower"], checks["given_upper"], color=REFERENCE, linewidth=4, alpha=0.55)
    for how, (face, _) in PRINTED.items():
        own = (checks["ratio_from"] == how).to_numpy()
        ax.plot(checks["difference"][own], at[own], "D", color=NEUTRAL, markerfacecolor=face, markersize=5)
    ax.axvline(0, color=QUIET, linewidth=1.2, zorder=0)
    name_rows(ax, at, [fill(name, 36, max_lines=2, placeholder=" …") for name in names])
    ax.tick_params(axis="y", labelsize=8.5)
    _points_axis(ax)
    ax.set_xlabel("Fewer recurrences, percentage points")
    figure.legend(handles=_legend(set(checks["ratio_from"])), loc="outside upper left", ncols=2, fontsize=9)
    return figure


def _legend(shown: Collection[str]) -> list[Line2D]:
    printed = {"color": NEUTRAL, "marker": "D", "linestyle": "none", "markersize": 5}
    return [
        *(Line2D([], [], **printed, markerfacecolor=face, label=f"printed; {words}")
          for how, (face, words) in PRINTED.items() if how in shown),
        Line2D([], [], color=REFERENCE, linewidth=4, alpha=0.55, label="predicted from the risk without"),
        Line2D([], [], color=QUIET, linewidth=1.1, label="predicted by both models"),
    ]  # fmt: skip


def _points_axis(ax: Axes) -> None:
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:g}"))
