"""Figures of influence and of change: one function each, answers in, a matplotlib figure out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from textwrap import fill
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, MaxNLocator, NullLocator

from resurge.reporting.answer_words import value_words
from resurge.reporting.style import NEUTRAL, QUIET, name_rows, panels, styled

Answer = Mapping[str, Any]
EARLIER, LATER = "#a8b0b9", NEUTRAL
UNITS = {"rate": "Hazard per year", "share": "Share", "ratio": "Ratio", "years": "Years", "number": "Value"}
"""What an axis of answers of a kind is called."""
LOG_KINDS = ("ratio", "rate")
TICKS = 4
WIDE = 8.0
"""Span, as a factor, from which a logarithmic axis is ticked at 1, 2 and 5 rather than evenly."""
CHARACTERS = 34
"""Longest line of a name beside an axis."""


@styled
def influence_figure(whole: Answer, without: Sequence[Answer], colour: str) -> Figure:
    """One answer with all sources, as a band, and without each of some: circles by weights, squares by a fit.

    Parameters
    ----------
    whole
        The answer with all sources: ``kind``, ``median``, ``lower``, ``upper``.
    without
        ``source``, ``by`` and the answer without it; the first on top.
    colour
        Of the answers without a source.
    """
    figure, (ax,) = panels(height=1.2 + 0.3 * len(without))
    heights = np.arange(len(without))[::-1]
    ax.axvspan(whole["lower"], whole["upper"], color=QUIET, alpha=0.2, linewidth=0)
    ax.axvline(whole["median"], color=NEUTRAL, linewidth=1)
    for answer, at in zip(without, heights, strict=True):
        mark = {"marker": "s", "markerfacecolor": "white"} if answer["by"] == "fit" else {"marker": "o"}
        ax.plot([answer["lower"], answer["upper"]], [at, at], color=colour, linewidth=2)
        ax.plot(answer["median"], at, color=colour, markersize=6, **mark)
    name_rows(ax, heights, [fill(f"without {answer['source']}", CHARACTERS) for answer in without])
    _axis(ax, whole["kind"], [value for answer in (whole, *without) for value in (answer["lower"], answer["upper"])])
    return figure


@styled
def change_figure(compared: Sequence[Answer]) -> Figure:
    """Answers before and after, in standard deviations of the answer before, so that all stand on one axis.

    Parameters
    ----------
    compared
        ``name``, ``kind``, ``before`` and ``after`` with medians, intervals and, of the answer before, mean and
        standard deviation on the answer's scale; first on top.
    """
    figure, (ax,) = panels(height=1.4 + 0.44 * len(compared))
    heights = np.arange(len(compared))[::-1]
    for answer, at in zip(compared, heights, strict=True):
        for told, lift, colour in ((answer["before"], 0.14, EARLIER), (answer["after"], -0.14, LATER)):
            lower, middle, upper = _in_sds(answer, told)
            ax.plot([lower, upper], [at + lift] * 2, color=colour, linewidth=2)
            ax.plot(middle, at + lift, "o", color=colour, markersize=4.5, markeredgecolor="white")
    ax.axvline(0, color=QUIET, linewidth=1)
    ax.plot([], [], color=EARLIER, linewidth=2, label="before")
    ax.plot([], [], color=LATER, linewidth=2, label="after")
    ax.figure.legend(loc="outside upper right", ncols=2)
    name_rows(ax, heights, [fill(answer["name"], CHARACTERS) for answer in compared])
    ax.tick_params(axis="y", labelsize=9)
    ax.set_xlabel("Standard deviations of the answer before")
    return figure


def _in_sds(answer: Answer, told: Answer) -> list[float]:
    """Lay an interval out around the mean before, in standard deviations before, on the scale of the answer's kind."""
    middle, spread = answer["before"]["mean_on_scale"], answer["before"]["sd_on_scale"]
    values = [told[name] for name in ("lower", "median", "upper")]
    scaled = [math.log(value) for value in values] if answer["kind"] in LOG_KINDS else values
    return [(value - middle) / spread for value in scaled]


def _axis(ax: Axes, kind: str, values: Sequence[float]) -> None:
    """Scale the axis by the kind of answer, with few ticks in its words."""
    lowest, highest = min(values), max(values)
    if kind in LOG_KINDS:
        ax.set_xscale("log")
        if highest > WIDE * lowest:
            ax.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        else:
            even = MaxNLocator(TICKS).tick_values(lowest, highest)
            ax.xaxis.set_major_locator(FixedLocator([tick for tick in even if lowest <= tick <= highest]))
        ax.xaxis.set_minor_locator(NullLocator())
    else:
        ax.xaxis.set_major_locator(MaxNLocator(TICKS))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: value_words(kind, value)))
    ax.set_xlabel(UNITS[kind])
