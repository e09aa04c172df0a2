"""Does the translation model in numpy weigh experiments as the sampled one does, and draw back their true effects?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytensor
import pytest
from pytensor.graph.replace import clone_replace
from scipy import stats
from scipy.special import logsumexp

from evidence_folder import DATA
from resurge.evidence.resistance_selection import is_modelled_pair
from resurge.evidence.tables import load_evidence
from resurge.inference.twin_translation import SHARED, TranslationTwin, twin_of
from resurge.inference.twins import CannotReweightError
from resurge.project import Project
from resurge.synthesis.resistance_levels import readings_log_density
from resurge.synthesis.translation import build_model
from resurge.synthesis.translation_design import TranslationDesign, translation_design
from resurge.synthesis.translation_forward import SIGNIFICANT, chance_picked, draw_prior, true_effects
from resurge.synthesis.translation_pointwise import draw_true_effects, experiment_log_density, told_of
from resurge.synthesis.translation_priors import KINDS, TRANSLATION

MANY = 200_000


@pytest.fixture(scope="module")
def evidence():
    return load_evidence(DATA)


def twin_for(pairs: pd.DataFrame) -> TranslationTwin:
    return TranslationTwin(TRANSLATION, translation_design(pairs))


@pytest.fixture(scope="module")
def whole(evidence):
    return twin_for(evidence.replication_pairs)


def drawn(twin: TranslationTwin, n: int, seed: int = 1) -> dict[str, np.ndarray]:
    draws = draw_prior(TRANSLATION, twin.design, n, np.random.default_rng(seed))
    return {**{name: draws[name] for name in SHARED}, "delta": true_effects(twin.design, draws)}


def one_draw(draws: dict[str, np.ndarray], n: int, place: int = 0) -> dict[str, np.ndarray]:
    """Repeat one draw."""
    return {name: np.repeat(each[[place]], n, axis=0) for name, each in draws.items()}


def labels_of(twin: TranslationTwin) -> dict[str, tuple[str, ...]]:
    return {"kind": KINDS, "pair": twin.design.pairs}


def by_size(twin: TranslationTwin, n_pairs: int) -> str:
    """Give the first experiment of so many pairs."""
    return next(name for name, rows in twin.units.items() if len(rows) == n_pairs)


def originals_written_out(design: TranslationDesign, draws: dict[str, np.ndarray]) -> np.ndarray:
    """Log density of the originals given true effects, without the constants of the normal, shape (sample, pair)."""
    eta = draws["eta"][:, None]
    chosen = np.where(design.original > SIGNIFICANT * design.original_se, 0, np.log(eta))
    picked = np.log(chance_picked(draws["delta"], design.original_se, eta))
    return -0.5 * ((design.original - draws["delta"]) / design.original_se) ** 2 + chosen - picked


def replications_written_out(design: TranslationDesign, draws: dict[str, np.ndarray], i: int) -> float:
    """Log density of all replications at one draw, the amount of each experiment integrated out."""
    kind = design.pair_experiment @ design.experiment_kind
    return readings_log_density(
        design.replication - (kind @ draws["slope"][i]) * draws["delta"][i],
        0.0,
        1.0,
        design.replication_se**2 + kind @ draws["omega"][i] ** 2,
        design.pair_experiment,
        design.experiment_kind @ draws["sigma"][i] ** 2,
    )


# Pairs given all that is sampled


def test_written_out_densities_are_the_sampled_ones(whole):
    model = build_model(whole.design, TRANSLATION)
    sampled = draw_prior(TRANSLATION, whole.design, 2, np.random.default_rng(2))
    draws = {**sampled, "delta": true_effects(whole.design, sampled)}
    free = ("centre", "between", "within", "level", "z_pair", "eta", "slope", "sigma", "omega")
    inputs = [model[name].type() for name in free]
    given = dict(zip((model[name] for name in free), inputs, strict=True))
    density = pytensor.function(
        inputs,
        clone_replace(list(model.potentials), given, rebuild_strict=False),
        mode="FAST_COMPILE",
        on_unused_input="ignore",
    )
    for i in range(2):
        originals, replications = density(*(sampled[name][i] for name in free))
        assert originals_written_out(whole.design, draws)[i].sum() == pytest.approx(originals, rel=1e-10)
        assert replications_written_out(whole.design, draws, i) == pytest.approx(replications, rel=1e-10)


def test_a_pair_weighs_what_the_density_loses_without_it(whole, evidence):
    draws, pairs = drawn(whole, 2), evidence.replication_pairs
    by_row = whole.by_row(draws)
    assert by_row.shape == (2, len(whole.design.pairs))
    total = [replications_written_out(whole.design, draws, i) for i in range(2)]
    alone = dict(zip(whole.design.pairs, originals_written_out(whole.design, draws).T, strict=True))
    for place in range(0, len(whole.rows), 7):
        pair = whole.rows[place].split(":")[1]
        less = twin_for(pairs[pairs["pair_id"] != pair])
        rest = less.widened(draws, labels_of(whole), np.random.default_rng(3))
        for i in range(2):
            lost = total[i] - replications_written_out(less.design, rest, i)
            assert by_row[i, place] == pytest.approx(alone[pair][i] + lost, abs=1e-9), pair


# Experiments, all that their pairs share integrated out


def shared_drawn(whole: TranslationTwin, experiment: str, one: dict[str, np.ndarray], seed: int):
    """Draw level, true effects and log density of the pairs of an experiment many times from one draw's prior."""
    own = np.flatnonzero(whole.design.pair_experiment[:, whole.design.experiments.index(experiment)])
    k = whole.design.experiment_kind[whole.design.experiments.index(experiment)].argmax()
    rng = np.random.default_rng(seed)
    level = one["centre"][0, k] + one["between"][0, k] * rng.standard_normal((MANY, 1))
    delta = level + one["within"][0, k] * rng.standard_normal((MANY, len(own)))
    a = one["sigma"][0, k] * rng.standard_normal((MANY, 1))
    design = whole.design
    part = replace(design, **{name: getattr(design, name)[own] for name in ("original", "original_se", "replication")})
    log_p = originals_written_out(part, {"eta": np.repeat(one["eta"], MANY), "delta": delta}).sum(1)
    spread = np.hypot(design.replication_se[own], one["omega"][0, k])
    log_p += stats.norm(one["slope"][0, k] * delta + a, spread).logpdf(design.replication[own]).sum(1)
    return delta, log_p


