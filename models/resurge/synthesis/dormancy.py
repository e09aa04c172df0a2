"""Why recurrence comes late: growing micrometastases, dormant ones that awaken, and cure, on the same evidence.

Glossary
--------
=============== ================= ======================================================================
symbol          dims              meaning
=============== ================= ======================================================================
t                                 years since diagnosis
g(t)            cell              log((1 + t) / 6): 0 at year 5, -1.8 at diagnosis, 1.25 at year 20
early_odds      er                odds of growing metastases against cure, in the reference stratum
late_odds       er                odds of dormant ones that awake within 20 years against cure
early_year      er                year by which half of the growing metastases show
early_spread    er                standard deviation of the log year in which one shows
half_life       er                years within which half of the dormant awake
awakening       er                rate per year at which the dormant awake, log(2) / half_life
p_early         er                fraction of women with growing micrometastases, reference stratum
p_dormant       er                fraction with dormant ones; the rest is cured
baseline        er, cell          log hazard per year of the reference stratum, typical population
nodal_steps     nodal_step        log hazard ratio from one nodal group to the next, at least 0
nodal_effect    nodal             log hazard ratio against N0 at year 5, ordered
phi                               relative change of the node effect per unit of g(t)
size_steps      size_step         log hazard ratio from one size group to the next, at least 0
size_effect     tumour_size       log hazard ratio against T1, ordered
therapy         therapy_effect    log hazard ratio against the reference therapy, by period
distant         er                log ratio of any to distant recurrence, above 0
other_death                       hazard per year of death without recurrence, where a trial counts it
sigma           spread            spread of populations' levels and tilts, and of cohorts' levels
alpha           followed          mean baseline of year 3 + a of a population followed patient by patient
b_followed      followed          tilt of such a population
z_b             reported          tilt of a reported population in units of sigma[b]
a               population        level of a population beyond its strata; integrated out where reported
b               population        tilt of a population per unit of g(t)
c               cohort            level of a cohort inside its population; integrated out
log_odds        mix               mix at diagnosis of strata that a source does not split
omega                             extra spread of a published log cumulative hazard
window_mean     window            log cumulative hazard of a window before a and c of reports
observed_events person_time       events counted (data)
person_years    person_time       years at risk behind the events counted (data)
events          person_time       their Poisson distribution
observed_log_H  window            log cumulative hazards published (data)
window_se       window            standard error of a published log cumulative hazard (data)
windows                           their log density, levels a and c integrated out
=============== ================= ======================================================================

Equations
---------
The reference stratum is node-negative disease to 2 cm (N0, T1) under the reference therapy in a typical population.
Of its women a fraction carries metastases that grow, a fraction dormant ones, and the rest is cured; what awakes has to
grow as the others did before it shows. By ER status::

    F(t) = p_early * F_early(t) + p_dormant * F_late(t)
    F_early(t) = Phi(log(t / early_year) / early_spread)
    F_late(t) = integral over 0 < u < t of F_early(t - u) * awakening * exp(-awakening * u)
    baseline(t) = log(f(t) / (1 - F(t)))

    cured = 1 - p_early - p_dormant
    early_odds = p_early / cured
    late_odds = p_dormant * (1 - exp(-awakening * 20)) / cured

Without the time to grow, F_late(t) = 1 - exp(-awakening * t) has its highest hazard on the day of diagnosis, where the
patient series see hardly any recurrence; populations then have to drift apart to make up for it.

Strata, therapy, endpoint, populations and cohorts act on the log hazard, and both kinds of evidence meet it, as in the
recurrence model with ``baseline`` in the place of its splines (see :mod:`resurge.synthesis.recurrence`)::

    log h(t) = baseline[er](t)
             + nodal_effect[s] * (1 + phi * g(t))
             + size_effect[s]
             + sum_x therapy[x] * multiplier[x, er](t)
             - distant[er] * 1{e = distant}
             + a[j] + b[j] * g(t) + c[k]

So the share of the recurrences at a time that come out of dormancy is the same in all strata of an ER group, by
assumption: what makes the outlook worse makes both kinds of recurrence more frequent alike.
"""

from __future__ import annotations

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from resurge.evidence.tables import Evidence
from resurge.synthesis.compartments import HORIZON
from resurge.synthesis.curve_evidence import Tensor, evidence_coordinates, explain_evidence, observed_data
from resurge.synthesis.design import RecurrenceDesign, recurrence_design
from resurge.synthesis.dormancy_priors import DormancyPriors

