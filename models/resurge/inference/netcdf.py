"""Datasets as one NetCDF file in memory, as xarray writes it.

xarray asks for the scheduler of Dask before it writes, and where `distributed` is installed imports it: seconds that an
update has not.
"""

from __future__ import annotations

import io
from collections.abc import Mapping

import h5netcdf
import h5py
import xarray as xr


def in_memory(groups: Mapping[str, xr.Dataset]) -> memoryview:
    """Write datasets into groups of a NetCDF file.

    Parameters
    ----------
    groups : mapping of str to xarray.Dataset
        Datasets by name of the group.
    """
    target = io.BytesIO()
    with h5netcdf.File(target, "w") as file:
        for name, dataset in groups.items():
            _write(file.create_group(name), dataset)
    return target.getbuffer()


def _write(group: h5netcdf.Group, dataset: xr.Dataset) -> None:
    variables, attributes = xr.conventions.encode_dataset_coordinates(dataset)
    group.dimensions = dict(dataset.sizes)
    for key, value in attributes.items():
        group.attrs[key] = value
    for name, variable in variables.items():
        plain = xr.conventions.encode_cf_variable(variable, name=name)
        attrs = dict(plain.attrs)
        is_text = plain.dtype.kind in "OU"
        stored = group.create_variable(
            str(name),
            plain.dims,
            h5py.string_dtype() if is_text else plain.dtype,
            fillvalue=attrs.pop("_FillValue", None),
        )
        for key, value in attrs.items():
            stored.attrs[key] = value
        stored[...] = plain.values.astype(object) if is_text else plain.values
