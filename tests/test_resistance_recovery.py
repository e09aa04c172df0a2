"""Do fits of simulated evidence find the truth again, and do their intervals hold it as often as they say?"""

from __future__ import annotations

import numpy as np
import pytest

from evidence_folder import DATA
from resurge.evidence import load_evidence
from resurge.findings.translation_questions import repetition
from resurge.inference.fit_resistance import SAMPLED
from resurge.inference.sample import Settings, compile_model, sample
from resurge.synthesis.resistance import build_model as resistance_model
from resurge.synthesis.resistance_design import resistance_design
from resurge.synthesis.resistance_forward import all_effects, draw_readings
from resurge.synthesis.resistance_forward import draw_prior as draw_resistance
from resurge.synthesis.resistance_priors import RESISTANCE
from resurge.synthesis.translation import build_model as translation_model
from resurge.synthesis.translation_design import translation_design
from resurge.synthesis.translation_forward import SIGNIFICANT, draw_originals, draw_replications, true_effects
from resurge.synthesis.translation_forward import draw_prior as draw_translation
from resurge.synthesis.translation_priors import TRANSLATION

LEVEL = 0.8
SHORT = Settings(draws=250, tune=300, chains=2, target_accept=0.9)
ROUNDS = 12


def holds(draws: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Tell which intervals hold the truth; the sample comes first."""
    lower, upper = np.quantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    return (lower <= truth) & (truth <= upper)


def flat(posterior, name: str) -> np.ndarray:
    """Join the chains of a variable."""
    values = posterior[name].values
    return values.reshape(-1, *values.shape[2:])


# What a repetition shows, with the parameters known: no sampler needed


@pytest.mark.parametrize("eta", [1.0, 0.1])
def test_the_interval_of_a_repetition_holds_it_as_often_as_it_says(eta):
    rng, n = np.random.default_rng(1), 1500
    known = {
        "centre": [0.6], "between": [0.3], "within": [0.2], "slope": [0.4], "sigma": [0.15], "omega": [0.1],
    }  # fmt: skip
    draws = {name: np.tile(value, (400, 1)) for name, value in known.items()} | {"eta": np.full(400, eta)}
    truth = 0.6 + np.hypot(0.3, 0.2) * rng.standard_normal(n)
    published = np.empty(n)
    waiting = np.ones(n, dtype=bool)
    while waiting.any():
        tried = truth + 0.4 * rng.standard_normal(n)
        taken = waiting & (rng.random(n) < np.where(tried > SIGNIFICANT * 0.4, 1.0, eta))
        published[taken] = tried[taken]
        waiting &= ~taken
    repeated = 0.4 * truth + np.hypot(0.15, 0.1) * rng.standard_normal(n)
    found = [holds(repetition(draws, 0, one, 0.4)[1], again) for one, again in zip(published, repeated, strict=True)]
    assert np.mean(found) == pytest.approx(LEVEL, abs=4 * np.sqrt(LEVEL * (1 - LEVEL) / n) + 0.015)


def test_the_naive_ratio_is_below_the_slope_and_the_corrected_one_is_not():
    rng, n = np.random.default_rng(2), 4000
    truth = np.abs(0.5 + 0.4 * rng.standard_normal(n))
    tried = truth + 0.5 * rng.standard_normal(n)
    published = tried > SIGNIFICANT * 0.5
    again = truth[published]  # the truth in full: slope 1
    assert again.mean() / tried[published].mean() < 0.75
    known = {"centre": [0.5], "between": [0.4], "within": [1e-6]}
    draws = {name: np.tile(value, (300, 1)) for name, value in known.items()} | {"eta": np.full(300, 1.0)}
    draws |= {
        name: np.tile(value, (300, 1)) for name, value in {"slope": [1.0], "sigma": [0.0], "omega": [0.0]}.items()
    }
    # Where originals that failed are not lost, but the published ones alone are looked at, shrinkage by the normal
    # posterior is the whole correction.
    told = np.array([repetition(draws, 0, one, 0.5)[0].mean() for one in tried[published][:300]])
    assert told.mean() == pytest.approx(again[:300].mean(), rel=0.1)


# Whole fits


@pytest.mark.slow
def test_fits_of_mechanisms_are_calibrated():
    evidence = load_evidence(DATA)
    design = resistance_design(evidence.resistance_effects, evidence.mechanisms)
    rng = np.random.default_rng(3)
    truth = draw_resistance(RESISTANCE, design, ROUNDS, rng)
    effects, _ = all_effects(truth, design, rng)
    readings = draw_readings(design, truth, rng)
    compiled = compile_model(resistance_model(design, RESISTANCE))
    covered = {name: [] for name in ("theta", "untested", "mu", "tau", "sigma", "omega", "excess", "partial")}
    claims = []
    for i in range(ROUNDS):
        groups = sample(compiled, SHORT, progress=False, data={"observed_readings": readings[i]})
        posterior = groups["posterior"].to_dataset()
        draws = {name: flat(posterior, name) for name in SAMPLED}
        told, _ = all_effects(draws, design, rng)
        own = np.array([name in design.tested for name in design.mechanisms])
        inside = holds(told, effects[i])
        covered["theta"].append(inside[own].mean())
        covered["untested"].append(inside[~own].mean())
        for name in ("mu", "tau", "sigma", "omega", "excess", "partial"):
            covered[name].append(holds(draws[name], truth[name][i]).mean())
        claims.append(((told > 0).mean(0)[own], effects[i][own] > 0))
    for name, shares in covered.items():
        spread = np.std(shares) / np.sqrt(ROUNDS)
        assert np.mean(shares) == pytest.approx(LEVEL, abs=3 * spread + 0.03), name
    # Probabilities of a direction: of those told near p, a share of about p is so.
    told, so = (np.concatenate([each[k].ravel() for each in claims]) for k in range(2))
    for low, high in ((0.0, 0.3), (0.3, 0.7), (0.7, 0.9), (0.9, 1.0)):
        chosen = (told >= low) & (told <= high)
        assert so[chosen].mean() == pytest.approx(told[chosen].mean(), abs=0.08), (low, high)


@pytest.mark.slow
def test_fits_of_replications_are_calibrated():
    design = translation_design(load_evidence(DATA).replication_pairs)
    rng = np.random.default_rng(4)
    truth = draw_translation(TRANSLATION, design, ROUNDS, rng)
    originals, replications = draw_originals(design, truth, rng), draw_replications(design, truth, rng)
    delta = true_effects(design, truth)
    compiled = compile_model(translation_model(design, TRANSLATION))
    covered = {name: [] for name in ("delta", "slope", "centre", "between", "within", "sigma", "omega", "eta")}
    for i in range(ROUNDS):
        data = {"observed_original": originals[i], "observed_replication": replications[i]}
        posterior = sample(compiled, SHORT, progress=False, data=data)["posterior"].to_dataset()
        covered["delta"].append(holds(flat(posterior, "delta"), delta[i]).mean())
        for name in ("slope", "centre", "between", "within", "sigma", "omega", "eta"):
            covered[name].append(np.mean(holds(flat(posterior, name), truth[name][i])))
    for name, shares in covered.items():
        # Two kinds a round: the binomial error of all of them, and of rounds for the pairs.
        error = np.std(shares) / np.sqrt(ROUNDS) if name == "delta" else np.sqrt(LEVEL * (1 - LEVEL) / ROUNDS)
        assert np.mean(shares) == pytest.approx(LEVEL, abs=3 * error + 0.03), name
