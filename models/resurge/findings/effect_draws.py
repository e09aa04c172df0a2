"""From draws of the therapy model to draws of hazard ratios over time and of what follows from them: plain arrays.

They need numpy only, as :mod:`resurge.findings.hazard_draws` does. Years count from when treatments begin to differ,
which is randomisation in most classes. Log hazard ratios have shape ``(sample, year)``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from resurge.findings.hazard_draws import POPULATIONS
from resurge.synthesis.effect_course import clock, course
from resurge.synthesis.event_weights import EDGES, YEARS, Baseline, time_to_death, within
from resurge.synthesis.strata import ER
from resurge.synthesis.therapy_priors import SCALED_ENDPOINTS

Draws = Mapping[str, NDArray[np.float64]]
"""Arrays by name: parameters with the sample first; labels and constants of the classes without one."""
PARAMETERS = (
    *("onset", "fade", "carry", "shape", "rho", "lag", "sigma", "beta_class", "beta_new"),
    *("effect_class", "scaled_endpoint", "duration", "randomised_year", "sign", "class_er"),
    *("baseline_edges", "baseline_hazard"),
)
ENDPOINTS = ("any_recurrence", *SCALED_ENDPOINTS)
DEATHS = ("breast_cancer_death", "os")
REPORTED_YEARS = (0.5, 1.0, 2.0, 3.0, 5.0, 8.0, 10.0, 12.0, 15.0)
"""Years at which the gate judges every class."""
LITTLE = 0.05
"""A hazard ratio less than 5% from 1 is of no weight in a decision."""
HORIZON = 20.0
FINE_YEARS = np.arange(0.0, HORIZON + 0.05, 0.1)


@dataclass(frozen=True)
class Effect:
    """Which effect a question is about.

    Parameters
    ----------
    effect_class : str
        Class of the therapy table.
    endpoint : str
        What the hazard ratio is on; deaths follow from the recurrences before them.
    population : {"typical", "new"}
        The middle of the class's trials, or one more trial drawn from among them.
    duration : float, optional
        Years for which treatments differ; by default the middle of the class's entries.

    Raises
    ------
    ValueError
        If a label is not known, or the duration is not above 0.
    """

    effect_class: str
    endpoint: str = "any_recurrence"
    population: str = "typical"
    duration: float | None = None

    def __post_init__(self) -> None:
        """Refuse unknown labels by name."""
        for name, labels in (("endpoint", ENDPOINTS), ("population", POPULATIONS)):
            if getattr(self, name) not in labels:
                raise ValueError(f"{name}: {getattr(self, name)!r} is not one of {', '.join(labels)}")
        if self.duration is not None and not self.duration > 0:
            raise ValueError(f"duration: {self.duration!r} is not a number of years above 0")


def labels(values: NDArray[np.object_]) -> tuple[str, ...]:
    """Read labels, which a NetCDF file gives as bytes."""
    return tuple(value.decode() if isinstance(value, bytes) else str(value) for value in values)


def place(draws: Draws, effect_class: str) -> int:
    """Give the position of a class.

    Raises
    ------
    KeyError
        If the posterior has no such class; the message lists those it has.
    """
    known = labels(draws["effect_class"])
    if effect_class not in known:
        raise KeyError(f"no class {effect_class!r} in the therapy model; it has {', '.join(known)}")
    return known.index(effect_class)


def full_course(draws: Draws, k: int, years: ArrayLike, duration: float | None = None) -> NDArray[np.float64]:
    """Give the share of the full log hazard ratio that acts at each year, shape (sample, year)."""
    lasts = float(draws["duration"][k]) if duration is None else duration
    times = clock(np.atleast_1d(np.asarray(years, dtype=float)), lasts)
    parts = (draws[name][:, [k]] for name in ("onset", "fade", "carry"))
    return course(times, *parts, draws["shape"][:, None])


def log_hazard_ratio(draws: Draws, effect: Effect, years: ArrayLike) -> NDArray[np.float64]:
    """Give the log hazard ratio at each year since treatments began to differ, shape (sample, year)."""
    k = place(draws, effect.effect_class)
    years = np.atleast_1d(np.asarray(years, dtype=float))
    if effect.endpoint in DEATHS:
        acting = _course_of_deaths(draws, k, years, effect.duration)
    else:
        acting = full_course(draws, k, years, effect.duration)
    return full_effect(draws, effect, k)[:, None] * acting


def full_effect(draws: Draws, effect: Effect, k: int) -> NDArray[np.float64]:
    """Give the full log hazard ratio of a class on an endpoint, shape (sample,)."""
    beta = draws["beta_class" if effect.population == "typical" else "beta_new"][:, k]
    if effect.endpoint == "any_recurrence":
        return beta
    return beta * draws["rho"][:, labels(draws["scaled_endpoint"]).index(effect.endpoint)]


def average(draws: Draws, effect: Effect, start: float, end: float) -> NDArray[np.float64]:
    """Average the log hazard ratio over the events of a window, as a trial report does, shape (sample,)."""
    k = place(draws, effect.effect_class)
    counted = within(start, end)
    if effect.endpoint in DEATHS:
        counted = counted @ time_to_death(draws["lag"][:, None, None])
    weights = expected_recurrences(draws, k) * counted
    acting = full_course(draws, k, YEARS, effect.duration)
    return full_effect(draws, effect, k) * (weights * acting).sum(-1) / weights.sum(-1)


def expected_recurrences(draws: Draws, k: int) -> NDArray[np.float64]:
    """Give the recurrences expected in each cell of a control arm of a class, shape (cell,)."""
    baseline = Baseline(draws["baseline_edges"], dict(zip(ER, draws["baseline_hazard"], strict=True)))
    return baseline.events(labels(draws["class_er"])[k], float(draws["randomised_year"][k]))


def _course_of_deaths(draws: Draws, k: int, years: NDArray[np.float64], duration: float | None) -> NDArray[np.float64]:
    """Average the course over the recurrences that the deaths at each year go back to, shape (sample, year)."""
    acting = full_course(draws, k, YEARS, duration)
    earlier = np.maximum(years[:, None] - YEARS, 0.0)
    begun = np.clip((years[:, None] - EDGES[:-1]) / np.diff(EDGES), 1e-9, 1)
    recurrences = expected_recurrences(draws, k) * begun
    weights = np.exp(-earlier / draws["lag"][:, None, None]) * recurrences
    weights = np.where(YEARS - np.diff(EDGES) / 2 <= years[:, None], weights, 0.0)
    return np.einsum("syc,sc->sy", weights, acting) / weights.sum(2)


def benefit_left(draws: Draws, effect: Effect, years: ArrayLike) -> NDArray[np.float64]:
    """Give the log hazard ratio in the direction that the class is meant to act, positive, shape (sample, year).

    Where a class gives less treatment than its control, it is the harm of that which is left.
    """
    sign = draws["sign"][place(draws, effect.effect_class)]
    return -sign * log_hazard_ratio(draws, effect, years)


def little_left(draws: Draws, effect: Effect, years: ArrayLike) -> NDArray[np.float64]:
    """Give the probability that the hazard ratio at each year is within 5% of 1 or beyond it, shape (year,)."""
    return (benefit_left(draws, effect, years) < -np.log1p(-LITTLE)).mean(0)


def years_of_benefit(draws: Draws, effect: Effect) -> NDArray[np.float64]:
    """Find the last year at which the hazard ratio is at least 5% from 1.

    Returns
    -------
    ndarray, shape (sample,)
        Years since treatments began to differ; 0 where it never is, NaN where it still is at year 20.
    """
    acts = benefit_left(draws, effect, FINE_YEARS) >= -np.log1p(-LITTLE)
    last = FINE_YEARS[acts.shape[1] - 1 - np.argmax(acts[:, ::-1], axis=1)]
    return np.where(acts[:, -1], np.nan, np.where(acts.any(1), last, 0.0))


def contraction(posterior: ArrayLike, prior: ArrayLike) -> float:
    """Give how much the evidence narrowed a parameter, 0 not at all, 1 completely: 1 - sd posterior / sd prior."""
    return float(1 - np.std(posterior) / np.std(prior))
