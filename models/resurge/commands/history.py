"""Commands on what posteriors said before: `resurge history`, `resurge compare`."""

from __future__ import annotations

from typing import Annotated

import typer

from resurge.commands.session import Json, here, models_asked, say, say_json
from resurge.errors import UsageError

Everything = Annotated[bool, typer.Option("--all", help="List all rows and answers, not only those that moved most.")]
NOTHING_YET = "no posterior stands in the history yet: `resurge fit` enters the first"


def history(
    models: Annotated[list[str] | None, typer.Argument(help="Models; all by default.")] = None, as_json: Json = False
) -> None:
    """List the posteriors that stood before: when, how they were made, on how many rows."""
    from resurge.inference.history import history as entries_of
    from resurge.inference.what_moved import named
    from resurge.reporting.terminal_history import history_lines

    project = here()
    listed = [
        {**named(entry), "rows": sum(map(len, entry.content["evidence_rows"].values()))}
        for model in models_asked(project, models)
        for entry in entries_of(project, model)
    ]
    if as_json:
        say_json(listed)
        return
    for line in (
        history_lines(listed) if listed else ["no posterior stands in the history yet: `resurge fit` enters the first"]
    ):
        say(line)


def compare(
    old: Annotated[str | None, typer.Argument(help="Earlier entry, such as recurrence-1.")] = None,
    new: Annotated[str | None, typer.Argument(help="Later entry; the latest of its model by default.")] = None,
    everything: Everything = False,
    as_json: Json = False,
) -> None:
    """Tell what changed between two posteriors: rows in and out, answers before and after, rows behind the moves.

    Without names, the last two of every model.
    """
    from resurge.inference.freshness import models_of
    from resurge.inference.history import entry_of
    from resurge.inference.history import history as entries_of
    from resurge.inference.what_moved import set_side_by_side
    from resurge.reporting.terminal_history import comparison_lines

    project = here()
    if old is None:
        pairs = [past[-2:] for model in models_of(project) if len(past := entries_of(project, model)) > 1]
    else:
        first = entry_of(project, old)
        pairs = [(first, entries_of(project, first.model)[-1] if new is None else entry_of(project, new))]
    if not pairs:
        raise UsageError("no model has been fitted or updated twice yet: there is nothing to compare")
    found = [set_side_by_side(project, *pair) for pair in pairs]
    if as_json:
        say_json(found if old is None else found[0])
        return
    for comparison in found:
        for line in comparison_lines(comparison, everything=everything):
            say(line)
        say()
