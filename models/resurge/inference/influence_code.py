"""The code that stored influence rests on beside evidence, priors and model: a hash by file, or by name in a file.

Answers without a source come from draws (weights of them, or a fit) and from the way from draws to answers. The second
is shared by both, so fits that are kept rest on it alone: the models that they fit are in their fingerprint.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import resurge
from resurge.inference.freshness import code_hash

CURVE_WEIGHING = (
    "inference/fit_recurrence.py",
    "inference/twin_recurrence.py",
    "synthesis/left_out.py",
    "synthesis/own_levels.py",
    "synthesis/patient_sums.py",
    "synthesis/prior_draws.py",
    "synthesis/recurrence_pointwise.py",
    "synthesis/window_sums.py",
)
ANSWERS = (
    "findings/conflict.py",
    "findings/estimands.py",
    "inference/history.py:LEVEL",
    "inference/history.py:summaries",
    "inference/influence.py:told",
    "inference/influence.py:without",
    "inference/stored_draws.py:taken",
)
"""From draws without a source to what they answer and how its rows stand against them, whatever the model."""
ANSWERS_OF: dict[str, tuple[str, ...]] = {
    "recurrence": ("findings/hazard_draws.py", "inference/laid_out.py", "synthesis/forward.py"),
    "therapy": ("findings/effect_draws.py", "inference/laid_out.py", "synthesis/strata.py:ER"),
    "metastasis": ("findings/hazard_draws.py:POPULATIONS", "findings/site_draws.py", "inference/laid_out.py"),
    "dormancy": ("findings/dormancy_draws.py", "inference/laid_out.py", "synthesis/forward.py"),
    "resistance": ("findings/effect_draws.py:labels",),
    "translation": (),
}
"""What a model adds to them."""
WEIGHING = (
    "inference/evidence_seen.py",
    "inference/influence.py",
    "inference/labelled.py",
    "inference/laid_out.py",
    "inference/left_out_rows.py:answers_of",
    "inference/left_out_sources.py",
    "inference/psis.py",
    "inference/reweight.py",
    "inference/stored_draws.py",
    "inference/twins.py",
    "inference/update.py:stored_fit",
    "inference/update.py:what_weights_cannot_do",
)
"""From the draws with all sources to those without one, whatever the model."""
WEIGHING_OF: dict[str, tuple[str, ...]] = {
    "recurrence": CURVE_WEIGHING,
    "therapy": (
        "inference/baseline.py",
        "inference/fit_therapy.py",
        "inference/twin_therapy.py",
        "synthesis/therapy_pointwise.py",
        "synthesis/therapy_rows.py",
    ),
    "metastasis": (
        "inference/fit_metastasis.py",
        "inference/twin_metastasis.py",
        "synthesis/metastasis_pointwise.py",
        "synthesis/source_effects.py",
    ),
    "dormancy": (*CURVE_WEIGHING, "inference/twin_dormancy.py"),
    "resistance": ("inference/fit_resistance.py", "inference/twin_resistance.py", "synthesis/resistance_pointwise.py"),
    "translation": (
        "inference/fit_translation.py",
        "inference/twin_translation.py",
        "synthesis/translation_pointwise.py",
    ),
}
"""What a model adds to them."""


def answer_code(model: str) -> dict[str, str]:
    """Hash the way from draws without a source to what is stored of them."""
    return hashes((*ANSWERS, *ANSWERS_OF[model]))


def influence_code(model: str) -> dict[str, str]:
    """Hash the way from the draws of a model to its influence by weights."""
    return answer_code(model) | hashes((*WEIGHING, *WEIGHING_OF[model]))


def hashes(places: Iterable[str]) -> dict[str, str]:
    """Hash code by place: a file of the package, or ``file:name`` for what defines one name at the top of it."""
    package = Path(resurge.__file__).parent
    found = {}
    for place in places:
        file, _, name = place.partition(":")
        source = (package / file).read_text(encoding="utf-8")
        found[place] = code_hash(defining(source, name) if name else source)
    return found


@lru_cache(maxsize=64)
def defining(source: str, name: str) -> str:
    """Give the statements at the top of a module that define a name."""
    return "\n".join(ast.unparse(each) for each in ast.parse(source).body if name in names_defined(each))


def names_defined(statement: ast.stmt) -> set[str]:
    """Give the names that a statement at the top of a module defines, imports aside."""
    match statement:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return {name}
        case ast.Assign(targets=targets):
            return {each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name)}
        case ast.AnnAssign(target=ast.Name(id=name)):
            return {name}
    return set()
