"""Ranks of treatments and what they are worth.

SUCRA = (T - mean rank) / (T - 1): one for a treatment that is surely the best, zero for one that is surely the worst
(Salanti et al. 2011, J Clin Epidemiol 64:163). It is the mean over the posterior of (T - rank) / (T - 1), whose
interval says how sure the place is: with few trials most treatments could stand almost anywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from resurge.synthesis.linear_effects import Effects

Array = NDArray[np.float64]
DRAWS = 20_000


@dataclass(frozen=True)
class Ranking:
    """Ranks, 1 for the best.

    Attributes
    ----------
    treatments
        The order of the rows below.
    probabilities
        Of each rank, shape (treatment, rank).
    mean, lower, upper
        Mean rank and the interval of the rank, shape (treatment,).
    sucra, sucra_lower, sucra_upper
        SUCRA and the interval of (T - rank) / (T - 1), shape (treatment,).
    """

    treatments: tuple[str, ...]
    probabilities: Array
    mean: Array
    lower: Array
    upper: Array

    @property
    def sucra(self) -> Array:
        """Surface under the cumulative ranking curve."""
        return self._share(self.mean)

    @property
    def sucra_lower(self) -> Array:
        """Lower limit of its interval."""
        return self._share(self.upper)

    @property
    def sucra_upper(self) -> Array:
        """Upper limit of its interval."""
        return self._share(self.lower)

    @property
    def best(self) -> Array:
        """Probability of being the best."""
        return self.probabilities[:, 0]

    def order(self) -> list[int]:
        """Positions of the treatments from the best mean rank to the worst."""
        return sorted(range(len(self.treatments)), key=lambda i: (self.mean[i], self.treatments[i]))

    def _share(self, ranks: Array) -> Array:
        last = len(self.treatments)
        return (last - ranks) / (last - 1)


def rank(
    joint: Effects, treatments: Sequence[str], reference: str, level: float, lower_is_better: bool, seed: int
) -> Ranking:
    """Count ranks in draws of the joint posterior.

    Parameters
    ----------
    joint
        Posterior of the effects of the treatments but the reference, in their order.
    treatments, reference
        All treatments.
    level
        Probability of the intervals.
    lower_is_better
        Whether the smallest effect has rank 1.
    seed
        Of the draws.
    """
    effects = joint.draw(DRAWS, np.random.default_rng(seed))[1]
    effects = np.insert(effects, list(treatments).index(reference), 0.0, axis=1)
    ranks = np.argsort(np.argsort(effects if lower_is_better else -effects, axis=1), axis=1) + 1
    count = len(treatments)
    probabilities = np.stack([(ranks == place).mean(axis=0) for place in range(1, count + 1)], axis=1)
    tails = (1 - level) / 2, (1 + level) / 2
    lower, upper = np.quantile(ranks, tails, axis=0, method="inverted_cdf").astype(float)
    return Ranking(tuple(treatments), probabilities, ranks.mean(axis=0), lower, upper)
