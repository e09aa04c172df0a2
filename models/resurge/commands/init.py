"""`resurge init`: a new, empty project of evidence."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from resurge.commands.session import say


def init(folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new or an empty folder.")]) -> None:
    """Write an empty project: tables with headers, codebook, pages, and what each column means."""
    from resurge.evidence.new_project import create_project

    made = create_project(folder)
    say(f"A new project stands in {made}.")
    say("  data/README.md explains the tables, with worked examples.")
    say("  Next: `resurge add recurrence_rates` in that folder, then `resurge check` and `resurge run`.")
