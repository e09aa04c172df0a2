"""Strata of the recurrence model, their labels, and what a label that is not split stands for."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
from numpy.typing import NDArray

from resurge.synthesis.hazards import midpoints

ER = ("negative", "positive")
NODAL = ("N0", "N1-3", "N4-9", "N10+")
TUMOUR_SIZE = ("T1", "T2", "T3+")
ENDPOINTS = ("any_recurrence", "distant_recurrence")

ER_MEMBERS: Mapping[str, tuple[str, ...]] = {**{label: (label,) for label in ER}, "any": ER}
NODAL_MEMBERS: Mapping[str, tuple[str, ...]] = {
    **{label: (label,) for label in NODAL},
    "N4+": NODAL[2:],
    "N1+": NODAL[1:],
    "any": NODAL,
}
TUMOUR_SIZE_MEMBERS: Mapping[str, tuple[str, ...]] = {
    **{label: (label,) for label in TUMOUR_SIZE},
    "T1-T2": TUMOUR_SIZE[:2],
    "T2-T3": TUMOUR_SIZE[1:],
    "T3-T4": TUMOUR_SIZE[2:],
    "any": TUMOUR_SIZE,
}

MEMBERS = {"er": ER_MEMBERS, "nodal": NODAL_MEMBERS, "tumour_size": TUMOUR_SIZE_MEMBERS}
"""Strata inside every label, by variable."""

MIX = ("ER positive", "N1-3", "N4-9", "N10+", "T2", "T3+")
"""Strata whose log odds against ER negative, N0 or T1 mix a group that a source does not split."""

THERAPIES = (
    "none",
    "mixed",
    "endocrine_5y",
    "endocrine_10y",
    "endocrine_2-5y",
    "aromatase_inhibitor_5y",
    "ovarian_suppression+AI",
    "ovarian_suppression+tamoxifen",
    "goserelin_2y",
    "tamoxifen_2y",
    "goserelin+tamoxifen_2y",
    "chemo",
    "chemo_endocrine",
    "chemo_trastuzumab",
    "bisphosphonate",
)
"""Labels of the evidence tables."""
REFERENCE_THERAPY = {"negative": "mixed", "positive": "endocrine_5y"}
"""What the women of an answer have had, unless it says otherwise: the standard of the populations that inform it.
No therapy effect acts on it, so the hazards of answers have no step where a therapy ends."""
THERAPY_EFFECTS = ("no_endocrine", "extended_endocrine", "chemotherapy")
"""Log hazard ratios: against 5 years of endocrine therapy if ER-positive; of chemotherapy against none."""
ENDOCRINE_END = 5.0
CHEMOTHERAPY_END = 5.0
WANING = ((0.0, 1.0), (5.0, 0.61), (10.0, 0.05))
"""Start of a period in years, and the share of the early log ratio of tamoxifen that is left in it: log 0.53, 0.68 and
0.97 of the tamoxifen overview (years 0-4, 5-9, 10-14) over log 0.53."""
NO_ENDOCRINE_SHARE = {"none": 1.0, "chemo": 1.0, "bisphosphonate": 1.0, "endocrine_2-5y": 0.3}
"""How far a therapy is from 5 years of endocrine therapy towards none; 0 for all others. 1-2 years of tamoxifen
give about two thirds of the log ratio of 5 years."""
CHEMOTHERAPY_SHARE = {
    "none": -0.5,
    "endocrine_2-5y": -0.5,
    "chemo": 0.5,
    "chemo_endocrine": 0.5,
    "chemo_trastuzumab": 0.5,
}
"""Chemotherapy against the reference, in which about half of the women had it."""


def therapy_multipliers(therapy: str, er: str, edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give how much of each therapy effect acts in each cell.

    Parameters
    ----------
    therapy : str
        Label of the evidence tables.
    er : {"negative", "positive"}
        Endocrine therapy acts in ER-positive disease only.
    edges : ndarray, shape (cell + 1,)
        Bounds of the cells in years.

    Returns
    -------
    ndarray, shape (therapy_effect, cell)
    """
    years = midpoints(edges)
    waning = np.select([years >= start for start, _ in WANING[::-1]], [share for _, share in WANING[::-1]])
    positive = er == "positive"
    return np.stack(
        [
            positive * NO_ENDOCRINE_SHARE.get(therapy, 0.0) * waning,
            positive * (therapy == "endocrine_10y") * (years >= ENDOCRINE_END),
            CHEMOTHERAPY_SHARE.get(therapy, 0.0) * (years < CHEMOTHERAPY_END),
        ]
    )


def expand(er: str, nodal: str, tumour_size: str) -> list[tuple[int, int, int]]:
    """List the strata inside a label, as positions in ER, NODAL and TUMOUR_SIZE.

    Raises
    ------
    KeyError
        If a label is unknown.
    """
    return [
        (ER.index(e), NODAL.index(n), TUMOUR_SIZE.index(s))
        for e in ER_MEMBERS[er]
        for n in NODAL_MEMBERS[nodal]
        for s in TUMOUR_SIZE_MEMBERS[tumour_size]
    ]


def mix_indicators(
    er: str, nodal: str, tumour_size: str, stratum: tuple[int, int, int], printed: Collection[str] = ()
) -> list[float]:
    """Mark which log odds weigh a stratum inside a label: none for a variable that the label fixes.

    Parameters
    ----------
    er, nodal, tumour_size : str
        Labels of the group.
    stratum : tuple of int
        Position of the stratum in ER, NODAL and TUMOUR_SIZE.
    printed : collection of str
        Variables whose mix the source prints; the log odds do not weigh those either.

    Returns
    -------
    list of float
        One 0 or 1 for each entry of MIX.
    """
    labels = {"er": er, "nodal": nodal, "tumour_size": tumour_size}
    mixed = [len(MEMBERS[name][label]) > 1 and name not in printed for name, label in labels.items()]
    here = {ER[stratum[0]]: mixed[0], NODAL[stratum[1]]: mixed[1], TUMOUR_SIZE[stratum[2]]: mixed[2]}
    return [float(here.get(label.removeprefix("ER "), False)) for label in MIX]
