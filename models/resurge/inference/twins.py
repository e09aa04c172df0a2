"""What reweighting asks of a model: its likelihood in numpy, by row and by unit.

A unit is a body of rows that share effects of their own (a population, a class of therapies, a mechanism). Given the
parameters that all units share, units are independent::

    p(y | shared) = product over units of p(y_unit | shared),
    p(y_unit | shared) = integral of p(y_unit | shared, own) p(own | shared) d own

Draws of the shared parameters are weighted by the ratio of two such products, and only units that differ count in it.
Own effects integrated out, a unit may come, go or change without weights that run wild.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from resurge.errors import ResurgeError

if TYPE_CHECKING:
    from resurge.evidence.tables import Evidence
    from resurge.inference.freshness import Priors
    from resurge.inference.labelled import Labelled
    from resurge.project import Project

Array = NDArray[np.float64]
Draws = Mapping[str, NDArray]
"""Arrays of a stored posterior by name: parameters with the sample first, constants without one."""
Labels = Mapping[str, Sequence[str]]
"""Labels of a stored posterior by dimension."""


class CannotReweightError(ResurgeError):
    """Stored draws cannot stand for today's evidence; the message says why, and a fit can."""


class Twin(Protocol):
    """A model's likelihood for the evidence of a project, at draws of any fit of the model.

    Attributes
    ----------
    units : mapping of str to tuple of str
        Rows of each unit, as ``table:row_id``.
    rows : tuple of str
        Every row, in the order of :meth:`by_row`.
    """

    units: Mapping[str, tuple[str, ...]]
    rows: tuple[str, ...]

    def by_row(self, draws: Draws) -> Array:
        """Give log p(row | other rows of its unit, parameters as sampled), shape (sample, row)."""

    def by_unit(self, draws: Draws, units: Sequence[str]) -> Array:
        """Give log p(rows of the unit | shared parameters), own effects integrated out, shape (sample, unit)."""

    def widened(self, draws: Draws, labels: Labels, rng: np.random.Generator) -> dict[str, Array]:
        """Lay draws out by today's labels; shared parameters of new labels come from their prior given the rest.

        Raises
        ------
        CannotReweightError
            If what is stored cannot be laid out so.
        """

    def completed(
        self, draws: Draws, changed: Sequence[str], shape: tuple[int, int], rng: np.random.Generator
    ) -> Labelled:
        """Give the posterior as a fit would store it; changed units get their own effects anew."""

    def prior(self, rng: np.random.Generator) -> Labelled:
        """Give draws of the prior as a fit would store them, with one chain."""


def twin_of(project: Project, evidence: Evidence, model: str, priors: Priors) -> Twin:
    """Give the twin of a model for the evidence of a project.

    Raises
    ------
    RecordError
        If the model needs the posterior of another one, and there is none.
    """
    return import_module(f"resurge.inference.twin_{model}").twin_of(project, evidence, priors)
