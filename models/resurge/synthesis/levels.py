"""Levels of populations and of cohorts inside them, integrated out of the published windows.

A published window i of cohort k in population j misses the mean by a residual with nested normal parts::

    r_i = a[j] + c[k] + e_i,   a[j] ~ Normal(0, sigma_a),   c[k] ~ Normal(0, sigma_c),   e_i ~ Normal(0, d_i)

The levels are integrated out exactly, one layer after the other. Inside a cohort, with p = sum 1 / d^2 and
s = sum r / d^2::

    log|V| gains log(1 + sigma_c^2 p),   r' V^-1 r loses sigma_c^2 s^2 / (1 + sigma_c^2 p)

and the cohort enters its population with P = p / (1 + sigma_c^2 p) and S = s / (1 + sigma_c^2 p), where the same two
lines hold with sigma_a. Sampling the levels instead would make a funnel of each; given the rest they are drawn exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pytensor.tensor as pt


@dataclass(frozen=True)
class Nesting:
    """Which window belongs to which cohort, and which cohort to which population, as 0/1 matrices.

    Windows without a cohort of their own form one with ``cohort_varies`` 0; populations whose level is known from
    patients have ``population_varies`` 0.
    """

    window_cohort: NDArray[np.float64]
    cohort_population: NDArray[np.float64]
    cohort_varies: NDArray[np.float64]
    population_varies: NDArray[np.float64]


def nested_log_density(
    residual: pt.TensorVariable,
    variance: pt.TensorVariable,
    sigma_c: pt.TensorVariable,
    sigma_a: pt.TensorVariable,
    nesting: Nesting,
) -> pt.TensorVariable:
    """Give the log density of the residuals with both levels integrated out.

    Parameters
    ----------
    residual, variance : TensorVariable, shape (window,)
        Residuals and the variances d^2 of their own parts.
    sigma_c, sigma_a : TensorVariable
        Spread of cohorts and of populations.
    nesting : Nesting
        Membership.

    Returns
    -------
    TensorVariable
        Scalar, natural log.
    """
    import pytensor.tensor as pt  # only the model needs it, and it takes seconds

    precision = 1 / variance
    p = pt.dot(precision, nesting.window_cohort)
    s = pt.dot(residual * precision, nesting.window_cohort)
    spread_c = sigma_c**2 * nesting.cohort_varies
    P = pt.dot(p / (1 + spread_c * p), nesting.cohort_population)
    S = pt.dot(s / (1 + spread_c * p), nesting.cohort_population)
    spread_a = sigma_a**2 * nesting.population_varies
    quadratic = (
        (residual**2 * precision).sum()
        - (spread_c * s**2 / (1 + spread_c * p)).sum()
        - (spread_a * S**2 / (1 + spread_a * P)).sum()
    )
    log_determinant = pt.log(variance).sum() + pt.log1p(spread_c * p).sum() + pt.log1p(spread_a * P).sum()
    return -0.5 * (nesting.window_cohort.shape[0] * np.log(2 * np.pi) + log_determinant + quadratic)


def draw_levels(
    residual: NDArray[np.float64],
    variance: NDArray[np.float64],
    sigma_c: NDArray[np.float64],
    sigma_a: NDArray[np.float64],
    nesting: Nesting,
    rng: np.random.Generator,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Draw the levels from their conditional normal, one draw for each draw of the rest.

    Parameters
    ----------
    residual, variance : ndarray, shape (sample, window)
        Residuals and the variances of their own parts.
    sigma_c, sigma_a : ndarray, shape (sample,)
        Spreads.
    nesting : Nesting
        Membership.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    a : ndarray, shape (sample, population)
        0 where ``population_varies`` is 0.
    c : ndarray, shape (sample, cohort)
        0 where ``cohort_varies`` is 0.
    """
    p = (1 / variance) @ nesting.window_cohort
    s = (residual / variance) @ nesting.window_cohort
    spread_c = sigma_c[:, None] ** 2 * nesting.cohort_varies
    spread_a = sigma_a[:, None] ** 2 * nesting.population_varies
    P = (p / (1 + spread_c * p)) @ nesting.cohort_population
    S = (s / (1 + spread_c * p)) @ nesting.cohort_population
    shrink_a = spread_a / (1 + spread_a * P)
    a = shrink_a * S + np.sqrt(shrink_a) * rng.standard_normal(S.shape)
    s_left = s - p * (a @ nesting.cohort_population.T)
    shrink_c = spread_c / (1 + spread_c * p)
    c = shrink_c * s_left + np.sqrt(shrink_c) * rng.standard_normal(s.shape)
    return a, c
