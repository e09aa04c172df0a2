"""The twin of the recurrence model: its likelihood in numpy, with a population as the unit.

What differs between the models of the curve is only the curve itself, so the dormancy model has the same twin with its
draws brought into the form of this model's (see :mod:`resurge.inference.twin_dormancy`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from resurge.evidence.selection import is_modelled_person_time
from resurge.evidence.tables import Evidence
from resurge.evidence.windows import modelled_rows
from resurge.inference.twins import Array, CannotReweightError, Draws, Labels
from resurge.project import Project
from resurge.synthesis import forward
from resurge.synthesis.design import RecurrenceDesign, recurrence_design
from resurge.synthesis.own_levels import draw_own, log_density
from resurge.synthesis.priors import Normal, RecurrencePriors
from resurge.synthesis.recurrence_pointwise import part_of, person_time_log_density, windows_given_others
from resurge.synthesis.strata import ER, MIX, NODAL, THERAPY_EFFECTS, TUMOUR_SIZE

if TYPE_CHECKING:
    import xarray as xr

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


def twin_of(project: Project, evidence: Evidence, priors: RecurrencePriors) -> CurveTwin:
    """Give the twin of the recurrence model for the evidence of a project."""
    labels = {"curve": ("common", "difference")}
    return curve_twin(evidence, priors.log_odds, spline_form, DIMS, labels, ("edges", "spline_basis"))


def spline_form(draws: Draws) -> forward.Draws:
    """Take the draws that the forward equations read."""
    return {name: draws[name] for name in (*LIKELIHOOD, "beta", "spline_basis")}


def curve_twin(
    evidence: Evidence,
    log_odds: Normal,
    form: Callable[[Draws], forward.Draws],
    dims: Mapping[str, tuple[str, ...]],
    labels: Labels,
    constants: tuple[str, ...],
) -> CurveTwin:
    """Lay out the evidence for the twin of a model of the curve; arguments as the attributes of its twin."""
    design = recurrence_design(evidence)
    patients, windows = design.person_time, design.windows
    rows = [f"recurrence_person_time:{row}" for row in patients.row_id]
    rows += [f"recurrence_rates:{row}" for row in windows.row_id]
    return CurveTwin(rows_of_units(evidence, design), tuple(rows), design, log_odds, form, dims, labels, constants)


def rows_of_units(evidence: Evidence, design: RecurrenceDesign) -> dict[str, tuple[str, ...]]:
    """List the rows of each population: patients, rates, and the mix that its windows are weighed by.

    A rate that only shapes the increments of its chain has no density of its own and is listed all the same; a mix of
    a population without rows concerns nobody.
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
            if population in units:
                units[population].append(f"{name}:{row_id}")
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
    log_odds : Normal
        Prior of the mix, of which new labels are drawn.
    form : callable
        Brings stored draws into the form that :mod:`resurge.synthesis.forward` reads.
    dims : mapping
        Dims after the sample of every variable of the posterior.
    labels : mapping
        Labels of the dims that are the model's own.
    constants : tuple of str
        Stored arrays without a sample.
    """

    units: Mapping[str, tuple[str, ...]]
    rows: tuple[str, ...]
    design: RecurrenceDesign
    log_odds: Normal
    form: Callable[[Draws], forward.Draws]
    dims: Mapping[str, tuple[str, ...]]
    labels: Labels
    constants: tuple[str, ...]

    def by_row(self, draws: Draws) -> Array:
        """Give log p(row | level and tilt of its population), of a window given the others too, (sample, row)."""
        formed = self.form(draws)
        return np.hstack([person_time_log_density(formed, self.design), windows_given_others(formed, self.design)])

    def by_unit(self, draws: Draws, units: Sequence[str]) -> Array:
        """Give log p(evidence of a population | shared parameters), its own effects integrated, (sample, unit)."""
        formed = self.form(draws)
        return np.stack([log_density(formed, part_of(self.design, unit)) for unit in units], axis=1)

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
        laid_out = {
            "a": by_label(draws["a"], labels["population"], self.design.populations),
            "b": by_label(draws["b"], labels["population"], self.design.populations),
            "c": by_label(draws["c"], labels["cohort"], self.design.cohorts),
            "log_odds": by_label(draws["log_odds"], labels["mix"], MIX),
        }
        prior = rng.normal(self.log_odds.mean, self.log_odds.sd, laid_out["log_odds"].shape)
        laid_out["log_odds"] = np.where(np.isnan(laid_out["log_odds"]), prior, laid_out["log_odds"])
        return {**draws, **laid_out}

    def completed(
        self, draws: Draws, changed: Sequence[str], shape: tuple[int, int], rng: np.random.Generator
    ) -> xr.Dataset:
        """Give the posterior as a fit would store it.

        Populations that changed, and those that the draws do not know yet, get level, tilt and cohorts given today's
        rows; the others keep theirs. One more population is drawn anew.
        """
        from resurge.inference.chains import split  # xarray takes seconds, and only this needs it

        formed, design = self.form(draws), self.design
        own = {name: np.array(draws[name], dtype=float) for name in "abc"}
        for j, population in enumerate(design.populations):
            cohorts = design.windows.nesting.cohort_population[:, j] > 0
            known = np.hstack([own["a"][:, [j]], own["b"][:, [j]], own["c"][:, cohorts]])
            if population in changed or np.isnan(known).any():
                own["a"][:, j], own["b"][:, j], own["c"][:, cohorts] = draw_own(
                    formed, part_of(design, population), rng
                )
        new = draws["sigma"][:, :2] * rng.standard_normal((len(draws["sigma"]), 2))
        complete = {**draws, **own, "a_new": new[:, 0], "b_new": new[:, 1]}
        labels = {**STRATA, **self.labels, "population": design.populations, "cohort": design.cohorts}
        posterior = split({name: complete[name] for name in self.dims}, shape, self.dims, labels)
        dims = {"edges": ("edge",), "spline_basis": ("cell", "basis")}
        counted = {dim for dims in self.dims.values() for dim in dims} - labels.keys()
        return posterior.assign({name: (dims[name], draws[name]) for name in self.constants}).assign_coords(
            {dim: np.arange(posterior.sizes[dim]) for dim in counted}
        )


def by_label(values: Array, labels: Sequence[str], today: Sequence[str]) -> Array:
    """Move columns to the places of their labels today; labels without a column get NaN."""
    place = {label: i for i, label in enumerate(labels)}
    known = [(k, place[label]) for k, label in enumerate(today) if label in place]
    laid_out = np.full((len(values), len(today)), np.nan)
    laid_out[:, [k for k, _ in known]] = values[:, [i for _, i in known]]
    return laid_out
