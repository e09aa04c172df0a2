"""Which rows of the resistance tables the models read: one rule for the fits and for the fingerprints of fits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from resurge.evidence.csv_files import read_rows
from resurge.evidence.selection import row_hash

FACETS = ("marker_prognosis", "response_prediction", "marker_induction", "intervention")
"""Facets of the table that the model reads; calibration, reference and other are told in the reports only."""
NOT_MECHANISMS = ("M_CALIB", "M_REF")
"""Entries of the catalogue that stand for preclinical work as such and for backbone therapies."""
EFFECT_COLUMNS = (
    *("row_id", "source_id", "mechanism_id", "facet", "level", "outcome", "effect_scale", "log_effect", "se_log"),
    "read_in",
)
MECHANISM_COLUMNS = ("mechanism_id", "class")
PAIR_COLUMNS = (
    *("pair_id", "experiment", "animal", "n_original", "smd_original", "se_original", "smd_replication"),
    "se_replication",
)


def is_modelled_resistance(row: Mapping[str, object]) -> bool:
    """Tell whether a row of ``resistance_effects`` is used, in a facet of the model, and about a mechanism."""
    return row["use"] == "yes" and row["facet"] in FACETS and row["mechanism_id"] not in NOT_MECHANISMS


def is_modelled_pair(row: Mapping[str, object]) -> bool:
    """Tell whether a row of ``replication_pairs`` is used."""
    return row["use"] == "yes"


def modelled_resistance_hashes(folder: Path) -> dict[str, dict[str, str]]:
    """Give a short hash of each row that the resistance model reads, by table and row; empty where there is none.

    Parameters
    ----------
    folder : pathlib.Path
        Folder of the evidence tables.

    Raises
    ------
    EvidenceError
        If a table cannot be read.
    """
    effects = _hashes(folder, "resistance_effects", "row_id", EFFECT_COLUMNS, is_modelled_resistance)
    if not effects:
        return {"resistance_effects": {}, "mechanisms": {}}
    mechanisms = _hashes(folder, "mechanisms", "mechanism_id", MECHANISM_COLUMNS, lambda row: True)
    return {"resistance_effects": effects, "mechanisms": mechanisms}


def modelled_pair_hashes(folder: Path) -> dict[str, dict[str, str]]:
    """Give a short hash of each pair that the translation model reads; empty where there is no table.

    Raises
    ------
    EvidenceError
        If the table cannot be read.
    """
    return {"replication_pairs": _hashes(folder, "replication_pairs", "pair_id", PAIR_COLUMNS, is_modelled_pair)}


def _hashes(
    folder: Path, table: str, key: str, columns: tuple[str, ...], selected: Callable[[Mapping[str, str]], bool]
) -> dict[str, str]:
    path = folder / f"{table}.csv"
    if not path.is_file():
        return {}
    rows = (row for row in read_rows(path) if selected(row))
    return {row[key]: row_hash({name: row[name] for name in columns if name in row}) for row in rows}
