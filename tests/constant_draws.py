"""Draws of both models with hazards and hazard ratios that do not change with time, so that answers are known."""

from __future__ import annotations

import numpy as np

from resurge.synthesis.strata import ER, MIX, NODAL, THERAPY_EFFECTS, TUMOUR_SIZE
from resurge.synthesis.therapy_priors import SCALED_ENDPOINTS

EDGES = np.arange(0.0, 36.0)
AT_ONCE, FOR_EVER = 1e-9, 1e9


def constant_hazard(hazards):
    """Recurrence draws with one hazard per year in each draw, the same in every stratum."""
    n = len(hazards)
    zeros = {
        "nodal_effect": len(NODAL), "size_effect": len(TUMOUR_SIZE), "therapy": len(THERAPY_EFFECTS),
        "distant": len(ER), "log_odds": len(MIX),
    }  # fmt: skip
    return {
        "beta": np.log(np.asarray(hazards, dtype=float))[:, None, None] * np.ones((n, len(ER), 1)),
        "edges": EDGES,
        "spline_basis": np.ones((len(EDGES) - 1, 1)),
        **{name: np.zeros((n, size)) for name, size in zeros.items()},
        **{name: np.zeros(n) for name in ("phi", "a_new", "b_new")},
    }


def constant_ratio(ratios, *, name="extended_endocrine", er="positive", begins=5.0, carry=FOR_EVER, duration=5.0):
    """Therapy draws of one class whose hazard ratio is full at once and, unless `carry` is short, stays."""
    n = len(ratios)
    logs = np.log(np.asarray(ratios, dtype=float))[:, None]
    return {
        "beta_class": logs, "beta_new": logs, "sigma": np.full((n, 1), 0.1),
        "onset": np.full((n, 1), AT_ONCE), "fade": np.zeros((n, 1)), "carry": np.full((n, 1), carry),
        "shape": np.ones(n), "rho": np.ones((n, len(SCALED_ENDPOINTS))), "lag": np.full(n, 3.0),
        "effect_class": np.array([name], dtype=object), "scaled_endpoint": np.array(SCALED_ENDPOINTS, dtype=object),
        "duration": np.array([duration]), "randomised_year": np.array([begins]), "sign": np.ones(1),
        "continues": np.array([float(name.startswith("extended_"))]), "class_er": np.array([er], dtype=object),
        "baseline_edges": EDGES, "baseline_hazard": np.full((2, len(EDGES) - 1), 0.02),
    }  # fmt: skip
