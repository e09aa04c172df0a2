"""Commands about resistance: one mechanism, their ranking, and what a repetition of a preclinical experiment shows."""

from __future__ import annotations

import json
from typing import Annotated, Literal

import typer

from resurge.commands.session import LEVEL, Json, here, say
from resurge.synthesis.resistance_priors import FACETS
from resurge.synthesis.translation_priors import KINDS


def mechanism(
    name: Annotated[str | None, typer.Argument(help="Key such as M_NRF2, or its drugs.")] = None,
    rank: Annotated[bool, typer.Option("--rank", help="Rank all mechanisms with evidence in a facet.")] = False,
    facet: Annotated[Literal[*FACETS], typer.Option(help="Kind of evidence that is ranked.")] = "intervention",
    as_json: Json = False,
) -> None:
    """Tell the evidence for a mechanism of resistance by facet, how much is its own, what the next study would show."""
    if rank == (name is not None):
        raise typer.BadParameter("name one mechanism, such as M_NRF2, or ask for --rank")
    from resurge.findings.resistance_questions import answer_mechanism, answer_ranking

    if name is None:
        answer = answer_ranking(here(), facet, level=LEVEL)
    else:
        answer = answer_mechanism(here(), name, level=LEVEL)
    if as_json:
        say(json.dumps(answer, indent=1))
        return
    from resurge.reporting.resistance_terminal import mechanism_lines, ranking_lines

    for line in ranking_lines(answer) if name is None else mechanism_lines(answer):
        say(line)


def replication(
    kind: Annotated[Literal[*KINDS], typer.Argument(help="Animals or cells.")],
    original: Annotated[float, typer.Option(help="Published effect, in standard deviations.")],
    n: Annotated[float, typer.Option("-n", help="Animals or samples behind it, both groups together.")],
    as_json: Json = False,
) -> None:
    """Tell what others would see who repeat a published preclinical experiment."""
    from resurge.findings.translation_questions import answer_replication

    answer = answer_replication(here(), kind, original, n, level=LEVEL)
    if as_json:
        say(json.dumps(answer, indent=1))
        return
    from resurge.reporting.resistance_terminal import replication_lines

    for line in replication_lines(answer):
        say(line)
