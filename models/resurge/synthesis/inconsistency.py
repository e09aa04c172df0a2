"""Inconsistency: whether trials of a comparison agree with what the rest of the network says of it.

Node splitting (Dias et al. 2010, Stat Med 29:932) gives the trials of one comparison an effect of their own, apart from
the one that the rest of the network implies; in a trial of more arms the departure is put on the treatment's arm, so
that its other contrasts keep to the network (van Valkenhoef et al. 2016, Res Synth Methods 7:80). A comparison is split
only where its treatments are still joined without the trials that have both.

The design-by-treatment model (Higgins et al. 2012, Res Synth Methods 3:98) gives every design, which is a set of arms,
effects of its own. Cochran's Q of the network splits into what trials of one design differ by and what designs differ
by (Krahn et al. 2013, BMC Med Res Methodol 13:35); the latter is also taken at the heterogeneity within designs.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc

from resurge.synthesis.contrasts import Trial, joined_parts
from resurge.synthesis.heterogeneity import Flat, Normal, ScalePrior
from resurge.synthesis.linear_effects import Rows, infer
from resurge.synthesis.mixtures import Mixture
from resurge.synthesis.network_design import against, network_rows, trial_design

Array = NDArray[np.float64]


@dataclass(frozen=True)
class NodeSplit:
    """Direct and indirect evidence of one comparison.

    Attributes
    ----------
    treatment, control
        The comparison; the control is the earlier one in the alphabet.
    direct, indirect, difference
        Posteriors: of the trials that have both, of the others, and direct minus indirect.
    tau_median
        Heterogeneity with the comparison split.
    trials
        Names of the trials that have both.
    level
        Probability of the intervals.
    """

    treatment: str
    control: str
    direct: Mixture
    indirect: Mixture
    difference: Mixture
    tau_median: float
    trials: tuple[str, ...]
    level: float

    @property
    def p_value(self) -> float:
        """Twice the smaller posterior probability of the two signs of the difference."""
        below = float(self.difference.cdf(0.0))
        return 2 * min(below, 1 - below)


@dataclass(frozen=True)
class DesignTest:
    """Inconsistency between designs.

    Attributes
    ----------
    q_total, q_within, q_between
        Cochran's Q under a common effect: of the network, within designs, and between them.
    df_total, df_within, df_between
        Their degrees of freedom; nothing can be tested without any between designs.
    q_between_random
        Q between designs at the heterogeneity within designs.
    tau_consistent, tau_within
        Posterior median of the heterogeneity in the consistent network and within designs.
    by_design
        Q and degrees of freedom within each design that has any.
    """

    q_total: float
    q_within: float
    q_between: float
    df_total: int
    df_within: int
    df_between: int
    q_between_random: float
    tau_consistent: float
    tau_within: float
    by_design: dict[tuple[str, ...], tuple[float, int]]

    @property
    def p_between(self) -> float:
        """Probability of a larger Q between designs under consistency and a common effect."""
        return _tail(self.df_between, self.q_between)

    @property
    def p_between_random(self) -> float:
        """Probability of a larger Q between designs under consistency and the heterogeneity within designs."""
        return _tail(self.df_between, self.q_between_random)

    @property
    def p_within(self) -> float:
        """Probability of a larger Q within designs under a common effect."""
        return _tail(self.df_within, self.q_within)


def node_split(
    trials: Sequence[Trial],
    treatments: Sequence[str],
    reference: str,
    d_prior: Normal | Flat,
    tau_prior: ScalePrior,
    level: float,
) -> list[NodeSplit]:
    """Split every comparison that has direct and indirect evidence, in the order of the alphabet."""
    found = []
    for control, treatment in sorted({pair for trial in trials for pair in trial.pairs()}):
        own = [trial for trial in trials if (control, treatment) in trial.pairs()]
        others = [pair for trial in trials if trial not in own for pair in trial.pairs()]
        if not any({control, treatment} <= set(part) for part in joined_parts(others)):
            continue
        designs = []
        for trial in trials:
            full = trial_design(trial, treatments)
            apart = full[:, treatments.index(treatment)] * (trial in own)
            designs.append(np.column_stack([against(full, treatments, reference), apart]))
        joint = infer(network_rows(trials, designs), [d_prior] * len(treatments), tau_prior)
        unit = np.eye(len(treatments))
        vector = unit[treatments.index(treatment)] - unit[treatments.index(control)]
        indirect, departure = np.append(against(vector, treatments, reference), 0.0), unit[-1]  # the last coefficient
        split = joint.combination(np.stack([indirect + departure, indirect, departure]))
        names = tuple(trial.name for trial in own)
        found.append(NodeSplit(treatment, control, split[0], split[1], split[2], joint.tau.median, names, level))
    return found


def design_by_treatment(
    trials: Sequence[Trial],
    treatments: Sequence[str],
    reference: str,
    d_prior: Normal | Flat,
    tau_prior: ScalePrior,
) -> DesignTest:
    """Compare the consistent network with one in which every design has effects of its own."""
    consistent = network_rows(trials, [against(trial_design(t, treatments), treatments, reference) for t in trials])
    designs = sorted({trial.arms for trial in trials})
    apart = network_rows(trials, _apart(trials, designs))
    q_total, df_total = residual_sum(consistent, 0.0)
    q_within, df_within = residual_sum(apart, 0.0)
    tau_consistent = infer(consistent, [d_prior] * consistent.design.shape[1], tau_prior).tau.median
    tau_within = infer(apart, [d_prior] * apart.design.shape[1], tau_prior).tau.median
    at_random = residual_sum(consistent, tau_within)[0] - residual_sum(apart, tau_within)[0]
    by_design = {}
    for design in designs:
        own = [trial for trial in trials if trial.arms == design]
        q, df = residual_sum(network_rows(own, _apart(own, [design])), 0.0)
        if df:
            by_design[design] = (q, df)
    between = max(q_total - q_within, 0.0)
    return DesignTest(
        q_total, q_within, between, df_total, df_within, df_total - df_within, max(at_random, 0.0),
        tau_consistent, tau_within, by_design,
    )  # fmt: skip


def residual_sum(rows: Rows, tau: float) -> tuple[float, int]:
    """Weighted sum of squared residuals of the best fit at a heterogeneity, and its degrees of freedom."""
    scale = (1 + tau**2 * rows.load) ** -0.5
    z, design = scale * rows.z, scale[:, None] * rows.design
    best, _, rank, _ = np.linalg.lstsq(design, z, rcond=None)
    return float(((z - design @ best) ** 2).sum()), len(z) - int(rank)


def _apart(trials: Sequence[Trial], designs: Sequence[tuple[str, ...]]) -> list[Array]:
    """Design of each trial where every set of arms has effects of its own, against its first arm."""
    starts = np.cumsum([0, *(len(design) - 1 for design in designs)])
    found = []
    for trial in trials:
        at = starts[designs.index(trial.arms)]
        own = np.zeros((len(trial.signs), starts[-1]))
        own[:, at : at + len(trial.arms) - 1] = trial.signs[:, 1:]
        found.append(own)
    return found


def _tail(df: int, q: float) -> float:
    return float(chdtrc(df, q)) if df else math.nan
