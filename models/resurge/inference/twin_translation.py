"""The translation model's likelihood in numpy: a unit is an experiment, all that its pairs share integrated out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from resurge.evidence.resistance_selection import is_modelled_pair
from resurge.evidence.tables import Evidence
from resurge.inference.labelled import Labelled
from resurge.inference.laid_out import laid_out
from resurge.inference.twins import CannotReweightError, Draws, Labels
from resurge.project import Project
from resurge.synthesis.translation_design import TranslationDesign, translation_design
from resurge.synthesis.translation_pointwise import (
    draw_true_effects,
    experiment_log_density,
    pairs_log_density,
    told_of,
)
from resurge.synthesis.translation_priors import KINDS, TranslationPriors

Array = NDArray[np.float64]
TABLE = "replication_pairs"
SHARED = ("centre", "between", "within", "slope", "sigma", "omega", "eta")


@dataclass(frozen=True)
class TranslationTwin:
    """The translation model for one body of evidence; see :class:`resurge.inference.twins.Twin`.

    Attributes
    ----------
    priors : TranslationPriors
        Priors of the model.
    design : TranslationDesign
        Layout of the evidence.
    """

    priors: TranslationPriors
    design: TranslationDesign

    @property
    def units(self) -> dict[str, tuple[str, ...]]:
        """Pairs of each experiment."""
        return {
            name: tuple(f"{TABLE}:{self.design.pairs[i]}" for i in self._places(name))
            for name in self.design.experiments
        }

    @property
    def rows(self) -> tuple[str, ...]:
        """Every pair, experiment by experiment."""
        return tuple(row for rows in self.units.values() for row in rows)

    def by_row(self, draws: Draws) -> Array:
        """Give the log density of each pair given its true effect and the other pairs, shape (sample, pair)."""
        found = [
            pairs_log_density(told_of(self.design, name, draws), draws["delta"][:, self._places(name)])
            for name in self.design.experiments
        ]
        return np.concatenate(found, axis=1)

    def by_unit(self, draws: Draws, units: Sequence[str]) -> Array:
        """Give the log density of the pairs of each experiment given its kind, shape (sample, unit)."""
        return np.stack([experiment_log_density(told_of(self.design, name, draws)) for name in units], axis=1)

    def widened(self, draws: Draws, labels: Labels, rng: np.random.Generator) -> dict[str, Array]:
        """Lay draws out by today's pairs; true effects of new ones are absent until they are completed.

        Raises
        ------
        CannotReweightError
            If the stored kinds of experiments are not those of the model.
        """
        if tuple(labels["kind"]) != KINDS:
            raise CannotReweightError("the stored draws are of other kinds of experiments than the model has")
        found = {name: draws[name] for name in SHARED}
        return found | {"delta": laid_out(draws["delta"], labels["pair"], self.design.pairs)}

    def completed(
        self, draws: Draws, changed: Sequence[str], shape: tuple[int, int], rng: np.random.Generator
    ) -> Labelled:
        """Give the posterior as a fit would store it; pairs of changed experiments get their true effects anew."""
        from resurge.inference.fit_translation import labelled

        delta = np.array(draws["delta"])
        for name in changed:
            delta[:, self._places(name)] = draw_true_effects(told_of(self.design, name, draws), rng)
        return labelled({**draws, "delta": delta}, self.design, shape)

    def prior(self, rng: np.random.Generator) -> Labelled:
        """Give draws of the prior as a fit would store them."""
        from resurge.inference.fit_translation import prior_of

        return prior_of(self.priors, self.design, rng)

    def _places(self, experiment: str) -> NDArray[np.intp]:
        return np.flatnonzero(self.design.pair_experiment[:, self.design.experiments.index(experiment)])


def twin_of(project: Project, evidence: Evidence, priors: TranslationPriors) -> TranslationTwin:
    """Give the twin of the translation model for the evidence of a project.

    Raises
    ------
    CannotReweightError
        If the model reads no pair of the evidence.
    """
    pairs = evidence.replication_pairs
    if pairs is None or not any(is_modelled_pair(row) for row in pairs.to_dict("records")):
        raise CannotReweightError(f"{TABLE} has no row that the translation model reads")
    return TranslationTwin(priors, translation_design(pairs))
