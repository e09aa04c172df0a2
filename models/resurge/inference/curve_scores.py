"""How the two models of the curve are scored on populations that their fits have not seen.

The stored comparison watches the text of this module: other scores from the same fits are another comparison.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy.special import logsumexp

from resurge.findings.stacking import difference, stacking_weights
from resurge.inference.curve_comparison import CURVE_MODELS
from resurge.synthesis.design import RecurrenceDesign
from resurge.synthesis.dormancy_forward import as_curves
from resurge.synthesis.forward import Draws
from resurge.synthesis.hazards import midpoints, spline_basis
from resurge.synthesis.left_out import log_predictive

SCORED_DRAWS = 200
"""Draws over which a population's density is averaged."""
SHARED = ("nodal_effect", "size_effect", "phi", "therapy", "distant", "other_death", "log_odds", "sigma", "omega")


def population_scores(posterior: xr.Dataset, design: RecurrenceDesign, populations: Sequence[str]) -> dict[str, float]:
    """Give the log predictive density of all the evidence of each population that a fit has not seen.

    Parameters
    ----------
    posterior : xarray.Dataset
        Draws of a model of the curve, fitted without these populations.
    design : RecurrenceDesign
        The whole evidence.
    populations : sequence of str
        Labels of the populations.
    """
    draws = shared_draws(posterior, design)
    return {
        name: float(logsumexp(log_predictive(draws, design, name)) - np.log(len(draws["sigma"])))
        for name in populations
    }


def shared_draws(posterior: xr.Dataset, design: RecurrenceDesign) -> Draws:
    """Give some evenly spaced draws of what all populations share, in the form that the forward equations read."""
    stacked = posterior.stack(sample=("chain", "draw"))
    step = max(1, stacked.sizes["sample"] // SCORED_DRAWS)
    few = stacked.isel(sample=slice(None, None, step))

    def values(name: str) -> NDArray[np.float64]:
        return few[name].transpose("sample", ...).values

    draws = {name: values(name) for name in SHARED}
    if "baseline" in posterior:
        return as_curves({**draws, "baseline": values("baseline")})
    basis = spline_basis(midpoints(design.edges), design.edges[-1])
    return {**draws, "beta": values("beta"), "spline_basis": basis}


def scored(scores: Mapping[str, Mapping[str, float]]) -> dict[str, Any]:
    """Lay out scores by population with the weights and the difference that follow from them."""
    names = sorted(scores[CURVE_MODELS[0]])
    table = np.array([[scores[model][name] for model in CURVE_MODELS] for name in names])
    gap, error = difference(table)
    return {
        "scores": [
            {"population": name, **dict(zip(CURVE_MODELS, map(float, row), strict=True))}
            for name, row in zip(names, table, strict=True)
        ],
        "weights": dict(zip(CURVE_MODELS, map(float, stacking_weights(table)), strict=True)),
        "difference": {"dormancy_less_recurrence": gap, "standard_error": error},
    }
