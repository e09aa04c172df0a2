"""How well a model of the curve predicts all the evidence of a population that it has not seen.

Given a draw of what all populations share, the log density of one population's evidence has its own level ``a``, tilt
``b`` and cohorts integrated over the distribution of populations: p(y | draw) = E[p(y | a, b)], a and b normal with the
spreads of that draw. Averaged over draws this is what leave-one-population-out scores are made of.

Published windows: a and the cohorts' levels shift log cumulative hazards and are integrated exactly, b on a grid.
Person-time: a and b by Gauss-Hermite quadrature about the mode of each draw, since thousands of women know their own
level far better than the spread of populations does.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, logsumexp

from resurge.synthesis.design import RecurrenceDesign
from resurge.synthesis.forward import Draws, person_time_rates, window_means
from resurge.synthesis.hazards import midpoints, tilt
from resurge.synthesis.levels import Nesting

Array = NDArray[np.float64]
GRID = np.linspace(-4.0, 4.0, 41)
"""Tilts of a reported population in units of their spread."""
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(7)
STEPS = 20
"""Steps of scoring towards the mode; a few suffice."""


def log_predictive(draws: Draws, design: RecurrenceDesign, population: str) -> Array:
    """Give the log density of a population's evidence under each draw of a fit without it, shape (sample,).

    Parameters
    ----------
    draws : dict
        Parameters as :mod:`resurge.synthesis.forward` reads them, without ``a`` and ``b``.
    design : RecurrenceDesign
        The whole evidence.
    population : str
        Label of the population.
    """
    j = design.populations.index(population)
    return _of_patients(draws, design, j) if population in design.followed else _of_reports(draws, design, j)


def window_log_density(residual: Array, variance: Array, sigma_c: Array, sigma_a: Array, nesting: Nesting) -> Array:
    """Give the log density of each population's windows with cohorts and level integrated out, (sample, population).

    The sums of :func:`resurge.synthesis.levels.nested_log_density`, kept apart by population.
    """
    of_population = nesting.window_cohort @ nesting.cohort_population
    p, s = (1 / variance) @ nesting.window_cohort, (residual / variance) @ nesting.window_cohort
    spread_c = sigma_c[:, None] ** 2 * nesting.cohort_varies
    spread_a = sigma_a[:, None] ** 2 * nesting.population_varies
    P, S = ((part / (1 + spread_c * p)) @ nesting.cohort_population for part in (p, s))
    windows = (np.log(2 * np.pi * variance) + residual**2 / variance) @ of_population
    cohorts = (np.log1p(spread_c * p) - spread_c * s**2 / (1 + spread_c * p)) @ nesting.cohort_population
    return -0.5 * (windows + cohorts + np.log1p(spread_a * P) - spread_a * S**2 / (1 + spread_a * P))


def _of_reports(draws: Draws, design: RecurrenceDesign, j: int) -> Array:
    spacing = GRID[1] - GRID[0]
    log_weight = -(GRID**2) / 2 - np.log(np.sqrt(2 * np.pi) / spacing)
    values = [_windows_at(draws, design, j, 0.0, node * draws["sigma"][:, 1]) for node in GRID]
    return logsumexp(np.stack(values) + log_weight[:, None], axis=0)


def _windows_at(draws: Draws, design: RecurrenceDesign, j: int, a: Array | float, b: Array) -> Array:
    """Give the log density of a population's windows at a tilt (and a level, where it has patients too)."""
    n, windows = len(b), design.windows
    at = {name: np.zeros((n, len(design.populations))) for name in "ab"}
    at["a"][:, j], at["b"][:, j] = a, b
    residual = windows.log_cumulative_hazard - window_means({**draws, **at}, design)
    variance = windows.se**2 + draws["omega"][:, None] ** 2
    sigma = draws["sigma"]
    return window_log_density(residual, variance, sigma[:, 2], sigma[:, 0], windows.nesting)[:, j]


