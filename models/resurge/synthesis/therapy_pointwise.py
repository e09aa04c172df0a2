"""The density of the therapy model's readings by class, in numpy, vectorised over draws.

The equations are those of :mod:`resurge.synthesis.therapy` and :mod:`resurge.synthesis.therapy_levels`, kept apart by
class. A trial's readings leave an exponent in the effect of its class, ``-(E - 2 S beta + P beta^2) / 2`` with the
effect of the trial integrated out; exponents of the trials of a class add up, and beta is integrated out of their sum::

    -2 log p(class) = E + log(1 + tau^2 P) - (tau^2 S^2 + 2 S mu - P mu^2) / (1 + tau^2 P)

What a class alone has (its course and the spread of its trials) may come as several proposals a draw, of shape
``(sample, proposal)``: one for a class that was fitted, many from the prior for one that was not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from resurge.synthesis.effect_course import Clock, course
from resurge.synthesis.event_weights import WIDTHS, YEARS
from resurge.synthesis.therapy_design import CLASS_SPREAD_OF_LOG_SIGMA, TherapyDesign, onset_priors
from resurge.synthesis.therapy_priors import TherapyPriors

Array = NDArray[np.float64]
Draws = Mapping[str, Array]
"""Parameters by name, the sample first."""


@dataclass(frozen=True)
class Own:
    """What one class alone has, each of shape (sample, proposal)."""

    sigma: Array
    onset: Array
    fade: Array
    carry: Array


@dataclass(frozen=True)
class Exponent:
    """Readings of a trial as an exponent in the effect of its class, arrays of shape (sample, proposal).

    Attributes
    ----------
    E, S, P : ndarray
        As in the module, the trial's effect integrated out.
    s, q : ndarray
        The same in the trial's own effect.
    """

    E: Array
    S: Array
    P: Array
    s: Array
    q: Array

    def log_density(self, beta: Array) -> Array:
        """Give the log density of the readings given the effect of the class, shape (sample, proposal)."""
        return -0.5 * (self.E - 2 * self.S * beta + self.P * beta**2)


def own_of(draws: Draws, k: int) -> Own:
    """Give what class k alone has as it was drawn, one proposal a draw."""
    return Own(*(draws[name][:, [k]] for name in ("sigma", "onset", "fade", "carry")))


def propose_own(
    priors: TherapyPriors, design: TherapyDesign, draws: Draws, k: int, n: int, rng: np.random.Generator
) -> Own:
    """Draw what class k alone has from its prior given what classes share, n proposals a draw."""
    size = (len(draws["mu"]), n)
    mean, sd = (each[k] for each in onset_priors(design, priors))
    return Own(
        sigma=np.exp(draws["log_sigma_centre"][:, None] + CLASS_SPREAD_OF_LOG_SIGMA * rng.standard_normal(size)),
        onset=np.exp(rng.normal(mean, sd, size)),
        fade=np.abs(rng.normal(0, priors.fade.sd, size)),
        carry=np.exp(rng.normal(priors.log_carry.mean, priors.log_carry.sd, size)),
    )


def expected_of(design: TherapyDesign, entries: NDArray[np.int64], draws: Draws, own: Own) -> Array:
    """Give the expected log ratio per unit of full effect of entries of one class, (sample, proposal, entry)."""
    m = np.empty((*own.onset.shape, len(entries)))
    onset, fade, carry = (each[:, :, None] for each in (own.onset, own.fade, own.carry))
    followed_by, died = design.entry_course[entries], design.deaths[entries] == 1
    for c in np.unique(followed_by):
        clock = Clock(*(each[c] for each in (design.clock.since, design.clock.on, design.clock.after)))
        acting = course(clock, onset, fade, carry, draws["shape"][:, None, None])
        alive, dead = (np.flatnonzero((followed_by == c) & counted) for counted in (~died, died))
        weights = (design.events * design.seen)[entries[alive]]
        m[:, :, alive] = acting @ (weights / weights.sum(1, keepdims=True)).T
        if dead.size:
            weights = behind_deaths(design, entries[dead], draws["lag"])
            m[:, :, dead] = acting @ (weights / weights.sum(2, keepdims=True)).swapaxes(1, 2)
    endpoint = design.endpoint[entries]
    return m * (1 - endpoint.sum(1) + draws["rho"] @ endpoint.T)[:, None]


def behind_deaths(design: TherapyDesign, entries: NDArray[np.int64], lag: Array) -> Array:
    """Weigh the recurrences behind the deaths that entries count, shape (sample, entry, cell).

    ``time_to_death`` of :mod:`resurge.synthesis.event_weights` with its exponential split into one of the death and
    one of the recurrence, so that no array is larger than this; good for lags of a month or more.
    """
    not_before = np.tri(len(YEARS)) - 0.5 * np.eye(len(YEARS))
    falling = np.exp(-YEARS / lag[:, None])[:, None]
    return (design.seen[entries] * WIDTHS * falling) @ not_before / falling * design.events[entries]


def exponent(rotation: Array, variance: Array, y: Array, m: Array, omega: Array, sigma: Array) -> Exponent:
    """Turn the readings of a trial into an exponent in the effect of its class.

    Parameters
    ----------
    rotation : ndarray, shape (reading, entry)
        From entries of the trial to readings.
    variance, y : ndarray, shape (reading,)
        Squared standard errors and data.
    m : ndarray, shape (sample, proposal, entry)
        Expected log ratio of the entries per unit of full effect.
    omega : ndarray, shape (sample,)
        Extra spread of a reading.
    sigma : ndarray, shape (sample, proposal)
        Spread of the trials of the class.
    """
    error = (variance + omega[:, None] ** 2)[:, None]
    expected = m @ rotation.T
    q, s = (expected**2 / error).sum(2), (expected * y / error).sum(2)
    widened = 1 + sigma**2 * q
    E = (np.log(2 * np.pi * error) + y**2 / error).sum(2) + np.log(widened) - sigma**2 * s**2 / widened
    return Exponent(E, s / widened, q / widened, s, q)


def entries_by_trial(design: TherapyDesign, k: int) -> dict[int, NDArray[np.int64]]:
    """Give positions of the entries of each trial of class k, by position of the trial."""
    trial_of = design.entry_trial.argmax(1)
    return {int(j): np.flatnonzero(trial_of == j) for j in np.flatnonzero(design.trial_class[:, k])}


def exponents(design: TherapyDesign, k: int, draws: Draws, own: Own) -> dict[int, Exponent]:
    """Give the exponent of each trial of class k, by position of the trial."""
    return {
        j: exponent_of_trial(design, entries, expected_of(design, entries, draws, own), draws, own)
        for j, entries in entries_by_trial(design, k).items()
    }


def exponent_of_trial(design: TherapyDesign, entries: NDArray[np.int64], m: Array, draws: Draws, own: Own) -> Exponent:
    """Give the exponent of a trial by its entries and what is expected of them."""
    read = (design.rotation[:, entries] != 0).any(1)
    rotation = design.rotation[np.ix_(read, entries)]
    y = rotation @ design.log_ratio[entries]
    return exponent(rotation, design.variance[read], y, m, draws["omega"], own.sigma)


def class_log_density(parts: Iterable[Exponent], mu: Array, tau: Array) -> Array:
    """Give the log density of a class from its trials, their effects and its own integrated out, (sample, proposal).

    Parameters
    ----------
    parts : iterable of Exponent
        A trial each; none where the class has no reading.
    mu, tau : ndarray, shape (sample,)
        Prior mean, signed, and spread of the class.
    """
    E, S, P = np.zeros((3, len(mu), 1))
    for each in parts:
        E, S, P = E + each.E, S + each.S, P + each.P
    mu, tau = mu[:, None], tau[:, None]
    total = 1 + tau**2 * P
    return -0.5 * (E + np.log(total) - (tau**2 * S**2 + 2 * S * mu - P * mu**2) / total)


def draw_class(
    parts: Mapping[int, Exponent], mu: Array, tau: Array, sigma: Array, rng: np.random.Generator
) -> tuple[Array, dict[int, Array]]:
    """Draw the effect of a class and those of its trials given its readings and all else, one proposal a draw.

    Returns
    -------
    beta_class : ndarray, shape (sample,)
    beta_trial : dict of int to ndarray, shape (sample,)
        By position of the trial.
    """
    precision = sum(each.P[:, 0] for each in parts.values()) + 1 / tau**2
    centre = (sum(each.S[:, 0] for each in parts.values()) + mu / tau**2) / precision
    beta_class = centre + rng.standard_normal(len(mu)) / np.sqrt(precision)
    beta_trial = {}
    for j, each in parts.items():
        precision = each.q[:, 0] + 1 / sigma**2
        centre = (each.s[:, 0] + beta_class / sigma**2) / precision
        beta_trial[j] = centre + rng.standard_normal(len(mu)) / np.sqrt(precision)
    return beta_class, beta_trial
