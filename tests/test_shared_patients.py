"""Do the errors of one trial's estimates go together as far as the events, endpoints and arms they share say?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resurge.synthesis.event_weights import WIDTHS
from resurge.synthesis.shared_patients import arms_alike, endpoints_alike, error_correlation, shared_events

ENTRY = {"start": 0.0, "end": 5.0, "endpoint": "dfs", "treatment": "drug", "control": "none", "women": ""}


def entries(*rows):
    return pd.DataFrame([{**ENTRY, **row} for row in rows])


def correlation(first, second, measure=error_correlation, per_year=1.0):
    own = entries(first, second)
    matrix = measure(own, np.tile(WIDTHS * per_year, (2, 1))) if measure is not arms_alike else measure(own)
    assert matrix == pytest.approx(matrix.T)
    assert np.diag(matrix) == pytest.approx(1)
    return matrix[0, 1]


def between(**second):
    return correlation({}, second)


# Events, one a year unless said


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ((0, 5), (0, 5), 1.0),
        ((0, 5), (0, 10), np.sqrt(5 / 10)),
        ((0, 5), (5, 10), 0.0),
        ((0, 6), (4, 10), 2 / 6),
        ((0, 2.6), (2.6, 5), 0.0),
        ((0, 12.6), (12.6, 20), 0.0),
        ((0, 12.6), (0, 20), np.sqrt(12.6 / 20)),
    ],
)
def test_windows_share_the_events_of_the_years_in_both(first, second, expected):
    windows = ({"start": float(start), "end": float(end)} for start, end in (first, second))
    assert correlation(*windows, measure=shared_events) == pytest.approx(expected, abs=1e-12)


def test_years_weigh_by_their_events():
    falling = np.exp(-np.cumsum(WIDTHS) / 4)
    own = entries({}, {"end": 10.0})
    events = WIDTHS * falling
    early, whole = events[:20].sum(), events[:30].sum()
    assert shared_events(own, np.stack([events, events]))[0, 1] == pytest.approx(np.sqrt(early / whole))


# Endpoints, arms, women


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("dfs", "dfs", 1.0),
        ("dfs", "distant_recurrence", 0.8),
        ("any_recurrence", "locoregional", 0.8),
        ("os", "breast_cancer_death", 0.8),
        ("dfs", "os", 0.5),
        ("breast_cancer_death", "any_recurrence", 0.5),
    ],
)
def test_endpoints_go_by_families(first, second, expected):
    assert endpoints_alike(entries({"endpoint": first}, {"endpoint": second}))[0, 1] == expected


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        ({}, 1.0),
        ({"treatment": "other drug"}, 0.5),
        ({"control": "old drug"}, 0.5),
        ({"women": "node-positive"}, 1.0),  # part of all women
    ],
)
def test_comparisons_go_by_the_arms_they_share(second, expected):
    assert correlation({}, second, measure=arms_alike) == expected


def test_women_counted_apart_share_nothing():
    groups = {"women": "node-positive"}, {"women": "node-negative"}
    assert correlation(*groups, measure=arms_alike) == 0
    assert correlation(*groups) == pytest.approx(0, abs=1e-12)


def test_the_parts_multiply():
    both = between(end=10.0, endpoint="os", treatment="other drug")
    assert both == pytest.approx(np.sqrt(5 / 10) * 0.5 * 0.5)


def test_one_estimate_twice_is_not_quite_known_twice():
    assert 0.99 < between() < 1


rows = st.fixed_dictionaries(
    {
        "start": st.sampled_from([0.0, 2.0, 4.9]),
        "length": st.sampled_from([1.0, 5.0, 7.7]),
        "endpoint": st.sampled_from(["dfs", "any_recurrence", "os", "breast_cancer_death"]),
        "treatment": st.sampled_from(["a", "b"]),
        "control": st.sampled_from(["none", "old"]),
        "women": st.sampled_from(["", "young", "old"]),
    }
)


@settings(deadline=None)
@given(st.lists(rows, min_size=1, max_size=9))
def test_any_trial_has_a_correlation_matrix(trial):
    own = pd.DataFrame(trial).assign(end=lambda each: each["start"] + each["length"])
    matrix = error_correlation(own, np.tile(WIDTHS, (len(own), 1)))
    assert np.diag(matrix) == pytest.approx(np.ones(len(own)))
    assert (np.abs(matrix) <= 1 + 1e-12).all()
    assert np.linalg.eigvalsh(matrix).min() > 1e-4
