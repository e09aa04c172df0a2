"""Is the therapy model the one that its equations state? Its log density against a sum written out with scipy."""

from __future__ import annotations

import re
from dataclasses import fields

import numpy as np
import pymc as pm
import pytensor
import pytest
from scipy import stats

import resurge.synthesis.therapy as module
from evidence_folder import DATA
from resurge.evidence.tables import load_evidence
from resurge.synthesis.therapy import build_model
from resurge.synthesis.therapy_design import therapy_design
from resurge.synthesis.therapy_forward import draw_prior, expected_entries, expected_readings, readings_of_trials
from resurge.synthesis.therapy_priors import SCALED_ENDPOINTS, THERAPY, TherapyPriors
from simulated_trials import effects_of, even_hazard, trials_of_every_kind

POSITIVE = ("tau", "omega", "onset", "fade", "carry", "shape", "rho", "lag")
"""Parameters that the sampler moves on the log scale."""
HAZARD = 0.03
BASELINE = even_hazard(HAZARD, HAZARD)

# Seven rows: two overlapping endpoints of one trial, deaths, a later start, a chain, and periods read for their change


@pytest.fixture(scope="module")
def design():
    chain = {"effect_class": "drug_short", "trial": "C", "window_kind": "whole_follow_up", "endpoint": "idfs"}
    chain |= {"update_chain": "c", "used_as": "increment", "contrast_years": 0.5, "contrast_start_year": 0.5}
    return therapy_design(
        effects_of(
            {"trial": "A", "log_estimate": -0.5, "se_log": 0.1},
            {"trial": "A", "log_estimate": -0.3, "se_log": 0.2, "endpoint": "os", "window_end": 10.0},
            {"trial": "B", "log_estimate": -0.2, "se_log": 0.3, "endpoint": "bone_recurrence", "contrast_years": 2.0},
            {**chain, "report_order": 1.0, "window_end": 3.0, "log_estimate": 0.10, "se_log": 1 / 5},
            {**chain, "report_order": 2.0, "window_end": 8.0, "log_estimate": 0.05, "se_log": 1 / 10},
            {"effect_class": "extended_drug", "trial": "D", "used_as": "shape", "log_estimate": -0.1, "se_log": 0.1},
            {
                **{"effect_class": "extended_drug", "trial": "D", "used_as": "shape", "log_estimate": -0.4},
                **{"window_start": 5.0, "window_end": 10.0, "se_log": 0.2},
            },
        ),
        BASELINE,
    )


@pytest.fixture(scope="module")
def model(design):
    return build_model(design, THERAPY)


CLASSES = ("drug", "drug_short", "extended_drug")


def some_parameters(seed: int, n_classes: int = 3) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    positive = lambda *shape: np.exp(rng.normal(0, 0.6, shape))  # noqa: E731
    return {
        "mu": np.array(rng.normal(-0.3, 0.3)),
        "tau": 0.3 * positive(),
        "log_sigma_centre": np.array(rng.normal(-2, 0.5)),
        "z_sigma": rng.normal(size=n_classes),
        "omega": 0.05 * positive(),
        "onset": 0.5 * positive(n_classes),
        "fade": 0.1 * positive(n_classes),
        "carry": 4 * positive(n_classes),
        "shape": positive(),
        "rho": positive(7),
        "lag": 3 * positive(),
    }


def point_of(parameters):
    return {f"{k}_log__" if k in POSITIVE else k: np.log(v) if k in POSITIVE else v for k, v in parameters.items()}


CELLS = np.array([0.25 * k for k in range(20)] + [5 + 0.5 * k for k in range(14)] + [12.0 + k for k in range(14)])
MIDDLE, WIDTH = (CELLS[1:] + CELLS[:-1]) / 2, np.diff(CELLS)


