"""What the estimands of claims are made from: stored draws, rows of the evidence, and what they give back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from resurge.errors import UsageError
from resurge.evidence.csv_files import read_rows
from resurge.inference.records import RecordError, sound_draws
from resurge.project import Project
from resurge.synthesis.mixtures import Mixture

Draws = NDArray[np.float64]
Claim = Mapping[str, str]
"""A row of data/claims.csv."""
POINTS = (np.arange(4000) + 0.5) / 4000
"""Probabilities at which a distribution in closed form is read off, so that its values stand for draws."""
WIDTH, STEPS = 8, 801
"""Standard deviations to both sides, and points, over which a mixture is read."""
SHUFFLE_SEED = 8


class UnansweredError(UsageError):
    """What an estimand reads is not there; the message is the reason that stands beside the claim."""


@dataclass(frozen=True)
class Sources:
    """Where estimands find their numbers.

    Attributes
    ----------
    draws : callable
        Of the name of a model and of variables: arrays by name, the sample first, as
        :func:`resurge.inference.records.sound_draws` gives them.
    rows : callable
        Of the name of a table: its rows.

    Both raise `UnansweredError` if there is nothing to report from.
    """

    draws: Callable[[str, tuple[str, ...]], Mapping[str, Draws]]
    rows: Callable[[str], list[dict[str, str]]]

    @classmethod
    def of(cls, project: Project) -> Sources:
        """Read posteriors and evidence of a project, each when first asked for."""

        @cache
        def read(model: str, names: tuple[str, ...]) -> Mapping[str, Draws] | RecordError:
            try:
                return sound_draws(project, model, names)
            except RecordError as error:  # kept, so that a stale model is not looked into once a claim
                return error

        def draws(model: str, names: tuple[str, ...]) -> Mapping[str, Draws]:
            found = read(model, names)
            if isinstance(found, RecordError):
                raise UnansweredError(f"needs the {model} posterior: {found}") from found
            return found

        def rows(table: str) -> list[dict[str, str]]:
            path = project.data / f"{table}.csv"
            if not path.is_file():
                raise UnansweredError(f"needs data/{table}.csv, and the evidence has none")
            return read_rows(path)

        return cls(draws, cache(rows))


@dataclass(frozen=True)
class Beside:
    """A quantity that a reader of a verdict should see with it."""

    what: str
    draws: Draws
    unit: str


@dataclass(frozen=True)
class Found:
    """Draws of an estimand.

    Attributes
    ----------
    values : mapping of str to ndarray, shape (sample,)
        The estimand by what it is of: one value, or the lower and the upper end of a range over groups.
    beside : sequence of Beside
        What stands beside.
    notes : sequence of str
        What the draws rest on, in words.
    without_rows : ndarray, shape (sample,), optional
        The estimand of something alike on which there is no evidence: what is believed of it beforehand.
    from_rows : bool
        Whether it comes from rows of the evidence, and no model's posterior.
    """

    values: Mapping[str, Draws]
    beside: tuple[Beside, ...] = ()
    notes: tuple[str, ...] = ()
    without_rows: Draws | None = None
    from_rows: bool = False


def spread(values: Draws, n: int) -> Draws:
    """Take ``n`` values of a sample, independent of the order of any other: same sample, same values."""
    taken = np.sort(values)[(np.arange(n) * len(values)) // n]
    return np.random.default_rng(SHUFFLE_SEED).permutation(taken)


def read_off(mixture: Mixture) -> Draws:
    """Give values that stand for draws of a mixture of normals, shape (point,), rising."""
    values = mixture.mean + mixture.sd * np.linspace(-WIDTH, WIDTH, STEPS)
    return np.interp(POINTS, mixture.cdf(values), values)
