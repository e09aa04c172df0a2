"""The rows of data/therapy_networks.csv that a question is about, and their fit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from resurge.errors import UsageError
from resurge.evidence.csv_files import read_rows
from resurge.project import Project
from resurge.synthesis import network
from resurge.synthesis.network import NetworkFit
from resurge.synthesis.network_priors import NETWORK

Row = dict[str, str]
TABLE = "therapy_networks.csv"
SHORT = {
    "her2_resistant": "her2_positive_after_trastuzumab",
    "hr_resistant": "hr_positive_after_endocrine",
    "cdk46_resistant": "hr_positive_after_cdk46",
    "first_line": "hr_positive_first_line",
    "brca": "brca_mutated_metastatic",
}
"""Short names of networks."""
TITLES = {
    "her2_positive_after_trastuzumab": "HER2-positive disease after trastuzumab",
    "hr_positive_after_endocrine": "Hormone-receptor-positive disease after endocrine therapy",
    "hr_positive_after_cdk46": "Hormone-receptor-positive disease after a CDK4/6 inhibitor",
    "hr_positive_first_line": "Hormone-receptor-positive disease, first line",
    "brca_mutated_metastatic": "Metastatic disease with a BRCA mutation",
}
"""Names of networks in words."""


@dataclass(frozen=True)
class Question:
    """What is asked.

    Attributes
    ----------
    network
        Name in the table.
    endpoint
        ``pfs`` or ``os``.
    effects
        ``random`` or ``fixed``.
    component
        Number of the connected part; 1 is the largest.
    """

    network: str
    endpoint: str = "pfs"
    effects: Literal["random", "fixed"] = "random"
    component: int = 1


def network_rows(project: Project) -> list[Row]:
    """Read the contrasts of all networks.

    Raises
    ------
    UsageError
        If the evidence has no networks.
    """
    path = project.data / TABLE
    if not path.is_file():
        raise UsageError(f"the networks need the table data/{TABLE}, and the evidence has none")
    return read_rows(path)


def full_name(name: str, rows: Sequence[Row]) -> str:
    """Find a network by its name or its short name.

    Raises
    ------
    UsageError
        If there is none; it lists those that there are.
    """
    known = sorted({row["network"] for row in rows})
    found = SHORT.get(name, name)
    if found not in known:
        short = {long: brief for brief, long in SHORT.items()}
        listed = ", ".join(f"{short[long]} ({long})" if long in short else long for long in known)
        raise UsageError(f"there is no network {name!r}; there is {listed}")
    return found


def chosen_rows(rows: Sequence[Row], question: Question) -> tuple[list[Row], list[Row]]:
    """Split the rows of a network and endpoint into those of the component asked for and those apart from it.

    Raises
    ------
    UsageError
        If the network has no such endpoint or component.
    """
    own = [row for row in rows if row["network"] == question.network]
    with_endpoint = [row for row in own if row["endpoint"] == question.endpoint]
    if not with_endpoint:
        known = ", ".join(sorted({row["endpoint"] for row in own}))
        raise UsageError(f"the network {question.network} has no endpoint {question.endpoint!r}; it has {known}")
    inside = [row for row in with_endpoint if int(row["component"]) == question.component]
    if not inside:
        count = max(int(row["component"]) for row in with_endpoint)
        raise UsageError(
            f"there is no component {question.component} of the network {question.network} for {question.endpoint}; "
            f"they are numbered from 1 to {count}"
        )
    return inside, [row for row in with_endpoint if row not in inside]


def contrasts_of(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Turn rows of the table into contrasts; groups of patients that a trial reports apart become trials."""
    count = Counter(_pair(row) for row in rows)
    return [
        {
            "trial": f"{row['trial']} ({group_of(row)})" if count[_pair(row)] > 1 else row["trial"],
            "treatment": row["treatment_node"],
            "control": row["control_node"],
            "log_ratio": float(row["log_hr"]),
            "se": float(row["se"]),
        }
        for row in rows
    ]


def _pair(row: Row) -> tuple[str, frozenset[str]]:
    return row["trial"], frozenset((row["treatment_node"], row["control_node"]))


def group_of(row: Row) -> str:
    """Name of the group of patients that a row is about: the end of the first clause of its note, or its row."""
    return row["note"].split(";")[0].split(",")[-1].strip() or row["row_id"]


def fit_rows(
    rows: Sequence[Row], effects: str, level: float, tau_prior: object = NETWORK.tau, reference: str | None = None
) -> NetworkFit:
    """Fit the contrasts of a component."""
    return network.fit(
        contrasts_of(rows),
        effects=effects,  # type: ignore[arg-type]
        d_prior_sd=float(NETWORK.effect.sd),  # type: ignore[arg-type]
        tau_prior=tau_prior,
        level=level,
        reference=reference,
    )
