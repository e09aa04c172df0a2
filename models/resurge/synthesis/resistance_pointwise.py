"""The density of the resistance model's rows by mechanism and by row, in numpy, vectorised over draws.

Given its class and what all mechanisms share, the rows of a mechanism are normal, and so are its effects given them
(equations: :mod:`resurge.synthesis.resistance`)::

    y = X theta + X excess * chosen * se + X_report u + e,    theta ~ Normal(centre, diag(tau) C diag(tau))

with X the 0/1 membership of rows in facets. Rows stand here as they are read, their errors correlated; the model
rotates them to independent readings, which changes no density.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from resurge.synthesis.resistance_design import SHARED_ERROR, ResistanceDesign

Array = NDArray[np.float64]
Draws = Mapping[str, Array]
"""Parameters by name, the sample first; ``correlation`` stands for the partial correlations."""


@dataclass(frozen=True)
class Told:
    """What is told of one mechanism.

    Attributes
    ----------
    X : ndarray, shape (row, facet)
        0/1 membership of its rows in facets.
    residual : ndarray, shape (sample, row)
        Rows less what the choice of what is printed adds to them.
    noise : ndarray, shape (sample, row, row)
        Covariance of the rows given the effects of the mechanism: reports, shared patients, and each row's own.
    """

    X: Array
    residual: Array
    noise: Array


def told_of(design: ResistanceDesign, mechanism: str, draws: Draws) -> Told:
    """Gather the rows of a mechanism."""
    own = (design.rows["mechanism_id"] == mechanism).to_numpy()
    rows, X = design.rows[own], design.reading_facet[own]
    se = rows["se"].to_numpy(dtype=float)
    lean = np.where(rows["chosen"], se, 0.0) * (draws["excess"] @ X.T)
    together = design.reading_report[own] @ design.reading_report[own].T
    sigma, omega = (draws[name] @ X.T for name in ("sigma", "omega"))
    alone = np.eye(len(se))
    printed = np.outer(se, se) * (SHARED_ERROR + (1 - SHARED_ERROR) * alone)
    noise = together * (printed + sigma[:, :, None] ** 2) + alone * omega[:, :, None] ** 2
    return Told(X, rows["effect"].to_numpy(dtype=float) - lean, noise)


def class_centres(draws: Draws) -> Array:
    """Give the middle of each class, shape (sample, mechanism_class, facet)."""
    standard = draws["z_class"] @ np.linalg.cholesky(draws["correlation"]).swapaxes(1, 2)
    return draws["mu"][:, None] + draws["kappa"][:, None, None] * draws["tau"][:, None] * standard


def mechanism_log_density(told: Told, centre: Array, draws: Draws) -> Array:
    """Give the log density of the rows of a mechanism, its effects integrated out, shape (sample,).

    Parameters
    ----------
    told : Told
        Its rows.
    centre : ndarray, shape (sample, facet)
        Middle of its class.
    draws : mapping
        Parameters.
    """
    scaled = draws["tau"][:, :, None] * draws["correlation"] * draws["tau"][:, None]
    covariance = told.noise + told.X @ scaled @ told.X.T
    residual = (told.residual - centre @ told.X.T)[:, :, None]
    root = np.linalg.cholesky(covariance)
    standard = np.linalg.solve(root, residual)[:, :, 0]
    log_scale = np.log(np.diagonal(root, axis1=1, axis2=2)).sum(1)
    return -0.5 * (standard**2).sum(1) - log_scale - 0.5 * standard.shape[1] * np.log(2 * np.pi)


def rows_log_density(told: Told, theta: Array) -> Array:
    """Give the log density of each row of a mechanism given its effects and its other rows, shape (sample, row).

    Answers rest on the effects, so that they are given here: draws weigh the inverse of this density where the row is
    left out. Effects of sources are integrated out.

    Parameters
    ----------
    told : Told
        Rows of the mechanism.
    theta : ndarray, shape (sample, facet)
        Its effects.
    """
    precision = np.linalg.inv(told.noise)
    variance = 1 / np.diagonal(precision, axis1=1, axis2=2)
    residual = variance * (precision @ (told.residual - theta @ told.X.T)[:, :, None])[:, :, 0]
    return -0.5 * (np.log(2 * np.pi * variance) + residual**2 / variance)


def draw_theta(told: Told, centre: Array, draws: Draws, rng: np.random.Generator) -> Array:
    """Draw the effects of a mechanism given its rows and all else, shape (sample, facet).

    In units in which the effects are standard normal before the rows are seen, their precision after is at least the
    identity, however precise the rows.
    """
    root = draws["tau"][:, :, None] * np.linalg.cholesky(draws["correlation"])
    seen = told.X @ root
    weighed = np.linalg.solve(told.noise, seen).swapaxes(1, 2)
    residual = (told.residual - centre @ told.X.T)[:, :, None]
    precision = np.eye(root.shape[1]) + weighed @ seen
    scatter = np.linalg.cholesky(precision) @ rng.standard_normal((*centre.shape, 1))
    # Precision times (mean + deviation): the deviation solved from it has the inverse as its covariance.
    standard = np.linalg.solve(precision, weighed @ residual + scatter)
    return centre + (root @ standard)[:, :, 0]


def draw_untold(centre: Array, draws: Draws, rng: np.random.Generator) -> Array:
    """Draw the effects of mechanisms without rows from their classes.

    Parameters
    ----------
    centre : ndarray, shape (sample, mechanism, facet)
        Middle of the class of each.
    draws : mapping
        Parameters.
    rng : numpy.random.Generator
        Source of randomness.
    """
    root = np.linalg.cholesky(draws["correlation"]).swapaxes(1, 2)
    return centre + draws["tau"][:, None] * (rng.standard_normal(centre.shape) @ root)
