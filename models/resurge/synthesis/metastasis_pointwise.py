"""The density of the metastasis model's counts by source, in numpy, vectorised over draws.

Given what sources share, the counts of one source rest on effects of its own: its levels u of the sites that it counts
and, where it counts all its early patients, the share of them with metastases (equations:
:mod:`resurge.synthesis.metastasis`). They are integrated by importance sampling, draw by draw::

    p(counts | shared) = mean over points of  p(counts | own) p(own) / q(own),   own ~ q = Normal(peak, precision^-1)

with the peak found by Fisher scoring. Counts of one site tell nothing of another but through the correlation, so
levels of sites that a source does not count stay out, and are drawn from their conditional normal afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaln, digamma, gammaln, logsumexp

from resurge.synthesis.metastasis_design import SINGLE_SITES, SITES, SiteDesign
from resurge.synthesis.metastasis_forward import sigmoid
from resurge.synthesis.metastasis_priors import MetastasisPriors

Array = NDArray[np.float64]
Draws = Mapping[str, Array]
"""Parameters by name, the sample first."""
POINTS = 8
"""Points of the integral of one draw for each effect; a multiple of 2, as they come in pairs of opposite sign."""
STEPS = 5
"""Steps to the peak; from a typical source, four are enough."""
WIDENED = 1.05
"""How much wider than the peak says points lie: counts of few patients have wider tails."""


@dataclass(frozen=True)
class Told:
    """What is told of one source, and what is expected of it but for its own effects.

    Attributes
    ----------
    design : SiteDesign
        Its counts alone.
    sites : ndarray of int, shape (own site,)
        Sites of which they tell.
    odds : ndarray, shape (sample, entry, subtype)
        Log odds of the entry's site in a typical source; unused where metastases are single.
    weights : ndarray, shape (sample, entry, subtype)
        Shares of the subtypes among the entry's patients.
    alone : ndarray, shape (sample, single entry, single_site)
        Log odds of single metastases in a typical source.
    sigma : ndarray, shape (sample, own site)
        Spread of sources.
    correlation, concentration : ndarray, shape (sample,)
        As in the model.
    reach : tuple of float
        Parameters of the Beta prior of the share with metastases.
    """

    design: SiteDesign
    sites: NDArray[np.intp]
    odds: Array
    weights: Array
    alone: Array
    sigma: Array
    correlation: Array
    concentration: Array
    reach: tuple[float, float]

    @property
    def plain(self) -> NDArray[np.intp]:
        """Entries that count patients with a site."""
        return np.flatnonzero(self.design.single == 0)

    @property
    def single(self) -> NDArray[np.intp]:
        """Entries that count single metastases."""
        return np.flatnonzero(self.design.single)

    @property
    def at(self) -> Array:
        """0/1 place of each plain entry among the sites, shape (plain entry, own site)."""
        return (self.design.site[self.plain, None] == self.sites).astype(float)


def of_population(design: SiteDesign, population: str) -> SiteDesign:
    """Give the part of a design that lays out the counts of one source."""
    group = design.group_population == design.populations.index(population)
    own = group[design.group]
    sets = [i for i in range(len(design.reach_sets)) if design.reach[own, i].any()]
    by_entry = ("n_site", "n_total", "site", "members", "single")
    return replace(
        design,
        **{name: getattr(design, name)[own] for name in by_entry},
        group=(np.cumsum(group) - 1)[design.group[own]],
        reach=design.reach[np.ix_(own, sets)],
        group_setting=design.group_setting[group],
        group_population=np.zeros(group.sum(), dtype=int),
        populations=(population,),
        reach_sets=tuple(design.reach_sets[i] for i in sets),
        labels=tuple(label for label, counted in zip(design.labels, own, strict=True) if counted),
    )


def told_of(design: SiteDesign, draws: Draws, priors: MetastasisPriors) -> Told:
    """Gather what is told of the one source of a design, and what is expected of it."""
    singles = np.flatnonzero(design.single)
    counted = set(design.site[design.single == 0]) | (set(range(len(SINGLE_SITES))) if len(singles) else set())
    sites = np.array(sorted(counted), dtype=int)
    setting = design.group_setting[design.group]
    typical = draws["mu"][:, setting, None] + draws["contrast"][:, setting]  # (sample, entry, subtype, site)
    entries, subtype = np.arange(len(setting)), design.members.argmax(1)
    weights = design.members * draws["mix"][:, None]
    return Told(
        design,
        sites,
        odds=np.moveaxis(typical[:, entries, :, design.site], 0, 1),
        weights=weights / weights.sum(2, keepdims=True),
        alone=typical[:, singles, subtype[singles], : len(SINGLE_SITES)] + draws["single"][:, None],
        sigma=draws["sigma"][:, sites],
        correlation=draws["correlation"],
        concentration=draws["concentration"],
        reach=priors.reach,
    )


def own_effects(told: Told, u: Array, reach: Array) -> Array:
    """Put the effects of a source side by side: its levels, then log odds of having metastases, (sample, own)."""
    return np.concatenate([u[:, told.sites], np.log(reach) - np.log1p(-reach)], axis=1)


def entries_log_density(told: Told, own: Array) -> Array:
    """Give the log probability of each count given the effects of its source, shape (sample, ..., entry).

    Parameters
    ----------
    told : Told
        Counts of the source.
    own : ndarray, shape (sample, ..., own)
        As from :func:`own_effects`.
    """
    design, between = told.design, (slice(None), *(None,) * (own.ndim - 2))
    u, reach = own[..., : len(told.sites)], sigmoid(own[..., len(told.sites) :])
    m = told.concentration[between]
    found = np.empty((*own.shape[:-1], len(design.site)))
    for i, place in zip(told.plain, told.at.argmax(1), strict=True):
        odds = told.odds[between][..., i, :] + u[..., place, None]
        held = np.flatnonzero(design.members[i])
        share = (sigmoid(odds[..., held]) * told.weights[between][..., i, held]).sum(-1)
        if design.reach[i].any():
            share = share * reach[..., design.reach[i].argmax()]
        found[..., i] = log_beta_binomial(design.n_site[i], design.n_total[i], m * share, m * (1 - share), m)
    for k, i in enumerate(told.single):
        odds = np.exp(told.alone[between][..., k, :] + u[..., : len(SINGLE_SITES)])
        odds = m[..., None] * odds / odds.sum(-1, keepdims=True)
        here, later = odds[..., design.site[i]], odds[..., design.site[i] + 1 :].sum(-1)
        found[..., i] = log_beta_binomial(design.n_site[i], design.n_total[i], here, later, here + later)
    return found


def log_beta_binomial(n: int, total: int, a: Array, b: Array, whole: Array) -> Array:
    """Give the log probability of n of a total, beta-binomial; ``whole`` is a + b, which may vary less than a."""
    chosen = gammaln(total + 1) - gammaln(n + 1) - gammaln(total - n + 1)
    fixed = chosen + gammaln(whole) - gammaln(whole + total)
    return fixed + gammaln(a + n) + gammaln(b + total - n) - gammaln(a) - gammaln(b)


def prior_log_density(told: Told, own: Array) -> Array:
    """Give the log density of the effects of a source before its counts are seen, shape (sample, point)."""
    k = len(told.sites)
    z, r = own[..., :k] / told.sigma[:, None], told.correlation[:, None]
    # Eigenvalues of the correlation: one for the sum of the sites, the others alike
    along, across = 1 + (k - 1) * r, 1 - r
    middle = z.mean(-1, keepdims=True)
    squares = ((z - middle) ** 2).sum(-1) / across + k * middle[..., 0] ** 2 / along
    scale = np.log(told.sigma).sum(1)[:, None] + 0.5 * (np.log(along) + (k - 1) * np.log(across))
    found = -0.5 * (squares + k * np.log(2 * np.pi)) - scale
    a, b = told.reach
    odds = own[..., k:]
    reach = -a * np.logaddexp(0, -odds) - b * np.logaddexp(0, odds) - betaln(a, b)  # of the log odds
    return found + reach.sum(-1)


def prior_slope(told: Told, own: Array) -> tuple[Array, Array]:
    """Give slope and precision of the log prior, shapes (sample, own) and (sample, own, own)."""
    k, n_own = len(told.sites), own.shape[1]
    r = told.correlation[:, None, None]
    inverse = (np.eye(k) - r / (1 + (k - 1) * r)) / (1 - r) / told.sigma[:, :, None] / told.sigma[:, None]
    a, b = told.reach
    reach = sigmoid(own[:, k:])
    precision = np.zeros((len(own), n_own, n_own))
    precision[:, :k, :k] = inverse
    precision[:, range(k, n_own), range(k, n_own)] = (a + b) * reach * (1 - reach)
    slope = np.concatenate([-(inverse @ own[:, :k, None])[..., 0], a - (a + b) * reach], axis=1)
    return slope, precision


def counts_slope(told: Told, own: Array) -> tuple[Array, Array]:
    """Give slope and expected precision of the log probability of the counts, shapes as of :func:`prior_slope`."""
    design, k = told.design, len(told.sites)
    u, reach = own[:, :k], sigmoid(own[:, k:])
    shape = (len(own), len(design.site))
    here, elsewhere = np.empty(shape), np.empty(shape)
    tilt_here, tilt_elsewhere = np.zeros((*shape, own.shape[1])), np.zeros((*shape, own.shape[1]))
    plain, at = told.plain, told.at
    each = sigmoid(told.odds[:, plain] + (u @ at.T)[:, :, None])
    in_reach = np.where(design.reach[plain].any(1), reach @ design.reach[plain].T, 1.0)
    share = in_reach * (told.weights[:, plain] * each).sum(2)
    slope = in_reach * (told.weights[:, plain] * each * (1 - each)).sum(2)
    here[:, plain], elsewhere[:, plain] = share, 1 - share
    tilt_here[:, plain, :k] = slope[:, :, None] * at
    tilt_here[:, plain, k:] = share[:, :, None] * (1 - reach)[:, None] * design.reach[plain]
    tilt_elsewhere[:, plain] = -tilt_here[:, plain]
    order = np.arange(len(SINGLE_SITES))
    for j, i in enumerate(told.single):
        odds = np.exp(told.alone[:, j] + u[:, : len(order)])
        odds = odds / odds.sum(1, keepdims=True)
        for found, tilt, held in (
            (here, tilt_here, order == design.site[i]),
            (elsewhere, tilt_elsewhere, order > design.site[i]),
        ):
            found[:, i] = odds @ held
            tilt[:, i, : len(order)] = odds * (held - found[:, i, None])
    m, n, total = told.concentration[:, None], design.n_site, design.n_total
    whole = m * (here + elsewhere)
    both = digamma(whole) - digamma(whole + total)
    up_here = m * (both + digamma(m * here + n) - digamma(m * here))
    up_elsewhere = m * (both + digamma(m * elsewhere + total - n) - digamma(m * elsewhere))
    slope = np.einsum("se,seo->so", up_here, tilt_here) + np.einsum("se,seo->so", up_elsewhere, tilt_elsewhere)
    # The share among both moves by (elsewhere * tilt_here - here * tilt_elsewhere) / (here + elsewhere)^2.
    moved = elsewhere[:, :, None] * tilt_here - here[:, :, None] * tilt_elsewhere
    weight = total * (whole + 1) / ((whole + total) * here * elsewhere * (here + elsewhere) ** 2)
    return slope, np.einsum("se,seo,sep->sop", weight, moved, moved)


def peak_of(told: Told) -> tuple[Array, Array]:
    """Find where the effects of a source are most likely given its counts, and the precision there."""
    own = np.zeros((len(told.sigma), len(told.sites) + len(told.design.reach_sets)))
    for _ in range(STEPS):
        (before, prior), (slope, counts) = prior_slope(told, own), counts_slope(told, own)
        own = own + np.clip(np.linalg.solve(prior + counts, (before + slope)[..., None])[..., 0], -2.0, 2.0)
    return own, prior_slope(told, own)[1] + counts_slope(told, own)[1]


def weighed(told: Told, z: Array) -> tuple[Array, Array]:
    """Give points around the peak and their log weights, shapes (sample, point, own) and (sample, point).

    Parameters
    ----------
    told : Told
        Counts of the source.
    z : ndarray, shape (point, own) or (sample, point, own)
        Standard normal numbers.
    """
    peak, precision = peak_of(told)
    root = np.linalg.cholesky(precision) / WIDENED
    own = peak[:, None] + z @ np.linalg.inv(root)
    scale = np.log(np.diagonal(root, axis1=1, axis2=2)).sum(1)[:, None]
    proposed = -0.5 * ((z**2).sum(-1) + z.shape[-1] * np.log(2 * np.pi)) + scale
    return own, entries_log_density(told, own).sum(-1) + prior_log_density(told, own) - proposed


def points(n_own: int) -> Array:
    """Give the same standard normal points for every draw, in opposite pairs and of unit covariance."""
    half = np.random.default_rng(1).standard_normal((POINTS // 2 * n_own, n_own))
    half = half @ np.linalg.inv(np.linalg.cholesky(half.T @ half / len(half))).T
    return np.concatenate([half, -half])


def source_log_density(told: Told) -> Array:
    """Give the log probability of the counts of a source, its own effects integrated out, shape (sample,)."""
    _, log_weights = weighed(told, points(len(told.sites) + len(told.design.reach_sets)))
    return logsumexp(log_weights, axis=1) - np.log(log_weights.shape[1])


def draw_own(told: Told, draws: Draws, rng: np.random.Generator) -> tuple[Array, Array]:
    """Draw the effects of a source given its counts: levels of all sites, and shares with metastases."""
    sample, k = len(told.sigma), len(told.sites)
    n_own = k + len(told.design.reach_sets)
    own, log_weights = weighed(told, rng.standard_normal((sample, POINTS * n_own, n_own)))
    chosen = (log_weights + rng.gumbel(size=log_weights.shape)).argmax(1)
    own = own[np.arange(sample), chosen]
    z = np.zeros((sample, len(SITES)))
    z[:, told.sites] = own[:, :k] / told.sigma
    r = told.correlation
    for known, site in enumerate(np.setdiff1d(np.arange(len(SITES)), told.sites), start=k):
        weight = r / (1 + (known - 1) * r)
        z[:, site] = weight * z.sum(1) + np.sqrt(1 - known * r * weight) * rng.standard_normal(sample)
    return draws["sigma"] * z, sigmoid(own[:, k:])
