"""Does a stored posterior notice a change of any code that determines its likelihood?

From the module of each model the imports are followed through the rooms of evidence and synthesis. What is reached must
be hashed with the model's source (`inference/freshness.py`), or stand here with the names that may be taken from it and
the reason why their change cannot go unnoticed.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from importlib import import_module
from pathlib import Path

import pytest

import resurge
from resurge.inference.freshness import MODELS, WATCHED

PACKAGE = Path(resurge.__file__).parent
ROOMS = ("resurge.evidence.", "resurge.synthesis.")
BY_VALUE = "priors are watched by value"
EXEMPT = {
    "evidence/tables.py": ({"Evidence"}, "gives cells back as they are printed; rows are watched by value"),
    "evidence/csv_files.py": ({"read_rows"}, "reads the rows whose values are watched, for their hashes only"),
    "evidence/selection.py": ({"row_hash"}, "with another hash every row would count as changed"),
    "synthesis/hazards.py": (
        {"midpoints"},
        "taken by the therapy model, and watched with the recurrence model",
    ),
    "synthesis/priors.py": ({"RECURRENCE", "RecurrencePriors", "Normal"}, BY_VALUE),
    "synthesis/dormancy_priors.py": ({"DormancyPriors"}, BY_VALUE),
    "synthesis/metastasis_priors.py": ({"MetastasisPriors", "MIX", "MIX_PATIENTS", "UNPRINTED_PATIENTS"}, BY_VALUE),
    "synthesis/therapy_priors.py": ({"TherapyPriors", "SCALED_ENDPOINTS"}, BY_VALUE),
    "synthesis/resistance_priors.py": ({"ResistancePriors", "FACETS"}, BY_VALUE),
    "synthesis/translation_priors.py": ({"TranslationPriors", "KINDS"}, BY_VALUE),
}
"""By file: names that may be taken from it though it is not hashed, and why. Their own imports are not followed."""
CONSTANTS = {
    ("metastasis", "MIX"): (0.5, 0.2, 0.1, 0.2),
    ("metastasis", "MIX_PATIENTS"): 61,
    ("metastasis", "UNPRINTED_PATIENTS"): 101,
    ("therapy", "SCALED_ENDPOINTS"): tuple("abcdefg"),
    ("resistance", "FACETS"): tuple("abcdef"),
    ("translation", "KINDS"): ("cell", "animal"),
}
"""Constants that likelihoods take from the modules of priors, with another value."""


def names_taken(file: str) -> Iterator[tuple[str, str]]:
    """Give the files of the two rooms that a file imports from, with each name that it takes."""
    for node in running(ast.parse((PACKAGE / file).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            assert not any(alias.name.startswith("resurge") for alias in node.names), file
        elif isinstance(node, ast.ImportFrom) and node.module == "resurge.synthesis":
            yield from ((f"synthesis/{alias.name}.py", "*") for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith(ROOMS):
            of = node.module.removeprefix("resurge.").replace(".", "/") + ".py"
            yield from ((of, alias.name) for alias in node.names)


def running(node: ast.AST) -> Iterator[ast.AST]:
    """Walk through code that runs: not through what only type checkers read."""
    if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
        return
    yield node
    for child in ast.iter_child_nodes(node):
        yield from running(child)


def unnoticed(model: str) -> list[str]:
    """List what the code of a model takes from files that are neither hashed nor exempt."""
    found, waiting, seen = [], [f"synthesis/{model}.py"], set()
    while waiting:
        file = waiting.pop()
        if file in seen:
            continue
        seen.add(file)
        for of, name in names_taken(file):
            if of in WATCHED[model].sources:
                waiting.append(of)
            elif name not in EXEMPT.get(of, (set(), ""))[0]:
                found.append(f"{file} takes {name} from {of}")
                waiting.append(of)
    return found


@pytest.mark.parametrize("model", MODELS)
def test_all_code_of_a_likelihood_is_hashed_or_cannot_change_unnoticed(model):
    assert f"synthesis/{model}.py" in WATCHED[model].sources
    assert unnoticed(model) == []


def test_the_walk_sees_a_file_that_is_not_hashed(monkeypatch):
    fewer = tuple(file for file in WATCHED["recurrence"].sources if file != "synthesis/levels.py")
    monkeypatch.setitem(WATCHED, "recurrence", replace(WATCHED["recurrence"], sources=fewer))
    assert "synthesis/curve_evidence.py takes nested_log_density from synthesis/levels.py" in unnoticed("recurrence")


def test_no_exemption_is_idle():
    taken = {pair for model in MODELS for file in WATCHED[model].sources for pair in names_taken(file)}
    assert {(file, name) for file, (names, _) in EXEMPT.items() for name in names} <= taken


def test_the_therapy_model_notices_another_recurrence_model():
    assert "recurrence" in WATCHED["therapy"].upstream
    assert "synthesis/hazards.py" in WATCHED["recurrence"].sources


def listed(priors) -> dict[str, str]:
    """Give what a fingerprint holds of priors."""
    return {name: distribution for name, distribution, _ in priors.table()}


def changed(value):
    """Give another prior of the same kind."""
    if is_dataclass(value):
        first = fields(value)[0].name
        return replace(value, **{first: changed(getattr(value, first))})
    return (changed(value[0]), *value[1:]) if isinstance(value, tuple) else value + 0.125


@pytest.mark.parametrize("model", MODELS)
def test_another_value_of_any_prior_is_noticed(model):
    priors = WATCHED[model].priors
    for field in fields(priors):
        other = replace(priors, **{field.name: changed(getattr(priors, field.name))})
        # The dormancy model has a curve of its own, and of the recurrence priors the first is that of the curve.
        if (model, field.name) != ("dormancy", "shared"):
            assert listed(other) != listed(priors), field.name


def test_another_value_of_a_prior_shared_with_the_recurrence_model_is_noticed():
    priors = WATCHED["dormancy"].priors
    other = replace(priors, shared=replace(priors.shared, nodal_step=changed(priors.shared.nodal_step)))
    assert listed(other) != listed(priors)


@pytest.mark.parametrize(("model", "name"), CONSTANTS)
def test_another_value_of_a_constant_beside_the_priors_is_noticed(model, name, monkeypatch):
    before = listed(WATCHED[model].priors)
    monkeypatch.setattr(import_module(f"resurge.synthesis.{model}_priors"), name, CONSTANTS[model, name])
    assert listed(WATCHED[model].priors) != before


def test_every_constant_beside_the_priors_is_tried():
    classes = {type(WATCHED[model].priors).__name__ for model in MODELS} | {"RECURRENCE", "Normal"}
    taken = {
        (Path(file).stem.removesuffix("_priors"), name)
        for file, (names, why) in EXEMPT.items()
        if why == BY_VALUE
        for name in names - classes
    }
    assert taken == set(CONSTANTS)
