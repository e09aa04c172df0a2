"""Does the therapy model in numpy weigh evidence as the sampled one does, by class and by row, and draw back what it
integrates out?
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytensor
import pytest
from scipy import stats
from scipy.special import logsumexp

from evidence_folder import DATA
from resurge.evidence.tables import load_evidence
from resurge.findings.hazard_draws import Profile, group_hazard
from resurge.inference import twin_therapy
from resurge.inference.baseline import PARAMETERS, typical_baseline
from resurge.inference.laid_out import laid_out
from resurge.inference.records import sound_draws
from resurge.inference.twin_therapy import OWN, PROPOSALS, TherapyTwin, one_each, twin_of
from resurge.inference.twins import CannotReweightError
from resurge.synthesis.event_weights import time_to_death
from resurge.synthesis.therapy import build_model
from resurge.synthesis.therapy_design import therapy_design
from resurge.synthesis.therapy_forward import draw_prior, expected_entries, expected_readings
from resurge.synthesis.therapy_levels import effects_log_density
from resurge.synthesis.therapy_pointwise import behind_deaths, expected_of, own_of
from resurge.synthesis.therapy_priors import SCALED_ENDPOINTS, THERAPY
from simulated_trials import effects_of, even_hazard, trials_of_every_kind
from stored_project import store_prior_as_posterior

BASELINE = even_hazard(0.03, 0.03)
POSITIVE = ("tau", "omega", "onset", "fade", "carry", "shape", "rho", "lag")
"""Parameters that the sampler moves on the log scale."""


def twin_for(effects: pd.DataFrame) -> TherapyTwin:
    return TherapyTwin(THERAPY, therapy_design(effects, BASELINE), BASELINE)


def drawn(twin: TherapyTwin, n: int, seed: int = 1) -> dict[str, np.ndarray]:
    """Give prior draws with what a stored posterior has besides."""
    draws = draw_prior(THERAPY, twin.design, n, np.random.default_rng(seed))
    return {**draws, "continues": twin.design.continues}


def labels_of(twin: TherapyTwin) -> dict[str, tuple[str, ...]]:
    design = twin.design
    return {"effect_class": design.classes, "trial": design.trials, "scaled_endpoint": SCALED_ENDPOINTS}


def one_draw(draws: dict[str, np.ndarray], n: int) -> dict[str, np.ndarray]:
    """Repeat the first draw."""
    return {name: each if name == "continues" else np.repeat(each[:1], n, axis=0) for name, each in draws.items()}


def shapes_and_chains() -> pd.DataFrame:
    """Give periods read for their change beside an endpoint of their own, and chains that lose a link."""
    periods = {"effect_class": "periods", "trial": "P", "used_as": "shape"}
    chain = {"effect_class": "links", "trial": "L", "update_chain": "l", "used_as": "increment"}
    chain |= {"window_kind": "whole_follow_up"}
    turned = {**chain, "trial": "T", "update_chain": "t", "inverted": "yes"}
    return effects_of(
        *({**periods, "window_start": s, "window_end": s + 3, "log_estimate": -0.2 + s / 50} for s in (0.0, 3.0, 6.0)),
        {**periods, "endpoint": "os", "window_end": 9.0, "used_as": "effect", "log_estimate": -0.1},
        *(
            {**chain, "report_order": order, "window_end": 2.0 + 3 * order, "se_log": 0.2 / order, "log_estimate": y}
            for order, y in ((1.0, -0.5), (2.0, -0.35), (3.0, -0.3))
        ),
        *(
            {**turned, "report_order": order, "window_end": 3.0 * order, "se_log": 0.3 / order, "log_estimate": 0.4}
            for order in (1.0, 2.0)
        ),
        {**chain, "trial": "M", "update_chain": "", "used_as": "effect", "endpoint": "breast_cancer_death"},
    )


@pytest.fixture(scope="module")
def whole():
    return twin_for(load_evidence(DATA).therapy_effects)


@pytest.fixture(scope="module")
def small():
    return twin_for(trials_of_every_kind())


# By class: the density that is sampled


def point_of(draws: dict[str, np.ndarray], i: int, sigma_of_log: float = 0.4) -> dict[str, np.ndarray]:
    """Give a draw as the sampler's values."""
    p = {name: each[i] for name, each in draws.items() if name != "continues"}
    z = (np.log(p["sigma"]) - p["log_sigma_centre"]) / sigma_of_log
    point = {name: p[name] for name in ("mu", "log_sigma_centre")} | {"z_sigma": z}
    return point | {f"{name}_log__": np.log(p[name]) for name in POSITIVE}


