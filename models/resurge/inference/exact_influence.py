"""Fits without the sources for which weights are refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np

from resurge.evidence.tables import Evidence
from resurge.inference.fit import drawn
from resurge.inference.freshness import fingerprint
from resurge.inference.gate import passed
from resurge.inference.influence import EXACT, REFUSED, Reduced, influence_path, without, without_each_source
from resurge.inference.pointwise import flat_arrays
from resurge.inference.records import read_manifest, write_atomically
from resurge.inference.settings import Settings
from resurge.project import Project


def fit_without_refused(
    project: Project,
    evidence: Evidence,
    model: str,
    found: dict[str, Any],
    tell: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """Fit a model anew without each source for which weights were refused, and store what the answers become.

    Parameters
    ----------
    project : Project
        Where the influence is kept.
    evidence : Evidence
        Checked tables.
    model : str
        Name of the model.
    found : dict
        Influence by weights, from :func:`resurge.inference.influence.leave_out_each`.
    tell : callable
        Is told what is under way.

    Returns
    -------
    dict
        The influence with answers of fits in place of what was refused; what failed the gate stays refused.
    """
    settings = Settings(**read_manifest(project, model)["settings"])
    sources = dict(found["sources"])
    for reduced in without_each_source(evidence, model, fingerprint(project, model)):
        if sources[reduced.source]["by"] == REFUSED:
            tell(f"  fitting {model} without {reduced.source}")
            sources[reduced.source] |= exactly(project, evidence, reduced, settings, model)
            content = {**found, "sources": sources}
            write_atomically(influence_path(project, model), json.dumps(content).encode())
    return {**found, "sources": sources}


def exactly(project: Project, evidence: Evidence, reduced: Reduced, settings: Settings, model: str) -> dict[str, Any]:
    """Give the answers of a fit without a source, or why there are none."""
    fitted, _, diagnostics = drawn(project, reduced.evidence, settings, model, progress=False)
    if not passed(diagnostics):
        failing = ", ".join(name for name, check in diagnostics.items() if not check["passed"])
        return {"why": f"the fit without it failed its gate ({failing})"}
    draws = flat_arrays(fitted.posterior)
    return {"by": EXACT, "why": "", **without(model, draws, evidence, reduced, np.random.default_rng(settings.seed))}
