"""What the recurrence model expects of each piece of evidence, from stored draws: the model's likelihood in numpy.

A second statement of the equations of :mod:`resurge.synthesis.recurrence`, vectorised over draws; a test holds the
two equal.
Predictive checks, simulation and drawing of the levels that the model integrates out need it, without PyMC.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from resurge.synthesis.design import Curves, RecurrenceDesign
from resurge.synthesis.hazards import midpoints, tilt

Draws = dict[str, NDArray[np.float64]]
"""Parameters by name, the sample first."""


def log_hazards(draws: Draws, curves: Curves, edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """Evaluate the log hazard of every curve, shape (sample, curve, cell).

    Parameters
    ----------
    draws : dict
        ``beta``, ``nodal_effect``, ``phi``, ``therapy``, ``a``, ``b`` and ``spline_basis``; set ``a`` to 0 for a
        population whose level is to be
        left out.
    curves : Curves
        Which effects make each curve.
    edges : ndarray, shape (cell + 1,)
        Bounds of the cells in years.
    """
    g = tilt(midpoints(edges))
    fading = 1 + draws["phi"][:, None] * g
    return (
        np.einsum("ke,sec->skc", curves.er, draws["beta"] @ draws["spline_basis"].T)
        + (draws["nodal_effect"] @ curves.nodal.T)[:, :, None] * fading[:, None, :]
        + np.einsum("sx,kxc->skc", draws["therapy"], curves.therapy)
        + (draws["a"] @ curves.population.T)[:, :, None]
        + (draws["b"] @ curves.population.T)[:, :, None] * g
    )


def person_time_rates(draws: Draws, design: RecurrenceDesign) -> NDArray[np.float64]:
    """Give the event rate per year that each row of person-time should show, shape (sample, row)."""
    patients = design.person_time
    hazards = log_hazards(draws, design.curves, design.edges)
    log_rate = (
        hazards.reshape(len(hazards), -1)[:, patients.curve_cell]
        + draws["size_effect"] @ patients.tumour_size.T
        - draws["distant"] @ patients.is_distant.T
    )
    return np.exp(log_rate) + draws["other_death"][:, None] * patients.counts_deaths


def window_means(draws: Draws, design: RecurrenceDesign) -> NDArray[np.float64]:
    """Give the log cumulative hazard of each published window, its integrated levels left out, (sample, window)."""
    windows = design.windows
    levels = draws["a"] * (1 - windows.nesting.population_varies)
    H = np.exp(log_hazards({**draws, "a": levels}, design.curves, design.edges)) @ design.exposure
    H = H.reshape(len(H), -1)
    scale = np.exp(draws["size_effect"] @ windows.tumour_size.T - draws["distant"] @ windows.is_distant.T)
    log_weight = draws["log_odds"] @ windows.mix.T + windows.log_share
    S_start = np.exp(log_weight - scale * H[:, windows.curve_start]) @ windows.inside.T
    S_end = np.exp(log_weight - scale * H[:, windows.curve_end]) @ windows.inside.T
    return np.log(np.log(S_start) - np.log(S_end))
