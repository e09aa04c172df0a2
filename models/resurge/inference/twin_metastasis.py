"""The metastasis model's likelihood in numpy: a unit is a source, its levels and its share with metastases integrated.

What a row adds is the density of its count, but where rows make a count together (the luminal halves, the sites of
single metastases): there it is what the counts of the source lose without the row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from resurge.evidence.site_selection import is_modelled_site
from resurge.evidence.tables import Evidence
from resurge.inference.labelled import Labelled
from resurge.inference.laid_out import laid_out
from resurge.inference.twins import CannotReweightError, Draws, Labels
from resurge.project import Project
from resurge.synthesis.metastasis_design import SETTINGS, SINGLE_SITES, SITES, SUBTYPES, SiteDesign, site_design
from resurge.synthesis.metastasis_forward import with_new_source
from resurge.synthesis.metastasis_pointwise import (
    Told,
    entries_log_density,
    of_population,
    own_effects,
    told_of,
)
from resurge.synthesis.metastasis_priors import MetastasisPriors
from resurge.synthesis.source_effects import draw_own, source_log_density

Array = NDArray[np.float64]
TABLE = "metastasis_sites"
FIXED = {"setting": SETTINGS, "subtype": SUBTYPES, "site": SITES, "single_site": SINGLE_SITES}
OWN = ("u", "reach")
SHARED = (
    *("mu", "tau", "kappa", "delta", "contrast", "log_sigma_centre", "sigma", "correlation"),
    *("mix", "concentration", "single"),
)
TOGETHER = ("luminal_part", "single_site")
"""Uses in which several rows make a count."""


@dataclass(frozen=True)
class MetastasisTwin:
    """The metastasis model for one body of evidence; see :class:`resurge.inference.twins.Twin`.

    Attributes
    ----------
    priors : MetastasisPriors
        Priors of the model.
    sites : pandas.DataFrame
        Rows that the model reads.
    design : SiteDesign
        Their layout.
    """

    priors: MetastasisPriors
    sites: pd.DataFrame
    design: SiteDesign

    @property
    def units(self) -> dict[str, tuple[str, ...]]:
        """Rows of each source."""
        return {
            name: tuple(f"{TABLE}:{row}" for row in self.sites["row_id"][self.sites["population"] == name])
            for name in self.design.populations
        }

    @property
    def rows(self) -> tuple[str, ...]:
        """Every row, source by source."""
        return tuple(row for rows in self.units.values() for row in rows)

    def by_row(self, draws: Draws) -> Array:
        """Give the log probability of each row given the effects of its source and its other rows, (sample, row)."""
        return np.concatenate([self._rows_of(name, draws) for name in self.design.populations], axis=1)

    def by_unit(self, draws: Draws, units: Sequence[str]) -> Array:
        """Give the log probability of the counts of each source, its own effects integrated out, (sample, unit)."""
        return np.stack([source_log_density(self._told(name, draws)) for name in units], axis=1)

    def widened(self, draws: Draws, labels: Labels, rng: np.random.Generator) -> dict[str, Array]:
        """Lay draws out by today's sources; the effects of new ones are absent until they are completed.

        Raises
        ------
        CannotReweightError
            If the stored settings, subtypes or sites are not those of the model.
        """
        if any(tuple(labels[dim]) != names for dim, names in FIXED.items()):
            raise CannotReweightError("the stored draws are of other sites than the metastasis model has")
        found = {name: draws[name] for name in SHARED}
        found["u"] = laid_out(draws["u"], labels["population"], self.design.populations)
        found["reach"] = laid_out(draws["reach"], labels["reach_set"], self.design.reach_sets)
        return found

    def completed(
        self, draws: Draws, changed: Sequence[str], shape: tuple[int, int], rng: np.random.Generator
    ) -> Labelled:
        """Give the posterior as a fit would store it; changed sources get their own effects anew."""
        from resurge.inference.fit_metastasis import labelled

        found = {name: draws[name] for name in SHARED} | {name: np.array(draws[name]) for name in OWN}
        for name in changed:
            told = self._told(name, draws)
            sets = [self.design.reach_sets.index(each) for each in told.design.reach_sets]
            place = self.design.populations.index(name)
            found["u"][:, place], found["reach"][:, sets] = draw_own(told, draws, rng)
        return labelled(with_new_source(found, rng), shape, self.design)

    def prior(self, rng: np.random.Generator) -> Labelled:
        """Give draws of the prior as a fit would store them."""
        from resurge.inference.fit_metastasis import prior_of

        return prior_of(self.priors, self.design, rng)

    def _told(self, population: str, draws: Draws) -> Told:
        return told_of(of_population(self.design, population), draws, self.priors)

    def _rows_of(self, population: str, draws: Draws) -> Array:
        """Give what each row of a source adds to the log probability of its counts, shape (sample, row)."""
        rows = self.sites[self.sites["population"] == population]
        u = draws["u"][:, self.design.populations.index(population)]
        whole = self._by_entry(of_population(self.design, population), u, draws)
        total = sum(whole.values())
        found = np.empty((len(u), len(rows)))
        for i, (row, used_as) in enumerate(zip(rows["row_id"], rows["used_as"], strict=True)):
            if used_as not in TOGETHER:
                found[:, i] = whole[row]
                continue
            others = rows[rows["row_id"] != row]
            rest = self._by_entry(site_design(others), u, draws) if len(others) else {}
            found[:, i] = total - sum(rest.values())
        return found

    def _by_entry(self, design: SiteDesign, u: Array, draws: Draws) -> dict[str, Array]:
        """Give the log probability of each count of one source by its label, each of shape (sample,)."""
        if not design.labels:  # rows of single sites without those before them make no count
            return {}
        told = told_of(design, draws, self.priors)
        sets = [self.design.reach_sets.index(each) for each in design.reach_sets]
        own = own_effects(told, u, draws["reach"][:, sets])
        return dict(zip(design.labels, entries_log_density(told, own).T, strict=True))


def twin_of(project: Project, evidence: Evidence, priors: MetastasisPriors) -> MetastasisTwin:
    """Give the twin of the metastasis model for the evidence of a project.

    Raises
    ------
    CannotReweightError
        If the model reads no row of the evidence.
    """
    sites = evidence.metastasis_sites
    read = [is_modelled_site(row) for row in sites.to_dict("records")] if sites is not None else []
    if not any(read):
        raise CannotReweightError(f"{TABLE} has no row that the metastasis model reads")
    return MetastasisTwin(priors, sites[read], site_design(sites))
