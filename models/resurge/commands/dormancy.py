"""Commands about dormancy: how much of recurrence comes out of it, and which curve predicts better."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from resurge.commands.fitting import Jobs, Scheduler, workers_of
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


def dormancy(
    er: Er,
    nodes: Nodes = "any",
    size: Size = "any",
    at: Annotated[str, typer.Option(help="Years since diagnosis, separated by commas.")] = "1,2,5,8,10,15,20",
    endpoint: Endpoint = "any_recurrence",
    population: Population = "typical",
    as_json: Json = False,
) -> None:
    """Dormancy: the fraction of women with sleeping metastases, their half-life, their share of recurrences by year."""
    from resurge.findings.dormancy_questions import answer_dormancy
    from resurge.findings.hazard_draws import Profile

    years = years_listed(at)
    if years[0] < 0 or years[-1] > MAX_YEAR:
        raise typer.BadParameter(f"--at: years since diagnosis lie between 0 and {MAX_YEAR:g}")
    answer = answer_dormancy(here(), Profile(er, nodes, size, endpoint, population), years, level=LEVEL)
    if as_json:
        say(json.dumps(answer, indent=1))
        return
    from resurge.reporting.terminal_dormancy import dormancy_lines

    for line in dormancy_lines(answer):
        say(line)


def compare_curves(
    folds: Annotated[int, typer.Option(min=2, max=25, help="Parts that the populations are shared out over.")] = 5,
    draws: Annotated[int | None, typer.Option(min=10, help="Draws of each chain.")] = None,
    tune: Annotated[int | None, typer.Option(min=50, help="Warm-up draws of each chain.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, max=2**32 - 1, help="Seed of all randomness.")] = None,
    jobs: Jobs = None,
    scheduler: Scheduler = None,
) -> None:
    """Score both models of the curve on populations left out; takes minutes, and is kept for the report."""
    from dataclasses import replace

    from resurge.evidence import load_evidence
    from resurge.inference.compare_curves import SETTINGS
    from resurge.inference.compare_curves import compare_curves as compare
    from resurge.reporting.terminal_dormancy import comparison_lines

    project, workers = here(), workers_of(jobs, scheduler)
    given = {name: value for name, value in {"draws": draws, "tune": tune, "seed": seed}.items() if value is not None}
    settings = replace(SETTINGS, **given)
    evidence = load_evidence(project.data)
    found = compare(project, evidence, n_folds=folds, settings=settings, workers=workers, tell=say)
    for line in comparison_lines(found):
        say(line)
