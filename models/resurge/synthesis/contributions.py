"""How much of each comparison comes from which trial.

The estimate of a comparison is a flow of evidence from one treatment to the other, of which every trial carries a part
(König et al. 2013, Stat Med 32:5414). With L the sum of the trials' Laplacians X' (V + tau² R)⁻¹ X over all treatments
and phi = L⁺ (e_a - e_b), the flow of a trial between its arms i and j is w_ij (phi_i - phi_j), where w_ij is minus the
(i, j) element of its own Laplacian, so that trials of many arms need no special case. A walker who starts at a and
follows the flow ends at b; a step of a path of n steps carries 1 / n of that path's probability (Davies et al. 2022,
Stat Med 41:2091, in place of the streams into which Papakonstantinou et al. 2018, F1000Research 7:610, cut the flow one
after the other). The steps between two treatments are shared out to trials by w.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from resurge.synthesis.contrasts import Trial
from resurge.synthesis.network_design import trial_design

Array = NDArray[np.float64]
FAINT = 1e-12
"""Flow that is none."""


@dataclass(frozen=True)
class Contributions:
    """Shares of trials in comparisons.

    Attributes
    ----------
    pairs, trials
        Comparisons (treatment, control) and trials.
    shares
        Shape (pair, trial); a row sums to one.
    """

    pairs: tuple[tuple[str, str], ...]
    trials: tuple[str, ...]
    shares: Array


def contributions(
    trials: Sequence[Trial], treatments: Sequence[str], pairs: Sequence[tuple[str, str]], tau: float
) -> Contributions:
    """Share out comparisons to trials.

    Parameters
    ----------
    trials, treatments
        The network.
    pairs
        Comparisons (treatment, control).
    tau
        Heterogeneity at which the weights are taken.
    """
    laplacians = []
    for trial in trials:
        design = trial_design(trial, treatments)
        laplacians.append(design.T @ np.linalg.solve(trial.sampling + tau**2 * trial.heterogeneity, design))
    weights = -np.stack(laplacians)
    weights[:, np.arange(len(treatments)), np.arange(len(treatments))] = 0.0
    weights = np.maximum(weights, 0.0)  # negative only where a covariance is that of no arms
    inverse = np.linalg.pinv(np.sum(laplacians, axis=0), hermitian=True)
    places = [(treatments.index(a), treatments.index(b)) for a, b in pairs]
    shares = np.array([_shares(weights, inverse[:, a] - inverse[:, b], a, b) for a, b in places])
    return Contributions(tuple(pairs), tuple(trial.name for trial in trials), shares)


def _shares(weights: Array, potential: Array, start: int, end: int) -> Array:
    """Share of each trial in the flow from one treatment to another."""
    total = weights.sum(axis=0)
    flow = np.maximum(total * (potential[:, None] - potential[None, :]), 0.0)
    flow[flow < FAINT * flow.max()] = 0.0
    leaving = flow.sum(axis=1)
    steps = np.divide(flow, leaving[:, None], out=np.zeros_like(flow), where=leaving[:, None] > 0)
    carried = _mean_step_share(steps, np.argsort(-potential), start, end)
    of_trial = np.divide(weights, total, out=np.zeros_like(weights), where=total > 0)
    shares = np.einsum("sij,ij->s", of_trial, carried)
    return shares / shares.sum()


def _mean_step_share(steps: Array, downhill: Array, start: int, end: int) -> Array:
    """Give the expected share of each step in the path of a walker, whose steps all lead downhill."""
    count = len(steps)
    came, goes = np.zeros((count, count)), np.zeros((count, count))  # by number of steps so far, and still to go
    came[start, 0] = goes[end, 0] = 1.0
    for i in downhill:
        came[:, 1:] += steps[i][:, None] * came[i, :-1]
    for i in downhill[::-1]:
        goes[i, 1:] += steps[i] @ goes[:, :-1]
    lengths = 1 / (1 + np.add.outer(np.arange(count), np.arange(count)))
    return steps * (came @ lengths @ goes.T)
