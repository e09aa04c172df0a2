"""Which rows of the site table the metastasis model reads: one rule for the fit and for the fingerprint of a fit."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from resurge.evidence.csv_files import read_rows
from resurge.evidence.selection import row_hash

READ_AS = ("share", "luminal_part", "only", "relative", "single_site")
"""Uses that enter the model."""
READ = (
    *("row_id", "population", "subtype", "stratum", "site", "setting", "denominator"),
    *("share_metastatic", "n_site", "n_total", "proportion", "lower", "upper", "level", "used_as"),
)
"""Columns that the model reads; changing another changes no fit."""


def is_modelled_site(row: Mapping[str, object]) -> bool:
    """Tell whether the model reads a row of ``metastasis_sites``."""
    return row["used_as"] in READ_AS


def modelled_site_hashes(folder: Path) -> dict[str, dict[str, str]]:
    """Give a short hash of each row that the metastasis model reads, by table and row; empty where there is no table.

    Parameters
    ----------
    folder : pathlib.Path
        Folder of the evidence tables.

    Raises
    ------
    EvidenceError
        If the table cannot be read.
    """
    path = folder / "metastasis_sites.csv"
    rows = [row for row in read_rows(path) if is_modelled_site(row)] if path.is_file() else []
    return {
        "metastasis_sites": {row["row_id"]: row_hash({name: row[name] for name in READ if name in row}) for row in rows}
    }
