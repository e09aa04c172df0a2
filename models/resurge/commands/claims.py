"""Command about the statements of the documents."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from resurge.commands.session import LEVEL, Json, here, say


def claims(
    document: Annotated[
        str, typer.Option(help="Only of this document: its source (dai2024) or its number (002).")
    ] = "",
    as_json: Json = False,
) -> None:
    """Hold what documents say against what the evidence says: a verdict on each claim, or why there is none."""
    from resurge.findings.claims import answer_claims

    answer = answer_claims(here(), document=document, level=LEVEL)
    if as_json:
        say(json.dumps(answer, indent=1))
        return
    from resurge.reporting.claim_terminal import claim_lines

    for line in claim_lines(answer):
        say(line)
