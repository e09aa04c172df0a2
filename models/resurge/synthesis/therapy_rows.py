"""The density of each row of the therapy table given the other rows of its trial, in numpy, vectorised over draws.

What is left of a trial without a row is laid out anew: errors are rotated otherwise, contrasts are among fewer periods,
and the next report of a chain adds to an earlier one. The density of the row is the ratio of those of the trial with
and without it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from resurge.synthesis.score_increments import score_increments
from resurge.synthesis.shared_patients import error_correlation
from resurge.synthesis.therapy_design import ONE_EFFECT, TherapyDesign, counted, level_free
from resurge.synthesis.therapy_pointwise import (
    Draws,
    Exponent,
    Own,
    entries_by_trial,
    expected_of,
    exponent,
    exponent_of_trial,
    own_of,
)

Array = NDArray[np.float64]
AFTER = " after "
"""What stands between the two reports in the name of an increment."""


def rows_log_density(design: TherapyDesign, k: int, draws: Draws) -> dict[str, Array]:
    """Give the log density of each row given the effect of its class and the other rows, by row, shape (sample,).

    Answers rest on the effect of the class, so that it is given here: draws weigh the inverse of this density where
    the row is left out. The effect of the trial is integrated out.

    Parameters
    ----------
    design : TherapyDesign
        Layout of all evidence.
    k : int
        Position of the class.
    draws : mapping
        Parameters, with ``beta_class``.
    """
    own, beta, found = own_of(draws, k), draws["beta_class"][:, [k]], {}
    for entries in entries_by_trial(design, k).values():
        m = expected_of(design, entries, draws, own)
        whole = exponent_of_trial(design, entries, m, draws, own).log_density(beta)
        for row in design.rows["row_id"][entries]:
            rest = without_row(design, entries, row, m, draws, own)
            found[row] = (whole - (rest.log_density(beta) if rest else 0.0))[:, 0]
    return found


def without_row(
    design: TherapyDesign, entries: NDArray[np.int64], row: str, m: Array, draws: Draws, own: Own
) -> Exponent | None:
    """Give the exponent of a trial, told by its entries and their ``m``, without a row; None where that was all."""
    kept = design.rows["row_id"].to_numpy()[entries] != row
    if not kept.any():
        return None
    rest, m = entries[kept], m[:, :, kept]
    rows = design.rows.iloc[rest]
    followed_by = [name.endswith(f"{AFTER}{row}") for name in rows["entry"]]
    if any(followed_by):
        at = followed_by.index(True)
        rows, seen = after_an_earlier_one(design.rows, rows, at, row)
        fewer = replace(design, seen=np.where(np.arange(len(design.seen))[:, None] == rest[at], seen, design.seen))
        m[:, :, [at]] = expected_of(fewer, rest[[at]], draws, own)
    rotation, variance = readings_of_trial(rows, design.events[rest])
    return exponent(rotation, variance, rotation @ rows["log_ratio"].to_numpy(), m, draws["omega"], own.sigma)


def after_an_earlier_one(
    all_rows: pd.DataFrame, rows: pd.DataFrame, at: int, row: str
) -> tuple[pd.DataFrame, NDArray[np.float64]]:
    """Let a report add to the one before the row that it followed; give the rows anew, and what it then counts.

    Parameters
    ----------
    all_rows, rows : pandas.DataFrame
        Entries of all trials, and those left of this one.
    at : int
        Which of those left followed the row.
    row : str
        The row that is left out.
    """
    own = rows.iloc[at].to_dict()
    name = all_rows.loc[all_rows["row_id"] == row, "entry"].iloc[0]
    earlier = all_rows[all_rows["row_id"] == name.partition(AFTER)[2]].to_dict("records")
    reports = [*earlier, own]
    log_ratio, se = score_increments([oriented(each) for each in reports], [each["se_log"] for each in reports])
    seen = counted(own)
    start = own["window_start"] if np.isfinite(own["window_start"]) else 0.0
    if earlier:
        start, seen = earlier[0]["end"], np.clip(seen - counted(earlier[0]), 0, None)
    changed = {"log_ratio": log_ratio[-1], "se": se[-1], "start": start}
    here = np.arange(len(rows)) == at
    return rows.assign(**{column: np.where(here, value, rows[column]) for column, value in changed.items()}), seen


def oriented(report: dict[str, object]) -> float:
    """Give the log ratio of a report in the orientation of its class."""
    return report["log_estimate"] * (-1.0 if report["inverted"] == "yes" else 1.0)


def readings_of_trial(rows: pd.DataFrame, events: Array) -> tuple[Array, Array]:
    """Rotate the entries of one trial: ``readings_of`` of the design, without pandas' milliseconds of grouping."""
    covariance = error_correlation(rows, events) * np.outer(rows["se"], rows["se"])
    kind = numbered(list(zip(*(rows[name] for name in ONE_EFFECT), strict=True)))
    kept = level_free(rows["used_as"].to_numpy() == "shape", kind)
    values, vectors = np.linalg.eigh(kept @ covariance @ kept.T)
    return vectors.T @ kept, values


def numbered(keys: Sequence[tuple[str, ...]]) -> NDArray[np.int64]:
    """Give each key its place among those that differ, in their order."""
    place = {key: i for i, key in enumerate(sorted(set(keys)))}
    return np.array([place[key] for key in keys])
