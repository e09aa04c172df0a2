"""Do intervals hold simulated truths as often as they say?"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from resurge.inference.coverage import LEVELS, is_calibrated, times_covered


def assert_held_as_often_as_said(below: Mapping[str, np.ndarray], *, mean_within: float, capsys) -> None:
    """Ask that the 50% and 90% intervals of every answer cover the truth as often, within binomial bounds.

    Parameters
    ----------
    below : mapping of str to ndarray, shape (set,)
        By answer: the share of posterior draws below the truth, in each simulated set.
    mean_within : float
        How far the mean coverage of all answers, which are not independent, may lie from its level.
    capsys
        Pytest's, so that the coverage is printed.
    """
    n_sets = len(next(iter(below.values())))
    covered = {name: times_covered(shares) for name, shares in below.items()}
    with capsys.disabled():
        print(f"\ncoverage of 50% and 90% intervals in {n_sets} sets")  # noqa: T201
        for name, counts in covered.items():
            print(f"  {name:55s} {counts[0.5]:4d} {counts[0.9]:4d}")  # noqa: T201
    assert all(map(is_calibrated, below.values()))
    for level in LEVELS:
        mean = np.mean([counts[level] for counts in covered.values()]) / n_sets
        assert mean == pytest.approx(level, abs=mean_within)
