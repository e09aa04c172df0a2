"""What the recurrence model predicts for evidence: for the rows it saw, and for patients that it did not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from resurge.evidence.tables import Evidence
from resurge.evidence.windows import published_windows
from resurge.findings.hazard_draws import PARAMETERS, Profile, cumulative_to, stratum_log_hazards
from resurge.findings.recurrence import draws_of, residual_risk
from resurge.synthesis.design import RecurrenceDesign, recurrence_design
from resurge.synthesis.forward import person_time_rates, window_means
from resurge.synthesis.hazards import mixture_cumulative_hazard
from resurge.synthesis.strata import ER, NODAL, TUMOUR_SIZE

PREDICTIVE_DRAWS = 500
"""Draws used for predictive checks: enough for intervals, a tenth of the work."""
FORWARD = (*PARAMETERS, "other_death", "omega", "a", "b", "c")
"""Arrays that the model's likelihood needs beside those of the findings."""
Arrays = dict[str, NDArray[np.float64]]
PERIODS = (0.0, 2.0, 5.0, 10.0, 20.0)
"""Years that divide the predictive check of person-time."""
SEED = 20


def thinned(posterior: xr.Dataset) -> dict[str, NDArray[np.float64]]:
    """Give some evenly spaced draws by name, the sample first."""
    stacked = posterior.stack(sample=("chain", "draw"))
    step = max(1, stacked.sizes["sample"] // PREDICTIVE_DRAWS)
    few = stacked.isel(sample=slice(None, None, step))
    return {
        name: (few[name].transpose("sample", ...) if "sample" in few[name].dims else few[name]).values
        for name in FORWARD
    }


def predicted_rates(posterior: xr.Dataset, evidence: Evidence) -> pd.DataFrame:
    """Set each observed rate beside its posterior predictive distribution.

    Person-time is summed by population, ER status and period; published windows are predicted one by one, at the
    levels found for their population and cohort.

    Parameters
    ----------
    posterior : xarray.Dataset
        Posterior of the recurrence model.
    evidence : Evidence
        The evidence it saw.

    Returns
    -------
    pandas.DataFrame
        ``population``, ``er``, ``start_year``, ``end_year``, ``kind``, ``observed``, ``median``, ``lower``, ``upper``:
        recurrences per year, 95% intervals.
    """
    return rates_beside_evidence(thinned(posterior), evidence)


def rates_beside_evidence(draws: Arrays, evidence: Evidence) -> pd.DataFrame:
    """Do the same from arrays of draws of any model of the curve; see :func:`predicted_rates`."""
    design, rng = recurrence_design(evidence), np.random.default_rng(SEED)
    rows = [*_person_time_rows(draws, design, evidence, rng), *_window_rows(draws, design, evidence, rng)]
    return pd.DataFrame(rows)


def _person_time_rows(
    draws: Arrays, design: RecurrenceDesign, evidence: Evidence, rng: np.random.Generator
) -> Iterator[dict[str, object]]:
    patients = evidence.recurrence_person_time.set_index("row_id").loc[design.person_time.row_id].reset_index()
    counts = rng.poisson(person_time_rates(draws, design) * design.person_time.person_years)
    period = pd.cut(patients["start_year"], [*PERIODS, np.inf], right=False, labels=False)
    groups = patients.groupby([patients["population"], patients["er"], period])
    for (population, er, part), index in groups.indices.items():
        own = patients.iloc[index]
        years = own["person_years"].sum()
        ends = (PERIODS[part], own["end_year"].max())
        yield _row(population, er, ends, "person-time", own["events"].sum() / years, counts[:, index].sum(1) / years)


def _window_rows(
    draws: Arrays, design: RecurrenceDesign, evidence: Evidence, rng: np.random.Generator
) -> Iterator[dict[str, object]]:
    windows, nesting = published_windows(evidence), design.windows.nesting
    integrated = draws["a"] * nesting.population_varies
    cohort_level = integrated @ nesting.cohort_population.T + draws["c"]
    mean = window_means(draws, design) + cohort_level @ nesting.window_cohort.T
    spread = np.sqrt(design.windows.se**2 + draws["omega"][:, None] ** 2)
    log_H = mean + spread * rng.standard_normal(mean.shape)
    for i, window in enumerate(windows.itertuples(index=False)):
        length = window.end_year - window.start_year
        ends = (window.start_year, window.end_year)
        observed = np.exp(window.log_cumulative_hazard) / length
        yield _row(window.population, window.er, ends, "published", observed, np.exp(log_H[:, i]) / length)


def predicted_incidence(
    posterior: xr.Dataset, evidence: Evidence, *, population: str, years: Sequence[float]
) -> xr.DataArray:
    """Predict the cumulative incidence of a series of patients as one more population, by ER status.

    The series lends its strata at diagnosis, its therapy and its endpoint; none of its outcomes.

    Returns
    -------
    xarray.DataArray, dims (sample, er, year)
        Risk from diagnosis.
    """
    table = evidence.recurrence_person_time
    at_diagnosis = table[(table["population"] == population) & (table["start_year"] == 0)]
    draws = draws_of(posterior)
    risks = []
    for er in ER:
        strata = at_diagnosis[at_diagnosis["er"] == er]
        cumulative = [
            cumulative_to(np.exp(_stratum(draws, row)), draws["edges"], years) for row in strata.itertuples(index=False)
        ]
        weights = strata["n"].to_numpy()[:, None, None]
        risks.append(-np.expm1(-mixture_cumulative_hazard(weights, np.stack(cumulative), axis=0)))
    coords = {"er": list(ER), "year": list(years)}
    return xr.DataArray(np.stack(risks, axis=1), dims=("sample", "er", "year"), coords=coords)


def window_hazard_ratio(posterior: xr.Dataset, *, start: float, end: float, **group: str) -> xr.DataArray:
    """Give the ratio of average hazards between two years, ER-negative over ER-positive disease, as papers print it.

    Returns
    -------
    xarray.DataArray, dims (sample,)
    """
    risk = residual_risk(posterior, start=[start], end=[end], **group).isel(start=0, end=0, drop=True)
    hazard = -np.log1p(-risk)
    return hazard.sel(er="negative", drop=True) / hazard.sel(er="positive", drop=True)


def _stratum(draws: dict[str, NDArray[np.float64]], row: tuple) -> NDArray[np.float64]:
    profile = Profile(row.er, row.nodal, row.tumour_size, row.endpoint, "new", row.therapy)
    assert row.nodal in NODAL and row.tumour_size in TUMOUR_SIZE
    return stratum_log_hazards(draws, profile)[0]


def _row(
    population: str, er: str, ends: tuple[float, float], kind: str, observed: float, draws: NDArray[np.float64]
) -> dict[str, object]:
    lower, median, upper = np.quantile(draws, [0.025, 0.5, 0.975])
    return {
        "population": population,
        "er": er,
        "start_year": ends[0],
        "end_year": ends[1],
        "kind": kind,
        "observed": observed,
        "median": median,
        "lower": lower,
        "upper": upper,
    }
