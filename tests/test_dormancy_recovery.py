"""Does a fit find the compartments behind simulated evidence, and are its intervals right as often as they say?

The many sets of the slow test come from the prior itself, for which every interval of a right model covers the truth
exactly as often as it says. The model is compiled once; a set takes five seconds on two cores of its own. Of 60 sets a
50% interval that is right holds the truth in 15 to 45, and a 90% interval in 43 to 60, but for one answer in ten
thousand; the mean over the answers must lie within a tenth of its level.
"""

from __future__ import annotations

import numpy as np
import pytest

from coverage_of_intervals import assert_held_as_often_as_said
from resurge.findings.dormancy_draws import course_of, dormant_share_at, own, read_at
from resurge.findings.hazard_draws import Profile
from resurge.inference.fit_dormancy import complete
from resurge.inference.sample import Settings, compile_model, sample
from resurge.inference.simulate import simulate, with_outcomes
from resurge.reporting.dormancy_answers import arrays_of
from resurge.synthesis.design import recurrence_design
from resurge.synthesis.dormancy import build_model
from resurge.synthesis.dormancy_forward import as_curves, curve_draws, draw_prior
from resurge.synthesis.dormancy_priors import DORMANCY
from resurge.synthesis.strata import ER
from simulation import reduced_evidence

N_SETS = 60
MANY = Settings(draws=250, tune=300, chains=2, target_accept=0.9)
ONCE = Settings(draws=500, tune=400, chains=2, target_accept=0.9)


@pytest.fixture(scope="module")
def design():
    return recurrence_design(reduced_evidence())


@pytest.fixture(scope="module")
def compiled():
    return compile_model(build_model(reduced_evidence(), DORMANCY))


def reported(draws) -> dict[str, np.ndarray]:
    """Give the answers that reports show, one array of draws each; positive ones as logarithms."""
    answers = {}
    for er in ER:
        course = course_of(draws, Profile(er, "N0", "T1"))
        answers[f"half-life, ER {er}"] = np.log(own(draws, er, "half_life"))
        answers[f"early year, ER {er}"] = np.log(own(draws, er, "early_year"))
        answers[f"dormant, ER {er}"] = np.log(course.dormant_ever)
        answers[f"early, ER {er}"] = np.log(course.early_ever)
        answers[f"dormant within 20 years, ER {er}"] = np.log(read_at(course.dormant_by, draws["edges"], [20.0])[:, 0])
        shares = dormant_share_at(draws, er, [2.0, 5.0, 10.0])
        answers |= {f"share at year {t}, ER {er}": shares[:, i] for i, t in enumerate((2, 5, 10))}
    return answers


def fitted(compiled, design, outcomes, settings) -> dict[str, np.ndarray]:
    """Fit one set of outcomes with a model that is compiled already."""
    groups = sample(compiled, settings, progress=False, data=outcomes)
    design = with_outcomes(design, outcomes["observed_events"], outcomes["observed_log_H"])
    return arrays_of(complete(groups["posterior"].to_dataset(), design, np.random.default_rng(settings.seed)))


def known_truth(design):
    """Give one draw with many early recurrences in ER-negative disease and much dormancy in ER-positive disease."""
    draw = draw_prior(DORMANCY, design, 1, np.random.default_rng(3))
    known = {
        "early_odds": [[0.25, 0.06]],
        "late_odds": [[0.1, 0.3]],
        "early_year": [[1.6, 2.2]],
        "early_spread": [[0.7, 0.6]],
        "half_life": [[12.0, 9.0]],
        "nodal_effect": [[0, 0.5, 1.0, 1.5]],
        "size_effect": [[0, 0.3, 0.6]],
        "phi": [-0.1],
        "therapy": [[0.6, -0.2, -0.3]],
        "distant": [[0.2, 0.4]],
        "other_death": [0.006],
        "omega": [0.08],
        "log_odds": [DORMANCY.shared.log_odds.mean],
        "sigma": [[0.25, 0.15, 0.15]],
    }
    draw |= {name: np.array(value) for name, value in known.items()}
    draw |= curve_draws(draw, design.edges)
    rng = np.random.default_rng(4)
    draw["a"], draw["b"] = (sd * rng.standard_normal((1, len(design.populations))) for sd in (0.25, 0.15))
    draw["c"] = 0.15 * rng.standard_normal((1, len(design.cohorts))) * design.windows.nesting.cohort_varies
    return draw


@pytest.fixture(scope="module")
def recovered(compiled, design):
    truth = known_truth(design)
    outcomes = simulate(as_curves(truth), design, np.random.default_rng(5)).data(0)
    return reported(truth), reported(fitted(compiled, design, outcomes, ONCE))


def test_the_compartments_are_found_again(recovered):
    true, found = recovered
    for name, draws in found.items():
        z = (draws.mean() - true[name][0]) / draws.std()
        assert abs(z) < 3.3, f"{name}: {draws.mean():.3f} +- {draws.std():.3f}, truth {true[name][0]:.3f}"


def test_what_the_evidence_reaches_is_found_to_a_useful_precision(recovered):
    true, found = recovered
    for er in ER:
        draws = found[f"dormant within 20 years, ER {er}"]
        assert draws.std() < 0.5
        assert abs(draws.mean() - true[f"dormant within 20 years, ER {er}"][0]) < 0.7


@pytest.mark.slow
def test_intervals_hold_the_truth_as_often_as_they_say(compiled, design, capsys):
    rng = np.random.default_rng(6)
    truths = draw_prior(DORMANCY, design, N_SETS, rng)
    simulated = simulate(as_curves(truths), design, rng)
    true = reported(truths)
    below = {name: np.empty(N_SETS) for name in true}
    for i in range(N_SETS):
        for name, values in reported(fitted(compiled, design, simulated.data(i), MANY)).items():
            below[name][i] = (values < true[name][i]).mean()
    assert_held_as_often_as_said(below, mean_within=0.1, capsys=capsys)
