"""From a stored fit to the checks that the appendix shows: every call of the findings for them stands here."""

import itertools

import numpy as np
import pandas as pd
import xarray as xr

from resurge.evidence.tables import Evidence
from resurge.findings import predictive, recurrence
from resurge.findings.recurrence import summarise
from resurge.inference.records import Record
from resurge.reporting import tallies
from resurge.reporting.answers import LEVEL, YEARS
from resurge.reporting.model_view import Checks
from resurge.synthesis import priors

VALIDATION_POPULATION = "TRANSBIG"
VALIDATION_YEARS = np.arange(0.0, 15.25, 0.25)
COMPARED_YEARS = (5.0, 10.0)


def read_checks(record: Record, evidence: Evidence) -> Checks:
    """Summarise what is known about a fit beside its answers."""
    posterior = record.posterior
    observed = tallies.observed_incidence(evidence, VALIDATION_POPULATION)
    incidence = predictive.predicted_incidence(
        posterior, evidence, population=VALIDATION_POPULATION, years=VALIDATION_YEARS
    )
    predicted = summarise(incidence, LEVEL)
    ratios = _frame(summarise(recurrence.population_ratios(posterior), LEVEL))
    prior = record.prior
    return Checks(
        prior_hazard=None if prior is None else summarise(recurrence.annual_hazard(prior, years=YEARS), LEVEL),
        predicted_rates=predictive.predicted_rates(posterior, evidence),
        population_effects=ratios.sort_values("median", ascending=False),
        parameters=None if prior is None else compare_parameters(prior, posterior),
        validation_observed=observed[observed["year"] <= VALIDATION_YEARS[-1]],
        validation_predicted=predicted,
        validation=compare_incidence(observed, predicted),
    )


def compare_parameters(prior: xr.Dataset, posterior: xr.Dataset) -> pd.DataFrame:
    """Set the intervals of every parameter before and after the data side by side, one row an element."""
    names = [name for name, _, _ in priors.RECURRENCE.table() if name in prior and name in posterior]
    rows = []
    for name in names:
        before, after = summarise(prior[name], LEVEL), summarise(posterior[name], LEVEL)
        for place in itertools.product(*(after[dim].values for dim in after["median"].dims)):
            where = dict(zip(after["median"].dims, place, strict=True))
            label = f"{name}[{', '.join(map(str, place))}]" if place else name
            row = {f"prior_{key}": float(before[key].sel(where)) for key in ("median", "lower", "upper")}
            row |= {key: float(after[key].sel(where)) for key in ("median", "lower", "upper")}
            rows.append({"parameter": label} | row)
    return pd.DataFrame(rows)


def compare_incidence(observed: pd.DataFrame, predicted: xr.Dataset) -> pd.DataFrame:
    """Set what was seen by the end of some years beside what was predicted."""
    rows = []
    for er, year in itertools.product(predicted["er"].values, COMPARED_YEARS):
        seen = observed[(observed["er"] == er) & (observed["year"] <= year)]
        at = predicted.sel(er=er, year=year)
        row = {"er": str(er), "year": year, "observed": float(seen["estimate"].iloc[-1])}
        rows.append(row | {key: float(at[key]) for key in ("median", "lower", "upper")})
    return pd.DataFrame(rows)


def _frame(summary: xr.Dataset) -> pd.DataFrame:
    return summary[["median", "lower", "upper"]].to_dataframe().reset_index()
