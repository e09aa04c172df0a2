"""From a stored posterior of the therapy model to the summaries that its page shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from resurge.evidence.tables import Evidence
from resurge.findings.effect_draws import Draws, Effect, average, labels, log_hazard_ratio, years_of_benefit
from resurge.findings.effect_fit import (
    FITTED_DRAWS,
    Inside,
    chain_reports,
    design_of,
    fitted_entries,
    flat_draws,
    in_chain,
    readings_inside,
    trial_course,
)
from resurge.findings.effect_questions import COURSE, WINDOWS, both, evidence_of, learned
from resurge.findings.questions import estimate, reached_within
from resurge.inference.records import Record
from resurge.synthesis.therapy_priors import SCALED_ENDPOINTS

Answer = dict[str, Any]
LEVEL, INNER_LEVEL, CHECKED_LEVEL = 0.95, 0.5, 0.9
LAST_YEAR = 15.0
YEARS = np.concatenate([np.arange(0, 3, 0.125), np.arange(3, LAST_YEAR + 0.125, 0.25)])
POOLED_WINDOW = (0.0, 5.0)
"""Years that the effect of a class is averaged over in forest plots."""


@dataclass(frozen=True)
class Fitted:
    """Published estimates beside the fit; only while the evidence is that of the fit.

    Attributes
    ----------
    entries
        Rows of ``fitted_entries``, 95% intervals.
    reports
        Rows of ``chain_reports``.
    courses
        By update chain: `year`, `median`, `lower`, `upper` of the hazard ratio of its trial.
    inside
        Readings in their 90% predictive intervals.
    evidence
        Rows of the therapy table behind the entries.
    crossed_over
        Trials among them of which a row notes that controls crossed over.
    """

    entries: pd.DataFrame
    reports: pd.DataFrame
    courses: dict[str, pd.DataFrame]
    inside: Inside
    evidence: pd.DataFrame
    crossed_over: Sequence[str]


@dataclass(frozen=True)
class EffectAnswers:
    """Summaries of the posterior of the therapy model.

    Attributes
    ----------
    level, inner_level
        Probability of the intervals.
    classes
        An answer for each class: `class`, `er`, `randomised_year`, `duration`, `evidence`, `windows`, `pooled`, `curve`
        and `curve_inner` (frames with `year`, `median`, `lower`, `upper`), parameters of the course as ``learned``
        tells them, `years_of_benefit`.
    endpoints
        By scaled endpoint: log hazard ratio over that of any recurrence, as ``learned``.
    lag
        Years from recurrence to death, as ``learned``.
    spread, extra
        Typical standard deviation of trials of a class and of a published estimate around its trial, as ``learned``.
    fitted
        None if the evidence changed after the fit.
    """

    level: float
    inner_level: float
    classes: Sequence[Answer]
    endpoints: dict[str, Answer]
    lag: Answer
    spread: Answer
    extra: Answer
    fitted: Fitted | None


def read_effects(record: Record, evidence: Evidence) -> EffectAnswers:
    """Summarise the posterior of the therapy model for its page."""
    draws, prior = flat_draws(record.posterior), flat_draws(record.prior)
    return EffectAnswers(
        level=LEVEL,
        inner_level=INNER_LEVEL,
        classes=[_class_told(draws, prior, k) for k in range(len(draws["effect_class"]))],
        endpoints={
            name: learned(draws["rho"][:, i], prior["rho"][:, i], LEVEL) for i, name in enumerate(SCALED_ENDPOINTS)
        },
        lag=learned(draws["lag"], prior["lag"], LEVEL),
        spread=learned(*(np.exp(each["log_sigma_centre"]) for each in (draws, prior)), LEVEL),
        extra=learned(draws["omega"], prior["omega"], LEVEL),
        fitted=_fitted(record, evidence) if record.fresh else None,
    )


def _class_told(draws: Draws, prior: Draws, k: int) -> Answer:
    name = labels(draws["effect_class"])[k]
    typical, new = (Effect(name, population=population) for population in ("typical", "new"))
    logs = log_hazard_ratio(draws, typical, YEARS)

    def over(start: float, end: float) -> Answer:
        means = (average(draws, each, start, end) for each in (typical, new))
        return {"from": start, "to": end, **both(*means, LEVEL)}

    return {
        "class": name,
        "er": labels(draws["class_er"])[k],
        "randomised_year": float(draws["randomised_year"][k]),
        "duration": float(draws["duration"][k]),
        "evidence": evidence_of(draws, k),
        "windows": [over(*window) for window in WINDOWS],
        "pooled": over(*POOLED_WINDOW),
        "curve": _curve(YEARS, logs, LEVEL),
        "curve_inner": _curve(YEARS, logs, INNER_LEVEL),
        **{told: learned(draws[own][:, k], prior[own][:, k], LEVEL) for own, told in COURSE.items()},
        "full_effect": learned(draws["beta_class"][:, k], prior["beta_class"][:, k], LEVEL),
        "years_of_benefit": reached_within(years_of_benefit(draws, typical), LEVEL),
    }


def _fitted(record: Record, evidence: Evidence) -> Fitted:
    design = design_of(record.posterior, evidence)
    draws = flat_draws(record.posterior, FITTED_DRAWS)
    chained = design.rows[in_chain(design.rows)]
    courses = {}
    for chain, rows in chained.groupby("update_chain", sort=False):
        years = np.linspace(0, rows["end"].max(), 60)
        courses[str(chain)] = _curve(years, trial_course(draws, rows.iloc[0], years), LEVEL)
    table = evidence.therapy_effects
    noted = table["notes"].str.contains("cross(?:ed |-)?over", case=False, regex=True)
    crossed = table[noted & table["trial"].isin(design.rows["trial"])]
    return Fitted(
        entries=fitted_entries(draws, design, LEVEL),
        reports=chain_reports(design, LEVEL),
        courses=courses,
        inside=readings_inside(draws, design, CHECKED_LEVEL),
        evidence=table[table["row_id"].isin(design.rows["row_id"])],
        crossed_over=sorted(crossed["trial"].unique()),
    )


def _curve(years: np.ndarray, logs: np.ndarray, level: float) -> pd.DataFrame:
    summaries = [estimate(each, level) for each in logs.T]
    return pd.DataFrame(
        {"year": years} | {key: np.exp([each[key] for each in summaries]) for key in ("median", "lower", "upper")}
    )
