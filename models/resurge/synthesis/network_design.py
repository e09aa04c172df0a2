"""Design of a network: the rows of its trials against a reference."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from resurge.synthesis.contrasts import Trial
from resurge.synthesis.linear_effects import Rows, joined, rotated_rows

Array = NDArray[np.float64]


def trial_design(trial: Trial, treatments: Sequence[str]) -> Array:
    """Signs of the contrasts of a trial at all treatments, shape (contrast, treatment)."""
    design = np.zeros((len(trial.signs), len(treatments)))
    design[:, [treatments.index(arm) for arm in trial.arms]] = trial.signs
    return design


def network_rows(trials: Sequence[Trial], designs: Sequence[Array]) -> Rows:
    """Put the independent rows of all trials under each other, given the design of each."""
    return joined(
        [
            rotated_rows(trial.estimate, trial.sampling, trial.heterogeneity, design)
            for trial, design in zip(trials, designs, strict=True)
        ]
    )


def against(designs: Array, treatments: Sequence[str], reference: str) -> Array:
    """Drop the column of the reference."""
    return np.delete(designs, treatments.index(reference), axis=-1)
