"""Time what every fit of a model costs again and what only the first in a process costs.

Usage: ``uv run python analyses/benchmarks/reuse_of_models.py [MODEL ...]`` (by default all) after ``resurge fit``.
PyTensor keeps compiled parts of a model on disk; ``PYTENSOR_FLAGS=base_compiledir=NEW_FOLDER`` starts without any.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TypeVar

import xarray as xr

from resurge.evidence.tables import Evidence, load_evidence
from resurge.inference.exchange import exchangeable, real_numbers
from resurge.inference.fit_parts import as_stated
from resurge.inference.freshness import WATCHED, fingerprint
from resurge.inference.left_out_sources import without_each_source
from resurge.inference.sample import compile_model, sample
from resurge.inference.settings import Settings
from resurge.project import Project, find_project

Result = TypeVar("Result")
SETTINGS = Settings(draws=300, tune=350, chains=2)
COLUMNS = (
    "stating (s)",
    "compiling (s)",
    "compiling, numbers as data (s)",
    "without a source: laying out (s)",
    "sampling (s)",
    "gradient (µs)",
    "gradient, numbers as data (µs)",
)


def timed(work: Callable[[], Result]) -> tuple[Result, float]:
    """Do something and give its result with the seconds of processor time that it took, of all threads."""
    started = time.process_time()
    result = work()
    return result, time.process_time() - started


def gradients(trace: xr.DataTree) -> int:
    """Count the gradients of the draws that are kept."""
    return int(trace["sample_stats"]["n_steps"].sum())


def measure(project: Project, evidence: Evidence, model: str) -> list[float]:
    """Time one model, in the order of `COLUMNS`."""
    import nutpie  # noqa: F401 - imports are no part of what is timed
    import pymc  # noqa: F401

    room = import_module(f"resurge.inference.fit_{model}")
    stated = as_stated(project, evidence, model, SETTINGS)
    prepared, stating = timed(lambda: room.prepare(project, evidence, stated.priors))
    code, compiling = timed(lambda: compile_model(prepared.model))
    with real_numbers():
        whole = exchangeable(room.prepare(project, evidence, stated.priors).model)
    shared, compiling_shared = timed(lambda: compile_model(whole.model))

    source = next(without_each_source(evidence, model, fingerprint(project, model)))
    work = replace(stated, part=source.evidence)

    def laid_out() -> dict:
        with real_numbers():
            part = room.prepare_in_shape(project, work.part, work.priors, work.whole)
        found = exchangeable(part.model)
        if found.structure != whole.structure:
            raise SystemExit(f"{model} without {source.source} is compiled anew")
        return found.data

    data, laying_out = timed(laid_out)
    trace, sampling = timed(lambda: sample(code, SETTINGS, progress=False))
    reused, sampling_reused = timed(lambda: sample(shared, SETTINGS, progress=False, data=data))
    # Warm-up takes about as many gradients for each of its draws as the draws that are kept.
    kept = SETTINGS.draws / (SETTINGS.draws + SETTINGS.tune)
    each = [1e6 * kept * spent / gradients(of) for spent, of in ((sampling, trace), (sampling_reused, reused))]
    return [stating, compiling, compiling_shared, laying_out, sampling_reused, *each]


def main() -> None:
    """Measure and print a table."""
    project = find_project(Path(__file__).parent)
    evidence = load_evidence(project.data)
    print(f"| model | {' | '.join(COLUMNS)} |\n|---|{'---:|' * len(COLUMNS)}")
    for model in sys.argv[1:] or WATCHED:
        told = " | ".join(f"{each:.3g}" for each in measure(project, evidence, model))
        print(f"| {model} | {told} |", flush=True)


if __name__ == "__main__":
    main()
