"""Commands that try a model out beside its record: `resurge validate calibration`, `priors` and `deletion`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Annotated, Any

import typer

from resurge.commands.fitting import Jobs, Scheduler, workers_of
from resurge.commands.session import Json, here, models_asked, say, say_json
from resurge.inference.settings import Settings
from resurge.project import Project

validate = typer.Typer(help="Try a model out: simulated truths, other priors, fewer sources. Records stay as they are.")
Model = Annotated[str, typer.Argument(help="Model.")]
Draws = Annotated[int | None, typer.Option(min=10, help="Draws of each chain.")]
Tune = Annotated[int | None, typer.Option(min=50, help="Warm-up draws of each chain.")]
Seed = Annotated[int | None, typer.Option(min=0, max=2**32 - 1, help="Seed of all randomness.")]


@validate.command()
def calibration(
    model: Model,
    sets: Annotated[int, typer.Option(min=2, help="Simulated sets; 50 tell what is far off, 200 what is not right.")],
    draws: Draws = None,
    tune: Tune = None,
    seed: Seed = None,
    jobs: Jobs = None,
    scheduler: Scheduler = None,
    as_json: Json = False,
) -> None:
    """Count how often intervals hold the truth behind evidence simulated on the layout of the real one."""
    from resurge.evidence import load_evidence
    from resurge.inference.calibration import SETTINGS, calibrated
    from resurge.inference.freshness import fingerprint
    from resurge.reporting.terminal_validation import coverage_lines

    project, workers = of_model(model), workers_of(jobs, scheduler)
    settings, tell = settings_of(SETTINGS, draws, tune, seed), teller(as_json)
    seen, evidence = fingerprint(project, model), load_evidence(project.data)
    found = calibrated(project, evidence, model, sets, settings=settings, workers=workers, tell=tell)
    keep(project, model, "calibration", seen, settings, found, coverage_lines, as_json=as_json)


@validate.command()
def priors(
    model: Model,
    only: Annotated[list[str] | None, typer.Option(help="Name of a prior; all by default.")] = None,
    draws: Draws = None,
    tune: Tune = None,
    seed: Seed = None,
    jobs: Jobs = None,
    scheduler: Scheduler = None,
    as_json: Json = False,
) -> None:
    """Fit with each prior half and twice as wide, and tell how far the headline answers move."""
    set_against_stated(model, "priors", only, (draws, tune, seed), (jobs, scheduler), as_json=as_json)


@validate.command()
def deletion(
    model: Model,
    only: Annotated[list[str] | None, typer.Option(help="Source to leave out; each in turn by default.")] = None,
    draws: Draws = None,
    tune: Tune = None,
    seed: Seed = None,
    jobs: Jobs = None,
    scheduler: Scheduler = None,
    as_json: Json = False,
) -> None:
    """Fit without each source in turn, and tell how far the headline answers move."""
    set_against_stated(model, "deletion", only, (draws, tune, seed), (jobs, scheduler), as_json=as_json)


def set_against_stated(
    model: str,
    kind: str,
    only: list[str] | None,
    given: tuple[int | None, int | None, int | None],
    where: tuple[int | None, str | None],
    *,
    as_json: bool,
) -> None:
    """Fit variants of a model, set them against the fit as stated, keep and print what is found."""
    from resurge.evidence import load_evidence
    from resurge.inference.freshness import fingerprint
    from resurge.inference.refits import SETTINGS, compared_refits
    from resurge.reporting.terminal_validation import move_lines

    project, workers = of_model(model), workers_of(*where)
    settings, tell = settings_of(SETTINGS, *given), teller(as_json)
    seen, evidence = fingerprint(project, model), load_evidence(project.data)
    found = compared_refits(
        project, evidence, model, kind, only=only or (), settings=settings, workers=workers, tell=tell
    )
    keep(project, model, kind, seen, settings, found, move_lines, as_json=as_json)


def of_model(model: str) -> Project:
    """Find the project, which must have the model."""
    project = here()
    models_asked(project, [model])
    return project


def settings_of(usual: Settings, draws: int | None, tune: int | None, seed: int | None) -> Settings:
    """Give the usual settings of a validation with some of them replaced."""
    given = {"draws": draws, "tune": tune, "seed": seed}
    return replace(usual, **{name: value for name, value in given.items() if value is not None})


def teller(as_json: bool) -> Callable[[str], None]:
    """Give what tells people of progress; programs are told of the result alone."""
    return (lambda _: None) if as_json else say


def keep(
    project: Project,
    model: str,
    kind: str,
    seen: dict[str, Any],
    settings: Settings,
    found: dict[str, Any],
    lines: Callable[[Mapping[str, Any]], Iterator[str]],
    *,
    as_json: bool,
) -> None:
    """Store a validation and print it."""
    from resurge.inference.validation import store_validation

    content = store_validation(project, model, kind, seen, settings, found)
    if as_json:
        say_json(content)
        return
    for line in lines(content):
        say(line)
