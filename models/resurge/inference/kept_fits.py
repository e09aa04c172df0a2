"""Answers of fits without single sources, kept with the analyses: they take minutes each and hold for every machine."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from resurge.inference.influence_code import answer_code
from resurge.project import Project
from resurge.writing import write_atomically

LAYOUT = 2
PARTS = {"fingerprint", "code", "sources"}
"""What kept fits hold beside their layout."""
EXACT = "fit"
"""What stands for a source that was left out by a fit."""


def kept_fits_path(project: Project, model: str) -> Path:
    """Give the path of what is kept of a model's fits."""
    return project.folder / "analyses" / f"influence_by_fits_{model}.json"


def kept_fits(project: Project, model: str, now: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Read what fits without single sources answered, by source; nothing if they are of other evidence, priors or code.

    Code is that of the model and that between draws and answers.

    Parameters
    ----------
    project : Project
        Where the analyses are.
    model : str
        Name of the model.
    now : mapping
        Fingerprint of today.
    """
    try:
        found = json.loads(kept_fits_path(project, model).read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(found, dict) or found.get("layout") != LAYOUT or not found.keys() >= PARTS:
        return {}
    of_today = {"fingerprint": short(now), "code": answer_code(model)}
    return found["sources"] if all(found[part] == told for part, told in of_today.items()) else {}


def keep_fits(project: Project, model: str, now: Mapping[str, Any], sources: Mapping[str, Mapping[str, Any]]) -> None:
    """Keep what fits without single sources answered, beside what is kept already."""
    content = {
        "layout": LAYOUT,
        "model": model,
        "fingerprint": short(now),
        "code": answer_code(model),
        "sources": kept_fits(project, model, now) | dict(sources),
    }
    write_atomically(kept_fits_path(project, model), json.dumps(content, indent=1).encode())


def short(fingerprint: Mapping[str, Any]) -> str:
    """Give a hash of a fingerprint."""
    return hashlib.sha256(json.dumps(fingerprint, sort_keys=True).encode()).hexdigest()[:12]
