"""`resurge add`: a new row, asked for field by field or given whole."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from resurge.commands.session import here, say

STOPPED = 130
"""Exit code of a command that was stopped by hand."""


def add(
    table: Annotated[
        str, typer.Argument(metavar="TABLE", help="Table to add a row to, recurrence_rates for instance.")
    ],
    given: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="COLUMN=VALUE", help="Value of a column; asks for nothing then."),
    ] = None,
    prints: Annotated[
        str | None,
        typer.Option(help="What the paper prints: interval, p, event_free_percent ...; another word lists all."),
    ] = None,
    number: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="A printed number, for --prints."),
    ] = None,
    source: Annotated[
        list[str] | None, typer.Option(metavar="COLUMN=VALUE", help="Column of a new source, added with the row.")
    ] = None,
    population: Annotated[
        list[str] | None, typer.Option(metavar="COLUMN=VALUE", help="Column of a new patient set, added with the row.")
    ] = None,
    dry_run: Annotated[bool, typer.Option(help="Show the row and change nothing.")] = False,
) -> None:
    """Add a row to a table: asks for each column, computes effects, checks everything, then writes."""
    from resurge.commands.questions import ask_row
    from resurge.evidence.adding import Draft, table_named
    from resurge.evidence.appending import append_rows

    data = here().data
    draft = Draft(data, table_named(data, table))
    scripted = any((given, prints, number, source, population))
    try:
        if scripted:
            draft.give(given or [], prints, number or [], {"sources": source or [], "populations": population or []})
        else:
            ask_row(draft)
    except (typer.Abort, EOFError, KeyboardInterrupt):
        sys.stderr.write("\nStopped; nothing was added.\n")
        raise typer.Exit(STOPPED) from None
    for line in draft.shown():
        say(line)
    if dry_run:
        draft.refuse_faults()
        say("Nothing was written.")
        return
    append_rows(data, draft.rows)
    say(f"Added {draft.name} to {draft.table.file}; `resurge status` says what that makes stale.")
