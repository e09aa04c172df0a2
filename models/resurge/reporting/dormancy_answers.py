"""From the stored posterior of the dormancy model to the summaries that its page shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from resurge.findings.dormancy_draws import dormant_share_at, own
from resurge.findings.dormancy_questions import NAMES, YEARS, dormancy_answer
from resurge.findings.hazard_draws import Profile, group_hazard, hazard_at
from resurge.findings.recurrence import draws_of
from resurge.inference.curve_comparison import Comparison
from resurge.inference.records import Record
from resurge.synthesis.dormancy_forward import as_curves
from resurge.synthesis.strata import ER

Answer = dict[str, Any]
LEVEL = 0.95
SHOWN_YEARS = np.concatenate([np.arange(0.25, 3, 0.25), np.arange(3, 20.25, 0.5)])
RIDGE_DRAWS = 500
RIDGE = ("p_early", "p_dormant", "half_life", "early_year")


@dataclass(frozen=True)
class DormancyAnswers:
    """Summaries of the posterior of the dormancy model for the mixed group of women of a typical population.

    Attributes
    ----------
    level
        Probability of the intervals.
    answers
        By ER status, as :func:`resurge.findings.dormancy_questions.dormancy_answer`.
    hazards
        Columns `er`, `model` (``compartments`` or ``splines``), `year`, `median`, `lower`, `upper`, and `dormant` (the
        median part that comes out of dormancy; missing for splines).
    shares
        Share of the recurrences at a time that come out of dormancy: columns `er`, `year`, `median`, `lower`, `upper`.
    ridge
        Some draws: columns `er`, `p_early`, `p_dormant`, `half_life`, `early_year`; fractions of the reference stratum.
    comparison
        The stored comparison with the spline model.
    """

    level: float
    answers: dict[str, Answer]
    hazards: pd.DataFrame
    shares: pd.DataFrame
    ridge: pd.DataFrame
    comparison: Comparison


def read_dormancy(record: Record, splines: Record | None, comparison: Comparison) -> DormancyAnswers:
    """Summarise a posterior; the spline model's curves are left out where it has no sound fit."""
    draws, prior = (arrays_of(group) for group in (record.posterior, record.prior))
    hazards = [_hazards(as_curves(draws), "compartments", draws)]
    if splines is not None:
        hazards.append(_hazards(draws_of(splines.posterior), "splines"))
    return DormancyAnswers(
        level=LEVEL,
        answers={er: dormancy_answer(draws, prior, Profile(er), YEARS, level=LEVEL) for er in ER},
        hazards=pd.concat(hazards, ignore_index=True),
        shares=_by_er({er: dormant_share_at(draws, er, SHOWN_YEARS) for er in ER}),
        ridge=_ridge(draws),
        comparison=comparison,
    )


def arrays_of(group: xr.Dataset) -> dict[str, NDArray[np.float64]]:
    """Give the arrays of a group of draws, chains joined, the sample first."""
    return {
        name: group[name].values.reshape(-1, *group[name].shape[2:])
        if "draw" in group[name].dims
        else group[name].values
        for name in NAMES
    }


def _by_er(values: dict[str, NDArray[np.float64]]) -> pd.DataFrame:
    tail = (1 - LEVEL) / 2
    rows = []
    for er, draws in values.items():
        lower, median, upper = np.quantile(draws, [tail, 0.5, 1 - tail], axis=0)
        rows.append(pd.DataFrame({"er": er, "year": SHOWN_YEARS, "median": median, "lower": lower, "upper": upper}))
    return pd.concat(rows, ignore_index=True)


def _hazards(curves: dict[str, Any], model: str, draws: dict[str, Any] | None = None) -> pd.DataFrame:
    edges = curves["edges"]
    hazard = {er: hazard_at(group_hazard(curves, Profile(er)), edges, SHOWN_YEARS) for er in ER}
    rows = _by_er(hazard).assign(model=model)
    if draws is None:
        return rows.assign(dormant=np.nan)
    parts = [np.median(hazard[er] * dormant_share_at(draws, er, SHOWN_YEARS), axis=0) for er in ER]
    return rows.assign(dormant=np.concatenate(parts))


def _ridge(draws: dict[str, NDArray[np.float64]]) -> pd.DataFrame:
    step = max(1, len(draws["p_early"]) // RIDGE_DRAWS)
    return pd.concat(
        [pd.DataFrame({"er": er, **{name: own(draws, er, name)[::step] for name in RIDGE}}) for er in ER],
        ignore_index=True,
    )
