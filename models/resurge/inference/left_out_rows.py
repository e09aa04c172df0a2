"""How far the headline answers move when one row is left out, by weights of the draws that a record holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from resurge.findings.estimands import Estimand, estimands
from resurge.inference.psis import Weights, smoothed
from resurge.inference.stored_draws import ROWS, StoredDraws, holds, read_draws, read_table

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Shift:
    """What a row does to an answer.

    Attributes
    ----------
    row : str
        ``table:row_id``.
    answer : str
        Name of the answer.
    sds : float
        Mean with the row less mean without it, in posterior standard deviations, on the scale of the answer.
    k_hat : float
        Shape of the tail of the weights; above 0.7 the shift is only a direction.
    """

    row: str
    answer: str
    sds: float
    k_hat: float


def answers_of(model: str, stored: StoredDraws) -> dict[str, Estimand]:
    """Give the headline answers of stored draws."""
    labels = {name: np.array(values) for name, values in stored.labels.items()}
    return estimands(model, {**stored.arrays, **labels})


def shifts(model: str, path: Path, rows: Iterable[str]) -> list[Shift]:
    """Leave rows out one at a time.

    Parameters
    ----------
    model : str
        Name of the model.
    path : pathlib.Path
        Draws file of a record.
    rows : iterable of str
        Rows as ``table:row_id``; those that the record has no likelihood of are passed over.
    """
    if not holds(path, ROWS):
        return []
    likelihood = read_table(path, ROWS, "by_row")
    known = {row: i for i, row in enumerate(likelihood.columns)}
    wanted = [row for row in rows if row in known]
    if not wanted:
        return []
    answers = answers_of(model, read_draws(path, "posterior").at(likelihood.places))
    found = []
    for row in wanted:
        weights = smoothed(-likelihood.values[:, known[row]].astype(float))
        found += [Shift(row, name, shift, weights.k_hat) for name, shift in moved(answers, weights).items()]
    return found


def moved(answers: Mapping[str, Estimand], weights: Weights) -> dict[str, float]:
    """Give, for each answer, its mean less its mean under weights, in posterior standard deviations."""
    weight, found = np.exp(weights.log_weights), {}
    for name, answer in answers.items():
        values = answer.on_scale
        exists = np.isfinite(values)
        if exists.any() and (spread := values[exists].std()) > 0:
            under = weight[exists] @ values[exists] / weight[exists].sum()
            found[name] = float((values[exists].mean() - under) / spread)
    return found
