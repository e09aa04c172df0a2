"""Which models may be fitted at once, and the fit of those that must come one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from resurge.evidence import load_evidence
from resurge.inference.freshness import WATCHED, model_status
from resurge.inference.gate import Diagnostics, passed
from resurge.inference.records import read_manifest
from resurge.inference.settings import Settings
from resurge.project import Project


@dataclass(frozen=True)
class InTurn:
    """Models to fit one after the other, for one needs the posterior of another."""

    project: Project
    models: tuple[str, ...]
    settings: Mapping[str, Settings]
    force: bool


def groups_of(models: Iterable[str]) -> list[tuple[str, ...]]:
    """Group models such that no group needs the posterior of another, each model after those that it needs.

    Parameters
    ----------
    models : iterable of str
        Names of models, each after those that it needs.
    """
    groups: list[tuple[str, ...]] = []
    for model in models:
        needed = [group for group in groups if set(group) & set(WATCHED[model].upstream)]
        groups = [group for group in groups if group not in needed]
        groups.append((*(name for group in needed for name in group), model))
    return groups


def is_done(project: Project, model: str, settings: Settings) -> bool:
    """Tell whether the stored posterior of a model is fresh and was drawn as asked."""
    fresh = model_status(project, model).state == "fresh"
    return fresh and read_manifest(project, model)["settings"] == settings.as_dict()


def fit_in_turn(work: InTurn) -> list[tuple[str, Diagnostics | None]]:
    """Fit models one after the other and store them, up to the first that fails its gate.

    Returns
    -------
    list of tuple
        Each model with the gate's checks, or None where there was nothing to do.
    """
    from resurge.inference.fit import fit

    found: list[tuple[str, Diagnostics | None]] = []
    for model in work.models:
        if is_done(work.project, model, work.settings[model]) and not work.force:
            found.append((model, None))
            continue
        diagnostics = fit(work.project, load_evidence(work.project.data), work.settings[model], model, progress=False)
        found.append((model, diagnostics))
        if not passed(diagnostics):
            break
    return found


@dataclass(frozen=True)
class Refreshed:
    """What brought a model up to today's evidence: ``nothing``, ``weights`` or ``fit``; why; what its gate refused."""

    model: str
    done_by: str
    why: str
    failing: tuple[str, ...] = ()


def refresh_in_turn(work: InTurn) -> list[Refreshed]:
    """Bring models up to today's evidence one after the other: weights where they are sound, a fit where not.

    Stops after the first that fails its gate.
    """
    from resurge.inference.update import update

    evidence = load_evidence(work.project.data)
    found: list[Refreshed] = []
    for model in work.models:
        told = update(work.project, evidence, model).as_dict()
        failing: tuple[str, ...] = ()
        if told["done_by"] == "fit":
            from resurge.inference.fit import fit

            diagnostics = fit(work.project, evidence, work.settings[model], model, progress=False)
            failing = tuple(name for name, check in diagnostics.items() if not check["passed"])
        found.append(Refreshed(model, told["done_by"], told["why"], failing))
        if failing:
            break
    return found
