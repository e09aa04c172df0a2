"""The command about resistant metastatic disease: which treatment next."""

from __future__ import annotations

import json
from typing import Annotated, Literal

import typer

from resurge.commands.session import LEVEL, Json, here, say


def network(
    name: Annotated[str, typer.Argument(help="her2_resistant, hr_resistant, cdk46_resistant, first_line, brca.")],
    endpoint: Annotated[Literal["pfs", "os"], typer.Option(help="Progression-free or overall survival.")] = "pfs",
    effects: Annotated[
        Literal["random", "fixed"], typer.Option(help="Trials may differ (random), or share one effect (fixed).")
    ] = "random",
    component: Annotated[int, typer.Option(min=1, help="Connected part of the network; 1 is the largest.")] = 1,
    as_json: Json = False,
) -> None:
    """Compare the treatments of resistant metastatic disease, directly or by way of others."""
    from resurge.findings.network import answer_network
    from resurge.findings.network_rows import Question

    answer = answer_network(here(), Question(name, endpoint, effects, component), level=LEVEL)
    if as_json:
        say(json.dumps(answer, indent=1))
        return
    from resurge.reporting.network_terminal import network_lines

    for line in network_lines(answer):
        say(line)
