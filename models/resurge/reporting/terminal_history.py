"""Histories, comparisons and influence as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from resurge.evidence.faults import shown
from resurge.reporting import words

Answer = Mapping[str, Any]
SHOWN = 12
"""Answers and rows that are listed before the rest is only counted."""


def value_words(kind: str, value: float) -> str:
    """Tell one value of an answer in the unit of its kind."""
    if kind == "share":
        return words.percent(value, 1)
    if kind == "rate":
        return f"{words.percent(value, 2)} a year"
    if kind == "years":
        return f"year {value:.1f}"
    return f"{value:.2f}"


def interval_words(kind: str, answer: Answer) -> str:
    """Tell median and interval of an answer."""
    median, lower, upper = (value_words(kind, answer[name]) for name in ("median", "lower", "upper"))
    return f"{median} ({lower} to {upper})"


def history_lines(entries: Sequence[Answer]) -> Iterator[str]:
    """List the entries of a history: name, when, how, rows."""
    for entry in entries:
        yield f"{entry['name']}: {entry['how']} {entry['made']}, {entry['rows']} rows"


def comparison_lines(found: Answer, *, everything: bool) -> Iterator[str]:
    """Tell what differs between two posteriors, and what that did to the answers."""
    yield f"{found['old']['name']} ({found['old']['made']}) to {found['new']['name']} ({found['new']['made']})"
    rows, limit = found["rows"], None if everything else SHOWN
    for word in ("added", "dropped"):
        if rows[word]:
            yield f"rows {word}: {some(rows[word], limit)}"
    yield from (
        f"row changed: {each['row']}, {each['column']}: {shown(each['before'])} -> {shown(each['after'])}"
        for each in rows["changed"][:limit]
    )
    if not any(rows.values()):
        yield "the same rows"
    yield from (f"changed: {each}" for each in found["other"])
    for answer in found["answers"][:limit]:
        before, after = (interval_words(answer["kind"], answer[name]) for name in ("before", "after"))
        yield f"{answer['name']}: {before} -> {after}, {answer['move']:+.2f} sd{behind(answer['rows'])}"
    left = len(found["answers"]) - len(found["answers"][:limit])
    if left:
        yield f"and {left} answers that moved less (--all lists them)"


def behind(rows: Sequence[Answer]) -> str:
    """Name the rows behind a move, where any is known."""
    told = [f"{row['row']} {row['move']:+.2f}{'' if row['certain'] else '?'}" for row in rows]
    return f" [{', '.join(told)}]" if told else ""


def some(names: Sequence[str], limit: int | None) -> str:
    """List names, up to a number of them."""
    left = len(names) - len(names[:limit])
    return ", ".join(names[:limit]) + (f" and {left} more" if left else "")


def influence_lines(found: Answer, name: str, *, everything: bool) -> Iterator[str]:
    """Tell how an answer changes when each source is left out, the largest change first."""
    answer, limit = found["answers"][name], None if everything else SHOWN
    kind = answer["kind"]
    yield f"{name}: {interval_words(kind, answer)}"
    moves = [
        ((each["answers"][name]["mean_on_scale"] - answer["mean_on_scale"]) / answer["sd_on_scale"], source, each)
        for source, each in found["sources"].items()
        if name in each["answers"]
    ]
    for moved, source, each in sorted(moves, key=lambda one: -abs(one[0]))[:limit]:
        yield f"  without {source}: {interval_words(kind, each['answers'][name])}, {moved:+.2f} sd [{each['by']}]"
    refused = [source for source, each in found["sources"].items() if each["by"] == "refused"]
    if refused:
        yield f"  weights refused for {', '.join(refused)}: `resurge influence {found['model']} --refit`"
