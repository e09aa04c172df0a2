"""Validations of a model, kept with the analyses: each says what it rests on, and touches no record."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from resurge.inference.freshness import fingerprint
from resurge.inference.settings import Settings
from resurge.project import Project
from resurge.writing import write_atomically

Kind = Literal["calibration", "priors", "deletion"]
LAYOUT = 1


def validation_path(project: Project, model: str, kind: Kind) -> Path:
    """Give the path of a validation."""
    return project.posteriors.parent / "validation" / f"{model}-{kind}.json"


def store_validation(
    project: Project, model: str, kind: Kind, seen: Mapping[str, Any], settings: Settings, found: Mapping[str, Any]
) -> dict[str, Any]:
    """Store a validation in place of the one before.

    Parameters
    ----------
    project : Project
        Where it is kept.
    model : str
        Name of the model.
    kind : {"calibration", "priors", "deletion"}
        What was asked.
    seen : mapping
        Fingerprint of what the fits saw.
    settings : Settings
        Draws, chains and seed of each fit.
    found : mapping
        What was found.

    Raises
    ------
    NotWrittenError
        If it cannot be written; the one before is kept.
    """
    content = {
        "layout": LAYOUT,
        "model": model,
        "kind": kind,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "settings": settings.as_dict(),
        "fingerprint": seen,
        **found,
    }
    write_atomically(validation_path(project, model, kind), json.dumps(content, indent=1).encode())
    return content


def read_validation(project: Project, model: str, kind: Kind) -> dict[str, Any] | None:
    """Read a validation; None if there is none of today's evidence, priors and code."""
    try:
        found = json.loads(validation_path(project, model, kind).read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError, UnicodeDecodeError):
        return None
    if not isinstance(found, dict) or found.get("layout") != LAYOUT:
        return None
    return found if found["fingerprint"] == fingerprint(project, model) else None
