"""What does `resurge update` cost after one row changed, came or went? For each model, in processor time.

On copies of this project with its stored posteriors: a row says something else, is joined by another of its source, by
one of a source that the model does not have yet, and is taken out. Each time the whole command is run, and then its
parts one after the other in a process of their own, best of three, with one thread for linear algebra so that idle
threads do not count. Beside them stands how long the stored fit took by the clock.

Usage: ``uv run python analyses/benchmarks/time_of_update.py [MODEL ...]`` after ``uv run resurge fit``.
"""

from __future__ import annotations

import csv
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

RUNS = 3
PROJECT = Path(__file__).parents[2]
COMMAND = "from resurge.cli import main; main()"
PARTS = ("imports", "evidence", "weighing", "storing", "history")
Cells = Mapping[str, str]


@dataclass(frozen=True)
class Change:
    """What happens to a row: the cells of the new or changed one, none where it is deleted, and its key if new."""

    table: str
    row: str
    cells: Cells | None
    key: str = ""


ELSEWHERE = {"population": "ABCFS"}
"""A set of patients that none of the models reads."""
RATE = {
    "changed": Change("recurrence_rates", "r0002", {"estimate": "0.21"}),
    "added": Change("recurrence_rates", "r0002", {"tumour_size": "T3+"}, "r9999"),
    "added, new source": Change("recurrence_rates", "r0002", ELSEWHERE, "r9999"),
    "deleted": Change("recurrence_rates", "r0002", None),
}
EFFECT = {"trial": "Another", **ELSEWHERE}
CHANGES = {
    "recurrence": RATE,
    "dormancy": RATE,
    "therapy": {
        "changed": Change("therapy_effects", "e0392", {"estimate": "0.92", "log_estimate": "-0.083382"}),
        "added": Change("therapy_effects", "e0392", EFFECT, "e9999"),
        "added, new source": Change("therapy_effects", "e0392", {**EFFECT, "effect_class": "radiotherapy"}, "e9999"),
        "deleted": Change("therapy_effects", "e0392", None),
    },
    "metastasis": {
        "changed": Change("metastasis_sites", "m0017", {"proportion": "0.153"}),
        "added": Change("metastasis_sites", "m0074", {"site": "bone", "proportion": "0.4"}, "m9999"),
        "added, new source": Change("metastasis_sites", "m0066", ELSEWHERE, "m9999"),
        "deleted": Change("metastasis_sites", "m0017", None),
    },
    "resistance": {
        "changed": Change("resistance_effects", "x0077", {"estimate": "0.61", "log_effect": "0.494296"}),
        "added": Change("resistance_effects", "x0077", {}, "x9999"),
        "added, new source": Change("mechanisms", "M_ESR1", {}, "M_ANOTHER"),
        "deleted": Change("resistance_effects", "x0077", None),
    },
    "translation": {
        "changed": Change("replication_pairs", "p21e1o2", {"smd_replication": "1.2", "shrinkage_ratio": "0.3993"}),
        "added": Change("replication_pairs", "p21e1o2", {}, "p21e1o9"),
        "added, new source": Change("replication_pairs", "p21e1o2", {"experiment": "p21e9"}, "p21e9o1"),
        "deleted": Change("replication_pairs", "p21e1o2", None),
    },
}
"""By model. A source is what has effects of its own: a population, a class, a mechanism, an experiment."""


def changed_copy(folder: Path, change: Change) -> Path:
    """Copy the project with one row changed; draws are linked, which an update replaces and never writes into."""
    shutil.copytree(PROJECT / "data", folder / "data")
    stored = Path("analyses", "posteriors")
    locks = shutil.ignore_patterns("*.lock", "*.holder")  # a lock that is linked would be held in both places
    shutil.copytree(PROJECT / stored, folder / stored, copy_function=os.link, ignore=locks)
    path = folder / "data" / f"{change.table}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    place = next(i for i, row in enumerate(rows) if row[0] == change.row)
    row = dict(zip(head, rows[place], strict=True)) | dict(change.cells or {})
    if change.key:
        rows.append(list((row | {head[0]: change.key}).values()))
    else:
        rows[place : place + 1] = [] if change.cells is None else [list(row.values())]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([head, *rows])
    return folder


def run(arguments: list[str]) -> tuple[float, str]:
    """Run Python; give the processor time and what it printed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    ran = subprocess.run([sys.executable, *arguments], stdout=subprocess.PIPE, env=environment, text=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, ran.stdout


def whole_command(model: str, change: Change) -> float:
    """Give the processor time of one update, which must be by weights."""
    with tempfile.TemporaryDirectory() as folder:
        project = changed_copy(Path(folder) / "project", change)
        used, told = run(["-c", COMMAND, "--project", str(project), "update", model, "--json"])
    (outcome,) = json.loads(told)
    if outcome["done_by"] != "weights":
        raise SystemExit(f"{model}: {change.row} was not taken in by weights but by {outcome['done_by']}")
    return used


def parts(model: str, change: Change) -> dict[str, float]:
    """Give the processor time of each part of one update."""
    with tempfile.TemporaryDirectory() as folder:
        project = changed_copy(Path(folder) / "project", change)
        return json.loads(run([__file__, "--parts", model, str(project)])[1])


def tell_parts(model: str, folder: str) -> None:
    """Do what an update does, and print what each part took."""
    import resurge.cli
    from resurge.evidence import load_evidence
    from resurge.evidence.new_project import refuse_nothing
    from resurge.inference import update
    from resurge.inference.history import append, departing_shifts
    from resurge.project import Project

    project, marks = Project(Path(folder)), [0.0, time.process_time()]
    refuse_nothing(project.data)
    resurge.cli.models_asked(project, [model])
    evidence = load_evidence(project.data)
    marks.append(time.process_time())
    _, trial = update.weighed(project, evidence, model)
    marks.append(time.process_time())
    departed = departing_shifts(project, model, trial.now)
    before_storing = time.process_time()
    update.store_reweighted(project, trial, time.monotonic())
    stored = time.process_time()
    append(project, model, departed)
    history = before_storing - marks[-1] + time.process_time() - stored
    steps = [later - earlier for earlier, later in pairwise(marks)]
    taken = [*steps, stored - before_storing, history]
    sys.stdout.write(json.dumps(dict(zip(PARTS, taken, strict=True))))


def main(models: list[str]) -> None:
    """Print a line for each model and kind of change."""
    sys.stdout.write(f"| model | row | whole command | {' | '.join(PARTS)} | the fit, by the clock |\n")
    sys.stdout.write(f"|---|---|{'---:|' * (len(PARTS) + 2)}\n")
    for model in models:
        manifest = json.loads((PROJECT / "analyses" / "posteriors" / f"{model}.json").read_text(encoding="utf-8"))
        for kind, change in CHANGES[model].items():
            whole = min(whole_command(model, change) for _ in range(RUNS))
            taken = [parts(model, change) for _ in range(RUNS)]
            best = " | ".join(f"{min(each[part] for each in taken):.2f}" for part in PARTS)
            sys.stdout.write(f"| {model} | {kind} | {whole:.2f} | {best} | {manifest['seconds']:.0f} |\n")
            sys.stdout.flush()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--parts"]:
        tell_parts(*sys.argv[2:])
    else:
        main(sys.argv[1:] or list(CHANGES))
