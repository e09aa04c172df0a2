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
person_years    person_time       years at risk behind the events counted (data)
window_se       window            standard error of a published log cumulative hazard (data)
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
from resurge.synthesis.curve_evidence import evidence_coordinates, explain_evidence, observed_data
from resurge.synthesis.design import RecurrenceDesign, recurrence_design
from resurge.synthesis.hazards import midpoints, spline_basis, walk_from_middle, walk_scales
from resurge.synthesis.priors import RecurrencePriors


def coordinates(design: RecurrenceDesign) -> dict[str, object]:
    """Name every dimension of the model and its labels."""
    n_basis = spline_basis([0.0], design.edges[-1]).shape[1]
    return {
        **evidence_coordinates(design),
        "curve": ("common", "difference"),
        "basis": np.arange(n_basis),
        "basis_step": np.arange(n_basis - 1),
    }


def build_model(evidence: Evidence, priors: RecurrencePriors) -> pm.Model:
    """State the recurrence model for a body of evidence."""
    return state_model(recurrence_design(evidence), priors)


def state_model(design: RecurrenceDesign, priors: RecurrencePriors) -> pm.Model:
    """State the recurrence model for evidence laid out; see the module for glossary and equations.

    Parameters
    ----------
    design : RecurrenceDesign
        Layout of the evidence.
    priors : RecurrencePriors
        Every prior of the model.

    Returns
    -------
    pymc.Model
        With named dims and coords.
    """
    B = spline_basis(midpoints(design.edges), design.edges[-1])
    outwards, scales = walk_from_middle(B.shape[1]), walk_scales(design.edges[-1])

    with pm.Model(coords=coordinates(design)) as model:
        observed = observed_data(design)

        # Curves: log hazard of node-negative disease to 2 cm under the reference therapy, by ER status
        smoothing = pm.HalfNormal("smoothing", priors.smoothing.sd, dims="curve")
        middle = pm.Normal("middle", priors.middle.mean, priors.middle.sd, dims="curve")
        steps = pm.Normal("steps", 0, smoothing[:, None] * scales, dims=("curve", "basis_step"))
        walks = middle[:, None] + pt.dot(steps, outwards.T)
        halves = np.array([[1, -0.5], [1, 0.5]])
        beta = pm.Deterministic("beta", pt.dot(halves, walks), dims=("er", "basis"))

        explain_evidence(pt.dot(beta, B.T), middle[0], design, observed, priors)
    return model
