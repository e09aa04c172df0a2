"""Part of the metastatic sites laid out like the whole: counts that are absent are none of no patients.

A beta-binomial of no patients has probability 1 whatever its parameters, so that nothing is learnt of an entry that is
absent. A source without entries keeps its levels, which then have their prior.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from resurge.synthesis.in_shape import OtherShapeError, places
from resurge.synthesis.metastasis_design import SiteDesign


def in_shape_of(fewer: SiteDesign, whole: SiteDesign) -> SiteDesign:
    """Lay out part of the evidence like the whole.

    Parameters
    ----------
    fewer, whole : SiteDesign
        Layouts of the part and of the whole.

    Returns
    -------
    SiteDesign
        The whole's, but for its counts: those of ``fewer`` where it has the entry, or some of its rows, else 0 of 0.

    Raises
    ------
    OtherShapeError
        If ``fewer`` has an entry that the whole has not, or has as another kind of count.
    """
    place = entry_places(fewer, whole)
    n_site, n_total = np.zeros_like(whole.n_site), np.zeros_like(whole.n_total)
    n_site[place], n_total[place] = fewer.n_site, fewer.n_total
    return replace(whole, n_site=n_site, n_total=n_total)


def entry_places(fewer: SiteDesign, whole: SiteDesign) -> NDArray[np.intp]:
    """Give the place of each entry among those of the whole; a sum of rows may have lost some of them."""
    entry_of_row = {row: entry for entry, label in enumerate(whole.labels) for row in label.split("+")}
    row_place = np.array(list(entry_of_row.values()))
    rows = [label.split("+")[0] for label in fewer.labels]
    place = row_place[places(rows, list(entry_of_row), "row")]
    for entry, label in enumerate(fewer.labels):
        if what_is_counted(fewer, entry) != what_is_counted(whole, place[entry]):
            raise OtherShapeError(f"{label} counts something else than in the evidence whose layout is used")
    if len(set(place)) < len(place):
        raise OtherShapeError("rows that make one count in the evidence whose layout is used make several")
    return place


def what_is_counted(design: SiteDesign, entry: int) -> tuple[object, ...]:
    """Tell what an entry counts: source, setting, site, subtypes, thinned by which share, single metastases or not."""
    group = design.group[entry]
    return (
        design.populations[design.group_population[group]],
        int(design.group_setting[group]),
        int(design.site[entry]),
        tuple(design.members[entry]),
        tuple(name for name, own in zip(design.reach_sets, design.reach[entry], strict=True) if own),
        bool(design.single[entry]),
    )
