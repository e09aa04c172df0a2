"""The therapy model in numpy: what it expects of each reading, given draws, and draws from its priors.

A second statement of the equations of :mod:`resurge.synthesis.therapy`, vectorised over draws; a test holds the two
equal.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from resurge.synthesis.effect_course import Clock, course
from resurge.synthesis.event_weights import time_to_death
from resurge.synthesis.therapy_design import CLASS_SPREAD_OF_LOG_SIGMA, TherapyDesign, onset_priors
from resurge.synthesis.therapy_priors import TherapyPriors

Array = NDArray[np.float64]
Draws = dict[str, Array]
"""Parameters by name, the sample first."""


def expected_readings(design: TherapyDesign, draws: Draws) -> Array:
    """Give the expected reading per unit of full effect, shape (sample, reading)."""
    return expected_entries(design, draws) @ design.rotation.T


def expected_entries(design: TherapyDesign, draws: Draws) -> Array:
    """Give the expected log ratio of each entry per unit of full effect, shape (sample, entry)."""
    kind = design.course_class.argmax(1)
    clock = Clock(*(each[None] for each in (design.clock.since, design.clock.on, design.clock.after)))
    onset, fade, carry = (draws[name][:, kind, None] for name in ("onset", "fade", "carry"))
    acting = course(clock, onset, fade, carry, draws["shape"][:, None, None])[:, design.entry_course]
    recurrences = np.broadcast_to(design.events * design.seen, acting.shape)
    died = np.flatnonzero(design.deaths)
    back = time_to_death(draws["lag"][:, None, None])
    deaths = (design.seen[died] @ back) * design.events[died]
    weights = recurrences.copy()
    weights[:, died] = deaths
    scale = 1 - design.endpoint.sum(1) + draws["rho"] @ design.endpoint.T
    return scale * (weights * acting).sum(2) / weights.sum(2)


def draw_prior(priors: TherapyPriors, design: TherapyDesign, n: int, rng: np.random.Generator) -> Draws:
    """Draw every parameter from its prior, with effects of classes and of one more trial of each.

    Parameters
    ----------
    priors : TherapyPriors
        Priors of the model.
    design : TherapyDesign
        Names the classes.
    n : int
        Number of draws.
    rng : numpy.random.Generator
        Source of randomness.
    """
    size = (n, len(design.classes))

    def normal(name: str, *shape: int) -> Array:
        prior = getattr(priors, name)
        return rng.normal(prior.mean, prior.sd, (n, *shape))

    mu, tau, centre = normal("mu"), np.exp(normal("log_tau")), normal("log_sigma")
    sigma = np.exp(centre[:, None] + CLASS_SPREAD_OF_LOG_SIGMA * rng.standard_normal(size))
    beta_class = mu[:, None] * design.sign + tau[:, None] * rng.standard_normal(size)
    beta_trial = beta_class @ design.trial_class.T + sigma @ design.trial_class.T * rng.standard_normal(
        (n, len(design.trials))
    )
    return {
        "mu": mu,
        "tau": tau,
        "log_sigma_centre": centre,
        "sigma": sigma,
        "omega": np.exp(normal("log_omega")),
        "onset": np.exp(rng.normal(*onset_priors(design, priors), size)),
        "fade": np.abs(rng.normal(0, priors.fade.sd, size)),
        "carry": np.exp(normal("log_carry", size[1])),
        "shape": np.exp(normal("log_shape")),
        "rho": np.exp(normal("log_rho", design.endpoint.shape[1])),
        "lag": np.exp(normal("log_lag")),
        "beta_class": beta_class,
        "beta_trial": beta_trial,
        "beta_new": beta_class + sigma * rng.standard_normal(size),
    }


def readings_of_trials(design: TherapyDesign, draws: Draws, rng: np.random.Generator) -> Array:
    """Draw readings as the design would show them, given all parameters, shape (sample, reading)."""
    mean = expected_readings(design, draws) * (draws["beta_trial"] @ design.reading_trial.T)
    spread = np.sqrt(design.variance + draws["omega"][:, None] ** 2)
    return mean + spread * rng.standard_normal(mean.shape)