@pytest.mark.parametrize("n_pairs", [1, 2, 3])
def test_an_experiment_has_the_density_of_its_pairs_averaged_over_what_they_share(whole, n_pairs):
    name, draws = by_size(whole, n_pairs), drawn(whole, 100)
    found = whole.by_unit(draws, [name])[:, 0]
    for place in np.argsort(found)[-3:]:  # where the average is not one of rare events
        _, log_p = shared_drawn(whole, name, one_draw(draws, 1, place), 4)
        weight = np.exp(log_p - log_p.max())
        error = np.sqrt((weight**2).sum()) / weight.sum()
        assert error < 0.1
        assert found[place] == pytest.approx(logsumexp(log_p) - np.log(MANY), abs=4.5 * error + 1e-3)


def test_without_selection_the_density_is_that_of_a_normal(whole):
    draws = {**drawn(whole, 5), "eta": np.ones(5)}
    name = by_size(whole, 10)
    design, place = whole.design, whole.design.experiments.index(name)
    own, k = np.flatnonzero(design.pair_experiment[:, place]), design.experiment_kind[place].argmax()
    found, ones = whole.by_unit(draws, [name])[:, 0], np.ones((len(own), len(own)))
    for i in range(5):
        centre, between, within, slope, sigma, omega = (draws[each][i, k] for each in SHARED[:-1])
        truth = between**2 * ones + within**2 * np.eye(len(own))
        covariance = np.block([[truth, slope * truth], [slope * truth, slope**2 * truth + sigma**2 * ones]])
        noise = np.concatenate([design.original_se[own] ** 2, design.replication_se[own] ** 2 + omega**2])
        y = np.concatenate([design.original[own], design.replication[own]])
        mean = np.repeat([centre, slope * centre], len(own))
        expected = stats.multivariate_normal(mean, covariance + np.diag(noise)).logpdf(y)
        expected += 0.5 * np.log(2 * np.pi * design.original_se[own] ** 2).sum()
        assert found[i] == pytest.approx(expected, abs=1e-8)


