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

from resurge.findings.hazard_draws import PARAMETERS as HAZARD_PARAMETERS
from resurge.findings.hazard_draws import Profile, mixture_weights, stratum_log_hazards
from resurge.synthesis.compartments import Fractions, Incidence, incidence
from resurge.synthesis.dormancy_forward import as_curves
from resurge.synthesis.hazards import midpoints
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


def compartments_of(draws: Draws, er: str) -> tuple[Fractions, Incidence]:
    """Give the compartments of the reference stratum of an ER group, and its recurrences by cell."""
    parts = Fractions(*(own(draws, er, name) for name in ("p_early", "p_dormant", "awakening")))
    return parts, incidence(parts, own(draws, er, "early_year"), own(draws, er, "early_spread"), draws["edges"])


def dormant_share_at(draws: Draws, er: str, years: ArrayLike) -> NDArray[np.float64]:
    """Give the share of the recurrences at a time that come out of dormancy, shape (sample, year).

    The two parts of each cell's recurrences, by a straight line between the middles of cells; the same in every
    stratum of an ER group.
    """
    _, found = compartments_of(draws, er)
    return read_at(found.dormant / (found.early + found.dormant), midpoints(draws["edges"]), years)


def course_of(draws: Draws, profile: Profile) -> Course:
    """Follow a group of women from diagnosis: who recurs by when, out of which compartment.

    After the last edge of the grid the ratio of each stratum's hazard to that of the reference stratum stays as in
    the last cell.
    """
    edges, e = draws["edges"], ER.index(profile.er)
    parts, found = compartments_of(draws, profile.er)
    share = found.dormant / (found.early + found.dormant)
    left_early = np.maximum(parts.early - found.early.sum(1), 0)
    left_dormant = parts.dormant - found.dormant.sum(1)
    left_H = np.log1p((left_early + left_dormant) / (1 - parts.early - parts.dormant))
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


def read_at(values: NDArray[np.float64], points: NDArray[np.float64], years: ArrayLike) -> NDArray[np.float64]:
    """Read values at years between the points at which they stand by a straight line, shape (sample, year)."""
    years = np.clip(np.atleast_1d(np.asarray(years, dtype=float)), points[0], points[-1])
    right = np.clip(np.searchsorted(points, years), 1, len(points) - 1)
    part = (years - points[right - 1]) / (points[right] - points[right - 1])
    return values[:, right - 1] * (1 - part) + values[:, right] * part


def _summed(cells: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum over cells up to each edge, from 0."""
    return np.concatenate([np.zeros((len(cells), 1)), np.cumsum(cells, axis=1)], axis=1)
