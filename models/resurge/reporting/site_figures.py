"""Figures of metastatic sites: one function each, answers of the findings in, a matplotlib figure out."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter

from resurge.reporting.site_words import SITE_NAMES
from resurge.reporting.style import NEUTRAL, QUIET, name_rows, panels, styled

Answer = dict[str, Any]
COLOURS = {"HR+/HER2-": "#0072B2", "HR+/HER2+": "#56B4E9", "HR-/HER2+": "#CC79A7", "TNBC": "#D55E00", "any": NEUTRAL}
NAMES = {"any": "all, mixed"}
SITE_GAP = 0.9
"""Free height between two sites, in rows."""


@styled
def site_forest(shares: Sequence[Answer], axis: str = "Share of patients with metastases") -> Figure:
    """Shares by site and subtype: medians, intervals, those of a new source, and the sources' own points.

    Parameters
    ----------
    shares
        As an answer tells them, those of one site next to each other; without ``new_source`` no thin line is drawn.
    axis
        What the shares are of.
    """
    sites = list(dict.fromkeys(share["site"] for share in shares))
    gaps = np.array([SITE_GAP * sites.index(share["site"]) for share in shares])
    heights = -np.arange(len(shares)) - gaps
    figure, (ax,) = panels(height=1.5 + 0.29 * (len(shares) + SITE_GAP * len(sites)))
    for share, at in zip(shares, heights, strict=True):
        _interval(ax, share, at)
        for point in share["sources"]:
            if point["subtype"] == share["subtype"] or share["subtype"] != "any":
                _point(ax, point, share["subtype"], at)
    for site in sites:
        top = max(at for share, at in zip(shares, heights, strict=True) if share["site"] == site)
        ax.text(0.0, top + 0.62, SITE_NAMES[site], fontweight="bold", fontsize=11, va="bottom")
    name_rows(ax, heights, [NAMES.get(share["subtype"], share["subtype"]) for share in shares])
    ax.set_ylim(heights.min() - 0.6, 1.6)
    ax.set_xlim(0, 1)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:g}%"))
    ax.set_xlabel(axis)
    _legend(ax, shares)
    return figure


def _interval(ax: Axes, share: Answer, at: float) -> None:
    colour = COLOURS.get(share["subtype"], NEUTRAL)
    if "new_source" in share:
        ax.plot([share["new_source"]["lower"], share["new_source"]["upper"]], [at, at], color=QUIET, linewidth=1.2)
    ax.plot([share["lower"], share["upper"]], [at, at], color=colour, linewidth=4, alpha=0.55, solid_capstyle="butt")
    ax.plot(share["median"], at, "|", color=colour, markersize=11, markeredgewidth=2.5)


def _point(ax: Axes, point: Answer, subtype: str, at: float) -> None:
    """Draw a source's share: filled where it counts this subtype, hollow for a part or mixture; wide mixtures apart."""
    if point["subtype"] == "any" and subtype != "any":
        return
    own = point["subtype"] == subtype and point["used_as"] != "luminal_part"
    if point["used_as"] == "shown":
        ax.plot(point["share"], at, "x", color=NEUTRAL, markersize=5, zorder=4)
        return
    face = NEUTRAL if own else "white"
    ax.plot(point["share"], at, "o", color=NEUTRAL, markerfacecolor=face, markersize=4.5, markeredgewidth=1, zorder=4)


def _legend(ax: Axes, shares: Sequence[Answer]) -> None:
    parts = [Line2D([], [], color=NEUTRAL, linewidth=4, alpha=0.55, label="typical source")]
    if "new_source" in shares[0]:
        parts.append(Line2D([], [], color=QUIET, linewidth=1.2, label="new source"))
    dot = {"color": NEUTRAL, "linestyle": "", "marker": "o", "markersize": 4.5}
    parts.append(Line2D([], [], **dot, label="a source"))
    points = [(point, share["subtype"]) for share in shares for point in share["sources"]]
    if any(point["subtype"] != subtype for point, subtype in points):
        parts.append(Line2D([], [], **dot, markerfacecolor="white", label="part or mixture"))
    if any(point["used_as"] == "shown" for point, _ in points):
        parts.append(Line2D([], [], color=NEUTRAL, linestyle="", marker="x", markersize=5, label="not in the model"))
    ax.figure.legend(handles=parts, loc="outside upper left", ncols=3, fontsize=9)
