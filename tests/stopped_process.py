"""A process that stops at a named point of its work, says so, and waits there to be killed.

Run as ``python stopped_process.py WORK POINT FOLDER``. Functions of the package are replaced in this process only; what
stands on the disk when it is killed is what a killed run would leave.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import xarray as xr

from resurge.inference.evidence_seen import evidence_seen
from resurge.inference.freshness import fingerprint
from resurge.inference.records import store_record
from resurge.inference.settings import Settings
from resurge.project import Project


def stop(*_: object, **__: object) -> None:
    """Say that the point is reached and wait."""
    sys.stdout.write("here\n")
    sys.stdout.flush()
    time.sleep(600)


def at_call(number: int, then: Callable[..., Any], before: Callable[..., Any]) -> Callable[..., Any]:
    """Call one function instead of another at one of its calls."""
    calls = []

    def called(*arguments: object, **named: object) -> object:
        calls.append(arguments)
        return (then if len(calls) == number else before)(*arguments, **named)

    return called


def stop_with_half_a_file(descriptor: int) -> None:
    """Leave half of what was written."""
    os.ftruncate(descriptor, os.fstat(descriptor).st_size // 2)
    stop()


FSYNC, REPLACE, RENAME = os.fsync, Path.replace, Path.rename
NOTE, DRAWS, MANIFEST = 1, 2, 3
"""Files that a fit writes, in their order: who holds the lock, the draws, the manifest."""
RECORDS, FIT, RENDER = "resurge.inference.records", "resurge.inference.fit", "resurge.reporting.render"
POINTS: dict[str, list[tuple[object, str, Callable[..., Any]]]] = {
    "the lock is taken": [("resurge.locks", "write_atomically", stop)],
    "half of the draws are written": [(os, "fsync", at_call(DRAWS, stop_with_half_a_file, FSYNC))],
    "the draws are written, not moved": [(Path, "replace", at_call(DRAWS, stop, REPLACE))],
    "half of the manifest is written": [(os, "fsync", at_call(MANIFEST, stop_with_half_a_file, FSYNC))],
    "the manifest is written, not moved": [(Path, "replace", at_call(MANIFEST, stop, REPLACE))],
    "the manifest is in place": [(RECORDS, "_clear", stop)],
    "the model is being sampled": [(FIT, "sample", stop)],
    "a page is being run": [(RENDER, "run_page", stop)],
    "the website is written, not moved": [(RENDER, "replace_folder", stop)],
    "the websites are exchanged": [("shutil", "rmtree", stop)],
    "the old website is aside": [
        ("resurge.writing", "_exchanged", lambda *_: False),
        (Path, "rename", at_call(2, stop, RENAME)),
    ],
}
"""By name of the point: what is replaced where."""


def store_constant(project: Project, value: float, n: int = 50, **more: object) -> None:
    """Store a record of the recurrence model whose every draw is the same, with more in its manifest if wanted."""
    drawn = xr.Dataset({"phi": (("chain", "draw"), np.full((2, n), value))}, {"chain": [0, 1], "draw": np.arange(n)})
    manifest = {
        "made": "2026-01-01T00:00:00+00:00",
        "settings": {"value": value},
        "versions": {},
        "fingerprint": fingerprint(project, "recurrence"),
        "evidence_rows": evidence_seen(project, "recurrence"),
        "diagnostics": {},
        "passed": True,
        **more,
    }
    groups = dict.fromkeys(("posterior", "prior", "sample_stats"), drawn)
    store_record(project, "recurrence", xr.DataTree.from_dict(groups), manifest)


def fit_nothing(folder: Path) -> None:
    """Fit the recurrence model without compiling it."""
    fit = import_module(FIT)
    fit.import_module = lambda _: SimpleNamespace(prepare=lambda *_: SimpleNamespace(model=None))
    fit.compile_model = lambda _: None
    fit.fit(Project(folder), None, Settings(), "recurrence", progress=False)


def store_many(folder: Path) -> None:
    """Store records with rising values, as fast as may be."""
    for value in range(1, 26):
        store_constant(Project(folder), value)


WORKS: dict[str, Callable[[Path], object]] = {
    "store": lambda folder: store_constant(Project(folder), 2.0),
    "store many": store_many,
    "fit": fit_nothing,
    "render": lambda folder: import_module(RENDER).render_reports(folder, renderer="pandoc"),
}

if __name__ == "__main__":
    work, point, place = sys.argv[1:]
    for target, name, by in POINTS.get(point, ()):
        setattr(import_module(target) if isinstance(target, str) else target, name, by)
    WORKS[work](Path(place))
