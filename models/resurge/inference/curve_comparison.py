"""The stored comparison of the two models of the curve: fresh, out of date, or not there."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import resurge
from resurge.inference.freshness import code_hash, fingerprint
from resurge.project import Project
from resurge.synthesis.dormancy_priors import UNHELD

FILE = "curve_comparison.json"
LAYOUT = 1
PARTS = {"settings", "fingerprint", "folds", "parts", "scores", "weights", "difference", "unheld"}
"""What the file holds beside its layout."""
CURVE_MODELS = ("recurrence", "dormancy")
SCORING = (
    "findings/stacking.py",
    "inference/curve_scores.py",
    "synthesis/forward.py",
    "synthesis/left_out.py",
)
"""Files whose text is the way from fits to scores, beside those that are the models themselves."""
COMMAND = "run resurge compare-curves"
MISSING = f"The comparison has not been computed: {COMMAND}"
STALE = f"The comparison was computed before the evidence or a model changed: {COMMAND}"
BROKEN = f"The stored comparison cannot be read: {COMMAND}"


@dataclass(frozen=True)
class Comparison:
    """What is stored, or why nothing of it is shown."""

    found: dict[str, Any] | None
    why: str = ""


def comparison_path(project: Project) -> Path:
    """Give the path of the comparison: of many fits, so it is kept with the analyses and says what it rests on."""
    return project.posteriors.parent / FILE


def fingerprints(project: Project) -> dict[str, Any]:
    """Describe what a comparison of today would see.

    Returns
    -------
    dict
        By model: its fingerprint, and ``scoring`` (hash by file); ``unheld``: the priors of the dormancy model whose
        early recurrences are not held to the first years.
    """
    package = Path(resurge.__file__).parent
    scoring = {name: code_hash((package / name).read_text(encoding="utf-8")) for name in SCORING}
    models = {model: {**fingerprint(project, model), "scoring": scoring} for model in CURVE_MODELS}
    return {**models, "unheld": {name: distribution for name, distribution, _ in UNHELD.table()}}


def stored(project: Project) -> dict[str, Any] | None:
    """Read the stored comparison, whatever it was made from; None if there is none that can be read."""
    path = comparison_path(project)
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    whole = isinstance(found, dict) and found.get("layout") == LAYOUT and found.keys() >= PARTS
    return found if whole else None


def read_comparison(project: Project) -> Comparison:
    """Read the comparison of a project; nothing is shown of one that is not of today's evidence and models."""
    found = stored(project)
    if found is None:
        return Comparison(None, BROKEN if comparison_path(project).exists() else MISSING)
    return Comparison(found) if found["fingerprint"] == fingerprints(project) else Comparison(None, STALE)
