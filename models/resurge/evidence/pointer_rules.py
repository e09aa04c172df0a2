"""Whether the row or source that a reason of exclusion names exists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from resurge.evidence.cells import Row
from resurge.evidence.faults import Fault, shown

ROW_LETTERS = "retmx"
"""First letters of row keys: recurrence rates, therapy effects, timing, sites and resistance."""

KEYED = {
    "r": "recurrence_rates",
    "e": "therapy_effects",
    "x": "resistance_effects",
    "m": "metastasis_sites",
    "t": "recurrence_timing",
}
"""Tables of this project whose rows are named; rows of the others are taken on trust."""


WHOLE_TABLES = ("replication_pairs",)
"""Tables that reasons may name as a whole."""


def pointer_faults(row: Row, keys: Mapping[str, set[str]], sources: set[str] | None) -> Iterator[Fault]:
    """Judge where ``overlaps:`` and ``superseded:`` point to.

    Parameters
    ----------
    row : Row
        A row of recurrence_rates or therapy_effects.
    keys : mapping
        Keys of the rows by their first letter, of the tables in `KEYED` that could be read.
    sources : set of str or None
        Known sources; None where their table could not be read.
    """
    kind, _, target = row.texts["exclude_reason"].partition(":")
    if kind not in ("overlaps", "superseded") or not target:
        return
    if target == row.texts["row_id"]:
        yield row.fault("exclude_reason", "the row points to itself; name the row that counts these women")
    elif len(target) == 5 and target[0] in ROW_LETTERS and target[1:].isdigit():
        known = keys.get(target[0])
        if known is not None and target not in known:
            yield row.fault("exclude_reason", f"there is no row {target}")
    elif sources is not None and target not in sources and target not in WHOLE_TABLES:
        yield row.fault("exclude_reason", f"there is no row and no source {shown(target)}")


def keys_of(rows: Mapping[str, list[Row]]) -> dict[str, set[str]]:
    """Give the keys of the rows that reasons may point to, by their first letter."""
    return {letter: {row.texts["row_id"] for row in rows[name]} for letter, name in KEYED.items() if name in rows}
