"""From draws of the dormancy model to draws of what it says of a group of women: plain arrays, numpy only.

The fractions of the model are those of the reference stratum of a typical population. In any other group strata and
population act on the hazard, so a fraction is the share of the group's women whose recurrence comes out of a
compartment sooner or later, if nothing else ends their lives: in the reference stratum it is the parameter itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from resurge.findings.hazard_draws import PARAMETERS as HAZARD_PARAMETERS
from resurge.findings.hazard_draws import Profile, mixture_weights, stratum_log_hazards
from resurge.synthesis.compartments import Fractions, incidence
from resurge.synthesis.dormancy_forward import as_curves
from resurge.synthesis.strata import ER

Draws = Mapping[str, NDArray[np.float64]]
"""Arrays by name: parameters with the sample first, and ``edges`` without one."""
OWN_PARAMETERS = ("early_year", "early_spread", "half_life", "p_early", "p_dormant", "awakening", "baseline")
PARAMETERS = (*OWN_PARAMETERS, *(name for name in HAZARD_PARAMETERS if name not in ("beta", "spline_basis")))


class Course(NamedTuple):
    """Recurrences of a group by compartment, as shares of all women at diagnosis.

    ``early_by`` and ``dormant_by`` have shape (sample, edge): recurrences up to each edge of the grid; ``early_ever``
    and ``dormant_ever`` have shape (sample,).
    """

    early_by: NDArray[np.float64]
    dormant_by: NDArray[np.float64]
    early_ever: NDArray[np.float64]
    dormant_ever: NDArray[np.float64]


def own(draws: Draws, er: str, name: str) -> NDArray[np.float64]:
    """Give a parameter of one ER group, shape (sample,)."""
    return draws[name][:, ER.index(er)]


def dormant_share_at(draws: Draws, er: str, years: ArrayLike) -> NDArray[np.float64]:
    """Give the share of the recurrences at a time that come out of dormancy, shape (sample, year).

    The two densities of the curve: f_dormant / (f_early + f_dormant); the same in every stratum of an ER group.
    """
    years = np.atleast_1d(np.asarray(years, dtype=float))
    log_year, spread = np.log(own(draws, er, "early_year")), own(draws, er, "early_spread")
    awakening = own(draws, er, "awakening")[:, None]
    dormant = own(draws, er, "p_dormant")[:, None] * awakening * np.exp(-awakening * years)
    positive = np.maximum(years, 1e-9)
    z = (np.log(positive) - log_year[:, None]) / spread[:, None]
    early = own(draws, er, "p_early")[:, None] * np.exp(-(z**2) / 2) / (np.sqrt(2 * np.pi) * spread[:, None] * positive)
    return dormant / (early + dormant)


def course_of(draws: Draws, profile: Profile) -> Course:
    """Follow a group of women from diagnosis: who recurs by when, out of which compartment.

    After the last edge of the grid the ratio of each stratum's hazard to that of the reference stratum stays as in
    the last cell.
    """
    edges, e = draws["edges"], ER.index(profile.er)
    parts = Fractions(*(draws[name][:, e] for name in ("p_early", "p_dormant", "awakening")))
    year, spread = draws["early_year"][:, e], draws["early_spread"][:, e]
    found = incidence(parts, year, spread, edges)
    share = found.dormant / (found.early + found.dormant)
    left_early = parts.early * ndtr((np.log(year) - np.log(edges[-1])) / spread)
    left_dormant = parts.dormant * np.exp(-parts.awakening * edges[-1])
    cured = 1 - parts.early - parts.dormant
    left_H = np.log1p((left_early + left_dormant) / cured)
    left_share = left_dormant / (left_early + left_dormant)

    logs = stratum_log_hazards(as_curves(draws), profile)
    H = np.cumsum(np.exp(logs) * np.diff(edges), axis=2)
    S = np.exp(-np.concatenate([np.zeros((*H.shape[:2], 1)), H], axis=2))
    weights = mixture_weights(draws, profile)
    recur = (weights[:, :, None] * -np.diff(S, axis=2)).sum(0)
    ratio = np.exp(logs[:, :, -1] - draws["baseline"][:, e, -1])
    later = (weights * S[:, :, -1] * -np.expm1(-ratio * left_H)).sum(0)
    by = [_summed(recur * part) for part in (1 - share, share)]
    return Course(*by, by[0][:, -1] + later * (1 - left_share), by[1][:, -1] + later * left_share)


def dormant_share_within(course: Course, edges: NDArray[np.float64], start: float, end: float) -> NDArray[np.float64]:
    """Give the share of the recurrences between two years that come out of dormancy, shape (sample,)."""
    early, dormant = (np.diff(read_at(by, edges, [start, end]))[:, 0] for by in (course.early_by, course.dormant_by))
    return dormant / (early + dormant)


def still_dormant(course: Course, edges: NDArray[np.float64], years: ArrayLike) -> NDArray[np.float64]:
    """Give, among women free of recurrence at each year, the share that a recurrence out of dormancy still awaits."""
    early, dormant = (read_at(by, edges, years) for by in (course.early_by, course.dormant_by))
    return (course.dormant_ever[:, None] - dormant) / (1 - early - dormant)


def read_at(values: NDArray[np.float64], edges: NDArray[np.float64], years: ArrayLike) -> NDArray[np.float64]:
    """Read sums over cells at years between edges by a straight line, shape (sample, year)."""
    years = np.atleast_1d(np.asarray(years, dtype=float))
    right = np.clip(np.searchsorted(edges, years), 1, len(edges) - 1)
    part = (years - edges[right - 1]) / (edges[right] - edges[right - 1])
    return values[:, right - 1] * (1 - part) + values[:, right] * part


def _summed(cells: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum over cells up to each edge, from 0."""
    return np.concatenate([np.zeros((len(cells), 1)), np.cumsum(cells, axis=1)], axis=1)
