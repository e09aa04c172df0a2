"""Do weighted draws give the posterior of other evidence where it is known, and refuse where they fail?"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from resurge.inference.gate import MIN_ESS
from resurge.inference.psis import MAX_K_HAT, resampled
from resurge.inference.reweight import Fit, common_ground, reweighted, signatures
from resurge.inference.stored_draws import StoredDraws

N = 20_000
TAU = 0.5
"""Spread of the units' own effects, which are integrated out."""


class NormalTwin:
    """theta ~ N(0, 1); a unit has own effect N(theta, TAU) and one row with a standard error."""

    def __init__(self, rows):
        self.values = rows
        self.units = {unit: (f"t:{unit}",) for unit in rows}
        self.asked = []

    def by_unit(self, draws, units):
        assert units, "no unit to evaluate"
        self.asked += units
        spread = [np.hypot(TAU, self.values[unit][1]) for unit in units]
        values = [self.values[unit][0] for unit in units]
        return stats.norm.logpdf(values, draws["theta"][:, None], spread)

    def widened(self, draws, labels, rng):
        return dict(draws)


def posterior_of(rows):
    """Mean and standard deviation of theta, in closed form."""
    precision = {unit: 1 / (TAU**2 + se**2) for unit, (_, se) in rows.items()}
    total = 1 + sum(precision.values())
    return sum(precision[unit] * y for unit, (y, _) in rows.items()) / total, total**-0.5


def fingerprint_of(rows, upstream=""):
    hashes = {unit: repr(values) for unit, values in rows.items()}
    return {"evidence": {"t": hashes}, "upstream": {"other": upstream}}


def fit_of(rows):
    mean, sd = posterior_of(rows)
    draws = {"theta": np.random.default_rng(1).normal(mean, sd, N)}
    twin = NormalTwin(rows)
    found = signatures(twin, fingerprint_of(rows))
    by_unit = twin.by_unit(draws, list(rows))
    return Fit(
        StoredDraws(draws, {}, (4, N // 4)), dict(zip(rows, by_unit.T, strict=True)), found,
        common_ground(found, fingerprint_of(rows)), float(N),
    )  # fmt: skip


def to(rows, fit, upstream=""):
    twin = NormalTwin(rows)
    seen = fingerprint_of(rows, upstream)
    found = signatures(twin, seen)
    return twin, reweighted(fit, twin, found, common_ground(found, seen), np.random.default_rng(2))


BEFORE = {"a": (0.3, 0.4), "b": (-0.2, 0.5), "c": (0.8, 0.3), "d": (0.1, 0.6)}
OTHER = {
    "a unit more": {**BEFORE, "e": (0.9, 0.4)},
    "a unit less": {unit: row for unit, row in BEFORE.items() if unit != "c"},
    "a row that says something else": {**BEFORE, "b": (0.4, 0.2)},
    "all at once": {"a": (0.3, 0.4), "b": (0.0, 0.3), "d": (0.1, 0.6), "f": (0.5, 0.8)},
}


@pytest.mark.parametrize("rows", OTHER.values(), ids=list(OTHER))
def test_weighted_draws_have_the_posterior_of_the_other_evidence(rows):
    _, found = to(rows, fit_of(BEFORE))
    assert not found.refusal
    mean, sd = posterior_of(rows)
    weight, theta = np.exp(found.weights.log_weights), found.draws["theta"]
    assert weight @ theta == pytest.approx(mean, abs=5 * sd / np.sqrt(found.effective))
    assert weight @ (theta - mean) ** 2 == pytest.approx(sd**2, rel=5 * np.sqrt(2 / found.effective))
    chosen = theta[resampled(found.weights, N, np.random.default_rng(3))]
    assert stats.kstest(chosen, "norm", (mean, sd)).statistic < 2 / np.sqrt(found.effective)


def test_only_units_that_differ_are_looked_at():
    twin, found = to(OTHER["all at once"], fit_of(BEFORE))
    assert found.changed == ("b", "f")
    assert found.gone == ("c",)
    assert twin.asked == ["b", "f"]


def test_the_same_evidence_weighs_all_draws_alike():
    twin, found = to(BEFORE, fit_of(BEFORE))
    assert twin.asked == []
    assert np.ptp(found.weights.log_weights) == 0
    assert found.effective == pytest.approx(N)


def test_another_posterior_that_enters_makes_every_unit_differ():
    twin, found = to(BEFORE, fit_of(BEFORE), upstream="moved")
    assert twin.asked == list(BEFORE)
    assert np.ptp(found.weights.log_weights) == pytest.approx(0, abs=1e-9)


def test_evidence_against_all_before_is_refused_by_its_numbers():
    _, found = to({**BEFORE, "e": (40.0, 0.01), "f": (40.0, 0.01), "g": (40.0, 0.01)}, fit_of(BEFORE))
    assert found.weights.k_hat > MAX_K_HAT
    assert f"limit {MAX_K_HAT}" in found.refusal


def test_few_effective_draws_are_refused():
    fit = fit_of(BEFORE)
    _, found = to(OTHER["a unit more"], Fit(fit.draws, fit.log_likelihood, fit.signatures, fit.common, MIN_ESS - 1.0))
    assert f"limit {MIN_ESS}" in found.refusal


def test_a_draw_without_a_likelihood_weighs_nothing():
    fit = fit_of(BEFORE)
    twin = NormalTwin(OTHER["a unit more"])
    twin.by_unit = lambda draws, units: np.where(np.arange(N)[:, None] < N // 2, np.nan, 0.0)
    seen = fingerprint_of(OTHER["a unit more"])
    found = signatures(twin, seen)
    weights = np.exp(
        reweighted(fit, twin, found, common_ground(found, seen), np.random.default_rng(2)).weights.log_weights
    )
    assert weights[: N // 2].max() < 1e-12
    assert weights[N // 2 :] == pytest.approx(2 / N)
