"""Part of the evidence on effects of therapy in the shape of the whole.

Errors of one trial are correlated, so a row is not left out by a large error of its own: the readings of a trial are
those of the rows that remain, rotated among themselves, in the first places of the trial. The other places are shrunk
to next to nothing and have an endless error. A trial or class without readings says nothing, and what only it has is
left with its prior.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from resurge.synthesis.in_shape import OtherShapeError, placed, places, require_same
from resurge.synthesis.left_out import NO_KNOWLEDGE
from resurge.synthesis.therapy_design import TherapyDesign

Index = NDArray[np.intp]
NO_WEIGHT = 1e-9
"""What is left of a reading that is absent: it stays one of its trial, and says nothing."""


def in_shape_of(fewer: TherapyDesign, whole: TherapyDesign) -> TherapyDesign:
    """Lay out part of the evidence with the labels, shapes and integers of the whole.

    Parameters
    ----------
    fewer : TherapyDesign
        Layout of the part: rows of the whole, some of them missing.
    whole : TherapyDesign
        Layout of the whole; its facts for tables and figures are kept as they are.

    Returns
    -------
    TherapyDesign
        Parameters that both have get the posterior that they have under ``fewer``.

    Raises
    ------
    OtherShapeError
        If what remains cannot be said by other floating-point numbers alone.
    """
    of_class = places(fewer.classes, whole.classes, "class")
    entry = _entries(fewer, whole)
    reading = reading_places(fewer, whole)
    rotation = NO_WEIGHT * whole.rotation
    rotation[reading] = 0.0
    rotation[np.ix_(reading, entry)] = fewer.rotation
    er = dict(zip(whole.classes, whole.er, strict=True)) | dict(zip(fewer.classes, fewer.er, strict=True))
    by_class = ("continues", "duration", "randomised_year")
    by_entry = ("events", "seen", "endpoint", "log_ratio", "se")
    return replace(
        whole,
        **{name: placed(getattr(fewer, name), of_class, getattr(whole, name)) for name in by_class},
        **{name: placed(getattr(fewer, name), entry, getattr(whole, name)) for name in by_entry},
        er=tuple(er.values()),
        rotation=rotation,
        variance=placed(fewer.variance, reading, np.full_like(whole.variance, NO_KNOWLEDGE**2)),
    )


def reading_places(fewer: TherapyDesign, whole: TherapyDesign) -> Index:
    """Give the place of each reading in the shape of the whole: the first places of its trial.

    Raises
    ------
    OtherShapeError
        If a trial has more readings than in the whole.
    """
    trial = places(fewer.trials, whole.trials, "trial")[fewer.reading_trial.argmax(1)]
    of_all = whole.reading_trial.argmax(1)
    found = np.zeros(len(trial), dtype=np.intp)
    for each in np.unique(trial):
        own, free = np.flatnonzero(trial == each), np.flatnonzero(of_all == each)
        if len(own) > len(free):
            raise OtherShapeError(f"{whole.trials[each]} has more readings than in the whole evidence")
        found[own] = free[: len(own)]
    return found


def _entries(fewer: TherapyDesign, whole: TherapyDesign) -> Index:
    """Find the entries that remain by the row that each ends with; hold them to their trial, course and kind."""
    row = fewer.rows["row_id"].to_numpy(str)
    entry = places(row, whole.rows["row_id"].to_numpy(str), "row")
    trial, all_trial = (np.array(each.trials)[each.entry_trial.argmax(1)] for each in (fewer, whole))
    require_same(trial == all_trial[entry], row, "trial")
    require_same(fewer.deaths == whole.deaths[entry], row, "kind of event")
    course, all_course = fewer.entry_course, whole.entry_course[entry]
    same = [
        (getattr(fewer.clock, name)[course] == getattr(whole.clock, name)[all_course]).all(1)
        for name in ("since", "on", "after")
    ]
    require_same(np.all(same, axis=0), row, "time of treatment")
    return entry
