"""Is a fit to many patients as large as one to few, and are their events all there?"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from resurge.evidence.person_time import INTERVAL_EDGES
from resurge.synthesis.design import recurrence_design
from simulation import evidence_of, patients_of, rates_of

PATH = Path(__file__).parents[1] / "analyses" / "benchmarks" / "cost_of_patients.py"


@pytest.fixture(scope="module")
def benchmark():
    spec = importlib.util.spec_from_file_location("cost_of_patients", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def tables(benchmark):
    return {n: benchmark.table_of(n, np.random.default_rng(1))[0] for n in (3_000, 150_000)}


def test_fifty_times_the_patients_are_the_same_number_of_rows(tables):
    # 24 strata by the intervals to year 20: 12 quarters, 14 halves, 10 years.
    assert [len(table) for table in tables.values()] == [24 * 36, 24 * 36]
    events = [table["events"].sum() for table in tables.values()]
    assert events[1] / events[0] == pytest.approx(50, rel=0.1)


def test_fifty_times_the_patients_make_a_model_of_the_same_size(benchmark, tables):
    evidence = evidence_of(rates_of({}), patients_of({}))
    small, large = (recurrence_design(benchmark.with_series(evidence, table)) for table in tables.values())
    assert small.person_time.row_id.shape == large.person_time.row_id.shape == (24 * 36,)
    assert small.curves.er.shape == large.curves.er.shape
    assert small.windows.inside.shape == large.windows.inside.shape


def test_batches_add_up_to_all_women(benchmark, tables):
    table = tables[150_000]  # two batches
    entered = table.loc[table["start_year"] == 0, "n"].sum()
    assert entered == 150_000
    assert set(table["end_year"]) <= set(INTERVAL_EDGES)


def test_simulated_events_follow_the_hazards_that_made_them(benchmark, tables):
    table = tables[150_000]
    group = table[(table["er"] == "negative") & (table["nodal"] == "N4-9") & (table["tumour_size"] == "T2")]
    second = group[(group["start_year"] >= 1) & (group["start_year"] < 2)]
    rate = second["events"].sum() / second["person_years"].sum()
    expected = 0.06 * 2.0 * 1.3
    assert abs(rate - expected) < 4 * np.sqrt(expected / second["person_years"].sum())
