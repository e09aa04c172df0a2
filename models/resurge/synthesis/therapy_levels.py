"""Full effects of trials and classes, integrated out of the readings, and drawn back.

A reading i of trial j in class k is linear in the trial's full effect, and everything else given is normal::

    r_i = m_i * beta[j] + e_i,    e_i ~ Normal(0, d_i)
    beta[j] ~ Normal(beta[k], sigma[k]),    beta[k] ~ Normal(sign[k] * mu, tau)

With q = sum m^2 / d^2 and s = sum m r / d^2 over the readings of a trial, integrating beta[j] out leaves, as a
function of beta[k], the exponent ``-P beta^2 / 2 + S beta`` with P = q / (1 + sigma^2 q) and S = s / (1 + sigma^2 q).
The sums of P and S over the trials of a class do the same for beta[k] with tau and mu. Nothing is approximated, and no
funnel of trials or classes is left for the sampler.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Symbolic = Any
"""An array, or a PyTensor variable."""


@dataclass(frozen=True)
class Levels:
    """Draws of full effects on the log hazard ratio.

    Attributes
    ----------
    beta_class : ndarray, shape (sample, effect_class)
        Middle of a class.
    beta_trial : ndarray, shape (sample, trial)
        Full effect of each trial.
    beta_new : ndarray, shape (sample, effect_class)
        Full effect of one more trial of a class.
    """

    beta_class: Array
    beta_trial: Array
    beta_new: Array


def effects_log_density(
    readings: Symbolic,
    m: Symbolic,
    variance: Symbolic,
    reading_trial: Array,
    trial_class: Array,
    sigma: Symbolic,
    mu: Symbolic,
    tau: Symbolic,
    log: Callable[[Symbolic], Symbolic] = np.log,
) -> Symbolic:
    """Give the log density of the readings with the effects of trials and classes integrated out.

    Parameters
    ----------
    readings, m, variance : array or PyTensor variable, shape (reading,)
        Data, expected reading per unit of full effect, squared error.
    reading_trial, trial_class : ndarray
        0/1 membership.
    sigma : shape (effect_class,)
        Spread of trials in a class.
    mu : shape (effect_class,)
        Prior mean of each class, signed.
    tau : scalar
        Spread of classes.
    log : callable
        Logarithm of the array library.
    """
    error = log(2 * np.pi * variance).sum() + (readings**2 / variance).sum()
    q = (m**2 / variance) @ reading_trial
    s = (m * readings / variance) @ reading_trial
    spread = trial_class @ sigma**2
    widened = 1 + spread * q
    trials = log(widened).sum() - (spread * s**2 / widened).sum()
    P, S = (q / widened) @ trial_class, (s / widened) @ trial_class
    total = 1 + tau**2 * P
    classes = log(total).sum() - ((tau**2 * S**2 + 2 * S * mu - P * mu**2) / total).sum()
    return -0.5 * (error + trials + classes)


def draw_effects(
    readings: Array,
    m: Array,
    variance: Array,
    reading_trial: Array,
    trial_class: Array,
    sigma: Array,
    mu: Array,
    tau: Array,
    rng: np.random.Generator,
) -> Levels:
    """Draw the effects that the density integrates out, exactly, given everything else.

    Parameters
    ----------
    readings : ndarray, shape (reading,)
        Data.
    m, variance : ndarray, shape (sample, reading)
        Expected reading per unit of full effect, squared error.
    reading_trial, trial_class : ndarray
        0/1 membership.
    sigma, mu : ndarray, shape (sample, effect_class)
        Spread of trials, signed prior mean.
    tau : ndarray, shape (sample,)
        Spread of classes.
    rng : numpy.random.Generator
        Source of randomness.
    """
    q = (m**2 / variance) @ reading_trial
    s = (m * readings / variance) @ reading_trial
    spread = sigma @ trial_class.T
    widened = 1 + spread**2 * q
    P, S = (q / widened) @ trial_class, (s / widened) @ trial_class
    precision = P + 1 / tau[:, None] ** 2
    beta_class = (S + mu / tau[:, None] ** 2) / precision + rng.standard_normal(mu.shape) / np.sqrt(precision)
    precision = q + 1 / spread**2
    centre = (s + beta_class @ trial_class.T / spread**2) / precision
    beta_trial = centre + rng.standard_normal(q.shape) / np.sqrt(precision)
    return Levels(beta_class, beta_trial, beta_class + sigma * rng.standard_normal(mu.shape))
