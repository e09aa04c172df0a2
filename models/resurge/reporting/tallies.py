"""Counts of the evidence for its report: what is there, what was used, what was left out, and what a series saw.

Everything here is read off the tables; nothing depends on a model.
"""

import numpy as np
import pandas as pd
from scipy.special import ndtri

from resurge.evidence.tables import Evidence
from resurge.evidence.windows import modelled_rows, published_windows
from resurge.reporting.words import population_name

LEVEL = 0.95
FEWEST_AT_RISK = 10  # a curve ends where fewer women are left, as is the custom for survival curves
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
_OTHER_REASONS = {
    "component_only": "local or regional recurrence alone",
    "competing_deaths": "deaths, not recurrences, shape the risk over so many years",
    "upper_limit_missing": "half an interval is missing",
    "external_validation": "kept to test the predictions",
    "nodal_range": "the nodal groups are not ones of the model",
}
_OTHER_MODELS = {
    "ratio": "ratios of hazards between groups, not hazards",
    "breast_cancer_death": "deaths from breast cancer, not recurrences",
    "locoregional": "local or regional recurrences alone",
}
_DEFINITIONS = {
    "any_recurrence": "first recurrence, local or distant; a death without one ends the follow-up",
    "dfs": "recurrence, second cancer or death, whichever comes first; the deaths get a hazard of their own",
    "distant_recurrence": "distant metastasis",
}
_STANDARD_ERRORS = {
    "interval": "the printed interval",
    "events": "the printed number of events",
    "n": "the printed number of women",
    "default": "a default, because nothing is printed",
}


def reason_words(exclude_reason: str) -> str:
    """Say in words why a row was left out."""
    kind, _, detail = exclude_reason.partition(":")
    if kind == "other":
        return _OTHER_REASONS.get(detail, detail.replace("_", " "))
    return _REASONS.get(kind, kind.replace("_", " "))


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


def other_rows(evidence: Evidence) -> pd.DataFrame:
    """Count rows kept for other models by what they measure: columns `kind` (words) and `rows`."""
    rates = evidence.recurrence_rates
    kept = rates[(rates["use"] == "yes") & ~rates["row_id"].isin(modelled_rows(evidence)["row_id"])]
    kinds = kept["endpoint"].where(kept["statistic"] != "hazard_ratio_vs_reference", "ratio")
    words = [_OTHER_MODELS.get(kind, kind.replace("_", " ")) for kind in kinds]
    return pd.Series(words, dtype=str).value_counts().rename_axis("kind").reset_index(name="rows")


def standard_errors(evidence: Evidence) -> pd.DataFrame:
    """Count published windows of the model by what their standard errors come from: columns `kind` and `rows`."""
    sources = published_windows(evidence)["se_from"]
    return pd.DataFrame(
        {"kind": list(_STANDARD_ERRORS.values()), "rows": [int((sources == name).sum()) for name in _STANDARD_ERRORS]}
    )


def published_ratios(evidence: Evidence) -> pd.DataFrame:
    """Select ratios of distant recurrence, triple-negative disease to all other, that can be set beside the model."""
    rates = evidence.recurrence_rates
    return rates[
        (rates["use"] == "yes")
        & (rates["statistic"] == "hazard_ratio_vs_reference")
        & (rates["endpoint"] == "distant_recurrence")
        & (rates["er"] == "negative")
        & (rates["reference"] == "all other subtypes")
    ]


def exclusions(evidence: Evidence) -> pd.DataFrame:
    """Count published rows left out by reason, most first: columns `reason`, `rows` and `example`."""
    rates = evidence.recurrence_rates
    left_out = rates[rates["use"] == "no"]
    reasons = left_out["exclude_reason"].map(reason_words)
    counts = reasons.value_counts().rename_axis("reason").reset_index(name="rows")
    examples = left_out.assign(reason=reasons).drop_duplicates("reason").set_index("reason")
    what = [
        f"{population_name(row.population)}: {describe_row(row)}" for row in examples.loc[counts["reason"]].itertuples()
    ]
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
    definitions = [_DEFINITIONS.get(endpoint, endpoint_words(endpoint)) for endpoint in series["endpoint"]]
    return series.assign(definition=definitions)


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
