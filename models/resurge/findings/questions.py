"""Single questions, answered from stored draws as plain dictionaries for the command line and for programs.

They need numpy only, so that an answer comes within a second or two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from resurge.errors import UsageError
from resurge.evidence.csv_files import read_rows
from resurge.findings.hazard_draws import (
    LAST_YEAR,
    PARAMETERS,
    Profile,
    crossover_years,
    group_hazard,
    peak_years,
    risk_between,
    shares_after,
    shortest_windows,
    stated_weights,
    years_below,
)
from resurge.inference.records import sound_draws
from resurge.project import Project
from resurge.synthesis.hazards import cumulative_incidence, midpoints

MODEL = "recurrence"
WINDOW_SHARES = (0.5, 0.8)
LATE_YEARS = (5.0, 10.0)
THRESHOLDS = (0.01, 0.02)

Answer = dict[str, Any]


def estimate(draws: ArrayLike, level: float) -> dict[str, float | None]:
    """Give mean, median and equal-tailed interval of draws, None where the answer exists in no draw."""
    values = np.asarray(draws, dtype=float)
    values = values[np.isfinite(values)]
    if not values.size:
        return dict.fromkeys(("mean", "median", "lower", "upper"))
    lower, median, upper = np.quantile(values, [(1 - level) / 2, 0.5, (1 + level) / 2])
    return {"mean": float(values.mean()), "median": float(median), "lower": float(lower), "upper": float(upper)}


def stated(profile: Profile, weights: dict[str, float]) -> Answer:
    """Repeat a question in the words of the command line, with the mix of strata that ``any`` stands for."""
    words = {"er": "er", "nodal": "nodes", "tumour_size": "size"}
    question = {words.get(name, name): value for name, value in asdict(profile).items()}
    return {**question, "mixture": weights} if len(weights) > 1 else question


def other_cause_hazard(project: Project, ages: ArrayLike) -> NDArray[np.float64]:
    """Read the hazard of death from the life table of the evidence, per year, at each age in years.

    Raises
    ------
    UsageError
        If the evidence has no life table or none for such an age.
    """
    path = project.data / "other_cause_mortality.csv"
    if not path.is_file():
        raise UsageError("--age needs the life table data/other_cause_mortality.csv, and the evidence has none")
    rows = read_rows(path)
    starts, hazards = (np.array([float(row[name]) for row in rows]) for name in ("age_start", "hazard"))
    order = np.argsort(starts)
    ages = np.asarray(ages, dtype=float)
    if ages.min() < starts.min():
        raise UsageError(f"--age: the life table begins at {starts.min():g} years")
    return hazards[order][np.searchsorted(starts[order], ages, side="right") - 1]


def answer_risk(
    project: Project, profile: Profile, survived: float, ends: Sequence[float], *, age: float | None, level: float
) -> Answer:
    """Answer what the risk of recurrence is from ``survived`` to each end, for women free of it so far.

    Parameters
    ----------
    project : Project
        Where the posterior is stored.
    profile : Profile
        The women.
    survived : float
        Years already lived without recurrence.
    ends : sequence of float
        Years since diagnosis.
    age : float, optional
        Age at diagnosis; then deaths from other causes compete, and the risk is a cumulative incidence.
    level : float
        Probability of the interval.

    Returns
    -------
    dict
        ``question``, ``interval`` and ``risks``: from, to, mean, median, lower, upper (proportions).

    Raises
    ------
    RecordError
        If there is no posterior to report from.
    UsageError
        If the life table does not cover the ages.
    """
    draws = sound_draws(project, MODEL, PARAMETERS)
    hazard, edges = group_hazard(draws, profile), draws["edges"]
    question = {**stated(profile, stated_weights(draws, profile)), "survived": survived, "to": list(ends)}
    if age is None:
        risks = risk_between(hazard, edges, survived, ends)
    else:
        competing = other_cause_hazard(project, age + midpoints(edges))
        risks = cumulative_incidence(hazard, competing, edges, survived, ends)
        question["age_at_diagnosis"] = age
    listed = [{"from": survived, "to": end, **estimate(risks[:, i], level)} for i, end in enumerate(ends)]
    return {"question": question, "interval": level, "risks": listed}


def answer_windows(project: Project, profile: Profile, *, level: float) -> Answer:
    """Answer when recurrence is likely.

    Returns
    -------
    dict
        ``question``, ``interval``, ``peak_year``, ``windows`` (shortest intervals that hold 50% and 80% of the
        recurrences of 20 years), ``share_after`` (years 5 and 10), ``year_below`` (first year after which the annual
        risk stays under a threshold, None where that is later than the horizon, with the probability that it is not)
        and ``crossover_year`` (ER-positive overtakes ER-negative; estimates where it does, with that probability).

    Raises
    ------
    RecordError
        If there is no posterior to report from.
    """
    draws = sound_draws(project, MODEL, PARAMETERS)
    hazard, edges = group_hazard(draws, profile), draws["edges"]
    found = {share: shortest_windows(hazard, edges, share) for share in WINDOW_SHARES}
    late = shares_after(hazard, edges, LATE_YEARS)
    negative, positive = (group_hazard(draws, replace(profile, er=er, therapy="")) for er in ("negative", "positive"))
    below = {threshold: years_below(hazard, edges, threshold) for threshold in THRESHOLDS}
    return {
        "question": {**stated(profile, stated_weights(draws, profile)), "horizon": LAST_YEAR},
        "interval": level,
        "peak_year": estimate(peak_years(hazard, edges), level),
        "windows": [
            {"share": share, "start": estimate(bounds[:, 0], level), "end": estimate(bounds[:, 1], level)}
            for share, bounds in found.items()
        ],
        "share_after": [{"year": year, **estimate(late[:, i], level)} for i, year in enumerate(LATE_YEARS)],
        "year_below": [
            {"annual_risk": threshold, **reached_within(years, level)} for threshold, years in below.items()
        ],
        "crossover_year": with_probability(crossover_years(negative, positive, edges), level),
    }


def reached_within(draws: NDArray[np.float64], level: float) -> dict[str, float | None]:
    """Summarise a year that may lie beyond the horizon (NaN): quantiles over all draws, None for those beyond it."""
    never = ~np.isfinite(draws)
    quantiles = np.quantile(np.where(never, np.inf, draws), [(1 - level) / 2, 0.5, (1 + level) / 2], method="nearest")
    lower, median, upper = (float(value) if np.isfinite(value) else None for value in quantiles)
    mean = None if never.any() else float(draws.mean())
    return {"mean": mean, "median": median, "lower": lower, "upper": upper, "probability": float(1 - never.mean())}


def with_probability(draws: NDArray[np.float64], level: float) -> dict[str, float | None]:
    """Summarise an answer that need not exist: its estimate where it does, and the probability that it does."""
    return {**estimate(draws, level), "probability": float(np.isfinite(draws).mean())}
