"""Counts of the evidence for its report: what is there, what was used, what was left out, and crude rates.

Everything here is read off the tables; nothing depends on a model.
"""

import numpy as np
import pandas as pd
from scipy.special import gammaincinv, ndtri

from resurge.evidence.tables import Evidence
from resurge.evidence.windows import modelled_rows

LEVEL = 0.95
PERIODS = (0, 1, 2, 3, 4, 5, 7, 10, 15, 20)  # years; longer where events are rarer
FEWEST_PERSON_YEARS = 50
FEWEST_AT_RISK = 10  # a curve ends where fewer women are left, as is the custom for survival curves
VALIDATION = "other:external_validation"
_REASONS = {
    "overlaps": "the same patients are counted in another row",
    "superseded": "a later report of the same patients is used",
    "modelled": "projected or inferred by a model, not observed",
    "crude": "events over patients at a median follow-up",
    "misprint": "misprint",
    "endpoint_includes_deaths": "deaths from other causes count as events",
    "unclear_definition": "the definition of the risk is unclear",
    "secondary_conflict": "secondary reports disagree",
}


def reason_words(exclude_reason: str) -> str:
    """Say in words why a row was left out."""
    kind, _, detail = exclude_reason.partition(":")
    if exclude_reason == VALIDATION:
        return "kept to test the predictions"
    return _REASONS.get(kind, (detail or kind).replace("_", " "))


def endpoint_words(endpoint: str) -> str:
    """Say in words what counts as an event."""
    return "recurrence or death" if endpoint == "dfs" else endpoint.replace("_", " ")


def inclusion_stages(evidence: Evidence) -> pd.DataFrame:
    """Count published rows from the table to the model: columns `stage` and `rows`."""
    rates = evidence.recurrence_rates
    stages = [
        ("Published risks and rates", len(rates)),
        ("Kept", int((rates["use"] == "yes").sum())),
        ("Recurrence itself: in the model", len(modelled_rows(evidence))),
    ]
    return pd.DataFrame(stages, columns=["stage", "rows"])


def exclusions(evidence: Evidence) -> pd.DataFrame:
    """Count published rows left out by reason, most first: columns `reason`, `rows` and `example`."""
    rates = evidence.recurrence_rates
    left_out = rates[rates["use"] == "no"]
    reasons = left_out["exclude_reason"].map(reason_words)
    counts = reasons.value_counts().rename_axis("reason").reset_index(name="rows")
    examples = left_out.assign(reason=reasons).drop_duplicates("reason").set_index("reason")
    what = [f"{row.population}: {describe_row(row)}" for row in examples.loc[counts["reason"]].itertuples()]
    return counts.assign(example=what)


def excluded_rows(evidence: Evidence) -> pd.DataFrame:
    """List published rows left out: columns `row_id`, `source`, `what`, `value`, `reason`, all in words."""
    rates = evidence.recurrence_rates
    rows = [
        (row.row_id, row.source_id, describe_row(row), _value(row.estimate), reason_words(row.exclude_reason))
        for row in rates[rates["use"] == "no"].itertuples()
    ]
    return pd.DataFrame(rows, columns=["row_id", "source", "what", "value", "reason"])


def describe_row(row: object) -> str:
    """Say what a row of the rate table measures: endpoint, strata and window."""
    strata = [f"ER-{row.er}" if row.er != "any" else "", row.nodal, row.tumour_size]
    named = [label for label in strata if label not in {"any", ""}]
    window = f"years {row.start_year:g}–{row.end_year:g}" if np.isfinite(row.end_year) else "whole follow-up"
    return f"{endpoint_words(row.endpoint)}, {', '.join([*named, window])}"


def used_sources(evidence: Evidence) -> pd.DataFrame:
    """Select sources that give rows to the model, most rows first, with their number in the column `rows`."""
    patients = evidence.recurrence_person_time
    ids = pd.concat([modelled_rows(evidence)["source_id"], patients.loc[patients["use"] == "yes", "source_id"]])
    counts = ids.value_counts().rename("rows")
    return evidence.sources.merge(counts, left_on="source_id", right_index=True).sort_values(
        ["rows", "source_id"], ascending=[False, True]
    )


