"""The twin of the recurrence model: its likelihood in numpy, with a population as the unit.

What differs between the models of the curve is only the curve itself, so the dormancy model has the same twin with its
draws brought into the form of this model's (see :mod:`resurge.inference.twin_dormancy`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from resurge.evidence.selection import is_modelled_person_time
from resurge.evidence.tables import Evidence
from resurge.evidence.windows import modelled_rows
from resurge.inference.labelled import Labelled, split
from resurge.inference.laid_out import laid_out
from resurge.inference.twins import Array, CannotReweightError, Draws, Labels
from resurge.project import Project
from resurge.synthesis import forward
from resurge.synthesis.design import RecurrenceDesign, recurrence_design
from resurge.synthesis.own_levels import draw_own, log_density
from resurge.synthesis.prior_draws import draw_prior
from resurge.synthesis.priors import Normal, RecurrencePriors
from resurge.synthesis.recurrence_pointwise import part_of, person_time_log_density, windows_given_others
from resurge.synthesis.strata import ER, MIX, NODAL, THERAPY_EFFECTS, TUMOUR_SIZE

LIKELIHOOD = (
    *("nodal_effect", "size_effect", "phi", "therapy", "distant", "other_death", "sigma", "omega", "log_odds"),
    *("a", "b"),
)
"""What the likelihood of every model of the curve reads, beside the curve."""
STRATA = {
    "er": ER,
    "nodal": NODAL,
    "tumour_size": TUMOUR_SIZE,
    "therapy_effect": THERAPY_EFFECTS,
    "spread": ("a", "b", "c"),
    "mix": MIX,
}
"""Labels that no evidence changes."""
SHARED_DIMS = {
    "nodal_effect": ("nodal",),
    "size_effect": ("tumour_size",),
    "phi": (),
    "therapy": ("therapy_effect",),
    "distant": ("er",),
    "other_death": (),
    "sigma": ("spread",),
    "omega": (),
    "log_odds": ("mix",),
    "b": ("population",),
    "a": ("population",),
    "c": ("cohort",),
    "a_new": (),
    "b_new": (),
}
"""Dims after the sample of what the posteriors of all models of the curve hold."""
DIMS = {"beta": ("er", "basis"), "middle": ("curve",), "smoothing": ("curve",), **SHARED_DIMS}
"""Dims after the sample of the variables of this model's posterior."""


@dataclass(frozen=True)
class CurveForm:
    """How a model of the curve holds its draws.

    Attributes
    ----------
    read : callable
        Takes from stored draws what :mod:`resurge.synthesis.forward` reads, in its form.
    draw_prior : callable
        Draws from the prior for a design: how many, by which source of randomness.
    log_odds : Normal
        Prior of the mix, of which new labels are drawn.
    dims : mapping
        Dims after the sample of every variable of the posterior.
    labels : mapping
        Labels of dims that are the model's own.
    constants : mapping
        Dims of stored arrays without a sample.
    """

    read: Callable[[Draws], forward.Draws]
    draw_prior: Callable[[RecurrenceDesign, int, np.random.Generator], forward.Draws]
    log_odds: Normal
    dims: Mapping[str, tuple[str, ...]]
    labels: Labels
    constants: Mapping[str, tuple[str, ...]]


def twin_of(project: Project, evidence: Evidence, priors: RecurrencePriors) -> CurveTwin:
    """Give the twin of the recurrence model for the evidence of a project."""
    form = CurveForm(
        read=spline_form,
        draw_prior=partial(draw_prior, priors),
        log_odds=priors.log_odds,
        dims=DIMS,
        labels={"curve": ("common", "difference")},
        constants={"edges": ("edge",), "spline_basis": ("cell", "basis")},
    )
    return curve_twin(evidence, form)


def spline_form(draws: Draws) -> forward.Draws:
    """Take the draws that the forward equations read."""
    return {name: draws[name] for name in (*LIKELIHOOD, "beta", "spline_basis")}


def curve_twin(evidence: Evidence, form: CurveForm) -> CurveTwin:
    """Lay out the evidence for the twin of a model of the curve."""
    design = recurrence_design(evidence)
    rows = [f"recurrence_person_time:{row}" for row in design.person_time.row_id]
    rows += [f"recurrence_rates:{row}" for row in design.windows.row_id]
    return CurveTwin(rows_of_units(evidence, design), tuple(rows), design, form)


def rows_of_units(evidence: Evidence, design: RecurrenceDesign) -> dict[str, tuple[str, ...]]:
    """List the rows of each population: patients, rates, and the mix that its windows are weighed by.

    A rate that only shapes the increments of its chain has no density of its own and is listed all the same. A
    population of which only the mix is known says nothing, but has its unit: its rows may come and go.
    """
    patients = evidence.recurrence_person_time
    chosen = [is_modelled_person_time(row) for row in patients[["use", "endpoint"]].to_dict("records")]
    tables = {
        "recurrence_person_time": patients[np.array(chosen, dtype=bool)],
        "recurrence_rates": modelled_rows(evidence),
    }
    if evidence.case_mix is not None:
        tables["case_mix"] = evidence.case_mix
    units: dict[str, list[str]] = {population: [] for population in design.populations}
    for name, table in tables.items():
        for row_id, population in zip(table["row_id"], table["population"], strict=True):
            units.setdefault(population, []).append(f"{name}:{row_id}")
    return {population: tuple(rows) for population, rows in units.items()}


