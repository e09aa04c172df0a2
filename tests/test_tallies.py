"""Are the counts of the evidence those of a small table counted by hand?"""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from resurge.reporting import tallies

PATIENTS = [
    "population",
    "source_id",
    "er",
    "endpoint",
    "start_year",
    "end_year",
    "n",
    "events",
    "person_years",
    "use",
    "exclude_reason",
]


@pytest.fixture
def evidence():
    rates = pd.DataFrame(
        {
            "row_id": ["r1", "r2", "r3"], "source_id": ["a", "a", "b"], "population": "P",
            "er": ["positive", "any", "any"], "nodal": ["N0", "any", "any"], "tumour_size": "any",
            "endpoint": ["any_recurrence", "dfs", "any_recurrence"],
            "start_year": 0.0, "end_year": [5.0, np.nan, 10.0], "statistic": "cumulative_risk", "estimate": 0.125,
            "use": ["yes", "no", "no"], "exclude_reason": ["", "endpoint_includes_deaths", "overlaps:r1"],
        }
    )  # fmt: skip
    patients = pd.DataFrame(
        [
            ("P", "c", "negative", "dfs", 0.0, 0.5, 100.0, 10.0, 100.0, "yes", ""),
            ("P", "c", "negative", "dfs", 0.5, 1.0, 80.0, 10.0, 60.0, "yes", ""),
            ("P", "c", "negative", "dfs", 1.0, 2.0, 50.0, 0.0, 80.0, "yes", ""),
            ("P", "c", "negative", "dfs", 2.0, 3.0, 9.0, 1.0, 8.0, "yes", ""),
            ("V", "d", "any", "dfs", 0.0, 1.0, 40.0, 4.0, 30.0, "no", "other:external_validation"),
        ],
        columns=PATIENTS,
    )
    sources = pd.DataFrame({"source_id": ["a", "b", "c", "d"]})
    return SimpleNamespace(recurrence_rates=rates, recurrence_person_time=patients, sources=sources)


def test_rows_from_table_to_model(evidence):
    assert list(tallies.inclusion_stages(evidence)["rows"]) == [3, 1, 1]
    excluded = tallies.exclusions(evidence)
    assert dict(zip(excluded["reason"], excluded["rows"], strict=True)) == {
        "deaths from other causes count as events": 1,
        "the same patients are counted in another row": 1,
    }
    assert list(tallies.excluded_rows(evidence)["what"]) == [
        "recurrence or death, whole follow-up",
        "any recurrence, years 0–10",
    ]


def test_sources_in_the_model_count_their_rows(evidence):
    used = tallies.used_sources(evidence)
    assert dict(zip(used["source_id"], used["rows"], strict=True)) == {"c": 4, "a": 1}


def test_women_are_counted_once(evidence):
    series = tallies.person_time_series(evidence)
    assert list(series["women"]) == [100, 40]
    assert list(series["events"]) == [21, 4]
    assert list(series["use"]) == ["in the model", "kept to test the predictions"]


def test_rows_for_other_models_and_sources_of_standard_errors(evidence):
    assert tallies.other_rows(evidence).empty
    rates = evidence.recurrence_rates
    rates.loc[0, "statistic"] = "hazard_ratio_vs_reference"
    assert list(tallies.other_rows(evidence)["kind"]) == ["ratios of hazards between groups, not hazards"]


def test_observed_incidence_is_that_of_the_summed_hazard(evidence):
    seen = tallies.observed_incidence(evidence, "P")
    assert list(seen["year"]) == [0, 0.5, 1.0, 2.0]  # the last interval has too few women
    hazard = 10 / 100 * 0.5 + 10 / 60 * 0.5
    assert_allclose(seen["estimate"], [0, 1 - np.exp(-0.05), 1 - np.exp(-hazard), 1 - np.exp(-hazard)])
    assert (seen["lower"] <= seen["estimate"]).all() and (seen["estimate"] <= seen["upper"]).all()
