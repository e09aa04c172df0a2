"""Level, tilt and cohorts of one population: its evidence with them integrated out, and draws of them given it.

The integrals of :mod:`resurge.synthesis.left_out` for thousands of draws. Levels of reports and of cohorts leave in
closed form; what is left, the tilt of a reported population or level and tilt of a followed one, is *free* here: its
mode is found for each draw, and Gauss-Hermite quadrature goes on about it. Far from a prior grid, nodes follow the
evidence wherever it puts a population. Draws of free effects are candidates from a normal about the mode, one of which
is taken with weights.

Arrays have the sample first and, where several levels are tried for each draw, the node second; ``level`` holds a
population's level and tilt on its last axis, the level 0 where it is integrated.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import logsumexp

from resurge.synthesis.design import RecurrenceDesign
from resurge.synthesis.forward import Draws, log_hazards
from resurge.synthesis.hazards import midpoints, tilt
from resurge.synthesis.left_out import window_log_density
from resurge.synthesis.levels import draw_levels
from resurge.synthesis.patient_sums import PatientSums, log_density_at, patient_sums, score_at
from resurge.synthesis.recurrence_pointwise import (
    Array,
    applied_precision,
    blocks,
    some,
    window_residuals,
    without_own,
)

NODES_OF_REPORTS, NODES_OF_FEW, NODES_OF_MANY, MANY = 11, 15, 7, 100
"""Nodes of the quadrature along each free effect: of reports, of patients with few events, and of those with many,
whose level and tilt are normal all but exactly."""
STEPS, TOLERANCE, LONGEST = 20, 1e-4, 1.0
"""Steps towards the mode at most, the last step that is small enough, and the longest one."""
NUDGE = 1e-3
"""Change of level or tilt from which the slope of the windows' means is taken."""
CANDIDATES, WIDER = 12, 1.2
"""Candidates for each draw, and by how much their normal is wider than the distribution that it stands for."""


class Mode(NamedTuple):
    """Where the free effects of a population are: its patients summed up, a centre and a root of the covariance."""

    patients: PatientSums | None
    centre: Array
    root: Array


def log_density(draws: Draws, part: RecurrenceDesign) -> Array:
    """Give the log density of a population's evidence, its own effects integrated out, shape (sample,).

    Parameters
    ----------
    draws : dict
        Parameters as :mod:`resurge.synthesis.forward` reads them, without ``a`` and ``b``.
    part : RecurrenceDesign
        Its evidence, as from :func:`resurge.synthesis.recurrence_pointwise.part_of`.
    """
    return np.concatenate([_integral(some(draws, rows), part) for rows in blocks(len(draws["sigma"]))])


def draw_own(draws: Draws, part: RecurrenceDesign, rng: np.random.Generator) -> tuple[Array, Array, Array]:
    """Draw a population's own effects given its evidence, for each draw of the rest.

    Returns
    -------
    a, b : ndarray, shape (sample,)
        Level and tilt.
    c : ndarray, shape (sample, cohort)
        Levels of its cohorts; 0 where they do not vary.
    """
    level = np.concatenate([_free_draw(some(draws, rows), part, rng) for rows in blocks(len(draws["sigma"]))])
    sigma = draws["sigma"]
    residual, variance = window_residuals({**draws, "a": level[:, [0]], "b": level[:, [1]]}, part)
    a, c = draw_levels(residual, variance, sigma[:, 2], sigma[:, 0], part.windows.nesting, rng)
    return level[:, 0] + a[:, 0], level[:, 1], c


def _integral(draws: Draws, part: RecurrenceDesign) -> Array:
    mode, free = _mode(draws, part), _free(part)
    nodes, weights = np.polynomial.hermite_e.hermegauss(_n_nodes(part))
    z, log_weight = (
        np.stack(np.meshgrid(*[values] * len(free), indexing="ij"), axis=-1).reshape(-1, len(free))
        for values in (nodes, np.log(weights))
    )
    level = mode.centre[:, None] + np.einsum("sij,nj->sni", mode.root, z) @ free
    log_volume = np.log(np.abs(np.linalg.det(mode.root)))
    return log_volume + logsumexp(_joint(draws, part, mode.patients, level) + (log_weight + z**2 / 2).sum(1), axis=1)


def _n_nodes(part: RecurrenceDesign) -> int:
    if not part.followed:
        return NODES_OF_REPORTS
    return NODES_OF_MANY if part.person_time.events.sum() >= MANY else NODES_OF_FEW


def _free_draw(draws: Draws, part: RecurrenceDesign, rng: np.random.Generator) -> Array:
    mode, free = _mode(draws, part), _free(part)
    z = rng.standard_normal((len(mode.centre), CANDIDATES, len(free)))
    level = mode.centre[:, None] + WIDER * np.einsum("sij,snj->sni", mode.root, z) @ free
    log_weight = _joint(draws, part, mode.patients, level) + (z**2).sum(2) / 2
    taken = np.argmax(log_weight + rng.gumbel(size=log_weight.shape), axis=1)
    return level[np.arange(len(level)), taken]


