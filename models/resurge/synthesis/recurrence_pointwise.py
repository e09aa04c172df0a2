"""The likelihood of a model of the curve row by row, in numpy, and the evidence of one population by itself.

A third use of the equations of :mod:`resurge.synthesis.recurrence`: given the parameters as they are sampled, rows of
person-time are independent, and so are the windows of different populations. Windows of one population share levels
that the model integrates out; what a window says beyond the others is its density given them,

    log p(w_i | w_-i) = log N(0; (K r)_i / K_ii, 1 / K_ii),   K = V^-1

with r the residuals and V their covariance (see :mod:`resurge.synthesis.levels`).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from resurge.synthesis.design import Curves, RecurrenceDesign
from resurge.synthesis.forward import Draws, person_time_rates, window_means
from resurge.synthesis.left_out import window_log_density
from resurge.synthesis.levels import Nesting

Array = NDArray[np.float64]
CONSTANTS = ("edges", "spline_basis")
"""Arrays among the draws that have no sample."""
BLOCK = 200
"""Draws worked on at a time, so that what is in between stays small."""


def blocks(n: int) -> list[slice]:
    """Cut n draws into blocks."""
    return [slice(start, start + BLOCK) for start in range(0, n, BLOCK)]


def some(draws: Draws, rows: slice) -> Draws:
    """Take some of the draws."""
    return {name: values if name in CONSTANTS else values[rows] for name, values in draws.items()}


def without_own(draws: Draws) -> Draws:
    """Set level and tilt of the one population of a part to 0."""
    nothing = np.zeros((len(draws["sigma"]), 1))
    return {**draws, "a": nothing, "b": nothing}


def person_time_log_density(draws: Draws, design: RecurrenceDesign) -> Array:
    """Give the log density of each row of person-time at its population's sampled level and tilt, (sample, row)."""
    patients = design.person_time
    happened = patients.events > 0
    values = np.empty((len(draws["sigma"]), len(patients.events)))
    for rows in blocks(len(values)):
        expected = patients.person_years * person_time_rates(some(draws, rows), design)
        values[rows] = -expected - gammaln(patients.events + 1)
        values[rows, happened] += patients.events[happened] * np.log(expected[:, happened])
    return values


def windows_log_density(draws: Draws, design: RecurrenceDesign) -> Array:
    """Give the log density of each population's windows at its sampled tilt, levels integrated, (sample, population).

    The level of a population with patients is the sampled one.
    """
    residual, variance = window_residuals(draws, design)
    sigma = draws["sigma"]
    return window_log_density(residual, variance, sigma[:, 2], sigma[:, 0], design.windows.nesting)


def windows_given_others(draws: Draws, design: RecurrenceDesign) -> Array:
    """Give the log density of each window given the other windows of its population, (sample, window)."""
    residual, variance = window_residuals(draws, design)
    sigma = draws["sigma"]
    product, diagonal = applied_precision(residual, variance, sigma[:, 2], sigma[:, 0], design.windows.nesting)
    return 0.5 * (np.log(diagonal / (2 * np.pi)) - product**2 / diagonal)


def window_residuals(draws: Draws, design: RecurrenceDesign) -> tuple[Array, Array]:
    """Give what the windows miss their means by, levels that are integrated left out, and their own variances."""
    windows = design.windows
    means = [window_means(some(draws, rows), design) for rows in blocks(len(draws["sigma"]))]
    return windows.log_cumulative_hazard - np.concatenate(means), windows.se**2 + draws["omega"][:, None] ** 2


