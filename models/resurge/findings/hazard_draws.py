"""From draws of the recurrence model to draws of hazards and of what follows from them: plain arrays.

The labelled functions of :mod:`resurge.findings.recurrence` are a thin skin over these, which need numpy only and so
answer
a single question without the seconds that xarray takes to import. Every hazard here is piecewise constant, shape
``(sample, cell)``, and belongs to a group of women: one stratum, or a mixture of strata whose weights move with
survival.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from resurge.synthesis.hazards import midpoints, mixture_cumulative_hazard, overlap, tilt
from resurge.synthesis.strata import (
    ENDPOINTS,
    ER,
    NODAL,
    NODAL_MEMBERS,
    REFERENCE_THERAPY,
    THERAPIES,
    TUMOUR_SIZE,
    TUMOUR_SIZE_MEMBERS,
    expand,
    mix_indicators,
    therapy_multipliers,
)

Draws = Mapping[str, NDArray[np.float64]]
"""Arrays by name: parameters with the sample first, and ``edges`` and ``spline_basis`` without one."""
PARAMETERS = (
    "beta",
    "nodal_effect",
    "size_effect",
    "phi",
    "therapy",
    "distant",
    "log_odds",
    "a_new",
    "b_new",
    "edges",
    "spline_basis",
)
POPULATIONS = ("typical", "new")
LAST_YEAR = 20.0
"""Windows, shares and peaks are counted over the first 20 years, as far as the evidence reaches."""


@dataclass(frozen=True)
class Profile:
    """The women a question is about.

    Parameters
    ----------
    er : {"negative", "positive"}
        Oestrogen-receptor status.
    nodal, tumour_size : str
        Label of the evidence tables; ``any`` and other labels of several groups mean a mixture.
    endpoint : {"any_recurrence", "distant_recurrence"}
        What counts as recurrence.
    population : {"typical", "new"}
        The middle of all populations, or one more drawn from among them (its level and tilt are uncertain too).
    therapy : str, optional
        Label of the evidence tables; by default 5 years of endocrine therapy in ER-positive disease, else mixed.

    Raises
    ------
    ValueError
        If a label is not known.
    """

    er: str
    nodal: str = "any"
    tumour_size: str = "any"
    endpoint: str = "any_recurrence"
    population: str = "typical"
    therapy: str = ""

    def __post_init__(self) -> None:
        """Refuse unknown labels by name."""
        known = {
            "er": ER,
            "nodal": tuple(NODAL_MEMBERS),
            "tumour_size": tuple(TUMOUR_SIZE_MEMBERS),
            "endpoint": ENDPOINTS,
            "population": POPULATIONS,
            "therapy": ("", *THERAPIES),
        }
        for name, labels in known.items():
            if getattr(self, name) not in labels:
                raise ValueError(f"{name}: {getattr(self, name)!r} is not one of {', '.join(labels)}")
        if not self.therapy:
            object.__setattr__(self, "therapy", REFERENCE_THERAPY[self.er])

    @property
    def strata(self) -> list[tuple[int, int, int]]:
        """Positions of the strata inside the profile."""
        return expand(self.er, self.nodal, self.tumour_size)


def stratum_log_hazards(draws: Draws, profile: Profile) -> NDArray[np.float64]:
    """Evaluate the log hazard of each stratum inside a profile.

    Returns
    -------
    ndarray, shape (stratum, sample, cell)
        Natural log of the hazard per year.
    """
    g = tilt(midpoints(draws["edges"]))
    acts = therapy_multipliers(profile.therapy, profile.er, draws["edges"])
    common = draws["beta"][:, ER.index(profile.er)] @ draws["spline_basis"].T + draws["therapy"] @ acts
    if profile.endpoint == "distant_recurrence":
        common = common - draws["distant"][:, [ER.index(profile.er)]]
    if profile.population == "new":
        common = common + draws["a_new"][:, None] + draws["b_new"][:, None] * g
    fading = 1 + draws["phi"][:, None] * g
    return np.stack(
        [common + draws["nodal_effect"][:, [n]] * fading + draws["size_effect"][:, [s]] for _, n, s in profile.strata]
    )


def mixture_weights(draws: Draws, profile: Profile) -> NDArray[np.float64]:
    """Give the share of each stratum at diagnosis, shape (stratum, sample); they sum to 1 over strata."""
    labels = (profile.er, profile.nodal, profile.tumour_size)
    marks = np.array([mix_indicators(*labels, stratum) for stratum in profile.strata])
    weights = np.exp(marks @ draws["log_odds"].T)
    return weights / weights.sum(0)


def stated_weights(draws: Draws, profile: Profile) -> dict[str, float]:
    """Name the strata inside a profile with their mean share at diagnosis."""
    means = mixture_weights(draws, profile).mean(1)
    names = [f"{NODAL[n]} {TUMOUR_SIZE[s]}" for _, n, s in profile.strata]
    return dict(zip(names, means.tolist(), strict=True))


def group_hazard(draws: Draws, profile: Profile) -> NDArray[np.float64]:
    """Give the hazard of the women of a profile who are still free of recurrence, shape (sample, cell), per year.

    In a mixture this is the average over each cell of sum w_k S_k h_k / sum w_k S_k.
    """
    edges = draws["edges"]
    hazards = np.exp(stratum_log_hazards(draws, profile))
    if len(hazards) == 1:
        return hazards[0]
    widths = np.diff(edges)
    cumulative = np.concatenate([np.zeros((*hazards.shape[:2], 1)), np.cumsum(hazards * widths, axis=2)], axis=2)
    group = mixture_cumulative_hazard(mixture_weights(draws, profile)[:, :, None], cumulative, axis=0)
    return np.diff(group, axis=1) / widths


def cumulative_to(hazard: NDArray[np.float64], edges: ArrayLike, years: ArrayLike) -> NDArray[np.float64]:
    """Integrate hazards from diagnosis to each year, shape (sample, year)."""
    years = np.atleast_1d(np.asarray(years, dtype=float))
    return hazard @ overlap(edges, np.zeros_like(years), years).T


def risk_between(hazard: NDArray[np.float64], edges: ArrayLike, start: float, ends: ArrayLike) -> NDArray[np.float64]:
    """Give the risk from ``start`` to each end for women free of recurrence at ``start``, shape (sample, end)."""
    ends = np.atleast_1d(np.asarray(ends, dtype=float))
    return -np.expm1(-hazard @ overlap(edges, np.full_like(ends, start), ends).T)


def hazard_at(hazard: NDArray[np.float64], edges: ArrayLike, years: ArrayLike) -> NDArray[np.float64]:
    """Read hazards at points in time, shape (sample, year): log hazard is straight between the middles of cells."""
    middles = midpoints(edges)
    years = np.clip(np.atleast_1d(np.asarray(years, dtype=float)), middles[0], middles[-1])
    right = np.clip(np.searchsorted(middles, years), 1, len(middles) - 1)
    part = (years - middles[right - 1]) / (middles[right] - middles[right - 1])
    logs = np.log(hazard)
    return np.exp(logs[:, right - 1] * (1 - part) + logs[:, right] * part)


def peak_years(hazard: NDArray[np.float64], edges: ArrayLike) -> NDArray[np.float64]:
    """Give the year of the highest hazard within 20 years, shape (sample,).

    The top of the parabola through log hazard at the middle of the highest cell and of its two neighbours; the middle
    of the first or last cell where that is the highest and the parabola has no top.
    """
    middles = midpoints(edges)
    within = middles < LAST_YEAR
    logs = np.log(hazard[:, within])
    highest = np.argmax(logs, axis=1)
    top = np.clip(highest, 1, within.sum() - 2)
    row = np.arange(len(logs))
    left, right = middles[top] - middles[top - 1], middles[top + 1] - middles[top]
    rise, fall = logs[row, top] - logs[row, top - 1], logs[row, top] - logs[row, top + 1]
    bend = left * fall + right * rise
    at_end = middles[highest] - middles[top]
    shift = np.divide(right**2 * rise - left**2 * fall, 2 * bend, out=at_end, where=bend > 0)
    return middles[top] + np.clip(shift, -left, right)


def shares_after(hazard: NDArray[np.float64], edges: ArrayLike, years: ArrayLike) -> NDArray[np.float64]:
    """Give the share of the recurrences of 20 years that come after each year, shape (sample, year)."""
    whole = risk_between(hazard, edges, 0.0, [LAST_YEAR])
    return 1 - risk_between(hazard, edges, 0.0, years) / whole


def shortest_windows(hazard: NDArray[np.float64], edges: ArrayLike, share: float) -> NDArray[np.float64]:
    """Find the shortest interval that holds a share of the recurrences of 20 years.

    Starts are tried every twentieth of a year; the end follows from the cumulative incidence.

    Returns
    -------
    ndarray, shape (sample, 2)
        Start and end in years.
    """
    fine = np.linspace(0.0, LAST_YEAR, 401)
    incidence = risk_between(hazard, edges, 0.0, fine)
    incidence /= incidence[:, [-1]]
    windows = np.empty((len(hazard), 2))
    for i, curve in enumerate(incidence):
        starts = fine[curve <= 1 - share]
        ends = np.interp(curve[: len(starts)] + share, curve, fine)
        best = np.argmin(ends - starts)
        windows[i] = starts[best], ends[best]
    return windows


def years_below(hazard: NDArray[np.float64], edges: ArrayLike, threshold: float) -> NDArray[np.float64]:
    """Find the first whole year after which the annual risk stays under a threshold to year 20.

    Returns
    -------
    ndarray, shape (sample,)
        Years; NaN where the risk in the last year is not under the threshold.
    """
    years = np.arange(LAST_YEAR + 1)
    cumulative = cumulative_to(hazard, edges, years)
    annual = -np.expm1(-np.diff(cumulative, axis=1))
    over = annual >= threshold
    last_over = np.where(over.any(1), over.shape[1] - np.argmax(over[:, ::-1], axis=1), 0).astype(float)
    return np.where(last_over == over.shape[1], np.nan, last_over)


def crossover_years(
    hazard_negative: NDArray[np.float64], hazard_positive: NDArray[np.float64], edges: ArrayLike
) -> NDArray[np.float64]:
    """Find when the ER-positive hazard overtakes the ER-negative one for good within 20 years.

    The last change from ER-negative above to ER-positive above, by a straight line between the middles of the cells.

    Returns
    -------
    ndarray, shape (sample,)
        Years; NaN where the ER-positive hazard is not the higher one at year 20, or was so from the start.
    """
    middles = midpoints(edges)
    within = middles < LAST_YEAR
    middles = middles[within]
    gap = np.log(hazard_positive[:, within]) - np.log(hazard_negative[:, within])
    behind = gap < 0
    last = gap.shape[1] - 1 - np.argmax(behind[:, ::-1], axis=1)
    crosses = behind.any(1) & ~behind[:, -1]
    left = np.clip(last, 0, gap.shape[1] - 2)
    row = np.arange(len(gap))
    part = np.divide(gap[row, left], gap[row, left] - gap[row, left + 1], out=np.zeros(len(gap)), where=crosses)
    return np.where(crosses, middles[left] + part * (middles[left + 1] - middles[left]), np.nan)
