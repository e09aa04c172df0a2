"""Do the prior draws follow the priors, and do they believe sane things before any data?"""

from __future__ import annotations

import numpy as np
import pymc as pm
import pytest
from scipy import stats

from resurge.findings.hazard_draws import Profile, group_hazard, risk_between
from resurge.synthesis.design import recurrence_design
from resurge.synthesis.prior_draws import draw_prior, ordered
from resurge.synthesis.priors import RECURRENCE, HalfNormal, Normal
from resurge.synthesis.recurrence import build_model
from resurge.synthesis.strata import NODAL, TUMOUR_SIZE
from simulation import reduced_evidence

N = 20_000


@pytest.fixture(scope="module")
def design():
    return recurrence_design(reduced_evidence())


@pytest.fixture(scope="module")
def draws(design):
    return draw_prior(RECURRENCE, design, N, np.random.default_rng(1))


# Distributions known in closed form


def fits(values, distribution):
    """Say whether values look drawn from a distribution (Kolmogorov-Smirnov, 1 in 100,000 by chance)."""
    return stats.kstest(values, distribution.cdf).pvalue > 1e-5


@pytest.mark.parametrize(
    ("name", "field"), [("middle", "middle"), ("phi", "nodal_tilt"), ("therapy", "therapy"), ("log_odds", "log_odds")]
)
def test_normal_parameters_follow_their_prior(draws, name, field):
    prior = getattr(RECURRENCE, field)
    for values, mean, sd in zip(
        draws[name].reshape(N, -1).T, np.atleast_1d(prior.mean), np.atleast_1d(prior.sd), strict=True
    ):
        assert fits(values, stats.norm(mean, sd))


@pytest.mark.parametrize("name", ["sigma", "omega", "other_death"])
def test_lognormal_parameters_follow_their_prior(draws, name):
    prior = getattr(RECURRENCE, name)
    for values, mean, sd in zip(
        draws[name].reshape(N, -1).T, np.atleast_1d(prior.mean), np.atleast_1d(prior.sd), strict=True
    ):
        assert fits(np.log(values), stats.norm(mean, sd))


def test_effects_are_ordered_with_half_normal_steps(draws):
    for name, prior in (("nodal_effect", RECURRENCE.nodal_step), ("size_effect", RECURRENCE.size_step)):
        assert (draws[name][:, 0] == 0).all()
        assert all(fits(step, stats.halfnorm(scale=prior.sd)) for step in np.diff(draws[name], axis=1).T)


def test_steps_are_summed_from_zero():
    assert ordered(np.array([[1.0, 2.0, 3.0]])).tolist() == [[0, 1, 3, 6]]


def test_levels_and_tilts_scale_with_their_spread(draws, design):
    for name, k in (("a", 0), ("b", 1)):
        assert draws[name].shape == (N, len(design.populations))
        assert all(fits(z, stats.norm) for z in (draws[name] / draws["sigma"][:, [k]]).T)
        assert fits(draws[f"{name}_new"] / draws["sigma"][:, k], stats.norm)
    varies = design.windows.nesting.cohort_varies > 0
    assert varies.any() and not varies.all()
    assert (draws["c"][:, ~varies] == 0).all()
    assert all(fits(z, stats.norm) for z in (draws["c"][:, varies] / draws["sigma"][:, [2]]).T)


# The model's own generator


def test_the_draws_have_the_moments_of_the_model(draws):
    model = build_model(reduced_evidence(), RECURRENCE)
    names = ("beta", "nodal_effect", "size_effect", "phi", "distant", "smoothing", "omega", "log_odds", "b")
    drawn = pm.draw([model[name] for name in names], 4000, random_seed=3, mode="FAST_COMPILE")
    for name, own in zip(names, drawn, strict=True):
        mine = draws[name]
        error = np.sqrt(own.var(0) / len(own) + mine.var(0) / N)
        assert (np.abs(own.mean(0) - mine.mean(0)) <= 5 * error + 1e-12).all(), name
        for q in (0.1, 0.9):
            # Share of the model's draws under the quantile of the others: q, give or take its binomial error.
            share = (own <= np.quantile(mine, q, axis=0)).mean(0)[np.asarray(own.std(0) > 0)]
            assert (np.abs(share - q) < 5 * np.sqrt(q * (1 - q) * (1 / 4000 + 1 / N))).all(), name


# Before any data

TYPICAL = [
    Profile(er, nodal, size) for er in ("negative", "positive") for nodal in NODAL[:3] for size in TUMOUR_SIZE[:2]
]


def test_annual_hazards_are_believable_before_data(draws):
    hazards = np.concatenate([group_hazard(draws, profile)[:, draws["edges"][1:] <= 20].ravel() for profile in TYPICAL])
    assert ((hazards > 0.001) & (hazards < 0.5)).mean() > 0.95
    assert np.quantile(hazards, 0.05) < 0.01  # and they are not narrow either
    assert np.quantile(hazards, 0.95) > 0.1


def test_twenty_year_risks_are_spread_over_zero_to_one_before_data(draws):
    risks = np.concatenate([risk_between(group_hazard(draws, p), draws["edges"], 0, 20).ravel() for p in TYPICAL])
    low, high = np.quantile(risks, [0.05, 0.95])
    assert low < 0.15
    assert high > 0.7


def test_neither_er_group_is_ahead_before_data(draws):
    positive, negative = (
        risk_between(group_hazard(draws, Profile(er, "N0", "T1", therapy="endocrine_5y")), draws["edges"], 0, [5, 20])
        for er in ("positive", "negative")
    )
    assert (positive > negative).mean(0) == pytest.approx(0.5, abs=0.02)


# Priors as values


def test_every_prior_has_a_reason_and_a_row():
    table = RECURRENCE.table()
    assert len({name for name, _, _ in table}) == len(table)
    assert all(len(reason) > 20 for _, _, reason in table)
    named = {name: distribution for name, distribution, _ in table}
    assert named["sigma[b]"] == f"Normal({RECURRENCE.sigma.mean[1]:g}, {RECURRENCE.sigma.sd[1]:g})"


def test_priors_print_as_a_sentence():
    assert str(Normal(0.0, 0.25, "why")) == "Normal(0, 0.25)"
    assert str(Normal((1.0, -0.5), (0.5, 2.0), ("a", "b"))) == "Normal(1, 0.5); Normal(-0.5, 2)"
    assert str(HalfNormal(0.6, "why")) == "half-Normal(0.6)"
