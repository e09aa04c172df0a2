"""What the therapy model says of the published estimates that it read, and how single trials unfold in time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from resurge.evidence.tables import Evidence
from resurge.findings.effect_draws import Draws, Effect, labels, log_hazard_ratio, place
from resurge.inference.chains import flat_arrays
from resurge.inference.stored_draws import taken
from resurge.synthesis.event_weights import Baseline
from resurge.synthesis.therapy_design import TherapyDesign, therapy_design
from resurge.synthesis.therapy_forward import expected_entries, readings_of_trials

FITTED_DRAWS = 500
"""Draws used for single estimates and trials: enough for intervals, an eighth of the work."""
SEED = 20
FACTS = [
    *("entry", "row_id", "effect_class", "trial", "women", "endpoint", "start", "end", "used_as", "inside"),
    *("update_chain", "report_order", "contrast_start_year", "contrast_years"),
]


@dataclass(frozen=True)
class Inside:
    """How many readings of the likelihood lie in their predictive intervals."""

    inside: int
    readings: int
    level: float


def flat_draws(posterior: xr.Dataset, most: int | None = None) -> dict[str, NDArray]:
    """Give draws by name, chains joined, the sample first, with the labels of every dim.

    Parameters
    ----------
    posterior : xarray.Dataset
        Draws of the therapy model, dims ``(chain, draw, ...)``.
    most : int, optional
        Number of draws to keep, evenly spaced; by default all.
    """
    n = posterior.sizes["chain"] * posterior.sizes["draw"]
    step = 1 if most is None else max(1, n // most)
    return taken(flat_arrays(posterior), np.arange(0, n, step), n)


def design_of(posterior: xr.Dataset, evidence: Evidence) -> TherapyDesign:
    """Lay out the evidence again as it was for the fit; meaningful only while the fit is fresh."""
    hazard = dict(zip(labels(posterior["er"].values), posterior["baseline_hazard"].values, strict=True))
    return therapy_design(evidence.therapy_effects, Baseline(posterior["baseline_edges"].values, hazard))


def fitted_entries(draws: Draws, design: TherapyDesign, level: float) -> pd.DataFrame:
    """Set each published estimate beside the effect of its trial over the same events.

    Parameters
    ----------
    draws : Draws
        Posterior draws, a few hundred are enough.
    design : TherapyDesign
        Layout of the evidence.
    level : float
        Probability of all intervals.

    Returns
    -------
    pandas.DataFrame
        A row an entry: its facts; ``observed``, ``observed_lower``, ``observed_upper``; ``median``, ``lower``,
        ``upper`` of the effect of its trial; ``predicted_lower``, ``predicted_upper`` of such an estimate; all as
        hazard ratios; and ``off``, the distance of the two in standard deviations of the prediction.
    """
    tail = np.array([0.5, (1 - level) / 2, (1 + level) / 2])
    effects = expected_entries(design, draws) * draws["beta_trial"][:, design.entry_trial.argmax(1)]
    median, lower, upper = np.exp(np.quantile(effects, tail, axis=0))
    noise = np.sqrt(design.se**2 + draws["omega"][:, None] ** 2)
    predicted = effects + noise * np.random.default_rng(SEED).standard_normal(effects.shape)
    _, predicted_lower, predicted_upper = np.exp(np.quantile(predicted, tail, axis=0))
    observed, observed_lower, observed_upper = _published(design.log_ratio, design.se, level)
    return design.rows[FACTS].assign(
        observed=observed,
        observed_lower=observed_lower,
        observed_upper=observed_upper,
        median=median,
        lower=lower,
        upper=upper,
        predicted_lower=predicted_lower,
        predicted_upper=predicted_upper,
        off=(design.log_ratio - predicted.mean(0)) / predicted.std(0),
    )


def readings_inside(draws: Draws, design: TherapyDesign, level: float) -> Inside:
    """Count the readings of the likelihood that lie in the predictive interval of their own trial."""
    predicted = readings_of_trials(design, draws, np.random.default_rng(SEED))
    lower, upper = np.quantile(predicted, [(1 - level) / 2, (1 + level) / 2], axis=0)
    inside = (lower <= design.readings) & (design.readings <= upper)
    return Inside(int(inside.sum()), len(inside), level)


def chain_reports(design: TherapyDesign, level: float) -> pd.DataFrame:
    """List the reports of the update chains as printed: effect so far at each follow-up.

    Returns
    -------
    pandas.DataFrame
        ``update_chain``, ``end`` (years since randomisation), ``cumulative``, ``cumulative_lower``,
        ``cumulative_upper`` (hazard ratios), in the order of the reports.
    """
    rows = design.rows[in_chain(design.rows)]
    sign = np.where(rows["inverted"] == "yes", -1.0, 1.0)
    so_far, lower, upper = _published(sign * rows["log_estimate"], rows["se_log"], level)
    told = rows[["update_chain", "report_order", "end"]].assign(
        cumulative=so_far, cumulative_lower=lower, cumulative_upper=upper
    )
    return told.sort_values(["update_chain", "report_order"]).reset_index(drop=True)


def in_chain(rows: pd.DataFrame) -> pd.Series:
    """Tell which entries belong to a chain of at least two reports."""
    chained = (rows["update_chain"] != "") & rows["used_as"].isin(["increment", "shape"])
    return chained & (rows.groupby("update_chain")["entry"].transform("size") > 1)


def trial_course(draws: Draws, entry: pd.Series, years: ArrayLike) -> NDArray[np.float64]:
    """Give the log hazard ratio of the trial behind an entry at each year, shape (sample, year)."""
    k = place(draws, entry["effect_class"])
    j = labels(draws["trial"]).index(f"{entry['effect_class']} | {entry['trial']}")
    beta = draws["beta_class"].copy()
    beta[:, k] = draws["beta_trial"][:, j]
    effect = Effect(entry["effect_class"], entry["endpoint"], duration=float(entry["contrast_years"]))
    since = np.maximum(np.asarray(years, dtype=float) - entry["contrast_start_year"], 0.0)
    return log_hazard_ratio({**draws, "beta_class": beta}, effect, since)


def _published(log_ratio: ArrayLike, se: ArrayLike, level: float) -> tuple[NDArray, NDArray, NDArray]:
    """Give published ratios with their normal intervals."""
    from scipy.special import ndtri

    log_ratio, reach = np.asarray(log_ratio), ndtri((1 + level) / 2) * np.asarray(se)
    return np.exp(log_ratio), np.exp(log_ratio - reach), np.exp(log_ratio + reach)
