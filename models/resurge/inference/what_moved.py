"""Two posteriors of a model's history side by side: rows in and out, answers before and after, rows behind moves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from resurge.errors import UsageError
from resurge.inference.evidence_seen import Rows
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
        ``model``, ``old`` and ``new`` (name, made, how), ``rows`` (added, dropped, changed by column), ``other`` (what
        else differs) and ``answers``: name, kind, before, after, ``move`` in standard deviations of the old posterior
        and the ``rows`` behind it.

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
        "rows": row_changes(old.content["evidence_rows"], new.content["evidence_rows"]),
        "other": other_changes(old.content, new.content),
        "answers": list(answers_compared(old, new, [each for entry in between for each in entry.content["shifts"]])),
    }


def named(entry: Entry) -> Answer:
    """Name an entry: what it is called, when it was made, how."""
    return {"name": entry.name, **{key: entry.content[key] for key in ("made", "how")}}


def row_changes(before: Rows, after: Rows) -> Answer:
    """List rows that came, went, or say something else.

    Returns
    -------
    dict
        ``added`` and ``dropped`` (rows as ``table:row_id``), ``changed`` (``row``, ``column``, ``before``, ``after``).
    """
    old, new = flat(before), flat(after)
    return {
        "added": [row for row in new if row not in old],
        "dropped": [row for row in old if row not in new],
        "changed": [
            {"row": row, "column": column, "before": old[row].get(column, ""), "after": new[row].get(column, "")}
            for row in new
            if row in old
            for column in dict.fromkeys([*old[row], *new[row]])
            if old[row].get(column, "") != new[row].get(column, "")
        ],
    }


def flat(rows: Rows) -> dict[str, dict[str, str]]:
    """Give rows by ``table:row_id``."""
    return {f"{table}:{row}": cells for table, own in rows.items() for row, cells in own.items()}


def other_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Name what differs beside rows: priors, source files, other models' posteriors, settings."""
    found = []
    for part, word in (("priors", "prior"), ("source", "model source"), ("upstream", "posterior of another model")):
        then, now = before["fingerprint"][part], after["fingerprint"][part]
        found += [f"{word}: {name}" for name in sorted(then.keys() | now.keys()) if then.get(name) != now.get(name)]
    then, now = before["settings"], after["settings"]
    return found + [f"setting: {name}" for name in sorted(then.keys() | now.keys()) if then.get(name) != now.get(name)]


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
    return float(np.inf * np.sign(distance)) if before["sd_on_scale"] == 0 else distance / before["sd_on_scale"]
