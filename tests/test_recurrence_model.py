"""Is the model the one that its equations state? Its log density against a sum written out with scipy, row by row."""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np
import pymc as pm
import pytensor
import pytest
from scipy import stats
from scipy.interpolate import BSpline

import resurge.synthesis.recurrence as module
from evidence_folder import DATA
from resurge.evidence.tables import load_evidence
from resurge.synthesis.design import recurrence_design
from resurge.synthesis.forward import person_time_rates, window_means
from resurge.synthesis.hazards import midpoints, spline_basis
from resurge.synthesis.prior_draws import draw_prior
from resurge.synthesis.priors import RECURRENCE
from resurge.synthesis.recurrence import build_model
from simulation import evidence_of, patients_of, rates_of

POSITIVE = ("smoothing", "nodal_steps", "size_steps", "distant", "other_death", "sigma", "omega")
"""Parameters that the sampler moves on the log scale."""


# Five rows: two of patients, a mixture in their population, and a chain of two in a selected cohort of another


@pytest.fixture(scope="module")
def evidence():
    patients = patients_of(
        {
            "er": "positive",
            "nodal": "N1-3",
            "tumour_size": "T2",
            "therapy": "none",
            "start_year": 2.0,
            "end_year": 2.25,
            "events": 4.0,
            "person_years": 60.0,
        },
        {
            "er": "negative",
            "nodal": "N0",
            "tumour_size": "T1",
            "therapy": "mixed",
            "start_year": 6.0,
            "end_year": 6.5,
            "events": 1.0,
            "person_years": 45.5,
            "endpoint": "dfs",
        },
    )
    rates = rates_of(
        {
            "population": "F",
            "therapy": "chemo_endocrine",
            "nodal": "N1+",
            "her2": "positive",
            "start_year": 0.0,
            "end_year": 5.0,
            "estimate": 0.31,
            "n": 900.0,
        },
        *(
            {
                "population": "P",
                "er": "positive",
                "nodal": "N10+",
                "tumour_size": "T3+",
                "therapy": "endocrine_10y",
                "endpoint": "distant_recurrence",
                "her2": "negative",
                "window_chain": "c",
                "end_year": end,
                "estimate": risk,
            }
            for end, risk in ((8.0, 0.4), (19.5, 0.6))
        ),
    )
    return evidence_of(rates, patients)


@pytest.fixture(scope="module")
def model(evidence):
    return build_model(evidence, RECURRENCE)


