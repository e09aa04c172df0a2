"""From the resistance tables to arrays: facets on one scale each, rows of one source and mechanism made independent."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from resurge.evidence.resistance_selection import NOT_MECHANISMS, is_modelled_resistance
from resurge.synthesis.resistance_priors import FACETS

Array = NDArray[np.float64]
LOG_ODDS_PER_SMD = math.pi / math.sqrt(3)
"""A difference of one standard deviation between logistic distributions of the same spread."""
RESPONSE_SHARE = 1 / 3
"""Patients who respond, about; log odds ratio = log risk ratio / (1 - share) near it."""
EVENT_SHARE = 1 / 2
"""Patients with the event at a fixed time, about; there a log risk ratio is 0.69 and a log odds ratio 1.39 times the
log hazard ratio."""
LOG_EXPRESSION_SD = 0.6
"""Spread of log expression between tumours, about; log fold change = this times the standardised difference."""
SHARED_ERROR = 0.5
"""Correlation of the sampling errors of rows of one source, mechanism and facet, which are of the same patients."""

WHOLE_TABLES = ("data_table", "raw_data", "supplementary_table")
"""Where every marker is listed whatever its effect, so that none stands there for being large."""
SAME = 1.0
COMMON_SCALE = {
    "marker_prognosis": {"log_hr": SAME, "log_ratio_of_means": SAME},
    "response_prediction": {"log_or": SAME, "log_rr": 1 / (1 - RESPONSE_SHARE), "smd": LOG_ODDS_PER_SMD},
    "marker_induction": {"log_fold_change": SAME, "log_or": LOG_EXPRESSION_SD / LOG_ODDS_PER_SMD},
    "marker_induction_cells": {"log_fold_change": SAME},
    "intervention": {
        "log_hr": SAME,
        "log_ratio_of_means": SAME,
        "log_rr": -EVENT_SHARE / ((1 - EVENT_SHARE) * math.log(1 - EVENT_SHARE)),
        "log_or": -EVENT_SHARE / math.log(1 - EVENT_SHARE),
    },
    "intervention_animals": {"log_hr": SAME, "log_ratio_of_means": SAME},
}
"""What an effect is multiplied with to stand on the scale of its facet: log hazard ratio, log odds ratio of no
response, log fold change, log hazard ratio, log ratio of burden or hazard. Ratios of times are those of
exponential times."""


@dataclass(frozen=True)
class ResistanceDesign:
    """Layout of the evidence on resistance.

    Attributes
    ----------
    mechanisms, tested : tuple of str
        All mechanisms of the catalogue; those with a row.
    classes : tuple of str
        Classes of mechanisms.
    mechanism_class : ndarray, shape (mechanism,)
        Position of each mechanism's class.
    tested_class : ndarray, shape (tested, mechanism_class)
        0/1 membership.
    readings, m, variance, lean : ndarray, shape (reading,)
        Rotated effects; reading expected per unit of effect; squared error (0 where none is printed); reading added per
        unit of excess, 0 where every marker of a table is listed.
    reading_tested, reading_facet, reading_report : ndarray
        0/1 membership in tested mechanisms, facets and reports.
    report_facet : ndarray, shape (report, facet)
        0/1 facet of a report: what one source says of one mechanism in one facet.
    rows : pandas.DataFrame
        Rows as read: row_id, source_id, mechanism_id, facet, effect and se on the scale of the facet, and whether the
        row was chosen to be printed.
    """

    mechanisms: tuple[str, ...]
    tested: tuple[str, ...]
    classes: tuple[str, ...]
    mechanism_class: NDArray[np.int_]
    tested_class: Array
    readings: Array
    m: Array
    variance: Array
    lean: Array
    reading_tested: Array
    reading_facet: Array
    reading_report: Array
    report_facet: Array
    rows: pd.DataFrame


def resistance_design(effects: pd.DataFrame, mechanisms: pd.DataFrame) -> ResistanceDesign:
    """Lay out the rows of ``resistance_effects`` that the model reads.

    Parameters
    ----------
    effects, mechanisms : pandas.DataFrame
        Tables of the evidence.

    Returns
    -------
    ResistanceDesign
        Readings in the order of the rows; rows of one source, mechanism and facet are rotated among themselves.
    """
    rows = common_rows(effects)
    catalogue = mechanisms[~mechanisms["mechanism_id"].isin(NOT_MECHANISMS)]
    names, classes = tuple(catalogue["mechanism_id"]), tuple(sorted(set(catalogue["class"])))
    mechanism_class = np.array([classes.index(each) for each in catalogue["class"]])
    tested = tuple(name for name in names if name in set(rows["mechanism_id"]))
    said = list(zip(rows["source_id"], rows["mechanism_id"], rows["facet"], strict=True))
    reports = list(dict.fromkeys(said))
    readings, m, variance, lean = np.zeros((4, len(rows)))
    for _, part in rows.groupby(["source_id", "mechanism_id", "facet"], sort=False):
        place, effect, se = part.index.to_numpy(), part["effect"].to_numpy(), part["se"].to_numpy()
        variance[place], rotation = independent(se)
        readings[place], m[place] = rotation @ effect, rotation.sum(1)
        lean[place] = rotation @ np.where(part["chosen"], se, 0.0)
    return ResistanceDesign(
        mechanisms=names,
        tested=tested,
        classes=classes,
        mechanism_class=mechanism_class,
        tested_class=membership([classes[mechanism_class[names.index(name)]] for name in tested], classes),
        readings=readings,
        m=m,
        variance=variance,
        lean=lean,
        reading_tested=membership(rows["mechanism_id"], tested),
        reading_facet=membership(rows["facet"], FACETS),
        reading_report=membership(said, reports),
        report_facet=membership([facet for _, _, facet in reports], FACETS),
        rows=rows,
    )


def common_rows(effects: pd.DataFrame) -> pd.DataFrame:
    """Give the modelled rows with facet, effect and standard error on the scale of the facet."""
    used = effects[[is_modelled_resistance(row) for row in effects.to_dict("records")]].reset_index(drop=True)
    facet = [model_facet(*each) for each in zip(used["facet"], used["level"], strict=True)]
    factor = np.array([COMMON_SCALE[f][scale] for f, scale in zip(facet, used["effect_scale"], strict=True)])
    return pd.DataFrame(
        {
            "row_id": used["row_id"],
            "source_id": used["source_id"],
            "mechanism_id": used["mechanism_id"],
            "facet": pd.Series(facet, dtype=object),
            "effect": factor * used["log_effect"],
            "se": factor * used["se_log"].fillna(0.0),
            "chosen": ~used["read_in"].isin(WHOLE_TABLES),
        }
    )


def model_facet(facet: str, level: str) -> str:
    """Tell the facet of the model: work in cells and animals stands apart from that in patients."""
    apart = {
        ("marker_induction", "in_vitro"): "marker_induction_cells",
        ("intervention", "in_vivo"): "intervention_animals",
    }
    return apart.get((facet, level), facet)


def independent(se: Array) -> tuple[Array, Array]:
    """Find the rotation of the effects of one source, mechanism and facet that makes their errors independent.

    Returns
    -------
    variance : ndarray, shape (row,)
        Squared errors of the rotated effects.
    rotation : ndarray, shape (row, row)
    """
    covariance = np.outer(se, se) * (SHARED_ERROR + (1 - SHARED_ERROR) * np.eye(len(se)))
    variance, vectors = np.linalg.eigh(covariance)
    return np.maximum(variance, 0.0), vectors.T


def membership(items: object, labels: Sequence[object]) -> Array:
    """Give the 0/1 matrix of items in labels."""
    place = {label: i for i, label in enumerate(labels)}
    rows = [place[item] for item in items]  # type: ignore[attr-defined]
    matrix = np.zeros((len(rows), len(labels)))
    matrix[np.arange(len(rows)), rows] = 1
    return matrix
