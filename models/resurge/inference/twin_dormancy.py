"""The twin of the dormancy model: that of the recurrence model, with the compartments' curve in place of splines."""

from __future__ import annotations

from functools import partial

from resurge.evidence.tables import Evidence
from resurge.inference.twin_recurrence import LIKELIHOOD, SHARED_DIMS, CurveForm, CurveTwin, curve_twin
from resurge.inference.twins import Draws
from resurge.project import Project
from resurge.synthesis import forward
from resurge.synthesis.dormancy_forward import as_curves, draw_prior
from resurge.synthesis.dormancy_priors import DormancyPriors

COMPARTMENTS = (
    *("early_odds", "late_odds", "early_year", "early_spread", "half_life", "awakening", "p_early", "p_dormant"),
)
"""Parameters of the compartments, by ER status."""
DIMS = {**dict.fromkeys(COMPARTMENTS, ("er",)), "baseline": ("er", "cell"), **SHARED_DIMS}
"""Dims after the sample of the variables of this model's posterior."""


def twin_of(project: Project, evidence: Evidence, priors: DormancyPriors) -> CurveTwin:
    """Give the twin of the dormancy model for the evidence of a project."""
    form = CurveForm(
        read=compartment_form,
        draw_prior=partial(draw_prior, priors),
        log_odds=priors.shared.log_odds,
        dims=DIMS,
        labels={},
        constants={"edges": ("edge",)},
    )
    return curve_twin(evidence, form)


def compartment_form(draws: Draws) -> forward.Draws:
    """Take the draws that the forward equations read, the curve cell by cell."""
    return as_curves({name: draws[name] for name in (*LIKELIHOOD, "baseline")})
