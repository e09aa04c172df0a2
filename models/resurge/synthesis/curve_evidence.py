"""What every model of the curve of recurrence must explain: patients and published windows, by stratum and population.

A model of the curve gives the log hazard of the reference stratum (N0, T1) under the reference therapy in a typical
population, by ER status and cell. What follows from it to the evidence is the same whatever the curve is made of, and
stands here: strata, therapy, endpoint, populations, person-time, windows. Equations and symbols are those of
:mod:`resurge.synthesis.recurrence`.

Each function adds its variables to the model in whose context it is called.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from resurge.synthesis.design import RecurrenceDesign
from resurge.synthesis.hazards import midpoints, tilt
from resurge.synthesis.levels import nested_log_density
from resurge.synthesis.priors import RecurrencePriors
from resurge.synthesis.strata import ER, MIX, NODAL, THERAPY_EFFECTS, TUMOUR_SIZE

Tensor = pt.TensorVariable


class Observed(NamedTuple):
    """Data of the model, exchangeable without building it again."""

    events: Tensor
    person_years: Tensor
    log_cumulative_hazard: Tensor
    se: Tensor


class Effects(NamedTuple):
    """What scales the hazard beside nodes and population."""

    size: Tensor
    distant: Tensor
    other_death: Tensor


def evidence_coordinates(design: RecurrenceDesign) -> dict[str, object]:
    """Name every dimension that the evidence brings, and its labels."""
    return {
        "er": ER,
        "nodal": NODAL,
        "nodal_step": NODAL[1:],
        "tumour_size": TUMOUR_SIZE,
        "size_step": TUMOUR_SIZE[1:],
        "therapy_effect": THERAPY_EFFECTS,
        "spread": ("a", "b", "c"),
        "population": design.populations,
        "followed": design.followed,
        "reported": [name for name in design.populations if name not in design.followed],
        "mix": MIX,
        "person_time": design.person_time.row_id,
        "window": design.windows.row_id,
    }


def observed_data(design: RecurrenceDesign) -> Observed:
    """Hold what was observed as data of the model."""
    patients, windows = design.person_time, design.windows
    return Observed(
        events=pm.Data("observed_events", patients.events, dims="person_time"),
        person_years=pm.Data("person_years", patients.person_years, dims="person_time"),
        log_cumulative_hazard=pm.Data("observed_log_H", windows.log_cumulative_hazard, dims="window"),
        se=pm.Data("window_se", windows.se, dims="window"),
    )


def explain_evidence(
    baseline: Tensor, centre: Tensor, design: RecurrenceDesign, observed: Observed, priors: RecurrencePriors
) -> None:
    """Lead from the curve to the evidence.

    Parameters
    ----------
    baseline : TensorVariable, shape (er, cell)
        Log hazard per year of the reference stratum in a typical population.
    centre : TensorVariable
        A level of the curve that moves with it as a whole: populations followed patient by patient are sampled on its
        scale, since their own level is known better than that of the typical population.
    design : RecurrenceDesign
        Layout of the evidence.
    observed : Observed
        As from :func:`observed_data`.
    priors : RecurrencePriors
        Priors of all but the curve.
    """
    g = tilt(midpoints(design.edges))
    curves = design.curves

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

    # Log hazard of every curve that the evidence needs, cell by cell
    sigma = pm.LogNormal("sigma", priors.sigma.mean, priors.sigma.sd, dims="spread")
    a, b = population_levels(centre, sigma, design)
    log_hazard = (
        pt.dot(curves.er, baseline)
        + pt.dot(curves.nodal, nodal_effect[:, None] * (1 + phi * g))
        + pt.tensordot(curves.therapy, therapy, axes=[[1], [0]])
        + pt.dot(curves.population, a[:, None] + b[:, None] * g)
    )
    effects = Effects(size_effect, distant, other_death)
    explain_person_time(log_hazard, effects, design, observed)
    explain_windows(log_hazard, effects, sigma, design, observed, priors)


def population_levels(centre: Tensor, sigma: Tensor, design: RecurrenceDesign) -> tuple[Tensor, Tensor]:
    """Give levels and tilts of populations; those followed patient by patient have their own level in the model."""
    alpha = pm.Normal("alpha", centre, sigma[0], dims="followed")
    b_followed = pm.Normal("b_followed", 0, sigma[1], dims="followed")
    z_b = pm.Normal("z_b", 0, 1, dims="reported")
    a = pt.dot(design.followed_place, alpha - centre)
    b = pt.dot(design.followed_place, b_followed) + pt.dot(design.reported_place, sigma[1] * z_b)
    return a, pm.Deterministic("b", b, dims="population")


def explain_person_time(log_hazard: Tensor, effects: Effects, design: RecurrenceDesign, observed: Observed) -> None:
    """Count the events of women followed one by one, summed within stratum and cell."""
    patients = design.person_time
    log_rate = (
        log_hazard.ravel()[patients.curve_cell]
        + pt.dot(patients.tumour_size, effects.size)
        - pt.dot(patients.is_distant, effects.distant)
    )
    rate = pt.exp(log_rate) + effects.other_death * patients.counts_deaths
    pm.Poisson("events", observed.person_years * rate, observed=observed.events, dims="person_time")


def explain_windows(
    log_hazard: Tensor,
    effects: Effects,
    sigma: Tensor,
    design: RecurrenceDesign,
    observed: Observed,
    priors: RecurrencePriors,
) -> None:
    """Compare each published window with the cumulative hazard of the mixture of strata inside it."""
    windows = design.windows
    omega = pm.LogNormal("omega", priors.omega.mean, priors.omega.sd)
    log_odds = pm.Normal("log_odds", priors.log_odds.mean, priors.log_odds.sd, dims="mix")
    H = pt.dot(pt.exp(log_hazard), design.exposure).ravel()
    scale = pt.exp(pt.dot(windows.tumour_size, effects.size) - pt.dot(windows.is_distant, effects.distant))
    log_weight = pt.dot(windows.mix, log_odds) + windows.log_share
    S_start = pt.dot(windows.inside, pt.exp(log_weight - scale * H[windows.curve_start]))
    S_end = pt.dot(windows.inside, pt.exp(log_weight - scale * H[windows.curve_end]))
    mean = pm.Deterministic("window_mean", pt.log(pt.log(S_start) - pt.log(S_end)), dims="window")
    residual = observed.log_cumulative_hazard - mean
    variance = observed.se**2 + omega**2
    pm.Potential("windows", nested_log_density(residual, variance, sigma[2], sigma[0], windows.nesting))
