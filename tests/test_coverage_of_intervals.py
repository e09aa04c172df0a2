"""Would the check of calibration see intervals that are wrong?"""

import numpy as np
import pytest
from scipy.stats import norm

from coverage_of_intervals import assert_held_as_often_as_said

N_SETS = 200


def shares_below(bias: float = 0.0, width: float = 1.0) -> np.ndarray:
    """Give shares below the truth of intervals from a normal posterior that is off by a bias, or too wide."""
    truths = np.random.default_rng(1).standard_normal(N_SETS)
    return norm.cdf((truths - bias) / width)


def test_calibrated_intervals_pass(capsys):
    assert_held_as_often_as_said({"right": shares_below()}, mean_within=0.1, capsys=capsys)


@pytest.mark.parametrize("wrong", [{"bias": 1.0}, {"width": 0.5}, {"width": 2.5}])
def test_biased_narrow_and_wide_intervals_do_not(wrong, capsys):
    with pytest.raises(AssertionError):
        assert_held_as_often_as_said({"wrong": shares_below(**wrong)}, mean_within=0.1, capsys=capsys)
