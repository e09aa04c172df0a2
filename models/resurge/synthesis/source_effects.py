"""Effects of one source given its counts: their peak, the integral over them, and draws of them.

Levels u of the sites that a source counts, and log odds of having metastases where it counts all its early patients,
are integrated by importance sampling, draw by draw::

    p(counts | shared) = mean over points of  p(counts | own) p(own) / q(own),   own ~ q = Normal(peak, precision^-1)

with the peak found by Newton steps of expected curvature. Counts of one site tell nothing of another but through the
correlation, so levels of sites that a source does not count stay out, and are drawn from their conditional normal
afterwards.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaln, digamma, logsumexp

from resurge.synthesis.metastasis_design import SINGLE_SITES, SITES
from resurge.synthesis.metastasis_forward import sigmoid
from resurge.synthesis.metastasis_pointwise import Draws, Told, entries_log_density

Array = NDArray[np.float64]
POINTS = 8
"""Points of the integral of one draw for each effect; a multiple of 2, as they come in pairs of opposite sign."""
STEPS = 5
"""Steps to the peak, from a typical source; more change nothing."""
WIDENED = 1.05
"""How much wider than the peak says points lie: counts of few patients have wider tails."""


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
    here, elsewhere, tilt_here, tilt_elsewhere = shares_and_tilts(told, own)
    m, n, total = told.concentration[:, None], told.design.n_site, told.design.n_total
    whole = m * (here + elsewhere)
    both = digamma(whole) - digamma(whole + total)
    up_here = m * (both + digamma(m * here + n) - digamma(m * here))
    up_elsewhere = m * (both + digamma(m * elsewhere + total - n) - digamma(m * elsewhere))
    slope = np.einsum("se,seo->so", up_here, tilt_here) + np.einsum("se,seo->so", up_elsewhere, tilt_elsewhere)
    # The share among both moves by (elsewhere * tilt_here - here * tilt_elsewhere) / (here + elsewhere)^2.
    moved = elsewhere[:, :, None] * tilt_here - here[:, :, None] * tilt_elsewhere
    weight = total * (whole + 1) / ((whole + total) * here * elsewhere * (here + elsewhere) ** 2)
    return slope, np.einsum("se,seo,sep->sop", weight, moved, moved)


def shares_and_tilts(told: Told, own: Array) -> tuple[Array, Array, Array, Array]:
    """Give each entry's share at its site and elsewhere, (sample, entry), and their slopes, (sample, entry, own)."""
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
    return here, elsewhere, tilt_here, tilt_elsewhere


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