def written_out(p: dict[str, np.ndarray]) -> float:
    """Log prior and log likelihood of the seven rows, from the equations."""
    prior = THERAPY
    total = stats.norm(prior.mu.mean, prior.mu.sd).logpdf(p["mu"])
    total += stats.norm(prior.log_sigma.mean, prior.log_sigma.sd).logpdf(p["log_sigma_centre"])
    total += stats.norm(0, 1).logpdf(p["z_sigma"]).sum()
    for name in ("tau", "omega", "carry", "shape", "rho", "lag"):
        own = getattr(prior, f"log_{name}")
        total += np.sum(stats.lognorm(s=own.sd, scale=np.exp(own.mean)).logpdf(p[name]))
    for k, own in enumerate([prior.log_onset_start, prior.log_onset_continuation, prior.log_onset_continuation]):
        total += stats.lognorm(s=own.sd, scale=np.exp(own.mean)).logpdf(p["onset"][k])
    total += stats.halfnorm(scale=prior.fade.sd).logpdf(p["fade"]).sum()

    def share(k, t, duration, start=0.0):
        """The effect that acts at year t of a trial of class k."""
        if t <= start:
            return 0.0
        t = t - start
        left = np.exp(-p["fade"][k] * min(t, duration)) * (1 - 2 ** (-t / p["onset"][k]))
        return left * 2 ** (-((max(t - duration, 1e-6) / p["carry"][k]) ** p["shape"]))

    def followed(t, median):
        return min(max((median + 1.5 - t) / 3, 0), 1)

    def recurrences(counts):
        """Weights of the cells whose recurrences are counted."""
        return np.array([counts(t) * HAZARD * w * np.exp(-HAZARD * t) for t, w in zip(MIDDLE, WIDTH, strict=True)])

    def behind_deaths(counts):
        """Weights of the cells of the recurrences whose deaths are counted."""
        weights = np.zeros(len(MIDDLE))
        for died, width in zip(MIDDLE, WIDTH, strict=True):
            for c, t in enumerate(MIDDLE):
                if t <= died:
                    half = 0.5 if t == died else 1.0
                    weights[c] += counts(died) * width * half * np.exp(-(died - t) / p["lag"])
        return weights * recurrences(lambda t: 1.0)

    def mean(weights, k, duration, start=0.0):
        return weights @ [share(k, t, duration, start) for t in MIDDLE] / weights.sum()

    rho = dict(zip(SCALED_ENDPOINTS, p["rho"], strict=True))
    sigma = np.exp(p["log_sigma_centre"] + 0.4 * p["z_sigma"])
    first, both, late = (recurrences(c) for c in (lambda t: t < 5, lambda t: t < 10, lambda t: 5 < t < 10))
    looks = [recurrences(lambda t: followed(t, 3)), recurrences(lambda t: followed(t, 8) - followed(t, 3))]
    m = np.array(
        [
            mean(first, 0, 5.0),
            rho["os"] * mean(behind_deaths(lambda t: t < 10), 0, 5.0),
            rho["bone_recurrence"] * mean(first, 0, 2.0),
            rho["idfs"] * mean(looks[0], 1, 0.5, 0.5),
            rho["idfs"] * mean(looks[1], 1, 0.5, 0.5),
            mean(first, 2, 5.0),
            mean(late, 2, 5.0),
        ]
    )
    y = np.array([-0.5, -0.3, -0.2, 0.1, (0.05 * 100 - 0.1 * 25) / 75, -0.1, -0.4])
    se = np.array([0.1, 0.2, 0.3, 1 / 5, 75**-0.5, 0.1, 0.2])
    V = np.diag(se**2 + p["omega"] ** 2)
    V[0, 1] = V[1, 0] = np.sqrt(first.sum() / both.sum()) * 0.5 * se[0] * se[1]
    trial, kind = np.array([0, 0, 1, 2, 2, 3, 3]), np.array([0, 0, 0, 1, 1, 2, 2])
    V += np.outer(m, m) * (trial[:, None] == trial) * sigma[kind] ** 2
    V += np.outer(m, m) * (kind[:, None] == kind) * p["tau"] ** 2
    expected = m * p["mu"] * np.array([1, -1, 1])[kind]
    kept = np.eye(7)[:6]
    kept[5] = np.array([0, 0, 0, 0, 0, 1, -1]) / np.sqrt(2)  # of the last two rows only the change
    return total + stats.multivariate_normal(kept @ expected, kept @ V @ kept.T).logpdf(kept @ y)


@pytest.fixture(scope="module")
def log_density(model):
    return model.compile_logp(jacobian=False, mode="FAST_COMPILE")


@pytest.mark.parametrize("seed", range(5))
def test_the_log_density_is_the_sum_of_its_parts(design, log_density, seed):
    assert design.classes == CLASSES
    parameters = some_parameters(seed)
    assert float(log_density(point_of(parameters))) == pytest.approx(written_out(parameters), abs=1e-8)


def test_the_data_can_be_exchanged(design, model, log_density):
    before = float(log_density(point_of(some_parameters(0))))
    with model:
        pm.set_data({"observed_readings": design.readings + 1})
    after = float(log_density(point_of(some_parameters(0))))
    with model:
        pm.set_data({"observed_readings": design.readings})
    assert after < before
    assert float(log_density(point_of(some_parameters(0)))) == before


# The same equations in numpy


@pytest.fixture(scope="module")
def whole():
    design = therapy_design(load_evidence(DATA).therapy_effects, BASELINE)
    return design, build_model(design, THERAPY)


@pytest.mark.parametrize("seed", [0, 1])
def test_the_equations_in_numpy_are_those_of_the_model(whole, seed):
    design, model = whole
    parameters = some_parameters(seed, len(design.classes))
    graph = model.replace_rvs_by_values([model["m"]])
    value = pytensor.function(model.value_vars, graph, mode="FAST_COMPILE", on_unused_input="ignore")
    point = point_of(parameters)
    expected = value(*(point[each.name] for each in model.value_vars))[0]
    draw = {name: np.asarray(each)[None] for name, each in parameters.items()}
    assert expected_readings(design, draw)[0] == pytest.approx(expected, rel=1e-10, abs=1e-10)


