"""Command on what answers owe to single sources: `resurge influence`, and what a report needs of it."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from resurge.commands.fitting import Jobs, Scheduler, workers_of
from resurge.commands.session import Json, here, models_asked, say, say_json
from resurge.inference.independent_fits import Workers
from resurge.project import Project

Everything = Annotated[bool, typer.Option("--all", help="List every source, not only those that move an answer most.")]


def influence(
    model: Annotated[str, typer.Argument(help="Model.")] = "recurrence",
    answer: Annotated[str | None, typer.Option(help="Part of the name of the answers to list.")] = None,
    refit: Annotated[bool, typer.Option(help="Fit anew without each source for which weights are refused.")] = False,
    jobs: Jobs = None,
    scheduler: Scheduler = None,
    everything: Everything = False,
    as_json: Json = False,
) -> None:
    """Tell how each headline answer changes when a source is left out, and which sources conflict with the rest."""
    from resurge.reporting.answer_words import EXTREME
    from resurge.reporting.terminal_history import conflict_lines, influence_lines

    project = here()
    models_asked(project, [model])
    workers = workers_of(jobs, scheduler)
    found = influence_of(project, model, quiet=as_json)
    names = [name for name in found["answers"] if answer is None or answer.lower() in name.lower()]
    if not names:
        raise typer.BadParameter(f"no answer of the {model} model has {answer!r} in its name", param_hint="--answer")
    if refit:
        found = with_fits(project, model, found, workers, quiet=as_json)
    if as_json:
        say_json(only(found, names))
        return
    for name in names:
        for line in influence_lines(found, name, everything=everything):
            say(line)
    for line in conflict_lines(found, EXTREME):
        say(line)


def influence_of(project: Project, model: str, *, quiet: bool) -> dict[str, Any]:
    """Read the influence of the sources of a model, or work it out where it is not that of the stored draws."""
    from resurge.evidence import load_evidence
    from resurge.inference.influence import leave_out_each, read_influence
    from resurge.inference.records import sound_draws_path

    sound_draws_path(project, model)
    found = read_influence(project, model)
    return found or leave_out_each(project, load_evidence(project.data), model, (lambda _: None) if quiet else say)


def with_fits(project: Project, model: str, found: dict[str, Any], workers: Workers, *, quiet: bool) -> dict[str, Any]:
    """Fit anew without each source for which weights were refused."""
    from resurge.evidence import load_evidence
    from resurge.inference.exact_influence import fit_without_refused  # the slow packages

    tell = (lambda _: None) if quiet else say
    return fit_without_refused(project, load_evidence(project.data), model, found, workers, tell)


def only(found: dict[str, Any], names: list[str]) -> dict[str, Any]:
    """Keep some answers of an influence."""

    def some(answers: dict[str, Any]) -> dict[str, Any]:
        return {name: answers[name] for name in names if name in answers}

    sources = {source: {**each, "answers": some(each["answers"])} for source, each in found["sources"].items()}
    return {**found, "answers": some(found["answers"]), "sources": sources}


def work_out_influence(project: Project) -> None:
    """Leave out each source of every model whose stored influence is not that of its stored draws, by weights."""
    from resurge.evidence import load_evidence
    from resurge.inference.freshness import models_of
    from resurge.inference.influence import leave_out_each, read_influence
    from resurge.inference.twins import CannotReweightError

    models = [model for model in models_of(project) if read_influence(project, model) is None]
    evidence = load_evidence(project.data) if models else None
    for model in models:
        say(f"  leaving out each source of the {model} model")
        try:
            leave_out_each(project, evidence, model)
        except CannotReweightError as error:  # the report says so too
            say(f"  {error}")
