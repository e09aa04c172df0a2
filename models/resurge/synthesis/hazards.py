"""Time grid, spline basis, and the way between hazard, survival and risk: pure functions of arrays.

    t          years since diagnosis
    cell c     interval (edge[c], edge[c + 1]] on which the hazard is constant
    h[c]       hazard per year in cell c
    H(t)       cumulative hazard, sum over cells of h[c] * overlap of cell c with (0, t]
    S(t)       survival without the event, exp(-H(t))
    risk(u,v)  probability of the event in (u, v] for those free of it at u, 1 - S(v) / S(u)
    g(t)       log((1 + t) / 6), the time scale of tilts: 0 at year 5, -1.8 at 0, 1.25 at 20

Functions take numpy arrays; those that only add, multiply and exponentiate take PyTensor variables as well.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

INTERIOR_KNOTS = (0.5, 1.0, 1.5, 2.0, 3.0, 5.0, 8.0, 12.0, 20.0)
"""Years; about evenly spaced in log(1 + t), and dense enough in the first two years to place a peak to a few months."""
SPLINE_DEGREE = 3
TILT_ORIGIN = 5.0
"""Year at which g is 0: effects that change with time are quoted there."""


def midpoints(edges: ArrayLike) -> NDArray[np.float64]:
    """Give the middle of each cell, in years, shape (cell,)."""
    edges = np.asarray(edges, dtype=float)
    return (edges[:-1] + edges[1:]) / 2


def tilt(years: ArrayLike) -> NDArray[np.float64]:
    """Give g(t) = log((1 + t) / 6), the time scale on which populations and node effects tilt."""
    return np.log1p(np.asarray(years, dtype=float)) - np.log1p(TILT_ORIGIN)


def spline_knots(last_year: float, interior: Sequence[float] = INTERIOR_KNOTS) -> NDArray[np.float64]:
    """Give the clamped knot sequence in log(1 + t), from diagnosis to ``last_year``."""
    inner = np.log1p(np.asarray(interior, dtype=float))
    ends = SPLINE_DEGREE + 1
    return np.concatenate([np.zeros(ends), inner, np.full(ends, np.log1p(last_year))])


def spline_basis(years: ArrayLike, last_year: float, interior: Sequence[float] = INTERIOR_KNOTS) -> NDArray[np.float64]:
    """Evaluate the cubic B-splines of log(1 + t).

    Parameters
    ----------
    years : array_like, shape (time,)
        Years since diagnosis, from 0 to ``last_year``.
    last_year : float
        Right end of the basis in years.
    interior : sequence of float
        Interior knots in years.

    Returns
    -------
    numpy.ndarray, shape (time, basis)
        Rows sum to 1.
    """
    from scipy.interpolate import BSpline

    x = np.log1p(np.atleast_1d(np.asarray(years, dtype=float)))
    return BSpline.design_matrix(x, spline_knots(last_year, interior), SPLINE_DEGREE).toarray()


def walk_scales(last_year: float, interior: Sequence[float] = INTERIOR_KNOTS) -> NDArray[np.float64]:
    """Give the relative standard deviation of each step of a random walk over spline coefficients.

    A walk whose steps are all alike bends most where knots are dense. Steps in proportion to the square root of the
    distance between the coefficients' centres (Greville abscissae) make the prior smoothness even in log(1 + t).

    Returns
    -------
    numpy.ndarray, shape (basis - 1,)
        Scales with mean square 1.
    """
    knots = spline_knots(last_year, interior)
    centres = np.array([knots[i + 1 : i + 1 + SPLINE_DEGREE].mean() for i in range(len(knots) - SPLINE_DEGREE - 1)])
    gaps = np.diff(centres)
    return np.sqrt(gaps / gaps.mean())


def walk_from_middle(n_basis: int) -> NDArray[np.float64]:
    """Give the matrix that sums the steps of a walk outwards from the middle coefficient, whose own value is 0.

    Parameters
    ----------
    n_basis : int
        Number of coefficients.

    Returns
    -------
    numpy.ndarray, shape (basis, basis - 1)
        Column k is the step between coefficients k and k + 1, counted away from the middle.
    """
    middle = n_basis // 2
    gap, coefficient = np.arange(n_basis - 1), np.arange(n_basis)[:, None]
    below = (coefficient < middle) & (gap >= coefficient) & (gap < middle)
    above = (coefficient > middle) & (gap >= middle) & (gap < coefficient)
    return (below | above).astype(float)


def overlap(edges: ArrayLike, start: ArrayLike, end: ArrayLike) -> NDArray[np.float64]:
    """Give the years that each window spends in each cell.

    Parameters
    ----------
    edges : array_like, shape (cell + 1,)
        Increasing bounds of the cells in years.
    start, end : array_like, shape (window,)
        Bounds of the windows in years.

    Returns
    -------
    numpy.ndarray, shape (window, cell)

    Raises
    ------
    ValueError
        If a window lies outside the grid or runs backwards.
    """
    edges = np.asarray(edges, dtype=float)
    start = np.atleast_1d(np.asarray(start, dtype=float))[:, None]
    end = np.atleast_1d(np.asarray(end, dtype=float))[:, None]
    if (start < edges[0]).any() or (end > edges[-1]).any() or (end < start).any():
        raise ValueError(f"windows must run forwards between year {edges[0]:g} and year {edges[-1]:g}")
    return np.clip(np.minimum(end, edges[1:]) - np.maximum(start, edges[:-1]), 0, None)


def cumulative_hazard(hazard: ArrayLike, edges: ArrayLike, years: ArrayLike) -> NDArray[np.float64]:
    """Integrate a piecewise-constant hazard from diagnosis to each year.

    Parameters
    ----------
    hazard : array_like, shape (..., cell)
        Hazard per year in each cell.
    edges : array_like, shape (cell + 1,)
        Bounds of the cells in years.
    years : array_like, shape (time,)
        Years since diagnosis.

    Returns
    -------
    numpy.ndarray, shape (..., time)
    """
    years = np.atleast_1d(np.asarray(years, dtype=float))
    return np.asarray(hazard) @ overlap(edges, np.zeros_like(years), years).T


def survival(cumulative: ArrayLike) -> NDArray[np.float64]:
    """Turn a cumulative hazard into the probability of being free of the event, exp(-H)."""
    return np.exp(-np.asarray(cumulative))


def conditional_risk(cumulative_start: ArrayLike, cumulative_end: ArrayLike) -> NDArray[np.float64]:
    """Give the risk between two times for those free of the event at the first, 1 - S(v) / S(u)."""
    return -np.expm1(np.asarray(cumulative_start) - np.asarray(cumulative_end))


def mixture_cumulative_hazard(weights: ArrayLike, cumulative: ArrayLike, *, axis: int) -> NDArray[np.float64]:
    """Give the cumulative hazard of a group made of strata, -log sum_k w_k S_k(t).

    Its derivative is the hazard of a mixture whose weights move with survival, sum w_k S_k h_k / sum w_k S_k: the
    strata at high risk leave first, so the hazard of the group falls even where each stratum's is constant.

    Parameters
    ----------
    weights : array_like
        Shares of the strata at diagnosis, broadcastable against ``cumulative``; they need not sum to 1.
    cumulative : array_like
        Cumulative hazards of the strata.
    axis : int
        Axis of the strata.

    Returns
    -------
    numpy.ndarray
        ``cumulative`` without ``axis``.
    """
    cumulative = np.asarray(cumulative, dtype=float)
    weights = np.broadcast_to(weights, cumulative.shape)
    # The stratum at the lowest risk is taken out first, so that high hazards do not underflow.
    least = cumulative.min(axis, keepdims=True)
    spared = (weights * survival(cumulative - least)).sum(axis) / weights.sum(axis)
    return np.squeeze(least, axis) - np.log(spared)


def cumulative_incidence(
    hazard: ArrayLike, competing_hazard: ArrayLike, edges: ArrayLike, start: float, years: ArrayLike
) -> NDArray[np.float64]:
    """Give the probability of the event before a competing death, for those alive and free of it at ``start``.

    In a cell where both hazards are constant the event takes the share h / (h + m) of those who leave.

    Parameters
    ----------
    hazard : array_like, shape (..., cell)
        Cause-specific hazard of the event per year.
    competing_hazard : array_like, shape (cell,)
        Hazard of death from other causes per year.
    edges : array_like, shape (cell + 1,)
        Bounds of the cells in years.
    start : float
        Landmark in years.
    years : array_like, shape (time,)
        Ends of the windows in years, none before ``start``.

    Returns
    -------
    numpy.ndarray, shape (..., time)
    """
    years = np.atleast_1d(np.asarray(years, dtype=float))
    hazard, competing = np.asarray(hazard), np.asarray(competing_hazard)
    total = hazard + competing
    edges = np.asarray(edges, dtype=float)
    before = total @ overlap(edges, np.full(len(edges) - 1, start), np.maximum(edges[:-1], start)).T
    inside = overlap(edges, np.full_like(years, start), years)
    leaves = -np.expm1(-total[..., None, :] * inside)
    share = np.divide(hazard, total, out=np.zeros_like(total), where=total > 0)
    return (np.exp(-before)[..., None, :] * leaves * share[..., None, :]).sum(-1)
