"""The metastasis model in numpy: what it expects of counts, given draws, draws from its priors, and simulated counts.

A second statement of the equations of :mod:`resurge.synthesis.metastasis`, vectorised over draws; a test holds the two
equal.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from resurge.synthesis.metastasis_design import MEMBERS, SETTINGS, SINGLE_SITES, SITES, SUBTYPES, SiteDesign
from resurge.synthesis.metastasis_priors import MIX, MIX_PATIENTS, MetastasisPriors

Array = NDArray[np.float64]
Draws = dict[str, Array]
"""Parameters by name, the sample first."""


def sigmoid(log_odds: Array) -> Array:
    """Turn log odds into probabilities."""
    return 1 / (1 + np.exp(-log_odds))


def weights_of(label: str, mix: Array) -> Array:
    """Give the share of each subtype in a label, shape (sample, subtype)."""
    held = np.array([subtype in MEMBERS[label] for subtype in SUBTYPES]) * mix
    return held / held.sum(-1, keepdims=True)


def log_odds(draws: Draws, level: Array | None = None) -> Array:
    """Give log odds of sites in a typical source, or one of a given level, shape (sample, setting, subtype, site).

    Parameters
    ----------
    draws : dict
        With ``mu`` and ``contrast``.
    level : ndarray, shape (sample, site), optional
        Log odds of the source against a typical one.
    """
    typical = draws["mu"][:, :, None, :] + draws["contrast"]
    return typical if level is None else typical + level[:, None, None, :]


def single_shares(log_odds: Array, single: Array) -> Array:
    """Give where a single metastasis is, shape (sample, ..., single_site), from log odds by site."""
    spread = (single.shape[0], *(1,) * (log_odds.ndim - 2), len(SINGLE_SITES))
    odds = np.exp(log_odds[..., : len(SINGLE_SITES)] + single.reshape(spread))
    return odds / odds.sum(-1, keepdims=True)


def expected_counts(design: SiteDesign, draws: Draws) -> tuple[Array, Array]:
    """Give each entry's share at its site and the share that it is counted against, shape (sample, entry)."""
    setting, population = design.group_setting, design.group_population
    odds = draws["mu"][:, setting, None, :] + draws["contrast"][:, setting] + draws["u"][:, population, None, :]
    entries = np.arange(len(design.site))
    by_entry = odds[:, design.group]
    weights = design.members * draws["mix"][:, None, :]
    at_site = sigmoid(by_entry[:, entries, :, design.site].transpose(1, 0, 2))
    at_site = (at_site * weights).sum(2) / weights.sum(2)
    at_site = at_site * np.where(design.reach.any(1), draws["reach"] @ design.reach.T, 1.0)
    elsewhere = 1 - at_site
    for i in np.flatnonzero(design.single):
        alone = single_shares(by_entry[:, i, design.members[i].argmax()], draws["single"])
        at_site[:, i] = alone[:, design.site[i]]
        elsewhere[:, i] = alone[:, design.site[i] + 1 :].sum(1)
    return at_site, elsewhere


def around_mean(z: Array) -> Array:
    """Take the mean of the subtypes, the axis before the last, away."""
    return z - z.mean(-2, keepdims=True)


def correlated(z: Array, correlation: Array, *, cumsum: Callable[..., Array] = np.cumsum) -> Array:
    """Give independent standard normals over sites, the last axis, a common correlation, shape as ``z``.

    One after the other: after k sites of sum S, the next has mean r S / (1 + (k - 1) r) and variance
    1 - k r^2 / (1 + (k - 1) r).

    Parameters
    ----------
    z : array or PyTensor variable, shape (..., site)
        Independent standard normals.
    correlation : array or PyTensor variable, shape () or (sample,)
        Correlation; with a sample, that of the first axis of ``z``.
    cumsum : callable
        Cumulative sum of the array library.
    """
    k = np.arange(len(SITES))
    r = correlation.reshape((-1, *(1,) * (z.ndim - 1)))
    before = 1 + (k - 1) * r
    alone = (1 - k * r**2 / before) ** 0.5
    shared = z * r * (1 - r) / (before * alone)
    return z * alone + cumsum(shared, axis=-1) - shared


def new_level(draws: Draws, rng: np.random.Generator) -> Array:
    """Draw the level of one more source, shape (sample, site)."""
    return draws["sigma"] * correlated(rng.standard_normal(draws["sigma"].shape), draws["correlation"])


def new_share(draws: Draws, rng: np.random.Generator) -> Array:
    """Draw the shares that one more source would have, beyond counting, shape (sample, setting, subtype, site)."""
    share = sigmoid(log_odds(draws, draws["u_new"]))
    concentration = draws["concentration"][:, None, None, None]
    return rng.beta(concentration * share, concentration * (1 - share))


def draw_prior(priors: MetastasisPriors, design: SiteDesign, n: int, rng: np.random.Generator) -> Draws:
    """Draw every parameter from its prior, with the level and the shares of one more source.

    Parameters
    ----------
    priors : MetastasisPriors
        Priors of the model.
    design : SiteDesign
        Names the sources.
    n : int
        Number of draws.
    rng : numpy.random.Generator
        Source of randomness.
    """

    def normal(name: str, *shape: int) -> Array:
        prior = getattr(priors, name)
        return rng.normal(prior.mean, prior.sd, (n, *shape))

    tau, kappa, centre = np.exp(normal("log_tau")), np.exp(normal("log_kappa")), normal("log_sigma")
    delta = tau[:, None, None] * around_mean(rng.standard_normal((n, len(SUBTYPES), len(SITES))))
    own = around_mean(rng.standard_normal((n, len(SETTINGS), len(SUBTYPES), len(SITES))))
    sigma = np.exp(centre[:, None] + priors.spread_of_log_sigma * rng.standard_normal((n, len(SITES))))
    least = -1 / (len(SITES) - 1)
    correlation = least + (1 - least) * rng.beta(*priors.correlation, n)
    z = rng.standard_normal((n, len(design.populations), len(SITES)))
    draws = {
        "mu": normal("mu", len(SETTINGS), len(SITES)),
        "tau": tau,
        "kappa": kappa,
        "delta": delta,
        "contrast": delta[:, None] + kappa[:, None, None, None] * own,
        "log_sigma_centre": centre,
        "sigma": sigma,
        "correlation": correlation,
        "u": sigma[:, None] * correlated(z, correlation),
        "mix": rng.dirichlet(MIX_PATIENTS * np.array(MIX), n),
        "concentration": np.exp(normal("log_concentration")),
        "single": normal("single", len(SINGLE_SITES)),
        "reach": rng.beta(*priors.reach, (n, len(design.reach_sets))),
    }
    return with_new_source(draws, rng)


def with_new_source(draws: Draws, rng: np.random.Generator) -> Draws:
    """Add the level and the shares of one more source."""
    draws = {**draws, "u_new": new_level(draws, rng)}
    return {**draws, "share_new": new_share(draws, rng)}


def simulate_counts(design: SiteDesign, draws: Draws, rng: np.random.Generator) -> NDArray[np.int64]:
    """Draw counts as the design would show them, given its totals, shape (sample, entry)."""
    at_site, elsewhere = expected_counts(design, draws)
    concentration = draws["concentration"][:, None]
    share = rng.beta(concentration * at_site, concentration * elsewhere)
    return rng.binomial(design.n_total, share)