def test_classes_add_up_to_the_density_that_is_sampled(whole):
    model, draws = build_model(whole.design, THERAPY), drawn(whole, 5)
    by_unit = whole.by_unit(draws, list(whole.units))
    graph = model.replace_rvs_by_values([model["readings"]])
    density = pytensor.function(model.value_vars, graph, mode="FAST_COMPILE", on_unused_input="ignore")
    for i in range(5):
        point = point_of(draws, i)
        sampled = density(*(point[each.name] for each in model.value_vars))[0]
        assert by_unit[i].sum() == pytest.approx(float(sampled), abs=1e-10, rel=1e-12)


def test_a_class_has_the_density_that_it_has_alone(small):
    draws = drawn(small, 4)
    by_unit = small.by_unit(draws, list(small.units))
    for k, name in enumerate(small.units):
        effects = trials_of_every_kind()
        alone = effects[effects["effect_class"] == name]
        one = twin_for(alone)
        own = draws | {each: draws[each][:, [k]] for each in OWN}
        assert one.by_unit(own, [name])[:, 0] == pytest.approx(by_unit[:, k], rel=1e-12)


def test_readings_are_expected_as_elsewhere(small):
    draws = drawn(small, 6)
    elsewhere = expected_entries(small.design, draws)
    for k in range(len(small.design.classes)):
        own = np.flatnonzero(small.design.entry_trial @ small.design.trial_class[:, k])
        m = expected_of(small.design, own, draws, own_of(draws, k))
        assert m[:, 0] == pytest.approx(elsewhere[:, own], rel=1e-12)


@pytest.mark.parametrize("lag", [0.1, 3.0, 30.0])
def test_deaths_go_back_as_in_the_model(small, lag):
    dead = np.flatnonzero(small.design.deaths)
    weights = small.design.seen[dead] @ time_to_death(lag) * small.design.events[dead]
    assert behind_deaths(small.design, dead, np.array([lag]))[0] == pytest.approx(weights, rel=1e-12)


def test_units_hold_every_row_once(whole):
    rows = [row for rows in whole.units.values() for row in rows]
    assert tuple(rows) == whole.rows
    assert sorted(rows) == sorted("therapy_effects:" + row for row in whole.design.rows["row_id"])
    assert whole.by_unit(drawn(whole, 3), []).shape == (3, 0)


# By row: the density of a trial with the row over that without it, given the effect of the class


def given_class(twin: TherapyTwin, draws: dict[str, np.ndarray], effects: pd.DataFrame, k: int) -> float:
    """Log density of the rows of class k in a table at its effect: the model with no spread of classes around it."""
    own = effects[effects["effect_class"] == twin.design.classes[k]]
    if own.empty:
        return 0.0
    design = therapy_design(own, BASELINE)
    one = draws | {name: draws[name][:, [k]] for name in OWN}
    return float(
        effects_log_density(
            design.readings, expected_readings(design, one)[0], design.variance + one["omega"][0] ** 2,
            design.reading_trial, design.trial_class, one["sigma"][0], draws["beta_class"][0, [k]], 0.0,
        )
    )  # fmt: skip


@pytest.mark.parametrize("make", [trials_of_every_kind, shapes_and_chains])
def test_a_row_weighs_what_the_class_loses_without_it(make):
    effects = make()
    twin = twin_for(effects)
    draws = drawn(twin, 1)
    by_row, classes = twin.by_row(draws)[0], effects.set_index("row_id")["effect_class"]
    total = [given_class(twin, draws, effects, k) for k in range(len(twin.units))]
    for place, row in enumerate(twin.rows):
        left_out = row.split(":")[1]
        k = twin.design.classes.index(classes[left_out])
        rest = given_class(twin, draws, effects[effects["row_id"] != left_out], k)
        assert by_row[place] == pytest.approx(total[k] - rest, abs=1e-9), row