def test_integrals_of_all_experiments_are_steady(whole, monkeypatch):
    draws = drawn(whole, 20)
    few = whole.by_unit(draws, list(whole.units))
    for name, nodes in (("INNER", 25), ("OUTER", 25), ("STEPS", 12)):
        monkeypatch.setattr(f"resurge.synthesis.translation_pointwise.{name}", nodes)
    many = whole.by_unit(draws, list(whole.units))
    assert np.abs(few - many).max() < 0.1
    assert np.median(np.abs(few - many)) < 1e-3


# True effects drawn back


@pytest.mark.parametrize("n_pairs", [1, 3])
def test_true_effects_of_a_changed_experiment_are_drawn_given_its_pairs(whole, n_pairs):
    name, draws, n = by_size(whole, n_pairs), drawn(whole, 100), 20_000
    one = one_draw(draws, 1, whole.by_unit(draws, [name])[:, 0].argmax())
    own = np.flatnonzero(whole.design.pair_experiment[:, whole.design.experiments.index(name)])
    completed = whole.completed(one_draw(one, n), [name], (1, n), np.random.default_rng(5)).as_dataset()
    found = completed["delta"].values[0][:, own]
    delta, log_p = shared_drawn(whole, name, one, 6)
    weight = np.exp(log_p - logsumexp(log_p))
    error = np.sqrt((weight**2).sum() + 1 / n)
    mean = weight @ delta
    apart = delta - mean
    covariance = (apart * weight[:, None]).T @ apart
    sd = np.sqrt(np.diag(covariance))
    assert (np.abs(found.mean(0) - mean) < (4.5 * error + 0.01) * sd).all()
    assert np.atleast_2d(np.cov(found.T)) == pytest.approx(covariance, abs=(5 * error + 0.03) * sd.max() ** 2)


def test_weights_of_an_experiment_turn_true_effects_with_it_into_those_without_it(whole, evidence):
    """Where half of an experiment is dropped, weights of the parameters and new draws meet those without it."""
    name = by_size(whole, 6)
    pairs = evidence.replication_pairs
    dropped = [row.split(":")[1] for row in whole.units[name][:3]]
    less = twin_for(pairs[~pairs["pair_id"].isin(dropped)])
    draws, rng = drawn(whole, 40_000), np.random.default_rng(7)
    told, fewer = told_of(whole.design, name, draws), told_of(less.design, name, draws)
    log_whole, log_fewer = experiment_log_density(told), experiment_log_density(fewer)
    # Prior draws weighed by a density are draws given its pairs: two ways to those given the fewer ones.
    kept = rng.choice(len(log_whole), 20_000, p=np.exp(log_whole - logsumexp(log_whole)))
    ratio = np.exp((log_fewer - log_whole)[kept])
    delta = draw_true_effects(fewer, rng).mean(1)
    direct = np.exp(log_fewer - logsumexp(log_fewer))
    found, expected = ratio @ delta[kept] / ratio.sum(), direct @ delta
    error = delta[kept].std() * np.hypot(np.sqrt((ratio**2).sum()) / ratio.sum(), np.sqrt((direct**2).sum()))
    assert abs(found - expected) < 4.5 * error
    assert error < 0.05


