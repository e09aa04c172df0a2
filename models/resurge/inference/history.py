"""The history of a project's posteriors: what each rested on, what it said, and which rows moved it.

One JSON file for each accepted fit or update, numbered in the order in which they came about, whatever the clock says.
An entry names the draws that it describes by their hash, so nothing is entered twice, and what a stopped process left
out is entered by the next.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from resurge.errors import UsageError
from resurge.findings.estimands import Estimand
from resurge.inference.left_out_rows import Shift, answers_of, shifts
from resurge.inference.manifests import place
from resurge.inference.records import RecordError, draws_path, read_manifest, write_atomically
from resurge.inference.reweight import row_hashes
from resurge.inference.stored_draws import read_draws
from resurge.project import Project

LAYOUT = 1
LEVEL = 0.95
PARTS = {"made", "how", "sha256", "fingerprint", "evidence_rows", "answers", "shifts"}
"""What an entry holds beside its layout."""
SHOWN_SHIFTS = 200
"""Largest shifts that an entry keeps."""


class HistoryError(RecordError):
    """An entry of the history is not there, or cannot be read."""


@dataclass(frozen=True)
class Entry:
    """One posterior of the past or of today.

    Attributes
    ----------
    number : int
        Place in the model's history, from 1.
    model : str
        Name of the model.
    content : dict
        ``made``, ``how``, ``sha256``, ``fingerprint``, ``evidence_rows``, ``answers``, ``shifts``.
    """

    number: int
    model: str
    content: dict[str, Any]

    @property
    def name(self) -> str:
        """What commands call it."""
        return f"{self.model}-{self.number}"


def history_folder(project: Project) -> Path:
    """Give the folder of the entries."""
    return project.posteriors / "history"


def history(project: Project, model: str) -> list[Entry]:
    """Read the history of a model, oldest first.

    Raises
    ------
    HistoryError
        If an entry cannot be read.
    """
    return [Entry(number, model, _read(project, path)) for number, path in sorted(_paths(project, model).items())]


def latest(project: Project, model: str) -> Entry | None:
    """Read the last entry of a model's history, if it has any; the others are left alone, however many they are.

    Raises
    ------
    HistoryError
        If it cannot be read.
    """
    paths = _paths(project, model)
    return Entry(max(paths), model, _read(project, paths[max(paths)])) if paths else None


def _paths(project: Project, model: str) -> dict[int, Path]:
    """Give the files of the entries of a model by their numbers."""
    paths = {path.stem.removeprefix(f"{model}-"): path for path in history_folder(project).glob(f"{model}-*.json")}
    return {int(number): path for number, path in paths.items() if number.isdigit()}


def entry_of(project: Project, name: str) -> Entry:
    """Read an entry by its name, such as ``recurrence-3``.

    Raises
    ------
    HistoryError
        If there is none of that name, or it cannot be read.
    """
    model, _, number = name.rpartition("-")
    path = history_folder(project) / f"{name}.json"
    if not (model and number.isdigit() and path.is_file()):
        raise HistoryError(f"no entry {name!r} in the history: `resurge history` lists them")
    return Entry(int(number), model, _read(project, path))


def departing_shifts(project: Project, model: str, now: Mapping[str, Any]) -> list[Shift]:
    """Leave out, one at a time, the rows of the stored posterior that today's evidence lacks or says otherwise.

    To be called while the old draws are still there, which are entered first if a process that stored them was stopped
    before it could. Nothing where there are none to weigh.
    """
    try:
        manifest = read_manifest(project, model)
        _enter(project, manifest)
        path = draws_path(project, manifest)
    except (RecordError, UsageError):
        return []
    hashes = row_hashes(now)
    leaving = [row for row, told in row_hashes(manifest["fingerprint"]).items() if hashes.get(row) != told]
    return shifts(model, path, leaving)


def append(project: Project, model: str, departed: Sequence[Shift] = ()) -> Entry | None:
    """Enter the stored posterior of a model into its history, unless it failed its gate or stands there already.

    Parameters
    ----------
    project : Project
        Where record and history are.
    model : str
        Name of the model.
    departed : sequence of Shift
        What rows did that are no more, from :func:`departing_shifts`.
    """
    return _enter(project, read_manifest(project, model), departed)


def _enter(project: Project, manifest: Mapping[str, Any], departed: Sequence[Shift] = ()) -> Entry | None:
    model, before = manifest["model"], latest(project, manifest["model"])
    if not manifest["passed"] or (before and before.content["sha256"] == manifest["sha256"]):
        return None
    path, rows = draws_path(project, manifest), row_hashes(manifest["fingerprint"])
    known = row_hashes(before.content["fingerprint"]) if before else rows
    arrived = [row for row, told in rows.items() if known.get(row) != told]
    moves = sorted([*shifts(model, path, arrived), *_reversed(departed)], key=lambda each: -abs(each.sds))
    number = before.number + 1 if before else 1
    content = {
        "layout": LAYOUT,
        "model": model,
        "made": manifest["made"],
        "how": "reweighted" if "reweighted" in manifest else "fitted",
        **{name: manifest[name] for name in ("sha256", "settings", "fingerprint", "evidence_rows")},
        "answers": summaries(answers_of(model, read_draws(path, "posterior"))),
        "shifts": [asdict(each) for each in moves[:SHOWN_SHIFTS]],
    }
    write_atomically(history_folder(project) / f"{model}-{number}.json", json.dumps(content).encode())
    return Entry(number, model, content)


def summaries(answers: Mapping[str, Estimand]) -> dict[str, dict[str, Any]]:
    """Summarise answers by median, mean and standard deviation on their scale, and interval."""
    found = {}
    for name, answer in answers.items():
        values = answer.draws[np.isfinite(answer.draws)]
        if not values.size:
            continue
        lower, median, upper = np.quantile(values, [(1 - LEVEL) / 2, 0.5, (1 + LEVEL) / 2])
        on_scale = answer.on_scale[np.isfinite(answer.on_scale)]
        found[name] = {
            "kind": answer.kind,
            **{"median": float(median), "lower": float(lower), "upper": float(upper)},
            **{"mean_on_scale": float(on_scale.mean()), "sd_on_scale": float(on_scale.std())},
        }
    return found


def _reversed(departed: Sequence[Shift]) -> list[Shift]:
    """Turn what rows did while they were there into what their leaving did."""
    return [Shift(each.row, each.answer, -each.sds, each.k_hat) for each in departed]


def _read(project: Project, path: Path) -> dict[str, Any]:
    where = place(project, path)
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        # An error of the system names the whole path in its text, and pages show this sentence.
        reason = getattr(error, "strerror", None) or str(error).partition("\n")[0]
        raise HistoryError(f"{where}: not an entry of the history ({reason}); remove it") from error
    if not isinstance(content, dict) or content.get("layout") != LAYOUT or not content.keys() >= PARTS:
        raise HistoryError(f"{where}: not an entry of this version; remove it")
    return content
