"""How commands fit a model: tell what is done, and fail where the gate does."""

from __future__ import annotations

import sys

from resurge.commands.session import say
from resurge.inference.records import PosteriorFailedError, read_manifest
from resurge.project import Project


def fit_one(project: Project, model: str, given: dict[str, int], *, force: bool, quick: bool) -> None:
    """Fit one model unless it is fresh and was drawn as asked; fail if it does not pass its gate."""
    from resurge.evidence import load_evidence
    from resurge.inference.freshness import model_status
    from resurge.inference.settings import settings_for

    evidence = load_evidence(project.data)
    settings = settings_for(given, quick=quick)
    state = model_status(project, model)
    if state.state == "fresh" and not force and read_manifest(project, model)["settings"] == settings.as_dict():
        say(f"{model}: fresh, nothing to do")
        return
    say(f"{model}: compiling and sampling ({settings.chains} chains of {settings.tune} + {settings.draws} draws)")
    from resurge.inference.fit import fit as sample_and_store  # the slow packages, only when there is work for them

    diagnostics = sample_and_store(project, evidence, settings, model, progress=sys.stderr.isatty())
    for name, judged in diagnostics.items():
        verdict = "passed" if judged["passed"] else "FAILED"
        say(f"  {verdict}  {name}: {judged['value']:.5g} (limit {judged['limit']:g}, worst: {judged['worst']})")
    failing = [name for name, judged in diagnostics.items() if not judged["passed"]]
    if failing:
        raise PosteriorFailedError(
            f"the posterior of the {model} model failed its gate ({', '.join(failing)}); it is stored and "
            f"marked, and nothing "
            "will be reported from it: fit again with more --draws and --tune"
        )
