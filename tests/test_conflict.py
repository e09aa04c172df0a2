"""Is a source held against what the rest of the evidence predicts of it?"""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy import stats

from resurge.evidence import load_evidence
from resurge.findings.conflict import by_label, conflict, two_sided
from resurge.inference.chains import flat_arrays
from stored_project import store_prior_as_posterior
from weighed_posterior import MODEL, therapy_posterior


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


def test_p_values_are_uniform_where_the_rest_tells_the_truth():
    rng = np.random.default_rng(3)

    def draws_of_a_source(n):
        return rng.standard_normal((n, 1)) * [1.0, 2.0, 0.5, 1.0] + rng.standard_normal((n, 4)) + [0.0, 5.0, -2.0, 1.0]

    predicted = draws_of_a_source(4000)
    values = [two_sided(observed, predicted) for observed in draws_of_a_source(400)]
    assert stats.kstest(values, "uniform").pvalue > 0.05


@pytest.fixture(scope="module")
def therapy(tmp_path_factory):
    """Give small evidence and its posterior of the therapy model."""
    project = store_prior_as_posterior(tmp_path_factory.mktemp("therapy"), n=10)
    evidence = load_evidence(project.data)
    return evidence, flat_arrays(therapy_posterior(project, evidence, seed=1))


def p_value(evidence, draws, **cells):
    """Give the p value of row e0006 as one more trial, with cells changed."""
    table = evidence.therapy_effects
    changed = table.assign(**{name: table[name].where(table["row_id"] != "e0006", to) for name, to in cells.items()})
    own = {**draws, "trial": np.array([f"{name} before" for name in draws["trial"]])}
    rows = ["therapy_effects:e0006"]
    return conflict(MODEL, own, replace(evidence, therapy_effects=changed), rows, np.random.default_rng(4))


def test_a_planted_outlier_stands_against_the_rest_and_a_sound_row_does_not(therapy):
    assert p_value(*therapy) > 0.2
    assert p_value(*therapy, log_estimate=2.5, se_log=0.05) < 0.02


def test_nothing_is_told_where_the_rest_knows_nothing(therapy):
    assert p_value(*therapy, effect_class="chemo") is None
    evidence, draws = therapy
    assert conflict(MODEL, draws, evidence, ["therapy_effects:e0007"], np.random.default_rng(4)) in (None, 1.0)