def applied_precision(
    residual: Array, variance: Array, sigma_c: Array, sigma_a: Array, nesting: Nesting
) -> tuple[Array, Array]:
    """Apply the precision of the windows to their residuals, and give its diagonal, both (sample, window).

    One layer after the other: with A the precision inside a population whose level is known, x = A 1, P = 1' A 1 and
    S = 1' A r::

        K r = A r - sigma_a^2 / (1 + sigma_a^2 P) x S,   diag K = diag A - sigma_a^2 / (1 + sigma_a^2 P) x^2

    and A comes from 1 / variance in the same way, cohort by cohort.
    """
    of_cohort, of_population = nesting.window_cohort.T, (nesting.window_cohort @ nesting.cohort_population).T
    precision = 1 / variance
    p, s = precision @ of_cohort.T, (precision * residual) @ of_cohort.T
    spread_c = sigma_c[:, None] ** 2 * nesting.cohort_varies
    shrink_c = spread_c / (1 + spread_c * p)
    ones = precision * (1 - (shrink_c * p) @ of_cohort)
    product = precision * (residual - (shrink_c * s) @ of_cohort)
    diagonal = precision - precision**2 * (shrink_c @ of_cohort)
    spread_a = sigma_a[:, None] ** 2 * nesting.population_varies
    shrink_a = spread_a / (1 + spread_a * (ones @ of_population.T))
    product = product - ones * ((shrink_a * (product @ of_population.T)) @ of_population)
    return product, diagonal - ones**2 * (shrink_a @ of_population)


def part_of(design: RecurrenceDesign, population: str) -> RecurrenceDesign:
    """Give the design of one population's evidence: its curves, rows, windows, cohorts and window bounds alone.

    Draws for it hold one level and one tilt.
    """
    j = design.populations.index(population)
    n_cells, n_years = len(design.edges) - 1, design.exposure.shape[1]
    curve = np.flatnonzero(design.curves.population[:, j])
    place = np.full(len(design.curves.er), -1)
    place[curve] = np.arange(len(curve))
    patients, windows, nesting = design.person_time, design.windows, design.windows.nesting
    row = place[patients.curve_cell // n_cells] >= 0
    cohort = np.flatnonzero(nesting.cohort_population[:, j])
    window = np.flatnonzero(nesting.window_cohort[:, cohort].sum(1))
    member = np.flatnonzero(windows.inside[window].sum(0))
    bounds = np.stack([windows.curve_start[member], windows.curve_end[member]])
    years, bound = np.unique(bounds % n_years, return_inverse=True)
    start, end = place[bounds // n_years] * len(years) + bound.reshape(bounds.shape)
    followed = population in design.followed
    return replace(
        design,
        populations=(population,),
        followed=(population,) if followed else (),
        followed_place=np.ones((1, int(followed))),
        reported_place=np.ones((1, int(not followed))),
        cohorts=tuple(design.cohorts[k] for k in cohort),
        curves=Curves(
            er=design.curves.er[curve],
            nodal=design.curves.nodal[curve],
            therapy=design.curves.therapy[curve],
            population=design.curves.population[np.ix_(curve, [j])],
        ),
        person_time=replace(
            patients,
            row_id=patients.row_id[row],
            curve_cell=place[patients.curve_cell[row] // n_cells] * n_cells + patients.curve_cell[row] % n_cells,
            tumour_size=patients.tumour_size[row],
            is_distant=patients.is_distant[row],
            counts_deaths=patients.counts_deaths[row],
            events=patients.events[row],
            person_years=patients.person_years[row],
        ),
        windows=replace(
            windows,
            row_id=windows.row_id[window],
            log_cumulative_hazard=windows.log_cumulative_hazard[window],
            se=windows.se[window],
            inside=windows.inside[np.ix_(window, member)],
            curve_start=start,
            curve_end=end,
            tumour_size=windows.tumour_size[member],
            is_distant=windows.is_distant[member],
            mix=windows.mix[member],
            log_share=windows.log_share[member],
            nesting=Nesting(
                window_cohort=nesting.window_cohort[np.ix_(window, cohort)],
                cohort_population=nesting.cohort_population[np.ix_(cohort, [j])],
                cohort_varies=nesting.cohort_varies[cohort],
                population_varies=nesting.population_varies[[j]],
            ),
        ),
        exposure=design.exposure[:, years],
    )
