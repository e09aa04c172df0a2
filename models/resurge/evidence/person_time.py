"""Individual patients to events and person-years: the sufficient statistics of a piecewise-constant hazard.

A woman followed from 0 to ``time`` contributes the length of her stay to every interval that she enters, and her event
to the interval that holds it. Summed within strata, ``events`` and ``person_years`` carry all that a hazard which is
constant inside each interval can learn from the patients, however many they are.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

DAYS_PER_YEAR = 365.25
INTERVAL_EDGES = tuple(
    float(edge) for edge in np.concatenate([np.arange(0, 3, 0.25), np.arange(3, 10, 0.5), np.arange(10, 36, 1.0)])
)
"""Years: quarters to year 3, halves to year 10, whole years after."""


def nodal_group(positive_nodes: pd.Series) -> pd.Series:
    """Name the nodal group of a number of positive lymph nodes: N0, N1-3, N4-9 or N10+.

    Parameters
    ----------
    positive_nodes : pandas.Series
        Number of positive nodes, one value a patient.

    Returns
    -------
    pandas.Series
        Labels of the same length.
    """
    return pd.cut(positive_nodes, [-np.inf, 0, 3, 9, np.inf], labels=["N0", "N1-3", "N4-9", "N10+"]).astype(str)


def tumour_size_group(millimetres: pd.Series) -> pd.Series:
    """Name the size group of a tumour diameter: T1 (to 20 mm), T2 (to 50 mm), T3+ (larger).

    Parameters
    ----------
    millimetres : pandas.Series
        Largest diameter in millimetres, one value a patient.

    Returns
    -------
    pandas.Series
        Labels of the same length.
    """
    return pd.cut(millimetres, [-np.inf, 20, 50, np.inf], labels=["T1", "T2", "T3+"]).astype(str)


def person_time(
    patients: pd.DataFrame,
    strata: Sequence[str],
    *,
    edges: Sequence[float] = INTERVAL_EDGES,
) -> pd.DataFrame:
    """Sum patients into events and person-years by stratum and interval.

    Parameters
    ----------
    patients : pandas.DataFrame
        One row a patient with ``time`` (years from the origin to event or censoring), ``event`` (0 or 1) and the
        strata.
    strata : sequence of str
        Columns that define the strata.
    edges : sequence of float
        Increasing interval bounds in years, the first of them 0. An event at a bound belongs to the interval it ends.

    Returns
    -------
    pandas.DataFrame
        Strata, ``start_year``, ``end_year``, ``n`` (women who enter the interval), ``events``, ``person_years``;
        intervals without
        person-time are left out.

    Raises
    ------
    ValueError
        If a time is negative, missing, or beyond the last bound.
    """
    bounds = np.asarray(edges, dtype=float)
    time = patients["time"].to_numpy(float)
    if np.isnan(time).any() or (time < 0).any() or (time > bounds[-1]).any():
        raise ValueError(f"times must lie between 0 and {bounds[-1]:g} years")
    starts, ends = bounds[:-1], bounds[1:]
    stay = np.clip(time[:, None] - starts, 0, ends - starts)
    occurs = (time[:, None] > starts) & (time[:, None] <= ends) & patients["event"].to_numpy(bool)[:, None]
    patient, interval = np.nonzero(stay)
    long = patients.iloc[patient][list(strata)].reset_index(drop=True)
    long = long.assign(
        start_year=starts[interval],
        end_year=ends[interval],
        n=1,
        events=occurs[patient, interval].astype(int),
        person_years=stay[patient, interval],
    )
    keys = [*strata, "start_year", "end_year"]
    return long.groupby(keys, observed=True, sort=True, as_index=False)[["n", "events", "person_years"]].sum()
