"""Benefit: the risk of recurrence of a woman times the effect of a therapy over time; plain arrays.

With the hazard ``h(t)`` of the recurrence model and the hazard ratio ``HR(t - s)`` of the therapy model, for therapy
that begins at year ``s`` since diagnosis and a woman free of recurrence at the landmark ``u``::

    risk without = 1 - exp(-integral_u^v h(t) dt)
    risk with    = 1 - exp(-integral_u^v h(t) HR(t - s) dt)
    difference   = risk without - risk with,   number needed to treat = 1 / difference

The two posteriors rest on different evidence and are taken as independent: their draws are paired at random.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from resurge.findings import hazard_draws
from resurge.findings.effect_draws import Effect, labels, log_hazard_ratio, place
from resurge.findings.hazard_draws import Profile, group_hazard, risk_between
from resurge.synthesis.hazards import midpoints

PAIRING_SEED = 20
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Benefit:
    """Risks with and without a therapy from a landmark to each end, shape (sample, end)."""

    without: Array
    treated: Array

    @property
    def difference(self) -> Array:
        """Risk that the therapy takes away."""
        return self.without - self.treated


def benefit(
    recurrence: hazard_draws.Draws,
    therapy: hazard_draws.Draws,
    profile: Profile,
    effect: Effect,
    start: float,
    survived: float,
    ends: Sequence[float],
) -> Benefit:
    """Set risks with and without a therapy side by side.

    Parameters
    ----------
    recurrence, therapy : Draws
        Posterior draws of the two models.
    profile : Profile
        The women; its therapy is what they have without the one in question.
    effect : Effect
        Class of therapy, population and duration; its endpoint must be that of the profile.
    start : float
        Year since diagnosis when the therapy begins.
    survived : float
        Landmark: year since diagnosis at which the women are free of recurrence.
    ends : sequence of float
        Years since diagnosis.
    """
    hazard, edges = group_hazard(recurrence, profile), recurrence["edges"]
    years = np.maximum(midpoints(edges) - start, 0.0)
    ratio = np.exp(log_hazard_ratio(therapy, effect, years))
    hazard, ratio = paired(hazard, ratio)
    ratio = np.where(midpoints(edges) < start, 1.0, ratio)
    return Benefit(
        risk_between(hazard, edges, survived, ends),
        risk_between(hazard * ratio, edges, survived, ends),
    )


def paired(first: Array, second: Array) -> tuple[Array, Array]:
    """Pair draws of two independent posteriors: as many as the larger has, the order of the second shuffled."""
    n = max(len(first), len(second))
    order = np.random.default_rng(PAIRING_SEED).permutation(n) % len(second)
    return first[np.arange(n) % len(first)], second[order]


def natural_start(therapy: hazard_draws.Draws, effect_class: str, survived: float) -> float:
    """Give the year since diagnosis at which trials of a class begin it, or the landmark if that is later.

    A therapy that goes on from an earlier one is for women free of recurrence so far; others begin at diagnosis,
    whatever the landmark.
    """
    k = place(therapy, effect_class)
    begins = float(therapy["randomised_year"][k])
    return max(begins, survived) if therapy["continues"][k] else begins


def disease_of(therapy: hazard_draws.Draws, effect_class: str) -> str:
    """Give the ER status of the disease in which a class was tested; ``any`` where trials took both."""
    return labels(therapy["class_er"])[place(therapy, effect_class)]
