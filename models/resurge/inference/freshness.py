"""Whether a record is fresh: fingerprints of evidence rows, priors and model source, then and now."""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Literal, Protocol

import resurge
from resurge.evidence.effect_selection import modelled_effect_hashes
from resurge.evidence.resistance_selection import modelled_pair_hashes, modelled_resistance_hashes
from resurge.evidence.selection import modelled_row_hashes
from resurge.evidence.site_selection import modelled_site_hashes
from resurge.inference.changes import Change, mapping_changes, reasons, row_changes
from resurge.inference.evidence_seen import evidence_seen, has_evidence
from resurge.inference.manifests import (
    PosteriorMissingError,
    RecordBrokenError,
    RecordError,
    RecordOutdatedError,
    read_manifest,
    whole_manifest,
)
from resurge.inference.provenance import notes
from resurge.project import Project
from resurge.synthesis.dormancy_priors import DORMANCY
from resurge.synthesis.metastasis_priors import METASTASIS
from resurge.synthesis.priors import RECURRENCE
from resurge.synthesis.resistance_priors import RESISTANCE
from resurge.synthesis.therapy_priors import THERAPY
from resurge.synthesis.translation_priors import TRANSLATION

RECURRENCE_SOURCES = (
    "evidence/person_time.py",
    "evidence/windows.py",
    "evidence/selection.py",
    "synthesis/curve_evidence.py",
    "synthesis/design.py",
    "synthesis/hazards.py",
    "synthesis/levels.py",
    "synthesis/recurrence.py",
    "synthesis/strata.py",
)
"""Files whose text is the recurrence model."""
DORMANCY_SOURCES = (
    *(name for name in RECURRENCE_SOURCES if name != "synthesis/recurrence.py"),
    "synthesis/compartments.py",
    "synthesis/dormancy.py",
    "synthesis/dormancy_forward.py",
)
"""Files whose text is the dormancy model."""
METASTASIS_SOURCES = (
    "evidence/site_selection.py",
    "synthesis/metastasis.py",
    "synthesis/metastasis_design.py",
    "synthesis/metastasis_forward.py",
)
"""Files whose text is the metastasis model."""
THERAPY_SOURCES = (
    "evidence/effect_selection.py",
    "findings/hazard_draws.py",
    "synthesis/effect_course.py",
    "synthesis/event_weights.py",
    "synthesis/score_increments.py",
    "synthesis/shared_patients.py",
    "synthesis/therapy.py",
    "synthesis/therapy_design.py",
    "synthesis/therapy_forward.py",
    "synthesis/therapy_levels.py",
)
"""Files whose text is the therapy model and the hazard that weighs its windows; the posterior behind that hazard is
watched as a whole."""
RESISTANCE_SOURCES = (
    "evidence/resistance_selection.py",
    "synthesis/correlation.py",
    "synthesis/resistance.py",
    "synthesis/resistance_design.py",
    "synthesis/resistance_forward.py",
    "synthesis/resistance_levels.py",
)
"""Files whose text is the resistance model."""
TRANSLATION_SOURCES = (
    "evidence/resistance_selection.py",
    "synthesis/resistance_levels.py",
    "synthesis/translation.py",
    "synthesis/translation_design.py",
    "synthesis/translation_forward.py",
)
"""Files whose text is the translation model."""


class Priors(Protocol):
    """Priors that can be listed."""

    def table(self) -> list[tuple[str, str, str]]:
        """List name, distribution and reason."""


@dataclass(frozen=True)
class Watched:
    """What a model's posterior depends on: rows, priors, source files, and posteriors of other models."""

    rows: Callable[[Path], dict[str, dict[str, str]]]
    priors: Priors
    sources: tuple[str, ...]
    upstream: tuple[str, ...] = ()


WATCHED = {
    "recurrence": Watched(modelled_row_hashes, RECURRENCE, RECURRENCE_SOURCES),
    "therapy": Watched(modelled_effect_hashes, THERAPY, THERAPY_SOURCES, ("recurrence",)),
    "metastasis": Watched(modelled_site_hashes, METASTASIS, METASTASIS_SOURCES),
    "dormancy": Watched(modelled_row_hashes, DORMANCY, DORMANCY_SOURCES),
    "resistance": Watched(modelled_resistance_hashes, RESISTANCE, RESISTANCE_SOURCES),
    "translation": Watched(modelled_pair_hashes, TRANSLATION, TRANSLATION_SOURCES),
}
MODELS = tuple(WATCHED)
"""All models, each after those that it needs."""

State = Literal["fresh", "stale", "missing", "failed", "broken", "outdated"]


