"""Figures of the checks: priors, predictions against data, spread of populations."""

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator, PercentFormatter

from resurge.reporting.style import (
    NEUTRAL,
    QUIET,
    REFERENCE,
    WIDTH,
    colour_of,
    curve_with_band,
    labels_of,
    name_of,
    name_rows,
    panels,
    percent_axis,
    styled,
    year_axis,
)
from resurge.reporting.words import population_name

OUTSIDE = "#D55E00"
"""Colour of numbers outside their predictive interval."""
RATES = (0.001, 0.5)
"""Ends of the diagonal of rates per year."""


@styled
def prior_predictive_hazards(summary: xr.Dataset, limits: tuple[float, float] | None = None) -> Figure:
    """Annual hazards that the priors allow before any data.

    Parameters
    ----------
    summary
        Hazard per year as a proportion, dims `er` and `year`.
    limits
        Hazards between which the priors should stay.
    """
    ers = labels_of(summary, "er")
    figure, axes = panels(len(ers), height=3.4)
    years = summary["year"].values
    for ax, er in zip(axes, ers, strict=True):
        curve_with_band(ax, years, summary.sel(er=er), colour=colour_of(er), name=name_of(er))
        for limit in limits or ():
            ax.axhline(limit, color=QUIET, linestyle="--", linewidth=1)
        ax.set_title(name_of(er), color=colour_of(er))
        ax.set_yscale("log")
        ax.yaxis.set_major_locator(FixedLocator([0.0001, 0.001, 0.01, 0.1, 1]))
        ax.yaxis.set_minor_locator(NullLocator())
        percent_axis(ax)
        year_axis(ax, float(years[-1]))
    axes[0].set_ylabel("Hazard of recurrence per year")
    return figure


@styled
def prior_predictive_risks(risk: xr.DataArray) -> Figure:
    """Risks over the whole period that the priors allow before any data.

    Parameters
    ----------
    risk
        Draws as proportions, dims `sample` and `er`.
    """
    ers = labels_of(risk, "er")
    figure, axes = panels(len(ers), height=2.9)
    for ax, er in zip(axes, ers, strict=True):
        draws = risk.sel(er=er).values
        weights = np.full(draws.size, 1 / draws.size)
        ax.hist(draws, bins=np.linspace(0, 1, 21), weights=weights, color=colour_of(er), alpha=0.7)
        ax.set_title(name_of(er), color=colour_of(er))
        ax.set(xlim=(0, 1), xticks=[0, 0.25, 0.5, 0.75])
        ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        ax.set_xlabel("Risk over the whole period")
        percent_axis(ax)
    axes[0].set_ylabel("Probability")
    return figure


@styled
def posterior_predictive_rates(predicted: pd.DataFrame) -> Figure:
    """Observed numbers against what the model predicts for the same women and years.

    Parameters
    ----------
    predicted
        Columns `population`, `er`, `observed`, and `median`, `lower`, `upper` of the prediction (rates per year; those
        of zero fall off the axes).
    """
    figure, (ax,) = panels(height=4.6)
    for er, rows in predicted.groupby("er"):
        colour = colour_of(str(er))
        ax.vlines(rows["observed"], rows["lower"], rows["upper"], color=colour, alpha=0.35, linewidth=1.2)
        ax.plot(rows["observed"], rows["median"], "o", color=colour, markersize=4, alpha=0.75, label=name_of(str(er)))
    seen = predicted[["observed", "lower", "upper"]].to_numpy()
    seen = seen[seen > 0]
    ends = [seen.min() / 1.2, seen.max() * 1.2] if seen.size else [0.001, 1]
    ax.plot(ends, ends, color=QUIET, linewidth=1.2, zorder=0)
    ax.set(xscale="log", yscale="log", xlim=ends, ylim=ends, xlabel="Observed per year", ylabel="Predicted per year")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(FixedLocator([0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5]))
        axis.set_minor_locator(NullLocator())
        axis.set_major_formatter(lambda value, _: f"{100 * value:g}%")
    ax.legend(loc="upper left")
    return figure


@styled
def external_validation(observed: pd.DataFrame, predicted: xr.Dataset) -> Figure:
    """Women whom the model has not seen: their cumulative incidence against its prediction.

    Parameters
    ----------
    observed
        Steps: columns `er`, `year`, `estimate`, `lower`, `upper` (proportions).
    predicted
        Cumulative risk for such women, dims `er` and `year`.
    """
    ers = labels_of(predicted, "er")
    figure, axes = panels(len(ers), height=3.8)
    years = predicted["year"].values
    for ax, er in zip(axes, ers, strict=True):
        curve_with_band(ax, years, predicted.sel(er=er), colour=colour_of(er), name="predicted")
        steps = observed[observed["er"] == er].sort_values("year")
        ax.step(steps["year"], steps["estimate"], where="post", color=NEUTRAL, linewidth=1.6, label="observed")
        ax.fill_between(
            steps["year"], steps["lower"], steps["upper"], step="post", facecolor="none", edgecolor=QUIET, hatch="////",
            alpha=0.5, linewidth=0,
        )  # fmt: skip
        ax.set_title(name_of(er), color=colour_of(er))
        year_axis(ax, float(years[-1]))
        percent_axis(ax)
        ax.legend(loc="upper left")
    axes[0].set_ylim(0, None)
    axes[0].set_ylabel("Cumulative incidence")
    return figure


