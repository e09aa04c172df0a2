"""Rates of many populations on one footing: what was seen, against what a typical population of such women shows.

A rate of a population differs from the curve of a typical group for three reasons: its women have other strata and
other therapy, it has a level and a tilt of its own, and chance. Standardising takes the first away.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaincinv, ndtri

from resurge.evidence.tables import Evidence
from resurge.evidence.windows import published_windows
from resurge.findings.hazard_draws import Profile, cumulative_to, group_hazard
from resurge.findings.predictive import thinned
from resurge.synthesis.design import RecurrenceDesign, recurrence_design
from resurge.synthesis.forward import Draws, person_time_rates, window_means
from resurge.synthesis.strata import ER

PERIODS = (0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 7.0, 10.0, 15.0, 20.0)
"""Years that divide the person-time: longer where events are rarer."""
FEWEST_EXPECTED = 2.0
"""Person-time with fewer expected events says nothing by itself."""
LEVEL = 0.95
KEYS = ["population", "er", "start_year", "end_year"]


def standardised_rates(posterior: xr.Dataset, evidence: Evidence) -> pd.DataFrame:
    """Set the evidence on one footing with the curves: a standardised ratio times the hazard of the typical group.

    The ratio is that of the events seen to those expected of the same women, with their nodes, sizes, therapy and
    endpoint, in a typical population, as in a standardised incidence ratio. It keeps the level and the tilt of the
    population, and chance. Times the mean hazard of the typical group over the same years it stands beside the curve of
    that group, whose strata are another mix.

    Parameters
    ----------
    posterior : xarray.Dataset
        Posterior of the recurrence model.
    evidence : Evidence
        The evidence it saw. Published windows that do not split by ER status are left out.

    Returns
    -------
    pandas.DataFrame
        ``population``, ``er``, ``start_year``, ``end_year``, ``kind`` (``person-time`` or ``published``), ``ratio``,
        ``rate`` (per year) and its limits ``lower`` and ``upper``, which hold the uncertainty of what was seen, not of
        what was expected.
    """
    draws, design = thinned(posterior), recurrence_design(evidence)
    typical = {**draws, "a": np.zeros_like(draws["a"]), "b": np.zeros_like(draws["b"])}
    parts = (_person_time(typical, design, evidence), _windows(typical, design, evidence))
    rates = pd.concat(parts, ignore_index=True)
    hazard = {er: group_hazard(draws, Profile(er)).mean(0, keepdims=True) for er in ER}
    scale = [mean_hazard(hazard[row.er], draws["edges"], row.start_year, row.end_year) for row in rates.itertuples()]
    limits = {"rate": "ratio", "lower": "ratio_lower", "upper": "ratio_upper"}
    rates = rates.assign(**{name: rates[ratio] * scale for name, ratio in limits.items()})
    return rates[[*KEYS, "kind", "ratio", *limits]]


def mean_hazard(hazard: NDArray[np.float64], edges: ArrayLike, start: float, end: float) -> float:
    """Average one hazard, shape (1, cell), between two years."""
    return float(np.diff(cumulative_to(hazard, edges, [start, end]))[0, 0] / (end - start))


def _person_time(typical: Draws, design: RecurrenceDesign, evidence: Evidence) -> pd.DataFrame:
    """Divide observed by expected events of the patient series by period, with exact Poisson limits."""
    patients = evidence.recurrence_person_time.set_index("row_id").loc[design.person_time.row_id].reset_index()
    edges = np.array(PERIODS)
    period = np.searchsorted(edges, patients["start_year"], side="right") - 1
    expected = (person_time_rates(typical, design) * design.person_time.person_years).mean(0)
    rows = patients.assign(start_year=edges[period], end_year=edges[period + 1], expected=expected)
    sums = rows.groupby(KEYS, as_index=False)[["events", "expected"]].sum()
    sums = sums[sums["expected"] >= FEWEST_EXPECTED]
    events, expected, tail = sums["events"].to_numpy(), sums["expected"].to_numpy(), (1 - LEVEL) / 2
    lower = np.where(events > 0, gammaincinv(np.maximum(events, 1), tail), 0.0)
    upper = gammaincinv(events + 1, 1 - tail)
    ratios = {"ratio": events / expected, "ratio_lower": lower / expected, "ratio_upper": upper / expected}
    return sums[KEYS].assign(kind="person-time", **ratios)


def _windows(typical: Draws, design: RecurrenceDesign, evidence: Evidence) -> pd.DataFrame:
    """Divide printed by expected cumulative hazards of the published windows; limits from their standard errors."""
    windows = published_windows(evidence)
    log_ratio = windows["log_cumulative_hazard"] - window_means(typical, design).mean(0)
    margin = ndtri((1 + LEVEL) / 2) * windows["se"]
    ratios = {
        "ratio": np.exp(log_ratio),
        "ratio_lower": np.exp(log_ratio - margin),
        "ratio_upper": np.exp(log_ratio + margin),
    }
    return windows[KEYS].assign(kind="published", **ratios)[windows["er"].isin(ER)]