def test_draws_are_taken_one_by_one(whole):
    design, _ = whole
    draws = draw_prior(THERAPY, design, 3, np.random.default_rng(1))
    alone = [expected_entries(design, {name: each[[i]] for name, each in draws.items()})[0] for i in range(3)]
    assert expected_entries(design, draws) == pytest.approx(np.array(alone), rel=1e-12)


def test_the_evidence_gives_a_finite_density(whole):
    design, model = whole
    assert np.isfinite(design.readings).all()
    assert (design.variance > 0).all()
    assert np.isfinite(model.compile_logp(mode="FAST_COMPILE")(point_of(some_parameters(0, len(design.classes)))))


# Draws from the prior

N = 20_000


@pytest.fixture(scope="module")
def drawn():
    design = therapy_design(trials_of_every_kind(), BASELINE)
    return design, draw_prior(THERAPY, design, N, np.random.default_rng(2))


@pytest.mark.parametrize("name", ["tau", "omega", "carry", "shape", "rho", "lag"])
def test_logs_of_prior_draws_have_the_mean_and_spread_of_the_prior(drawn, name):
    logs, prior = np.log(drawn[1][name]), getattr(THERAPY, f"log_{name}")
    assert (np.abs(logs.mean(0) - prior.mean) < 5 * np.asarray(prior.sd) / np.sqrt(N)).all()
    assert logs.std(0) == pytest.approx(np.broadcast_to(prior.sd, logs.shape[1:]), rel=5 / np.sqrt(2 * N))


def test_classes_are_drawn_around_the_middle_in_their_own_direction(drawn):
    design, draws = drawn
    apart = (draws["beta_class"] - draws["mu"][:, None] * design.sign) / draws["tau"][:, None]
    assert (np.abs(apart.mean(0)) < 5 / np.sqrt(N)).all()
    assert apart.std(0) == pytest.approx(1, rel=5 / np.sqrt(2 * N))
    assert draws["beta_class"].mean(0)[design.sign < 0].item() > 0.2


@pytest.mark.parametrize("level", ["beta_trial", "beta_new"])
def test_trials_are_drawn_around_their_class(drawn, level):
    design, draws = drawn
    member = design.trial_class.argmax(1) if level == "beta_trial" else np.arange(len(design.classes))
    apart = (draws[level] - draws["beta_class"][:, member]) / draws["sigma"][:, member]
    assert (np.abs(apart.mean(0)) < 5 / np.sqrt(N)).all()
    assert apart.std(0) == pytest.approx(1, rel=5 / np.sqrt(2 * N))


def test_simulated_readings_scatter_about_their_mean_with_both_errors(drawn):
    design, draws = drawn
    n = 3000
    one = {name: np.repeat(each[:1], n, axis=0) for name, each in draws.items()}
    readings = readings_of_trials(design, one, np.random.default_rng(3))
    mean = expected_readings(design, {name: each[:1] for name, each in draws.items()})[0]
    mean = mean * draws["beta_trial"][0, design.reading_trial.argmax(1)]
    variance = design.variance + draws["omega"][0] ** 2
    assert (np.abs(readings.mean(0) - mean) < 5 * np.sqrt(variance / n)).all()
    assert readings.var(0) == pytest.approx(variance, rel=5 * np.sqrt(2 / n))


# Glossary and priors

SYMBOLS = {"t"}
DRAWN_AFTERWARDS = {"beta_class": ("effect_class",), "beta_trial": ("trial",)}


def glossary() -> dict[str, tuple[str, ...]]:
    """Read symbol and dims from the table in the module's docstring."""
    table = re.findall(r"^=+ =+ =+\n(.*?)(?=^=+ =+ =+$)", module.__doc__, flags=re.M | re.S)
    bars = re.search(r"^=+ =+ =+$", module.__doc__, flags=re.M).group().split(" ")
    first, second = len(bars[0]), len(bars[0]) + 1 + len(bars[1])
    rows = [(line[:first].strip(), line[first:second].strip()) for line in table[-1].splitlines()]
    return {name: tuple(filter(None, dims.split(", "))) for name, dims in rows if name and name not in SYMBOLS}


def test_the_glossary_names_every_variable_with_its_dims(model):
    stated = {name: tuple(model.named_vars_to_dims.get(name) or ()) for name in model.named_vars}
    assert glossary() == stated | DRAWN_AFTERWARDS


def test_the_prior_draws_have_what_the_glossary_names(drawn):
    assert drawn[1].keys() - {"beta_new"} <= glossary().keys()


def test_every_prior_is_listed_with_a_reason():
    rows = THERAPY.table()
    names = [field.name for field in fields(TherapyPriors) if field.name != "log_rho"]
    assert {name for name, _, _ in rows} == {*names, *(f"log_rho[{name}]" for name in SCALED_ENDPOINTS)}
    assert len(rows) == len(names) + len(SCALED_ENDPOINTS)
    assert all(len(reason.split()) > 5 for _, _, reason in rows)
    assert len({reason for _, _, reason in rows}) == len(rows)
    by_name = {name: distribution for name, distribution, _ in rows}
    assert "-0.35" in by_name["log_rho[os]"]
    assert "-0.35" not in by_name["log_rho[breast_cancer_death]"]
