"""Command on what answers owe to single sources: `resurge influence`."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from resurge.commands.session import Json, here, say

EXTREME = 0.05
"""Predictive p value below which a source is named."""
Everything = Annotated[bool, typer.Option("--all", help="List every answer and every source.")]


def influence(
    model: Annotated[str, typer.Argument(help="Model.")] = "recurrence",
    answer: Annotated[str | None, typer.Option(help="Part of the name of the answers to list.")] = None,
    refit: Annotated[bool, typer.Option(help="Fit anew without each source for which weights are refused.")] = False,
    everything: Everything = False,
    as_json: Json = False,
) -> None:
    """Tell how each headline answer changes when a source is left out, and which sources conflict with the rest."""
    from resurge.evidence import load_evidence
    from resurge.inference.freshness import models_of
    from resurge.inference.influence import leave_out_each, read_influence
    from resurge.reporting.terminal_history import conflict_lines, influence_lines

    project = here()
    known = models_of(project)
    if model not in known:
        raise typer.BadParameter(f"no model named {model}; this project has {', '.join(known)}")
    found = read_influence(project, model)
    if found is None:
        found = leave_out_each(project, load_evidence(project.data), model, tell=say)
    if refit:
        from resurge.inference.exact_influence import fit_without_refused  # the slow packages

        found = fit_without_refused(project, load_evidence(project.data), model, found, tell=say)
    if as_json:
        say(json.dumps(found, indent=1))
        return
    names = [name for name in found["answers"] if answer is None or answer.lower() in name.lower()]
    if not names:
        raise typer.BadParameter(f"no answer of the {model} model has {answer!r} in its name", param_hint="--answer")
    for name in names:
        for line in influence_lines(found, name, everything=everything):
            say(line)
    for line in conflict_lines(found, EXTREME):
        say(line)
