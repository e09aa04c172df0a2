"""One compiled model for many bodies of evidence and priors: what is constant in its graph becomes data.

Compiling a model costs about as much as a short fit. Design matrices, errors and the numbers of priors are constants of
a stated model, which compiled code holds fast. Here they are put into one vector of data from which the graph takes its
parts, so that other numbers run on the code of the first. The number of rows may change as well: evidence with fewer
rows is laid out in the shape of the whole, absent rows saying nothing (``in_shape_of`` of each design).

All real numbers of a graph are exchanged. Everything else (operations, shapes, positions, labels, memberships) has to
be the same, and is compared.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from resurge.inference.sample import compile_model, compiled_once

if TYPE_CHECKING:
    import pymc as pm
    from nutpie.sample import CompiledModel
    from pytensor.graph import Apply, Op, Variable

Data = dict[str, NDArray]
CONSTANTS = "constants"
"""Name of the vector that holds what was constant."""


@dataclass(frozen=True)
class Exchangeable:
    """A model whose numbers are data.

    Attributes
    ----------
    model : pymc.Model
        With a vector of data named `CONSTANTS`.
    data : dict of str to ndarray
        That vector and the model's own data, by name.
    structure : list
        What the model is apart from its data.
    """

    model: pm.Model
    data: Data
    structure: list[Any]


@contextmanager
def real_numbers() -> Iterator[None]:
    """Have models stated with double precision for every real number, where 1.5 would else be kept shorter than 1.4."""
    import pytensor

    with pytensor.config.change_flags(cast_policy="numpy+floatX"):
        yield


def exchangeable(model: pm.Model) -> Exchangeable:
    """Make the real constants of a model data; its density stays the same.

    Parameters
    ----------
    model : pymc.Model
        Stated under :func:`real_numbers`.
    """
    import pytensor
    from pymc.model.fgraph import fgraph_from_model, model_from_fgraph

    graph, _ = fgraph_from_model(model)
    nodes = graph.toposort()
    structure = [*described(nodes), {name: list(labels or ()) for name, labels in model.coords.items()}]
    numbers = list({id(each): each for node in nodes for each in node.inputs if is_number(each)}.values())
    values = np.concatenate([each.data.ravel() for each in numbers])
    vector = pytensor.shared(values, name=CONSTANTS, shape=values.shape)
    starts = np.cumsum([0, *(each.data.size for each in numbers)])[:-1].tolist()
    parts = [(each, part_of(vector, start, each.data.shape)) for each, start in zip(numbers, starts, strict=True)]
    graph.replace_all(parts, import_missing=True)
    own = {variable.name: variable.get_value() for variable in model.data_vars}
    return Exchangeable(model_from_fgraph(graph, mutate_fgraph=True), {CONSTANTS: values, **own}, structure)


def part_of(vector: Variable, start: int, shape: tuple[int, ...]) -> Variable:
    """Take an array, or a single number, out of a vector of a graph."""
    return vector[start : start + math.prod(shape)].reshape(shape) if shape else vector[start]


def is_number(variable: Variable) -> bool:
    """Tell whether a variable of a graph is a real constant; matrices of 0 and 1 say what belongs where, no amount."""
    from pytensor.tensor.variable import TensorConstant

    if not isinstance(variable, TensorConstant) or variable.dtype != "float64":
        return False
    return variable.ndim < 2 or not np.isin(variable.data, (0.0, 1.0)).all()


def described(nodes: Sequence[Apply]) -> Iterator[tuple[Any, ...]]:
    """Describe the nodes of a graph so that two graphs have equal descriptions if they differ in real numbers alone."""
    place = {node: i for i, node in enumerate(nodes)}
    for node in nodes:
        yield (described_operation(node.op), *(described_input(each, place) for each in node.inputs))


def described_operation(op: Op) -> object:
    """Describe an operation; those that hold a graph or a transform of their own do not compare equal themselves."""
    from pymc.model.fgraph import ModelValuedVar
    from pytensor.compile.builders import OpFromGraph

    if isinstance(op, OpFromGraph):
        return type(op), list(described(op.fgraph.toposort()))
    if isinstance(op, ModelValuedVar):
        return type(op), type(op.transform), vars(op.transform) if op.transform else None
    return op


def described_input(variable: Variable, place: dict[Apply, int]) -> tuple[Any, ...]:
    """Describe what a node takes: the output of another node, a constant, or data."""
    from pytensor.graph.basic import Constant

    if variable.owner is not None:
        return place[variable.owner], variable.owner.outputs.index(variable)
    if is_number(variable):
        return ("number", variable.data.shape)
    if isinstance(variable, Constant):
        return ("constant", variable.type, np.asarray(variable.data).tolist())
    return (variable.name, variable.type)


@dataclass(frozen=True)
class Compiled:
    """Compiled code of a model whose numbers are data, and its structure."""

    code: CompiledModel
    structure: list[Any]


def code_for(model: pm.Model, key: Hashable, first: Callable[[], pm.Model]) -> tuple[CompiledModel, Data]:
    """Give compiled code and the data with which it is a model.

    Parameters
    ----------
    model : pymc.Model
        The model wanted, stated under :func:`real_numbers`.
    key : hashable
        What tells one kind of model from another in this process.
    first : callable
        States the model that is compiled when the key comes up first; the same one whatever is wanted, so that draws do
        not depend on what a process did before.

    Returns
    -------
    code : CompiledModel
        That of the first model, if the one wanted has its structure; otherwise of the one wanted alone.
    data : dict of str to ndarray
        For :func:`resurge.inference.sample.sample`.
    """

    def compiled() -> Compiled:
        with real_numbers():
            base = exchangeable(first())
        return Compiled(compile_model(base.model), base.structure)

    wanted, shared = exchangeable(model), compiled_once(("numbers as data", key), compiled)
    if wanted.structure == shared.structure:
        return shared.code, wanted.data
    return compile_model(model), {}
