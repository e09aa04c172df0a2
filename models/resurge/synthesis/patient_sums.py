"""Women of one population followed one by one, summed up to what level and tilt of the population depend on.

Level and tilt multiply the hazard of a cell by exp(a + b g(t)), whatever the stratum. Poisson counts of rows whose
deaths do not count therefore enter by the events and the expected events of each cell. Where they do count, the rate is
hazard + other_death, and rows with events stand by themselves.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from resurge.synthesis.design import RecurrenceDesign
from resurge.synthesis.forward import Draws, log_hazards
from resurge.synthesis.hazards import midpoints, tilt
from resurge.synthesis.recurrence_pointwise import Array, without_own


class PatientSums(NamedTuple):
    """What patients say about level and tilt, for each draw of the rest.

    Attributes
    ----------
    X : ndarray, shape (2, cell)
        What level and tilt add to the log hazard.
    constant : ndarray, shape (sample,)
        Part of the log density that they do not move.
    counted : ndarray, shape (cell,)
        Events of rows whose deaths do not count.
    expected : ndarray, shape (sample, cell)
        Recurrences expected at level and tilt 0.
    hazard : ndarray, shape (sample, row)
        Hazard at level and tilt 0 of rows with events whose deaths count.
    other_death : ndarray, shape (sample, 1)
        Hazard of death without recurrence.
    events, cell : ndarray, shape (row,)
        Events and cells of those rows.
    """

    X: Array
    constant: Array
    counted: Array
    expected: Array
    hazard: Array
    other_death: Array
    events: NDArray[np.int_]
    cell: NDArray[np.intp]


def patient_sums(draws: Draws, part: RecurrenceDesign) -> PatientSums:
    """Sum the patients of a population up.

    Parameters
    ----------
    draws : dict
        Parameters as :mod:`resurge.synthesis.forward` reads them, without ``a`` and ``b``.
    part : RecurrenceDesign
        Evidence of the population, as from :func:`resurge.synthesis.recurrence_pointwise.part_of`.
    """
    rows, g = part.person_time, tilt(midpoints(part.edges))
    log_hazard = log_hazards(without_own(draws), part.curves, part.edges).reshape(len(draws["sigma"]), -1)
    n_places = log_hazard.shape[1]

    # Strata that scale the same curve alike are one kind
    kinds, kind = np.unique(np.hstack([rows.tumour_size, rows.is_distant]), axis=0, return_inverse=True)
    kind = kind.reshape(-1)
    log_scale = np.hstack([draws["size_effect"], -draws["distant"]]) @ kinds.T
    years = np.zeros((len(kinds), n_places))
    np.add.at(years, (kind, rows.curve_cell), rows.person_years)
    expected = (np.exp(log_hazard) * (np.exp(log_scale) @ years)).reshape(len(log_hazard), -1, len(g)).sum(1)

    dying = rows.counts_deaths > 0
    alone, events = dying & (rows.events > 0), np.where(dying, 0, rows.events)
    by_place = np.bincount(rows.curve_cell, events, minlength=n_places)
    known = (rows.events * np.log(rows.person_years) - gammaln(rows.events + 1)).sum()
    died = draws["other_death"] * rows.person_years[dying].sum()
    return PatientSums(
        X=np.stack([np.ones_like(g), g]),
        constant=log_hazard @ by_place + log_scale @ np.bincount(kind, events, minlength=len(kinds)) + known - died,
        counted=by_place.reshape(-1, len(g)).sum(0),
        expected=expected,
        hazard=np.exp(log_hazard[:, rows.curve_cell[alone]] + log_scale[:, kind[alone]]),
        other_death=draws["other_death"][:, None],
        events=rows.events[alone],
        cell=rows.curve_cell[alone] % len(g),
    )


def log_density_at(patients: PatientSums, level: Array) -> Array:
    """Give the log density of the patients at levels and tilts, ``level`` (sample, node, 2), shape (sample, node)."""
    values = []
    for each in np.moveaxis(level, 1, 0):
        log_factor = each @ patients.X
        factor = np.exp(log_factor)
        rate = patients.hazard * factor[:, patients.cell] + patients.other_death
        expected = (factor * patients.expected).sum(1)
        values.append(log_factor @ patients.counted - expected + np.log(rate) @ patients.events)
    return patients.constant[:, None] + np.stack(values, axis=1)


def score_at(patients: PatientSums, level: Array) -> tuple[Array, Array]:
    """Give score (sample, 2) and information (sample, 2, 2) of level and tilt at ``level`` (sample, 2).

    What events of rows whose deaths count add to the curvature is left out: the information is a little too large and
    never negative.
    """
    X, own = patients.X, patients.X[:, patients.cell]
    factor = np.exp(level @ X)
    expected = factor * patients.expected
    hazard = patients.hazard * factor[:, patients.cell]
    share = hazard / (hazard + patients.other_death)
    score = (patients.counted - expected) @ X.T + (patients.events * share) @ own.T
    return score, np.einsum("ic,jc,sc->sij", X, X, expected)
