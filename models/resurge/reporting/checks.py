"""From a stored fit to the checks that the appendix shows: every call of the findings for them stands here."""

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from resurge.evidence.tables import Evidence
from resurge.findings import predictive, recurrence
from resurge.findings.recurrence import summarise
from resurge.inference.records import Record
from resurge.reporting import tallies
from resurge.reporting.answers import LAST_YEAR, LEVEL, YEARS
from resurge.reporting.model_view import PRIOR_LIMITS, Checks

VALIDATION_POPULATION = "TRANSBIG"
VALIDATION_YEARS = np.arange(0.0, 15.25, 0.25)
COMPARED_YEARS = (5.0, 10.0, 15.0)
PRIOR_GROUP = {"nodal": "N1-3", "tumour_size": "T2"}
"""The middle of the strata: one hazard, no mixture, which in the tails of a prior has nobody left to average over."""
SHOWN_PARAMETERS = {
    "Log hazard ratios": {
        "middle": "ER-positive : negative, year 3",
        "nodal_effect": "nodes",
        "size_effect": "size",
        "phi": "fading of the node effect",
        "therapy": "therapy:",
        "distant": "any : distant",
    },
    "Spreads of logs": {"smoothing": "steps of the curve,", "sigma": "sigma", "omega": "omega"},
    "Log odds at diagnosis": {"log_odds": ""},
}
"""Panels of parameters: words for each variable, before the names of its elements."""
ELEMENT_WORDS = {
    "a": "a: populations' levels",
    "b": "b: populations' tilts",
    "c": "c: cohorts' levels",
    "ER positive": "ER positive : negative",
}


def read_checks(record: Record, evidence: Evidence) -> Checks:
    """Summarise what is known about a fit beside its answers.

    What sets evidence beside the fit is left out if the evidence is not that of the fit.
    """
    posterior, prior = record.posterior, record.prior
    ratios = tallies.published_ratios(evidence)
    levels = summarise(recurrence.population_ratios(posterior), LEVEL)
    prior_hazard = recurrence.annual_hazard(prior, years=YEARS, **PRIOR_GROUP)
    low, high = PRIOR_LIMITS
    rates = predictive.predicted_rates(posterior, evidence) if record.fresh else None
    return Checks(
        prior_hazard=summarise(prior_hazard, LEVEL),
        prior_share=float(((prior_hazard >= low) & (prior_hazard <= high)).mean()),
        prior_risk=recurrence.cumulative_risk(prior, end=[LAST_YEAR], **PRIOR_GROUP).isel(end=0),
        predicted_rates=rates,
        coverage=None if rates is None else coverage_of(rates),
        population_effects=_frame(levels).sort_values("median", ascending=False),
        parameters=compare_parameters(prior, posterior),
        ratios=None if ratios.empty else compare_ratios(posterior, ratios),
        **validation(posterior, evidence),
    )


def validation(posterior: xr.Dataset, evidence: Evidence) -> dict[str, Any]:
    """Set the series kept out of the fit beside its prediction; nothing where the evidence has no such series."""
    if VALIDATION_POPULATION not in set(evidence.recurrence_person_time["population"]):
        return {}
    observed = tallies.observed_incidence(evidence, VALIDATION_POPULATION)
    incidence = predictive.predicted_incidence(
        posterior, evidence, population=VALIDATION_POPULATION, years=VALIDATION_YEARS
    )
    predicted = summarise(incidence, LEVEL)
    return {
        "validation_observed": observed[observed["year"] <= VALIDATION_YEARS[-1]],
        "validation_predicted": predicted,
        "validation": compare_incidence(observed, predicted),
    }


def compare_parameters(prior: xr.Dataset, posterior: xr.Dataset) -> pd.DataFrame:
    """Set the intervals of the parameters before and after the data side by side, one row an element."""
    rows = []
    for panel, variables in SHOWN_PARAMETERS.items():
        for name, told in variables.items():
            for place, label in _elements(posterior[name], told):
                before, after = (
                    summarise(draws[name].sel(place).stack(sample=("chain", "draw"))) for draws in (prior, posterior)
                )
                row = {f"prior_{key}": float(before[key]) for key in ("median", "lower", "upper")}
                row |= {key: float(after[key]) for key in ("median", "lower", "upper")}
                rows.append({"panel": panel, "parameter": label} | row)
    return pd.DataFrame(rows)


def _elements(values: xr.DataArray, told: str) -> Iterator[tuple[dict[str, str], str]]:
    """Name the elements of a parameter that vary and can be set beside the others."""
    dims = [dim for dim in values.dims if dim not in {"chain", "draw"}]
    if values.name == "middle":
        yield {"curve": "difference"}, told
        return
    for place in itertools.product(*(values[dim].values for dim in dims)):
        element = values.sel(dict(zip(dims, place, strict=True)))
        if float(element.max()) > float(element.min()):
            words = [ELEMENT_WORDS.get(str(label), str(label).replace("_", " ")) for label in place]
            yield dict(zip(dims, place, strict=True)), " ".join([told, *words]).strip()


def coverage_of(predicted: pd.DataFrame) -> pd.DataFrame:
    """Count the observed numbers inside their predictive intervals: `population`, `kind`, `numbers`, `inside`."""
    inside = (predicted["lower"] <= predicted["observed"]) & (predicted["observed"] <= predicted["upper"])
    counts = predicted.assign(inside=inside, numbers=1).groupby(["kind", "population"], as_index=False)
    return counts[["numbers", "inside"]].sum()


def compare_incidence(observed: pd.DataFrame, predicted: xr.Dataset) -> pd.DataFrame:
    """Set what was seen by the end of some years beside what was predicted."""
    rows = []
    for er, year in itertools.product(predicted["er"].values, COMPARED_YEARS):
        seen = observed[(observed["er"] == er) & (observed["year"] <= year)].iloc[-1]
        at = predicted.sel(er=er, year=year)
        row = {"er": str(er), "year": year, "observed": float(seen["estimate"])}
        row |= {f"observed_{limit}": float(seen[limit]) for limit in ("lower", "upper")}
        rows.append(row | {key: float(at[key]) for key in ("median", "lower", "upper")})
    return pd.DataFrame(rows)


def compare_ratios(posterior: xr.Dataset, published: pd.DataFrame) -> pd.DataFrame:
    """Set published ratios of hazards beside the ratio of average hazards of the model over the same years."""
    rows = []
    for row in published.itertuples():
        draws = predictive.window_hazard_ratio(posterior, start=row.start_year, end=row.end_year, endpoint=row.endpoint)
        ratio = summarise(draws, LEVEL)
        seen = {"observed": row.estimate, "observed_lower": row.lower, "observed_upper": row.upper}
        told = {"what": f"{row.start_year:g} to {row.end_year:g}"} | seen
        rows.append(told | {key: float(ratio[key]) for key in ("median", "lower", "upper")})
    return pd.DataFrame(rows)


def _frame(summary: xr.Dataset) -> pd.DataFrame:
    return summary[["median", "lower", "upper"]].to_dataframe().reset_index()
