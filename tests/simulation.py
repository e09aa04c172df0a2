"""Small bodies of evidence made in memory, and fits to outcomes simulated on them."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from resurge.evidence.person_time import INTERVAL_EDGES
from resurge.evidence.tables import Evidence
from resurge.findings.hazard_draws import PARAMETERS
from resurge.inference.fit_recurrence import complete
from resurge.inference.sample import Settings, sample
from resurge.inference.simulate import with_outcomes
from resurge.synthesis.hazards import midpoints, spline_basis

NAN = float("nan")
RATE = {
    "row_id": "r1",
    "source_id": "s1",
    "population": "P",
    "cohort_label": "",
    "er": "any",
    "her2": "any",
    "pr": "any",
    "nodal": "any",
    "tumour_size": "any",
    "grade": "any",
    "stratum": "",
    "therapy": "mixed",
    "diagnosis_years": "",
    "endpoint": "any_recurrence",
    "start_year": 0.0,
    "end_year": 5.0,
    "window_chain": "",
    "statistic": "cumulative_risk",
    "reference": "",
    "estimate": 0.1,
    "lower": NAN,
    "upper": NAN,
    "bounds": "none",
    "level": NAN,
    "n": NAN,
    "events": NAN,
    "person_years": NAN,
    "use": "yes",
}
PATIENTS = {
    "row_id": "p1",
    "source_id": "s2",
    "population": "F",
    "er": "positive",
    "nodal": "N0",
    "tumour_size": "T1",
    "therapy": "endocrine_5y",
    "endpoint": "any_recurrence",
    "start_year": 0.0,
    "end_year": 0.25,
    "n": 100.0,
    "events": 3.0,
    "person_years": 24.5,
    "use": "yes",
}


def rates_of(*rows: dict[str, object]) -> pd.DataFrame:
    """Give rows of recurrence_rates; what a row does not say is an unsplit risk of 10% from 0 to 5 years."""
    return pd.DataFrame([{**RATE, "row_id": f"r{i}", **row} for i, row in enumerate(rows, start=1)], columns=[*RATE])


def patients_of(*rows: dict[str, object]) -> pd.DataFrame:
    """Give rows of recurrence_person_time."""
    rows = [{**PATIENTS, "row_id": f"p{i}", **row} for i, row in enumerate(rows, start=1)]
    return pd.DataFrame(rows, columns=[*PATIENTS])


def evidence_of(rates: pd.DataFrame, patients: pd.DataFrame, case_mix: pd.DataFrame | None = None) -> Evidence:
    """Put the tables that the model reads into a body of evidence."""
    nothing = pd.DataFrame()
    return Evidence(Path("in memory"), nothing, nothing, rates, patients, case_mix)


def reduced_evidence() -> Evidence:
    """Give the kinds of evidence that the model reads, few rows of each: two series of patients, five reports."""
    strata = [
        ("negative", "N0", "T1"),
        ("positive", "N0", "T1"),
        ("positive", "N1-3", "T2"),
        ("negative", "N1-3", "T2"),
        ("positive", "N4-9", "T3+"),
        ("negative", "N10+", "T2"),
    ]
    patients = [
        {
            "population": population,
            "er": er,
            "nodal": nodal,
            "tumour_size": size,
            "endpoint": endpoint,
            "therapy": therapy,
            "start_year": start,
            "end_year": end,
            "events": 0.0,
            "person_years": (end - start) * n * np.exp(-0.07 * end),
        }
        for population, endpoint, therapy, n, last in (
            ("FIRST", "any_recurrence", "endocrine_5y", 300, 18.0),
            ("SECOND", "dfs", "chemo_endocrine", 100, 7.0),
        )
        for er, nodal, size in strata
        for start, end in pairwise(INTERVAL_EDGES)
        if end <= last
    ]
    rates = []
    for k, name in enumerate(["ALPHA", "BETA", "GAMMA", "DELTA"]):
        group = [
            {},
            {"nodal": "N0", "tumour_size": "T1"},
            {"nodal": "N1+", "tumour_size": "T2-T3"},
            {"therapy": "none"},
        ][k]
        for er in ("negative", "positive", "any")[: 3 if k == 0 else 2]:
            for start, end in ((0.0, 5.0), (5.0, 10.0), (10.0, 20.0)):
                rates.append(
                    {
                        "population": name,
                        "source_id": name,
                        "er": er,
                        "start_year": start,
                        "end_year": end,
                        "n": 2000.0,
                        **group,
                    }
                )
    for period in ("1990-1999", "2000-2009"):
        for chain_end, risk in ((10.0, 0.1), (20.0, 0.18)):
            rates.append(
                {
                    "population": "EPSILON",
                    "source_id": "EPSILON",
                    "er": "positive",
                    "diagnosis_years": period,
                    "n": 3000.0,
                    "endpoint": "distant_recurrence",
                    "window_chain": period,
                    "end_year": chain_end,
                    "estimate": risk,
                }
            )
    return evidence_of(rates_of(*rates), patients_of(*patients))


def plain_draws(n: int, n_populations: int = 1, **effects: object) -> dict[str, np.ndarray]:
    """Give n equal draws of a hazard of 1% a year in every stratum, changed by the effects named."""
    edges = np.asarray(INTERVAL_EDGES)
    basis = spline_basis(midpoints(edges), edges[-1])
    one = {
        "beta": np.full((2, basis.shape[1]), np.log(0.01)),
        "nodal_effect": np.zeros(4),
        "size_effect": np.zeros(3),
        "phi": 0.0,
        "therapy": np.zeros(3),
        "distant": np.zeros(2),
        "other_death": 0.0,
        "log_odds": np.zeros(6),
        "omega": 0.0,
        "sigma": np.zeros(3),
        "a": np.zeros(n_populations),
        "b": np.zeros(n_populations),
        "c": np.zeros(1),
        "a_new": 0.0,
        "b_new": 0.0,
    }
    one |= effects
    draws = {name: np.repeat(np.asarray(value, dtype=float)[None], n, axis=0) for name, value in one.items()}
    return {**draws, "edges": edges, "spline_basis": basis}


def fit_outcomes(compiled, design, outcomes, settings: Settings) -> xr.Dataset:
    """Fit one set of outcomes with a model that is compiled already, and complete its draws."""
    groups = sample(compiled, settings, progress=False, data=outcomes)
    design = with_outcomes(design, outcomes["observed_events"], outcomes["observed_log_H"])
    return complete(groups["posterior"].to_dataset(), design, np.random.default_rng(settings.seed))


def as_posterior(draws) -> xr.Dataset:
    """Give arrays, the sample first, the form of a stored posterior with one chain."""
    constant = ("edges", "spline_basis")
    return xr.Dataset(
        {
            name: ([f"{name}_{k}" for k in range(draws[name].ndim)], draws[name])
            if name in constant
            else (["chain", "draw", *(f"{name}_{k}" for k in range(1, draws[name].ndim))], draws[name][None])
            for name in PARAMETERS
        }
    )
