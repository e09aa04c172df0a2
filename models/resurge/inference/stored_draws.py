"""Draws of a record as plain arrays with their labels, read without xarray's seconds of import."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import h5py
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class StoredDraws:
    """One group of a record's draws.

    Attributes
    ----------
    arrays : mapping of str to ndarray
        Chains joined, the sample first; constants as they are, text as ``str``.
    labels : mapping of str to tuple of str
        Labels of each labelled dimension.
    shape : tuple of int
        Chains and draws of each.
    """

    arrays: Mapping[str, NDArray]
    labels: Mapping[str, tuple[str, ...]]
    shape: tuple[int, int]


def read_draws(path: Path, group: Literal["posterior", "prior", "fitted", "log_likelihood"]) -> StoredDraws:
    """Read a group of a record's draws file.

    Parameters
    ----------
    path : pathlib.Path
        As from :func:`resurge.inference.records.draws_path`.
    group : str
        Name of the group.
    """
    with h5py.File(path) as file:
        stored = file[group]
        shape = (len(stored["chain"]), len(stored["draw"]))
        arrays, labels = {}, {}
        for name, variable in stored.items():
            values = _plain(variable)
            if variable.is_scale:
                if values.dtype.kind == "U":
                    labels[name] = tuple(values.tolist())
            elif values.shape[:2] == shape:
                arrays[name] = values.reshape(shape[0] * shape[1], *values.shape[2:])
            else:
                arrays[name] = values
    return StoredDraws(arrays, labels, shape)


def holds(path: Path, group: str) -> bool:
    """Tell whether a draws file holds a group."""
    with h5py.File(path) as file:
        return group in file


def _plain(variable: h5py.Dataset) -> NDArray:
    if h5py.check_string_dtype(variable.dtype) is None:
        return variable[()]
    return np.array(variable.asstr()[()], dtype=str)
