"""From draws of an estimand to the probability that a claim holds, and from that to a verdict.

The verdict of a claim that holds with posterior probability ``p``::

    p >= 0.95                 supported
    0.80 <= p < 0.95          leaning, for the claim
    0.20 < p < 0.80           undecided
    0.05 < p <= 0.20          leaning, against the claim
    p <= 0.05                 against

Where something is believed of the quantity without any evidence of its own, because others like it were seen, that
belief is no support. ``supported`` and ``against`` then also need the evidence of its own to raise the odds threefold,
from those that hold without it; else the verdict is ``leaning``.

What was not evaluated is ``not testable with this evidence`` and says why.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SUPPORTED, LEANING = 0.95, 0.80
"""Least probabilities of the two upper verdicts; those of the lower ones are 1 minus these."""
OWN_WEIGHT = 3.0
"""Factor by which evidence of its own has to raise the odds of a verdict that is more than leaning."""
VERDICTS = ("supported", "leaning", "undecided", "against", "not testable")
FACTOR = 1.25
"""Ratio within which two fold changes are approximately equal."""
TOLERANCES = {
    "proportion": 0.05,
    "years": 0.5,
    "per year": 0.002,
    "rank": 0.5,
    "fold": float(np.log(FACTOR)),
    "log hazard ratio": float(np.log(FACTOR)),
    "log odds ratio": float(np.log(FACTOR)),
    "oriented log effect": float(np.log(FACTOR)),
}
"""How far apart values that are approximately equal may lie, by unit; fold changes are compared by their logarithms."""
LEAST = {"proportion": 0.01, "per year": 0.001, "years": 0.1, "fold": 0.01}
"""What is more than nothing to speak of, by unit of quantities that cannot be below 0."""

Draws = NDArray[np.float64]


@dataclass(frozen=True)
class Proposition:
    """What a claim says of its estimand.

    Parameters
    ----------
    comparator : {">=", "<=", "between", "approximately"}
        How it compares.
    low, high : float
        Values of the claim, NaN for the one that the comparator does not take.
    unit : str
        Unit of the values; a key of `TOLERANCES`.

    Raises
    ------
    ValueError
        If the comparator or the unit is not known, or a value is missing.
    """

    comparator: str
    low: float
    high: float
    unit: str

    def __post_init__(self) -> None:
        """Refuse what cannot be judged."""
        needed = {">=": (self.low,), "<=": (self.high,)}.get(self.comparator, (self.low, self.high))
        if self.comparator not in (">=", "<=", "between", "approximately"):
            raise ValueError(f"comparator: {self.comparator!r} is not known")
        if self.unit not in TOLERANCES:
            raise ValueError(f"unit: {self.unit!r} is not one of {', '.join(TOLERANCES)}")
        if not np.isfinite(needed).all():
            raise ValueError(f"{self.comparator} needs its value")

    @property
    def least(self) -> float:
        """Least value with which a claim of ``>=`` holds: that of the claim, or more than nothing to speak of.

        A quantity that cannot be below 0 would meet ``>= 0`` whatever the evidence.
        """
        return LEAST.get(self.unit, 0.0) if self.low == 0 else self.low

    def holds(self, *ends: Draws) -> NDArray[np.bool_]:
        """Say in which draws the claim holds.

        Parameters
        ----------
        *ends : ndarray, shape (sample,)
            The estimand; or, of a range over groups, the estimand at its lower and at its upper end. A claim on a
            range is that it runs between two values: each end is compared with its own, approximately.

        Returns
        -------
        ndarray of bool, shape (sample,)
            A draw that is no number does not meet any claim.
        """
        if len(ends) == 2:
            return self._near(ends[0], self.low) & self._near(ends[1], self.high)
        (values,) = ends
        if self.comparator == ">=":
            return values >= self.least
        if self.comparator == "<=":
            return values <= self.high
        if self.comparator == "between":
            return (self.low <= values) & (values <= self.high)
        return self._near(values, self.low)

    def _near(self, values: Draws, stated: float) -> NDArray[np.bool_]:
        if self.unit == "fold":
            values, stated = np.log(values), float(np.log(stated))
        return np.abs(values - stated) <= TOLERANCES[self.unit]


def verdict(probability: float, without: float | None = None) -> tuple[str, str]:
    """Give the verdict at a probability, and ``for`` or ``against`` where it only leans.

    Parameters
    ----------
    probability : float
        That the claim holds.
    without : float, optional
        The same for something alike without any evidence of its own.

    Examples
    --------
    >>> verdict(0.97), verdict(0.85), verdict(0.5), verdict(0.1), verdict(0.01)
    (('supported', ''), ('leaning', 'for'), ('undecided', ''), ('leaning', 'against'), ('against', ''))
    >>> verdict(0.97, without=0.96)
    ('leaning', 'for')
    """
    if not 0 <= probability <= 1:
        raise ValueError(f"{probability!r} is not a probability")
    if max(probability, 1 - probability) < LEANING:
        return "undecided", ""
    if probability >= LEANING:
        sure = probability >= SUPPORTED and _weighs(probability, without)
        return ("supported", "") if sure else ("leaning", "for")
    sure = 1 - probability >= SUPPORTED and _weighs(1 - probability, None if without is None else 1 - without)
    return ("against", "") if sure else ("leaning", "against")


def _weighs(probability: float, without: float | None) -> bool:
    """Say whether evidence raised the odds far enough, from those without it."""
    if without is None:
        return True
    return without < 1 and probability * (1 - without) >= OWN_WEIGHT * without * (1 - probability)
