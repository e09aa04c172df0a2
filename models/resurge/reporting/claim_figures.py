"""Figures of claims: one function each, answers of the findings in, a matplotlib figure out."""

from collections.abc import Sequence
from textwrap import fill
from typing import Any

from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter

from resurge.reporting.style import ER_COLOURS, NEUTRAL, QUIET, WIDTH, name_rows, styled

Answer = dict[str, Any]
COLOUR = ER_COLOURS["positive"]
LINE, LINES = 38, 2
"""Characters of a line, and lines, that a row of the figure has room for."""
ZONES = ("against", "leaning", "undecided", "leaning", "supported")


@styled
def probability_chart(claims: Sequence[Answer], scale: Answer) -> Figure:
    """Probability that the quantity behind each claim lies where the claim puts it, in the zones of the verdicts.

    Parameters
    ----------
    claims
        Claims with a verdict, the first on top.
    scale
        Constants that verdicts rest on.
    """
    figure = Figure(figsize=(WIDTH, 1.5 + 0.36 * len(claims)), layout="constrained")
    ax = figure.subplots()
    bounds = [0, scale["against"], scale["leaning_against"], scale["leaning_for"], scale["supported"], 1]
    for i, name in enumerate(ZONES):
        if i % 2 == 0:
            ax.axvspan(bounds[i], bounds[i + 1], color=QUIET, alpha=0.12, linewidth=0)
        centre = (bounds[i] + bounds[i + 1]) / 2
        ax.text(centre, 1.005, name, rotation=65, ha="left", transform=ax.get_xaxis_transform(), fontsize=9)
    heights = range(len(claims))[::-1]
    for height, claim in zip(heights, claims, strict=True):
        filled = COLOUR if claim["test"] == "direct" else "white"
        ax.plot(claim["probability"], height, "o", color=COLOUR, markerfacecolor=filled, markersize=6, clip_on=False)
    name_rows(ax, list(heights), [_row(claim) for claim in claims])
    ax.tick_params(axis="y", labelsize=8.5, length=0)
    ax.set_xlim(0, 1)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:.0f}%"))
    ax.set_xlabel("Probability that the quantity lies where the claim puts it")
    marks = [
        Line2D([], [], marker="o", linestyle="", color=COLOUR, label="the quantity itself"),
        Line2D([], [], marker="o", linestyle="", color=COLOUR, markerfacecolor="white", label="a proxy"),
    ]
    figure.legend(handles=marks, loc="outside lower center", ncols=2, labelcolor=NEUTRAL)
    return figure


def _row(claim: Answer) -> str:
    return fill(f"{claim['claim_id']} {claim['claim']}", LINE, max_lines=LINES, placeholder=" …")
