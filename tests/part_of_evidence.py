"""Parts of the real evidence, and models of a part in the shape of the whole beside models of the part alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from functools import cache

import numpy as np
import pandas as pd
import pymc as pm
import xarray as xr

from evidence_folder import DATA
from resurge.evidence import load_evidence
from resurge.evidence.tables import Evidence
from resurge.inference.freshness import fingerprint
from resurge.inference.left_out_sources import without_each_source
from resurge.project import Project

PROJECT = Project(DATA.parent)
Point = dict[str, np.ndarray]


@cache
def real_evidence() -> Evidence:
    return load_evidence(DATA)


@cache
def without_source(model: str, source: str) -> Evidence:
    """Give the evidence without a source, as influence leaves it out."""
    parts = without_each_source(real_evidence(), model, fingerprint(PROJECT, model))
    return next(part.evidence for part in parts if part.source == source)


def log_density_of(model: pm.Model) -> Callable[[Point], float]:
    return model.compile_logp(mode="FAST_COMPILE")


def random_point(model: pm.Model, rng: np.random.Generator) -> Point:
    """Give unconstrained parameters around those that the model starts at."""
    return {name: value + 0.5 * rng.normal(size=value.shape) for name, value in model.initial_point().items()}


def places(model: pm.Model, whole: pm.Model, dim: str) -> np.ndarray:
    """Tell where a model's labels are among those of the model of the whole."""
    return np.array([list(whole.coords[dim]).index(label) for label in model.coords[dim]], dtype=int)


def absent(model: pm.Model, whole: pm.Model, dim: str) -> np.ndarray:
    """Tell where the labels are that a model does without."""
    return np.setdiff1d(np.arange(len(whole.coords[dim])), places(model, whole, dim))


def own_point(point: Mapping[str, np.ndarray], model: pm.Model, whole: pm.Model) -> Point:
    """Take the parameters of a model from those of the model of the whole."""
    found = {}
    for variable in model.value_vars:
        value = point[variable.name]
        for axis, dim in enumerate(model.named_vars_to_dims.get(model.values_to_rvs[variable].name, ())):
            if model.coords[dim] != whole.coords[dim]:
                value = value.take(places(model, whole, dim), axis)
        found[variable.name] = value
    return found


def as_sampled(draws: Mapping[str, np.ndarray], model: pm.Model) -> xr.Dataset:
    """Label draws as the sampler labels those of a model, in one chain."""
    dims = model.named_vars_to_dims
    variables = {name: (("chain", "draw", *dims.get(name, ())), each[None]) for name, each in draws.items()}
    used = {dim for names, _ in variables.values() for dim in names[2:]}
    return xr.Dataset(variables, coords={dim: list(model.coords[dim]) for dim in used})


def assert_laid_out_like(design: object, whole: object, *, told: set[str]) -> None:
    """Check labels, shapes and types, and that nothing but what is told differs."""
    for field in fields(whole):
        one, other = getattr(design, field.name), getattr(whole, field.name)
        if isinstance(other, np.ndarray):
            assert (one.shape, one.dtype) == (other.shape, other.dtype), field.name
            if field.name not in told:
                np.testing.assert_array_equal(one, other, field.name)
        elif isinstance(other, pd.DataFrame):
            pd.testing.assert_frame_equal(one, other)
        else:
            assert one == other, field.name
