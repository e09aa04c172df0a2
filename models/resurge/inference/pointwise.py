"""Log likelihoods of rows and of units at the draws of a posterior: what a record keeps so that evidence can change."""

from __future__ import annotations

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from resurge.inference.chains import flat_arrays
from resurge.inference.stored_draws import taken
from resurge.inference.twins import Twin

Array = NDArray[np.float64]
LOOKED_AT = 300
"""Draws at which single rows are looked at: enough for what leaving one out moves."""


def unit_log_likelihood(twin: Twin, posterior: xr.Dataset) -> xr.Dataset:
    """Evaluate every unit at every draw.

    Parameters
    ----------
    twin : Twin
        The model's likelihood.
    posterior : xarray.Dataset
        Draws, dims ``(chain, draw, ...)``.

    Returns
    -------
    xarray.Dataset
        ``by_unit``, dims ``(chain, draw, unit)``: log p(rows of the unit | shared parameters).
    """
    units = list(twin.units)
    shape = (posterior.sizes["chain"], posterior.sizes["draw"])
    values = twin.by_unit(flat_arrays(posterior), units).reshape(*shape, len(units))
    coords = {"chain": posterior["chain"], "draw": posterior["draw"], "unit": np.array(units, dtype=str)}
    return xr.Dataset({"by_unit": (("chain", "draw", "unit"), values)}, coords)


def row_log_likelihood(twin: Twin, posterior: xr.Dataset) -> xr.Dataset:
    """Evaluate every row at some evenly spaced draws.

    Parameters
    ----------
    twin : Twin
        The model's likelihood.
    posterior : xarray.Dataset
        Draws, dims ``(chain, draw, ...)``.

    Returns
    -------
    xarray.Dataset
        ``by_row``, dims ``(sample, row)``: log p(row | other rows of its unit, parameters as sampled); ``sample`` holds
        the places of the draws, chains joined.
    """
    n = posterior.sizes["chain"] * posterior.sizes["draw"]
    places = np.linspace(0, n - 1, min(n, LOOKED_AT)).astype(int)
    # Rows are weighed one at a time, where seven digits are plenty.
    values = twin.by_row(taken(flat_arrays(posterior), places, n)).astype(np.float32)
    coords = {"sample": places, "row": np.array(twin.rows, dtype=str)}
    return xr.Dataset({"by_row": (("sample", "row"), values)}, coords)
