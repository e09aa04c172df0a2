"""Figures of influence and of change: one function each, answers in, a matplotlib figure out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from resurge.reporting.answer_words import value_words
from resurge.reporting.style import NEUTRAL, QUIET, name_rows, panels, styled

Answer = Mapping[str, Any]
EARLIER, LATER, EXACT = "#8c959f", "#0072B2", "#D55E00"
LOG_KINDS = ("ratio", "rate")


@styled
def influence_figure(name: str, whole: Answer, without: Sequence[Answer]) -> Figure:
    """One answer with all sources, as a band, and without each of some.

    Parameters
    ----------
    name
        Name of the answer.
    whole
        The answer with all sources: ``kind``, ``median``, ``lower``, ``upper``.
    without
        ``source``, ``by`` and the answer without it; the first on top.
    """
    figure, (ax,) = panels(height=1.5 + 0.27 * len(without))
    heights = np.arange(len(without))[::-1]
    ax.axvspan(whole["lower"], whole["upper"], color=QUIET, alpha=0.2, linewidth=0)
    ax.axvline(whole["median"], color=NEUTRAL, linewidth=1)
    for answer, at in zip(without, heights, strict=True):
        colour = EXACT if answer["by"] == "fit" else LATER
        ax.plot([answer["lower"], answer["upper"]], [at, at], color=colour, linewidth=2)
        ax.plot(answer["median"], at, "o", color=colour, markersize=5, markeredgecolor="white")
    name_rows(ax, heights, [f"without {answer['source']}" for answer in without])
    _axis(ax, whole["kind"], name)
    return figure


@styled
def change_figure(compared: Sequence[Answer]) -> Figure:
    """Answers before and after, in standard deviations of the answer before, so that all stand on one axis.

    Parameters
    ----------
    compared
        ``name``, ``before`` and ``after`` with means and standard deviations on the answer's scale; first on top.
    """
    figure, (ax,) = panels(height=1.6 + 0.34 * len(compared))
    heights = np.arange(len(compared))[::-1]
    for answer, at in zip(compared, heights, strict=True):
        spread = answer["before"]["sd_on_scale"]
        for told, lift, colour in ((answer["before"], 0.12, EARLIER), (answer["after"], -0.12, LATER)):
            middle = (told["mean_on_scale"] - answer["before"]["mean_on_scale"]) / spread
            half = 1.96 * told["sd_on_scale"] / spread
            ax.plot([middle - half, middle + half], [at + lift] * 2, color=colour, linewidth=2)
            ax.plot(middle, at + lift, "o", color=colour, markersize=4.5, markeredgecolor="white")
    ax.axvline(0, color=QUIET, linewidth=1)
    ax.plot([], [], color=EARLIER, linewidth=2, label="before")
    ax.plot([], [], color=LATER, linewidth=2, label="after")
    ax.figure.legend(loc="outside upper left", ncols=2)
    name_rows(ax, heights, [answer["name"] for answer in compared])
    ax.tick_params(axis="y", labelsize=8)
    ax.set_xlabel("Standard deviations of the answer before")
    return figure


def _axis(ax: Axes, kind: str, name: str) -> None:
    if kind in LOG_KINDS:
        ax.set_xscale("log")
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: value_words(kind, value)))
    ax.xaxis.set_minor_formatter(FuncFormatter(lambda value, _: ""))
    ax.set_xlabel(name)
