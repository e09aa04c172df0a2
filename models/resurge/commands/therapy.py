"""Commands about therapy: the effect of a class over time, and what it changes for a woman."""

from __future__ import annotations

import json
from typing import Annotated, Literal

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
from resurge.synthesis.therapy_priors import SCALED_ENDPOINTS

EffectEndpoint = Annotated[Literal["any_recurrence", *SCALED_ENDPOINTS], typer.Option(help="What the effect is on.")]
EffectClass = Annotated[str, typer.Option("--class", help="Class of therapy, such as extended_endocrine.")]
AskedClass = Annotated[
    str, typer.Option("--class", help="Class of therapy, such as extended_endocrine; without it, list the classes.")
]
Duration = Annotated[
    float | None,
    typer.Option(min=0.05, max=15, help="Years for which treatments differ (default: the middle of the trials)."),
]
MAX_EFFECT_YEAR = 20.0
"""Years since randomisation that effects are followed."""


def effect(
    effect_class: AskedClass = "",
    at: Annotated[
        str,
        typer.Option(
            help="Years since treatments began to differ (randomisation for most classes), separated by commas."
        ),
    ] = "1,2,5,8,12",
    endpoint: EffectEndpoint = "any_recurrence",
    duration: Duration = None,
    as_json: Json = False,
) -> None:
    """Effect of a class of therapy over time: hazard ratios by year, windows, carry-over, years of benefit."""
    if not effect_class:
        list_classes(as_json=as_json)
        return
    from resurge.findings.effect_questions import answer_effect

    years = years_listed(at)
    if years[0] < 0 or years[-1] > MAX_EFFECT_YEAR:
        raise typer.BadParameter(f"--at: years lie between 0 and {MAX_EFFECT_YEAR:g}")
    answer = answer_effect(here(), effect_class, years, endpoint=endpoint, duration=duration, level=LEVEL)
    if as_json:
        say(json.dumps(answer, indent=1))
        return
    from resurge.reporting.terminal_effects import effect_lines

    for line in effect_lines(answer):
        say(line)


def list_classes(*, as_json: bool) -> None:
    """Print the classes whose effect can be asked for, with their evidence."""
    from resurge.findings.effect_classes import effect_classes
    from resurge.reporting.terminal_effects import class_lines

    classes = effect_classes(here())
    if as_json:
        say(json.dumps(classes, indent=1))
        return
    for line in class_lines(classes):
        say(line)


def benefit(
    er: Er,
    effect_class: EffectClass,
    nodes: Nodes = "any",
    size: Size = "any",
    survived: Annotated[float, typer.Option(min=0, max=34, help="Years already lived without recurrence.")] = 0.0,
    to: Annotated[str, typer.Option(help="Years since diagnosis, separated by commas.")] = "10,15,20",
    endpoint: Endpoint = "any_recurrence",
    population: Population = "typical",
    start: Annotated[
        float | None,
        typer.Option(min=0, max=20, help="Year since diagnosis when the therapy begins (default: as in its trials)."),
    ] = None,
    duration: Duration = None,
    as_json: Json = False,
) -> None:
    """Benefit of a therapy: risk of recurrence with and without it, difference, number needed to treat."""
    from resurge.findings.benefit_questions import answer_benefit
    from resurge.findings.hazard_draws import Profile

    ends = years_listed(to)
    if not survived < ends[0] or ends[-1] > MAX_YEAR:
        raise typer.BadParameter(f"--to must lie after {survived:g} (--survived) and not after year {MAX_YEAR:g}")
    profile = Profile(er, nodes, size, endpoint, population)
    answer = answer_benefit(here(), profile, effect_class, survived, ends, start=start, duration=duration, level=LEVEL)
    if as_json:
        say(json.dumps(answer, indent=1))
        return
    from resurge.reporting.terminal_effects import benefit_lines

    for line in benefit_lines(answer):
        say(line)
