"""Part of the evidence on resistance laid out like the whole: readings that are absent tell nothing.

Rows of one source, mechanism and facet are rotated to independent readings. Where some of them are gone, the others
are rotated among themselves, and their readings stand first in the places of the block; a place that is spare has
reading, m and lean 0 and an error beyond any scale, so that its density depends on no parameter. A large standard error
on the row itself would not do: rotated with the others, it would take part in their readings.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from resurge.synthesis.in_shape import OtherShapeError, places
from resurge.synthesis.resistance_design import Array, ResistanceDesign

BLOCK = ["source_id", "mechanism_id", "facet"]
"""What rows share that are rotated among themselves."""
BEYOND_SCALE = 1e12
"""Squared error of a spare reading: any omega^2 added to it leaves its logarithm as it is, to the last digits."""


def in_shape_of(fewer: ResistanceDesign, whole: ResistanceDesign) -> ResistanceDesign:
    """Lay out part of the evidence like the whole.

    Parameters
    ----------
    fewer, whole : ResistanceDesign
        Layouts of the part and of the whole.

    Returns
    -------
    ResistanceDesign
        The whole's, but for what the readings are and which class a mechanism is in. Its ``rows`` are those of the
        whole: they tell the places of blocks, not what is read.

    Raises
    ------
    OtherShapeError
        If ``fewer`` has a row, a class, or a block of rows that the whole has no place for.
    """
    places(fewer.rows["row_id"], list(whole.rows["row_id"]), "row")
    readings, m, lean = np.zeros((3, len(whole.readings)))
    variance = np.full(len(whole.readings), BEYOND_SCALE)
    blocks = whole.rows.groupby(BLOCK, sort=False).indices
    for block, own in fewer.rows.groupby(BLOCK, sort=False).indices.items():
        place = blocks.get(block, own[:0])[: len(own)]
        if len(place) < len(own):
            raise OtherShapeError(f"{' '.join(block)} has fewer rows in the evidence whose layout is used")
        readings[place], m[place], lean[place] = fewer.readings[own], fewer.m[own], fewer.lean[own]
        variance[place] = fewer.variance[own]
    return replace(whole, readings=readings, m=m, lean=lean, variance=variance, tested_class=classes_like(fewer, whole))


def classes_like(fewer: ResistanceDesign, whole: ResistanceDesign) -> Array:
    """Give the 0/1 classes of the whole's tested mechanisms, as the part says where it has the mechanism."""
    tested = places(fewer.tested, whole.tested, "mechanism")
    classes = places(fewer.classes, whole.classes, "class")
    found = whole.tested_class.copy()
    found[tested] = 0.0
    found[np.ix_(tested, classes)] = fewer.tested_class
    return found
