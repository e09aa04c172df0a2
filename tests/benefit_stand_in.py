"""Made-up benefits with answers known beforehand, for the page."""

from __future__ import annotations

import numpy as np
import pandas as pd

from resurge.findings.trial_risks import TrialRisk
from resurge.reporting.benefit_answers import CURVE_YEARS, ENDS, GROUPS, LANDMARK, BenefitAnswers, Decision

LEVEL = 0.95


def estimated(value, spread=0.01):
    return {"mean": value, "median": value, "lower": value - spread, "upper": value + spread}


def changed(start, end, without=0.3, gain=0.05):
    needed = {"lower": 1 / (gain + 0.01), "median": 1 / gain, "upper": 1 / (gain - 0.01), "probability_of_harm": 0.0}
    return {
        "from": start, "to": end, "without": estimated(without, 0.05), "with": estimated(without - gain, 0.05),
        "difference": estimated(gain), "number_needed_to_treat": needed,
    }  # fmt: skip


def decision():
    risk = 0.02 * (CURVE_YEARS - LANDMARK)
    arms = {"without": risk, "with": 0.8 * risk}
    return Decision(
        curve=pd.DataFrame(
            {"year": CURVE_YEARS}
            | {f"{arm}_{key}": values * factor for arm, values in arms.items()
               for key, factor in (("median", 1.0), ("lower", 0.8), ("upper", 1.2))}
        ),
        ends=[changed(LANDMARK, end) for end in ENDS],
        windows=[changed(start, start + 5) for start in (5.0, 10.0, 15.0)],
        lengths=pd.DataFrame([{"years": 2.0, **estimated(0.04)}, {"years": 5.0, **estimated(0.05)}]),
        longer=estimated(0.01),
    )  # fmt: skip


def starts():
    needed = {"lower": 11.0, "median": 12.5, "upper": 14.0, "probability_of_harm": 0.0}
    rows = [
        {"er": er, "effect_class": name, "trials": 2, "group": group, "end": end, **estimated(0.08), "without": 0.3}
        | {"needed": needed, "beyond": end > ENDS[0]}
        for er, name in (("positive", "endocrine_tamoxifen"), ("negative", "chemo"))
        for group in GROUPS
        for end in ENDS
    ]
    return pd.DataFrame(rows)


def checks():
    trial = TrialRisk(
        row_id="e0001", trial="ATLAS", effect_class="extended_endocrine", endpoint="any_recurrence", er="positive",
        nodal="any", women="all <women>", randomised_year=5.0, years=10.0, start=0.0, duration=5.0, without=0.251,
        treated=0.214, se=0.05, ratio_from="the same women", risk_known=True,
    )  # fmt: skip
    row = vars(trial) | {"difference": trial.difference}
    for name, value in {"given": 0.04, "baseline": 0.21, "model": 0.035}.items():
        row |= {f"{name}_{key}": each for key, each in estimated(value).items()} | {f"{name}_inside": True}
    unknown = {f"{name}_{key}": np.nan for name in ("baseline", "model") for key in ("median", "lower", "upper")}
    other = row | {"trial": "Beta", "er": "any", "treated": 0.15, "difference": 0.1, "given_inside": False} | unknown
    return pd.DataFrame([row, other | {"baseline_inside": False, "model_inside": False, "ratio_from": "nothing"}])


def answers():
    return BenefitAnswers(
        level=LEVEL,
        decisions={group: decision() for group in GROUPS},
        ratios=[{"from": 5.0, "to": 10.0, **estimated(0.85, 0.1)}, {"from": 10.0, "to": 15.0, **estimated(0.75, 0.1)}],
        wears_off={"mean": None, "median": 18.0, "lower": 14.0, "upper": None, "probability": 0.8, "horizon": 25.0},
        followed={"extended_endocrine": 15.0},
        starts=starts(),
        checks=checks(),
    )
