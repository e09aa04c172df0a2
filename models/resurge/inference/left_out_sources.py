"""Evidence without one source: which rows a source has, and what is left without them.

A source is left out with all its rows, of whatever kind; what its rows shared with others stays as the others leave it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from resurge.evidence.tables import Evidence
from resurge.inference.evidence_seen import READINGS

SOURCE_COLUMNS = {"replication_pairs": "paper"}
"""Columns that name what is left out at a time, where that is not the source: one report repeats many papers."""
BESIDE = {"case_mix", "mechanisms"}
"""Tables whose rows say nothing of an answer on their own."""


@dataclass(frozen=True)
class Reduced:
    """Evidence without one source, and which of its rows are gone.

    Attributes
    ----------
    source : str
        What is left out.
    evidence : Evidence
        All but its rows.
    rows : tuple of str
        Its rows that the model read, as ``table:row_id``.
    """

    source: str
    evidence: Evidence
    rows: tuple[str, ...]


def without_each_source(evidence: Evidence, model: str, now: Mapping[str, Any]) -> Iterator[Reduced]:
    """Leave out each source of the rows that a fit saw, one at a time.

    Parameters
    ----------
    evidence : Evidence
        Checked tables.
    model : str
        Name of the model.
    now : mapping
        Fingerprint of what the fit saw.
    """
    keys = {reading.table: reading.key for reading in READINGS[model]}
    for source, tables in sorted(_rows_by_source(evidence, model, now).items()):
        fewer = {}
        for table, rows in tables.items():
            frame = getattr(evidence, table)
            fewer[table] = frame[~frame[keys[table]].isin(rows)].reset_index(drop=True)
        rows = tuple(f"{table}:{row}" for table, own in tables.items() for row in own)
        yield Reduced(source, replace(evidence, **fewer), rows)


def fingerprint_without(now: Mapping[str, Any], rows: Sequence[str]) -> dict[str, Any]:
    """Give a fingerprint without some rows."""
    gone = set(rows)
    tables = {
        table: {row: told for row, told in seen.items() if f"{table}:{row}" not in gone}
        for table, seen in now["evidence"].items()
    }
    return {**now, "evidence": tables}


def says_anything(now: Mapping[str, Any]) -> bool:
    """Tell whether what a fit sees says anything of an answer."""
    return any(rows for table, rows in now["evidence"].items() if table not in BESIDE)


def _rows_by_source(evidence: Evidence, model: str, now: Mapping[str, Any]) -> dict[str, dict[str, list[str]]]:
    """Give the rows that a fit saw, by source and table."""
    found: dict[str, dict[str, list[str]]] = {}
    for reading in READINGS[model]:
        frame, seen = getattr(evidence, reading.table), now["evidence"].get(reading.table, {})
        column = SOURCE_COLUMNS.get(reading.table, "source_id")
        if frame is not None and column in frame:
            own = frame[frame[reading.key].isin(list(seen))]
            for row, source in zip(own[reading.key], own[column], strict=True):
                found.setdefault(source, {}).setdefault(reading.table, []).append(row)
    return found
