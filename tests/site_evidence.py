"""Small tables of metastatic sites made in memory."""

from __future__ import annotations

import pandas as pd

NAN = float("nan")
ROW = {
    "row_id": "m1",
    "source_id": "s1",
    "population": "P",
    "cohort_label": "",
    "subtype": "any",
    "subtype_as_published": "",
    "stratum": "",
    "site": "bone",
    "site_as_published": "bone",
    "exclusive": "no",
    "setting": "first_site",
    "denominator": "patients_with_metastases",
    "share_metastatic": NAN,
    "n_site": NAN,
    "n_total": 100.0,
    "proportion": 0.4,
    "lower": NAN,
    "upper": NAN,
    "level": NAN,
    "use": "yes",
    "used_as": "share",
}


def sites_of(*rows: dict[str, object]) -> pd.DataFrame:
    """Give rows of metastasis_sites; what a row does not say is 40 of 100 patients of any subtype with bone first."""
    return pd.DataFrame([{**ROW, "row_id": f"m{i}", **row} for i, row in enumerate(rows, start=1)], columns=[*ROW])


def few_rows() -> pd.DataFrame:
    """Give a row of every kind that the model reads."""
    ever, de_novo = {"setting": "any_site_during_course"}, {"setting": "at_diagnosis_de_novo", "population": "R"}
    early = {"denominator": "all_early_patients", "used_as": "relative", "subtype": "TNBC", "population": "Q"}
    alone = {**de_novo, "used_as": "single_site", "exclusive": "yes", "subtype": "HR-/HER2+", "n_total": NAN}
    return sites_of(
        {"subtype": "TNBC", "site": "brain", "n_site": 30.0, "proportion": 0.3, **ever},
        {"subtype": "HER2+", "site": "brain", "n_total": NAN, "proportion": 0.31, **ever},
        {"subtype": "any", "site": "bone", "n_total": 250.0, "proportion": 0.37},
        {"used_as": "only", "exclusive": "yes", "n_total": 80.0, "proportion": 0.2, "subtype": "ER+"},
        {"used_as": "luminal_part", "subtype": "HR+/HER2-", "n_total": 60.0, "proportion": 0.5, "population": "Q"},
        {"used_as": "luminal_part", "subtype": "ER+", "n_total": 40.0, "proportion": 0.25, "population": "Q"},
        {"site": "brain", "n_total": 200.0, "proportion": 0.15, **early},
        {"site": "lung", "n_total": 200.0, "proportion": 0.1, **early},
        {"site": "liver", "n_site": 90.0, "n_total": 5000.0, "proportion": 0.018, "share_metastatic": 0.06, **de_novo},
        {"site": "bone", "proportion": 0.4, **alone},
        {"site": "lung", "proportion": 0.25, **alone},
        {"site": "liver", "proportion": 0.3, **alone},
        {"site": "brain", "proportion": 0.05, **alone},
        {"used_as": "shown", "site": "other"},
    )
