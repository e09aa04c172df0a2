"""The command that takes in changed evidence: by weights where that is sound, by a fit where it is not."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from typing import Annotated

import typer

from resurge.commands.fitting import fit_one
from resurge.commands.session import Json, here, models_asked, say, say_json


def update(
    models: Annotated[list[str] | None, typer.Argument(help="Models to update; all by default.")] = None,
    plan: Annotated[bool, typer.Option(help="Only say what would be done; store nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Bring posteriors up to today's evidence: reweight what is sound to reweight, fit the rest, and say why."""
    from resurge.evidence import load_evidence
    from resurge.evidence.new_project import refuse_nothing
    from resurge.inference.update import Outcome, tried, update

    project = here()
    refuse_nothing(project.data)
    chosen = models_asked(project, models)
    evidence = load_evidence(project.data)
    outcomes: list[Outcome] = []
    for model in chosen:
        outcome = (tried if plan else update)(project, evidence, model)
        outcomes.append(outcome)
        if not as_json:
            say(f"{model}: {outcome.told}")
        if not outcome.done and not plan:
            with redirect_stdout(sys.stderr if as_json else sys.stdout):  # programs read the summary alone
                fit_one(project, model, {}, force=False, quick=False)
    if as_json:
        say_json([outcome.as_dict() for outcome in outcomes])
