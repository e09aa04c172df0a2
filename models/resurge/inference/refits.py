"""Fits beside the stored one, with other priors or fewer sources: what becomes of the headline answers.

Nothing here touches a record.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from resurge.errors import ResurgeError, UsageError
from resurge.evidence.tables import Evidence
from resurge.findings.estimands import estimands
from resurge.inference.fit_parts import Refit, as_stated, drawn_in_shape
from resurge.inference.freshness import fingerprint
from resurge.inference.independent_fits import HERE, Workers, independent
from resurge.inference.prior_grid import prior_grid
from resurge.inference.settings import Settings
from resurge.inference.what_moved import move
from resurge.project import Project

SETTINGS = Settings(draws=500, tune=500)
"""Enough to see a move of a fifth of a standard deviation."""
AS_STATED = "as stated"
"""The fit that the others are set against, drawn as they are."""


def refit(work: Refit) -> dict[str, Any]:
    """Fit and give the headline answers.

    Returns
    -------
    dict
        ``answers`` (summaries by name), ``failing`` (checks of the gate) and ``why`` there are no answers, if so.
    """
    from resurge.inference.chains import flat_arrays
    from resurge.inference.history import summaries

    try:
        fitted, _, checks = drawn_in_shape(work)
    except ResurgeError as error:  # what is left of the evidence cannot be fitted: that is an answer too
        return {"answers": {}, "failing": [], "why": str(error)}
    return {
        "answers": summaries(estimands(work.model, flat_arrays(fitted.posterior))),
        "failing": [name for name, check in checks.items() if not check["passed"]],
        "why": "",
    }


def other_priors(stated: Refit) -> dict[str, Refit]:
    """Name the fits with each prior half and twice as wide."""
    return {name: replace(stated, priors=priors) for name, priors in prior_grid(stated.priors).items()}


def fewer_sources(stated: Refit) -> dict[str, Refit]:
    """Name the fits without each source in turn."""
    from resurge.inference.left_out_sources import without_each_source

    now = fingerprint(stated.project, stated.model)
    return {
        f"without {reduced.source}": replace(stated, part=reduced.evidence)
        for reduced in without_each_source(stated.whole, stated.model, now)
    }


VARIANTS: dict[str, Callable[[Refit], dict[str, Refit]]] = {"priors": other_priors, "deletion": fewer_sources}
"""By kind: the fits that are set against the one as stated."""


def compared_refits(
    project: Project,
    evidence: Evidence,
    model: str,
    kind: str,
    *,
    only: Sequence[str] = (),
    settings: Settings = SETTINGS,
    workers: Workers = HERE,
    tell: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """Fit a model as stated and every variant of a kind, and tell how far each answer moves.

    Parameters
    ----------
    project : Project
        Where evidence and posteriors are.
    evidence : Evidence
        Checked tables.
    model : str
        Name of the model.
    kind : str
        One of `VARIANTS`.
    only : sequence of str
        Words of which one is in the name of each variant that is fitted; all variants where there are none.
    settings : Settings
        Draws, chains and seed of each fit.
    workers : Workers
        Where the fits run.
    tell : callable
        Is told of every fit that is done.

    Returns
    -------
    dict
        ``stated`` and ``fits`` by name, each as from :func:`refit`; those of ``fits`` with ``moves``: by answer, the
        distance of the means in standard deviations of the fit as stated.

    Raises
    ------
    UsageError
        If no variant has one of the words in its name.
    """
    stated = as_stated(project, evidence, model, settings)
    variants = VARIANTS[kind](stated)
    chosen = {name: work for name, work in variants.items() if not only or any(word in name.split() for word in only)}
    if not chosen:
        raise UsageError(f"{model}: nothing is called {' or '.join(only)} among {', '.join(variants)}")
    items = {AS_STATED: stated, **chosen}
    tell(f"{model}: {len(items)} fits")
    found = independent(refit, items, workers, tell)
    base = found.pop(AS_STATED)
    return {
        "stated": base,
        "fits": {name: {**each, "moves": moves(base["answers"], each["answers"])} for name, each in found.items()},
    }


def moves(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, float]:
    """Give the move of each answer that both fits have, on its scale, in standard deviations of the first."""
    return {
        name: move(before[name], after[name]) for name in before if name in after and before[name]["sd_on_scale"] > 0
    }
