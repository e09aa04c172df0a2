"""Are printed risks and rates turned into log cumulative hazards as on paper, and is no follow-up counted twice?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence_folder import DATA, set_cells, write_small_evidence
from resurge.evidence.tables import check_evidence, load_evidence
from resurge.evidence.windows import DEFAULT_SE, modelled_rows, published_windows
from simulation import evidence_of, patients_of, rates_of

Z = 1.959963984540054


def windows(*rows: dict[str, object]) -> pd.DataFrame:
    return published_windows(evidence_of(rates_of(*rows), patients_of()))


def only(**row: object) -> pd.Series:
    table = windows(row)
    assert len(table) == 1
    return table.iloc[0]


def joined(se: float, rounding: float) -> float:
    return np.sqrt(se**2 + rounding**2)


# One window


def test_a_risk_becomes_minus_log_of_what_is_left():
    row = only(estimate=0.2, end_year=10.0)
    assert row["log_cumulative_hazard"] == pytest.approx(np.log(-np.log(0.8)))


@pytest.mark.parametrize("statistic", ["annual_rate", "events_over_person_years"])
def test_a_rate_is_multiplied_by_the_years(statistic):
    row = only(estimate=0.03, start_year=5.0, end_year=10.0, statistic=statistic)
    assert row["log_cumulative_hazard"] == pytest.approx(np.log(0.15))


def test_the_interval_of_a_rate_gives_its_standard_error():
    row = only(statistic="annual_rate", estimate=0.05, lower=0.04, upper=0.0625, bounds="ci", level=0.95)
    # Half the width of log(0.0625 / 0.04) over 1.96, and a rounding of 0.001 / sqrt(12) of 0.05.
    assert row["se"] == pytest.approx(joined(np.log(0.0625 / 0.04) / 2 / Z, 0.001 / np.sqrt(12) / 0.05))
    assert row["se_from"] == "interval"


def test_the_interval_of_a_risk_is_read_on_the_scale_of_the_cumulative_hazard():
    row = only(estimate=0.25, lower=0.2, upper=0.3, bounds="ci", level=0.9)
    H = -np.log([0.8, 0.75, 0.7])
    rounding = 0.01 / np.sqrt(12) / 0.75 / H[1]  # dH = dF / (1 - F)
    assert row["se"] == pytest.approx(joined(np.log(H[2] / H[0]) / 2 / 1.6448536269514722, rounding))


def test_a_lower_limit_of_zero_leaves_the_upper_half():
    row = only(statistic="annual_rate", estimate=0.01, lower=0.0, upper=0.04, bounds="ci", level=0.95)
    assert row["se"] == pytest.approx(joined(np.log(4) / Z, 0.001 / np.sqrt(12) / 0.01))


def test_a_spread_that_is_no_confidence_interval_is_not_read_as_one():
    row = only(estimate=0.25, lower=0.2, upper=0.3, bounds="range", events=25.0)
    assert row["se_from"] == "events"


def test_events_give_one_over_their_root():
    row = only(statistic="annual_rate", estimate=0.02, events=64.0, n=10.0)
    assert row["se"] == pytest.approx(joined(1 / 8, 0.001 / np.sqrt(12) / 0.02))
    assert row["se_from"] == "events"


def test_women_give_the_events_expected_of_two_thirds_of_them():
    row = only(estimate=0.15, n=600.0)  # 2/3 * 600 * 0.15 = 60 events
    assert row["se"] == pytest.approx(joined(1 / np.sqrt(60), 0.01 / np.sqrt(12) / 0.85 / -np.log(0.85)))
    assert row["se_from"] == "n"


def test_nothing_printed_gives_the_default():
    row = only(estimate=0.5)
    assert row["se"] == pytest.approx(joined(DEFAULT_SE, 0.01 / np.sqrt(12) / 0.5 / np.log(2)))
    assert row["se_from"] == "default"


@pytest.mark.parametrize(
    ("estimate", "statistic", "unit"),
    [
        (0.2, "cumulative_risk", 0.01),
        (0.123, "cumulative_risk", 0.001),
        (0.1234, "cumulative_risk", 1e-4),
        (0.02, "annual_rate", 0.001),
        (0.0123, "annual_rate", 1e-4),
    ],
)
def test_rounding_goes_by_the_last_digit_printed(estimate, statistic, unit):
    row = only(estimate=estimate, statistic=statistic, events=1e12)
    H, slope = (-np.log(1 - estimate), 1 / (1 - estimate)) if statistic == "cumulative_risk" else (estimate * 5, 5)
    assert row["se"] == pytest.approx(unit / np.sqrt(12) * slope / H, rel=1e-3)


@pytest.mark.parametrize(
    "row",
    [
        {"use": "no"},
        {"endpoint": "dfs"},
        {"statistic": "hazard_ratio_vs_reference"},
        {"endpoint": "breast_cancer_death"},
    ],
)
def test_what_is_unused_or_not_a_frequency_of_recurrence_is_left_out(row):
    assert windows(row, {}).row_id.tolist() == ["r2"]


# Chains


def chain(*pairs: tuple[float, float], **common: object) -> pd.DataFrame:
    return windows(*({"window_chain": "c", "end_year": end, "estimate": risk, **common} for end, risk in pairs))


def test_a_chain_of_two_becomes_two_windows_that_touch():
    table = chain((20.0, 0.28), (10.0, 0.1)).sort_values("start_year")
    assert table[["start_year", "end_year"]].to_numpy().tolist() == [[0, 10], [10, 20]]
    assert np.exp(table["log_cumulative_hazard"]).tolist() == pytest.approx([-np.log(0.9), np.log(0.9) - np.log(0.72)])
    assert table["row_id"].tolist() == ["r2", "r1"]  # each named by the row that ends it


def test_the_variance_of_an_increment_is_what_the_longer_window_adds():
    H = -np.log([0.9, 0.72])
    half = np.array([0.2, 0.15])  # half widths of log H
    lower, upper = (-np.expm1(-H * np.exp(sign * half)) for sign in (-1, 1))
    rows = [
        {
            "window_chain": "c",
            "end_year": 10.0 * (k + 1),
            "estimate": [0.1, 0.28][k],
            "lower": lower[k],
            "upper": upper[k],
            "bounds": "ci",
            "level": 0.95,
        }
        for k in range(2)
    ]
    table = windows(*rows)
    sd = H * half / Z
    rounding = 0.01 / np.sqrt(12) / np.array([0.9, 0.72])
    gained = H[1] - H[0]
    expected = joined(np.sqrt(sd[1] ** 2 - sd[0] ** 2) / gained, joined(*rounding) / gained)
    assert table["se"].tolist() == pytest.approx([joined(half[0] / Z, rounding[0] / H[0]), expected])


def test_an_increment_without_intervals_goes_by_the_women_with_the_event_in_it():
    table = chain((10.0, 0.1), (20.0, 0.25), n=1000.0)  # 2/3 * 1000 * 0.15 = 100 events gained
    gained = np.log(0.9 / 0.75)
    rounding = joined(0.01 / np.sqrt(12) / 0.9, 0.01 / np.sqrt(12) / 0.75) / gained
    assert table["se"].iloc[1] == pytest.approx(joined(0.1, rounding))
    assert table["se_from"].tolist() == ["n", "n"]


def test_an_increment_of_which_nothing_is_known_has_the_default():
    assert chain((10.0, 0.1), (20.0, 0.25))["se_from"].tolist() == ["default", "default"]


def test_variances_that_fall_are_no_source_for_an_increment():
    rows = [
        {
            "window_chain": "c",
            "end_year": 10.0,
            "estimate": 0.1,
            "lower": 0.05,
            "upper": 0.19,
            "bounds": "ci",
            "level": 0.95,
        },
        {
            "window_chain": "c",
            "end_year": 20.0,
            "estimate": 0.12,
            "lower": 0.11,
            "upper": 0.13,
            "bounds": "ci",
            "level": 0.95,
        },
    ]
    assert windows(*rows)["se_from"].tolist() == ["interval", "default"]


def test_a_window_that_gains_nothing_is_joined_with_the_one_after_it():
    table = chain((5.0, 0.1), (10.0, 0.1), (15.0, 0.19))
    assert table[["start_year", "end_year"]].to_numpy().tolist() == [[0, 5], [5, 15]]
    assert np.exp(table["log_cumulative_hazard"].iloc[1]) == pytest.approx(np.log(0.9 / 0.81))


@given(st.lists(st.integers(1, 90), min_size=1, max_size=8), st.floats(0, 3))
def test_the_increments_of_a_chain_sum_to_its_whole(percent, start):
    risks = np.sort(percent) / 100
    pairs = [(start + 2.0 * (k + 1), risk) for k, risk in enumerate(risks)]
    table = chain(*pairs, start_year=start).sort_values("start_year")
    assert np.exp(table["log_cumulative_hazard"]).sum() == pytest.approx(-np.log(1 - risks[-1]))
    assert table["start_year"].iloc[0] == start
    assert (table["start_year"].to_numpy()[1:] == table["end_year"].to_numpy()[:-1]).all()
    assert (table["se"] > 0).all()


def test_chains_do_not_touch_each_other_or_single_rows():
    rows = [{"window_chain": name, "end_year": end, "estimate": 0.01 * end} for name in "ab" for end in (10.0, 20.0)]
    table = windows(*rows, {"estimate": 0.5})
    assert sorted(table["start_year"]) == [0, 0, 0, 10, 10]


# The evidence of the project, and the small folder


def test_the_small_folder_gives_three_windows(tmp_path):
    table = published_windows(load_evidence(write_small_evidence(tmp_path)))
    expected = {"r0001": -np.log(0.9), "r0002": np.log(0.9 / 0.8), "r0003": 0.25}
    assert np.exp(table.set_index("row_id")["log_cumulative_hazard"]).to_dict() == pytest.approx(expected)
    assert table["se_from"].tolist() == ["interval", "default", "interval"]


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ({"estimate": "0"}, ["a risk of 0 has no hazard to learn from alone"]),
        ({"estimate": "1"}, ["a risk of 1 has no finite hazard"]),
        ({"estimate": "0", "use": "no", "exclude_reason": "no_events"}, []),
    ],
)
def test_a_risk_without_a_hazard_is_refused_at_the_door(tmp_path, cells, says):
    folder = write_small_evidence(tmp_path)
    set_cells(folder, "recurrence_rates.csv", "r0001", use="no", exclude_reason="other:test")
    cells = {"window_chain": "", "exclude_reason": "", **cells}
    set_cells(folder, "recurrence_rates.csv", "r0002", **cells)
    faults = [fault for fault in check_evidence(folder) if fault.column == "estimate"]
    assert len(faults) == len(says)
    assert all(words in fault.message for fault, words in zip(faults, says, strict=True))


def test_a_chain_passes_over_a_risk_of_zero():
    table = chain((5.0, 0.0), (10.0, 0.1))
    assert table[["start_year", "end_year"]].to_numpy().tolist() == [[0, 10]]
    assert np.exp(table["log_cumulative_hazard"]).tolist() == pytest.approx([-np.log(0.9)])


@pytest.fixture(scope="module")
def evidence():
    return load_evidence(DATA)


def test_windows_of_the_project_are_finite_and_distinct(evidence):
    table = published_windows(evidence)
    assert len(table) > 50
    assert np.isfinite(table[["log_cumulative_hazard", "se"]].to_numpy()).all()
    assert table["row_id"].is_unique
    assert table["se"].between(0.005, 1.5).all()


def test_chains_of_the_project_add_up_to_their_longest_row(evidence):
    table = published_windows(evidence).set_index("row_id")
    rows = modelled_rows(evidence)
    chains = rows[rows["window_chain"] != ""].groupby("window_chain")
    assert len(chains) > 3
    for _, chained in chains:
        longest = chained.loc[chained["end_year"].idxmax()]
        total = np.exp(table["log_cumulative_hazard"].reindex(chained["row_id"])).sum()
        assert total == pytest.approx(-np.log1p(-longest["estimate"]))
