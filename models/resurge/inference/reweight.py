"""Take in changed evidence by weights instead of a fit, where the weights can be trusted.

Draws of the shared parameters come from a fit to evidence y; under evidence y* they weigh p(y* | shared) over
p(y | shared), of which only units that differ are left (:mod:`resurge.inference.twins`)::

    log w =   sum over new or changed units of log p(y*_unit | shared)
            - sum over gone or changed units of log p(y_unit | shared)

Weights are Pareto-smoothed. They are accepted below a tail shape of 0.7 and with the gate's effective sample size; then
draws are chosen in proportion to them and own effects of changed units drawn anew. Every update starts from the draws
of the last fit, so errors of one update never enter the next.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from resurge.inference.gate import MIN_ESS
from resurge.inference.psis import MAX_K_HAT, Weights, smoothed
from resurge.inference.stored_draws import StoredDraws
from resurge.inference.twins import Twin

Array = NDArray[np.float64]
Signatures = dict[str, dict[str, str]]
"""By unit: each of its rows, as ``table:row_id``, with the hash of what it says."""
BULK = "bulk effective sample size"


@dataclass(frozen=True)
class Fit:
    """Draws of a fit and what they rest on.

    Attributes
    ----------
    draws : StoredDraws
        The posterior as fitted, never reweighted.
    log_likelihood : mapping of str to ndarray, shape (sample,)
        log p(rows of the unit | shared parameters) by unit.
    signatures : mapping
        Rows behind each unit.
    common : mapping of str to str
        What all units rest on: hashes of rows that belong to none, of posteriors of other models.
    effective : float
        The smallest bulk effective sample size of the gate.
    """

    draws: StoredDraws
    log_likelihood: Mapping[str, Array]
    signatures: Signatures
    common: Mapping[str, str]
    effective: float


@dataclass(frozen=True)
class Reweighting:
    """Draws of a fit under other evidence.

    Attributes
    ----------
    draws : mapping of str to ndarray
        The fit's, laid out by the labels of the evidence.
    changed : tuple of str
        Units that are new or differ.
    gone : tuple of str
        Units that are no more.
    weights : Weights
        Smoothed weights of the draws.
    effective : float
        Effective draws that are left.
    """

    draws: Mapping[str, NDArray]
    changed: tuple[str, ...]
    gone: tuple[str, ...]
    weights: Weights
    effective: float

    @property
    def heavy_tail(self) -> str:
        """Why the weights cannot be trusted at all, or nothing."""
        return "" if self.weights.k_hat < MAX_K_HAT else f"Pareto k-hat {self.weights.k_hat:.2f}, limit {MAX_K_HAT}"

    @property
    def refusal(self) -> str:
        """Why the weighted draws cannot take the place of a fit, or nothing."""
        if self.heavy_tail:
            return self.heavy_tail
        if not self.effective >= MIN_ESS:
            return f"effective sample size {self.effective:.0f}, limit {MIN_ESS}"
        return ""


def signatures(twin: Twin, fingerprint: Mapping[str, Any]) -> Signatures:
    """Give the rows behind each unit of a twin with their hashes."""
    hashes = row_hashes(fingerprint)
    return {unit: {row: hashes[row] for row in rows} for unit, rows in twin.units.items()}


def common_ground(found: Signatures, fingerprint: Mapping[str, Any]) -> dict[str, str]:
    """Give what all units rest on: rows that belong to none of them, and posteriors of other models."""
    owned = {row for rows in found.values() for row in rows}
    rows = {row: told for row, told in row_hashes(fingerprint).items() if row not in owned}
    return rows | {f"posterior:{model}": told for model, told in fingerprint["upstream"].items()}


def row_hashes(fingerprint: Mapping[str, Any]) -> dict[str, str]:
    """Give the hash of each row of a fingerprint, by ``table:row_id``."""
    return {f"{table}:{row}": told for table, rows in fingerprint["evidence"].items() for row, told in rows.items()}


def reweighted(
    fit: Fit, twin: Twin, now: Signatures, common: Mapping[str, str], rng: np.random.Generator
) -> Reweighting:
    """Weigh the draws of a fit by how well they explain other evidence.

    Parameters
    ----------
    fit : Fit
        Draws and the evidence behind them.
    twin : Twin
        The model's likelihood of the other evidence.
    now, common : mapping
        As from :func:`signatures` and :func:`common_ground`, of the other evidence.
    rng : numpy.random.Generator
        Source of randomness, for parameters that are new.

    Raises
    ------
    CannotReweightError
        If the draws cannot be laid out for the other evidence.
    """
    moved = set(now) if dict(common) != dict(fit.common) else set()
    changed = tuple(unit for unit, rows in now.items() if unit in moved or fit.signatures.get(unit) != rows)
    gone = tuple(unit for unit in fit.signatures if unit not in now)
    draws = twin.widened(fit.draws.arrays, fit.draws.labels, rng)
    before = [fit.log_likelihood[unit] for unit in (*changed, *gone) if unit in fit.log_likelihood]
    after = twin.by_unit(draws, changed).sum(1) if changed else 0.0
    log_ratios = after - np.sum(before, axis=0)
    log_ratios = np.broadcast_to(log_ratios, (np.prod(fit.draws.shape),))
    n = len(log_ratios)
    weights = smoothed(np.where(np.isnan(log_ratios), -np.inf, log_ratios), min(1.0, fit.effective / n))
    return Reweighting(draws, changed, gone, weights, fit.effective * weights.kish / n)
