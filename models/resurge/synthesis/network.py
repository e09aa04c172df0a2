"""Contrast-based network meta-analysis: treatments that trials join, compared with each other, direct or not.

    y_trial ~ MVN(d[treatment] - d[control], V_trial + tau² R_trial)      d[reference] = 0, d ~ N(0, d_prior_sd²)

Given tau everything is normal, so that tau is integrated by quadrature and every posterior is a mixture of normals:
nothing is sampled but the ranks. A network of two treatments is :func:`resurge.synthesis.pooling.random_effects`.
Sources: Lu and Ades 2006 (J Am Stat Assoc 101:447), Dias et al. 2013 (Med Decis Making 33:607), and for V and R
:mod:`resurge.synthesis.contrasts`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from resurge.errors import UsageError
from resurge.synthesis.contrasts import ContrastError, Trial, joined_parts, read_trials
from resurge.synthesis.contributions import Contributions, contributions
from resurge.synthesis.heterogeneity import Fixed, Flat, Normal, ScalePrior
from resurge.synthesis.inconsistency import DesignTest, NodeSplit, design_by_treatment, node_split
from resurge.synthesis.linear_effects import Effects, infer
from resurge.synthesis.mixtures import Mixture
from resurge.synthesis.network_design import against, network_rows, trial_design
from resurge.synthesis.prior_forms import read_tau_prior
from resurge.synthesis.quadrature import Quadrature
from resurge.synthesis.ranking import Ranking, rank

Array = NDArray[np.float64]
__all__ = [
    "Comparison", "ContrastError", "DisconnectedNetworkError", "NetworkFit", "UnknownTreatmentError", "fit",
]  # fmt: skip


class DisconnectedNetworkError(UsageError):
    """Treatments that no trials join.

    Attributes
    ----------
    components : list of tuple of str
        The treatments of each part, the largest part first.
    """

    def __init__(self, components: Sequence[tuple[str, ...]]) -> None:
        parts = "; ".join(f"part {i}: {', '.join(part)}" for i, part in enumerate(components, start=1))
        super().__init__(f"no trial joins the {len(components)} parts of this network ({parts}); fit each on its own")
        self.components = list(components)


class UnknownTreatmentError(UsageError):
    """A treatment that is not in the network."""


@dataclass(frozen=True)
class Comparison:
    """Treatment against control: posterior of the relative effect and the interval of a new trial's effect."""

    treatment: str
    control: str
    mean: float
    sd: float
    median: float
    lower: float
    upper: float
    predictive_lower: float
    predictive_upper: float
    probability_below: float

    def ratio(self) -> dict[str, float]:
        """Median, interval and predictive interval as ratios."""
        names = ("median", "lower", "upper", "predictive_lower", "predictive_upper")
        return {name: math.exp(getattr(self, name)) for name in names}


