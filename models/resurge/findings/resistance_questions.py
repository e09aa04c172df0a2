"""Questions about mechanisms of resistance, answered from stored draws as plain dictionaries; numpy only."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from resurge.errors import UsageError
from resurge.evidence.csv_files import read_rows
from resurge.evidence.resistance_selection import NOT_MECHANISMS
from resurge.findings.effect_draws import labels
from resurge.findings.questions import Answer, estimate
from resurge.findings.resistance_draws import (
    PARAMETERS,
    Draws,
    marker_correlations,
    next_study,
    place,
    prior_share,
    ranks,
    rows_of,
)
from resurge.inference.records import sound_draws
from resurge.project import Project
from resurge.synthesis.resistance_priors import FACETS

MODEL = "resistance"
SIGNS = {"positive": 1.0, "negative": -1.0}
SCALES = {
    "marker_prognosis": "hazard ratio of worse outcome",
    "response_prediction": "odds ratio of no response",
    "marker_induction": "fold change under therapy",
    "marker_induction_cells": "fold change in tolerant cells",
    "intervention": "hazard ratio, control over treated",
    "intervention_animals": "ratio of tumour burden or hazard, control over treated",
}
"""What the exponential of an effect is."""
OWN, PARTLY = 0.5, 0.9
"""Prior share below which a mechanism's own rows say most, and below which they say something."""
UNTESTED = (
    "untested: no number that could be used bears on it. What follows is the predictive distribution for a mechanism "
    "of the class {kind} that has not been tested yet, and nothing that is known of this one"
)


def catalogue_of(project: Project) -> dict[str, dict[str, str]]:
    """Read the catalogue of mechanisms by key, without the entries that are none.

    Raises
    ------
    UsageError
        If the evidence has no catalogue.
    """
    path = project.data / "mechanisms.csv"
    if not path.is_file():
        raise UsageError("the evidence has no catalogue of mechanisms (data/mechanisms.csv)")
    return {row["mechanism_id"]: row for row in read_rows(path) if row["mechanism_id"] not in NOT_MECHANISMS}


def known_mechanism(catalogue: Mapping[str, Mapping[str, str]], asked: str) -> str:
    """Find a mechanism by its key or by its drugs, whatever the case of letters.

    Raises
    ------
    UsageError
        If there is none, or more than one; the message names the nearest.
    """
    wanted = asked.strip().lower()
    keys = {key.lower(): key for key in catalogue}
    if wanted in keys:
        return keys[wanted]
    by_drugs = [key for key, row in catalogue.items() if row["drugs"].lower() == wanted]
    if len(by_drugs) == 1:
        return by_drugs[0]
    near = difflib.get_close_matches(wanted, [*keys, *(f"m_{wanted}",)], n=3, cutoff=0.5)
    hint = ", ".join(keys[each] for each in near if each in keys)
    raise UsageError(f"no mechanism {asked!r} in the catalogue" + (f"; near it: {hint}" if hint else ""))


def answer_mechanism(project: Project, asked: str, *, level: float) -> Answer:
    """Answer what evidence a mechanism has and what it says.

    Parameters
    ----------
    project : Project
        Where the posterior is stored.
    asked : str
        Key of the mechanism, such as M_NRF2, or its drugs.
    level : float
        Probability of the intervals.

    Returns
    -------
    dict
        ``question``, ``interval``, the entry of the catalogue, ``tested`` with ``status`` in words, ``facets`` (effect,
        probabilities, prior share, next study of each) and ``markers_and_intervention``.

    Raises
    ------
    RecordError
        If there is no posterior to report from.
    UsageError
        If there is no such mechanism.
    """
    catalogue = catalogue_of(project)
    key = known_mechanism(catalogue, asked)
    draws, entry = sound_draws(project, MODEL, PARAMETERS), catalogue[key]
    j = place(draws, key)
    sign = SIGNS.get(entry["expected_sign"])
    tested = len(rows_of(draws, j)) > 0
    return {
        "question": {"mechanism": key},
        "interval": level,
        **{name: entry[name] for name in ("name", "class", "target_gene", "drugs", "therapy_resisted")},
        "claimed_direction": entry["expected_sign"],
        "tested": tested,
        "status": "tested" if tested else UNTESTED.format(kind=entry["class"]),
        "facets": [of_facet(draws, j, f, sign, level) for f in range(len(FACETS))],
        "markers_and_intervention": correlations(draws, level),
    }


