"""Figures of networks: one function each, answers of the findings in, a matplotlib figure out."""

from collections.abc import Sequence
from textwrap import fill
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from resurge.reporting import words
from resurge.reporting.network_words import treatment_name
from resurge.reporting.style import ER_COLOURS, NEUTRAL, QUIET, WIDTH, name_rows, panels, styled

Answer = dict[str, Any]
BLUE = ER_COLOURS["positive"]
TICKS = [0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 10]


@styled
def network_graph(graph: Answer) -> Figure:
    """Treatments joined by lines as thick as the number of trials that compare them; a hub stands in the middle.

    Parameters
    ----------
    graph
        ``nodes`` (treatment, trials) and ``edges`` (treatments, trials), as an answer of a network tells them.
    """
    neighbours: dict[str, list[str]] = {node["treatment"]: [] for node in graph["nodes"]}
    for edge in graph["edges"]:
        for name, other in (edge["treatments"], edge["treatments"][::-1]):
            neighbours[name].append(other)
    place, angle = _layout(neighbours)
    figure = Figure(figsize=(WIDTH, 4.8), layout="constrained")
    ax = figure.subplots()
    ax.axis("off")
    for edge in graph["edges"]:
        (x0, y0), (x1, y1) = (place[name] for name in edge["treatments"])
        ax.plot([x0, x1], [y0, y1], color=QUIET, linewidth=1.2 * len(edge["trials"]), zorder=1, solid_capstyle="round")
        if len(edge["trials"]) > 1:
            box = {"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": "none"}
            ax.text((x0 + x1) / 2, (y0 + y1) / 2, str(len(edge["trials"])), ha="center", va="center", bbox=box)
    for node in graph["nodes"]:
        x, y = place[node["treatment"]]
        ax.scatter(x, y, s=60 + 30 * node["trials"], color=BLUE, zorder=2)
        name = fill(treatment_name(node["treatment"]), 16)
        if node["treatment"] not in angle:
            box = {"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": "none", "alpha": 0.8}
            ax.text(x, y - 0.16, name, ha="center", va="top", fontsize=10, bbox=box, zorder=3)
            continue
        a = angle[node["treatment"]]
        side = "center" if abs(np.cos(a)) < 0.15 else "left" if np.cos(a) > 0 else "right"
        level = "center" if abs(np.sin(a)) < 0.85 else "bottom" if np.sin(a) > 0 else "top"
        ax.text(x + 0.1 * np.cos(a), y + 0.12 * np.sin(a), name, ha=side, va=level, fontsize=10, linespacing=1.05)
    ax.set(xlim=(-2.15, 2.15), ylim=(-1.45, 1.45))
    return figure


def _layout(neighbours: dict[str, list[str]]) -> tuple[dict[str, tuple[float, float]], dict[str, float]]:
    """Place treatments on an oval, each near those it was compared with; one with most of them goes to the middle."""
    busiest = max(neighbours, key=lambda name: (len(neighbours[name]), name))
    hub = busiest if len(neighbours) > 4 and 2 * len(neighbours[busiest]) >= len(neighbours) - 1 else None
    ring: list[str] = []

    def walk(name: str) -> None:
        if name in ring or name == hub:
            return
        ring.append(name)
        for other in sorted(neighbours[name], key=lambda other: (len(neighbours[other]), other)):
            walk(other)

    for name in ([] if hub else [busiest]) + sorted(neighbours):
        walk(name)
    angle = {name: float(np.pi / 2 - 2 * np.pi * i / len(ring)) for i, name in enumerate(ring)}
    place = {name: (1.3 * float(np.cos(a)), float(np.sin(a))) for name, a in angle.items()}
    return place | ({hub: (0.0, 0.0)} if hub else {}), angle


@styled
def ratio_forest(effects: Sequence[Answer], names: Sequence[str], axis: str) -> Figure:
    """Hazard ratios as dots with their intervals, that of a new trial as a thin line.

    Parameters
    ----------
    effects
        ``hr``, ``lower``, ``upper``, ``predictive_lower``, ``predictive_upper``; the first on top.
    names
        What each row is about.
    axis
        What the ratios are of.
    """
    figure, (ax,) = panels(height=1.3 + 0.44 * len(effects))
    heights = np.arange(len(effects))[::-1]
    for effect, at in zip(effects, heights, strict=True):
        ax.plot([effect["predictive_lower"], effect["predictive_upper"]], [at, at], color=QUIET, linewidth=1.2)
        ax.plot([effect["lower"], effect["upper"]], [at, at], color=BLUE, linewidth=3.2, solid_capstyle="butt")
        ax.plot(effect["hr"], at, "o", color=BLUE, markersize=6, markeredgecolor="white")
        text = words.ratio_cell(effect["hr"], effect["lower"], effect["upper"])
        ax.annotate(text, (1.02, at), xycoords=("axes fraction", "data"), va="center", fontsize=10)
    name_rows(ax, heights, [fill(name, 22) for name in names])
    _ratio_axis(ax, effects)
    ax.set_xlabel(axis)
    return figure


@styled
def rank_chart(ranks: Sequence[Answer]) -> Figure:
    """Probability of each rank as a shade, with mean rank and interval.

    Parameters
    ----------
    ranks
        ``treatment``, ``probabilities``, ``mean_rank``, ``rank_lower``, ``rank_upper``; the first on top.
    """
    count = len(ranks)
    figure, (ax,) = panels(height=1.3 + 0.42 * count)
    shades = np.array([rank["probabilities"] for rank in ranks])[::-1]
    edges = np.arange(count + 1) + 0.5
    ax.pcolormesh(
        edges, np.arange(count + 1) - 0.5, shades, cmap="Blues", vmin=0, vmax=1, edgecolor="white", linewidth=0.5
    )
    heights = np.arange(count)[::-1]
    for rank, at in zip(ranks, heights, strict=True):
        ax.plot(
            [rank["rank_lower"], rank["rank_upper"]], [at, at], color=NEUTRAL, linewidth=1.3, marker="|", markersize=7
        )
        ax.plot(rank["mean_rank"], at, "o", color=NEUTRAL, markersize=6, markeredgecolor="white")
    name_rows(ax, heights, [fill(treatment_name(rank["treatment"]), 22) for rank in ranks])
    ax.set(xlim=(0.5, count + 0.5), xlabel="Rank, 1 is the best")
    ax.set_xticks(np.arange(1, count + 1))
    ax.grid(visible=False)
    return figure


def _ratio_axis(ax: Axes, effects: Sequence[Answer]) -> None:
    lowest = min(effect["predictive_lower"] for effect in effects)
    highest = max(effect["predictive_upper"] for effect in effects)
    ax.axvline(1, color=QUIET, linewidth=1.2, zorder=0)
    ax.set_xscale("log")
    ax.set_xlim(min(lowest, 0.9) * 0.9, max(highest, 1.1) * 1.1)
    ax.xaxis.set_major_locator(FixedLocator(_spread([tick for tick in TICKS if lowest * 0.9 < tick < highest * 1.1])))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def _spread(ticks: list[float]) -> list[float]:
    """Keep ticks that stand far enough apart to be read, 1 among them."""
    kept = [1.0]
    for tick in sorted(ticks, key=lambda tick: abs(np.log(tick))):
        if all(abs(np.log(tick / other)) > 0.45 for other in kept):
            kept.append(tick)
    return sorted(kept)
