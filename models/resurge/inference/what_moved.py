"""Two posteriors of a model's history side by side: rows in and out, answers before and after, rows behind moves."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from resurge.errors import UsageError
from resurge.inference.changes import Change, mapping_changes, row_changes
from resurge.inference.history import Entry, history
from resurge.project import Project

Answer = dict[str, Any]
SHOWN_ROWS = 3
"""Rows that are named behind the move of an answer."""
CERTAIN_K_HAT = 0.7


def set_side_by_side(project: Project, old: Entry, new: Entry) -> Answer:
    """Compare two entries of one model's history.

    Parameters
    ----------
    project : Project
        Where the history is.
    old, new : Entry
        Entries, the earlier first.

    Returns
    -------
    dict
        ``model``, ``old`` and ``new`` (name, made, how), ``changes`` (of rows by cell, priors, source, settings) and
        ``answers``: name, kind, before, after, ``move`` in standard deviations of the old posterior and the ``rows``
        behind it.

    Raises
    ------
    UsageError
        If the entries are of different models, or not in the order of the history.
    """
    if old.model != new.model:
        raise UsageError(f"{old.name} and {new.name} are of different models")
    if old.number >= new.number:
        raise UsageError(f"{old.name} does not come before {new.name}")
    between = [each for each in history(project, new.model) if old.number < each.number <= new.number]
    return {
        "model": new.model,
        "old": named(old),
        "new": named(new),
        "changes": [each.as_dict() for each in changes_between(old.content, new.content)],
        "answers": list(answers_compared(old, new, [each for entry in between for each in entry.content["shifts"]])),
    }


def named(entry: Entry) -> Answer:
    """Name an entry: what it is called, when it was made, how."""
    return {"name": entry.name, **{key: entry.content[key] for key in ("made", "how")}}


def changes_between(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    """List what differs between what two entries rest on: rows cell by cell, priors, model source, settings."""
    then, now = before["fingerprint"], after["fingerprint"]
    yield from row_changes(then["evidence"], now["evidence"], before["evidence_rows"], after["evidence_rows"])
    for part in ("priors", "source", "upstream"):
        yield from mapping_changes(part, then[part], now[part])
    yield from mapping_changes("settings", before["settings"], after["settings"])


def answers_compared(old: Entry, new: Entry, shifts: Sequence[Mapping[str, Any]]) -> Iterator[Answer]:
    """Give each answer that both entries have, largest move first, with the rows that moved it most."""
    then, now = old.content["answers"], new.content["answers"]
    moves = {name: move(then[name], now[name]) for name in now if name in then}
    for name in sorted(moves, key=lambda each: -abs(moves[each])):
        behind = sorted((each for each in shifts if each["answer"] == name), key=lambda each: -abs(each["sds"]))
        yield {
            "name": name,
            "kind": now[name]["kind"],
            "before": then[name],
            "after": now[name],
            "move": moves[name],
            "rows": [
                {"row": each["row"], "move": each["sds"], "certain": each["k_hat"] < CERTAIN_K_HAT}
                for each in behind[:SHOWN_ROWS]
            ],
        }


def move(before: Mapping[str, float], after: Mapping[str, float]) -> float:
    """Give the distance between two means on the answer's scale, in standard deviations of the first."""
    distance = after["mean_on_scale"] - before["mean_on_scale"]
    if before["sd_on_scale"] == 0:
        return math.copysign(math.inf, distance) if distance else 0.0
    return distance / before["sd_on_scale"]
