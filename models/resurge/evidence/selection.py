"""Which rows the recurrence model reads: one rule for the fit and for the fingerprint of a fit."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from resurge.evidence.csv_files import read_rows

MODELLED_ENDPOINTS = ("any_recurrence", "distant_recurrence")
PERSON_TIME_ENDPOINTS = (*MODELLED_ENDPOINTS, "dfs")
ABSOLUTE_STATISTICS = ("cumulative_risk", "annual_rate", "events_over_person_years")
COMMENTARY = ("locator", "read_in", "notes", "derived", "exclude_reason")
"""Columns that say where a number comes from; changing them changes no fit."""


def is_modelled_rate(row: Mapping[str, object]) -> bool:
    """Tell whether a row of ``recurrence_rates`` is used and states how often recurrence happens."""
    return row["use"] == "yes" and row["endpoint"] in MODELLED_ENDPOINTS and row["statistic"] in ABSOLUTE_STATISTICS


def is_modelled_person_time(row: Mapping[str, object]) -> bool:
    """Tell whether a row of ``recurrence_person_time`` is used."""
    return row["use"] == "yes" and row["endpoint"] in PERSON_TIME_ENDPOINTS


def modelled_row_hashes(folder: Path) -> dict[str, dict[str, str]]:
    """Give a short hash of each row that the recurrence model reads, by table and row.

    Parameters
    ----------
    folder : pathlib.Path
        Folder of the evidence tables.

    Returns
    -------
    dict
        ``{table: {row_id: hash}}``.

    Raises
    ------
    EvidenceError
        If a table cannot be read.
    """
    selections = {"recurrence_rates": is_modelled_rate, "recurrence_person_time": is_modelled_person_time}
    if (folder / "case_mix.csv").is_file():
        selections["case_mix"] = bool
    return {
        table: {row["row_id"]: row_hash(row) for row in read_rows(folder / f"{table}.csv") if selected(row)}
        for table, selected in selections.items()
    }


def row_hash(row: Mapping[str, str]) -> str:
    """Give a short hash of what a row says, without its commentary."""
    facts = "\x1f".join(f"{name}={value}" for name, value in sorted(row.items()) if name not in COMMENTARY)
    return hashlib.sha256(facts.encode()).hexdigest()[:12]