@dataclass(frozen=True)
class CurveTwin:
    """The likelihood of a model of the curve for some evidence.

    Attributes
    ----------
    units : mapping of str to tuple of str
        Rows of each population, as ``table:row_id``.
    rows : tuple of str
        Rows with a density: person-time, then published windows (a chain's by the row that ends them).
    design : RecurrenceDesign
        Layout of the evidence.
    form : CurveForm
        How the model holds its draws.
    """

    units: Mapping[str, tuple[str, ...]]
    rows: tuple[str, ...]
    design: RecurrenceDesign
    form: CurveForm

    def by_row(self, draws: Draws) -> Array:
        """Give log p(row | level and tilt of its population), of a window given the others too, (sample, row)."""
        formed = self.form.read(draws)
        return np.hstack([person_time_log_density(formed, self.design), windows_given_others(formed, self.design)])

    def by_unit(self, draws: Draws, units: Sequence[str]) -> Array:
        """Give log p(evidence of a population | shared parameters), its own effects integrated, (sample, unit)."""
        formed = self.form.read(draws)
        values = np.zeros((len(draws["sigma"]), len(units)))
        for k, unit in enumerate(units):
            if unit in self.design.populations:
                values[:, k] = log_density(formed, part_of(self.design, unit))
        return values

    def widened(self, draws: Draws, labels: Labels, rng: np.random.Generator) -> dict[str, Array]:
        """Lay draws out by today's populations, cohorts and mixes; what a new population has of its own is NaN.

        Raises
        ------
        CannotReweightError
            If the grid of time or the strata are not those of the draws.
        """
        if not np.array_equal(draws["edges"], self.design.edges):
            raise CannotReweightError("the time grid of the stored draws is not that of today's evidence")
        for dim, today in STRATA.items():
            if dim != "mix" and tuple(labels[dim]) != today:
                raise CannotReweightError(
                    f"the stored draws know {dim} as {', '.join(labels[dim])}, not as {', '.join(today)}"
                )
        found = {
            "a": laid_out(draws["a"], labels["population"], self.design.populations),
            "b": laid_out(draws["b"], labels["population"], self.design.populations),
            "c": laid_out(draws["c"], labels["cohort"], self.design.cohorts),
            "log_odds": laid_out(draws["log_odds"], labels["mix"], MIX),
        }
        prior = rng.normal(self.form.log_odds.mean, self.form.log_odds.sd, found["log_odds"].shape)
        found["log_odds"] = np.where(np.isnan(found["log_odds"]), prior, found["log_odds"])
        return {**draws, **found}

    def completed(
        self, draws: Draws, changed: Sequence[str], shape: tuple[int, int], rng: np.random.Generator
    ) -> Labelled:
        """Give the posterior as a fit would store it.

        Populations that changed, and those that the draws do not know yet, get level, tilt and cohorts given today's
        rows; the others keep theirs. One more population is drawn anew.
        """
        formed, design = self.form.read(draws), self.design
        own = {name: np.array(draws[name], dtype=float) for name in "abc"}
        for j, population in enumerate(design.populations):
            cohorts = design.windows.nesting.cohort_population[:, j] > 0
            known = np.hstack([own["a"][:, [j]], own["b"][:, [j]], own["c"][:, cohorts]])
            if population in changed or np.isnan(known).any():
                own["a"][:, j], own["b"][:, j], own["c"][:, cohorts] = draw_own(
                    formed, part_of(design, population), rng
                )
        new = draws["sigma"][:, :2] * rng.standard_normal((len(draws["sigma"]), 2))
        return self.labelled({**draws, **own, "a_new": new[:, 0], "b_new": new[:, 1]}, shape)

    def prior(self, rng: np.random.Generator) -> Labelled:
        """Give draws of the prior as a fit would store them."""
        from resurge.inference.fit_recurrence import PRIOR_DRAWS, labelled_prior

        draws = self.form.draw_prior(self.design, PRIOR_DRAWS, rng)
        return labelled_prior(draws, self.labelled(draws, (1, PRIOR_DRAWS)))

    def labelled(self, draws: Draws, shape: tuple[int, int]) -> Labelled:
        """Give draws the dims and labels of a stored posterior."""
        own = {"population": self.design.populations, "cohort": self.design.cohorts}
        labels = {**STRATA, **self.form.labels, **own}
        posterior = split({name: draws[name] for name in self.form.dims}, shape, self.form.dims, labels)
        counted = {dim for dims in self.form.dims.values() for dim in dims} - labels.keys()
        constants = {name: (dims, draws[name]) for name, dims in self.form.constants.items()}
        return posterior.extended(constants, {dim: np.arange(posterior.sizes[dim]) for dim in counted})
