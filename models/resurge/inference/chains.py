"""Between labelled draws of several chains and plain arrays with the sample first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from resurge.inference.labelled import Labelled

if TYPE_CHECKING:
    import xarray as xr


def joined(draws: xr.Dataset, names: Iterable[str]) -> dict[str, NDArray[np.float64]]:
    """Join the chains of some variables, dims ``(chain, draw, ...)``, into arrays with the sample first."""
    arrays = {name: draws[name].values for name in names}  # without a -1: an array without elements has no size to fill
    return {name: each.reshape(each.shape[0] * each.shape[1], *each.shape[2:]) for name, each in arrays.items()}


def flat_arrays(draws: xr.Dataset) -> dict[str, NDArray]:
    """Give all variables as plain arrays: chains joined, the sample first; constants and labels as they are."""
    return Labelled.of(draws).flat_arrays()
