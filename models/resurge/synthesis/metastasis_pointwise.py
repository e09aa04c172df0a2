"""Probability of the metastasis model's counts by source, given all that is sampled, in numpy, vectorised over draws.

Given what sources share, the counts of one source rest on effects of its own: its levels u of the sites that it counts
and, where it counts all its early patients, the share of them with metastases (equations:
:mod:`resurge.synthesis.metastasis`). :mod:`resurge.synthesis.source_effects` integrates them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from resurge.synthesis.metastasis_design import SINGLE_SITES, SiteDesign
from resurge.synthesis.metastasis_forward import sigmoid
from resurge.synthesis.metastasis_priors import MetastasisPriors

Array = NDArray[np.float64]
Draws = Mapping[str, Array]
"""Parameters by name, the sample first."""


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
