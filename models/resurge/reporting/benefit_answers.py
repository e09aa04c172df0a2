"""From the stored posteriors of both models to what the page about benefit shows: every call of the findings for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from resurge.evidence.tables import Evidence
from resurge.findings import effect_draws, recurrence
from resurge.findings.benefit_draws import Benefit, benefit, disease_of, natural_start
from resurge.findings.benefit_questions import number_needed, told, without_therapy
from resurge.findings.effect_draws import HORIZON, Effect, average, labels, place, years_of_benefit
from resurge.findings.effect_fit import flat_draws
from resurge.findings.hazard_draws import Draws, Profile
from resurge.findings.questions import estimate, reached_within
from resurge.findings.trial_risks import check_trials, trial_risks
from resurge.inference.records import Record

Answer = dict[str, Any]
LEVEL = 0.95
EXTENDED = "extended_endocrine"
LANDMARK = 5.0
ENDS = (10.0, 15.0, 20.0)
CURVE_YEARS = np.arange(LANDMARK, ENDS[-1] + 0.25, 0.5)
LENGTHS = (2.0, 5.0)
"""Years of further endocrine therapy that trials have compared with stopping or with each other."""
GROUPS = {
    "N0, T1": ("N0", "T1"),
    "N1–3, T2": ("N1-3", "T2"),
    "N4–9, T2": ("N4-9", "T2"),
}
"""Nodes and tumour size of the women of the page, by the name that figures give them."""
NODES_ONLY = ("N1–3, T2", "N4–9, T2")
AT_DIAGNOSIS = {
    "positive": {
        "endocrine_tamoxifen": tuple(GROUPS),
        "endocrine_ai": tuple(GROUPS),
        "ovarian_suppression": tuple(GROUPS),
        "chemo_taxane": tuple(GROUPS),
        "chemo_dose_dense": tuple(GROUPS),
        "bisphosphonate": tuple(GROUPS),
        "cdk46_inhibitor": NODES_ONLY,
        "anti_her2_mab": tuple(GROUPS),
    },
    "negative": {
        "chemo": tuple(GROUPS),
        "chemo_taxane": tuple(GROUPS),
        "chemo_dose_dense": tuple(GROUPS),
        "immune_checkpoint": NODES_ONLY,
        "anti_her2_mab": tuple(GROUPS),
    },
}
"""Classes begun at diagnosis, by ER status, and the groups that are like the women of their trials."""


@dataclass(frozen=True)
class Decision:
    """Stopping or going on with endocrine therapy at year five, for one group.

    Attributes
    ----------
    curve
        Columns `year`, and `without_` and `with_` `median`, `lower`, `upper` (risk since year five).
    ends, windows
        Answers of `told`, with `from` and `to`: from year five to each end, and from end to end for women still free.
    lengths
        Columns `years` (of further therapy), `median`, `lower`, `upper` of the difference by the last end.
    longer
        What the longest further therapy takes away beyond the shortest, by the last end.
    """

    curve: pd.DataFrame
    ends: list[Answer]
    windows: list[Answer]
    lengths: pd.DataFrame
    longer: Answer


@dataclass(frozen=True)
class BenefitAnswers:
    """Summaries of both posteriors.

    Attributes
    ----------
    level
        Probability of the intervals.
    decisions
        By group; empty where no trial of the evidence extends endocrine therapy.
    ratios
        Hazard ratio of going on, by window since year five: `from`, `to`, `median`, `lower`, `upper`.
    wears_off
        Year since diagnosis from which the hazard ratio is within 5% of one, as `reached_within`.
    followed
        Last year since diagnosis to which a trial of the class was followed, by class.
    starts
        Therapies begun at diagnosis: columns `er`, `effect_class`, `trials`, `group`, `end`, `median`, `lower`, `upper`
        (difference), `without`, `needed` (as `number_needed`) and `beyond` (later than its trials were followed).
    checks
        Rows of `check_trials`; None if the evidence is not that of the fits.
    """

    level: float
    decisions: Mapping[str, Decision]
    ratios: list[Answer]
    wears_off: Answer | None
    followed: Mapping[str, float]
    starts: pd.DataFrame
    checks: pd.DataFrame | None

    @property
    def fitted(self) -> pd.DataFrame | None:
        """What stands beside the evidence of the fits."""
        return self.checks


def read_benefits(record: Record, therapy_record: Record, evidence: Evidence) -> BenefitAnswers:
    """Summarise both posteriors for women of a typical population."""
    draws, therapy = recurrence.draws_of(record.posterior), flat_draws(therapy_record.posterior)
    classes = labels(therapy["effect_class"])
    extends = EXTENDED in classes
    followed = followed_to(evidence, classes)
    fresh = record.fresh and therapy_record.fresh
    return BenefitAnswers(
        level=LEVEL,
        decisions={group: _decision(draws, therapy, group) for group in GROUPS} if extends else {},
        ratios=_ratios(therapy) if extends else [],
        wears_off=_wears_off(therapy) if extends else None,
        followed=followed,
        starts=_starts(draws, therapy, followed),
        checks=check_trials(draws, therapy, trial_risks(evidence, classes), LEVEL) if fresh else None,
    )


def followed_to(evidence: Evidence, classes: tuple[str, ...]) -> dict[str, float]:
    """Give the last year since diagnosis that a row of each class reaches."""
    effects = evidence.therapy_effects
    rows = effects[(effects["used_as"] != "") & (effects["setting"] != "metastatic")]
    last = (rows["randomised_year"].fillna(0) + rows["window_end"]).groupby(rows["effect_class"]).max()
    return {name: float(last.get(name, np.nan)) for name in classes}


def _decision(draws: Draws, therapy: Draws, group: str) -> Decision:
    women = Profile("positive", *GROUPS[group])

    def going_on(survived: float, ends: Sequence[float], duration: float | None = None) -> Benefit:
        effect = Effect(EXTENDED, duration=duration)
        return benefit(draws, therapy, women, effect, LANDMARK, survived, ends)

    whole, curve = going_on(LANDMARK, ENDS), going_on(LANDMARK, CURVE_YEARS)
    columns = {"without": curve.without, "with": curve.treated}
    bounds = list(pairwise([LANDMARK, *ENDS]))
    parts = [going_on(left, [right]) for left, right in bounds]
    lengths = {years: going_on(LANDMARK, ENDS[-1:], years).difference[:, 0] for years in LENGTHS}
    return Decision(
        curve=pd.DataFrame(
            {"year": CURVE_YEARS}
            | {
                f"{arm}_{name}": np.quantile(risks, q, axis=0)
                for arm, risks in columns.items()
                for name, q in _quantiles().items()
            }
        ),
        ends=[{"from": LANDMARK, "to": end, **told(whole, i, LEVEL)} for i, end in enumerate(ENDS)],
        windows=[{"from": u, "to": v, **told(part, 0, LEVEL)} for (u, v), part in zip(bounds, parts, strict=True)],
        lengths=pd.DataFrame([{"years": years, **estimate(draws, LEVEL)} for years, draws in lengths.items()]),
        longer=estimate(lengths[LENGTHS[-1]] - lengths[LENGTHS[0]], LEVEL),
    )


def _quantiles() -> dict[str, float]:
    return {"median": 0.5, "lower": (1 - LEVEL) / 2, "upper": (1 + LEVEL) / 2}


def _ratios(therapy: Draws) -> list[Answer]:
    spans = pairwise([0.0, *(end - LANDMARK for end in ENDS)])
    found = []
    for start, end in spans:
        logs = average(therapy, Effect(EXTENDED), start, end)
        limits = {name: float(np.exp(np.quantile(logs, q))) for name, q in _quantiles().items()}
        found.append({"from": LANDMARK + start, "to": LANDMARK + end, **limits})
    return found


def _wears_off(therapy: Draws) -> Answer:
    return reached_within(LANDMARK + years_of_benefit(therapy, Effect(EXTENDED)), LEVEL) | {
        "horizon": LANDMARK + HORIZON
    }


def _starts(draws: Draws, therapy: Draws, followed: Mapping[str, float]) -> pd.DataFrame:
    """Differences for every therapy begun at diagnosis that the posterior knows, group and end."""
    rows = []
    for er, name, group in _asked(therapy):
        trials = int((therapy["trial_class"] == place(therapy, name)).sum())
        women = without_therapy(Profile(er, *GROUPS[group]), name)
        found = benefit(draws, therapy, women, Effect(name), natural_start(therapy, name, 0.0), 0.0, ENDS)
        for i, end in enumerate(ENDS):
            difference = found.difference[:, i]
            rows.append(
                {"er": er, "effect_class": name, "trials": trials, "group": group, "end": end}
                | estimate(difference, LEVEL)
                | {"without": float(np.median(found.without[:, i])), "needed": number_needed(difference, LEVEL)}
                | {"beyond": not end <= followed[name]}
            )
    return pd.DataFrame(rows)


def _asked(therapy: effect_draws.Draws) -> list[tuple[str, str, str]]:
    known = labels(therapy["effect_class"])
    return [
        (er, name, group)
        for er, classes in AT_DIAGNOSIS.items()
        for name, groups in classes.items()
        for group in groups
        if name in known and disease_of(therapy, name) in ("any", er)
    ]
