"""Level, tilt and cohorts of one population: its evidence with them integrated out, and draws of them given it.

The integrals of :mod:`resurge.synthesis.left_out` for thousands of draws. Levels of reports and of cohorts leave in
closed form; what is left, the tilt of a reported population or level and tilt of a followed one, is *free* here: its
mode is found for each draw, and Gauss-Hermite quadrature goes on about it. Unlike a grid over the prior, nodes follow
the evidence wherever it puts a population. Draws of free effects are candidates from a normal about the mode, one of
which is taken with weights.

Arrays have the sample first and, where several levels are tried for each draw, the node second; ``level`` holds a
population's level and tilt on its last axis, the level 0 where it is integrated.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import logsumexp

from resurge.synthesis import patient_sums, window_sums
from resurge.synthesis.design import RecurrenceDesign
from resurge.synthesis.forward import Draws
from resurge.synthesis.levels import draw_levels
from resurge.synthesis.recurrence_pointwise import Array, blocks, some, window_residuals

NODES_OF_REPORTS, NODES_OF_FEW, NODES_OF_MANY, MANY = 11, 15, 7, 100
"""Nodes of the quadrature along each free effect: of reports, of patients with few events, and of those with many,
whose level and tilt are normal all but exactly."""
STEPS, TOLERANCE, LONGEST = 20, 1e-3, 1.0
"""Steps towards the mode at most, the last step that is small enough, and the longest one."""
CANDIDATES, WIDER = 12, 1.2
"""Candidates for each draw, and by how much their normal is wider than the distribution that it stands for."""


class Told(NamedTuple):
    """What a population's evidence says about its free effects, for each draw of the rest.

    Attributes
    ----------
    free : ndarray, shape (free, 2)
        Axes of the free effects among level and tilt.
    spread : ndarray, shape (sample, free)
        Their spread among populations.
    patients, windows : PatientSums, WindowSums or None
        Evidence of each kind.
    """

    free: Array
    spread: Array
    patients: patient_sums.PatientSums | None
    windows: window_sums.WindowSums | None


def log_density(draws: Draws, part: RecurrenceDesign) -> Array:
    """Give the log density of a population's evidence, its own effects integrated out, shape (sample,).

    Parameters
    ----------
    draws : dict
        Parameters as :mod:`resurge.synthesis.forward` reads them, without ``a`` and ``b``.
    part : RecurrenceDesign
        Its evidence, as from :func:`resurge.synthesis.recurrence_pointwise.part_of`.
    """
    n_nodes = _n_nodes(part)
    return np.concatenate(
        [_integral(told_by(some(draws, rows), part), n_nodes) for rows in blocks(len(draws["sigma"]))]
    )


def draw_own(draws: Draws, part: RecurrenceDesign, rng: np.random.Generator) -> tuple[Array, Array, Array]:
    """Draw a population's own effects given its evidence, for each draw of the rest.

    Returns
    -------
    a, b : ndarray, shape (sample,)
        Level and tilt.
    c : ndarray, shape (sample, cohort)
        Levels of its cohorts; 0 where they do not vary.
    """
    sigma = draws["sigma"]
    level = np.concatenate([_free_draw(told_by(some(draws, rows), part), rng) for rows in blocks(len(sigma))])
    residual, variance = window_residuals({**draws, "a": level[:, [0]], "b": level[:, [1]]}, part)
    a, c = draw_levels(residual, variance, sigma[:, 2], sigma[:, 0], part.windows.nesting, rng)
    return level[:, 0] + a[:, 0], level[:, 1], c


def told_by(draws: Draws, part: RecurrenceDesign) -> Told:
    """Work out all but the free effects."""
    free = np.eye(2) if part.followed else np.eye(2)[1:]
    return Told(
        free=free,
        spread=draws["sigma"][:, :2] @ free.T,
        patients=patient_sums.patient_sums(draws, part) if part.followed else None,
        windows=window_sums.window_sums(draws, part) if len(part.windows.row_id) else None,
    )


def _n_nodes(part: RecurrenceDesign) -> int:
    if not part.followed:
        return NODES_OF_REPORTS
    return NODES_OF_MANY if part.person_time.events.sum() >= MANY else NODES_OF_FEW


def _integral(told: Told, n_nodes: int) -> Array:
    centre, root = _mode(told)
    nodes, weights = np.polynomial.hermite_e.hermegauss(n_nodes)
    z, log_weight = (
        np.stack(np.meshgrid(*[values] * len(told.free), indexing="ij"), axis=-1).reshape(-1, len(told.free))
        for values in (nodes, np.log(weights))
    )
    level = centre[:, None] + np.einsum("sij,nj->sni", root, z) @ told.free
    log_volume = np.log(np.abs(np.linalg.det(root)))
    return log_volume + logsumexp(_joint(told, level) + (log_weight + z**2 / 2).sum(1), axis=1)


def _free_draw(told: Told, rng: np.random.Generator) -> Array:
    centre, root = _mode(told)
    z = rng.standard_normal((len(centre), CANDIDATES, len(told.free)))
    level = centre[:, None] + WIDER * np.einsum("sij,snj->sni", root, z) @ told.free
    log_weight = _joint(told, level) + (z**2).sum(2) / 2
    taken = np.argmax(log_weight + rng.gumbel(size=log_weight.shape), axis=1)
    return level[np.arange(len(level)), taken]


def _joint(told: Told, level: Array) -> Array:
    """Give the log density of evidence and free effects at ``level`` (sample, node, 2), shape (sample, node)."""
    spread = told.spread[:, None]
    value = -((level @ told.free.T) ** 2 / spread**2 / 2 + np.log(spread * np.sqrt(2 * np.pi))).sum(2)
    if told.patients is not None:
        value = value + patient_sums.log_density_at(told.patients, level)
    if told.windows is not None:
        value = value + window_sums.log_density_at(told.windows, level)
    return value


def _mode(told: Told) -> tuple[Array, Array]:
    """Find free effects of highest density for each draw by scoring, and a root of their covariance there.

    Returns
    -------
    level : ndarray, shape (sample, 2)
        The mode.
    root : ndarray, shape (sample, free, free)
        Lower triangle.
    """
    level = np.zeros((len(told.spread), 2))
    for _ in range(STEPS):
        score = -(level @ told.free.T) / told.spread**2
        information = np.eye(len(told.free)) / told.spread[:, None, :] ** 2
        for more_score, more_information in _slopes(told, level):
            score = score + more_score @ told.free.T
            information = information + told.free @ more_information @ told.free.T
        step = np.linalg.solve(information, score[:, :, None])[:, :, 0]
        level = level + np.clip(step, -LONGEST, LONGEST) @ told.free
        if np.abs(step).max() < TOLERANCE:
            break
    return level, np.linalg.cholesky(np.linalg.inv(information))


def _slopes(told: Told, level: Array) -> list[tuple[Array, Array]]:
    """Give score and information of level and tilt from each kind of evidence."""
    found = []
    if told.patients is not None:
        found.append(patient_sums.score_at(told.patients, level))
    if told.windows is not None:
        found.append(window_sums.score_at(told.windows, level))
    return found