@styled
def population_effects(effects: pd.DataFrame, label: str = "Hazard ratio against a typical population") -> Figure:
    """Forest of what is peculiar to each population.

    Parameters
    ----------
    effects
        Columns `population`, `median`, `lower`, `upper` (ratios), drawn in the order of the rows.
    label
        Words for the horizontal axis.
    """
    figure, (ax,) = panels(height=1.0 + 0.27 * len(effects))
    at = np.arange(len(effects))[::-1]
    ax.hlines(at, effects["lower"], effects["upper"], color=NEUTRAL, linewidth=1.4)
    ax.plot(effects["median"], at, "o", color=NEUTRAL, markersize=5)
    ax.axvline(1, color=QUIET, linewidth=1.2, zorder=0)
    ax.set_xscale("log")
    _ratio_ticks(ax)
    name_rows(ax, at, [population_name(name) for name in effects["population"]])
    ax.set_xlabel(label)
    return figure


@styled
def prior_posterior(parameters: pd.DataFrame) -> Figure:
    """Show what the data added: prior and posterior interval of each parameter.

    Parameters
    ----------
    parameters
        Columns `panel` (for quantities of one kind), `parameter`, `prior_median`, `prior_lower`, `prior_upper`,
        `median`, `lower`, `upper`.
    """
    parts = [(str(panel), rows) for panel, rows in parameters.groupby("panel", sort=False)]
    counts = [len(rows) for _, rows in parts]
    figure = Figure(figsize=(WIDTH, 0.5 + 0.75 * len(parts) + 0.3 * sum(counts)), layout="constrained")
    axes = figure.subplots(len(parts), 1, squeeze=False, height_ratios=[count + 1 for count in counts])[:, 0]
    for ax, (panel, rows) in zip(axes, parts, strict=True):
        at = np.arange(len(rows))[::-1]
        ax.hlines(at + 0.16, rows["prior_lower"], rows["prior_upper"], color=QUIET, linewidth=2)
        ax.plot(rows["prior_median"], at + 0.16, "o", color=QUIET, markersize=4.5, label="prior")
        ax.hlines(at - 0.16, rows["lower"], rows["upper"], color=REFERENCE, linewidth=2)
        ax.plot(rows["median"], at - 0.16, "o", color=REFERENCE, markersize=4.5, label="posterior")
        name_rows(ax, at, list(rows["parameter"]))
        ax.set_title(panel)
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper right", ncols=2)
    return figure


@styled
def replicated_effects(rows: pd.DataFrame) -> Figure:
    """Observed effects against their replicates, a panel for each kind of evidence.

    Parameters
    ----------
    rows
        As :mod:`resurge.findings.replicates` gives them, with `panel` in words.
    """
    figure, axes = _panels_of(rows)
    for ax, (_, own) in zip(axes, rows.groupby("panel", sort=False), strict=False):
        values = own[["observed", "new_lower", "new_upper"]].to_numpy()
        _replicates(ax, own, (values.min(), values.max()))
    return figure


@styled
def replicated_shares(rows: pd.DataFrame) -> Figure:
    """Draw the same for proportions."""
    figure, axes = _panels_of(rows)
    for ax, (_, own) in zip(axes, rows.groupby("panel", sort=False), strict=False):
        _replicates(ax, own, (0, 1))
        ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    return figure


@styled
def replicated_rates(rows: pd.DataFrame) -> Figure:
    """Draw the same for rates per year, on logarithmic axes; those of zero have no place on them."""
    figure, axes = _panels_of(rows)
    for ax, (_, own) in zip(axes, rows.groupby("panel", sort=False), strict=False):
        ax.set(xscale="log", yscale="log")
        _replicates(ax, own[own["observed"] > 0], RATES)
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_major_locator(FixedLocator([0.001, 0.01, 0.1, 1]))
            axis.set_minor_locator(NullLocator())
            axis.set_major_formatter(lambda value, _: f"{100 * value:g}%")
    return figure


def _panels_of(rows: pd.DataFrame) -> tuple[Figure, list[Axes]]:
    """Figure with a panel for each kind of evidence, two in a line."""
    names = list(dict.fromkeys(rows["panel"]))
    lines = -(-len(names) // 2)
    figure = Figure(figsize=(WIDTH, 0.5 + 2.6 * lines), layout="constrained")
    axes = list(figure.subplots(lines, 2, squeeze=False).ravel())
    for ax, name in zip(axes, names, strict=False):
        ax.set_title(name, fontsize=10)
    for ax in axes[len(names) :]:
        ax.remove()
    figure.supxlabel("Observed", fontsize=11)
    figure.supylabel("Predicted", fontsize=11)
    return figure, axes[: len(names)]


def _replicates(ax: Axes, rows: pd.DataFrame, ends: tuple[float, float]) -> None:
    outside = ~rows["observed"].between(rows["new_lower"], rows["new_upper"])
    for part, colour in ((rows[~outside], REFERENCE), (rows[outside], OUTSIDE)):
        ax.vlines(part["observed"], part["new_lower"], part["new_upper"], color=colour, alpha=0.4, linewidth=1.1)
        ax.plot(part["observed"], part["median"], "o", color=colour, markersize=3.5, alpha=0.8)
    ax.plot(ends, ends, color=QUIET, linewidth=1.1, zorder=0)


def _ratio_ticks(ax: Axes) -> None:
    ax.xaxis.set_major_locator(FixedLocator([0.1, 0.2, 0.5, 1, 2, 5, 10]))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter("{x:g}")
