"""Where the events fall that a published hazard ratio averages over.

A row reports the average of the log hazard ratio over the events it counts. Recurrences at time ``s`` since
randomisation come in proportion to ``h(s) S(s)``, the hazard and the survival of the control arm; the row counts those
before the end of follow-up::

    seen(t) = 1{u < t <= v}                                   a printed period
    seen(t) = P(follow-up > t), uniform around the median     a whole trial at one look
    seen(t) = seen_2(t) - seen_1(t)                           what a later look adds to an earlier one

A death at time ``t`` goes back to a recurrence at ``s < t``, exponential with mean ``lag`` years earlier.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from resurge.synthesis.effect_course import Exp
from resurge.synthesis.hazards import midpoints

EDGES = np.concatenate([np.arange(0, 5, 0.25), np.arange(5, 12, 0.5), np.arange(12, 26, 1.0)])
"""Bounds of the cells in years since randomisation, fine where effects set in and wear off."""
WIDTHS = np.diff(EDGES)
YEARS = midpoints(EDGES)
"""Middles of the cells, shape (cell,)."""
EARLIER = YEARS[:, None] - YEARS
"""Years from a recurrence (column) to a death (row)."""
ACCRUAL_YEARS = 3.0
"""Years over which trials usually enter women; their follow-up differs by as much."""
ER_POSITIVE_SHARE = 0.75
"""Share of ER-positive disease among women whom a source does not split."""


@dataclass(frozen=True)
class Baseline:
    """Hazard of recurrence of a control arm, by ER status.

    Attributes
    ----------
    edges : ndarray, shape (cell + 1,)
        Bounds of the cells in years since diagnosis.
    hazard : mapping of str to ndarray, shape (cell,)
        Per year, for ``negative`` and ``positive``.
    """

    edges: NDArray[np.float64]
    hazard: Mapping[str, NDArray[np.float64]]

    def events(self, er: str, randomised_year: float) -> NDArray[np.float64]:
        """Give the expected recurrences in each cell since randomisation, a woman free of recurrence at it."""
        if er == "any":
            parts = {"positive": ER_POSITIVE_SHARE, "negative": 1 - ER_POSITIVE_SHARE}
            left = {each: share * self._free(each, randomised_year) for each, share in parts.items()}
            total = sum(left.values())
            return sum(left[each] / total * self.events(each, randomised_year) for each in parts)
        years = np.clip(randomised_year + YEARS, *midpoints(self.edges)[[0, -1]])
        hazard = np.interp(years, midpoints(self.edges), self.hazard[er])
        cumulative = hazard * WIDTHS
        return cumulative * np.exp(cumulative / 2 - np.cumsum(cumulative))

    def _free(self, er: str, year: float) -> float:
        widths = np.clip(year - self.edges[:-1], 0, np.diff(self.edges))
        return float(np.exp(-(self.hazard[er] * widths).sum()))


def within(start: ArrayLike, end: ArrayLike) -> NDArray[np.float64]:
    """Give the share of each cell that a printed period covers, shape (..., cell); bounds of shape () or (..., 1)."""
    return np.clip(np.minimum(EDGES[1:], end) - np.maximum(EDGES[:-1], start), 0, None) / WIDTHS


def followed(median_follow_up: float) -> NDArray[np.float64]:
    """Give the share of women still followed in each cell, shape (cell,), uniform entry around the median follow-up."""
    spread = min(ACCRUAL_YEARS, 2 * median_follow_up)
    return np.clip((median_follow_up + spread / 2 - YEARS) / spread, 0, 1)


def time_to_death(lag: ArrayLike, exp: Exp = np.exp) -> NDArray[np.float64]:
    """Give the chance that a death in a cell (row) goes back to a recurrence in an earlier one (column), unscaled.

    Parameters
    ----------
    lag : float or PyTensor variable
        Mean years from recurrence to death.
    exp : callable
        Exponential function of the array library.
    """
    not_before = np.tri(len(YEARS)) - 0.5 * np.eye(len(YEARS))
    return exp(-np.maximum(EARLIER, 0) / lag) * not_before * WIDTHS[:, None]
