"""The `resurge` command: thin commands over the rooms of the package, which they open only when needed.

Exit codes: 0 done; 1 the evidence is faulty; 2 wrong usage; 3 a fit failed its gate; 4 a needed posterior is missing,
stale or damaged; 5 the report could not be rendered; 6 another process is writing the same thing: try again later; 7 a
file cannot be written (disk full, folder not writable), and what was there before is kept; 8 a fit in another process
or on a cluster could not be done; 70 a fault of the program itself.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal, NoReturn

import typer

import resurge
from resurge.commands.add import add
from resurge.commands.claims import claims
from resurge.commands.dormancy import compare_curves, dormancy
from resurge.commands.fitting import Jobs, Scheduler, fit_models, workers_of
from resurge.commands.history import compare, history
from resurge.commands.import_ import import_contrasts
from resurge.commands.influence import influence, work_out_influence
from resurge.commands.init import init
from resurge.commands.network import network
from resurge.commands.resistance import mechanism, replication
from resurge.commands.risk import risk, windows
from resurge.commands.session import here, models_asked, say, session
from resurge.commands.sites import sites
from resurge.commands.status import status
from resurge.commands.therapy import benefit, effect
from resurge.commands.update import update
from resurge.commands.validate import validate
from resurge.errors import ResurgeError, UsageError
from resurge.evidence.faults import EvidenceError
from resurge.inference.records import sound_draws_path
from resurge.project import Project

WRONG_USAGE, OWN_FAULT = 2, 70
app = typer.Typer(
    name="resurge",
    help="Bayesian evidence synthesis of breast-cancer recurrence: from evidence tables to reports on risk windows.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


def show_version(asked: bool) -> None:
    """Print the version and leave, if asked to."""
    if asked:
        say(f"resurge {resurge.__version__}")
        raise typer.Exit


@app.callback()
def options(
    project: Annotated[Path, typer.Option(help="Project folder, or one inside it.")] = Path(),
    debug: Annotated[bool, typer.Option(help="Show the traceback of an error.")] = False,
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=show_version, help="Print the version and leave.")
    ] = False,
) -> None:
    """Take the options that all commands share."""
    session.folder, session.debug = project, debug


@app.command()
def check() -> None:
    """Validate the evidence; list every fault as table:row:column: value: what is wrong."""
    from resurge.evidence.new_project import is_empty

    project = here()
    refuse_faulty(project)
    empty = ", and empty: add a first row with `resurge add recurrence_rates`" if is_empty(project.data) else ""
    say(f"The evidence in {project.data} is sound{empty}.")


def refuse_faulty(project: Project) -> None:
    """Raise all faults of a project's evidence, if it has any."""
    from resurge.evidence import check_evidence

    faults = check_evidence(project.data)
    if faults:
        raise EvidenceError(faults)


@app.command()
def fit(
    models: Annotated[list[str] | None, typer.Argument(help="Models to fit; all by default.")] = None,
    force: Annotated[bool, typer.Option(help="Fit even what is fresh.")] = False,
    seed: Annotated[int | None, typer.Option(min=0, max=2**32 - 1, help="Seed of all randomness.")] = None,
    draws: Annotated[int | None, typer.Option(min=10, help="Draws of each chain.")] = None,
    tune: Annotated[int | None, typer.Option(min=50, help="Warm-up draws of each chain.")] = None,
    chains: Annotated[int | None, typer.Option(min=2, help="Independent chains.")] = None,
    quick: Annotated[bool, typer.Option(help="Few draws, to try things out.")] = False,
    jobs: Jobs = None,
    scheduler: Scheduler = None,
) -> None:
    """Fit what is stale: sample, judge at the gate, store."""
    from resurge.evidence.new_project import refuse_nothing

    project = here()
    refuse_nothing(project.data)
    chosen = models_asked(project, models)
    given = {"seed": seed, "draws": draws, "tune": tune, "chains": chains}
    asked = {name: value for name, value in given.items() if value is not None}
    fit_models(project, chosen, asked, workers_of(jobs, scheduler), force=force, quick=quick)


@app.command()
def report(
    renderer: Annotated[
        Literal["auto", "quarto", "pandoc"], typer.Option(help="Quarto if installed, else built in; or one by name.")
    ] = "auto",
    to: Annotated[Literal["html", "pdf"], typer.Option(help="Format; PDF needs Quarto.")] = "html",
) -> None:
    """Render the report from stored posteriors."""
    say(f"Report: {render(here(), renderer, to)}")


def render(project: Project, renderer: str, to: str) -> Path:
    """Render the pages of a project whose posterior may be reported from, telling which page is under way."""
    from resurge.inference.freshness import models_of
    from resurge.reporting.empty_pages import empty_pages
    from resurge.reporting.render import render_reports

    refuse_faulty(project)
    for model in models_of(project):
        sound_draws_path(project, model)
    if not (project.reports / "_quarto.yml").is_file():
        raise UsageError(f"{project.reports}: no Quarto project (_quarto.yml) to render")
    work_out_influence(project)
    return render_reports(
        project.reports, renderer=renderer, to=to, progress=lambda text: say(f"  {text}"), empty=empty_pages(project)
    )


@app.command()
def run(
    quick: Annotated[bool, typer.Option(help="Few draws, to try things out.")] = False,
    renderer: Annotated[
        Literal["auto", "quarto", "pandoc"], typer.Option(help="Quarto if installed, else built in; or one by name.")
    ] = "auto",
    jobs: Jobs = None,
    scheduler: Scheduler = None,
) -> None:
    """Check the evidence, fit what is stale, render the report, print the headline answers."""
    project = here()
    check()
    fit(models=None, force=False, quick=quick, jobs=jobs, scheduler=scheduler)
    say("Rendering the report")
    page = render(project, renderer, "html")
    from resurge.reporting.headline import headline

    say()
    for line in headline(project):
        say(line)
    say()
    say(f"Report: {page}")


for question in (
    init,
    add,
    status,
    update,
    history,
    compare,
    influence,
    risk,
    windows,
    effect,
    benefit,
    claims,
    network,
    sites,
    mechanism,
    replication,
    dormancy,
    compare_curves,
):
    app.command()(question)
app.command("import")(import_contrasts)
app.add_typer(validate, name="validate")


def main() -> None:
    """Run the command line; turn our errors, and those of the file system, into one sentence and an exit code."""
    try:
        app()
    except ResurgeError as error:
        if session.debug:
            raise
        leave(str(error), error.exit_code)
    except OSError as error:
        if session.debug:
            raise
        leave(f"{error.filename or 'file system'}: {error.strerror or error}", WRONG_USAGE)
    except Exception as error:  # the outermost door: a fault of ours is one sentence too, with its own exit code
        if session.debug:
            raise
        leave(
            f"a fault of resurge itself ({type(error).__name__}: {error}); run it again with `resurge --debug ...` and "
            "please report what it prints",
            OWN_FAULT,
        )


def leave(message: str, code: int) -> NoReturn:
    """Print why a command cannot go on and leave with its exit code."""
    sys.stderr.write(f"{message}\n")
    raise SystemExit(code)