@dataclass(frozen=True)
class NetworkFit:
    """Posterior of a network.

    Attributes
    ----------
    trials, treatments, reference
        Trials, sorted treatments, and the treatment that the coefficients are against.
    joint
        Joint posterior of d (of the treatments but the reference, in order) and tau.
    priors
        Prior of d, and of tau.
    level
        Probability of the intervals.
    lower_is_better
        Whether a smaller effect is the better one, as for hazard ratios of progression.
    seed
        Of the draws that ranks are counted in.
    """

    trials: tuple[Trial, ...]
    treatments: tuple[str, ...]
    reference: str
    joint: Effects
    priors: tuple[Normal | Flat, ScalePrior]
    level: float
    lower_is_better: bool
    seed: int

    def __repr__(self) -> str:
        """Print the effects against the reference, a line each."""
        head = f"network of {len(self.treatments)} treatments in {len(self.trials)} trials, against {self.reference}"
        lines = [f"  {name}  {effect!r}" for name, effect in self.d.items()]
        return "\n".join([head, *lines, f"  tau  {self.tau!r}"])

    @property
    def tau(self) -> Quadrature:
        """Heterogeneity: standard deviation of a contrast between trials."""
        return self.joint.tau

    @property
    def notes(self) -> list[str]:
        """What had to be assumed of trials, a sentence each."""
        return [trial.note for trial in self.trials if trial.note]

    @property
    def d(self) -> dict[str, Mixture]:
        """Effect of each other treatment against the reference."""
        return {name: self.relative(name, self.reference) for name in self.treatments if name != self.reference}

    def relative(self, treatment: str, control: str) -> Mixture:
        """Mean effect of a treatment against another."""
        return self.joint.combination(self._vectors([(treatment, control)]))[0]

    def prediction(self, treatment: str, control: str) -> Mixture:
        """Effect of a treatment against another in a new trial."""
        return self.joint.combination(self._vectors([(treatment, control)]), heterogeneity=1.0)[0]

    def comparisons(self, pairs: Sequence[tuple[str, str]]) -> list[Comparison]:
        """Compare pairs of treatments (treatment, control)."""
        vectors = self._vectors(pairs)
        mean, new = self.joint.combination(vectors), self.joint.combination(vectors, heterogeneity=1.0)
        tails = (1 - self.level) / 2, (1 + self.level) / 2
        lower, median, upper = mean.quantile([tails[0], 0.5, tails[1]])
        ends = new.quantile(tails) if self.tau.step or self.tau.tau[0] else (lower, upper)
        columns = (mean.mean, mean.sd, median, lower, upper, *ends, mean.cdf(0.0))
        return [
            Comparison(*pair, *map(float, values)) for pair, values in zip(pairs, np.transpose(columns), strict=True)
        ]

    @cached_property
    def effects(self) -> list[Comparison]:
        """Every other treatment against the reference."""
        return self.comparisons([(name, self.reference) for name in self.treatments if name != self.reference])

    @cached_property
    def league(self) -> list[Comparison]:
        """Every pair of treatments once, the later one in the alphabet against the earlier one."""
        names = self.treatments
        return self.comparisons([(b, a) for i, a in enumerate(names) for b in names[i + 1 :]])

    @cached_property
    def ranking(self) -> Ranking:
        """Ranks of the treatments, counted in draws."""
        return rank(self.joint, self.treatments, self.reference, self.level, self.lower_is_better, self.seed)

    @cached_property
    def contributions(self) -> Contributions:
        """Share of each trial in each comparison with the reference, at the median heterogeneity."""
        pairs = [(name, self.reference) for name in self.treatments if name != self.reference]
        return contributions(self.trials, self.treatments, pairs, self.tau.median)

    def node_split(self) -> list[NodeSplit]:
        """Direct against indirect evidence of every comparison that has both."""
        return node_split(self.trials, self.treatments, self.reference, *self.priors, self.level)

    def design_by_treatment(self) -> DesignTest:
        """Inconsistency of the network as a whole."""
        return design_by_treatment(self.trials, self.treatments, self.reference, *self.priors)

    @cached_property
    def deviance(self) -> dict[str, float]:
        """Posterior mean residual deviance, effective number of parameters, and DIC.

        Of the trials' own effects, shrunken towards the network's (Spiegelhalter et al. 2002, J R Stat Soc B 64:583);
        in closed form given tau.
        """
        rows, conditional, tau = self.joint.rows, self.joint.conditional, self.tau
        kept = 1 / (1 + np.outer(tau.tau**2, rows.load))
        residual = kept * (rows.z - conditional.mean @ rows.design.T)
        leverage = np.einsum("np,jpq,nq->jn", rows.design, conditional.covariance, rows.design)
        mean = float(tau.weights @ (residual**2 + (1 - kept) + kept**2 * leverage).sum(axis=1))
        at_mean = float(((tau.weights @ residual) ** 2).sum())
        return {"residual_deviance": mean, "p_d": mean - at_mean, "dic": 2 * mean - at_mean}

    @property
    def edges(self) -> dict[tuple[str, str], list[str]]:
        """Pairs of treatments that trials compare, with the names of those trials."""
        found: dict[tuple[str, str], list[str]] = {}
        for trial in self.trials:
            for pair in trial.pairs():
                found.setdefault(pair, []).append(trial.name)
        return dict(sorted(found.items()))

    def _vectors(self, pairs: Sequence[tuple[str, str]]) -> Array:
        for name in (name for pair in pairs for name in pair):
            known_treatment(name, self.treatments)
        own = np.eye(len(self.treatments))
        rows = [own[self.treatments.index(t)] - own[self.treatments.index(c)] for t, c in pairs]
        return against(np.array(rows), self.treatments, self.reference)


