"""Groups of a NetCDF file as xarray writes them, read as they stand and written in memory, without xarray.

xarray takes a second to import, and imports Dask where that is installed: time that an update has not.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import h5netcdf
import h5py
import numpy as np
from numpy.typing import NDArray

from resurge.inference.labelled import Labelled
from resurge.inference.manifests import intact

if TYPE_CHECKING:
    import xarray as xr

FILL = "_FillValue"
OF_THE_FORMAT = {"CLASS", "NAME", "DIMENSION_LIST", "REFERENCE_LIST", "_Netcdf4Dimid", "_Netcdf4Coordinates"}
"""Attributes by which a file ties variables to dims."""
UNLABELLED = b"This is a netCDF dimension but not a netCDF variable"
"""How the name of a dim without labels begins."""


@dataclass(frozen=True)
class Variable:
    """A variable as a file holds it: dims, values, attributes with that of what is not filled."""

    dims: tuple[str, ...]
    values: NDArray
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Group:
    """A group of a file: variables and labels of dims by name, places of each dim, attributes."""

    variables: Mapping[str, Variable]
    sizes: Mapping[str, int]
    attributes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def labels(self) -> dict[str, list[str | float]]:
        """Labels of the dims that have any."""
        return {
            dim: [each.decode() if isinstance(each, bytes) else each for each in self.variables[dim].values.tolist()]
            for dim in self.sizes
            if dim in self.variables
        }


def of_labelled(draws: Labelled) -> Group:
    """Give draws the form of a file; what is not finite in them is not filled in, nor are labels."""
    variables = {}
    for name, (dims, values) in draws.variables.items():
        is_float = values.dtype.kind == "f"
        variables[name] = Variable(dims, values, {FILL: values.dtype.type(np.nan)} if is_float else {})
    labels = {dim: Variable((dim,), names) for dim, names in draws.labels.items()}
    return Group(variables | labels, draws.sizes)


def of_dataset(dataset: xr.Dataset) -> Group:
    """Give a dataset the form of a file, as xarray does."""
    import xarray as xr

    encoded, attributes = xr.conventions.encode_dataset_coordinates(dataset)
    variables = {}
    for name, variable in encoded.items():
        plain = xr.conventions.encode_cf_variable(variable, name=name)
        variables[str(name)] = Variable(plain.dims, plain.values, dict(plain.attrs))
    return Group(variables, dict(dataset.sizes), attributes)


def read_group(path: Path, group: str) -> Group:
    """Read a group of a file as it stands, to be written again.

    Raises
    ------
    RecordBrokenError
        If the file does not hold it.
    """
    with intact(path), h5py.File(path) as file:
        stored = file[group]
        sizes = {name: len(each) for name, each in stored.items() if each.is_scale}
        variables = {name: _read(each) for name, each in stored.items() if not _is_only_a_dim(each)}
        return Group(variables, sizes, dict(stored.attrs))


def _is_only_a_dim(stored: h5py.Dataset) -> bool:
    return stored.is_scale and stored.attrs["NAME"].startswith(UNLABELLED)


def _read(stored: h5py.Dataset) -> Variable:
    own = (stored.name,) if stored.is_scale else (scales[0].name for scales in stored.dims)
    attributes = {name: stored.attrs[name] for name in stored.attrs if name not in OF_THE_FORMAT}
    if FILL in attributes:
        attributes[FILL] = attributes[FILL][0]
    return Variable(tuple(name.rpartition("/")[2] for name in own), stored[()], attributes)


def in_memory(groups: Mapping[str, Group]) -> memoryview:
    """Write groups of a NetCDF file.

    Parameters
    ----------
    groups : mapping of str to Group
        By name.
    """
    target = io.BytesIO()
    with h5netcdf.File(target, "w") as file:
        for name, group in groups.items():
            _write(file.create_group(name), group)
    return target.getbuffer()


def _write(target: h5netcdf.Group, group: Group) -> None:
    target.dimensions = dict(group.sizes)
    for key, value in group.attributes.items():
        target.attrs[key] = value
    # Labels first: h5netcdf ties all variables of a dim to it anew when its labels come after them.
    for name in sorted(group.variables, key=lambda name: name not in group.sizes):
        variable = group.variables[name]
        is_text = variable.values.dtype.kind in "OU"
        stored = target.create_variable(
            name,
            variable.dims,
            h5py.string_dtype() if is_text else variable.values.dtype,
            fillvalue=variable.attributes.get(FILL),
        )
        for key, value in variable.attributes.items():
            if key != FILL:
                stored.attrs[key] = value
        stored[...] = variable.values.astype(object) if is_text else variable.values
