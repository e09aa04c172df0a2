"""Log likelihoods of rows and of units at the draws of a posterior: what a record keeps so that evidence can change."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from resurge.inference.labelled import SAMPLE, Labelled
from resurge.inference.stored_draws import taken
from resurge.inference.twins import Twin

Array = NDArray[np.float64]
LOOKED_AT = 300
"""Draws at which single rows are looked at: enough for what leaving one out moves."""


def unit_log_likelihood(twin: Twin, posterior: Labelled) -> Labelled:
    """Evaluate every unit at every draw.

    Parameters
    ----------
    twin : Twin
        The model's likelihood.
    posterior : Labelled
        Draws, dims ``(chain, draw, ...)``.

    Returns
    -------
    Labelled
        ``by_unit``, dims ``(chain, draw, unit)``: log p(rows of the unit | shared parameters).
    """
    units = list(twin.units)
    values = twin.by_unit(posterior.flat_arrays(), units).reshape(*posterior.shape, len(units))
    labels = {dim: posterior.labels[dim] for dim in SAMPLE} | {"unit": np.array(units, dtype=str)}
    return Labelled({"by_unit": ((*SAMPLE, "unit"), values)}, labels)


def row_log_likelihood(twin: Twin, posterior: Labelled) -> Labelled:
    """Evaluate every row at some evenly spaced draws.

    Parameters
    ----------
    twin : Twin
        The model's likelihood.
    posterior : Labelled
        Draws, dims ``(chain, draw, ...)``.

    Returns
    -------
    Labelled
        ``by_row``, dims ``(sample, row)``: log p(row | other rows of its unit, parameters as sampled); ``sample`` holds
        the places of the draws, chains joined.
    """
    n = posterior.shape[0] * posterior.shape[1]
    places = np.linspace(0, n - 1, min(n, LOOKED_AT)).astype(int)
    # Rows are weighed one at a time, where seven digits are plenty.
    values = twin.by_row(taken(posterior.flat_arrays(), places, n)).astype(np.float32)
    return Labelled({"by_row": (("sample", "row"), values)}, {"sample": places, "row": np.array(twin.rows, dtype=str)})