def known_treatment(name: str, treatments: Sequence[str]) -> None:
    """Raise if a treatment is not one of those in the network."""
    if name not in treatments:
        raise UnknownTreatmentError(f"{name!r} is not in this network; there is {', '.join(treatments)}")


def fit(
    contrasts: Any,  # noqa: ANN401 - a data frame, without importing pandas
    *,
    effects: Literal["random", "common", "fixed"] = "random",
    reference: str | None = None,
    d_prior_sd: float = 100.0,
    tau_prior: object = ("half-normal", 0.5),
    covariance: Mapping[str, ArrayLike] | None = None,
    lower_is_better: bool = True,
    level: float = 0.95,
    seed: int = 1,
) -> NetworkFit:
    """Compare the treatments of a network of trials.

    Parameters
    ----------
    contrasts
        Data frame, or sequence of dictionaries, with columns ``trial``, ``treatment``, ``control``, ``log_ratio``,
        ``se`` and optionally ``se_control`` (standard error of the control arm, for trials of more than two arms).
    effects
        ``random`` lets trials differ, with heterogeneity tau; ``common`` (or ``fixed``) does not.
    reference
        Treatment to compare with; by default the one that most trials have, the first in the alphabet of these.
    d_prior_sd
        Standard deviation of the normal prior of each effect against the reference; infinite for flat priors.
    tau_prior
        As for :func:`resurge.synthesis.pooling.random_effects`. The default suits logarithms of ratios.
    covariance
        For trials of more than two arms, the sampling covariance of their rows, in order.
    lower_is_better
        Direction of the ranks.
    level
        Probability of the intervals.
    seed
        Of the draws that ranks are counted in.

    Returns
    -------
    NetworkFit
        Whatever the order of rows, arms and trials.

    Raises
    ------
    ContrastError
        If a row or a trial makes no sense.
    DisconnectedNetworkError
        If the trials do not join all treatments; it names the parts.
    UnknownTreatmentError
        If the reference is not in the network.
    PriorError, ImproperPosteriorError
        If a prior is none, or an improper one meets too few trials.
    """
    if effects not in ("random", "common", "fixed"):
        raise UsageError(f"effects are 'random' or 'common' (also 'fixed'), not {effects!r}")
    if not 0 < level < 1:
        raise UsageError(f"level is a probability between 0 and 1, not {level}")
    trials = tuple(read_trials(contrasts, covariance))
    parts = joined_parts(pair for trial in trials for pair in trial.pairs())
    if len(parts) > 1:
        raise DisconnectedNetworkError(parts)
    treatments = parts[0]
    if reference is None:
        reference = min(treatments, key=lambda name: (-sum(name in trial.arms for trial in trials), name))
    known_treatment(reference, treatments)
    prior = Flat() if math.isinf(d_prior_sd) else Normal(0.0, d_prior_sd)
    tau = read_tau_prior(tau_prior) if effects == "random" else Fixed(0.0)
    designs = [against(trial_design(trial, treatments), treatments, reference) for trial in trials]
    rows = network_rows(trials, designs)
    joint = infer(rows, [prior] * (len(treatments) - 1), tau)
    return NetworkFit(trials, treatments, reference, joint, (prior, tau), level, lower_is_better, seed)