@dataclass(frozen=True)
class ModelStatus:
    """State of one model's posterior and the reasons for it.

    Attributes
    ----------
    model : str
        Name of the model.
    state : str
        Whether answers may be given from it (fresh) or why not.
    reasons : tuple of str
        A phrase each; none if fresh.
    changes : tuple of Change
        What makes it stale, thing by thing.
    notes : tuple of Change
        What differs between its making and here without making it stale.
    """

    model: str
    state: State
    reasons: tuple[str, ...]
    changes: tuple[Change, ...] = ()
    notes: tuple[Change, ...] = ()


def models_of(project: Project) -> tuple[str, ...]:
    """List the models that a project has evidence for."""
    return tuple(name for name in MODELS if name == "recurrence" or has_evidence(project, name))


def fingerprint(project: Project, model: str, priors: Priors | None = None) -> dict[str, Any]:
    """Describe what a fit of today would see.

    Parameters
    ----------
    project : Project
        Where evidence and records are.
    model : str
        Name of the model.
    priors : Priors, optional
        Priors of the fit, if they are not those of the model.

    Returns
    -------
    dict
        ``evidence`` (hash by table and row), ``priors`` (text by name), ``source`` (hash by file) and ``upstream``
        (hash by model whose posterior enters; empty for most).
    """
    package, watched = Path(resurge.__file__).parent, WATCHED[model]
    return {
        "evidence": watched.rows(project.data),
        "priors": {name: distribution for name, distribution, _ in (priors or watched.priors).table()},
        "source": {name: code_hash((package / name).read_text(encoding="utf-8")) for name in watched.sources},
        "upstream": {name: posterior_hash(project, name) for name in watched.upstream},
    }


def posterior_hash(project: Project, model: str) -> str:
    """Give a short hash of what a stored posterior was made from, or nothing if there is none.

    The same evidence, priors, source and settings give the same posterior, whatever machine or day.
    """
    try:
        manifest = read_manifest(project, model)
    except RecordError:
        return ""
    made_from = {name: manifest[name] for name in ("fingerprint", "settings")}
    return hashlib.sha256(json.dumps(made_from, sort_keys=True).encode()).hexdigest()[:12]


@lru_cache(maxsize=256)
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


def changes_since(project: Project, manifest: Mapping[str, Any]) -> list[Change]:
    """List what differs between what a record was made from and what a fit of today would see; empty if nothing."""
    return _changes(project, manifest, fingerprint(project, manifest["model"]))


def _changes(project: Project, manifest: Mapping[str, Any], now: Mapping[str, Any]) -> list[Change]:
    model, before = manifest["model"], manifest["fingerprint"]
    rows = []
    if now["evidence"] != before["evidence"]:
        cells = manifest["evidence_rows"], evidence_seen(project, model)
        rows = list(row_changes(before["evidence"], now["evidence"], *cells))
    others = (mapping_changes(part, before[part], now[part]) for part in ("priors", "source", "upstream"))
    return [*rows, *(change for part in others for change in part)]


def what_changed(project: Project, manifest: Mapping[str, Any]) -> list[str]:
    """Say what differs between a record's fingerprint and today's, a phrase each; empty if nothing does."""
    return reasons(changes_since(project, manifest))


def model_status(project: Project, model: str) -> ModelStatus:
    """Tell the state of one model's posterior."""
    return examined(project, model)[0]


def examined(project: Project, model: str) -> tuple[ModelStatus, Mapping[str, Any], Mapping[str, Any]]:
    """Tell the state of one model's posterior; give the manifest and the fingerprint of today, where it can be read."""
    try:
        manifest = whole_manifest(project, model)
    except PosteriorMissingError as error:
        return ModelStatus(model, "missing", (str(error),)), {}, {}
    except RecordOutdatedError as error:
        return ModelStatus(model, "outdated", (str(error),)), {}, {}
    except RecordBrokenError as error:
        return ModelStatus(model, "broken", (str(error),)), {}, {}
    now = fingerprint(project, model)
    return _state_of(manifest, _changes(project, manifest, now)), manifest, now


def _state_of(manifest: Mapping[str, Any], changes: Sequence[Change]) -> ModelStatus:
    model, noted = manifest["model"], tuple(notes(manifest))
    if changes:
        return ModelStatus(model, "stale", tuple(reasons(changes)), tuple(changes), noted)
    if not manifest["passed"]:
        failing = [name for name, check in manifest["diagnostics"].items() if not check["passed"]]
        return ModelStatus(model, "failed", tuple(f"gate: {name}" for name in failing), notes=noted)
    return ModelStatus(model, "fresh", (), notes=noted)


def all_status(project: Project) -> list[ModelStatus]:
    """Tell the state of each model's posterior, side by side: most of the time goes into hashing their draws."""
    with ThreadPoolExecutor() as pool:
        return list(pool.map(partial(model_status, project), models_of(project)))