def _of_patients(draws: Draws, design: RecurrenceDesign, j: int) -> Array:
    patients, spread = design.person_time, draws["sigma"][:, :2]
    n_cells = len(design.edges) - 1
    own = design.curves.population[patients.curve_cell // n_cells, j] > 0
    X = np.stack([np.ones(own.sum()), tilt(midpoints(design.edges))[patients.curve_cell[own] % n_cells]])
    events, years = patients.events[own], patients.person_years[own]
    none = {name: np.zeros((len(spread), len(design.populations))) for name in "ab"}
    deaths = draws["other_death"][:, None] * patients.counts_deaths[own]
    hazard = person_time_rates({**draws, **none}, design)[:, own] - deaths

    def log_joint(level: Array) -> Array:
        expected = years * (hazard * np.exp(level @ X) + deaths)
        likelihood = (events * np.log(expected) - expected - gammaln(events + 1)).sum(1)
        return likelihood - (level**2 / spread**2 / 2 + np.log(spread * np.sqrt(2 * np.pi))).sum(1)

    mode, root = _mode(hazard, deaths, X, events, years, spread)
    values = []
    for k, m in np.ndindex(len(NODES), len(NODES)):
        z = np.array([NODES[k], NODES[m]])
        level = mode + np.einsum("sij,j->si", root, z)
        value = log_joint(level) + z @ z / 2 + np.log(WEIGHTS[k] * WEIGHTS[m])
        if (design.windows.nesting.cohort_population[:, j] > 0).any():
            value = value + _windows_at(draws, design, j, level[:, 0], level[:, 1])
        values.append(value)
    return logsumexp(np.stack(values), axis=0) + np.log(np.abs(np.linalg.det(root)))


def _mode(
    hazard: Array, deaths: Array, X: Array, events: NDArray[np.int_], years: Array, spread: Array
) -> tuple[Array, Array]:
    """Find level and tilt of highest density for each draw by Fisher scoring, and a root of their covariance there."""
    level = np.zeros_like(spread)
    for _ in range(STEPS):
        own = hazard * np.exp(level @ X)
        rate = own + deaths
        score = ((events / rate - years) * own) @ X.T - level / spread**2
        information = np.einsum("in,jn,sn->sij", X, X, years * own**2 / rate)
        information += np.eye(2) / spread[:, None, :] ** 2
        level = level + np.clip(np.linalg.solve(information, score[:, :, None])[:, :, 0], -0.5, 0.5)
    return level, np.linalg.cholesky(np.linalg.inv(information))


def balanced_folds(design: RecurrenceDesign, n_folds: int) -> list[list[str]]:
    """Share the populations out over folds with about equal information.

    A population weighs its events: those counted, and for a window those that its standard error stands for, 1 / se^2.
    The heaviest go first, each to the fold that is lightest by then.
    """
    patients, windows = design.person_time, design.windows
    of_row = design.curves.population[patients.curve_cell // (len(design.edges) - 1)]
    of_window = windows.nesting.window_cohort @ windows.nesting.cohort_population
    weight = patients.events @ of_row + windows.se**-2.0 @ of_window
    folds: list[list[str]] = [[] for _ in range(n_folds)]
    load = np.zeros(n_folds)
    for j in np.argsort(-weight, kind="stable"):
        lightest = int(np.argmin(load))
        folds[lightest].append(design.populations[j])
        load[lightest] += weight[j]
    return [sorted(fold) for fold in folds]


def without(design: RecurrenceDesign, populations: Sequence[str]) -> dict[str, Array]:
    """Give the model's data with the evidence of some populations made worthless: no person-years, endless errors."""
    left_out = np.isin(design.populations, list(populations)).astype(float)
    patients, windows = design.person_time, design.windows
    rows = design.curves.population[patients.curve_cell // (len(design.edges) - 1)] @ left_out > 0
    reports = windows.nesting.window_cohort @ windows.nesting.cohort_population @ left_out > 0
    return {
        "observed_events": np.where(rows, 0, patients.events),
        "person_years": np.where(rows, NO_YEARS, patients.person_years),
        "window_se": np.where(reports, NO_KNOWLEDGE, windows.se),
    }


NO_YEARS, NO_KNOWLEDGE = 1e-9, 1e4
"""So little that it adds nothing to the log density, and so far from 0 that its gradient stays a number."""
