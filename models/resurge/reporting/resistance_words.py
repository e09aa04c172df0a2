"""Words for mechanisms of resistance: names of facets, and what kind of evidence an answer rests on."""

from __future__ import annotations

FACET_NAMES = {
    "marker_prognosis": "Marker and prognosis",
    "response_prediction": "Marker and response",
    "marker_induction": "Marker under therapy",
    "marker_induction_cells": "Marker in tolerant cells",
    "intervention": "Intervention, patients",
    "intervention_animals": "Intervention, animals",
}
"""Facets as pages call them."""
KIND_NAMES = {"animal": "animals", "cell": "cells"}


def facet_name(facet: str) -> str:
    """Name of a facet.

    Examples
    --------
    >>> facet_name("intervention_animals")
    'Intervention, animals'
    """
    return FACET_NAMES[facet]


def short_name(mechanism: str) -> str:
    """Key of a mechanism without its prefix.

    Examples
    --------
    >>> short_name("M_NRF2")
    'NRF2'
    """
    return mechanism.removeprefix("M_")
