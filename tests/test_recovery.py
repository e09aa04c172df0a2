"""Does a fit find the truth behind simulated evidence, and are its intervals right as often as they say?

Evidence of both kinds is simulated from known parameters: patients followed one by one, and published windows of mixed
groups, nested reports and several cohorts. The many sets of the slow test come from the prior itself, for which every
interval of a right model covers the truth exactly as often as it says.
"""

from __future__ import annotations

import numpy as np
import pytest

from coverage_of_intervals import assert_held_as_often_as_said
from resurge.findings import recurrence
from resurge.inference.sample import Settings, compile_model
from resurge.inference.simulate import simulate
from resurge.synthesis.design import recurrence_design
from resurge.synthesis.hazards import midpoints
from resurge.synthesis.prior_draws import draw_prior
from resurge.synthesis.priors import RECURRENCE
from resurge.synthesis.recurrence import build_model
from simulation import as_posterior, fit_outcomes, reduced_evidence

GROUPS = {"N0 T1": {"nodal": "N0", "tumour_size": "T1"}, "N1-3 T2": {"nodal": "N1-3", "tumour_size": "T2"}}
N_SETS = 100
MANY = Settings(draws=300, tune=350, chains=2, target_accept=0.9)
ONCE = Settings(draws=500, tune=400, chains=2, target_accept=0.9)


@pytest.fixture(scope="module")
def design():
    return recurrence_design(reduced_evidence())


@pytest.fixture(scope="module")
def compiled():
    return compile_model(build_model(reduced_evidence(), RECURRENCE))


def reported(posterior) -> dict[str, np.ndarray]:
    """Give the answers that reports show, one array of draws each."""
    answers = {}
    ratio = np.log(recurrence.hazard_ratio(posterior, years=[1, 5, 15], **GROUPS["N0 T1"]))  # the same in every stratum
    answers |= {f"log hazard ratio at year {t}": ratio.sel(year=t).values for t in (1, 5, 15)}
    for name, group in GROUPS.items():
        risk = recurrence.residual_risk(posterior, start=[0, 5], end=[5, 20], **group)
        for er in ("negative", "positive"):
            for start, end in ((0, 5), (5, 20)):
                answers[f"risk {start}-{end}, ER {er}, {name}"] = risk.sel(er=er, start=start, end=end).values
    new = recurrence.cumulative_risk(posterior, end=[10], population="new")
    answers |= {f"risk 0-10, ER {er}, new": new.sel(er=er, end=10).values for er in ("negative", "positive")}
    for effect in ("nodal_effect", "size_effect"):
        values = posterior[effect].values
        answers |= {f"{effect} {k}": values[..., k].ravel() for k in range(1, values.shape[-1])}
    return answers


# One truth


def known_truth(design) -> dict[str, np.ndarray]:
    """Give parameters such that the ER-negative hazard falls under an even ER-positive one of 2% a year at year 4."""
    draw = draw_prior(RECURRENCE, design, 1, np.random.default_rng(3))
    x, basis = np.log1p(midpoints(design.edges)), draw["spline_basis"]
    positive = np.full_like(x, np.log(0.02))
    negative = positive + 0.8 * (np.log(5) - x)
    beta = [np.linalg.lstsq(basis, curve, rcond=None)[0] for curve in (negative, positive)]
    known = {
        "beta": beta,
        "nodal_effect": [0, 0.5, 1.0, 1.5],
        "size_effect": [0, 0.3, 0.6],
        "phi": -0.1,
        "therapy": [0.6, -0.2, -0.3],
        "distant": np.array([0.2, 0.4]),
        "other_death": 0.006,
        "omega": 0.08,
        "log_odds": RECURRENCE.log_odds.mean,
        "sigma": [0.25, 0.15, 0.15],
    }
    draw |= {name: np.array([value], dtype=float) for name, value in known.items()}
    rng = np.random.default_rng(4)
    draw["a"], draw["b"] = (sd * rng.standard_normal((1, len(design.populations))) for sd in (0.25, 0.15))
    draw["c"] = 0.15 * rng.standard_normal((1, len(design.cohorts))) * design.windows.nesting.cohort_varies
    return draw


@pytest.fixture(scope="module")
def recovered(compiled, design):
    truth = known_truth(design)
    outcomes = simulate(truth, design, np.random.default_rng(5)).data(0)
    return truth, fit_outcomes(compiled, design, outcomes, ONCE)


def test_the_answers_are_found_again(recovered):
    truth, posterior = recovered
    true = reported(as_posterior(truth))
    found = reported(posterior)
    for name, draws in found.items():
        if not name.endswith("new"):
            z = (draws.mean() - true[name][0]) / draws.std()
            assert abs(z) < 3.3, f"{name}: {draws.mean():.3f} +- {draws.std():.3f}, truth {true[name][0]:.3f}"


def test_the_answers_are_found_to_a_useful_precision(recovered):
    truth, posterior = recovered
    true, found = reported(as_posterior(truth)), reported(posterior)
    for name, draws in found.items():
        if name.startswith("risk") and not name.endswith("new"):
            assert abs(np.median(draws) - true[name][0]) < 0.3 * true[name][0], name
            assert draws.std() < 0.3 * true[name][0], name
    effects = posterior["nodal_effect"].values.reshape(-1, 4)
    assert np.abs(effects.mean(0) - truth["nodal_effect"][0]).max() < 0.35


def test_the_crossing_is_found(recovered):
    truth, posterior = recovered
    crossing = recurrence.crossover_year(posterior, nodal="N0", tumour_size="T1")
    true = float(recurrence.crossover_year(as_posterior(truth), nodal="N0", tumour_size="T1")[0])
    assert true == pytest.approx(4.0, abs=0.01)
    assert float(crossing.notnull().mean()) > 0.9
    assert float(crossing.median()) == pytest.approx(true, abs=1.0)
    lower, upper = crossing.quantile([0.0005, 0.9995]).values
    assert lower < true < upper


# Many truths


@pytest.mark.slow
def test_intervals_hold_the_truth_as_often_as_they_say(compiled, design, capsys):
    rng = np.random.default_rng(6)
    truths = draw_prior(RECURRENCE, design, N_SETS, rng)
    simulated = simulate(truths, design, rng)
    true = reported(as_posterior(truths))
    below = {name: np.empty(N_SETS) for name in true}
    for i in range(N_SETS):
        draws = reported(fit_outcomes(compiled, design, simulated.data(i), MANY))
        for name, values in draws.items():
            below[name][i] = (values < true[name][i]).mean()
    assert_held_as_often_as_said(below, mean_within=0.1, capsys=capsys)
