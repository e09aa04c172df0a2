"""Small therapy tables made in memory, a control arm with an even hazard, and fits to readings simulated on them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import xarray as xr

from resurge.findings.effect_draws import PARAMETERS
from resurge.inference.fit_therapy import labelled, with_constants, with_effects
from resurge.inference.sample import Settings, sample
from resurge.synthesis.event_weights import Baseline
from resurge.synthesis.therapy_design import TherapyDesign

NAN = float("nan")
EFFECT = {
    "row_id": "e1",
    "trial": "Alpha",
    "setting": "adjuvant",
    "er": "positive",
    "effect_class": "drug",
    "inverted": "no",
    "treatment": "drug",
    "control": "none",
    "endpoint": "any_recurrence",
    "randomised_year": 0.0,
    "contrast_start_year": 0.0,
    "contrast_years": 5.0,
    "log_estimate": -0.5,
    "se_log": 0.1,
    "window_start": 0.0,
    "window_end": 5.0,
    "window_kind": "period",
    "window_end_from": "printed",
    "update_chain": "",
    "report_order": NAN,
    "women": "",
    "used_as": "effect",
}


def effects_of(*rows: dict[str, object]) -> pd.DataFrame:
    """Give rows of therapy_effects; what a row does not say is a log ratio of -0.5 +- 0.1 from 0 to 5 years."""
    return pd.DataFrame(
        [{**EFFECT, "row_id": f"e{i}", **row} for i, row in enumerate(rows, start=1)], columns=[*EFFECT]
    )


def even_hazard(positive: float = 0.02, negative: float = 0.02, years: int = 35) -> Baseline:
    """Give a control arm with a constant hazard in each ER group."""
    one = np.ones(years)
    return Baseline(np.arange(years + 1.0), {"negative": negative * one, "positive": positive * one})


def trials_of_every_kind() -> pd.DataFrame:
    """Give six classes with fifteen trials: periods, chains, deaths, other endpoints, stopping, short courses."""
    rows = []
    for trial, se in (("T1", 0.06), ("T2", 0.09), ("T3", 0.12)):
        own = {"effect_class": "five_years", "trial": trial, "contrast_years": 5.0}
        rows += [
            {**own, "window_start": start, "window_end": end, "se_log": se * wider}
            for start, end, wider in ((0.0, 2.0, 1.3), (2.0, 5.0, 1.2), (5.0, 10.0, 1.0), (10.0, 15.0, 1.5))
        ]
        rows.append({**own, "endpoint": "breast_cancer_death", "window_end": 15.0, "se_log": se})
    for trial, se in (("E1", 0.08), ("E2", 0.10), ("E3", 0.12)):
        own = {"effect_class": "extended_five", "trial": trial, "randomised_year": 5.0}
        rows += [
            {**own, "window_start": start, "window_end": end, "se_log": se * wider}
            for start, end, wider in ((0.0, 5.0, 1.0), (5.0, 10.0, 1.3))
        ]
    for trial, first in (("Y1", 0.10), ("Y2", 0.12), ("Y3", 0.14)):
        own = {"effect_class": "one_year", "trial": trial, "contrast_years": 1.0, "er": "any", "endpoint": "dfs"}
        own |= {"window_kind": "whole_follow_up", "update_chain": f"{trial} dfs", "used_as": "increment"}
        rows += [
            {**own, "report_order": order, "window_end": end, "se_log": first * narrower}
            for order, end, narrower in ((1.0, 2.0, 1.0), (2.0, 5.0, 0.75), (3.0, 10.0, 0.6))
        ]
        rows.append({**own, "endpoint": "os", "window_end": 8.0, "update_chain": "", "used_as": "effect"})
    for trial, se in (("N1", 0.10), ("N2", 0.15)):
        own = {"effect_class": "half_year", "trial": trial, "contrast_years": 0.5, "er": "negative"}
        rows += [
            {**own, "window_start": start, "window_end": end, "se_log": se} for start, end in ((0.0, 2.0), (2.0, 8.0))
        ]
    for trial, se in (("S1", 0.08), ("S2", 0.10)):
        own = {"effect_class": "one_year_short", "trial": trial, "contrast_start_year": 0.5, "contrast_years": 0.5}
        rows += [{**own, "window_end": 6.0, "window_kind": "whole_follow_up", "se_log": se}]
        rows += [{**own, "window_end": 6.0, "endpoint": "distant_recurrence", "se_log": 1.2 * se}]
    for trial, se in (("B1", 0.10), ("B2", 0.20)):
        own = {"effect_class": "two_years", "trial": trial, "contrast_years": 2.0}
        rows += [{**own, "window_end": end, "se_log": se, "window_kind": "whole_follow_up"} for end in (4.0,)]
        rows += [{**own, "window_end": 9.0, "endpoint": "bone_recurrence", "se_log": se}]
    return effects_of(*rows)


def fit_readings(
    compiled, design: TherapyDesign, baseline: Baseline, readings: np.ndarray, settings: Settings
) -> dict[str, np.ndarray]:
    """Fit simulated readings with a model that is compiled already, and give its draws as the findings read them."""
    shown = replace(design, log_ratio=design.rotation.T @ readings)
    assert np.allclose(shown.readings, readings)
    groups = sample(compiled, settings, progress=False, data={"observed_readings": readings})
    posterior = with_effects(groups["posterior"].to_dataset(), shown, np.random.default_rng(settings.seed))
    return as_draws(with_constants(posterior, design, baseline).as_dataset())


def as_posterior(draws: dict[str, np.ndarray], design: TherapyDesign, baseline: Baseline) -> xr.Dataset:
    """Give arrays, the sample first, the form of a stored posterior with one chain."""
    return with_constants(labelled(draws, (1, len(draws["mu"]))), design, baseline).as_dataset()


def as_draws(posterior: xr.Dataset) -> dict[str, np.ndarray]:
    """Give the arrays that the findings read, chains and draws as one sample."""
    sampled = {name: posterior[name].dims[:2] == ("chain", "draw") for name in PARAMETERS}
    return {
        name: posterior[name].values.reshape(-1, *posterior[name].shape[2:])
        if sampled[name]
        else posterior[name].values
        for name in PARAMETERS
    }
