"""Recurrence of breast cancer over time since diagnosis: one hazard for patients and for published windows.

Glossary
--------
=============== ================= ======================================================================
symbol          dims              meaning
=============== ================= ======================================================================
t                                 years since diagnosis
B(t)            cell, basis       cubic B-splines of log(1 + t)
g(t)            cell              log((1 + t) / 6): 0 at year 5, -1.8 at diagnosis, 1.25 at year 20
smoothing       curve             standard deviation of the walks of common and difference
middle          curve             middle coefficients: common (log hazard per year) and difference
steps           curve, basis_step steps of the walks from the middle outwards
beta            er, basis         spline coefficients, common -+ difference / 2
nodal_steps     nodal_step        log hazard ratio from one nodal group to the next, at least 0
nodal_effect    nodal             log hazard ratio against N0 at year 5, ordered
phi                               relative change of the node effect per unit of g(t)
size_steps      size_step         log hazard ratio from one size group to the next, at least 0
size_effect     tumour_size       log hazard ratio against T1, ordered
therapy         therapy_effect    log hazard ratio against the reference therapy, by period
distant         er                log ratio of any to distant recurrence, above 0
other_death                       hazard per year of death without recurrence, where a trial counts it
sigma           spread            spread of populations' levels and tilts, and of cohorts' levels
alpha           followed          middle[common] + a of a population followed patient by patient
b_followed      followed          tilt of such a population
z_b             reported          tilt of a reported population in units of sigma[b]
a               population        level of a population beyond its strata; integrated out where reported
b               population        tilt of a population per unit of g(t)
c               cohort            level of a cohort inside its population; integrated out
log_odds        mix               mix at diagnosis of strata that a source does not split
omega                             extra spread of a published log cumulative hazard
window_mean     window            log cumulative hazard of a window before a and c of reports
observed_events person_time       events counted (data)
events          person_time       their Poisson distribution
observed_log_H  window            log cumulative hazards published (data)
windows                           their log density, levels a and c integrated out
=============== ================= ======================================================================

Equations
---------
Hazard of stratum s = (er, nodal, size) under therapy x, endpoint e, in cohort k of population j::

    log h(t) = B(t) . beta[er]
             + nodal_effect[s] * (1 + phi * g(t))
             + size_effect[s]
             + sum_x therapy[x] * multiplier[x, er](t)
             - distant[er] * 1{e = distant}
             + a[j] + b[j] * g(t) + c[k]

    common[m], difference[m] ~ Normal at the middle coefficient m; steps outwards ~ Normal(0, smoothing * scale)
    nodal_effect, size_effect: cumulative sums of half-normal steps
    a[j] ~ Normal(0, sigma[a]),  b[j] ~ Normal(0, sigma[b]),  c[k] ~ Normal(0, sigma[c])

Person-time, cell by cell (sufficient for a hazard constant in each cell)::

    events ~ Poisson(person_years * (h + other_death * 1{deaths count}))

Published window (u, v] on the cumulative hazard of the mixture M of strata inside it::

    S_M(t) = sum_s w_s exp(-H_s(t))
    log Hhat ~ Normal(log(log S_M(u) - log S_M(v)), sqrt(se^2 + omega^2))
"""

from __future__ import annotations

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from resurge.evidence.tables import Evidence
from resurge.synthesis.design import RecurrenceDesign, recurrence_design
from resurge.synthesis.hazards import midpoints, spline_basis, tilt, walk_from_middle, walk_scales
from resurge.synthesis.levels import nested_log_density
from resurge.synthesis.priors import RecurrencePriors
from resurge.synthesis.strata import ER, MIX, NODAL, THERAPY_EFFECTS, TUMOUR_SIZE


def coordinates(design: RecurrenceDesign) -> dict[str, object]:
    """Name every dimension of the model and its labels."""
    n_basis = spline_basis([0.0], design.edges[-1]).shape[1]
    return {
        "er": ER,
        "nodal": NODAL,
        "nodal_step": NODAL[1:],
        "tumour_size": TUMOUR_SIZE,
        "size_step": TUMOUR_SIZE[1:],
        "therapy_effect": THERAPY_EFFECTS,
        "curve": ("common", "difference"),
        "basis": np.arange(n_basis),
        "basis_step": np.arange(n_basis - 1),
        "spread": ("a", "b", "c"),
        "population": design.populations,
        "followed": design.followed,
        "reported": [name for name in design.populations if name not in design.followed],
        "mix": MIX,
        "person_time": design.person_time.row_id,
        "window": design.windows.row_id,
    }


