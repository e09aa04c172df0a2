"""Commands about recurrence: the risk between years, and the windows of risk."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from resurge.commands.session import (
    LEVEL,
    MAX_YEAR,
    Endpoint,
    Er,
    Json,
    Nodes,
    Population,
    Size,
    here,
    say,
    years_listed,
)


def risk(
    er: Er,
    nodes: Nodes = "any",
    size: Size = "any",
    survived: Annotated[float, typer.Option(min=0, max=34, help="Years already lived without recurrence.")] = 0.0,
    to: Annotated[str, typer.Option(help="Years since diagnosis, separated by commas.")] = "5,10,15,20",
    endpoint: Endpoint = "any_recurrence",
    population: Population = "typical",
    age: Annotated[
        float | None,
        typer.Option(
            min=30, max=75, help="Age at diagnosis: let deaths from other causes compete (default: they do not)."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Risk of recurrence between years, for women free of it so far."""
    from resurge.findings.hazard_draws import Profile
    from resurge.findings.questions import answer_risk

    ends = years_listed(to)
    if not survived < ends[0] or ends[-1] > MAX_YEAR:
        raise typer.BadParameter(f"--to must lie after {survived:g} (--survived) and not after year {MAX_YEAR:g}")
    profile = Profile(er, nodes, size, endpoint, population)
    answer = answer_risk(here(), profile, survived, ends, age=age, level=LEVEL)
    if as_json:
        say(json.dumps(answer, indent=1))
        return
    from resurge.reporting.terminal import risk_lines

    for line in risk_lines(answer):
        say(line)


def windows(
    er: Er,
    nodes: Nodes = "any",
    size: Size = "any",
    endpoint: Endpoint = "any_recurrence",
    population: Population = "typical",
    as_json: Json = False,
) -> None:
    """Risk windows: peak, shortest windows with 50% and 80% of recurrences, late share, crossover of the ER groups."""
    from resurge.findings.hazard_draws import Profile
    from resurge.findings.questions import answer_windows

    answer = answer_windows(here(), Profile(er, nodes, size, endpoint, population), level=LEVEL)
    if as_json:
        say(json.dumps(answer, indent=1))
        return
    from resurge.reporting.terminal import windows_lines

    for line in windows_lines(answer):
        say(line)
