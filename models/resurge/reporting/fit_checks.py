"""From a stored fit to what the pages of models show of it: prior beside posterior, evidence beside its replicates."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from resurge.evidence.tables import Evidence
from resurge.findings.recurrence import summarise
from resurge.findings.replicates import REPLICATES
from resurge.inference.records import Record
from resurge.reporting.resistance_words import FACET_NAMES, KIND_NAMES
from resurge.reporting.site_words import SETTING_NAMES, SITE_NAMES

ELEMENT_NAMES = {
    **SITE_NAMES,
    **FACET_NAMES,
    **KIND_NAMES,
    "a": "populations' levels",
    "b": "populations' tilts",
    "c": "cohorts' levels",
    "ER positive": "ER-positive : negative",
    "negative": "ER-negative",
    "positive": "ER-positive",
}
"""Words for the elements of parameters."""
PANEL_NAMES = {
    **SETTING_NAMES,
    **FACET_NAMES,
    "person-time": "Patients followed one by one",
    "published": "Published windows",
    "animal original": "Animals, originals",
    "animal repetition": "Animals, repetitions",
    "cell original": "Cells, originals",
    "cell repetition": "Cells, repetitions",
}
"""Words for the kinds of evidence that replicates are set beside, in the order of the figures."""
PARAMETERS = {
    "metastasis": {
        "Log odds of a site at any time": {"mu": ""},
        "Spreads of log odds": {
            "tau": "tau: subtypes",
            "kappa": "kappa: settings beyond that",
            "sigma": "sigma: sources,",
        },
        "Correlation of the sites of one source": {"correlation": "correlation"},
        "Log of being alone, against chance": {"single": ""},
        "Shares": {"mix": "mix:", "reach": "reach:"},
        "Patients that a share scatters like": {"concentration": "concentration"},
    },
    "dormancy": {
        "Odds against cure": {"early_odds": "early,", "late_odds": "out of dormancy,"},
        "Years": {"early_year": "half of the early by,", "half_life": "half-life of dormancy,"},
        "Spreads of logs": {"early_spread": "year of early ones,", "sigma": "sigma:", "omega": "omega"},
        "Log hazard ratios": {
            "nodal_effect": "nodes",
            "size_effect": "size",
            "phi": "fading of the node effect",
            "therapy": "therapy:",
            "distant": "any : distant,",
        },
        "Log odds at diagnosis": {"log_odds": ""},
    },
    "resistance": {
        "mu: effect of a typical mechanism": {"mu": ""},
        "tau: spread of mechanisms": {"tau": ""},
        "kappa: spread of classes over it": {"kappa": "kappa"},
        "sigma: spread of sources": {"sigma": ""},
        "omega: spread of rows": {"omega": ""},
        "excess: in standard errors": {"excess": ""},
    },
    "translation": {
        "Effects, arsinh(d / 2)": {
            "centre": "centre,",
            "between": "between experiments,",
            "within": "within experiments,",
            "sigma": "sigma of repetitions,",
            "omega": "omega of their outcomes,",
        },
        "Shares": {"slope": "slope,", "eta": "eta"},
    },
}
"""By model, panels of parameters: words for each variable, before the names of its elements."""
AT = {"metastasis": {"mu": {"setting": "any_site_during_course"}}}
"""Where a parameter is shown at one label of a dimension only."""


@dataclass(frozen=True)
class FitAnswers:
    """What a sound fit shows beside its answers.

    Attributes
    ----------
    parameters
        Rows for `check_figures.prior_posterior`.
    fitted
        Rows of evidence beside replicates, as :mod:`resurge.findings.replicates` gives them with `panel` in words;
        None if the evidence or the model is not that of the fit.
    """

    parameters: pd.DataFrame
    fitted: pd.DataFrame | None


def read_fit(record: Record, evidence: Evidence) -> FitAnswers:
    """Summarise a sound fit of one of the models in `PARAMETERS`."""
    fitted = replicates(REPLICATES[record.model], record, evidence) if record.fresh else None
    return FitAnswers(parameters_of(record), fitted)


def replicates(
    replicate: Callable[[xr.Dataset, Evidence], pd.DataFrame], record: Record, evidence: Evidence
) -> pd.DataFrame:
    """Set the evidence beside its replicates, kinds of evidence in words and in the order of the figures."""
    rows = replicate(record.posterior, evidence)
    order = {name: place for place, name in enumerate(PANEL_NAMES)}
    rows = rows.sort_values("panel", key=lambda panel: panel.map(order), kind="stable", ignore_index=True)
    return rows.assign(panel=rows["panel"].map(PANEL_NAMES))


def parameters_of(record: Record) -> pd.DataFrame:
    """Set the intervals of the parameters before and after the data side by side, one row an element."""
    rows = []
    for panel, variables in PARAMETERS[record.model].items():
        for name, told in variables.items():
            at = AT.get(record.model, {}).get(name, {})
            before, after = (group[name].sel(at) for group in (record.prior, record.posterior))
            for place, label in elements(after, told):
                row = {"panel": panel, "parameter": label}
                row |= {f"prior_{key}": value for key, value in limits(before.sel(place)).items()}
                rows.append(row | limits(after.sel(place)))
    return pd.DataFrame(rows)


def limits(draws: xr.DataArray) -> dict[str, float]:
    """Give the median and the limits of one quantity, dims ``(chain, draw)``."""
    summary = summarise(draws.stack(sample=("chain", "draw")))
    return {key: float(summary[key]) for key in ("median", "lower", "upper")}


def elements(values: xr.DataArray, told: str) -> Iterator[tuple[dict[str, str], str]]:
    """Name the elements of a parameter that vary; the effect of the first stratum is nothing by definition."""
    dims = [dim for dim in values.dims if dim not in ("chain", "draw")]
    for place in itertools.product(*(values[dim].values for dim in dims)):
        at = dict(zip(dims, place, strict=True))
        if np.ptp(values.sel(at).values) > 0:
            yield at, " ".join([told, *map(element_name, place)]).strip()


def element_name(label: object) -> str:
    """Name an element inside a sentence.

    Examples
    --------
    >>> element_name("bone_only"), element_name("HR+/HER2-"), element_name("N1-3")
    ('bone only', 'HR+/HER2-', 'N1-3')
    """
    name = ELEMENT_NAMES.get(str(label), str(label).replace("_", " "))
    return name[:1].lower() + name[1:] if name[1:2].islower() else name
