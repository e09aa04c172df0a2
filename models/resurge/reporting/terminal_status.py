"""The states of the posteriors as lines of text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from resurge.evidence.faults import escaped
from resurge.inference.changes import NAMED_ROWS, Change, alike_changes, names_of, phrase, some
from resurge.inference.freshness import ModelStatus
from resurge.inference.provenance import note_texts


def status_lines(status: ModelStatus, named: int | None = NAMED_ROWS) -> Iterator[str]:
    """Say the state of a model's posterior, what made it stale with values then and now, and what else to know.

    Parameters
    ----------
    status : ModelStatus
        State of one model.
    named : int, optional
        How many rows of a kind are told one by one; None for all.
    """
    yield f"{status.model}: {status.state}"
    if not status.changes:
        yield from (f"  {escaped(reason)}" for reason in status.reasons)
    for changes in alike_changes(status.changes):
        yield f"  {phrase(changes, named)}"
        yield from _values(changes, named)
    yield from (f"  note: {escaped(text)}" for text in note_texts(status.notes))


def is_cut(status: ModelStatus) -> bool:
    """Tell whether there are changes that only a fuller account names."""
    return any(some(names_of(changes), NAMED_ROWS)[1] for changes in alike_changes(status.changes))


def _values(changes: Sequence[Change], named: int | None) -> Iterator[str]:
    """Tell values then and now, of a few names a line each; hashes of files and posteriors say nothing to people."""
    if changes[0].part not in ("evidence", "priors"):
        return
    valued = [change for change in changes if (change.before, change.after) != (None, None)]
    for name in some(names_of(changes), named)[0]:
        pairs = [_pair(change) for change in valued if change.name == name]
        if pairs:
            yield f"    {escaped(name)}: {'; '.join(pairs)}"


def _pair(change: Change) -> str:
    values = f"{_value(change.before)} -> {_value(change.after)}"
    return f"{escaped(change.column)}: {values}" if change.column else values


def _value(text: str | None) -> str:
    return "(none)" if text is None else escaped(text) or "(blank)"
