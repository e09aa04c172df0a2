"""Answers of fits without single sources, kept with the analyses: they take minutes each and hold for every machine."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from resurge.project import Project
from resurge.writing import write_atomically

LAYOUT = 1
EXACT = "fit"
"""What stands for a source that was left out by a fit."""


def kept_fits_path(project: Project, model: str) -> Path:
    """Give the path of what is kept of a model's fits."""
    return project.folder / "analyses" / f"influence_by_fits_{model}.json"


def kept_fits(project: Project, model: str, now: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Read what fits without single sources answered, by source; nothing if they are of other evidence, priors or code.

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
    if not isinstance(found, dict) or found.get("layout") != LAYOUT or found.get("fingerprint") != short(now):
        return {}
    return found["sources"]


def keep_fits(project: Project, model: str, now: Mapping[str, Any], sources: Mapping[str, Mapping[str, Any]]) -> None:
    """Keep what fits without single sources answered, beside what is kept already."""
    content = {
        "layout": LAYOUT,
        "model": model,
        "fingerprint": short(now),
        "sources": kept_fits(project, model, now) | dict(sources),
    }
    write_atomically(kept_fits_path(project, model), json.dumps(content, indent=1).encode())


def short(fingerprint: Mapping[str, Any]) -> str:
    """Give a hash of a fingerprint."""
    return hashlib.sha256(json.dumps(fingerprint, sort_keys=True).encode()).hexdigest()[:12]
