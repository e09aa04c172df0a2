"""Are stacking weights those of the best mixture of predictive distributions?"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from resurge.findings.stacking import difference, stacking_weights
from resurge.inference.curve_scores import scored


def test_two_units_that_each_favour_another_model_share_the_weight():
    # log(w + 0.5 (1 - w)) + log(0.5 w + 1 - w) is highest where both models weigh the same
    assert stacking_weights(np.log([[1.0, 0.5], [0.5, 1.0]])) == pytest.approx([0.5, 0.5])


def test_weights_by_hand():
    # sum = 2 log(w + (1 - w) / 4) + log(w / 4 + 1 - w): derivative 1.5 / (.25 + .75 w) = .75 / (1 - .75 w) at w = 7/9
    scores = np.log([[1.0, 0.25], [1.0, 0.25], [0.25, 1.0]])
    assert stacking_weights(scores) == pytest.approx([7 / 9, 2 / 9], abs=1e-6)


def test_a_model_that_always_predicts_better_takes_all():
    assert stacking_weights([[-10.0, -12.0], [-900.0, -950.0]]) == pytest.approx([1, 0], abs=1e-6)


def test_weights_are_the_optimum_of_the_objective():
    scores = np.random.default_rng(0).normal(-50, 2, (20, 2))

    def loss(w):
        return -np.log(w * np.exp(scores[:, 0] + 50) + (1 - w) * np.exp(scores[:, 1] + 50)).sum()

    best = minimize_scalar(loss, bounds=(0, 1), method="bounded", options={"xatol": 1e-10}).x
    assert stacking_weights(scores)[0] == pytest.approx(best, abs=1e-4)


def test_a_constant_added_to_a_unit_changes_nothing():
    scores = np.random.default_rng(1).normal(size=(6, 3))
    shifted = scores + np.array([[-1000.0, 0, 3, 500, -2, 7]]).T
    assert stacking_weights(shifted) == pytest.approx(stacking_weights(scores), abs=1e-9)


def test_the_difference_and_its_standard_error():
    gap, error = difference([[-10.0, -9.0], [-5.0, -7.0], [-8.0, -4.0]])
    assert gap == 3.0
    assert error == pytest.approx(np.sqrt(3) * np.std([1.0, -2.0, 4.0], ddof=1))


def test_scores_are_laid_out_by_population():
    found = scored({"recurrence": {"B": -4.0, "A": -2.0}, "dormancy": {"A": -3.0, "B": -1.0}})
    assert found["scores"][0] == {"population": "A", "recurrence": -2.0, "dormancy": -3.0}
    assert found["difference"]["dormancy_less_recurrence"] == 2.0
    assert sum(found["weights"].values()) == pytest.approx(1)
