"""Histories, comparisons and influence as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from resurge.evidence.faults import escaped, shown
from resurge.inference.influence import ALONE, NOTHING_LEFT, REFUSED
from resurge.reporting.answer_words import interval_words, move_without, move_words

Answer = Mapping[str, Any]
SHOWN = 12
"""Answers and rows that are listed before the rest is only counted."""


def history_lines(entries: Sequence[Answer]) -> Iterator[str]:
    """List the entries of a history: name, when, how, rows."""
    for entry in entries:
        yield f"{entry['name']}: {entry['how']} {entry['made']}, {entry['rows']} rows"


def comparison_lines(found: Answer, *, everything: bool) -> Iterator[str]:
    """Tell what differs between two posteriors, and what that did to the answers."""
    yield f"{found['old']['name']} ({found['old']['made']}) to {found['new']['name']} ({found['new']['made']})"
    limit = None if everything else SHOWN
    yield from (change_words(change) for change in found["changes"][:limit])
    if len(found["changes"]) > len(found["changes"][:limit]):
        yield f"and {len(found['changes']) - SHOWN} more changes (--all lists them)"
    if not found["changes"]:
        yield "the same evidence, priors and model"
    for answer in found["answers"][:limit]:
        before, after = (interval_words(answer["kind"], answer[name]) for name in ("before", "after"))
        yield f"{answer['name']}: {before} -> {after}, {move_words(answer['move'])}{behind(answer['rows'])}"
    left = len(found["answers"]) - len(found["answers"][:limit])
    if left:
        yield f"and {left} answers that moved less (--all lists them)"


def behind(rows: Sequence[Answer]) -> str:
    """Name the rows behind a move, where any is known."""
    told = [f"{escaped(row['row'])} {row['move']:+.2f}{'' if row['certain'] else '?'}" for row in rows]
    return f" [{', '.join(told)}]" if told else ""


def change_words(change: Answer) -> str:
    """Tell one change."""
    if change["part"] != "evidence":
        return f"{change['part']} {change['kind']}: {escaped(change['name'])}"
    row = f"row {change['kind']}: {change['table']}:{escaped(change['row'])}"
    if change["column"] is None:
        return row
    return f"{row}, {change['column']}: {shown(change['before'] or '')} -> {shown(change['after'] or '')}"


def influence_lines(found: Answer, name: str, *, everything: bool) -> Iterator[str]:
    """Tell how an answer changes when each source is left out, the largest change first."""
    answer, limit = found["answers"][name], None if everything else SHOWN
    kind = answer["kind"]
    yield f"{name}: {interval_words(kind, answer)}"
    moves = [
        (move_without(answer, each["answers"][name]), source, each)
        for source, each in found["sources"].items()
        if name in each["answers"]
    ]
    for moved, source, each in sorted(moves, key=lambda one: -abs(one[0]))[:limit]:
        told = interval_words(kind, each["answers"][name])
        yield f"  without {escaped(source)}: {told}, {move_words(moved)} [{each['by']}]"
    refused, alone = (
        [escaped(source) for source, each in found["sources"].items() if each["by"] == way] for way in (REFUSED, ALONE)
    )
    if refused:
        yield f"  weights refused for {', '.join(refused)}: `resurge influence {found['model']} --refit`"
    if alone:
        yield f"  rests on {', '.join(alone)} alone: {NOTHING_LEFT}"


def conflict_lines(found: Answer, extreme: float) -> Iterator[str]:
    """Name the sources whose rows the posterior without them did not expect."""
    told = {name: each["p_conflict"] for name, each in found["sources"].items() if each["p_conflict"] is not None}
    named = sorted((p, name) for name, p in told.items() if p < extreme)
    chance = extreme * len(told)
    if not told:
        yield "sources against the rest: of no source is anything known without it"
        return
    yield f"sources against the rest: {len(named)} of {len(told)} with p below {extreme:g} ({chance:.1f} by chance)"
    yield from (f"  {escaped(name)}: p {p:.4f}" for p, name in named)
