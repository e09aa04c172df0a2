"""The density of each row of the therapy table given the other rows of its trial, in numpy, vectorised over draws.

What is left of a trial without a row is laid out anew: errors are rotated otherwise, contrasts are among fewer periods,
and the next report of a chain adds to an earlier one. The density of the row is the ratio of those of the trial with
and without it.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from resurge.synthesis.event_weights import Baseline
from resurge.synthesis.therapy_design import TherapyDesign, readings_of, therapy_design
from resurge.synthesis.therapy_pointwise import (
    Draws,
    Exponent,
    Own,
    entries_by_trial,
    expected_of,
    exponent,
    exponent_of_trial,
    exponents,
    own_of,
)

Array = NDArray[np.float64]


def rows_log_density(
    design: TherapyDesign, effects: pd.DataFrame, baseline: Baseline, k: int, draws: Draws
) -> dict[str, Array]:
    """Give the log density of each row given the effect of its class and the other rows, by row, shape (sample,).

    Answers rest on the effect of the class, so that it is given here: draws weigh the inverse of this density where
    the row is left out. The effect of the trial is integrated out.

    Parameters
    ----------
    design : TherapyDesign
        Layout of all evidence.
    effects : pandas.DataFrame
        The table ``therapy_effects`` behind it.
    baseline : Baseline
        Hazard of recurrence of control arms.
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
            rest = without_row(design, effects, baseline, entries, row, m, draws, own)
            found[row] = (whole - (rest.log_density(beta) if rest else 0.0))[:, 0]
    return found


def without_row(
    design: TherapyDesign,
    effects: pd.DataFrame,
    baseline: Baseline,
    entries: NDArray[np.int64],
    row: str,
    m: Array,
    draws: Draws,
    own: Own,
) -> Exponent | None:
    """Give the exponent of a trial, told by its entries and their ``m``, without a row; None where that was all."""
    kept = design.rows["row_id"].to_numpy()[entries] != row
    rest = entries[kept]
    rows = design.rows.iloc[rest].reset_index(drop=True)
    if rows["entry"].str.endswith(f" after {row}").any():
        fewer = therapy_design(effects[effects["row_id"].isin(rows["row_id"])], baseline)
        return exponents(fewer, 0, draws, own)[0]
    if not rest.size:
        return None
    rotation, variance = readings_of(rows, np.ones((len(rest), 1)), design.events[rest])
    y = rotation @ design.log_ratio[rest]
    return exponent(rotation, variance, y, m[:, :, kept], draws["omega"], own.sigma)