def test_one_of_two_rows_is_normal_given_the_other():
    twin = twin_for(effects_of({"log_estimate": -0.6}, {"endpoint": "os", "window_end": 10.0, "log_estimate": -0.2}))
    draws, design = drawn(twin, 1), twin.design
    m, beta = expected_entries(design, draws)[0], draws["beta_class"][0, 0]
    rotated = design.variance + draws["omega"] ** 2
    V = design.rotation.T @ np.diag(rotated) @ design.rotation + draws["sigma"][0, 0] ** 2 * np.outer(m, m)
    residual = design.log_ratio - m * beta
    expected = []
    for i, other in ((0, 1), (1, 0)):
        mean = V[i, other] / V[other, other] * residual[other]
        expected.append(stats.norm(mean, np.sqrt(V[i, i] - V[i, other] ** 2 / V[other, other])).logpdf(residual[i]))
    assert twin.by_row(draws)[0] == pytest.approx(expected, abs=1e-10)


def test_weights_of_a_row_turn_the_effect_of_its_class_into_that_without_it():
    effects = effects_of({"log_estimate": -0.6, "se_log": 0.2}, {"trial": "B", "log_estimate": -0.1, "se_log": 0.25})
    twin, less = twin_for(effects), twin_for(effects[:1])
    n = 100_000
    same = one_draw(drawn(twin, 1), n)
    with_both = effects_in(twin, same, n)
    weight = np.exp(-twin.by_row({**same, "beta_class": with_both})[:, 1])
    without = effects_in(less, same | {"beta_trial": same["beta_trial"][:, :1]}, n)[:, 0]
    found = weight @ with_both[:, 0] / weight.sum()
    error = without.std() * np.sqrt((weight**2).sum()) / weight.sum()
    assert abs(found - without.mean()) < 4 * np.hypot(error, without.std() / np.sqrt(n))
    assert abs(with_both.mean() - without.mean()) > 20 * error


def effects_in(twin: TherapyTwin, draws: dict[str, np.ndarray], n: int) -> np.ndarray:
    completed = twin.completed(draws, list(twin.units), (1, n), np.random.default_rng(2)).as_dataset()
    return completed["beta_class"].values[0]


# Own effects drawn back


