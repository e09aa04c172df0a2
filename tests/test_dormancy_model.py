"""Is the dormancy model the one of its equations, and does it meet the evidence as the recurrence model does?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytensor
import pytest
from scipy import stats

import resurge.synthesis.dormancy as module
from evidence_folder import DATA
from glossaries import glossary_of
from resurge.evidence.tables import load_evidence
from resurge.synthesis.design import recurrence_design
from resurge.synthesis.dormancy import build_model
from resurge.synthesis.dormancy_forward import as_curves, curve_draws, draw_prior
from resurge.synthesis.dormancy_priors import DORMANCY
from resurge.synthesis.forward import person_time_rates, window_means
from simulation import evidence_of, patients_of, rates_of

CURVE = ("early_odds", "late_odds", "early_year", "early_spread", "half_life")
POSITIVE = (*CURVE, "nodal_steps", "size_steps", "distant", "other_death", "sigma", "omega")
CELLS = np.array([0.25 * k for k in range(12)] + [3 + 0.5 * k for k in range(14)] + [10.0 + k for k in range(26)])


@pytest.fixture(scope="module")
def evidence():
    patients = patients_of(
        {"er": "positive", "nodal": "N1-3", "tumour_size": "T2", "start_year": 2.0, "end_year": 2.25, "events": 4.0,
         "person_years": 60.0},
        {"er": "negative", "nodal": "N0", "tumour_size": "T1", "therapy": "mixed", "start_year": 6.0, "end_year": 6.5,
         "events": 1.0, "person_years": 45.5, "endpoint": "dfs"},
    )  # fmt: skip
    rates = rates_of(
        {"population": "P", "er": "positive", "nodal": "N4-9", "tumour_size": "T3+", "therapy": "endocrine_5y",
         "endpoint": "distant_recurrence", "end_year": 8.0, "estimate": 0.4, "n": 500.0},
        {"population": "F", "er": "negative", "nodal": "any", "tumour_size": "T1", "end_year": 5.0, "estimate": 0.31,
         "n": 900.0},
    )  # fmt: skip
    return evidence_of(rates, patients)


@pytest.fixture(scope="module")
def model(evidence):
    return build_model(evidence, DORMANCY)


def some_parameters(seed: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    normal, positive = rng.normal, lambda *shape: np.exp(rng.normal(-1, 0.5, shape))
    return {
        "early_odds": positive(2),
        "late_odds": positive(2),
        "early_year": np.exp(normal(0.7, 0.4, 2)),
        "early_spread": positive(2),
        "half_life": np.exp(normal(2, 0.6, 2)),
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


def late_after_growth(rate, growth):
    """Share of the dormant that shows by each edge: a sum over the cells of the time to grow."""
    by = np.zeros(len(CELLS))
    for k, t in enumerate(CELLS):
        for share, start, end in zip(growth, CELLS[:-1], CELLS[1:], strict=True):
            if end <= t:
                asleep = (np.exp(-rate * (t - end)) - np.exp(-rate * (t - start))) / (rate * (end - start))
                by[k] += share * (1 - asleep)
    return by


def baseline_of(p: dict[str, np.ndarray]) -> np.ndarray:
    """Log hazard of the reference stratum in each cell from the distribution function, shape (er, cell)."""
    rows = []
    for k in (0, 1):
        rate = np.log(2) / p["half_life"][k]
        dormant_odds = p["late_odds"][k] / (1 - np.exp(-20 * rate))
        cured = 1 / (1 + p["early_odds"][k] + dormant_odds)
        early = stats.lognorm(s=p["early_spread"][k], scale=p["early_year"][k]).cdf(CELLS)
        S = 1 - cured * (p["early_odds"][k] * early + dormant_odds * late_after_growth(rate, np.diff(early)))
        rows.append(np.log(-np.diff(np.log(S)) / np.diff(CELLS)))
    return np.array(rows)


def written_out(p: dict[str, np.ndarray]) -> float:
    """Log prior and log likelihood of the four rows, from the equations."""
    prior = DORMANCY.shared
    total = sum(
        stats.lognorm(s=own.sd, scale=np.exp(own.mean)).logpdf(p[name]).sum()
        for name, own in {
            **{name: getattr(DORMANCY, name) for name in CURVE},
            "distant": prior.distant_drop,
            **{name: getattr(prior, name) for name in ("other_death", "sigma", "omega")},
        }.items()
    )
    total += stats.halfnorm(scale=prior.nodal_step.sd).logpdf(p["nodal_steps"]).sum()
    total += stats.halfnorm(scale=prior.size_step.sd).logpdf(p["size_steps"]).sum()
    total += stats.norm(0, prior.nodal_tilt.sd).logpdf(p["phi"])
    total += stats.norm(prior.therapy.mean, prior.therapy.sd).logpdf(p["therapy"]).sum()
    total += stats.norm(prior.log_odds.mean, prior.log_odds.sd).logpdf(p["log_odds"]).sum()
    baseline = baseline_of(p)
    centre = baseline[:, CELLS[:-1] == 3.0].mean()
    total += stats.norm(centre, p["sigma"][0]).logpdf(p["alpha"]).sum()
    total += stats.norm(0, p["sigma"][1]).logpdf(p["b_followed"]).sum() + stats.norm(0, 1).logpdf(p["z_b"]).sum()

    node, size = ([0, *np.cumsum(p[name])] for name in ("nodal_steps", "size_steps"))
    middle = (CELLS[:-1] + CELLS[1:]) / 2
    g = np.log((1 + middle) / 6)

    def hazard(er, n, s, level, slope):
        return np.exp(baseline[er] + node[n] * (1 + p["phi"] * g) + size[s] + level + slope * g)

    level, slope = p["alpha"][0] - centre, p["b_followed"][0]
    rate = hazard(1, 1, 1, level, slope)[CELLS[:-1] == 2.0]
    total += stats.poisson(60.0 * rate).logpmf(4).sum()
    rate = hazard(0, 0, 0, level, slope)[CELLS[:-1] == 6.0] + p["other_death"]
    total += stats.poisson(45.5 * rate).logpmf(1).sum()

    def cumulative(year, h):
        return (h * np.clip(year - CELLS[:-1], 0, np.diff(CELLS))).sum()

    H = cumulative(8.0, hazard(1, 2, 2, 0.0, p["sigma"][1] * p["z_b"][0]) * np.exp(-p["distant"][1]))
    weights = np.exp([0, *p["log_odds"][1:4]])
    groups = np.array([np.exp(-cumulative(5.0, hazard(0, n, 0, level, slope))) for n in range(4)])
    means = np.log([H, -np.log(weights @ groups / weights.sum())])
    risk, n = np.array([0.4, 0.31]), np.array([500.0, 900.0])
    seen = -np.log(1 - risk)
    variance = 1 / (2 / 3 * n * risk) + (0.01 / np.sqrt(12) / (1 - risk) / seen) ** 2 + p["omega"] ** 2
    variance += [p["sigma"][0] ** 2, 0]  # the level of P is integrated out, that of F is a parameter
    return total + stats.norm(means, np.sqrt(variance)).logpdf(np.log(seen)).sum()


@pytest.fixture(scope="module")
def log_density(model):
    return model.compile_logp(jacobian=False, mode="FAST_COMPILE")


@pytest.mark.parametrize("seed", range(4))
def test_the_log_density_is_the_sum_of_its_parts(log_density, seed):
    parameters = some_parameters(seed)
    parameters["early_spread"] += 0.4  # so that every cell has recurrences that differences of sums can show
    assert float(log_density(point_of(parameters))) == pytest.approx(written_out(parameters), abs=1e-6)


@pytest.mark.parametrize("seed", [0, 1])
def test_the_equations_in_numpy_are_those_of_the_model(seed):
    evidence = load_evidence(DATA)
    design, model = recurrence_design(evidence), build_model(evidence, DORMANCY)
    p, rng = some_parameters(seed), np.random.default_rng(seed)
    p["alpha"] = rng.normal(-3, 0.5, len(design.followed))
    p["b_followed"] = rng.normal(0, 0.2, len(design.followed))
    p["z_b"] = rng.normal(size=len(design.populations) - len(design.followed))
    names = ("p_early", "p_dormant", "awakening", "baseline", "window_mean")
    graph = model.replace_rvs_by_values([model["events"].owner.inputs[-1], *(model[name] for name in names)])
    values = pytensor.function(model.value_vars, graph, mode="FAST_COMPILE", on_unused_input="ignore")
    events, *expected = values(*(point_of(p)[value.name] for value in model.value_vars))
    one = {name: np.asarray(value)[None] for name, value in p.items()}
    found = curve_draws(one, design.edges)
    for name, value in zip(names[:-1], expected, strict=False):
        assert found[name][0] == pytest.approx(value, rel=1e-8), name
    centre = found["baseline"][0][:, 12].mean()
    a, b = (np.zeros(len(design.populations)) for _ in "ab")
    followed = [design.populations.index(name) for name in design.followed]
    a[followed], b[followed] = p["alpha"] - centre, p["b_followed"]
    b[[k for k in range(len(b)) if k not in followed]] = p["sigma"][1] * p["z_b"]
    effects = {"nodal_effect": [0, *np.cumsum(p["nodal_steps"])], "size_effect": [0, *np.cumsum(p["size_steps"])]}
    draw = as_curves({**one, **found, **{k: np.array([v]) for k, v in {**effects, "a": a, "b": b}.items()}})
    assert person_time_rates(draw, design)[0] * design.person_time.person_years == pytest.approx(events, rel=1e-10)
    assert window_means(draw, design)[0] == pytest.approx(expected[-1], rel=1e-10, abs=1e-10)


# Words

DRAWN_AFTERWARDS = {"a": ("population",), "c": ("cohort",)}


def test_the_glossary_names_every_variable_with_its_dims(model):
    stated = {name: tuple(model.named_vars_to_dims.get(name) or ()) for name in model.named_vars}
    assert glossary_of(module, {"t", "g(t)"}) == stated | DRAWN_AFTERWARDS


def test_the_prior_draws_have_what_the_glossary_names(evidence):
    draws = draw_prior(DORMANCY, recurrence_design(evidence), 3, np.random.default_rng(0))
    assert {name for name in draws if name not in ("edges", "a_new", "b_new")} <= glossary_of(module, set()).keys()


def test_the_priors_list_the_curve_and_all_that_is_shared():
    names = [name for name, _, _ in DORMANCY.table()]
    assert names[:5] == list(CURVE)
    assert {"nodal_step", "sigma[b]", "omega", "distant[positive]"} <= set(names)
    assert not any(name.startswith(("middle", "smoothing")) for name in names)
    other = replace(DORMANCY, half_life=replace(DORMANCY.half_life, mean=2.5))
    assert other.table() != DORMANCY.table()


def test_the_prior_fractions_have_the_odds_that_the_priors_state(evidence):
    draws = draw_prior(DORMANCY, recurrence_design(evidence), 20_000, np.random.default_rng(0))
    cured = 1 - draws["p_early"] - draws["p_dormant"]
    within = draws["p_dormant"] * (1 - 2 ** (-20 / draws["half_life"]))
    for women, own in ((draws["p_early"], DORMANCY.early_odds), (within, DORMANCY.late_odds)):
        z = (np.log(women / cured) - own.mean) / own.sd
        # The quantiles of 40,000 draws have a standard error of sqrt(0.025 x 0.975 / 40,000) / 0.058 = 0.013.
        assert np.quantile(z, [0.025, 0.5, 0.975]) == pytest.approx([-1.96, 0, 1.96], abs=5 * 0.0134)
