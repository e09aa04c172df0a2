"""The command about posteriors as such: which may be reported from, and what changed since they were made."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from resurge.commands.session import Json, here, say


def status(
    show_all: Annotated[bool, typer.Option("--all", help="Name every row that changed, not only a few.")] = False,
    as_json: Json = False,
) -> None:
    """Say which posteriors are fresh, stale (and why, value by value), missing, outdated, damaged or failed."""
    from resurge.inference.changes import NAMED_ROWS
    from resurge.inference.freshness import ModelStatus, all_status
    from resurge.reporting.terminal_status import is_cut, status_lines

    def described(found: ModelStatus) -> dict[str, object]:
        return {
            "model": found.model,
            "state": found.state,
            "reasons": found.reasons,
            "changes": [change.as_dict() for change in found.changes],
            "notes": [change.as_dict() for change in found.notes],
        }

    states = all_status(here())
    if as_json:
        say(json.dumps([described(found) for found in states], indent=1))
        return
    for found in states:
        for line in status_lines(found, None if show_all else NAMED_ROWS):
            say(line)
    if not show_all and any(map(is_cut, states)):
        say("`resurge status --all` names every row.")
