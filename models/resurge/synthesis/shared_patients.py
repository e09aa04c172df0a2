"""How far the errors of estimates from one trial go together, because they count the same events of the same women.

The correlation of two entries is a product of three parts, each a correlation matrix of its own:

- the events they share: two looks at windows with expected events ``E_1`` and ``E_2``, ``E_12`` of them in both, have
  ``E_12 / sqrt(E_1 E_2)``; windows that do not overlap have none (independent increments);
- the endpoints: one endpoint 1, two kinds of recurrence 0.8, two kinds of death 0.8, a recurrence and a death 0.5;
- the arms: the same comparison 1, two experimental arms against one control 0.5, women who were counted apart 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from resurge.synthesis.event_weights import within


@dataclass(frozen=True)
class Sharing:
    """Stated correlations: endpoints of one family, of two families, and two arms against one control."""

    within_family: float = 0.8
    between_families: float = 0.5
    shared_control: float = 0.5


STATED = Sharing()
SMALLEST_EIGENVALUE = 1e-3
"""A product of stated parts may fall short of positive definite by rounding or by odd sets of women."""


def error_correlation(
    entries: pd.DataFrame, events: NDArray[np.float64], sharing: Sharing = STATED
) -> NDArray[np.float64]:
    """Give the correlation of the errors of one trial's entries, shape (entry, entry).

    Parameters
    ----------
    entries : pandas.DataFrame
        ``start``, ``end``, ``endpoint``, ``treatment``, ``control`` and ``women`` of each entry.
    events : ndarray, shape (entry, cell)
        Expected events of the control arm.
    sharing : Sharing
        Stated correlations.
    """
    raw = shared_events(entries, events) * endpoints_alike(entries, sharing) * arms_alike(entries, sharing)
    values, vectors = np.linalg.eigh(raw)
    mended = (vectors * np.maximum(values, SMALLEST_EIGENVALUE)) @ vectors.T
    scale = np.sqrt(np.diag(mended))
    return mended / np.outer(scale, scale)


def shared_events(entries: pd.DataFrame, events: NDArray[np.float64]) -> NDArray[np.float64]:
    """Correlate windows by the expected events in both."""
    start, end = (entries[name].to_numpy(dtype=float) for name in ("start", "end"))
    first, last = np.maximum.outer(start, start), np.minimum.outer(end, end)
    in_both = within(first[..., None], last[..., None]) @ events.mean(0)
    root = np.sqrt(np.diag(in_both))
    return in_both / np.outer(root, root)


def endpoints_alike(entries: pd.DataFrame, sharing: Sharing = STATED) -> NDArray[np.float64]:
    """Correlate endpoints by family: kinds of recurrence, kinds of death."""
    endpoint = entries["endpoint"].to_numpy()
    death = np.isin(endpoint, ("breast_cancer_death", "os"))
    alike = np.where(death[:, None] == death, sharing.within_family, sharing.between_families)
    return np.where(endpoint[:, None] == endpoint, 1.0, alike)


def arms_alike(entries: pd.DataFrame, sharing: Sharing = STATED) -> NDArray[np.float64]:
    """Correlate comparisons by the arms and the women they share."""
    treatment, control, women = (entries[name].to_numpy() for name in ("treatment", "control", "women"))
    same = (treatment[:, None] == treatment) & (control[:, None] == control)
    apart = (women[:, None] != women) & (women[:, None] != "") & (women != "")
    return np.where(apart, 0.0, np.where(same, 1.0, sharing.shared_control))
