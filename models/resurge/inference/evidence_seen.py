"""What a fit sees of the evidence, cell by cell: kept with the record, so that a later change can be told by value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from resurge.evidence import effect_selection, resistance_selection, site_selection
from resurge.evidence.csv_files import read_rows
from resurge.evidence.selection import COMMENTARY, is_modelled_person_time, is_modelled_rate
from resurge.project import Project

Rows = dict[str, dict[str, dict[str, str]]]
"""``{table: {row_id: {column: text}}}``."""


@dataclass(frozen=True)
class Reading:
    """Which rows of a table a model reads, by which key, and which of their columns.

    Attributes
    ----------
    table, key : str
        Name of the table and of the column that names its rows.
    selected : callable
        Whether a row is read.
    columns : tuple of str, optional
        Columns that are read; all but commentary where none are named.
    looked_up : bool
        Whether its rows only say more of what another table names: alone they are no evidence.
    """

    table: str
    key: str
    selected: Callable[[Mapping[str, str]], bool]
    columns: tuple[str, ...] | None = None
    looked_up: bool = False

    def of(self, row: Mapping[str, str]) -> dict[str, str]:
        """Give what is read of a row."""
        if self.columns is None:
            return {name: value for name, value in row.items() if name not in COMMENTARY}
        return {name: row[name] for name in self.columns if name in row}


CURVE = (
    Reading("recurrence_rates", "row_id", is_modelled_rate),
    Reading("recurrence_person_time", "row_id", is_modelled_person_time),
    Reading("case_mix", "row_id", bool),
)
READINGS = {
    "recurrence": CURVE,
    "dormancy": CURVE,
    "therapy": (Reading("therapy_effects", "row_id", effect_selection.is_modelled_effect, effect_selection.READ),),
    "metastasis": (Reading("metastasis_sites", "row_id", site_selection.is_modelled_site, site_selection.READ),),
    "resistance": (
        Reading(
            "resistance_effects",
            "row_id",
            resistance_selection.is_modelled_resistance,
            resistance_selection.EFFECT_COLUMNS,
        ),
        Reading("mechanisms", "mechanism_id", bool, resistance_selection.MECHANISM_COLUMNS, looked_up=True),
    ),
    "translation": (
        Reading(
            "replication_pairs", "pair_id", resistance_selection.is_modelled_pair, resistance_selection.PAIR_COLUMNS
        ),
    ),
}
"""By model, the same rows and columns that the fingerprint of a fit hashes."""


def evidence_seen(project: Project, model: str) -> Rows:
    """Give the cells that a fit of today would see, as text, blanks included.

    Parameters
    ----------
    project : Project
        Where the evidence is.
    model : str
        Name of the model.

    Returns
    -------
    dict
        ``{table: {row_id: {column: text}}}``; a table that the project does without has no entry.

    Raises
    ------
    EvidenceError
        If a table cannot be read.
    """
    seen = {}
    for reading in READINGS[model]:
        path = project.data / f"{reading.table}.csv"
        if path.is_file():
            rows = (row for row in read_rows(path) if reading.selected(row))
            seen[reading.table] = {row[reading.key]: reading.of(row) for row in rows}
    return seen


def has_evidence(project: Project, model: str) -> bool:
    """Tell whether a fit of today would see any row.

    Raises
    ------
    EvidenceError
        If a table cannot be read.
    """
    paths = {reading: project.data / f"{reading.table}.csv" for reading in READINGS[model] if not reading.looked_up}
    return any(reading.selected(row) for reading, path in paths.items() if path.is_file() for row in read_rows(path))
