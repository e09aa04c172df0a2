"""Between labelled draws of several chains and plain arrays with the sample first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import xarray as xr
from numpy.typing import NDArray


def joined(draws: xr.Dataset, names: Iterable[str]) -> dict[str, NDArray[np.float64]]:
    """Join the chains of some variables, dims ``(chain, draw, ...)``, into arrays with the sample first."""
    arrays = {name: draws[name].values for name in names}  # without a -1: an array without elements has no size to fill
    return {name: each.reshape(each.shape[0] * each.shape[1], *each.shape[2:]) for name, each in arrays.items()}


def flat_arrays(draws: xr.Dataset) -> dict[str, NDArray]:
    """Give all variables as plain arrays: chains joined, the sample first; constants and labels as they are."""
    n = draws.sizes["chain"] * draws.sizes["draw"]
    return {
        str(name): each.values.reshape(n, *each.shape[2:]) if each.dims[:2] == ("chain", "draw") else each.values
        for name, each in draws.variables.items()
        if name not in ("chain", "draw")
    }


def split(
    draws: Mapping[str, NDArray[np.float64]],
    shape: tuple[int, int],
    dims: Mapping[str, tuple[str, ...]],
    labels: Mapping[str, Iterable[str]],
) -> xr.Dataset:
    """Split arrays with the sample first into chains, with dims and labels.

    Parameters
    ----------
    draws : mapping of str to ndarray
        Arrays by name, shape ``(sample, ...)``.
    shape : tuple of int
        Chains and draws of each.
    dims : mapping of str to tuple of str
        Dims after the sample, by name; none where a name is not in it.
    labels : mapping of str to iterable of str
        Labels of dims.
    """
    return xr.Dataset(
        {
            name: (("chain", "draw", *dims.get(name, ())), values.reshape(*shape, *values.shape[1:]))
            for name, values in draws.items()
        },
        coords={"chain": np.arange(shape[0]), "draw": np.arange(shape[1])}
        | {dim: np.array(list(names), dtype=str) for dim, names in labels.items()},
    )
