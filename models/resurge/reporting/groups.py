"""From a stored posterior to what the page about risk windows adds for single groups and for a new population."""

import itertools

import numpy as np
import pandas as pd
import xarray as xr

from resurge.evidence.tables import Evidence
from resurge.findings import recurrence
from resurge.findings.hazard_draws import POPULATIONS
from resurge.findings.recurrence import summarise
from resurge.inference.records import Record
from resurge.reporting.answers import INNER_LEVEL, LEVEL, STARTS, YEARS
from resurge.reporting.group_view import GroupAnswers
from resurge.synthesis.strata import ENDPOINTS

GROUPS = {
    "no positive nodes, tumour to 2 cm (N0, T1)": {"nodal": "N0", "tumour_size": "T1"},
    "1 to 3 positive nodes, tumour 2 to 5 cm (N1-3, T2)": {"nodal": "N1-3", "tumour_size": "T2"},
    "4 to 9 positive nodes, tumour 2 to 5 cm (N4-9, T2)": {"nodal": "N4-9", "tumour_size": "T2"},
    "all nodes and sizes, mixed as at diagnosis": {},
}
ENDS = (5.0, 10.0, 15.0, 20.0)
THRESHOLDS = (0.01, 0.02)
LATE_YEAR, LATE_NODAL, LATE_HAZARD = 15.0, "N1+", 0.01


def read_groups(record: Record, evidence: Evidence) -> GroupAnswers:
    """Summarise a posterior for groups of women, for a typical and for a new population."""
    posterior = record.posterior
    hazard = recurrence.annual_hazard(posterior, years=YEARS, population="new")
    late = {
        population: recurrence.annual_hazard(posterior, years=[LATE_YEAR], nodal=LATE_NODAL, population=population).sel(
            er="positive", year=LATE_YEAR
        )
        for population in POPULATIONS
    }
    return GroupAnswers(
        hazard=summarise(hazard, LEVEL),
        hazard_inner=summarise(hazard, INNER_LEVEL),
        residual={
            (endpoint, population): _residual(posterior, endpoint, population)
            for endpoint, population in itertools.product(ENDPOINTS, POPULATIONS)
        },
        below=_years_below(posterior),
        late={population: summarise(draws, LEVEL) for population, draws in late.items()},
        late_probability={name: float((draws > LATE_HAZARD).mean()) for name, draws in late.items()},
        late_threshold=LATE_HAZARD,
        levels=summarise(recurrence.population_ratios(posterior), LEVEL),
        observed=_observed(posterior, evidence) if record.fresh else None,
    )


def _residual(posterior: xr.Dataset, endpoint: str, population: str) -> xr.Dataset:
    shared = {"start": STARTS, "end": ENDS, "endpoint": endpoint, "population": population}
    risks = [summarise(recurrence.residual_risk(posterior, **shared, **group), LEVEL) for group in GROUPS.values()]
    return xr.concat(risks, pd.Index(list(GROUPS), name="group"), combine_attrs="override")


def _years_below(posterior: xr.Dataset) -> pd.DataFrame:
    """Year from which the annual risk stays under a threshold; infinite where that is not within the years followed."""
    rows = []
    for population, threshold in itertools.product(POPULATIONS, THRESHOLDS):
        years = recurrence.year_below(posterior, threshold=threshold, population=population)
        for er in years["er"].values:
            draws = years.sel(er=er).fillna(np.inf)
            tail = (1 - LEVEL) / 2
            limits = {"median": 0.5, "lower": tail, "upper": 1 - tail}
            row = {name: float(draws.quantile(q, method="inverted_cdf")) for name, q in limits.items()}
            reached = float(np.isfinite(draws).mean())
            rows.append({"er": str(er), "population": population, "threshold": threshold, "reached": reached} | row)
    return pd.DataFrame(rows)


def _observed(posterior: xr.Dataset, evidence: Evidence) -> pd.DataFrame:
    from resurge.findings.standardised import standardised_rates  # seconds to import; only one page shows them

    return standardised_rates(posterior, evidence)
