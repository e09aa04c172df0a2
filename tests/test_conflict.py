"""Is a source held against what the rest of the evidence predicts of it?"""

import numpy as np
from numpy.testing import assert_array_equal

from resurge.findings.conflict import by_label, two_sided


def test_columns_are_laid_out_by_label_and_new_ones_are_drawn():
    known, new = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[-1.0, -2.0], [-3.0, -4.0]])
    assert_array_equal(by_label(known, ["a", "b"], ["b", "c"], new), [[2.0, -2.0], [4.0, -4.0]])
    assert_array_equal(new, [[-1.0, -2.0], [-3.0, -4.0]])


def test_a_source_without_such_labels_needs_no_columns():
    assert by_label(np.ones((3, 2)), ["a", "b"], [], np.empty((3, 0))).shape == (3, 0)


def test_a_source_in_the_middle_is_expected_and_one_far_out_is_not():
    predicted = np.random.default_rng(1).normal(5.0, 2.0, (999, 3))
    assert two_sided(np.array([5.0, 5.0, 5.0]), predicted) > 0.8
    assert two_sided(np.array([20.0, 20.0, 20.0]), predicted) == 2 / 1000


def test_what_rows_share_counts_once():
    shared = np.random.default_rng(2).normal(0.0, 1.0, (999, 1))
    together = two_sided(np.full(9, 1.0), np.repeat(shared, 9, axis=1))
    assert together == two_sided(np.array([1.0]), shared)
