"""Draws of a record as plain arrays with their labels, read without xarray's seconds of import."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray

from resurge.inference.manifests import intact

Array = NDArray[np.float64]
UNITS, ROWS = "unit_log_likelihood", "row_log_likelihood"
"""Groups of log likelihoods: of units at all draws, of single rows at some."""
FITTED, FITTED_UNITS = "fitted", "fitted_unit_log_likelihood"
"""Groups of a reweighted record that hold the fit behind it."""


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

    def at(self, places: NDArray[np.int_]) -> StoredDraws:
        """Give some of the draws, as one chain."""
        n = self.shape[0] * self.shape[1]
        return StoredDraws(taken(self.arrays, places, n), self.labels, (1, len(places)))


def taken(draws: Mapping[str, NDArray], chosen: NDArray[np.int_], n: int) -> dict[str, NDArray]:
    """Take some of n draws; what has no sample stays as it is."""
    return {name: values[chosen] if values.ndim and len(values) == n else values for name, values in draws.items()}


@dataclass(frozen=True)
class LikelihoodTable:
    """Log likelihoods of rows at some draws.

    Attributes
    ----------
    values : ndarray, shape (place, column)
        Log densities.
    columns : tuple of str
        Rows, as ``table:row_id``.
    places : ndarray of int, shape (place,)
        Places of the draws, chains joined.
    """

    values: Array
    columns: tuple[str, ...]
    places: NDArray[np.int_]


def read_table(path: Path, group: str, name: str) -> LikelihoodTable:
    """Read the log likelihoods of rows from a record's draws file."""
    with h5py.File(path) as file:
        stored = file[group]
        return LikelihoodTable(stored[name][()], tuple(_plain(stored["row"]).tolist()), stored["sample"][()])


def read_draws(path: Path, group: str) -> StoredDraws:
    """Read a group of a record's draws file.

    Parameters
    ----------
    path : pathlib.Path
        As from :func:`resurge.inference.records.draws_path`.
    group : str
        Name of the group.

    Raises
    ------
    RecordBrokenError
        If the file does not hold it.
    """
    with intact(path), h5py.File(path) as file:
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


def read_arrays(path: Path, names: tuple[str, ...], group: str) -> dict[str, Array]:
    """Read some arrays of a group of a draws file, chains joined; the sample comes first where they have one.

    Raises
    ------
    RecordBrokenError
        If the file does not hold them.
    """
    with intact(path), h5py.File(path) as file:
        stored = file[group]
        arrays = {name: stored[name][()] for name in names}
        sample = (len(stored["chain"]), len(stored["draw"]))
    return {
        name: array.reshape(-1, *array.shape[2:]) if array.shape[:2] == sample else array
        for name, array in arrays.items()
    }


def holds(path: Path, group: str) -> bool:
    """Tell whether a draws file holds a group."""
    with intact(path), h5py.File(path) as file:
        return group in file


def _plain(variable: h5py.Dataset) -> NDArray:
    if h5py.check_string_dtype(variable.dtype) is None:
        return variable[()]
    return np.array(variable.asstr()[()], dtype=str)
