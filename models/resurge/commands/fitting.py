"""How commands fit models: tell what is done, and fail where the gate does."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from resurge.commands.session import say
from resurge.inference.independent_fits import HERE, Workers, independent
from resurge.inference.records import PosteriorFailedError
from resurge.project import Project

Jobs = Annotated[int | None, typer.Option(min=1, help="Independent fits at once on this machine.")]
Scheduler = Annotated[
    str | None,
    typer.Option(help="Dask scheduler to fit on, such as tcp://10.0.0.1:8786; it must see the project folder."),
]


def workers_of(jobs: int | None, scheduler: str | None) -> Workers:
    """Say where fits are run."""
    if jobs and scheduler:
        raise typer.BadParameter("--jobs is for this machine and --scheduler for a cluster: give one of them")
    return Workers(jobs or 1, scheduler or "")


def fit_models(
    project: Project, models: Sequence[str], given: dict[str, int], workers: Workers, *, force: bool, quick: bool
) -> None:
    """Fit models that are not fresh, one after the other or as many at once as there are workers."""
    if workers == HERE:
        for model in models:
            fit_one(project, model, given, force=force, quick=quick)
    else:
        fit_at_once(project, models, given, workers, force=force, quick=quick)


def fit_one(project: Project, model: str, given: dict[str, int], *, force: bool, quick: bool) -> None:
    """Fit one model unless it is fresh and was drawn as asked; fail if it does not pass its gate."""
    from resurge.evidence import load_evidence
    from resurge.inference.fit_several import is_done
    from resurge.inference.settings import settings_for

    evidence = load_evidence(project.data)
    settings = settings_for(given, model, quick=quick)
    if is_done(project, model, settings) and not force:
        say(f"{model}: fresh, nothing to do")
        return
    say(f"{model}: compiling and sampling ({settings.chains} chains of {settings.tune} + {settings.draws} draws)")
    from resurge.inference.fit import fit as sample_and_store  # the slow packages, only when there is work for them

    diagnostics = sample_and_store(project, evidence, settings, model, progress=sys.stderr.isatty())
    tell_checks(diagnostics)
    refuse_failed(model, diagnostics)


def fit_at_once(
    project: Project, models: Sequence[str], given: dict[str, int], workers: Workers, *, force: bool, quick: bool
) -> None:
    """Fit models that do not need each other at once, and fail in the end if one does not pass its gate."""
    from resurge.inference.fit_several import InTurn, fit_in_turn, groups_of, is_done
    from resurge.inference.settings import settings_for

    settings = {model: settings_for(given, model, quick=quick) for model in models}
    items = {
        ", then ".join(group): InTurn(project, group, settings, force)
        for group in groups_of(models)
        if force or not all(is_done(project, model, settings[model]) for model in group)
    }
    if not items:
        say(f"{', '.join(models)}: fresh, nothing to do")
        return
    say("compiling and sampling:")
    for name, work in items.items():
        drawn = settings[work.models[-1]]
        say(f"  {name} ({drawn.chains} chains of {drawn.tune} + {drawn.draws} draws)")
    found = dict(pair for pairs in independent(fit_in_turn, items, workers, say).values() for pair in pairs)
    for model, diagnostics in found.items():
        say(f"{model}:" if diagnostics else f"{model}: fresh, nothing to do")
        tell_checks(diagnostics or {})
    for model, diagnostics in found.items():
        refuse_failed(model, diagnostics or {})


def tell_checks(diagnostics: Mapping[str, Mapping[str, Any]]) -> None:
    """Print the verdict of each check of the gate."""
    for name, judged in diagnostics.items():
        verdict = "passed" if judged["passed"] else "FAILED"
        say(f"  {verdict}  {name}: {judged['value']:.5g} (limit {judged['limit']:g}, worst: {judged['worst']})")


def refuse_failed(model: str, diagnostics: Mapping[str, Mapping[str, Any]]) -> None:
    """Fail if a model did not pass its gate."""
    failing = [name for name, judged in diagnostics.items() if not judged["passed"]]
    if failing:
        raise PosteriorFailedError(
            f"the posterior of the {model} model failed its gate ({', '.join(failing)}); it is stored and marked, and "
            "nothing will be reported from it: fit again with more --draws and --tune"
        )
