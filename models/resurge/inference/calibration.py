"""Whether intervals of headline answers hold the truth as often as they say, on evidence laid out as the real one.

Truths come from the prior, for which every interval of a right model covers exactly as often as it says; outcomes are
simulated from them and fitted. The sets do not depend on each other. A process compiles the model once and exchanges
its data.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

from resurge.evidence.tables import Evidence
from resurge.findings.estimands import estimands
from resurge.inference.coverage import is_calibrated, share_below, times_covered
from resurge.inference.freshness import WATCHED, fingerprint
from resurge.inference.independent_fits import HERE, Workers, independent
from resurge.inference.settings import Settings
from resurge.project import Project

SETTINGS = Settings(draws=300, tune=350, chains=2, target_accept=0.9)
"""Enough to place a truth among its draws."""


@dataclass(frozen=True)
class SimulatedSet:
    """One set to simulate and fit; ``seen`` tells its evidence from another, ``number`` its randomness."""

    project: Project
    evidence: Evidence
    model: str
    seen: str
    settings: Settings
    number: int


def calibrated(
    project: Project,
    evidence: Evidence,
    model: str,
    n_sets: int,
    *,
    settings: Settings = SETTINGS,
    workers: Workers = HERE,
    tell: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """Simulate and fit sets of outcomes, and count how often intervals hold the truth.

    Parameters
    ----------
    project : Project
        Where evidence and posteriors are.
    evidence : Evidence
        Checked tables, whose layout is kept.
    model : str
        Name of the model.
    n_sets : int
        Number of sets.
    settings : Settings
        Draws, chains and seed of each fit; the sets come from the same seed.
    workers : Workers
        Where the fits run.
    tell : callable
        Is told of every set that is done.

    Returns
    -------
    dict
        ``sets`` and, by answer, ``below`` (share of draws below the truth in each set), ``covered`` (by level, the
        sets whose interval holds it) and ``calibrated``.
    """
    seen = json.dumps(fingerprint(project, model), sort_keys=True)
    items = {
        f"set {number}": SimulatedSet(project, evidence, model, seen, settings, number)
        for number in range(1, n_sets + 1)
    }
    tell(f"{model}: {n_sets} simulated sets")
    found = list(independent(truth_among_draws, items, workers, tell).values())
    below = {name: np.array([each[name] for each in found]) for name in found[0]}
    return {
        "sets": n_sets,
        "answers": {
            name: {
                "below": shares.tolist(),
                "covered": {f"{level:g}": count for level, count in times_covered(shares).items()},
                "calibrated": is_calibrated(shares),
            }
            for name, shares in below.items()
        },
    }


def truth_among_draws(work: SimulatedSet) -> dict[str, float]:
    """Simulate a set, fit it, and give the share of draws below the truth, by answer."""
    from resurge.inference.chains import flat_arrays
    from resurge.inference.sample import compile_model, compiled_once, sample
    from resurge.inference.simulated_evidence import simulated_evidence

    rng = np.random.default_rng([work.settings.seed, work.number])
    simulated = simulated_evidence(work.project, work.evidence, work.model, rng)
    prepared = import_module(f"resurge.inference.fit_{work.model}").prepare(
        work.project, work.evidence, WATCHED[work.model].priors
    )
    compiled = compiled_once((work.model, work.seen), lambda: compile_model(prepared.model))
    sampled = sample(compiled, work.settings, progress=False, data=simulated.data)["posterior"].to_dataset()
    complete = simulated.complete or (lambda posterior, rng: prepared.complete(posterior, rng).posterior)
    found = estimands(work.model, flat_arrays(complete(sampled, rng)))
    truth = estimands(work.model, simulated.truth)
    return {name: share_below(each.draws, float(truth[name].draws[0]), rng) for name, each in found.items()}
