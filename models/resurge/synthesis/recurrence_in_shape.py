"""Part of the evidence on the curve of recurrence in the shape of the whole.

The models of recurrence and of dormancy share the layout. Absent person-time has no events and no years, an absent
window an endless error, so that neither says anything of a level; what remains takes mix, cohorts and standard errors
as the part lays them out. Levels and tilts of absent populations are left with their prior.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from resurge.synthesis.design import PersonTime, RecurrenceDesign, Windows
from resurge.synthesis.in_shape import OtherShapeError, placed, places, require_same
from resurge.synthesis.left_out import NO_KNOWLEDGE, NO_YEARS
from resurge.synthesis.levels import Nesting

Index = NDArray[np.intp]


def in_shape_of(fewer: RecurrenceDesign, whole: RecurrenceDesign) -> RecurrenceDesign:
    """Lay out part of the evidence with the labels, shapes and integers of the whole.

    Parameters
    ----------
    fewer : RecurrenceDesign
        Layout of the part: rows of the whole, some of them missing.
    whole : RecurrenceDesign
        Layout of the whole.

    Returns
    -------
    RecurrenceDesign
        Parameters that both have get the posterior that they have under ``fewer``.

    Raises
    ------
    OtherShapeError
        If what remains cannot be said by other floating-point numbers alone.
    """
    population = places(fewer.populations, whole.populations, "population")
    # A level that patients tell acts on the hazard of each stratum, one from reports alone on the window as a whole.
    as_before = [(name in fewer.followed) == (name in whole.followed) for name in fewer.populations]
    require_same(np.array(as_before, dtype=bool), fewer.populations, "kind of evidence")
    return replace(
        whole,
        person_time=_person_time(fewer, whole, population),
        windows=_windows(fewer, whole, population),
    )


def _person_time(fewer: RecurrenceDesign, whole: RecurrenceDesign, population: Index) -> PersonTime:
    rows, all_rows = fewer.person_time, whole.person_time
    at = places(rows.row_id, all_rows.row_id, "row of person-time")
    curve, cell = np.divmod(rows.curve_cell, len(fewer.edges) - 1)
    all_curve, all_cell = np.divmod(all_rows.curve_cell[at], len(whole.edges) - 1)
    same = _same_curve(fewer, curve, whole, all_curve, population) & (cell == all_cell)
    require_same(same, rows.row_id, "curve or time")
    return PersonTime(
        row_id=all_rows.row_id,
        curve_cell=all_rows.curve_cell,
        tumour_size=placed(rows.tumour_size, at, all_rows.tumour_size),
        is_distant=placed(rows.is_distant, at, all_rows.is_distant),
        counts_deaths=placed(rows.counts_deaths, at, all_rows.counts_deaths),
        events=placed(rows.events, at, np.zeros_like(all_rows.events)),
        person_years=placed(rows.person_years, at, np.full_like(all_rows.person_years, NO_YEARS)),
    )


def _windows(fewer: RecurrenceDesign, whole: RecurrenceDesign, population: Index) -> Windows:
    windows, all_windows = fewer.windows, whole.windows
    at = places(windows.row_id, all_windows.row_id, "window that ends with")
    member = _members(fewer, whole, at, population)
    return Windows(
        row_id=all_windows.row_id,
        log_cumulative_hazard=placed(windows.log_cumulative_hazard, at, all_windows.log_cumulative_hazard),
        se=placed(windows.se, at, np.full_like(all_windows.se, NO_KNOWLEDGE)),
        inside=all_windows.inside,
        curve_start=all_windows.curve_start,
        curve_end=all_windows.curve_end,
        tumour_size=placed(windows.tumour_size, member, all_windows.tumour_size),
        is_distant=placed(windows.is_distant, member, all_windows.is_distant),
        mix=placed(windows.mix, member, all_windows.mix),
        log_share=placed(windows.log_share, member, all_windows.log_share),
        nesting=_nesting(windows.nesting, all_windows.nesting, at, population),
    )


def _members(fewer: RecurrenceDesign, whole: RecurrenceDesign, at: Index, population: Index) -> Index:
    """Find the strata inside the remaining windows among those of the whole; hold them to their curves and years."""
    windows, all_windows = fewer.windows, whole.windows
    require_same(windows.inside.sum(1) == all_windows.inside[at].sum(1), windows.row_id, "number of strata")
    # Members stand by window, and inside a window in the order of the strata.
    member = np.array([m for w in at for m in np.flatnonzero(all_windows.inside[w])], dtype=np.intp)
    row_of_member = windows.row_id[_place_of_one(windows.inside.T)]
    for own, of_all in ((windows.curve_start, all_windows.curve_start), (windows.curve_end, all_windows.curve_end)):
        curve, year = np.divmod(own, fewer.exposure.shape[1])
        all_curve, all_year = np.divmod(of_all[member], whole.exposure.shape[1])
        same = (fewer.exposure[:, year] == whole.exposure[:, all_year]).all(0)
        same &= _same_curve(fewer, curve, whole, all_curve, population)
        require_same(same, row_of_member, "curve or time")
    return member


def _same_curve(
    fewer: RecurrenceDesign, curve: Index, whole: RecurrenceDesign, all_curve: Index, population: Index
) -> NDArray[np.bool_]:
    """Tell of which rows the curve has the same strata, therapy and population in both layouts."""
    own, of_all = fewer.curves, whole.curves
    return (
        (own.er[curve] == of_all.er[all_curve]).all(1)
        & (own.nodal[curve] == of_all.nodal[all_curve]).all(1)
        & (own.therapy[curve] == of_all.therapy[all_curve]).all((1, 2))
        & (population[_place_of_one(own.population[curve])] == _place_of_one(of_all.population[all_curve]))
    )


def _place_of_one(marked: NDArray[np.float64]) -> Index:
    """Give the place of the only 1 of each row."""
    return np.nonzero(marked)[1]


def _nesting(own: Nesting, of_all: Nesting, at: Index, population: Index) -> Nesting:
    """Put cohorts in the places that their windows have in the whole, whatever they are called there.

    Where one report of a population is left of several, it has no level of its own any more.
    """
    of_window, of_window_in_all = _place_of_one(own.window_cohort), _place_of_one(of_all.window_cohort[at])
    cohort, place = np.array(sorted({*zip(of_window, of_window_in_all, strict=True)}), dtype=np.intp).reshape(-1, 2).T
    if not np.array_equal(cohort, np.arange(own.window_cohort.shape[1])) or len(set(place)) < len(place):
        raise OtherShapeError("the windows that remain form other cohorts than in the whole evidence")
    return Nesting(
        window_cohort=of_all.window_cohort,
        cohort_population=of_all.cohort_population,
        cohort_varies=placed(own.cohort_varies, place, of_all.cohort_varies),
        population_varies=placed(own.population_varies, population, of_all.population_varies),
    )