def some_parameters(seed: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    normal, positive = rng.normal, lambda *shape: np.exp(rng.normal(-1, 0.5, shape))
    return {
        "smoothing": positive(2),
        "middle": normal([-3.5, 0.2], 0.5),
        "steps": normal(0, 0.4, (2, 12)),
        "nodal_steps": positive(3),
        "size_steps": positive(2),
        "phi": np.array(normal(0, 0.3)),
        "therapy": normal(0, 0.5, 3),
        "distant": positive(2),
        "other_death": positive(),
        "sigma": positive(3),
        "alpha": normal(-3, 0.5, 1),
        "b_followed": normal(0, 0.4, 1),
        "z_b": normal(0, 1, 1),
        "omega": positive(),
        "log_odds": normal(0, 1, 6),
    }


def point_of(parameters):
    return {f"{k}_log__" if k in POSITIVE else k: np.log(v) if k in POSITIVE else v for k, v in parameters.items()}


CELLS = [0.25 * k for k in range(12)] + [3 + 0.5 * k for k in range(14)] + [10.0 + k for k in range(26)]
KNOTS = np.log1p([0] * 4 + [0.5, 1, 1.5, 2, 3, 5, 8, 12, 20] + [35] * 4)


def written_out(p: dict[str, np.ndarray]) -> float:
    """Log prior and log likelihood of the five rows, from the equations."""
    prior = RECURRENCE
    total = stats.halfnorm(scale=prior.smoothing.sd).logpdf(p["smoothing"]).sum()
    total += stats.norm(prior.middle.mean, prior.middle.sd).logpdf(p["middle"]).sum()
    centres = np.array([KNOTS[i + 1 : i + 4].mean() for i in range(13)])
    scale = np.sqrt(np.diff(centres) / np.diff(centres).mean())
    total += sum(stats.norm(0, p["smoothing"][i] * scale).logpdf(p["steps"][i]).sum() for i in (0, 1))
    total += stats.halfnorm(scale=prior.nodal_step.sd).logpdf(p["nodal_steps"]).sum()
    total += stats.halfnorm(scale=prior.size_step.sd).logpdf(p["size_steps"]).sum()
    total += stats.norm(0, prior.nodal_tilt.sd).logpdf(p["phi"])
    total += stats.norm(prior.therapy.mean, prior.therapy.sd).logpdf(p["therapy"]).sum()
    for name in ("other_death", "sigma", "omega", "distant"):
        own = prior.distant_drop if name == "distant" else getattr(prior, name)
        total += stats.lognorm(s=own.sd, scale=np.exp(own.mean)).logpdf(p[name]).sum()
    total += stats.norm(p["middle"][0], p["sigma"][0]).logpdf(p["alpha"]).sum()
    total += stats.norm(0, p["sigma"][1]).logpdf(p["b_followed"]).sum()
    total += stats.norm(0, 1).logpdf(p["z_b"]).sum()
    total += stats.norm(prior.log_odds.mean, prior.log_odds.sd).logpdf(p["log_odds"]).sum()

    walks = []
    for i in (0, 1):
        w = np.zeros(13)
        w[6] = p["middle"][i]
        for k in range(7, 13):
            w[k] = w[k - 1] + p["steps"][i, k - 1]
        for k in range(5, -1, -1):
            w[k] = w[k + 1] + p["steps"][i, k]
        walks.append(w)
    common, difference = walks
    beta = {"negative": common - difference / 2, "positive": common + difference / 2}
    node = dict(zip(["N0", "N1-3", "N4-9", "N10+"], [0, *np.cumsum(p["nodal_steps"])], strict=True))
    size = dict(zip(["T1", "T2", "T3+"], [0, *np.cumsum(p["size_steps"])], strict=True))
    level = {"F": p["alpha"][0] - p["middle"][0], "P": 0.0}  # the level of P is integrated out below
    slope = {"F": p["b_followed"][0], "P": p["sigma"][1] * p["z_b"][0]}

    def acting(therapy, er, t):
        x = np.zeros(3)
        if er == "positive" and therapy == "none":
            x[0] = 1 if t < 5 else 0.61 if t < 10 else 0.05
        if er == "positive" and therapy == "endocrine_10y":
            x[1] = t >= 5
        if t < 5:
            x[2] = {"none": -0.5, "chemo_endocrine": 0.5}.get(therapy, 0)
        return x @ p["therapy"]

    def hazard(population, er, nodal, tumour, therapy, distant, start, end):
        t = (start + end) / 2
        g = np.log((1 + t) / 6)
        log_h = BSpline(KNOTS, beta[er], 3)(np.log1p(t)) + node[nodal] * (1 + p["phi"] * g) + size[tumour]
        log_h += acting(therapy, er, t) + level[population] + slope[population] * g
        log_h -= distant * p["distant"][["negative", "positive"].index(er)]
        return np.exp(log_h)

    def cumulative(year, *group):
        cells = pairwise(CELLS)
        return sum(hazard(*group, a, b) * (min(b, year) - a) for a, b in cells if a < year)

    rate = hazard("F", "positive", "N1-3", "T2", "none", 0, 2.0, 2.25)
    total += stats.poisson(60.0 * rate).logpmf(4)
    rate = hazard("F", "negative", "N0", "T1", "mixed", 0, 6.0, 6.5) + p["other_death"]
    total += stats.poisson(45.5 * rate).logpmf(1)

    odds = dict(zip(["positive", "N1-3", "N4-9", "N10+", "T2", "T3+"], np.exp(p["log_odds"]), strict=True))
    start = end = 0.0
    for er in ("negative", "positive"):
        for nodal in ("N1-3", "N4-9", "N10+"):
            for tumour in ("T1", "T2", "T3+"):
                w = odds.get(er, 1) * odds[nodal] * odds.get(tumour, 1)
                start += w
                end += w * np.exp(-cumulative(5.0, "F", er, nodal, tumour, "chemo_endocrine", 0))
    group = ("P", "positive", "N10+", "T3+", "endocrine_10y", 1)
    H8, H19 = cumulative(8.0, *group), cumulative(19.5, *group)
    means = np.log([np.log(start / end), H8, H19 - H8])
    H = -np.log(1 - np.array([0.31, 0.4, 0.6]))
    observed = np.log([H[0], H[1], H[2] - H[1]])
    rounding = 0.01 / np.sqrt(12) / (1 - np.array([0.31, 0.4, 0.6]))
    variance = np.array(
        [
            1 / (2 / 3 * 900 * 0.31) + (rounding[0] / H[0]) ** 2,
            0.15**2 + (rounding[1] / H[1]) ** 2,
            0.15**2 + (rounding[1] ** 2 + rounding[2] ** 2) / (H[2] - H[1]) ** 2,
        ]
    )
    V = np.diag(variance + p["omega"] ** 2)
    V[1:, 1:] += p["sigma"][0] ** 2 + p["sigma"][2] ** 2  # the level of P and that of its HER2-negative cohort
    V[0, 0] += p["sigma"][2] ** 2  # the level of the HER2-positive cohort of F, whose own level is a parameter
    return total + stats.multivariate_normal(means, V).logpdf(observed)


@pytest.fixture(scope="module")
def log_density(model):
    return model.compile_logp(jacobian=False, mode="FAST_COMPILE")


@pytest.mark.parametrize("seed", range(5))
def test_the_log_density_is_the_sum_of_its_parts(log_density, seed):
    parameters = some_parameters(seed)
    assert float(log_density(point_of(parameters))) == pytest.approx(written_out(parameters), abs=1e-8)


def test_the_data_can_be_exchanged(model, log_density):
    before = float(log_density(point_of(some_parameters(0))))
    with model:
        pm.set_data({"observed_events": np.array([0, 0])})
    after = float(log_density(point_of(some_parameters(0))))
    with model:
        pm.set_data({"observed_events": np.array([4, 1])})
    assert after != before
    assert float(log_density(point_of(some_parameters(0)))) == before


# The same equations in numpy


@pytest.fixture(scope="module")
def whole():
    evidence = load_evidence(DATA)
    return recurrence_design(evidence), build_model(evidence, RECURRENCE)


def sample_of(parameters, design):
    """Give one draw, as a posterior would hold it."""
    p = parameters
    walks = []
    for i in (0, 1):
        up = p["middle"][i] + np.cumsum(p["steps"][i, 6:])
        down = p["middle"][i] + np.cumsum(p["steps"][i, 5::-1])
        walks.append(np.concatenate([down[::-1], [p["middle"][i]], up]))
    places = {name: k for k, name in enumerate(design.populations)}
    a, b = np.zeros(len(places)), np.zeros(len(places))
    reported = [name for name in design.populations if name not in design.followed]
    a[[places[name] for name in design.followed]] = p["alpha"] - p["middle"][0]
    b[[places[name] for name in design.followed]] = p["b_followed"]
    b[[places[name] for name in reported]] = p["sigma"][1] * p["z_b"]
    draw = {
        **p,
        "beta": np.stack([walks[0] - walks[1] / 2, walks[0] + walks[1] / 2]),
        "nodal_effect": np.array([0, *np.cumsum(p["nodal_steps"])]),
        "size_effect": np.array([0, *np.cumsum(p["size_steps"])]),
        "a": a,
        "b": b,
    }
    one = {name: np.asarray(value)[None] for name, value in draw.items()}
    return {**one, "spline_basis": spline_basis(midpoints(design.edges), design.edges[-1])}


@pytest.mark.parametrize("seed", [0, 1])
def test_the_equations_in_numpy_are_those_of_the_model(whole, seed):
    design, model = whole
    parameters = some_parameters(seed)
    rng = np.random.default_rng(seed)
    parameters["alpha"] = rng.normal(-3, 0.5, len(design.followed))
    parameters["b_followed"] = rng.normal(0, 0.2, len(design.followed))
    parameters["z_b"] = rng.normal(size=len(design.populations) - len(design.followed))
    means = model["events"].owner.inputs[-1]
    graph = model.replace_rvs_by_values([means, model["window_mean"]])
    values = pytensor.function(model.value_vars, graph, mode="FAST_COMPILE", on_unused_input="ignore")
    point = point_of(parameters)
    expected, window_mean = values(*(point[value.name] for value in model.value_vars))
    draw = sample_of(parameters, design)
    rates = person_time_rates(draw, design)[0] * design.person_time.person_years
    assert rates == pytest.approx(expected, rel=1e-10)
    assert window_means(draw, design)[0] == pytest.approx(window_mean, rel=1e-10, abs=1e-10)


# Glossary

SYMBOLS = {"t", "B(t)", "g(t)"}
DRAWN_AFTERWARDS = {"a": ("population",), "c": ("cohort",)}


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


def test_the_prior_draws_have_what_the_glossary_names(evidence):
    draws = draw_prior(RECURRENCE, recurrence_design(evidence), 3, np.random.default_rng(0))
    assert {name for name in draws if name not in ("edges", "spline_basis", "a_new", "b_new")} <= glossary().keys()
