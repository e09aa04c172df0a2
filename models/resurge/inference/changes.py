"""What differs between two descriptions of what a fit sees: rows, cells, priors, model source, other posteriors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any, Literal

from resurge.evidence.faults import escaped
from resurge.inference.evidence_seen import Rows

Part = Literal["evidence", "priors", "source", "upstream", "settings", "versions", "clock"]
WORDS = {"priors": "prior", "source": "model source", "upstream": "posterior of another model"}
"""What the parts of a fingerprint beside the evidence hold, in one word."""
NAMED_ROWS = 3
"""Rows that a reason lists by name before it only counts."""


@dataclass(frozen=True)
class Change:
    """One thing that is not as it was.

    Attributes
    ----------
    part : str
        Where: the evidence, the priors, the model's source files, the posteriors of other models that enter (all of
        which make a record stale), or the settings, the versions of packages, and the clock (which do not).
    kind : {"added", "changed", "dropped"}
        What happened.
    name : str
        Key of the row; name of the prior, file, model, setting or package.
    table, column : str, optional
        Of the cell, for evidence; without a column, the row as a whole.
    before, after : str, optional
        Values then and now; None where there is none.
    """

    part: Part
    kind: Literal["added", "changed", "dropped"]
    name: str
    table: str | None = None
    column: str | None = None
    before: str | None = None
    after: str | None = None

    def as_dict(self) -> dict[str, str | None]:
        """Give the change for programs; the name of evidence is that of a row."""
        found = asdict(self)
        if self.part != "evidence":
            return {name: found[name] for name in ("part", "kind", "name", "before", "after")}
        return {name.replace("name", "row"): value for name, value in found.items()}


def mapping_changes(part: Part, before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Change]:
    """List the entries of a mapping that differ, by name."""
    for name in sorted(before.keys() | now.keys()):
        if name not in before:
            yield Change(part, "added", name, after=str(now[name]))
        elif name not in now:
            yield Change(part, "dropped", name, before=str(before[name]))
        elif before[name] != now[name]:
            yield Change(part, "changed", name, before=str(before[name]), after=str(now[name]))


def row_changes(
    before: Mapping[str, Mapping[str, str]], now: Mapping[str, Mapping[str, str]], cells_before: Rows, cells_now: Rows
) -> Iterator[Change]:
    """List rows added, changed and dropped, and the cells that differ in the changed ones.

    Parameters
    ----------
    before, now : mapping
        Hash by table and row.
    cells_before, cells_now : mapping
        Cells by table, row and column.
    """
    for table in sorted(before.keys() | now.keys()):
        rows = list(mapping_changes("evidence", before.get(table, {}), now.get(table, {})))
        for kind in ("added", "dropped"):
            yield from (Change("evidence", kind, row.name, table) for row in rows if row.kind == kind)
        for row in (row.name for row in rows if row.kind == "changed"):
            then, today = (cells.get(table, {}).get(row, {}) for cells in (cells_before, cells_now))
            for column in [name for name in {**today, **then} if then.get(name) != today.get(name)] or [None]:
                values = (then.get(column), today.get(column)) if column else (None, None)
                yield Change("evidence", "changed", row, table, column, *values)


def reasons(changes: Sequence[Change], named: int | None = NAMED_ROWS) -> list[str]:
    """Say what changed, a phrase for each kind of change of a table or part.

    Parameters
    ----------
    changes : sequence of Change
        As a fingerprint's parts come: tables in order, then priors, source, other posteriors.
    named : int, optional
        How many names a phrase lists before it only counts; None for all.
    """
    return [phrase(alike, named) for alike in alike_changes(changes)]


def alike_changes(changes: Sequence[Change]) -> list[list[Change]]:
    """Bring together what happened alike: rows of a table by what happened to them, other things by their part."""

    def alike(change: Change) -> tuple[str, str, str]:
        return change.part, change.table or "", change.kind if change.table else ""

    return [list(group) for _, group in groupby(changes, key=alike)]


def phrase(changes: Sequence[Change], named: int | None = NAMED_ROWS) -> str:
    """Say what a group of like changes is, with the first few names."""
    names = names_of(changes)
    listed, rest = some(names, named)
    said = ", ".join(map(escaped, listed)) + (f" and {rest} more" if rest else "")
    first = changes[0]
    if first.table:
        return f"{first.table}: {len(names)} row{'s' if len(names) > 1 else ''} {first.kind} ({said})"
    return f"{WORDS[first.part]} changed: {said}"


def names_of(changes: Sequence[Change]) -> list[str]:
    """List the rows or other things that changed, each once."""
    return list(dict.fromkeys(change.name for change in changes))


def some(names: Sequence[str], named: int | None) -> tuple[Sequence[str], int]:
    """Give the first few names, and how many more there are."""
    listed = names if named is None else names[:named]
    return listed, len(names) - len(listed)
