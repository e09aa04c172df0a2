"""Are standardised rates the typical hazard where a population is typical, and multiples of it where it is not?"""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from resurge.findings import standardised


def test_mean_hazard_of_two_cells_by_hand():
    hazard, edges = np.array([[0.10, 0.02]]), np.array([0.0, 1.0, 5.0])
    assert standardised.mean_hazard(hazard, edges, 0.0, 2.0) == pytest.approx((0.10 * 1 + 0.02 * 1) / 2)


def test_ratio_is_observed_over_expected_with_exact_limits(monkeypatch):
    design = type("Design", (), {})()
    design.person_time = type("PersonTime", (), {})()
    design.person_time.row_id = np.array(["p1", "p2", "p3"])
    design.person_time.person_years = np.array([100.0, 60.0, 400.0])
    table = pd.DataFrame(
        {
            "row_id": ["p1", "p2", "p3"], "population": "P", "er": "negative",
            "start_year": [0.0, 0.5, 1.0], "end_year": [0.5, 1.0, 2.0], "events": [10.0, 10.0, 0.0],
        }
    )  # fmt: skip
    evidence = type("Evidence", (), {"recurrence_person_time": table})()
    monkeypatch.setattr(standardised, "person_time_rates", lambda _draws, _design: np.full((2, 3), 0.0625))
    rates = standardised._person_time({}, design, evidence)
    assert list(rates["start_year"]) == [0, 1]
    assert_allclose(rates["ratio"], [20 / 10, 0])
    # Exact Poisson limits of 20 and of 0 events (Garwood): 12.217 to 30.888, and 0 to 3.689.
    assert_allclose(rates["ratio_lower"], [1.2217, 0], atol=0.0001)
    assert_allclose(rates["ratio_upper"], [3.0888, 3.689 / 25], atol=0.0001)