def test_what_is_completed_looks_as_a_fit_stores_it(whole):
    prior = whole.prior(np.random.default_rng(8)).as_dataset()
    draws = drawn(whole, 6)
    changed = by_size(whole, 10)
    stored = whole.completed(draws, [changed], (2, 3), np.random.default_rng(9)).as_dataset()
    assert stored.sizes == {**prior.sizes, "chain": 2, "draw": 3}
    assert {name: each.dims for name, each in stored.variables.items()} == {
        name: each.dims for name, each in prior.variables.items()
    }
    constant = [name for name, each in prior.variables.items() if "chain" not in each.dims and name != "draw"]
    assert all((stored[name].values == prior[name].values).all() for name in constant)
    moved = (stored["delta"].values.reshape(6, -1) != draws["delta"]).any(0)
    assert tuple(f"replication_pairs:{stored['pair'].values[i]}" for i in np.flatnonzero(moved)) == whole.units[changed]


# Evidence that grows, shrinks and changes


def test_a_new_experiment_is_laid_out_and_drawn(whole, evidence):
    pairs = evidence.replication_pairs
    new = pairs[pairs["experiment"] == by_size(whole, 2)].assign(experiment="anew", pair_id=["n1", "n2"])
    grown, draws = twin_for(pd.concat([new, pairs], ignore_index=True)), drawn(whole, 100)
    found = grown.widened(draws, labels_of(whole), np.random.default_rng(10))
    assert grown.units["anew"] == ("replication_pairs:n1", "replication_pairs:n2")
    assert (found["delta"][:, 2:] == draws["delta"]).all()
    twice = grown.by_unit(found, ["anew", by_size(whole, 2)])
    assert (twice[:, 0] == twice[:, 1]).all()
    stored = grown.completed(found, ["anew"], (4, 25), np.random.default_rng(11)).as_dataset()
    assert np.isfinite(stored["delta"]).all()


def test_a_dropped_experiment_leaves_the_others_as_they_were(whole, evidence):
    pairs, gone = evidence.replication_pairs, by_size(whole, 5)
    less, draws = twin_for(pairs[pairs["experiment"] != gone]), drawn(whole, 3)
    found = less.widened(draws, labels_of(whole), np.random.default_rng(12))
    rest = [name for name in whole.units if name != gone]
    assert list(less.units) == rest
    assert (less.by_unit(found, rest) == whole.by_unit(draws, rest)).all()


def test_only_the_experiment_whose_pair_changed_moves(whole, evidence):
    pairs = evidence.replication_pairs
    pair = whole.units["p47e1"][0].split(":")[1]
    changed = twin_for(pairs.assign(smd_replication=pairs["smd_replication"].where(pairs["pair_id"] != pair, 0.1)))
    draws, units = drawn(whole, 3), list(whole.units)
    moved = np.abs(changed.by_unit(draws, units) - whole.by_unit(draws, units)).max(0) > 0
    assert [name for name, did in zip(units, moved, strict=True) if did] == ["p47e1"]


def test_draws_of_another_layout_are_refused(whole):
    labels = {**labels_of(whole), "kind": ("animal", "cell", "slice")}
    with pytest.raises(CannotReweightError, match="other kinds"):
        whole.widened(drawn(whole, 2), labels, np.random.default_rng(13))


def test_units_hold_every_pair_that_the_model_reads_once(evidence):
    twin = twin_of(Project(DATA.parent), evidence, TRANSLATION)
    read = [row["pair_id"] for row in evidence.replication_pairs.to_dict("records") if is_modelled_pair(row)]
    assert sorted(twin.rows) == sorted(f"replication_pairs:{pair}" for pair in read)
    assert tuple(row for rows in twin.units.values() for row in rows) == twin.rows
    with pytest.raises(CannotReweightError, match="no row that the translation model reads"):
        twin_of(Project(DATA.parent), replace(evidence, replication_pairs=None), TRANSLATION)
