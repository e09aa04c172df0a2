"""A little of every kind of evidence for the curve, and prior draws of a model of it as a fit would store them."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pymc as pm
import xarray as xr

from resurge.evidence.tables import Evidence
from simulation import evidence_of, patients_of, rates_of

N = 8
"""Prior draws of a model."""


def small_evidence(*more: dict[str, object]) -> Evidence:
    """Give two series of patients, one of them with windows too, two reports with a mix, and what is added to them."""
    patients = [
        {"population": "F", "er": "positive", "nodal": "N0", "tumour_size": "T1", "events": 4.0, "person_years": 90.0},
        {"population": "F", "er": "positive", "nodal": "N1-3", "tumour_size": "T2", "therapy": "none"},
        {"population": "F", "er": "negative", "start_year": 4.0, "end_year": 4.5, "events": 2.0, "person_years": 60.0},
        {"population": "F", "er": "positive", "start_year": 11.0, "end_year": 12.0, "events": 5.0},
        {"population": "T", "endpoint": "dfs", "er": "negative", "nodal": "N4-9", "tumour_size": "T2", "events": 9.0},
        {"population": "T", "endpoint": "dfs", "therapy": "chemo_endocrine", "events": 0.0, "person_years": 200.0},
        {"population": "T", "endpoint": "dfs", "start_year": 7.0, "end_year": 7.5, "person_years": 400.0},
    ]
    rates = [
        {"population": "F", "nodal": "N1+", "estimate": 0.31, "n": 900.0, "her2": "positive", "therapy": "none"},
        {"population": "F", "start_year": 5.0, "end_year": 9.5, "estimate": 0.2, "n": 300.0},
        *(
            {"population": "R", "er": "positive", "nodal": "N10+", "tumour_size": "T3+", "her2": "negative",
             "endpoint": "distant_recurrence", "window_chain": "c", "end_year": end, "estimate": risk}
            for end, risk in ((8.0, 0.4), (10.0, 0.4), (19.5, 0.6))
        ),
        {"population": "R", "er": "negative", "estimate": 0.2, "n": 700.0},
        {"population": "Q", "estimate": 0.15, "n": 1000.0, "start_year": 5.0, "end_year": 15.0},
        *more,
    ]  # fmt: skip
    mix = [("Q", "nodal", "N0", 0.6), ("Q", "nodal", "N1+", 0.4), ("NOBODY", "er", "positive", 0.7)]
    case_mix = pd.DataFrame(mix, columns=["population", "variable", "level", "share"])
    case_mix.insert(0, "row_id", ["w1", "w2", "w3"])
    return evidence_of(rates_of(*rates), patients_of(*patients), case_mix)


def prior_sample(model: pm.Model) -> xr.Dataset:
    """Draw everything that a model names from its prior, dims (chain, draw, ...)."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The effect of Potentials")  # they are no part of the prior here
        drawn = pm.sample_prior_predictive(N, model=model, random_seed=1, compile_kwargs={"mode": "FAST_COMPILE"})
    return drawn["prior"]


def log_density_of_evidence(model: pm.Model, sample: xr.Dataset) -> np.ndarray:
    """Give the model's own log density of what was observed at each draw."""
    log_density = model.compile_logp([*model.observed_RVs, *model.potentials], jacobian=False, mode="FAST_COMPILE")
    values = []
    for k in range(sample.sizes["draw"]):
        point = {}
        for variable in model.free_RVs:
            value = sample[variable.name].values[0, k]
            logged = model.rvs_to_values[variable].name.endswith("_log__")
            point[model.rvs_to_values[variable].name] = np.log(value) if logged else value
        values.append(float(log_density(point)))
    return np.array(values)


def stored(posterior: xr.Dataset) -> dict[str, np.ndarray]:
    """Give what a stored posterior holds as arrays, the sample first where there is one."""
    return {
        name: each.values.reshape(-1, *each.shape[2:]) if "draw" in each.dims else each.values
        for name, each in posterior.variables.items()
        if name not in ("chain", "draw")
    }


def labels_of(posterior: xr.Dataset) -> dict[str, list[str]]:
    """Give the labels of a stored posterior by dimension."""
    return {str(dim): [str(label) for label in each.values] for dim, each in posterior.coords.items()}


def same_form(one: xr.Dataset, other: xr.Dataset) -> bool:
    """Tell whether two posteriors hold the same variables with the same dims and labels."""
    return {name: each.dims for name, each in one.items()} == {name: each.dims for name, each in other.items()} and (
        one.coords.to_dataset().equals(other.coords.to_dataset())
    )
