"""Fits without the sources for which weights are refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from resurge.evidence.tables import Evidence
from resurge.inference.chains import flat_arrays
from resurge.inference.fit_parts import Refit, as_stated, drawn_in_shape
from resurge.inference.gate import passed
from resurge.inference.independent_fits import HERE, Workers, independent
from resurge.inference.influence import REFUSED, influence_path, without
from resurge.inference.kept_fits import EXACT, keep_fits
from resurge.inference.left_out_sources import Reduced, without_each_source
from resurge.inference.records import read_manifest, write_atomically
from resurge.inference.settings import Settings
from resurge.project import Project


@dataclass(frozen=True)
class Absent:
    """A source to fit without, and the fit."""

    reduced: Reduced
    work: Refit


def fit_without_refused(
    project: Project,
    evidence: Evidence,
    model: str,
    found: dict[str, Any],
    workers: Workers = HERE,
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
    workers : Workers
        Where the fits are run.
    tell : callable
        Is told of each fit that is done.

    Returns
    -------
    dict
        The influence with answers of fits in place of what was refused; what failed the gate stays refused.

    Raises
    ------
    WorkerError
        If a fit could not be done.
    """
    settings = Settings(**read_manifest(project, model)["settings"])
    sources = dict(found["sources"])
    stated = as_stated(project, evidence, model, settings)
    absent = {
        reduced.source: Absent(reduced, replace(stated, part=reduced.evidence))
        for reduced in without_each_source(evidence, model, found["fingerprint"])
        if sources[reduced.source]["by"] == REFUSED
    }
    if not absent:
        tell(f"  {model}: no source for which weights were refused, nothing to fit")
        return found
    answered = independent(exactly, absent, workers, tell)
    if done := {name: each for name, each in answered.items() if each.get("by")}:
        keep_fits(project, model, found["fingerprint"], done)
    for source, each in answered.items():
        sources[source] = sources[source] | each
    content = {**found, "sources": sources}
    write_atomically(influence_path(project, model), json.dumps(content).encode())
    return content


def exactly(absent: Absent) -> dict[str, Any]:
    """Give the answers of a fit without a source, or why there are none."""
    fitted, _, diagnostics = drawn_in_shape(absent.work)
    if not passed(diagnostics):
        failing = ", ".join(name for name, check in diagnostics.items() if not check["passed"])
        return {"why": f"the fit without it failed its gate ({failing})"}
    work = absent.work
    draws, rng = flat_arrays(fitted.posterior), np.random.default_rng(work.settings.seed)
    return {"by": EXACT, "why": "", **without(work.model, draws, work.whole, absent.reduced, rng)}
