"""Questions about dormancy, answered from stored draws as plain dictionaries; numpy only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from resurge.findings.dormancy_draws import (
    PARAMETERS,
    Course,
    Draws,
    course_of,
    dormant_share_at,
    dormant_share_within,
    own,
    read_at,
    still_dormant,
)
from resurge.findings.effect_questions import learned
from resurge.findings.hazard_draws import Profile, stated_weights
from resurge.findings.questions import Answer, estimate, stated
from resurge.inference.records import sound_draws
from resurge.project import Project

MODEL = "dormancy"
NAMES = (*PARAMETERS, "sigma")
"""Arrays that an answer needs."""
YEARS = (1.0, 2.0, 5.0, 8.0, 10.0, 15.0, 20.0)
PERIODS = ((0.0, 5.0), (5.0, 10.0), (10.0, 20.0), (0.0, 20.0))
WITHIN = 20.0
"""Years that the evidence reaches: what comes later is the curve's own continuation."""
CURVE = ("half_life", "early_year", "early_spread")


def answer_dormancy(project: Project, profile: Profile, years: Sequence[float], *, level: float) -> Answer:
    """Answer how much of recurrence comes out of dormancy, and when.

    Parameters
    ----------
    project : Project
        Where the posterior is stored.
    profile : Profile
        The women.
    years : sequence of float
        Years since diagnosis at which shares are given.
    level : float
        Probability of the interval.

    Raises
    ------
    RecordError
        If there is no posterior to report from.

    See Also
    --------
    dormancy_answer : what the answer holds.
    """
    posterior, prior = (sound_draws(project, MODEL, NAMES, group=group) for group in ("posterior", "prior"))
    return dormancy_answer(posterior, prior, profile, years, level=level)


def dormancy_answer(draws: Draws, prior: Draws, profile: Profile, years: Sequence[float], *, level: float) -> Answer:
    """Answer from draws of the posterior and of the prior.

    Returns
    -------
    dict
        ``question``, ``interval``; ``fraction_dormant``, ``fraction_early`` and ``cured`` (shares of women at
        diagnosis), ``dormant_within`` (share that recurs out of dormancy within 20 years), ``half_life``,
        ``early_year`` and ``early_spread``, each with its contraction and a word for it; ``share_by_year`` (share of
        the recurrences at a time that come out of dormancy), ``share_by_period``, ``still_dormant`` (share of the women
        free of recurrence whom one out of dormancy awaits) and ``correlations`` of the posterior.
    """
    course, before = course_of(draws, profile), course_of(prior, profile)
    edges, er = draws["edges"], profile.er
    shares = dormant_share_at(draws, er, years)
    asleep = still_dormant(course, edges, years)
    return {
        "question": {**stated(profile, stated_weights(draws, profile)), "at": list(years)},
        "interval": level,
        **{name: learned(now, then, level) for name, (now, then) in fractions(course, before, edges).items()},
        **{name: learned(own(draws, er, name), own(prior, er, name), level) for name in CURVE},
        "share_by_year": [{"year": year, **estimate(shares[:, i], level)} for i, year in enumerate(years)],
        "share_by_period": [
            {"from": start, "to": end, **estimate(dormant_share_within(course, edges, start, end), level)}
            for start, end in PERIODS
        ],
        "still_dormant": [{"year": year, **estimate(asleep[:, i], level)} for i, year in enumerate(years)],
        "correlations": correlations(draws, er),
    }


def fractions(
    course: Course, before: Course, edges: NDArray[np.float64]
) -> dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Give the fractions of a group, posterior and prior."""

    def of(found: Course) -> dict[str, NDArray[np.float64]]:
        return {
            "fraction_dormant": found.dormant_ever,
            "fraction_early": found.early_ever,
            "cured": 1 - found.dormant_ever - found.early_ever,
            "dormant_within": read_at(found.dormant_by, edges, [WITHIN])[:, 0],
        }

    now, then = of(course), of(before)
    return {name: (now[name], then[name]) for name in now}


def correlations(draws: Draws, er: str) -> dict[str, float]:
    """Give posterior correlations between what explains late recurrence: dormancy, cure, and unlikeness of women.

    Unlikeness (frailty) is the drift of populations ``sigma[b]``, the fading ``phi`` of the node effect and the mix of
    strata that sources do not split; a falling hazard may be either of these or dormancy running out.
    """
    logs = explanations(draws, er)
    pairs = (
        ("p_early", "p_dormant"),
        ("p_dormant", "half_life"),
        ("cured", "half_life"),
        ("early_year", "p_dormant"),
        ("half_life", "phi"),
        ("half_life", "sigma_b"),
        ("p_dormant", "phi"),
        ("p_dormant", "sigma_b"),
        ("p_dormant", "nodes_mix"),
    )
    return {f"{one}, {other}": float(np.corrcoef(logs[one], logs[other])[0, 1]) for one, other in pairs}


def explanations(draws: Draws, er: str) -> Mapping[str, NDArray[np.float64]]:
    """Give the parameters behind late recurrence, positive ones as logarithms, shape (sample,) each."""
    early, dormant = own(draws, er, "p_early"), own(draws, er, "p_dormant")
    return {
        "p_early": np.log(early),
        "p_dormant": np.log(dormant),
        "cured": np.log1p(-early - dormant),
        "half_life": np.log(own(draws, er, "half_life")),
        "early_year": np.log(own(draws, er, "early_year")),
        "phi": draws["phi"],
        "sigma_b": np.log(draws["sigma"][:, 1]),
        "nodes_mix": draws["log_odds"][:, 1],
    }