def build_model(evidence: Evidence, priors: RecurrencePriors) -> pm.Model:
    """State the recurrence model for a body of evidence; see the module for glossary and equations.

    Parameters
    ----------
    evidence : Evidence
        Checked tables.
    priors : RecurrencePriors
        Every prior of the model.

    Returns
    -------
    pymc.Model
        With named dims and coords.
    """
    design = recurrence_design(evidence)
    coords = coordinates(design)
    curves, patients, windows = design.curves, design.person_time, design.windows
    t = midpoints(design.edges)
    g = tilt(t)
    B = spline_basis(t, design.edges[-1])
    outwards, scales = walk_from_middle(B.shape[1]), walk_scales(design.edges[-1])

    with pm.Model(coords=coords) as model:
        # What was observed, exchangeable without building the model again
        events = pm.Data("observed_events", patients.events, dims="person_time")
        log_H = pm.Data("observed_log_H", windows.log_cumulative_hazard, dims="window")

        # Curves: log hazard of node-negative disease to 2 cm under the reference therapy, by ER status
        smoothing = pm.HalfNormal("smoothing", priors.smoothing.sd, dims="curve")
        middle = pm.Normal("middle", priors.middle.mean, priors.middle.sd, dims="curve")
        steps = pm.Normal("steps", 0, smoothing[:, None] * scales, dims=("curve", "basis_step"))
        walks = middle[:, None] + pt.dot(steps, outwards.T)
        halves = np.array([[1, -0.5], [1, 0.5]])
        beta = pm.Deterministic("beta", pt.dot(halves, walks), dims=("er", "basis"))

        # Strata: ordered node and size effects; the node effect may fade or grow with time
        nodal_steps = pm.HalfNormal("nodal_steps", priors.nodal_step.sd, dims="nodal_step")
        size_steps = pm.HalfNormal("size_steps", priors.size_step.sd, dims="size_step")
        nodal_effect = pm.Deterministic("nodal_effect", pt.dot(np.tri(4, 3, -1), nodal_steps), dims="nodal")
        size_effect = pm.Deterministic("size_effect", pt.dot(np.tri(3, 2, -1), size_steps), dims="tumour_size")
        phi = pm.Normal("phi", priors.nodal_tilt.mean, priors.nodal_tilt.sd)

        # Therapy against the reference, distant against any recurrence, deaths where a trial counts them
        therapy = pm.Normal("therapy", priors.therapy.mean, priors.therapy.sd, dims="therapy_effect")
        distant = pm.LogNormal("distant", priors.distant_drop.mean, priors.distant_drop.sd, dims="er")
        other_death = pm.LogNormal("other_death", priors.other_death.mean, priors.other_death.sd)

        # Populations: level and tilt; those followed patient by patient have their own level in the model
        sigma = pm.LogNormal("sigma", priors.sigma.mean, priors.sigma.sd, dims="spread")
        alpha = pm.Normal("alpha", middle[0], sigma[0], dims="followed")
        b_followed = pm.Normal("b_followed", 0, sigma[1], dims="followed")
        z_b = pm.Normal("z_b", 0, 1, dims="reported")
        a = pt.dot(design.followed_place, alpha - middle[0])
        b = pt.dot(design.followed_place, b_followed) + pt.dot(design.reported_place, sigma[1] * z_b)
        pm.Deterministic("b", b, dims="population")

        # Log hazard of every curve that the evidence needs, cell by cell
        log_hazard = (
            pt.dot(curves.er, pt.dot(beta, B.T))
            + pt.dot(curves.nodal, nodal_effect[:, None] * (1 + phi * g))
            + pt.tensordot(curves.therapy, therapy, axes=[[1], [0]])
            + pt.dot(curves.population, a[:, None] + b[:, None] * g)
        )

        # Person-time: women followed one by one, summed within stratum and cell
        log_rate = (
            log_hazard.ravel()[patients.curve_cell]
            + pt.dot(patients.tumour_size, size_effect)
            - pt.dot(patients.is_distant, distant)
        )
        rate = pt.exp(log_rate) + other_death * patients.counts_deaths
        pm.Poisson("events", patients.person_years * rate, observed=events, dims="person_time")

        # Published windows: cumulative hazard of the mixture of strata inside each
        omega = pm.LogNormal("omega", priors.omega.mean, priors.omega.sd)
        log_odds = pm.Normal("log_odds", priors.log_odds.mean, priors.log_odds.sd, dims="mix")
        H = pt.dot(pt.exp(log_hazard), design.exposure).ravel()
        scale = pt.exp(pt.dot(windows.tumour_size, size_effect) - pt.dot(windows.is_distant, distant))
        log_weight = pt.dot(windows.mix, log_odds) + windows.log_share
        S_start = pt.dot(windows.inside, pt.exp(log_weight - scale * H[windows.curve_start]))
        S_end = pt.dot(windows.inside, pt.exp(log_weight - scale * H[windows.curve_end]))
        mean = pm.Deterministic("window_mean", pt.log(pt.log(S_start) - pt.log(S_end)), dims="window")
        residual = log_H - mean
        variance = windows.se**2 + omega**2
        pm.Potential("windows", nested_log_density(residual, variance, sigma[2], sigma[0], windows.nesting))
    return model
