"""Fits beside the record: to part of the evidence or with other priors, on code that is compiled once in a process."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol

import xarray as xr

from resurge.evidence.tables import Evidence
from resurge.inference.exchange import code_for, real_numbers
from resurge.inference.fit import Fitted, Prepared, drawn, judged
from resurge.inference.freshness import WATCHED, Priors, fingerprint
from resurge.inference.gate import Diagnostics
from resurge.inference.sample import sample
from resurge.inference.settings import Settings
from resurge.project import Project
from resurge.synthesis.in_shape import OtherShapeError


class Room(Protocol):
    """What each module ``fit_<model>`` has."""

    def prepare(self, project: Project, evidence: Evidence, priors: Priors) -> Prepared:
        """State the model for the evidence of a project."""

    def prepare_in_shape(self, project: Project, evidence: Evidence, priors: Priors, whole: Evidence) -> Prepared:
        """State the model for part of the evidence in the shape that it has for the whole.

        Parameters
        ----------
        project : Project
            Where posteriors of other models are.
        evidence : Evidence
            What is fitted: the whole without some rows.
        priors : Priors
            Priors of the model.
        whole : Evidence
            Evidence whose model has the shape that is wanted.

        Returns
        -------
        Prepared
            The model has all parameters of the whole; the completed posterior is what that of ``prepare`` would be.

        Raises
        ------
        OtherShapeError
            If the part cannot be laid out in the shape of the whole.
        UsageError
            If nothing is left to fit.
        """


@dataclass(frozen=True)
class Refit:
    """A fit beside the record: part of some evidence, or all of it, under some priors.

    Attributes
    ----------
    project : Project
        Where posteriors of other models are.
    whole : Evidence
        What the compiled model has room for.
    seen : str
        What tells the whole from other evidence.
    part : Evidence
        What is fitted.
    model : str
        Name of the model.
    priors : Priors
        Priors of the fit.
    settings : Settings
        Draws, chains and seed.
    """

    project: Project
    whole: Evidence
    seen: str
    part: Evidence
    model: str
    priors: Priors
    settings: Settings


def as_stated(project: Project, evidence: Evidence, model: str, settings: Settings) -> Refit:
    """Give the fit to all the evidence of a project under the priors of the model."""
    seen = json.dumps(fingerprint(project, model), sort_keys=True)
    return Refit(project, evidence, seen, evidence, model, WATCHED[model].priors, settings)


def drawn_in_shape(work: Refit) -> tuple[Fitted, xr.Dataset, Diagnostics]:
    """Fit a model to part of some evidence, or with other priors, on code that a process compiles once for the whole.

    Nothing is stored. Where the part cannot be laid out in the shape of the whole, the model is stated and compiled
    anew for it.

    Returns
    -------
    fitted, sample_stats, diagnostics
        As :func:`drawn` gives them, labelled by the part alone.
    """
    room: Room = import_module(f"resurge.inference.fit_{work.model}")  # type: ignore[assignment]
    stated = WATCHED[work.model].priors
    try:
        with real_numbers():
            prepared = room.prepare_in_shape(work.project, work.part, work.priors, work.whole)
    except OtherShapeError:
        return drawn(work.project, work.part, work.settings, work.model, progress=False, priors=work.priors)
    code, data = code_for(
        prepared.model,
        (work.model, work.seen),
        lambda: room.prepare(work.project, work.whole, stated).model,
    )
    return judged(prepared, sample(code, work.settings, progress=False, data=data), work.settings.seed)
