"""Single questions about therapy effects, answered from stored draws as plain dictionaries; numpy only."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from resurge.errors import UsageError
from resurge.findings.effect_draws import (
    DEATHS,
    ENDPOINTS,
    LITTLE,
    PARAMETERS,
    Draws,
    Effect,
    average,
    contraction,
    labels,
    little_left,
    log_hazard_ratio,
    place,
    years_of_benefit,
)
from resurge.findings.questions import Answer, estimate, reached_within
from resurge.inference.records import sound_draws
from resurge.project import Project

MODEL = "therapy"
WINDOWS = ((0.0, 2.0), (2.0, 5.0), (5.0, 10.0), (10.0, 15.0))
PRIOR_ONLY, PARTLY = 0.1, 0.3
"""Contraction under which a parameter is the prior's, and under which the evidence has touched it only in part."""
COURSE = {
    "onset": "onset_half_time",
    "fade": "fade_per_year",
    "carry": "carry_over_half_life",
    "sigma": "heterogeneity",
}
"""Parameters of a class and their names in an answer."""
ROWS = ("entry", "entry_trial", "trial", "trial_class")


def answer_effect(
    project: Project, effect_class: str, years: Sequence[float], *, endpoint: str, duration: float | None, level: float
) -> Answer:
    """Answer how large the effect of a class of therapy is at each year, and how long it lasts.

    Parameters
    ----------
    project : Project
        Where the posterior is stored.
    effect_class : str
        Class of the therapy table.
    years : sequence of float
        Years since treatments began to differ.
    endpoint : str
        What the hazard ratio is on.
    duration : float, optional
        Years of different treatment; by default the middle of the class's entries.
    level : float
        Probability of the interval.

    Returns
    -------
    dict
        ``question``, ``interval``, ``evidence``, ``hazard_ratios`` (by year, with the interval of a new trial),
        ``windows`` (averages over events), ``endpoints`` (average of years 0-5 on every endpoint), parameters of the
        course with their contraction, ``years_of_benefit`` and ``little_left``.

    Raises
    ------
    RecordError
        If there is no posterior to report from.
    UsageError
        If there is no such class.
    """
    draws = sound_draws(project, MODEL, (*PARAMETERS, *ROWS))
    prior = sound_draws(project, MODEL, (*COURSE, "beta_class"), group="prior")
    k = known_class(draws, effect_class)
    typical, new = (Effect(effect_class, endpoint, which, duration) for which in ("typical", "new"))
    return {
        "question": question(draws, k, typical, years),
        "interval": level,
        "evidence": evidence_of(draws, k),
        "hazard_ratios": [
            {"year": year, **both(typical_logs, new_logs, level)}
            for year, typical_logs, new_logs in zip(
                years, log_hazard_ratio(draws, typical, years).T, log_hazard_ratio(draws, new, years).T, strict=True
            )
        ],
        "windows": [
            {"from": start, "to": end, **both(*(average(draws, each, start, end) for each in (typical, new)), level)}
            for start, end in WINDOWS
        ],
        "endpoints": {name: on_endpoint(draws, effect_class, name, duration, level) for name in ENDPOINTS},
        **{name: learned(draws[own][:, k], prior[own][:, k], level) for own, name in COURSE.items()},
        "full_effect": learned(draws["beta_class"][:, k], prior["beta_class"][:, k], level),
        "years_of_benefit": reached_within(years_of_benefit(draws, typical), level),
        "little_left": [
            {"year": year, "within": LITTLE, "probability": float(p)}
            for year, p in zip(years, little_left(draws, typical, years), strict=True)
        ],
    }


def known_class(draws: Draws, effect_class: str) -> int:
    """Give the position of a class, or say which there are."""
    try:
        return place(draws, effect_class)
    except KeyError as error:
        raise UsageError(f"--class: {error.args[0]}") from error


def question(draws: Draws, k: int, effect: Effect, years: Sequence[float]) -> Answer:
    """Repeat the question with what it leaves unsaid."""
    return {
        "class": effect.effect_class,
        "endpoint": effect.endpoint,
        "at": list(years),
        "years_count_from": "start of different treatment",
        "randomised_year": float(draws["randomised_year"][k]),
        "duration": float(draws["duration"][k]) if effect.duration is None else effect.duration,
        "er": labels(draws["class_er"])[k],
    }


def evidence_of(draws: Draws, k: int) -> Answer:
    """Name the trials and entries of a class."""
    trials = labels(draws["trial"])
    own = [j for j in range(len(trials)) if int(draws["trial_class"][j]) == k]
    entries = [
        name for name, j in zip(labels(draws["entry"]), draws["entry_trial"].astype(int), strict=True) if j in own
    ]
    return {"trials": [trials[j].split(" | ", 1)[1] for j in own], "rows": entries}


def ratio(logs: NDArray[np.float64], level: float) -> dict[str, float | None]:
    """Summarise a log ratio as a ratio; the mean is that of the logarithm."""
    return {name: None if value is None else float(np.exp(value)) for name, value in estimate(logs, level).items()}


def both(typical: NDArray[np.float64], new: NDArray[np.float64], level: float) -> Answer:
    """Summarise the ratio of the class and that of one more trial."""
    return {**ratio(typical, level), "predictive": ratio(new, level)}


def on_endpoint(draws: Draws, effect_class: str, endpoint: str, duration: float | None, level: float) -> Answer:
    """Average the effect on one endpoint over the first five years, or ten for deaths, which come later."""
    end = 10.0 if endpoint in DEATHS else 5.0
    logs = (average(draws, Effect(effect_class, endpoint, which, duration), 0.0, end) for which in ("typical", "new"))
    return {"from": 0.0, "to": end, **both(*logs, level)}


def learned(draws: NDArray[np.float64], prior: NDArray[np.float64], level: float) -> Answer:
    """Summarise a parameter, with how far the evidence narrowed it."""
    positive = (prior > 0).all()
    scale = np.log if positive else np.asarray
    narrowed = contraction(scale(draws), scale(prior))
    word = "prior only" if narrowed < PRIOR_ONLY else "in part" if narrowed < PARTLY else "evidence"
    return {**estimate(draws, level), "contraction": narrowed, "informed_by": word}
