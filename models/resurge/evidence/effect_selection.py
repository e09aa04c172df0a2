"""Which rows of the therapy table the therapy model reads: one rule for the fit and for the fingerprint of a fit."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from resurge.evidence.csv_files import read_rows
from resurge.evidence.selection import row_hash

ENDPOINTS = (
    "any_recurrence",
    "distant_recurrence",
    "bone_recurrence",
    "locoregional",
    "dfs",
    "idfs",
    "breast_cancer_death",
    "os",
)
"""Endpoints of early disease that the model reads."""
READ = (
    *("row_id", "trial", "setting", "er", "effect_class", "inverted", "treatment", "control", "endpoint"),
    *("randomised_year", "contrast_start_year", "contrast_years", "log_estimate", "se_log", "window_start"),
    *("window_end", "window_kind", "window_end_from", "update_chain", "report_order", "women", "used_as"),
)
"""Columns that the model reads; changing another changes no fit."""


def is_modelled_effect(row: Mapping[str, object]) -> bool:
    """Tell whether a row of ``therapy_effects`` is used, about early disease, and on an endpoint of the model."""
    return bool(row["used_as"]) and row["setting"] != "metastatic" and row["endpoint"] in ENDPOINTS


def modelled_effect_hashes(folder: Path) -> dict[str, dict[str, str]]:
    """Give a short hash of each row that the therapy model reads, by table and row; empty where there is no table.

    Parameters
    ----------
    folder : pathlib.Path
        Folder of the evidence tables.

    Raises
    ------
    EvidenceError
        If the table cannot be read.
    """
    path = folder / "therapy_effects.csv"
    if not path.is_file():
        return {"therapy_effects": {}}
    rows = [row for row in read_rows(path) if is_modelled_effect(row)]
    return {
        "therapy_effects": {row["row_id"]: row_hash({name: row[name] for name in READ if name in row}) for row in rows}
    }
