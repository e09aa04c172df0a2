"""From draws of the resistance model to draws of what follows from them: plain arrays, numpy only.

Effects have shape ``(sample,)`` or ``(sample, mechanism)``, on the log scale of their facet. Positive means that the
mechanism goes with worse outcome or resistance, or that acting against it helps.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from resurge.findings.effect_draws import labels

Array = NDArray[np.float64]
Draws = Mapping[str, NDArray]
"""Arrays by name: parameters with the sample first; labels and rows without one."""
PARAMETERS = (
    *("mu", "sigma", "omega", "excess", "correlation", "theta", "theta_new", "facet", "mechanism", "mechanism_class"),
    *("class_of", "row", "row_mechanism", "row_facet", "row_source", "row_effect", "row_se"),
)
NEXT_STUDY_SEED = 1
"""Seed of the studies that are imagined."""


def place(draws: Draws, mechanism: str) -> int:
    """Give the position of a mechanism.

    Raises
    ------
    KeyError
        If the posterior has no such mechanism.
    """
    known = labels(draws["mechanism"])
    if mechanism not in known:
        raise KeyError(f"no mechanism {mechanism!r} in the resistance model")
    return known.index(mechanism)


def rows_of(draws: Draws, mechanism: int, facet: int | None = None) -> NDArray[np.int_]:
    """Give the positions of the rows about a mechanism, in one facet or in all."""
    own = draws["row_mechanism"].astype(int) == mechanism
    if facet is not None:
        own &= draws["row_facet"].astype(int) == facet
    return np.flatnonzero(own)


def next_study(draws: Draws, mechanism: int, facet: int) -> Array:
    """Draw the effect that one more study of a mechanism would estimate if it were large, shape (sample,).

    Its source and its endpoint differ from the mechanism as those before did; sampling error comes on top.
    """
    spread = np.hypot(draws["sigma"][:, facet], draws["omega"][:, facet])
    noise = np.random.default_rng(NEXT_STUDY_SEED).standard_normal(len(spread))
    return draws["theta"][:, mechanism, facet] + spread * noise


def prior_share(draws: Draws, mechanism: int, facet: int) -> float:
    """Give how much of what is said of a mechanism would be said of one without any row.

    The variance of its effect over that of one more mechanism of its class: the share of the precision that does not
    come from its own rows. 1 where it has none, 0 where they say everything.
    """
    if not len(rows_of(draws, mechanism)):
        return 1.0
    kind = int(draws["class_of"][mechanism])
    own = np.var(draws["theta"][:, mechanism, facet])
    return float(min(1.0, own / np.var(draws["theta_new"][:, kind, facet])))


def ranks(effects: Array) -> NDArray[np.int_]:
    """Rank mechanisms in every draw, 1 the largest effect, shape (sample, mechanism)."""
    return (-effects).argsort(1).argsort(1) + 1


def marker_correlations(draws: Draws) -> dict[str, Array]:
    """Give the correlation over mechanisms between each facet and the effect of intervening in patients."""
    names = labels(draws["facet"])
    target = names.index("intervention")
    return {name: draws["correlation"][:, i, target] for i, name in enumerate(names) if i != target}
