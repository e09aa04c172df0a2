"""Estimands of claims on mechanisms of resistance: one facet of the mechanisms that a claim names.

Where it names several, the claim is about the mean of their effects; each stands beside.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from resurge.findings.claim_sources import Beside, Claim, Draws, Found, Sources, UnansweredError
from resurge.findings.effect_draws import labels
from resurge.findings.resistance_draws import PARAMETERS, place, rows_of
from resurge.synthesis.resistance_priors import FACETS

UNIT = "oriented log effect"
COMBINATION = "Combination: "
"""How names of the catalogue begin that are about two drugs together."""
NAMES = {
    "marker_prognosis": "as a marker of the course, in patients",
    "response_prediction": "as a marker of response, in patients",
    "marker_induction": "under therapy, in patients",
    "marker_induction_cells": "in tolerant cells",
    "intervention": "acting on it, in patients",
    "intervention_animals": "acting on it, in animals",
}
"""What the effect of a mechanism in a facet is of."""


def of_facet(facet: str) -> Callable[[Sources, Claim], Found]:
    """Give the estimand that is the effect of a claim's mechanisms in a facet."""

    def estimand(sources: Sources, claim: Claim) -> Found:
        draws = sources.draws("resistance", PARAMETERS)
        f, places = FACETS.index(facet), places_of(draws, claim)
        if not any(len(rows_of(draws, j, f)) for j in places.values()):
            raise UnansweredError(f"needs evidence on {claim['mechanism_id']} {NAMES[facet]}, and there is none")
        each = [Beside(name, draws["theta"][:, j, f], UNIT) for name, j in places.items()] if len(places) > 1 else []
        return Found(
            {"": mean_effect(draws, places, f)},
            (*each, *other_facets(draws, places, f)),
            notes=tuple(rests_on(draws, name, j, f) for name, j in places.items()),
            without_rows=untested(draws, places, f),
        )

    estimand.__name__ = f"facet_{facet}"
    estimand.__doc__ = f"Effect of the claim's mechanisms {NAMES[facet]}, on the common orientation."
    return estimand


def fold_marker_induction_cells(sources: Sources, claim: Claim) -> Found:
    """Fold change of the claim's mechanisms in tolerant cells."""
    found = of_facet("marker_induction_cells")(sources, claim)
    return replace(found, values={"": np.exp(found.values[""])}, without_rows=np.exp(found.without_rows))


def places_of(draws: dict[str, Draws], claim: Claim) -> dict[str, int]:
    """Find the mechanisms of a claim in the posterior."""
    places = {}
    for name in claim["mechanism_id"].split("; "):
        try:
            places[name] = place(draws, name)
        except KeyError as error:
            raise UnansweredError(f"needs {name} in the resistance model, and it is not there") from error
    return places


def mean_effect(draws: dict[str, Draws], places: dict[str, int], facet: int) -> Draws:
    """Average the effects of mechanisms in one facet, shape (sample,)."""
    return draws["theta"][:, list(places.values()), facet].mean(1)


def other_facets(draws: dict[str, Draws], places: dict[str, int], facet: int) -> list[Beside]:
    """Give the same mean in the other facets in which one of the mechanisms has rows."""
    return [
        Beside(NAMES[name], mean_effect(draws, places, f), UNIT)
        for f, name in enumerate(FACETS)
        if f != facet and any(len(rows_of(draws, j, f)) for j in places.values())
    ]


def untested(draws: dict[str, Draws], places: dict[str, int], facet: int) -> Draws:
    """Give the effect of one mechanism of the same class, or of the same classes on average, without any row."""
    classes = {int(draws["class_of"][j]) for j in places.values()}
    return draws["theta_new"][:, sorted(classes), facet].mean(1)


def expected_untested(sources: Sources, claim: Claim) -> tuple[Beside, ...]:
    """Give what is expected of combinations of drugs that no row is about, from others of their class.

    Empty for a claim that names no such combination, and where there is no sound posterior.
    """
    try:
        named = {row["mechanism_id"] for row in sources.rows("mechanisms") if row["name"].startswith(COMBINATION)}
        combinations = [name for name in claim["mechanism_id"].split("; ") if name in named]
        draws = sources.draws("resistance", PARAMETERS) if combinations else {}
    except UnansweredError:
        return ()
    return tuple(
        Beside(f"expected of an untested mechanism of its class, {NAMES[facet]}", effect_of(draws, name, facet), UNIT)
        for name in combinations
        for facet in ("intervention", "intervention_animals")
        if not len(rows_of(draws, place(draws, name)))
    )


def effect_of(draws: dict[str, Draws], name: str, facet: str) -> Draws:
    """Give the effect of one mechanism in one facet, shape (sample,)."""
    return draws["theta"][:, place(draws, name), FACETS.index(facet)]


def rests_on(draws: dict[str, Draws], name: str, mechanism: int, facet: int) -> str:
    """Count the rows and sources of a mechanism in a facet."""
    own = rows_of(draws, mechanism, facet)
    sources = len(set(labels(draws["row_source"][own])))
    if not len(own):
        return f"{name} has no row of its own here: its effect comes from its class and from its other facets"
    return f"{name}: {len(own)} row{'s' if len(own) > 1 else ''} of {sources} source{'s' if sources > 1 else ''}"


ESTIMANDS = {
    **{estimand.__name__: estimand for estimand in map(of_facet, FACETS)},
    fold_marker_induction_cells.__name__: fold_marker_induction_cells,
}
