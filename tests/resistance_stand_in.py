"""Made-up fits of the models of resistance for the report pages: prior draws over the evidence of the project."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import xarray as xr

from resurge.evidence.tables import Evidence, load_evidence
from resurge.inference.fit_resistance import completed
from resurge.inference.fit_translation import labelled
from resurge.inference.records import Record
from resurge.reporting.resistance_view import ResistanceView, resistance_of
from resurge.synthesis.resistance_design import resistance_design
from resurge.synthesis.resistance_forward import draw_prior as draw_resistance
from resurge.synthesis.resistance_priors import RESISTANCE
from resurge.synthesis.translation_design import translation_design
from resurge.synthesis.translation_forward import draw_prior as draw_translation
from resurge.synthesis.translation_forward import true_effects
from resurge.synthesis.translation_priors import TRANSLATION

DATA = Path(__file__).parents[1] / "data"
DRAWS = 200


def record(model: str, posterior: xr.Dataset, *, passed: bool = True, stale: tuple[str, ...] = ()) -> Record:
    """Give draws as a stored fit."""
    check = {"R-hat": {"value": 1.0, "limit": 1.01, "passed": passed, "worst": "tau"}}
    return Record(model, posterior, posterior, xr.Dataset(), check, passed, stale, {}, {}, {})


def mechanisms(evidence: Evidence) -> xr.Dataset:
    """Give prior draws of the resistance model over a body of evidence."""
    rng = np.random.default_rng(1)
    design = resistance_design(evidence.resistance_effects, evidence.mechanisms)
    return completed(draw_resistance(RESISTANCE, design, DRAWS, rng), design, (1, DRAWS), rng).as_dataset()


def pairs(evidence: Evidence) -> xr.Dataset:
    """Give prior draws of the translation model over a body of evidence."""
    design = translation_design(evidence.replication_pairs)
    draws = draw_translation(TRANSLATION, design, DRAWS, np.random.default_rng(2))
    return labelled({**draws, "delta": true_effects(design, draws)}, design, (1, DRAWS)).as_dataset()


@cache
def view() -> ResistanceView:
    """Give the view of the page."""
    evidence = load_evidence(DATA)
    return resistance_of(record("resistance", mechanisms(evidence)), record("translation", pairs(evidence)), evidence)
