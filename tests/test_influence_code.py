"""Does stored influence notice a change of any code between draws and answers?

From what leaves sources out, names are followed through the functions that use them and through imports. What is
reached must be hashed with the influence (`inference/influence_code.py`) or with the model (`inference/freshness.py`),
or stand here with the reason why its change cannot go unnoticed.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterator
from copy import deepcopy
from functools import lru_cache
from pathlib import Path

import pytest

import resurge
from resurge.inference import influence_code
from resurge.inference.freshness import MODELS, WATCHED
from resurge.inference.influence_code import answer_code, defining, hashes, names_defined
from test_sources import BY_VALUE, running

PACKAGE = Path(resurge.__file__).parent
ROOMS = ("evidence/", "synthesis/", "inference/", "findings/")
STORED = "reads and writes what is stored; draws are watched by their hash, other fields by the layout"
FORMER = "what is stored under another of them is not read"
EXEMPT = {
    "evidence/selection.py": ({"COMMENTARY"}, "columns that are not watched"),
    "inference/freshness.py": ({"WATCHED", "fingerprint"}, FORMER),
    "inference/gate.py": ({"MIN_ESS"}, "refuses updates; sources are left out whatever is left"),
    "inference/influence_code.py": ({"influence_code"}, FORMER),
    "inference/kept_fits.py": ({"kept_fits"}, "compares fingerprint and code of its own"),
    "inference/manifests.py": ({"intact"}, STORED),
    "inference/records.py": (
        {"draws_path", "read_manifest", "sound_draws_path", "sound_reading", "write_atomically"},
        STORED,
    ),
    "synthesis/therapy_priors.py": ({"SCALED_ENDPOINTS"}, BY_VALUE),
    "synthesis/resistance_priors.py": ({"FACETS"}, BY_VALUE),
    "synthesis/translation_priors.py": ({"KINDS"}, BY_VALUE),
}
"""By file: names that may be taken from it though it is not hashed, and why. What they use is not followed."""
Place = tuple[str, str]
"""A file and a name at its top."""


@lru_cache
def top_of(file: str) -> ast.Module:
    return ast.parse((PACKAGE / file).read_text(encoding="utf-8"))


def imported(nodes: Iterator[ast.AST]) -> dict[str, Place]:
    """Give where names come from that are imported from the package; a module itself has no name in its file."""
    found = {}
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("resurge"):
            folder = node.module.removeprefix("resurge").lstrip(".").replace(".", "/")
            for alias in node.names:
                module = f"{folder}/{alias.name}.py".lstrip("/")
                found[alias.name] = (module, "") if (PACKAGE / module).exists() else (f"{folder}.py", alias.name)
    return found


def used_by(file: str, name: str, model: str) -> Iterator[Place]:
    """Give what the definition of a name uses; of a table by model, what its part of one model uses."""
    tree = top_of(file)
    at_top, own = imported(iter(tree.body)), {name for each in tree.body for name in names_defined(each)}
    if name not in own:
        yield at_top[name]
        return
    for statement in tree.body:
        if name not in names_defined(statement):
            continue
        known = at_top | imported(ast.walk(statement))
        for node in running(WithoutTypes().visit(deepcopy(of_model(statement, model)))):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                module, whole = known.get(node.value.id, ("", "no module"))
                if not whole:
                    yield module, node.attr
            elif isinstance(node, ast.Name) and known.get(node.id, ("", ""))[1]:
                yield known[node.id]
            elif isinstance(node, ast.Name) and node.id in own:
                yield file, node.id


def of_model(statement: ast.stmt, model: str) -> ast.AST:
    """Give the part of one model of a table by model; anything else as it is."""
    table = getattr(statement, "value", None)
    if not isinstance(table, ast.Dict) or {getattr(key, "value", None) for key in table.keys} != set(MODELS):
        return statement
    return next(value for key, value in zip(table.keys, table.values, strict=True) if key.value == model)


class WithoutTypes(ast.NodeTransformer):
    """Leave annotations out: they do not run."""

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        node.annotation = ast.Constant("")
        return self.generic_visit(node)


def followed(starts: list[Place], model: str) -> set[Place]:
    """Follow all that is used, outside of what is hashed with the model; what is exempt is not followed further."""
    waiting, seen = list(starts), set()
    while waiting:
        place = file, name = waiting.pop()
        if place not in seen and file.startswith(ROOMS) and file not in WATCHED[model].sources:
            seen.add(place)
            waiting += [] if is_exempt(place) else used_by(file, name, model)
    return seen


def is_exempt(place: Place) -> bool:
    return place[1] in EXEMPT.get(place[0], (set(), ""))[0]


def is_defined(place: Place) -> bool:
    """Tell a name from one that is imported into its file and followed there."""
    return any(place[1] in names_defined(statement) for statement in top_of(place[0]).body)


def unnoticed(places: set[Place], hashed: Collection[str]) -> list[str]:
    """List what is neither hashed, by file or by name, nor exempt."""
    own = (place for place in places if is_defined(place) and not is_exempt(place))
    return sorted(f"{file}:{name}" for file, name in own if not {file, f"{file}:{name}"} & set(hashed))


def start_of_influence(model: str) -> list[Place]:
    return [("inference/influence.py", "leave_out_each"), (f"inference/twin_{model}.py", "twin_of")]


WAYS: dict[str, tuple[Callable[[str], dict[str, str]], Callable[[str], list[Place]]]] = {
    "influence": (influence_code.influence_code, start_of_influence),
    "kept fits": (answer_code, lambda _: [("inference/influence.py", "without")]),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("model", MODELS)
def test_all_code_between_draws_and_answers_is_hashed_or_cannot_change_unnoticed(model, way):
    code, starts = WAYS[way]
    places = followed(starts(model), model)
    assert unnoticed(places, code(model)) == []
    assert {file for file, _ in places} | {f"{file}:{name}" for file, name in places} >= code(model).keys()


@pytest.mark.parametrize(
    ("place", "name"),
    [
        ("findings/hazard_draws.py", "shares_after"),
        ("inference/psis.py", "smoothed"),
        ("synthesis/forward.py", "window_means"),
        ("inference/update.py:stored_fit", "stored_fit"),
    ],
)
def test_the_walk_sees_what_is_not_hashed(place, name):
    fewer = influence_code.influence_code("recurrence").keys() - {place}
    found = unnoticed(followed(start_of_influence("recurrence"), "recurrence"), fewer)
    assert f"{place.partition(':')[0]}:{name}" in found


def test_no_exemption_is_idle():
    met = set().union(*(followed(start_of_influence(model), model) for model in MODELS))
    assert {(file, name) for file, (names, _) in EXEMPT.items() for name in names} <= met


SOURCE = '''
"""Words."""
LIMIT: float = 0.7
A, B = 1, 2

def told(x):
    """Say."""
    return x + LIMIT

def other(x):
    return x
'''


@pytest.mark.parametrize("name", ["LIMIT", "A", "B", "told", "other"])
def test_a_definition_is_found_by_its_name_alone(name):
    text = defining(SOURCE, name)
    assert name in text
    assert ("def other" in text) == (name == "other")


def test_a_hash_of_a_name_sees_its_definition_and_nothing_else(tmp_path, monkeypatch):
    monkeypatch.setattr(influence_code.resurge, "__file__", str(tmp_path / "__init__.py"))

    def hashed(source):
        (tmp_path / "a.py").write_text(source)
        return hashes(["a.py:told", "a.py"])

    before = hashed(SOURCE)
    assert hashed(SOURCE.replace("Say.", "Say more.  ")) == before
    elsewhere = hashed(SOURCE.replace("return x\n", "return -x\n"))
    assert (elsewhere["a.py:told"], elsewhere["a.py"] == before["a.py"]) == (before["a.py:told"], False)
    assert hashed(SOURCE.replace("x + LIMIT", "x - LIMIT"))["a.py:told"] != before["a.py:told"]
