"""What the commands share: the options every command is told first, the project they are about, and how they speak."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal

import typer

from resurge.project import Project, find_project
from resurge.synthesis.strata import ENDPOINTS, NODAL_MEMBERS, TUMOUR_SIZE_MEMBERS

LEVEL = 0.95
"""Probability of every printed interval."""
MAX_YEAR = 35.0
"""Years since diagnosis that the time grid reaches."""


class Session:
    """What every command is told before its own options."""

    folder: Path = Path()
    debug: bool = False


session = Session()
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Endpoint = Annotated[Literal[*ENDPOINTS], typer.Option(help="What counts as recurrence.")]
Population = Annotated[
    Literal["typical", "new"],
    typer.Option(help="The middle of all populations, or one more drawn from among them (wider intervals)."),
]
Nodes = Annotated[Literal[*NODAL_MEMBERS], typer.Option(help="Positive lymph nodes.")]
Size = Annotated[Literal[*TUMOUR_SIZE_MEMBERS], typer.Option(help="Tumour size.")]
Er = Annotated[Literal["negative", "positive"], typer.Option(help="Oestrogen-receptor status.")]


def here() -> Project:
    """Find the project that the command is about."""
    return find_project(session.folder)


def say(text: str = "") -> None:
    """Print a line for people or programs."""
    sys.stdout.write(f"{text}\n")


def say_json(content: object) -> None:
    """Print JSON for programs; what is infinite or no number is null, for which JSON has no other word."""
    say(json.dumps(_finite(content), indent=1, allow_nan=False))


def _finite(content: object) -> object:
    if isinstance(content, dict):
        return {name: _finite(each) for name, each in content.items()}
    if isinstance(content, list | tuple):
        return [_finite(each) for each in content]
    return None if isinstance(content, float) and not math.isfinite(content) else content


def models_asked(project: Project, asked: Sequence[str] | None) -> list[str]:
    """Give the models of a project that are asked for, each after those that it needs; all where none is named."""
    from resurge.inference.freshness import models_of

    known = models_of(project)
    unknown = [model for model in asked or [] if model not in known]
    if unknown:
        raise typer.BadParameter(f"no model named {', '.join(unknown)}; this project has {', '.join(known)}")
    return [model for model in known if not asked or model in asked]


def years_listed(text: str) -> list[float]:
    """Read years separated by commas, rising."""
    try:
        years = [float(part) for part in text.split(",")]
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is not a list of years such as 10,15,20") from error
    if not all(map(math.isfinite, years)) or any(later <= earlier for earlier, later in pairwise(years)):
        raise typer.BadParameter(f"{text!r}: years must be numbers that rise")
    return years