def test_effects_of_a_changed_class_are_drawn_from_their_normal(small):
    n, name = 60_000, "one_year"
    k = small.design.classes.index(name)
    draws = one_draw(drawn(small, 1, seed=3), n)
    completed = small.completed(draws, [name], (2, n // 2), np.random.default_rng(4)).as_dataset()
    trials = np.flatnonzero(small.design.trial_class[:, k])
    told = np.column_stack(
        [completed["beta_class"].values.reshape(n, -1)[:, k], completed["beta_trial"].values.reshape(n, -1)[:, trials]]
    )
    read = small.design.reading_trial @ small.design.trial_class[:, k] == 1
    one = {each: draws[each][:1] for each in draws if each != "continues"}
    X = np.zeros((read.sum(), 1 + len(trials)))
    X[:, 1:] = expected_readings(small.design, one)[0, read][:, None] * small.design.reading_trial[read][:, trials]
    noise = small.design.variance[read] + one["omega"][0] ** 2
    spread = one["sigma"][0, k] ** 2 * np.eye(1 + len(trials)) + one["tau"][0] ** 2
    spread[0, 0] = one["tau"][0] ** 2
    mean = np.full(1 + len(trials), small.design.sign[k] * one["mu"][0])
    precision = np.linalg.inv(spread) + X.T @ (X / noise[:, None])
    centre = np.linalg.solve(precision, np.linalg.solve(spread, mean) + X.T @ (small.design.readings[read] / noise))
    covariance = np.linalg.inv(precision)
    sd = np.sqrt(np.diag(covariance))
    assert (np.abs(told.mean(0) - centre) < 4.5 * sd / np.sqrt(n)).all()
    assert np.cov(told.T) == pytest.approx(covariance, abs=6 * sd.max() ** 2 / np.sqrt(n))
    new = completed["beta_new"].values.reshape(n, -1)[:, k] - told[:, 0]
    assert new.std() == pytest.approx(one["sigma"][0, k], rel=5 / np.sqrt(2 * n))
    others = [i for i in range(len(small.design.classes)) if i != k]
    assert (completed["beta_class"].values.reshape(n, -1)[:, others] == draws["beta_class"][:, others]).all()


def test_what_is_completed_looks_as_a_fit_stores_it(small):
    prior = small.prior(np.random.default_rng(5)).as_dataset()
    draws = drawn(small, 6)
    completed = small.completed(draws, list(small.units), (2, 3), np.random.default_rng(6)).as_dataset()
    assert completed.sizes == {**prior.sizes, "chain": 2, "draw": 3}
    assert {name: each.dims for name, each in completed.variables.items()} == {
        name: each.dims for name, each in prior.variables.items()
    }
    assert all(np.isfinite(each).all() for each in completed.data_vars.values() if each.dtype.kind == "f")
    constant = [name for name, each in prior.variables.items() if "chain" not in each.dims and name != "draw"]
    assert all((completed[name].values == prior[name].values).all() for name in constant)
    assert (completed["onset"].values.reshape(6, -1) == draws["onset"]).all()


# Evidence that grows, shrinks and changes


def test_draws_are_laid_out_by_name(small):
    effects = trials_of_every_kind()
    kept = effects[(effects["effect_class"] != "five_years") & (effects["trial"] != "Y2")]
    added = effects_of({"effect_class": "one_year", "trial": "Y9", "contrast_years": 1.0, "row_id": "n1"})
    now = twin_for(pd.concat([kept, added]))
    draws = drawn(small, 4)
    found = now.widened(draws, labels_of(small), np.random.default_rng(7))
    for k, name in enumerate(now.design.classes):
        before = small.design.classes.index(name)
        for each in (*OWN, "beta_class"):
            assert (found[each][:, k] == draws[each][:, before]).all()
    for j, name in enumerate(now.design.trials):
        if name == "one_year | Y9":
            assert np.isnan(found["beta_trial"][:, j]).all()
        else:
            assert (found["beta_trial"][:, j] == draws["beta_trial"][:, small.design.trials.index(name)]).all()
    completed = now.completed(found, ["one_year"], (1, 4), np.random.default_rng(8)).as_dataset()
    assert np.isfinite(completed["beta_trial"].values).all()


def test_only_classes_whose_rows_changed_move(small):
    effects = trials_of_every_kind()
    changed = effects.assign(log_estimate=effects["log_estimate"].where(effects["trial"] != "N1", -0.1))
    draws = drawn(small, 3)
    units = list(small.units)
    moved = np.abs(twin_for(changed).by_unit(draws, units) - small.by_unit(draws, units)).max(0) > 0
    assert [name for name, did in zip(units, moved, strict=True) if did] == ["half_year"]


@pytest.fixture(scope="module")
def grown(small):
    """A class that no fit has seen, and draws of a fit without it."""
    new = {"effect_class": "new_drug", "se_log": 0.12}
    rows = effects_of(
        {**new, "row_id": "n1", "trial": "V", "log_estimate": -0.8, "window_end": 2.0},
        {**new, "row_id": "n2", "trial": "V", "log_estimate": -0.1, "window_end": 10.0},
        {**new, "row_id": "n3", "trial": "W"},
    )
    return twin_for(pd.concat([trials_of_every_kind(), rows], ignore_index=True))


def by_brute_force(twin: TherapyTwin, draws: dict[str, np.ndarray], unit: str, n: int) -> tuple[np.ndarray, dict]:
    """Draw what the class alone has many times for one draw of the rest, with the density of its rows under each."""
    prior = draw_prior(THERAPY, twin.design, n, np.random.default_rng(9))
    k = twin.design.classes.index(unit)
    many = {name: np.repeat(draws[name][:1], n, axis=0) for name in twin_therapy.SHARED}
    z = (np.log(prior["sigma"]) - prior["log_sigma_centre"][:, None]) / 0.4
    many |= {name: prior[name] for name in ("onset", "fade", "carry")}
    many["sigma"] = np.exp(draws["log_sigma_centre"][0] + 0.4 * z)
    return twin.by_unit(many, [unit])[:, 0], {name: many[name][:, k] for name in OWN}


def test_a_new_class_is_averaged_over_its_prior_without_bias(small, grown):
    n = 3000
    draws = one_draw(drawn(small, 1, seed=10), n)
    found = grown.widened(draws, labels_of(small), np.random.default_rng(11))
    assert found["onset of new_drug"].shape == (n, PROPOSALS)
    estimates = np.exp(grown.by_unit(found, ["new_drug"])[:, 0])
    logs, _ = by_brute_force(grown, draws, "new_drug", 100_000)
    truth = np.exp(logs)
    error = np.hypot(estimates.std() / np.sqrt(len(estimates)), truth.std() / np.sqrt(len(truth)))
    assert abs(estimates.mean() - truth.mean()) < 4 * error
    assert estimates.std() < truth.std() / np.sqrt(PROPOSALS) * 1.3


def test_a_new_class_gets_what_it_alone_has_given_its_rows(small, grown):
    n = 6000
    draws = one_draw(drawn(small, 1, seed=10), n)
    found = grown.widened(draws, labels_of(small), np.random.default_rng(12))
    weights = grown.by_unit(found, ["new_drug"])[:, 0]  # draws with lucky proposals count more
    completed = grown.completed(found, ["new_drug"], (1, n), np.random.default_rng(13)).as_dataset()
    k = grown.design.classes.index("new_drug")
    logs, own = by_brute_force(grown, draws, "new_drug", 100_000)
    weight, truth = np.exp(weights - logsumexp(weights)), np.exp(logs - logsumexp(logs))
    for name in OWN:
        told, wanted = np.log(completed[name].values[0, :, k]), np.log(own[name])
        spread = np.sqrt(truth @ (wanted - truth @ wanted) ** 2)
        error = spread * np.hypot(np.sqrt((weight**2).sum()), np.sqrt((truth**2).sum()))
        assert abs(weight @ told - truth @ wanted) < 4 * error, name
    assert np.isfinite(completed["beta_trial"].values).all()


def test_a_class_is_new_again_where_its_onset_gets_another_prior(small):
    effects = trials_of_every_kind()
    begins = effects["contrast_start_year"].where(effects["effect_class"] != "two_years", 1.0)
    now = twin_for(effects.assign(contrast_start_year=begins))
    found = now.widened(drawn(small, 3), labels_of(small), np.random.default_rng(14))
    assert {name for name in found if name.startswith("onset of ")} == {"onset of two_years"}
    assert np.isnan(found["onset"][:, now.design.classes.index("two_years")]).all()
    assert np.median(found["onset of two_years"]) > 1.0  # years, not months


def test_one_proposal_is_chosen_by_its_density():
    chosen = one_each(np.tile(np.log([0.2, 0.5, 0.3]) - 700, (20_000, 1)), np.random.default_rng(15))
    assert np.bincount(chosen) / 20_000 == pytest.approx([0.2, 0.5, 0.3], abs=0.015)


def test_draws_of_other_endpoints_are_refused(small):
    labels = labels_of(small) | {"scaled_endpoint": ("os",)}
    with pytest.raises(CannotReweightError, match="other endpoints"):
        small.widened(drawn(small, 2), labels, np.random.default_rng(16))


def test_columns_go_by_label_and_missing_ones_are_not_a_number():
    values = np.arange(12.0).reshape(2, 3, 2)
    found = laid_out(values, ("a", "b", "c"), ("c", "x", "a"))
    assert (found[:, [0, 2]] == values[:, [2, 0]]).all()
    assert np.isnan(found[:, 1]).all()


# From a project


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return store_prior_as_posterior(tmp_path_factory.mktemp("project"))


def test_windows_are_weighed_by_the_recurrence_posterior_of_the_project(project):
    evidence = load_evidence(project.data)
    twin = twin_of(project, evidence, THERAPY)
    hazard = group_hazard(sound_draws(project, "recurrence", PARAMETERS), Profile("positive")).mean(0)
    assert (twin.baseline.hazard["positive"] == hazard).all()
    stored = therapy_design(evidence.therapy_effects, typical_baseline(project))
    assert (twin.design.events == stored.events).all()


def test_a_table_without_a_row_for_the_model_is_refused(project):
    evidence = load_evidence(project.data)
    none = replace(evidence, therapy_effects=evidence.therapy_effects[:0])
    with pytest.raises(CannotReweightError, match="no row that the therapy model reads"):
        twin_of(project, none, THERAPY)
