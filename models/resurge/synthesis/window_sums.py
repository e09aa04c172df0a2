"""Published windows of one population, brought to what its level and tilt depend on.

Level and tilt multiply the hazard of a cell by exp(a + b g(t)), whatever the stratum, so what they do to the cumulative
hazards of all strata is one product of matrices. Strata that several windows share, at a year where one ends and the
next begins, are worked out once. Levels that are integrated leave by :mod:`resurge.synthesis.levels`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from resurge.synthesis.design import RecurrenceDesign
from resurge.synthesis.forward import Draws, log_hazards
from resurge.synthesis.hazards import midpoints, tilt
from resurge.synthesis.left_out import window_log_density
from resurge.synthesis.levels import Nesting
from resurge.synthesis.recurrence_pointwise import Array, applied_precision, without_own

NUDGE = 1e-3
"""Change of level or tilt from which the slope of the windows' means is taken."""


class WindowSums(NamedTuple):
    """What windows say about level and tilt, for each draw of the rest.

    Attributes
    ----------
    X : ndarray, shape (2, cell)
        What level and tilt add to the log hazard.
    hazard : ndarray, shape (sample, cell, curve_year)
        Cumulative hazard that a cell adds by a year at level and tilt 0.
    curve_year : ndarray, shape (term,)
        Curve and year of each term, a stratum at a bound of a window.
    scale, weight : ndarray, shape (sample, term)
        Hazard ratio and weight of its stratum.
    start, end : ndarray, shape (term, window)
        Which terms make up the women free of recurrence at the bounds of each window.
    observed, variance : ndarray, shape (window,) and (sample, window)
        Log cumulative hazards and the variances of their own parts.
    sigma : ndarray, shape (sample, 3)
        Spreads of levels, tilts and cohorts.
    nesting : Nesting
        Membership.
    """

    X: Array
    hazard: Array
    curve_year: NDArray[np.intp]
    scale: Array
    weight: Array
    start: Array
    end: Array
    observed: Array
    variance: Array
    sigma: Array
    nesting: Nesting


def window_sums(draws: Draws, part: RecurrenceDesign) -> WindowSums:
    """Work out all but level and tilt.

    Parameters
    ----------
    draws : dict
        Parameters as :mod:`resurge.synthesis.forward` reads them, without ``a`` and ``b``.
    part : RecurrenceDesign
        Evidence of the population, as from :func:`resurge.synthesis.recurrence_pointwise.part_of`.
    """
    windows, n = part.windows, len(draws["sigma"])
    entered = part.exposure.any(1)
    g = tilt(midpoints(part.edges))[entered]
    hazard = np.exp(log_hazards(without_own(draws), part.curves, part.edges)[:, :, entered])
    by_year = (hazard[:, :, :, None] * part.exposure[entered]).transpose(0, 2, 1, 3).reshape(n, len(g), -1)

    member = np.hstack([windows.tumour_size, windows.is_distant, windows.mix, windows.log_share[:, None]])
    bounds = [np.column_stack([at, member]) for at in (windows.curve_start, windows.curve_end)]
    terms, place = np.unique(np.vstack(bounds), axis=0, return_inverse=True)
    start, end = (np.eye(len(terms))[each].T @ windows.inside.T for each in np.split(place.reshape(-1), 2))
    n_size, n_scaled = windows.tumour_size.shape[1], windows.tumour_size.shape[1] + windows.is_distant.shape[1]
    size, distant, mix = np.split(terms[:, 1:-1], [n_size, n_scaled], axis=1)
    return WindowSums(
        X=np.stack([np.ones_like(g), g]),
        hazard=by_year,
        curve_year=terms[:, 0].astype(np.intp),
        scale=np.exp(draws["size_effect"] @ size.T - draws["distant"] @ distant.T),
        weight=np.exp(draws["log_odds"] @ mix.T + terms[:, -1]),
        start=start,
        end=end,
        observed=windows.log_cumulative_hazard,
        variance=windows.se**2 + draws["omega"][:, None] ** 2,
        sigma=draws["sigma"],
        nesting=windows.nesting,
    )


def residuals_at(windows: WindowSums, level: Array) -> Array:
    """Give what windows miss their means by at ``level`` (sample, node, 2), shape (sample, node, window)."""
    H = (np.exp(level @ windows.X) @ windows.hazard)[:, :, windows.curve_year]
    free = windows.weight[:, None] * np.exp(-windows.scale[:, None] * H)
    return windows.observed - np.log(np.log(free @ windows.start) - np.log(free @ windows.end))


def log_density_at(windows: WindowSums, level: Array) -> Array:
    """Give the log density of the windows at levels and tilts, ``level`` (sample, node, 2), shape (sample, node)."""
    residual = residuals_at(windows, level)
    n, n_nodes, n_windows = residual.shape
    variance, sigma = (np.repeat(each, n_nodes, axis=0) for each in (windows.variance, windows.sigma))
    flat = residual.reshape(-1, n_windows)
    return window_log_density(flat, variance, sigma[:, 2], sigma[:, 0], windows.nesting).reshape(n, n_nodes)


def score_at(windows: WindowSums, level: Array) -> tuple[Array, Array]:
    """Give score (sample, 2) and information (sample, 2, 2) of level and tilt at ``level`` (sample, 2).

    Means count as straight lines, and all but are.
    """
    steps = NUDGE * np.array([[0, 0], [1, 0], [0, 1]])
    at, *nudged = np.moveaxis(residuals_at(windows, level[:, None] + steps), 1, 0)
    slopes = [(at - other) / NUDGE for other in nudged]
    sigma = windows.sigma
    weighed = np.stack(
        [applied_precision(each, windows.variance, sigma[:, 2], sigma[:, 0], windows.nesting)[0] for each in slopes],
        axis=1,
    )
    return np.einsum("siw,sw->si", weighed, at), weighed @ np.stack(slopes, axis=2)
