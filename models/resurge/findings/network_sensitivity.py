"""What the answers of a network rest on: the same rows fitted under other assumptions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from resurge.findings.network_rows import Row, fit_rows
from resurge.synthesis.heterogeneity import ScalePrior
from resurge.synthesis.network import Comparison, DisconnectedNetworkError, NetworkFit
from resurge.synthesis.network_priors import NETWORK
from resurge.synthesis.priors import HalfNormal

VARYING_NODES = {"physicians_choice": "The physician’s choice"}
"""Nodes whose treatment differs between the trials that share them, in words."""


@dataclass(frozen=True)
class Analysis:
    """One fit under another assumption.

    Attributes
    ----------
    kind
        ``effects``, ``wide_prior`` or ``node_apart``.
    what
        The assumption, in words.
    tau
        Posterior median of the heterogeneity; None where there is no fit.
    effects
        Comparisons with the reference of the main analysis.
    why
        Why there is no fit; blank where there is one.
    """

    kind: str
    what: str
    tau: float | None
    effects: list[Comparison]
    why: str = ""

    @property
    def told(self) -> dict[str, Any]:
        """All but the comparisons, as an answer tells it."""
        return {"kind": self.kind, "analysis": self.what, "tau": self.tau, "why": self.why}


def sensitivity(rows: Sequence[Row], fitted: NetworkFit, effects: str) -> list[Analysis]:
    """Fit a component under other assumptions.

    Parameters
    ----------
    rows
        Of the component.
    fitted
        The main analysis.
    effects
        Its kind of effects, ``random`` or ``fixed``.
    """
    other = "fixed" if effects == "random" else "random"
    found = [_analysis("effects", "a common effect" if other == "fixed" else "random effects", rows, fitted, other)]
    wider = NETWORK.wide_tau
    found.append(
        _analysis("wide_prior", f"random effects with a wider prior of tau, {wider}", rows, fitted, "random", wider)
    )
    for node, name in VARYING_NODES.items():
        apart = node_apart(rows, node)
        if apart != list(rows):
            what = f"{name[0].lower()}{name[1:]} as a treatment of its own in each trial"
            found.append(_analysis("node_apart", what, apart, fitted, effects))
    return found


def node_apart(rows: Sequence[Row], node: str) -> list[Row]:
    """Give a node a name of its own in each trial, if several share it."""
    if len(trials_with(rows, node)) < 2:
        return list(rows)
    return [
        row | {end: f"{node} ({row['trial']})" for end in ("treatment_node", "control_node") if row[end] == node}
        for row in rows
    ]


def trials_with(rows: Sequence[Row], node: str) -> list[str]:
    """Name the trials that have a node."""
    return sorted({row["trial"] for row in rows if node in (row["treatment_node"], row["control_node"])})


def _analysis(
    kind: str,
    what: str,
    rows: Sequence[Row],
    fitted: NetworkFit,
    effects: str,
    tau_prior: HalfNormal | ScalePrior = NETWORK.tau,
) -> Analysis:
    try:
        found = fit_rows(rows, effects, fitted.level, tau_prior, fitted.reference)
    except DisconnectedNetworkError as error:
        return Analysis(kind, what, None, [], str(error))
    return Analysis(kind, what, found.tau.median, found.effects)
