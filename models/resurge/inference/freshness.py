"""Whether a record is fresh: fingerprints of evidence rows, priors and model source, then and now."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import resurge
from resurge.evidence.selection import modelled_row_hashes
from resurge.inference.records import (
    PosteriorMissingError,
    RecordBrokenError,
    draws_path,
    read_manifest,
)
from resurge.project import Project
from resurge.synthesis.priors import RECURRENCE, RecurrencePriors

MODELS = ("recurrence",)
SOURCES = (
    "evidence/person_time.py",
    "evidence/windows.py",
    "evidence/selection.py",
    "synthesis/design.py",
    "synthesis/hazards.py",
    "synthesis/levels.py",
    "synthesis/recurrence.py",
    "synthesis/strata.py",
)
"""Files whose text is the recurrence model."""
NAMED_ROWS = 3
"""Rows that a reason lists by name before it only counts."""

State = Literal["fresh", "stale", "missing", "failed", "broken"]


@dataclass(frozen=True)
class ModelStatus:
    """State of one model's posterior and the reasons for it."""

    model: str
    state: State
    reasons: tuple[str, ...]


def fingerprint(project: Project, priors: RecurrencePriors = RECURRENCE) -> dict[str, Any]:
    """Describe what a fit of today would see.

    Returns
    -------
    dict
        ``evidence`` (hash by table and row), ``priors`` (text by name) and ``source`` (hash by file).
    """
    package = Path(resurge.__file__).parent
    return {
        "evidence": modelled_row_hashes(project.data),
        "priors": {name: distribution for name, distribution, _ in priors.table()},
        "source": {name: code_hash((package / name).read_text(encoding="utf-8")) for name in SOURCES},
    }


def code_hash(source: str) -> str:
    """Give a short hash of what Python code does: its statements, without layout, comments and docstrings."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [each for each in body if not _is_text(each)] or [ast.Pass()]
    # Written out again rather than dumped: the dump of a tree is not the same text in every Python.
    return hashlib.sha256(ast.unparse(tree).encode()).hexdigest()[:12]


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def what_changed(project: Project, manifest: Mapping[str, Any]) -> list[str]:
    """Say what differs between a record's fingerprint and today's, a phrase each; empty if nothing does."""
    before, now = manifest["fingerprint"], fingerprint(project)
    reasons = []
    for table in sorted(now["evidence"].keys() | before["evidence"].keys()):
        rows, seen = (side["evidence"].get(table, {}) for side in (now, before))
        for word, ids in {
            "added": rows.keys() - seen.keys(),
            "dropped": seen.keys() - rows.keys(),
            "changed": {row for row in rows.keys() & seen.keys() if rows[row] != seen[row]},
        }.items():
            if ids:
                reasons.append(f"{table}: {len(ids)} row{'s' if len(ids) > 1 else ''} {word} ({_some(ids)})")
    for part, word in (("priors", "prior"), ("source", "model source")):
        names = {n for n in now[part].keys() | before[part].keys() if now[part].get(n) != before[part].get(n)}
        if names:
            reasons.append(f"{word} changed: {_some(names)}")
    return reasons


def model_status(project: Project, model: str) -> ModelStatus:
    """Tell the state of one model's posterior."""
    try:
        manifest = read_manifest(project, model)
        draws_path(project, manifest)
    except PosteriorMissingError as error:
        return ModelStatus(model, "missing", (str(error),))
    except RecordBrokenError as error:
        return ModelStatus(model, "broken", (str(error),))
    reasons = what_changed(project, manifest)
    if reasons:
        return ModelStatus(model, "stale", tuple(reasons))
    if not manifest["passed"]:
        failing = [name for name, check in manifest["diagnostics"].items() if not check["passed"]]
        return ModelStatus(model, "failed", tuple(f"gate: {name}" for name in failing))
    return ModelStatus(model, "fresh", ())


def _some(names: set[str]) -> str:
    listed = sorted(names)
    rest = len(listed) - NAMED_ROWS
    return ", ".join(listed[:NAMED_ROWS]) + (f" and {rest} more" if rest > 0 else "")