CENTRE_YEAR = 3.0
"""Year whose hazard carries the level of the curve: where patients and reports say most."""


def coordinates(design: RecurrenceDesign) -> dict[str, object]:
    """Name every dimension of the model and its labels."""
    return {**evidence_coordinates(design), "cell": np.arange(len(design.edges) - 1)}


def centre_cell(design: RecurrenceDesign) -> int:
    """Give the cell that begins at the year whose hazard carries the level of the curve."""
    return int(np.searchsorted(design.edges, CENTRE_YEAR))


def build_model(evidence: Evidence, priors: DormancyPriors) -> pm.Model:
    """State the dormancy model for a body of evidence."""
    return state_model(recurrence_design(evidence), priors)


def state_model(design: RecurrenceDesign, priors: DormancyPriors) -> pm.Model:
    """State the dormancy model for evidence laid out; see the module for glossary and equations.

    Parameters
    ----------
    design : RecurrenceDesign
        Layout of the evidence.
    priors : DormancyPriors
        Every prior of the model.

    Returns
    -------
    pymc.Model
        With named dims and coords.
    """
    with pm.Model(coords=coordinates(design)) as model:
        observed = observed_data(design)

        # Compartments of the reference stratum, by ER status
        early_odds = pm.LogNormal("early_odds", priors.early_odds.mean, priors.early_odds.sd, dims="er")
        late_odds = pm.LogNormal("late_odds", priors.late_odds.mean, priors.late_odds.sd, dims="er")
        early_year = pm.LogNormal("early_year", priors.early_year.mean, priors.early_year.sd, dims="er")
        early_spread = pm.LogNormal("early_spread", priors.early_spread.mean, priors.early_spread.sd, dims="er")
        half_life = pm.LogNormal("half_life", priors.half_life.mean, priors.half_life.sd, dims="er")

        awakening = pm.Deterministic("awakening", np.log(2) / half_life, dims="er")
        dormant_odds = late_odds / -pt.expm1(-awakening * HORIZON)
        cured = 1 / (1 + early_odds + dormant_odds)
        p_early = pm.Deterministic("p_early", early_odds * cured, dims="er")
        p_dormant = pm.Deterministic("p_dormant", dormant_odds * cured, dims="er")

        # Recurrences of each cell among all at diagnosis, then among those still free: the mean hazard of the cell
        growth = grown(early_year, early_spread, design.edges)
        inside = p_early[:, None] * growth + p_dormant[:, None] * surfaced_after_growth(awakening, growth, design.edges)
        free = 1 - (pt.cumsum(inside, axis=1) - inside)
        hazard = -pt.log1p(-inside / free) / np.diff(design.edges)
        baseline = pm.Deterministic("baseline", pt.log(hazard), dims=("er", "cell"))

        centre = baseline[:, centre_cell(design)].mean()
        explain_evidence(baseline, centre, design, observed, priors.shared)
    return model


def grown(year: Tensor, spread: Tensor, edges: np.ndarray) -> Tensor:
    """Give the share of growing metastases that shows within each cell, shape (er, cell)."""
    z = (np.log(edges[1:]) - pt.log(year)[:, None]) / spread[:, None]
    by = 0.5 * pt.erfc(-z / np.sqrt(2))
    return pt.concatenate([by[:, :1], by[:, 1:] - by[:, :-1]], axis=1)


def surfaced_after_growth(awakening: Tensor, growth: Tensor, edges: np.ndarray) -> Tensor:
    """Give the share of the dormant that has awoken and grown to show within each cell, shape (er, cell).

    A time to grow counts as spread evenly over its cell.
    """
    width, since = np.diff(edges), edges[1:, None] - edges[1:]
    done = np.tril(np.ones_like(since))
    rate = awakening[:, None]
    still = -pt.expm1(-rate * width) / (rate * width)
    asleep = pt.exp(-awakening[:, None, None] * np.maximum(since, 0)) * done
    by = pt.cumsum(growth, axis=1) - (asleep * (growth * still)[:, None, :]).sum(axis=2)
    return pt.concatenate([by[:, :1], by[:, 1:] - by[:, :-1]], axis=1)
