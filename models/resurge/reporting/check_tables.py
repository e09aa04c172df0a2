"""Tables of the checks of fits: observed numbers against their replicates."""

from __future__ import annotations

import pandas as pd

from resurge.reporting.tables import Table, lay_out, withheld

NONE_OUTSIDE = "None: every number lies inside"


def inside(rows: pd.DataFrame, prefix: str = "") -> pd.Series:
    """Tell which observed numbers lie inside a predictive interval, that of one more source with the prefix `new_`."""
    return (rows[f"{prefix}lower"] <= rows["observed"]) & (rows["observed"] <= rows[f"{prefix}upper"])


def coverage_table(rows: pd.DataFrame) -> Table:
    """Count the numbers inside both predictive intervals, by kind of evidence.

    Parameters
    ----------
    rows
        As :mod:`resurge.findings.replicates` gives them, with `panel` in words.
    """
    counted = rows.assign(numbers=1, found=inside(rows), anew=inside(rows, "new_")).groupby("panel", sort=False)
    counts = counted[["numbers", "found", "anew"]].sum().reset_index()
    shown = pd.DataFrame(
        {
            "panel": counts["panel"],
            "found": [f"{row.found} of {row.numbers}" for row in counts.itertuples()],
            "anew": [f"{row.anew} of {row.numbers}" for row in counts.itertuples()],
        }
    )
    return lay_out(shown, {"found": "At the level of its source", "anew": "In one more source"}, row="panel")


def outside_table(rows: pd.DataFrame) -> Table:
    """List the numbers outside the interval of one more source.

    Parameters
    ----------
    rows
        As :mod:`resurge.findings.replicates` gives them, with `panel` in words.
    """
    rows = rows[~inside(rows, "new_")]
    if rows.empty:
        return withheld(NONE_OUTSIDE)
    shown = pd.DataFrame(
        {
            "panel": rows["panel"],
            "row": [label.replace("_", " ") for label in rows["row"]],
            "observed": [_number(value) for value in rows["observed"]],
            "predicted": [
                f"{_number(row.new_median)} ({_number(row.new_lower)} to {_number(row.new_upper)})"
                for row in rows.itertuples()
            ],
        }
    )
    return lay_out(shown, {"observed": "Observed", "predicted": "Predicted"}, row="row", group="panel")


def _number(value: float) -> str:
    return f"{value:.3g}".replace("-", "−")
