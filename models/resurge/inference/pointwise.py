"""Log likelihoods of rows and of units at the draws of a posterior: what a record keeps so that evidence can change."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from resurge.inference.twins import Twin

Array = NDArray[np.float64]


def flat_arrays(posterior: xr.Dataset) -> dict[str, NDArray]:
    """Give a posterior as plain arrays: chains joined, the sample first; constants and labels as they are."""
    n = posterior.sizes["chain"] * posterior.sizes["draw"]
    return {
        str(name): each.values.reshape(n, *each.shape[2:]) if each.dims[:2] == ("chain", "draw") else each.values
        for name, each in posterior.variables.items()
        if name not in ("chain", "draw")
    }


def log_likelihood(twin: Twin, posterior: xr.Dataset) -> xr.Dataset:
    """Evaluate the evidence at every draw.

    Parameters
    ----------
    twin : Twin
        The model's likelihood.
    posterior : xarray.Dataset
        Draws, dims ``(chain, draw, ...)``.

    Returns
    -------
    xarray.Dataset
        ``by_row``, dims ``(chain, draw, row)``: log p(row | other rows of its unit, parameters); ``by_unit``, dims
        ``(chain, draw, unit)``: log p(rows of the unit | shared parameters).
    """
    draws, units = flat_arrays(posterior), list(twin.units)
    # Rows are looked at one by one, where seven digits are plenty; units are summed and subtracted.
    by_row = twin.by_row(draws).astype(np.float32)
    return labelled(by_row, twin.by_unit(draws, units), twin, (posterior.sizes["chain"], posterior.sizes["draw"]))


def labelled(by_row: Array, by_unit: Array, twin: Twin, shape: tuple[int, int]) -> xr.Dataset:
    """Give log likelihoods their labels, split into chains."""
    return xr.Dataset(
        {
            "by_row": (("chain", "draw", "row"), by_row.reshape(*shape, -1)),
            "by_unit": (("chain", "draw", "unit"), by_unit.reshape(*shape, -1)),
        },
        coords={
            "chain": np.arange(shape[0]),
            "draw": np.arange(shape[1]),
            "row": np.array(twin.rows, dtype=str),
            "unit": np.array(list(twin.units), dtype=str),
        },
    )


def by_label(values: Array, labels: tuple[str, ...]) -> Mapping[str, Array]:
    """Give columns by their label."""
    return {label: values[:, i] for i, label in enumerate(labels)}
