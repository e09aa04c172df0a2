"""The resistance model's likelihood in numpy: a unit is a mechanism, its effects in all facets integrated out.

A mechanism without rows is a unit too, whose density is 1: its entry in the catalogue says which class it is drawn
from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from resurge.evidence.resistance_selection import is_modelled_resistance
from resurge.evidence.tables import Evidence
from resurge.inference.labelled import Labelled
from resurge.inference.laid_out import laid_out
from resurge.inference.twins import CannotReweightError, Draws, Labels
from resurge.project import Project
from resurge.synthesis.resistance_design import ResistanceDesign, resistance_design
from resurge.synthesis.resistance_pointwise import (
    class_centres,
    draw_theta,
    draw_untold,
    mechanism_log_density,
    rows_log_density,
    told_of,
)
from resurge.synthesis.resistance_priors import FACETS, ResistancePriors

Array = NDArray[np.float64]
TABLE, CATALOGUE = "resistance_effects", "mechanisms"
SHARED = ("mu", "tau", "kappa", "correlation", "sigma", "omega", "excess")


@dataclass(frozen=True)
class ResistanceTwin:
    """The resistance model for one body of evidence; see :class:`resurge.inference.twins.Twin`.

    Attributes
    ----------
    priors : ResistancePriors
        Priors of the model.
    design : ResistanceDesign
        Layout of the evidence.
    """

    priors: ResistancePriors
    design: ResistanceDesign

    @property
    def units(self) -> dict[str, tuple[str, ...]]:
        """Rows of each mechanism, its entry in the catalogue among them."""
        return {name: (*self._rows_of(name), f"{CATALOGUE}:{name}") for name in self.design.mechanisms}

    @property
    def rows(self) -> tuple[str, ...]:
        """Every effect, mechanism by mechanism."""
        return tuple(row for name in self.design.tested for row in self._rows_of(name))

    def by_row(self, draws: Draws) -> Array:
        """Give the log density of each row given the effects of its mechanism and the other rows, (sample, row)."""
        found = [
            rows_log_density(told_of(self.design, name, draws), draws["theta"][:, self._place(name)])
            for name in self.design.tested
        ]
        return np.concatenate(found, axis=1)

    def by_unit(self, draws: Draws, units: Sequence[str]) -> Array:
        """Give the log density of the rows of each mechanism given its class, shape (sample, unit)."""
        centres, found = class_centres(draws), np.zeros((len(draws["kappa"]), len(units)))
        for i, name in enumerate(units):
            if name in self.design.tested:
                told = told_of(self.design, name, draws)
                found[:, i] = mechanism_log_density(told, centres[:, self._class_of(name)], draws)
        return found

    def widened(self, draws: Draws, labels: Labels, rng: np.random.Generator) -> dict[str, Array]:
        """Lay draws out by today's mechanisms and classes; new classes are drawn from their prior.

        Raises
        ------
        CannotReweightError
            If the stored facets are not those of the model, or effects of classes are not among the draws.
        """
        if tuple(labels["facet"]) != FACETS or "z_class" not in draws:
            raise CannotReweightError("the stored draws are of other parameters than the resistance model has")
        found = {name: draws[name] for name in SHARED}
        found["theta"] = laid_out(draws["theta"], labels["mechanism"], self.design.mechanisms)
        found["z_class"] = laid_out(draws["z_class"], labels["mechanism_class"], self.design.classes)
        new = np.isnan(found["z_class"])
        found["z_class"][new] = rng.standard_normal(new.sum())
        return found

    def completed(
        self, draws: Draws, changed: Sequence[str], shape: tuple[int, int], rng: np.random.Generator
    ) -> Labelled:
        """Give the posterior as a fit would store it; changed mechanisms and those without rows get theirs anew."""
        from resurge.inference.fit_resistance import labelled

        design, centres, theta = self.design, class_centres(draws), np.array(draws["theta"])
        for name in changed:
            if name in design.tested:
                told = told_of(design, name, draws)
                theta[:, self._place(name)] = draw_theta(told, centres[:, self._class_of(name)], draws, rng)
        untested = [i for i, name in enumerate(design.mechanisms) if name not in design.tested]
        theta[:, untested] = draw_untold(centres[:, design.mechanism_class[untested]], draws, rng)
        found = {name: draws[name] for name in (*SHARED, "z_class")}
        found |= {"theta": theta, "theta_new": draw_untold(centres, draws, rng)}
        return labelled(found, design, shape)

    def prior(self, rng: np.random.Generator) -> Labelled:
        """Give draws of the prior as a fit would store them."""
        from resurge.inference.fit_resistance import prior_of

        return prior_of(self.priors, self.design, rng)

    def _place(self, mechanism: str) -> int:
        return self.design.mechanisms.index(mechanism)

    def _class_of(self, mechanism: str) -> int:
        return int(self.design.mechanism_class[self._place(mechanism)])

    def _rows_of(self, mechanism: str) -> list[str]:
        rows = self.design.rows
        return [f"{TABLE}:{row}" for row in rows["row_id"][rows["mechanism_id"] == mechanism]]


def twin_of(project: Project, evidence: Evidence, priors: ResistancePriors) -> ResistanceTwin:
    """Give the twin of the resistance model for the evidence of a project.

    Raises
    ------
    CannotReweightError
        If the model reads no row of the evidence.
    """
    effects = evidence.resistance_effects
    if effects is None or not any(is_modelled_resistance(row) for row in effects.to_dict("records")):
        raise CannotReweightError(f"{TABLE} has no row that the resistance model reads")
    return ResistanceTwin(priors, resistance_design(effects, evidence.mechanisms))
