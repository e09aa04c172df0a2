"""What the answers of a network rest on: the same rows fitted under other assumptions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from resurge.findings.network_rows import Row, fit_rows
from resurge.synthesis.contrasts import joined_parts
from resurge.synthesis.heterogeneity import ScalePrior
from resurge.synthesis.inconsistency import NodeSplit
from resurge.synthesis.network import Comparison, DisconnectedNetworkError, NetworkFit
from resurge.synthesis.network_priors import NETWORK
from resurge.synthesis.priors import HalfNormal

VARYING_NODES = {"physicians_choice": "The physician’s choice"}
"""Nodes whose treatment differs between the trials that name them, in words: one node a trial in the main analysis."""


@dataclass(frozen=True)
class Analysis:
    """One fit under another assumption.

    Attributes
    ----------
    kind
        ``effects``, ``wide_prior`` or ``node_joined``.
    what
        The assumption, in words.
    tau
        Posterior median of the heterogeneity; None where there is no fit.
    effects
        Comparisons with the reference of the main analysis.
    why
        Why there is no fit; blank where there is one.
    contradiction
        Probability of designs disagreeing this much by chance, where joining a node closes a loop; else None.
    splits
        Direct against indirect evidence of comparisons on the loop that joining a node closes.
    """

    kind: str
    what: str
    tau: float | None
    effects: list[Comparison]
    why: str = ""
    contradiction: float | None = None
    splits: tuple[NodeSplit, ...] = ()

    @property
    def told(self) -> dict[str, Any]:
        """All but comparisons and splits, as an answer tells it."""
        return {
            "kind": self.kind,
            "analysis": self.what,
            "tau": self.tau,
            "why": self.why,
            "p_contradiction": self.contradiction,
        }


def sensitivity(rows: Sequence[Row], fitted: NetworkFit, effects: str) -> list[Analysis]:
    """Fit a component under other assumptions.

    Parameters
    ----------
    rows
        Of the component, as the table has them.
    fitted
        The main analysis, with nodes of many treatments taken apart.
    effects
        Its kind of effects, ``random`` or ``fixed``.
    """
    other, main = "fixed" if effects == "random" else "random", taken_apart(rows)
    found = [_analysis("effects", "a common effect" if other == "fixed" else "random effects", main, fitted, other)]
    wider = NETWORK.wide_tau
    found.append(
        _analysis("wide_prior", f"random effects with a wider prior of tau, {wider}", main, fitted, "random", wider)
    )
    found += [joined(rows, node, fitted, effects) for node in VARYING_NODES if len(trials_with(rows, node)) > 1]
    return found


def joined(rows: Sequence[Row], node: str, fitted: NetworkFit, effects: str) -> Analysis:
    """Take a node of many treatments for one, and say whether the trials then contradict each other."""
    name = VARYING_NODES[node]
    what = f"{name[0].lower()}{name[1:]} of {' and of '.join(trials_with(rows, node))} as one treatment"
    found = fit_rows(rows, effects, fitted.level, NETWORK.tau, fitted.reference)
    test = found.design_by_treatment()
    p = test.p_between if test.df_between else None
    return Analysis("node_joined", what, found.tau.median, found.effects, "", p, tuple(found.node_split()))


def taken_apart(rows: Sequence[Row]) -> list[Row]:
    """Give a node of many treatments a name of its own in each trial, where that leaves the network in one piece."""
    for node in VARYING_NODES:
        apart = node_apart(rows, node)
        if len(joined_parts([(row["treatment_node"], row["control_node"]) for row in apart])) == 1:
            rows = apart
    return list(rows)


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