def _free(part: RecurrenceDesign) -> Array:
    """Give the axes of the free effects among level and tilt, shape (free, 2)."""
    return np.eye(2) if part.followed else np.eye(2)[1:]


def _joint(draws: Draws, part: RecurrenceDesign, patients: PatientSums | None, level: Array) -> Array:
    """Give the log density of evidence and free effects at ``level`` (sample, node, 2), shape (sample, node)."""
    free, sigma = _free(part), draws["sigma"]
    spread = sigma[:, None, :2] @ free.T
    value = -((level @ free.T) ** 2 / spread**2 / 2 + np.log(spread * np.sqrt(2 * np.pi))).sum(2)
    if patients is not None:
        value = value + log_density_at(patients, level)
    if not len(part.windows.row_id):
        return value
    residual = residuals_at(draws, part, level)
    n, n_nodes, n_windows = residual.shape
    variance = np.repeat(_variance(draws, part), n_nodes, axis=0)
    sigma = np.repeat(sigma, n_nodes, axis=0)
    flat = residual.reshape(-1, n_windows)
    return value + window_log_density(flat, variance, sigma[:, 2], sigma[:, 0], part.windows.nesting).reshape(n, -1)


def _mode(draws: Draws, part: RecurrenceDesign) -> Mode:
    """Find free effects of highest density for each draw by scoring, and a root of their covariance there."""
    free, spread = _free(part), draws["sigma"][:, :2]
    patients = patient_sums(draws, part) if part.followed else None
    level = np.zeros_like(spread)
    for _ in range(STEPS):
        score, information = -level / spread**2, np.eye(2) / spread[:, None, :] ** 2
        for more_score, more_information in _slopes(draws, part, patients, level):
            score, information = score + more_score, information + more_information
        information = free @ information @ free.T
        step = np.linalg.solve(information, (score @ free.T)[:, :, None])[:, :, 0]
        level = level + np.clip(step, -LONGEST, LONGEST) @ free
        if np.abs(step).max() < TOLERANCE:
            break
    return Mode(patients, level, np.linalg.cholesky(np.linalg.inv(information)))


def _slopes(
    draws: Draws, part: RecurrenceDesign, patients: PatientSums | None, level: Array
) -> list[tuple[Array, Array]]:
    """Give score and information of level and tilt from each kind of evidence."""
    found = [] if patients is None else [score_at(patients, level)]
    if not len(part.windows.row_id):
        return found
    steps = NUDGE * np.array([[0, 0], [1, 0], [0, 1]])
    at, *nudged = np.moveaxis(residuals_at(draws, part, level[:, None] + steps), 1, 0)
    variance, sigma = _variance(draws, part), draws["sigma"]
    slope = np.stack([(at - other) / NUDGE for other in nudged], axis=1)
    weighed = np.stack(
        [
            applied_precision(each, variance, sigma[:, 2], sigma[:, 0], part.windows.nesting)[0]
            for each in np.moveaxis(slope, 1, 0)
        ],
        axis=1,
    )
    return [*found, (np.einsum("siw,sw->si", weighed, at), weighed @ slope.transpose(0, 2, 1))]


def residuals_at(draws: Draws, part: RecurrenceDesign, level: Array) -> Array:
    """Give what the windows miss their means by at ``level`` (sample, node, 2), shape (sample, node, window).

    A tilt multiplies the hazard of every cell by a factor of its own, so what several tilts do to the cumulative
    hazards of all strata is one product of matrices.
    """
    windows, g = part.windows, tilt(midpoints(part.edges))
    hazard = np.exp(log_hazards(without_own(draws), part.curves, part.edges))
    weighed = (hazard[:, :, :, None] * part.exposure).transpose(0, 2, 1, 3).reshape(len(level), len(g), -1)
    H = np.exp(level[:, :, [0]] + level[:, :, [1]] * g) @ weighed
    scale = np.exp(draws["size_effect"] @ windows.tumour_size.T - draws["distant"] @ windows.is_distant.T)
    weight = np.exp(draws["log_odds"] @ windows.mix.T + windows.log_share)
    S_start, S_end = (
        (weight[:, None] * np.exp(-scale[:, None] * H[:, :, bound])) @ windows.inside.T
        for bound in (windows.curve_start, windows.curve_end)
    )
    return windows.log_cumulative_hazard - np.log(np.log(S_start) - np.log(S_end))


def _variance(draws: Draws, part: RecurrenceDesign) -> Array:
    return part.windows.se**2 + draws["omega"][:, None] ** 2
