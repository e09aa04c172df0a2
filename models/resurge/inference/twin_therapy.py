"""The therapy model's likelihood in numpy: a unit is a class, its full effect and those of its trials integrated out.

What a class alone has besides (its course, the spread of its trials) is among the stored parameters. For a class that
no fit has seen it is integrated by drawing it from its prior many times a draw: the mean of the densities is unbiased,
and one of the proposals, chosen by its density, is a draw given the evidence. Proposals travel with the draws under the
names ``<parameter> of <class>``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from resurge.evidence.effect_selection import is_modelled_effect
from resurge.evidence.tables import Evidence
from resurge.inference.baseline import typical_baseline
from resurge.inference.labelled import Labelled
from resurge.inference.laid_out import laid_out
from resurge.inference.twins import CannotReweightError, Draws, Labels
from resurge.project import Project
from resurge.synthesis.event_weights import Baseline
from resurge.synthesis.therapy_design import TherapyDesign, therapy_design
from resurge.synthesis.therapy_pointwise import (
    Own,
    class_log_density,
    draw_class,
    exponents,
    own_of,
    propose_own,
)
from resurge.synthesis.therapy_priors import SCALED_ENDPOINTS, TherapyPriors
from resurge.synthesis.therapy_rows import rows_log_density

Array = NDArray[np.float64]
TABLE = "therapy_effects"
SHARED = ("mu", "tau", "log_sigma_centre", "omega", "shape", "rho", "lag")
OWN = tuple(field.name for field in fields(Own))
PROPOSALS = 64
"""Draws from the prior of what a new class alone has, for each draw of the posterior."""


@dataclass(frozen=True)
class TherapyTwin:
    """The therapy model for one body of evidence; see :class:`resurge.inference.twins.Twin`.

    Attributes
    ----------
    priors : TherapyPriors
        Priors of what is new.
    design : TherapyDesign
        Layout of the evidence.
    baseline : Baseline
        Hazard of recurrence of control arms.
    """

    priors: TherapyPriors
    design: TherapyDesign
    baseline: Baseline

    @property
    def units(self) -> dict[str, tuple[str, ...]]:
        """Rows of each class."""
        rows = self.design.rows
        return {
            name: tuple(f"{TABLE}:{row}" for row in rows["row_id"][rows["effect_class"] == name])
            for name in self.design.classes
        }

    @property
    def rows(self) -> tuple[str, ...]:
        """Every row, class by class."""
        return tuple(row for rows in self.units.values() for row in rows)

    def by_row(self, draws: Draws) -> Array:
        """Give the log density of each row given the effect of its class and the other rows of it, (sample, row)."""
        found: dict[str, Array] = {}
        for k in range(len(self.design.classes)):
            found |= rows_log_density(self.design, k, draws)
        return np.stack([found[row.removeprefix(f"{TABLE}:")] for row in self.rows], axis=1)

    def by_unit(self, draws: Draws, units: Sequence[str]) -> Array:
        """Give the log density of the rows of each class given what classes share and its course, (sample, unit)."""
        found = [logsumexp(self._by_proposal(draws, unit), axis=1) for unit in units]
        counts = [self._own(draws, unit).sigma.shape[1] for unit in units]
        return np.reshape(found, (len(units), len(draws["mu"]))).T - np.log(counts)

    def widened(self, draws: Draws, labels: Labels, rng: np.random.Generator) -> dict[str, Array]:
        """Lay draws out by today's classes and trials, with proposals for classes that are new.

        A class is new, too, whose onset has another prior than before, because its control arms had another therapy.

        Raises
        ------
        CannotReweightError
            If the stored endpoints are not those of the model.
        """
        if tuple(labels["scaled_endpoint"]) != SCALED_ENDPOINTS:
            raise CannotReweightError("the stored draws are of other endpoints than the therapy model has")
        now = self.design.classes
        continued = dict(zip(labels["effect_class"], draws["continues"], strict=True))
        known = [continued.get(name) == continues for name, continues in zip(now, self.design.continues, strict=True)]
        found = {name: draws[name] for name in SHARED}
        for name in (*OWN, "beta_class", "beta_new"):
            found[name] = laid_out(draws[name], labels["effect_class"], now)
            found[name][:, ~np.array(known)] = np.nan
        found["beta_trial"] = laid_out(draws["beta_trial"], labels["trial"], self.design.trials)
        for k in np.flatnonzero(~np.array(known)):
            own = propose_own(self.priors, self.design, found, k, PROPOSALS, rng)
            found |= {f"{name} of {now[k]}": getattr(own, name) for name in OWN}
        return found

    def completed(
        self, draws: Draws, changed: Sequence[str], shape: tuple[int, int], rng: np.random.Generator
    ) -> Labelled:
        """Give the posterior as a fit would store it; changed classes and their trials get their effects anew."""
        from resurge.inference.fit_therapy import SAMPLED, labelled, with_constants

        found = {name: np.array(draws[name]) for name in (*SAMPLED, "beta_class", "beta_trial")}
        for unit in changed:
            self._redraw(found, draws, unit, rng)
        noise = rng.standard_normal(found["sigma"].shape)
        found["beta_new"] = found["beta_class"] + found["sigma"] * noise
        return with_constants(labelled(found, shape), self.design, self.baseline)

    def prior(self, rng: np.random.Generator) -> Labelled:
        """Give draws of the prior as a fit would store them."""
        from resurge.inference.fit_therapy import prior_of

        return prior_of(self.priors, self.design, self.baseline, rng)

    def _own(self, draws: Draws, unit: str) -> Own:
        if f"{OWN[0]} of {unit}" in draws:
            return Own(**{name: draws[f"{name} of {unit}"] for name in OWN})
        return own_of(draws, self.design.classes.index(unit))

    def _by_proposal(self, draws: Draws, unit: str) -> Array:
        """Give the log density of a class under each proposal, shape (sample, proposal)."""
        k, own = self.design.classes.index(unit), self._own(draws, unit)
        parts = []
        # In as many parts as there are proposals, so that no array is larger than those of a class with one.
        for at in np.array_split(np.arange(len(own.sigma)), own.sigma.shape[1]):
            some = {name: draws[name][at] for name in SHARED}
            proposed = Own(*(getattr(own, name)[at] for name in OWN))
            trials = exponents(self.design, k, some, proposed).values()
            parts.append(class_log_density(trials, self.design.sign[k] * some["mu"], some["tau"]))
        return np.concatenate(parts)

    def _redraw(self, found: dict[str, Array], draws: Mapping[str, Array], unit: str, rng: np.random.Generator) -> None:
        """Choose what a class alone has among its proposals, and draw its effect and those of its trials."""
        k, own = self.design.classes.index(unit), self._own(draws, unit)
        if own.sigma.shape[1] > 1:
            chosen = one_each(self._by_proposal(draws, unit), rng)
            own = Own(*(np.take_along_axis(getattr(own, name), chosen[:, None], axis=1) for name in OWN))
        for name in OWN:
            found[name][:, k] = getattr(own, name)[:, 0]
        trials = exponents(self.design, k, draws, own)
        beta_class, beta_trial = draw_class(
            trials, self.design.sign[k] * draws["mu"], draws["tau"], own.sigma[:, 0], rng
        )
        found["beta_class"][:, k] = beta_class
        for j, beta in beta_trial.items():
            found["beta_trial"][:, j] = beta


def one_each(log_weights: Array, rng: np.random.Generator) -> NDArray[np.intp]:
    """Choose a column of each row in proportion to the exponentials of its values, shape (row,)."""
    return (log_weights + rng.gumbel(size=log_weights.shape)).argmax(1)


def twin_of(project: Project, evidence: Evidence, priors: TherapyPriors) -> TherapyTwin:
    """Give the twin of the therapy model for the evidence of a project, windows weighted by its recurrence posterior.

    Raises
    ------
    RecordError
        If there is no posterior of the recurrence model to report from.
    CannotReweightError
        If the model reads no row of the evidence.
    """
    effects = evidence.therapy_effects
    if effects is None or not any(is_modelled_effect(row) for row in effects.to_dict("records")):
        raise CannotReweightError(f"{TABLE} has no row that the therapy model reads")
    baseline = typical_baseline(project)
    return TherapyTwin(priors, therapy_design(effects, baseline), baseline)
