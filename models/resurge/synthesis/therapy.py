"""Effects of therapy in early disease as functions of time: one course for every published window.

Glossary
--------
=================== ================ =========================================================================
symbol              dims             meaning
=================== ================ =========================================================================
t                                    years since randomisation
mu                                   full log hazard ratio of a typical class
tau                                  spread of classes around mu
log_sigma_centre                     log of the typical spread of trials of one class
z_sigma             effect_class     log of sigma in standard units around that centre
sigma               effect_class     spread of trials of one class
omega                                extra spread of a published log ratio around its trial's course
onset               effect_class     half-time of onset in years
fade                effect_class     loss of effect per year on treatment: acquired resistance
carry               effect_class     half-life of the effect in years after treatment stops
shape                                shape of the carry-over: 1 even loss, above 1 held first, then lost
rho                 scaled_endpoint  log hazard ratio on an endpoint over that on any recurrence
lag                                  mean years from recurrence to death from it
m                   reading          expected reading per unit of full effect
observed_readings   reading          log hazard ratios as published, rotated (data)
readings                             their log density, full effects integrated out
beta_class          effect_class     full log hazard ratio of a class; integrated out
beta_trial          trial            full log hazard ratio of a trial; integrated out
=================== ================ =========================================================================

Equations
---------
Trial j of class k, treatments differing for D[j] years, endpoint e::

    log HR[j, e](t) = rho[e] * beta[j] * course(t; D[j], onset[k], fade[k], carry[k], shape)
    course(t)       = (1 - 2^(-t / onset)) * exp(-fade * min(t, D)) * 2^(-(max(t - D, 0) / carry)^shape)
    beta[j] ~ Normal(beta[k], sigma[k]),  beta[k] ~ Normal(+-mu, tau),  sigma[k] log-normal around a common centre

A row reports the mean over the events that it counts; a death goes back to a recurrence ``lag`` years before::

    y_i = mean over events of log HR + e_i,   errors of one trial correlated by the events they share, plus omega

Rows of one trial are rotated to independent readings r_i = m_i * beta[j] + e_i, from which beta[j] and beta[k] are
integrated out exactly.
"""

from __future__ import annotations

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from resurge.synthesis.effect_course import course
from resurge.synthesis.event_weights import time_to_death
from resurge.synthesis.therapy_design import CLASS_SPREAD_OF_LOG_SIGMA, TherapyDesign, onset_priors
from resurge.synthesis.therapy_levels import effects_log_density
from resurge.synthesis.therapy_priors import SCALED_ENDPOINTS, TherapyPriors


def build_model(design: TherapyDesign, priors: TherapyPriors) -> pm.Model:
    """State the therapy model for a body of evidence; see the module for glossary and equations.

    Parameters
    ----------
    design : TherapyDesign
        Layout of the evidence.
    priors : TherapyPriors
        Every prior of the model.

    Returns
    -------
    pymc.Model
        With named dims and coords.
    """
    coords = {
        "effect_class": design.classes,
        "scaled_endpoint": SCALED_ENDPOINTS,
        "reading": np.arange(len(design.rotation)),
    }
    log_onset_mean, log_onset_sd = onset_priors(design, priors)
    with pm.Model(coords=coords) as model:
        observed = pm.Data("observed_readings", design.readings, dims="reading")

        # Full effects: classes around a common middle, trials around their class, rows around their trial
        mu = pm.Normal("mu", priors.mu.mean, priors.mu.sd)
        tau = pm.LogNormal("tau", priors.log_tau.mean, priors.log_tau.sd)
        log_sigma_centre = pm.Normal("log_sigma_centre", priors.log_sigma.mean, priors.log_sigma.sd)
        z = pm.Normal("z_sigma", 0, 1, dims="effect_class")
        sigma = pm.Deterministic("sigma", pt.exp(log_sigma_centre + CLASS_SPREAD_OF_LOG_SIGMA * z), dims="effect_class")
        omega = pm.LogNormal("omega", priors.log_omega.mean, priors.log_omega.sd)

        # Course: onset, loss on treatment, carry-over after it
        onset = pm.LogNormal("onset", log_onset_mean, log_onset_sd, dims="effect_class")
        fade = pm.HalfNormal("fade", priors.fade.sd, dims="effect_class")
        carry = pm.LogNormal("carry", priors.log_carry.mean, priors.log_carry.sd, dims="effect_class")
        shape = pm.LogNormal("shape", priors.log_shape.mean, priors.log_shape.sd)

        # Endpoints: multiples of the effect on any recurrence; deaths lag behind recurrences
        rho = pm.LogNormal("rho", priors.log_rho.mean, priors.log_rho.sd, dims="scaled_endpoint")
        lag = pm.LogNormal("lag", priors.log_lag.mean, priors.log_lag.sd)

        # Published windows: mean of the course over the events that each counts
        by_course = (pt.dot(design.course_class, each)[:, None] for each in (onset, fade, carry))
        acting = course(design.clock, *by_course, shape, exp=pt.exp)[design.entry_course]
        scale = 1 - design.endpoint.sum(1) + pt.dot(design.endpoint, rho)
        m = pm.Deterministic("m", pt.dot(design.rotation, scale * mean_course(design, acting, lag)), dims="reading")
        density = effects_log_density(
            observed, m, design.variance + omega**2, design.reading_trial, design.trial_class, sigma,
            mu * design.sign, tau, log=pt.log,
        )  # fmt: skip
        pm.Potential("readings", density)
    return model


def mean_course(design: TherapyDesign, acting: pt.TensorVariable, lag: pt.TensorVariable) -> pt.TensorVariable:
    """Average the course of each entry over the events that it counts, shape (entry,)."""
    died = design.deaths == 1
    alive, dead = np.flatnonzero(~died), np.flatnonzero(died)
    recurrences = (design.events * design.seen)[alive]
    of_alive = (recurrences / recurrences.sum(1, keepdims=True) * acting[alive]).sum(1)
    deaths = pt.dot(design.seen[dead], time_to_death(lag, exp=pt.exp)) * design.events[dead]
    of_dead = (deaths * acting[dead]).sum(1) / deaths.sum(1)
    back = np.argsort(np.concatenate([alive, dead]))
    return pt.concatenate([of_alive, of_dead])[back]
