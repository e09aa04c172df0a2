"""What adding a class of drugs does in metastatic disease: random-effects pooling of data/therapy_effects.csv by class.

Trials count that compare a class with its absence: rows whose control has the class too (one inhibitor against another,
another partner) are left to the networks. Arms of one trial that share their control are averaged first, with a
correlation of one half between them; groups of patients that a trial reports apart stand as they are.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from resurge.errors import UsageError
from resurge.evidence.csv_files import read_rows
from resurge.project import Project
from resurge.synthesis import pooling
from resurge.synthesis.network_priors import NETWORK
from resurge.synthesis.pooling import PooledEffects

Row = dict[str, str]
TABLE = "therapy_effects.csv"
FEWEST = 2
"""Trials from which a class is pooled."""
CORRELATION = 0.5
"""Of arms of one trial that share their control."""


@dataclass(frozen=True)
class ClassEffect:
    """Pooled effect of a class on an endpoint, on the scale of log hazard ratios.

    Attributes
    ----------
    drug_class, endpoint
        Names in the table.
    trials
        What was pooled, in the order of the studies of ``pooled``.
    pooled
        Posterior.
    """

    drug_class: str
    endpoint: str
    trials: tuple[str, ...]
    pooled: PooledEffects


def class_effects(project: Project, endpoint: str) -> list[ClassEffect]:
    """Pool every class with trials enough, in the order of the alphabet.

    Parameters
    ----------
    project : Project
        Where the evidence is.
    endpoint : str
        ``pfs`` or ``os``.

    Raises
    ------
    UsageError
        If the evidence has no table of effects.
    """
    path = project.data / TABLE
    if not path.is_file():
        raise UsageError(f"effects by class need the table data/{TABLE}, and the evidence has none")
    rows = [row for row in read_rows(path) if _counts(row, endpoint)]
    found = []
    for drug_class in sorted({row["effect_class"] for row in rows}):
        own = [row for row in rows if row["effect_class"] == drug_class]
        studies = [study for trial in dict.fromkeys(row["trial"] for row in own) for study in _studies(own, trial)]
        if len(studies) < FEWEST:
            continue
        names, estimate, se = zip(*studies, strict=True)
        pooled = pooling.random_effects(estimate, se, mu_prior=NETWORK.effect, tau_prior=NETWORK.tau)
        found.append(ClassEffect(drug_class, endpoint, names, pooled))
    return found


def _counts(row: Row, endpoint: str) -> bool:
    return (
        row["setting"] == "metastatic"
        and row["use"] == "yes"
        and row["endpoint"] == endpoint
        and row["control_class"] != row["treatment_class"]
        and bool(row["log_estimate"])
        and bool(row["se_log"])
    )


def _studies(rows: Sequence[Row], trial: str) -> list[tuple[str, float, float]]:
    """Name, log ratio and standard error of the studies of a trial."""
    own = [row for row in rows if row["trial"] == trial]
    same = len({(row["treatment"], row["control"]) for row in own}) == 1
    if same:
        several = len(own) > 1
        return [
            (
                f"{trial} ({row['population_notes']})" if several else trial,
                float(row["log_estimate"]),
                float(row["se_log"]),
            )
            for row in own
        ]
    se = np.array([float(row["se_log"]) for row in own])
    covariance = np.outer(se, se) * np.where(np.eye(len(se)) > 0, 1.0, CORRELATION)
    weights = np.linalg.solve(covariance, np.ones(len(se)))
    mean = float(weights @ [float(row["log_estimate"]) for row in own] / weights.sum())
    return [(trial, mean, math.sqrt(1 / weights.sum()))]
