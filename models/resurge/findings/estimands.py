"""The headline answers of every model by name, as draws: what a history keeps, and what leaving evidence out moves.

Answers differ in kind, and a move is told on the scale of its kind: shares in points, ratios and rates as factors,
years in years, slopes as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from resurge.findings import dormancy_draws, effect_draws, hazard_draws, resistance_draws, site_draws
from resurge.findings.effect_draws import Effect, average, labels
from resurge.findings.hazard_draws import Profile, group_hazard
from resurge.synthesis.metastasis_design import SITES, SUBTYPES
from resurge.synthesis.strata import ER
from resurge.synthesis.translation_priors import KINDS

Array = NDArray[np.float64]
Draws = Mapping[str, NDArray]
Kind = Literal["share", "ratio", "rate", "years", "number"]
HAZARD_YEARS = (2.0, 5.0, 15.0)
LATE = (10.0, 20.0)
LANDMARK, HORIZON = 5.0, 20.0
EFFECT_WINDOWS = ((0.0, 5.0), (5.0, 10.0))
SITE_SETTING = "any_site_during_course"
PARAMETERS = {
    "recurrence": hazard_draws.PARAMETERS,
    "therapy": effect_draws.PARAMETERS,
    "metastasis": site_draws.PARAMETERS,
    "dormancy": dormancy_draws.PARAMETERS,
    "resistance": resistance_draws.PARAMETERS,
    "translation": ("centre", "slope", "sigma"),
}
"""Arrays of a stored posterior that the answers of a model need."""


@dataclass(frozen=True)
class Estimand:
    """Draws of one answer.

    Attributes
    ----------
    kind : str
        What the values are: proportions, ratios, rates per year, years, or numbers without a unit.
    draws : ndarray, shape (sample,)
        Values; NaN in draws where the answer does not exist.
    """

    kind: Kind
    draws: Array

    @property
    def on_scale(self) -> Array:
        """The draws on the scale on which they are compared: logs of ratios and rates."""
        return np.log(self.draws) if self.kind in ("ratio", "rate") else self.draws


def estimands(model: str, draws: Draws) -> dict[str, Estimand]:
    """Give the headline answers of a model by name.

    Parameters
    ----------
    model : str
        Name of the model.
    draws : mapping
        With its `PARAMETERS`, the sample first.
    """
    return _ESTIMANDS[model](draws)


def of_recurrence(draws: Draws) -> dict[str, Estimand]:
    """Tell when recurrence comes in a typical population, strata mixed as at diagnosis."""
    edges, found = draws["edges"], {}
    hazards = {er: group_hazard(draws, Profile(er)) for er in ER}
    for er, hazard in hazards.items():
        at = hazard_draws.hazard_at(hazard, edges, HAZARD_YEARS)
        for i, year in enumerate(HAZARD_YEARS):
            found[f"ER-{er}: hazard at year {year:g}"] = Estimand("rate", at[:, i])
        passed = np.diff(hazard_draws.cumulative_to(hazard, edges, LATE))[:, 0]
        name = f"ER-{er}: mean hazard in years {LATE[0]:g} to {LATE[1]:g}"
        found[name] = Estimand("rate", passed / (LATE[1] - LATE[0]))
        name = f"ER-{er}: risk from year {LANDMARK:g} to {HORIZON:g}"
        found[name] = Estimand("share", hazard_draws.risk_between(hazard, edges, LANDMARK, HORIZON)[:, 0])
        late = hazard_draws.shares_after(hazard, edges, LANDMARK)[:, 0]
        found[f"ER-{er}: share of recurrences after year {LANDMARK:g}"] = Estimand("share", late)
        found[f"ER-{er}: year of the peak"] = Estimand("years", hazard_draws.peak_years(hazard, edges))
    crossing = hazard_draws.crossover_years(*(hazards[er] for er in ER), edges)
    return found | {"year in which ER-positive overtakes ER-negative": Estimand("years", crossing)}


def of_therapy(draws: Draws) -> dict[str, Estimand]:
    """Tell the hazard ratio of recurrence of every class in two windows since treatments began to differ."""
    return {
        f"{name}: hazard ratio in years {start:g} to {end:g}": Estimand(
            "ratio", np.exp(average(draws, Effect(name), start, end))
        )
        for name in labels(draws["effect_class"])
        for start, end in EFFECT_WINDOWS
    }


def of_metastasis(draws: Draws) -> dict[str, Estimand]:
    """Tell the share of patients with each site in the course of metastatic disease, by subtype."""
    return {
        f"{subtype}: {site} in the course": Estimand("share", site_draws.site_share(draws, SITE_SETTING, subtype, site))
        for subtype in SUBTYPES
        for site in SITES
    }


def of_dormancy(draws: Draws) -> dict[str, Estimand]:
    """Tell how much is dormant, and for how long, by ER status."""
    found = {}
    for er in ER:
        own = {name: dormancy_draws.own(draws, er, name) for name in ("p_early", "p_dormant", "half_life")}
        found[f"ER-{er}: fraction early"] = Estimand("share", own["p_early"])
        found[f"ER-{er}: fraction dormant"] = Estimand("share", own["p_dormant"])
        found[f"ER-{er}: half-life of dormancy"] = Estimand("years", own["half_life"])
        share = dormancy_draws.dormant_share_at(draws, er, [LANDMARK])[:, 0]
        found[f"ER-{er}: dormant share of recurrences at year {LANDMARK:g}"] = Estimand("share", share)
    return found


def of_resistance(draws: Draws) -> dict[str, Estimand]:
    """Tell the effect of every mechanism in each facet in which it has rows."""
    facets, names = (labels(draws[name]) for name in ("facet", "mechanism"))
    places = np.unique(np.stack([draws["row_mechanism"], draws["row_facet"]]).astype(int), axis=1)
    return {
        f"{names[m]}: {facets[f]}": Estimand("ratio", np.exp(draws["theta"][:, m, f])) for m, f in places.T.tolist()
    }


def of_translation(draws: Draws) -> dict[str, Estimand]:
    """Tell how much of a published preclinical effect is seen again."""
    return {
        f"{kind} experiments: {told}": Estimand("number", draws[name][:, k])
        for k, kind in enumerate(KINDS)
        for name, told in {"slope": "share seen again", "sigma": "spread of repetitions"}.items()
    }


_ESTIMANDS: dict[str, Callable[[Draws], dict[str, Estimand]]] = {
    "recurrence": of_recurrence,
    "therapy": of_therapy,
    "metastasis": of_metastasis,
    "dormancy": of_dormancy,
    "resistance": of_resistance,
    "translation": of_translation,
}
