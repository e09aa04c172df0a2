"""Published risks and rates over windows to log cumulative hazards with standard errors.

A cumulative risk F over a window, among women free of the event at its start, is a cumulative hazard H = -log(1 - F);
an annual rate r over a window of length d is H = r * d. The likelihood takes log H with a standard error, from
the interval where one is printed, else from the events, else from the number of women, else by default. Digits are
printed
with rounding, and half a unit of the last one is added in quadrature.

Windows of one chain start together and nest (0-10, 0-20). The log of survival has independent increments, so each chain
is turned into its increments (0-10, 10-20) and no woman's follow-up is counted twice.
"""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pandas as pd

from resurge.evidence.selection import is_modelled_rate
from resurge.evidence.tables import Evidence

DEFAULT_SE = 0.15
"""Standard error of log H where nothing is printed: such rows come from overviews and registries with about 50 events
or more in the window."""
COMPLETE_FOLLOW_UP = 2 / 3
"""Share of the women whose follow-up spans the window, where only their number is printed."""
PRINTED_DECIMALS = {"cumulative_risk": 2, "annual_rate": 3, "events_over_person_years": 3}
"""Decimals that a table prints at least; a trailing zero is lost in a CSV file (20% stands as 0.2)."""
COLUMNS = [
    "row_id", "source_id", "population", "cohort_label", "er", "her2", "pr", "nodal", "tumour_size", "grade", "stratum",
    "therapy", "diagnosis_years", "endpoint", "start_year", "end_year", "log_cumulative_hazard", "se", "se_from",
]  # fmt: skip


def modelled_rows(evidence: Evidence) -> pd.DataFrame:
    """Select the used rows that state how often recurrence happens: risks and rates, not ratios or deaths.

    Returns
    -------
    pandas.DataFrame
        Rows of ``recurrence_rates`` in the order of the table.
    """
    rates = evidence.recurrence_rates
    chosen = [is_modelled_rate(row) for row in rates[["use", "endpoint", "statistic"]].to_dict("records")]
    return rates[np.array(chosen, dtype=bool)]


def cumulative_hazard_of(value: float, statistic: str, length: float) -> float:
    """Put a printed risk (proportion) or rate (per year) on the scale of the cumulative hazard."""
    return -np.log1p(-value) if statistic == "cumulative_risk" else value * length


def decimals_printed(value: float, statistic: str) -> int:
    """Give the number of decimals a value was printed with, at least the custom of its statistic."""
    text = np.format_float_positional(value, trim="-")
    return max(PRINTED_DECIMALS[statistic], len(text.partition(".")[2]))


def rounding_sd(row: pd.Series) -> float:
    """Give the standard deviation of H from rounding of the printed estimate, uniform over its last digit."""
    unit = 10.0 ** -decimals_printed(row["estimate"], row["statistic"])
    slope = 1 / (1 - row["estimate"]) if row["statistic"] == "cumulative_risk" else row["end_year"] - row["start_year"]
    return slope * unit / np.sqrt(12)


def sampling_se(row: pd.Series) -> tuple[float, str]:
    """Give the standard error of log H of one row and what it was computed from.

    Returns
    -------
    tuple of float and str
        The standard error, and ``interval``, ``events``, ``n`` or ``default``.
    """
    length = row["end_year"] - row["start_year"]
    if row["bounds"] == "ci":
        z = NormalDist().inv_cdf((1 + row["level"]) / 2)
        low, mid, high = (
            cumulative_hazard_of(row[column], row["statistic"], length) for column in ("lower", "estimate", "upper")
        )
        # A lower limit of 0 has no logarithm: the upper half of the interval speaks for both.
        width = np.log(high / low) / 2 if low > 0 else np.log(high / mid)
        return float(width / z), "interval"
    if row["events"] > 0:
        return float(1 / np.sqrt(row["events"])), "events"
    if row["n"] > 0:
        hazard = cumulative_hazard_of(row["estimate"], row["statistic"], length)
        return float(1 / np.sqrt(COMPLETE_FOLLOW_UP * row["n"] * -np.expm1(-hazard))), "n"
    return DEFAULT_SE, "default"


def single_window(row: pd.Series) -> dict[str, object]:
    """Put one row that stands alone on the scale of log H."""
    hazard = cumulative_hazard_of(row["estimate"], row["statistic"], row["end_year"] - row["start_year"])
    se, source = sampling_se(row)
    return {
        **row.to_dict(),
        "log_cumulative_hazard": np.log(hazard),
        "se": float(np.hypot(se, rounding_sd(row) / hazard)),
        "se_from": source,
    }


def chain_increments(chain: pd.DataFrame) -> list[dict[str, object]]:
    """Turn the nested windows of one chain into successive windows that share no follow-up.

    The variance of an increment is the difference of the variances where both ends have an interval, else it comes from
    the number of women with the event in the increment, else it is the default. An increment of zero or less says only
    that few recurred and is joined with the window after it.

    Parameters
    ----------
    chain : pandas.DataFrame
        Cumulative risks with one ``window_chain``.

    Returns
    -------
    list of dict
        One record a window, ``row_id`` naming the row that ends it.
    """
    records: list[dict[str, object]] = []
    start, hazard_before, risk_before, variance_before, rounding_before = None, 0.0, 0.0, 0.0, 0.0
    for _, row in chain.sort_values("end_year").iterrows():
        start = row["start_year"] if start is None else start
        hazard = cumulative_hazard_of(row["estimate"], row["statistic"], np.nan)
        gained = hazard - hazard_before
        if gained <= 0:
            continue
        se, source = sampling_se(row)
        variance, rounding = (se * hazard) ** 2, rounding_sd(row)
        if not records:
            increment_se = se
        elif source == "interval" and variance > variance_before > 0:
            increment_se = np.sqrt(variance - variance_before) / gained
        elif row["n"] > 0:
            increment_se, source = 1 / np.sqrt(COMPLETE_FOLLOW_UP * row["n"] * (row["estimate"] - risk_before)), "n"
        else:
            increment_se, source = DEFAULT_SE, "default"
        records.append(
            {
                **row.to_dict(),
                "start_year": start,
                "log_cumulative_hazard": np.log(gained),
                "se": float(np.hypot(increment_se, np.hypot(rounding, rounding_before) / gained)),
                "se_from": source,
            }
        )
        known = variance if row["bounds"] == "ci" else 0.0
        start, hazard_before, risk_before = row["end_year"], hazard, row["estimate"]
        variance_before, rounding_before = known, rounding
    return records


def published_windows(evidence: Evidence) -> pd.DataFrame:
    """Give the published windows that the recurrence model reads, as independent facts on log H.

    Parameters
    ----------
    evidence : Evidence
        Checked tables.

    Returns
    -------
    pandas.DataFrame
        One row a window with the strata and labels of its source row, ``log_cumulative_hazard``, ``se`` and
        ``se_from``.
    """
    rows = modelled_rows(evidence)
    alone = rows[rows["window_chain"] == ""]
    records = [single_window(row) for _, row in alone.iterrows()]
    for _, chain in rows[rows["window_chain"] != ""].groupby("window_chain", sort=True):
        records.extend(chain_increments(chain))
    windows = pd.DataFrame(records, columns=[*COLUMNS])
    return windows.sort_values("row_id", ignore_index=True)