def of_facet(draws: Draws, mechanism: int, facet: int, sign: float | None, level: float) -> Answer:
    """Say what is known of a mechanism in one facet."""
    own = rows_of(draws, mechanism, facet)
    effect, following = draws["theta"][:, mechanism, facet], next_study(draws, mechanism, facet)
    share = prior_share(draws, mechanism, facet)
    rows, sources = labels(draws["row"][own]), set(labels(draws["row_source"][own]))
    return {
        "facet": FACETS[facet],
        "scale": SCALES[FACETS[facet]],
        "rows": list(rows),
        "sources": len(sources),
        "effect": estimate(effect, level),
        "ratio": as_ratio(effect, level),
        "probability_positive": float((effect > 0).mean()),
        "probability_claimed": None if sign is None else float((sign * effect > 0).mean()),
        "prior_share": share,
        "informed_by": informed_by(share, len(rows)),
        "next_study": {
            **as_ratio(following, level),
            "probability_claimed": None if sign is None else float((sign * following > 0).mean()),
        },
    }


def informed_by(share: float, rows: int) -> str:
    """Say where an effect comes from."""
    if not rows:
        return "other facets and mechanisms only"
    return "own rows" if share < OWN else "own rows in part" if share < PARTLY else "hardly by its own rows"


def as_ratio(logs: NDArray[np.float64], level: float) -> dict[str, float | None]:
    """Summarise a log ratio as a ratio; the mean is that of the logarithm."""
    return {name: None if value is None else float(np.exp(value)) for name, value in estimate(logs, level).items()}


def correlations(draws: Draws, level: float) -> list[Answer]:
    """Say whether other facets of a mechanism go with the effect of intervening in patients."""
    return [
        {"facet": name, **estimate(values, level), "probability_positive": float((values > 0).mean())}
        for name, values in marker_correlations(draws).items()
    ]


def answer_ranking(project: Project, facet: str, *, level: float) -> Answer:
    """Rank the mechanisms that have evidence in a facet by their effect in the claimed direction.

    Parameters
    ----------
    project : Project
        Where the posterior is stored.
    facet : str
        Facet of the model.
    level : float
        Probability of the intervals.

    Returns
    -------
    dict
        ``question``, ``direction``, ``interval``, ``ranking`` (from the first; rank with its interval, probability of
        being among the first three), ``untested`` (mechanisms without any row) and ``markers_and_intervention``.

    Raises
    ------
    RecordError
        If there is no posterior to report from.
    """
    catalogue = catalogue_of(project)
    draws, f = sound_draws(project, MODEL, PARAMETERS), FACETS.index(facet)
    names = labels(draws["mechanism"])
    own = [j for j in range(len(names)) if len(rows_of(draws, j, f))]
    signs = np.array([SIGNS.get(catalogue[names[j]]["expected_sign"], 1.0) for j in own])
    effects = draws["theta"][:, own, f] * signs
    placed = ranks(effects)
    listed = [
        {
            "mechanism": names[j],
            "name": catalogue[names[j]]["name"],
            "claimed_direction": catalogue[names[j]]["expected_sign"],
            "rows": len(rows_of(draws, j, f)),
            "ratio": as_ratio(effects[:, i], level),
            "probability_claimed": float((effects[:, i] > 0).mean()),
            "rank": estimate(placed[:, i], level),
            "probability_first_three": float((placed[:, i] <= 3).mean()),
            "prior_share": prior_share(draws, j, f),
        }
        for i, j in enumerate(own)
    ]
    return {
        "question": {"facet": facet, "scale": SCALES[facet]},
        "direction": "as claimed; as oriented where the claim is open",
        "interval": level,
        "ranking": sorted(listed, key=lambda each: each["rank"]["mean"]),
        "untested": [name for j, name in enumerate(names) if not len(rows_of(draws, j))],
        "markers_and_intervention": correlations(draws, level),
    }
