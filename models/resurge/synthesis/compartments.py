"""The two-compartment curve: women whose micrometastases grow, women in whom they sleep, and the cured.

A metastasis that grows takes a log-normal time to show; one that sleeps awakes at a constant rate, and then has to grow
as the others did at diagnosis::

    F_early(t) = Phi(log(t / early_year) / early_spread)
    F_late(t) = integral over 0 < u < t of F_early(t - u) * awakening * exp(-awakening * u)
    F(t) = p_early * F_early(t) + p_dormant * F_late(t),   S(t) = 1 - F(t)

If growth took no time, F_late would be 1 - exp(-awakening * t), with its highest hazard on the day of diagnosis.

The hazard f(t) / S(t) is averaged over each cell, log(S(start) / S(end)) / width, which keeps S exact at every edge.
Both compartments leave the same group of women, so the share of a cell's recurrences that come out of dormancy is that
compartment's part of F(end) - F(start). In the integral a time to grow counts as spread evenly over its cell.

    cured = 1 - p_early - p_dormant
    early_odds = p_early / cured
    late_odds = p_dormant * (1 - exp(-awakening * 20)) / cured
    awakening = log(2) / half_life
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

HORIZON = 20.0
"""Years since diagnosis within which awakenings are counted by ``late_odds``: as far as the evidence reaches."""

Array = NDArray[np.float64]


class Fractions(NamedTuple):
    """Fractions of the reference stratum at diagnosis, and the rate per year at which the dormant awake."""

    early: Array
    dormant: Array
    awakening: Array


class Incidence(NamedTuple):
    """Women recurring within each cell as a share of all at diagnosis, out of each compartment; last axis ``cell``."""

    early: Array
    dormant: Array


def fractions(early_odds: ArrayLike, late_odds: ArrayLike, half_life: ArrayLike) -> Fractions:
    """Give the compartments from the odds within the horizon and the half-life of dormancy (years)."""
    awakening = np.log(2) / np.asarray(half_life, dtype=float)
    dormant_odds = np.asarray(late_odds) / -np.expm1(-awakening * HORIZON)
    cured = 1 / (1 + np.asarray(early_odds) + dormant_odds)
    return Fractions(np.asarray(early_odds) * cured, dormant_odds * cured, awakening)


def incidence(parts: Fractions, early_year: ArrayLike, early_spread: ArrayLike, edges: ArrayLike) -> Incidence:
    """Give the recurrences of the reference stratum within each cell, by compartment.

    Parameters
    ----------
    parts : Fractions
        Arrays of one shape.
    early_year, early_spread : array_like
        Median year in which a growing metastasis shows and spread of its logarithm, of that shape.
    edges : array_like, shape (cell + 1,)
        Bounds of the cells in years, from 0.

    Returns
    -------
    Incidence
        Arrays of that shape with an axis for cells.
    """
    edges = np.asarray(edges, dtype=float)
    centre, spread = (np.asarray(value, dtype=float)[..., None] for value in (np.log(early_year), early_spread))
    with np.errstate(divide="ignore"):
        growth = np.diff(ndtr((np.log(edges) - centre) / spread))
    late = surfaced_after_growth(parts.awakening, growth, edges)
    return Incidence(early=parts.early[..., None] * growth, dormant=parts.dormant[..., None] * late)


def surfaced_after_growth(awakening: Array, growth: Array, edges: Array) -> Array:
    """Give the share of the dormant that has awoken and grown to show within each cell, last axis ``cell``.

    Of those whose growth takes a time in the cell (a, b], the share that shows by year t is the mean of
    1 - exp(-awakening * (t - time)) over the cell.
    """
    width, since = np.diff(edges), edges[1:, None] - edges[1:]
    rate = np.asarray(awakening, dtype=float)[..., None]
    still = -np.expm1(-rate * width) / (rate * width)
    asleep = np.exp(-rate[..., None] * np.maximum(since, 0)) * (since >= 0)
    by = np.cumsum(growth, axis=-1) - np.einsum("...tc,...c->...t", asleep, growth * still)
    return np.diff(by, axis=-1, prepend=0.0)


def log_hazard(found: Incidence, edges: ArrayLike) -> Array:
    """Give the log of the mean hazard per year in each cell, last axis ``cell``."""
    inside = found.early + found.dormant
    free = 1 - (np.cumsum(inside, axis=-1) - inside)
    return np.log(-np.log1p(-inside / free) / np.diff(np.asarray(edges, dtype=float)))