def person_time_series(evidence: Evidence) -> pd.DataFrame:
    """Sum the patient series by population and ER status, in words for a table."""
    patients = evidence.recurrence_person_time
    at_diagnosis = patients["n"].where(patients["start_year"] == 0, 0)
    keys = ["population", "er", "endpoint", "use", "exclude_reason"]
    groups = patients.assign(women=at_diagnosis).groupby(keys, sort=False)
    series = groups.agg(
        women=("women", "sum"),
        events=("events", "sum"),
        person_years=("person_years", "sum"),
        last_year=("end_year", "max"),
    ).reset_index()
    series["use"] = [
        "in the model" if use == "yes" else reason_words(reason)
        for use, reason in zip(series["use"], series["exclude_reason"], strict=True)
    ]
    return series.assign(endpoint=series["endpoint"].map(endpoint_words))


def crude_rates(evidence: Evidence) -> pd.DataFrame:
    """Crude recurrence rates of the patient series in the model, over periods that grow longer as women get fewer.

    Returns
    -------
    pandas.DataFrame
        Columns `population`, `er`, `start_year`, `end_year`, `events`, `person_years`, `rate` (per person-year) and its
        exact Poisson limits `lower`, `upper`; periods with fewer than `FEWEST_PERSON_YEARS` are left out.
    """
    patients = evidence.recurrence_person_time
    used = patients[patients["use"] == "yes"]
    edges = np.array(PERIODS)
    period = np.searchsorted(edges, used["start_year"], side="right") - 1
    used = used.assign(start_year=edges[period], end_year=edges[period + 1])
    keys = ["population", "er", "start_year", "end_year"]
    rates = used.groupby(keys, as_index=False)[["events", "person_years"]].sum()
    rates = rates[rates["person_years"] >= FEWEST_PERSON_YEARS].reset_index(drop=True)
    tail = (1 - LEVEL) / 2
    events, exposure = rates["events"], rates["person_years"]
    lower = np.where(events > 0, gammaincinv(np.maximum(events, 1), tail), 0.0)
    upper = gammaincinv(events + 1, 1 - tail)
    return rates.assign(rate=events / exposure, lower=lower / exposure, upper=upper / exposure)


def observed_incidence(evidence: Evidence, population: str) -> pd.DataFrame:
    """Cumulative incidence seen in a patient series, from its events and person-years.

    Returns
    -------
    pandas.DataFrame
        Columns `er`, `year`, `estimate`, `lower`, `upper` (proportions); limits from the variance of the cumulative
        hazard on the log scale.
    """
    patients = evidence.recurrence_person_time
    rows = patients[patients["population"] == population]
    cells = rows.groupby(["er", "start_year", "end_year"], as_index=False)[["n", "events", "person_years"]].sum()
    cells = cells[cells["n"] >= FEWEST_AT_RISK]
    return pd.concat([_incidence(str(er), part) for er, part in cells.groupby("er")], ignore_index=True)


def _incidence(er: str, cells: pd.DataFrame) -> pd.DataFrame:
    width = (cells["end_year"] - cells["start_year"]).to_numpy()
    exposure = cells["person_years"].to_numpy()
    hazard = np.cumsum(cells["events"].to_numpy() / exposure * width)
    variance = np.cumsum(cells["events"].to_numpy() * (width / exposure) ** 2)
    spread = ndtri((1 + LEVEL) / 2) * np.sqrt(variance) / np.where(hazard > 0, hazard, 1.0)
    steps = {"estimate": hazard, "lower": hazard * np.exp(-spread), "upper": hazard * np.exp(spread)}
    risks = {name: np.concatenate([[0.0], -np.expm1(-values)]) for name, values in steps.items()}
    return pd.DataFrame({"er": er, "year": np.concatenate([[0.0], cells["end_year"]]), **risks})


def _value(estimate: float) -> str:
    return f"{estimate:.4g}" if np.isfinite(estimate) else ""
