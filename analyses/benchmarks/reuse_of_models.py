"""Time what every fit of a model costs again and what only the first in a process costs: stating, compiling, sampling.

Usage: ``uv run python analyses/benchmarks/reuse_of_models.py [MODEL ...]`` (by default all) after ``resurge fit``.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TypeVar

import numpy as np

from resurge.evidence.tables import Evidence, load_evidence
from resurge.inference.calibration import SETTINGS
from resurge.inference.freshness import WATCHED
from resurge.inference.sample import compile_model, sample
from resurge.inference.simulated_evidence import simulated_evidence
from resurge.project import Project, find_project

Result = TypeVar("Result")
SETS = 3
COLUMNS = ("stating", "compiling", "compiling again", "a fit of new data")


def timed(work: Callable[[], Result]) -> tuple[Result, float]:
    """Do something and give its result with the seconds of processor time that it took, of all threads."""
    started = time.process_time()
    result = work()
    return result, time.process_time() - started


def measure(project: Project, evidence: Evidence, model: str) -> list[float]:
    """Time one model, in the order of `COLUMNS`; fits are the mean of some simulated sets."""
    import nutpie  # noqa: F401 - imports are no part of what is timed
    import pymc  # noqa: F401

    prepare = import_module(f"resurge.inference.fit_{model}").prepare
    prepared, stating = timed(lambda: prepare(project, evidence, WATCHED[model].priors))
    compiled, compiling = timed(lambda: compile_model(prepared.model))
    _, again = timed(lambda: compile_model(prepared.model))
    fits = []
    for number in range(SETS):
        data = simulated_evidence(project, evidence, model, np.random.default_rng(number)).data
        fits.append(timed(lambda data=data: sample(compiled, SETTINGS, progress=False, data=data))[1])
    return [stating, compiling, again, float(np.mean(fits))]


def main() -> None:
    """Measure and print a table."""
    project = find_project(Path(__file__).parent)
    evidence = load_evidence(project.data)
    print(f"| model | {' | '.join(COLUMNS)} |\n|---|{'---:|' * len(COLUMNS)}")
    for model in sys.argv[1:] or WATCHED:
        print(f"| {model} | {' | '.join(f'{each:.1f}' for each in measure(project, evidence, model))} |", flush=True)


if __name__ == "__main__":
    main()
