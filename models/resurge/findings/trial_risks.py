"""Risks of recurrence that trials print for both arms, held against the models.

The therapy model reads hazard ratios only; the risks of the arms stand beside them in ``therapy_effects`` and never
enter it. Two predictions are made for each pair of risks ``F0`` (without the therapy) and ``F1`` (with it)::

    from the printed risk without   -log(1 - F1) = -log(1 - F0) * sum_i w_i HR(t_i) * exp(e),   e ~ N(0, se)
    from both models                 F0 and F1 of the women's stratum, as in benefit_draws, F1 with the same e

``w`` are the shares of the control arm's cumulative hazard, ``HR`` the course of one more trial of the class, and
``se`` the standard error of the trial's own log ratio: chance, which no model takes away. The second prediction is for
one more population.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from resurge.evidence.selection import is_modelled_rate
from resurge.evidence.tables import Evidence
from resurge.findings import effect_draws, hazard_draws
from resurge.findings.benefit_draws import Benefit, benefit
from resurge.findings.benefit_questions import without_therapy
from resurge.findings.effect_draws import Effect, log_hazard_ratio
from resurge.findings.hazard_draws import Profile
from resurge.synthesis.event_weights import YEARS, Baseline, within
from resurge.synthesis.strata import ENDPOINTS, ER

RECURRENCES = ("any_recurrence", "distant_recurrence", "bone_recurrence", "locoregional")
"""Endpoints that count recurrences alone."""
NODAL = {"any": "any", "negative": "N0", "positive": "N1+"}
"""Nodal labels of the therapy table in the words of the recurrence model; women of other labels have no profile."""
SAME_COMPARISON = [
    *("trial", "effect_class", "endpoint", "er", "nodal", "menopausal", "population_notes", "treatment", "control")
]
CHANCE_SEED = 21


@dataclass(frozen=True)
class TrialRisk:
    """Risks of recurrence of both arms of a trial at a landmark.

    Attributes
    ----------
    row_id, trial, effect_class, endpoint, er, nodal, women : str
        As in the table; ``women`` says who they are beyond ER status and nodes.
    randomised_year : float
        Years from diagnosis to randomisation.
    years : float
        Landmark, years since randomisation.
    start, duration : float
        Years since randomisation from which arms differ, and for how long.
    without, treated : float
        Printed risks without and with the therapy of the class.
    se : float
        Standard error of the log ratio of the arms; NaN where nothing tells it.
    ratio_from : {"this row", "the same women", "nothing"}
        What the therapy model reads of them: the ratio of this row, other rows that count the same women, or nothing.
    risk_known : bool
        Whether the recurrence model reads risks or rates on the endpoint from the same source.
    """

    row_id: str
    trial: str
    effect_class: str
    endpoint: str
    er: str
    nodal: str
    women: str
    randomised_year: float
    years: float
    start: float
    duration: float
    without: float
    treated: float
    se: float
    ratio_from: str
    risk_known: bool

    @property
    def difference(self) -> float:
        """Printed risk that the therapy takes away."""
        return self.without - self.treated


def trial_risks(evidence: Evidence, classes: Collection[str]) -> list[TrialRisk]:
    """List the pairs of risks of early disease, the latest landmark of each comparison.

    Parameters
    ----------
    evidence : Evidence
        With ``therapy_effects``.
    classes : collection of str
        Classes of the therapy model.
    """
    effects = evidence.therapy_effects
    if effects is None:
        return []
    printed = effects[["survival_treatment", "survival_control", "landmark_year", "contrast_years"]].notna().all(axis=1)
    early = (effects["setting"] != "metastatic") & effects["endpoint"].isin(RECURRENCES)
    rows = effects[printed & early & effects["effect_class"].isin(list(classes))]
    order = rows.assign(read=rows["use"] == "yes").sort_values(["landmark_year", "read"], kind="stable").index
    latest = rows.loc[order].drop_duplicates(SAME_COMPARISON, keep="last").sort_index()
    return [_trial_risk(row, evidence) for row in latest.to_dict("records")]


def _trial_risk(row: dict[str, object], evidence: Evidence) -> TrialRisk:
    arms = (1 - float(row["survival_control"]), 1 - float(row["survival_treatment"]))
    without, treated = arms[::-1] if row["inverted"] == "yes" else arms
    return TrialRisk(
        **{name: row[name] for name in ("row_id", "trial", "effect_class", "endpoint", "er", "nodal")},
        women=_women(row),
        randomised_year=_number(row["randomised_year"]),
        years=float(row["landmark_year"]),
        start=_number(row["contrast_start_year"]),
        duration=float(row["contrast_years"]),
        without=without,
        treated=treated,
        se=float(row["se_log"]),
        ratio_from=_ratio_from(row, evidence.therapy_effects),
        risk_known=_risk_known(row, evidence.recurrence_rates),
    )


def _women(row: dict[str, object]) -> str:
    nodes = {"positive": "node-positive", "negative": "node-negative"}.get(str(row["nodal"]), "")
    menopause = {"pre": "premenopausal", "post": "postmenopausal"}.get(str(row["menopausal"]), "")
    notes = str(row["population_notes"])
    return ", ".join(part for part in (nodes, "" if "menopausal" in notes else menopause, notes) if part)


def _number(value: object) -> float:
    return float(value) if np.isfinite(float(value)) else 0.0


def _ratio_from(row: dict[str, object], effects: pd.DataFrame) -> str:
    if row["used_as"] != "":
        return "this row"
    same_trial = (effects["trial"] == row["trial"]) & (effects["effect_class"] == row["effect_class"])
    elsewhere = row["inside"] != "" or str(row["exclude_reason"]).startswith("overlaps:")
    read = elsewhere or (effects.loc[same_trial, "used_as"] != "").any()
    return "the same women" if read else "nothing"


def _risk_known(row: dict[str, object], rates: pd.DataFrame) -> bool:
    """Tell whether the recurrence model reads a rate or risk on this endpoint from the same source."""
    own = rates[(rates["source_id"] == row["source_id"]) & (rates["endpoint"] == row["endpoint"])]
    return any(is_modelled_rate(rate) for rate in own.to_dict("records"))


def treated_risk(therapy: effect_draws.Draws, trial: TrialRisk, *, chance: bool = True) -> NDArray[np.float64]:
    """Predict the risk of the treated arm from the printed risk of the other, shape (sample,).

    Parameters
    ----------
    therapy : Draws
        Posterior draws of the therapy model.
    trial : TrialRisk
        Printed risks.
    chance : bool
        Whether to add the trial's own sampling error.
    """
    events = control_events(therapy, trial)
    hazard = -np.diff(np.log1p(-np.concatenate([[0.0], np.cumsum(events)])))
    weights = hazard * within(0.0, trial.years)
    logs = log_hazard_ratio(therapy, effect_of(trial), np.maximum(YEARS - trial.start, 0.0))
    logs = np.where(trial.start > YEARS, 0.0, logs)
    ratio = np.exp(logs) @ (weights / weights.sum())
    return -np.expm1(np.log1p(-trial.without) * ratio * np.exp(chance * sampling_error(trial, len(ratio))))


def control_events(therapy: effect_draws.Draws, trial: TrialRisk) -> NDArray[np.float64]:
    """Give the recurrences expected in each cell since randomisation in a control arm of the trial's women."""
    baseline = Baseline(therapy["baseline_edges"], dict(zip(ER, therapy["baseline_hazard"], strict=True)))
    return baseline.events(trial.er, trial.randomised_year)


def effect_of(trial: TrialRisk) -> Effect:
    """Give the effect of one more trial of the class, with this one's duration."""
    return Effect(trial.effect_class, trial.endpoint, "new", trial.duration)


def sampling_error(trial: TrialRisk, n: int) -> NDArray[np.float64]:
    """Draw the error of a trial's log ratio by chance, shape (n,); 0 where its size is not known."""
    se = trial.se if np.isfinite(trial.se) else 0.0
    return se * np.random.default_rng(CHANCE_SEED).standard_normal(n)


def model_risks(
    recurrence: hazard_draws.Draws, therapy: effect_draws.Draws, trial: TrialRisk, *, chance: bool = True
) -> Benefit | None:
    """Predict the risks of both arms in one more population; None where the model has no such women or endpoint.

    Parameters
    ----------
    recurrence, therapy : Draws
        Posterior draws of the two models.
    trial : TrialRisk
        Who the women are; its printed risks are not looked at.
    chance : bool
        Whether to add the trial's own sampling error to the risk with therapy.
    """
    if trial.er not in ER or trial.nodal not in NODAL or trial.endpoint not in ENDPOINTS:
        return None
    women = Profile(trial.er, NODAL[trial.nodal], endpoint=trial.endpoint, population="new")
    women = without_therapy(women, trial.effect_class)
    begins, left = trial.randomised_year + trial.start, trial.randomised_year
    found = benefit(recurrence, therapy, women, effect_of(trial), begins, left, [left + trial.years])
    error = chance * sampling_error(trial, len(found.treated))[:, None]
    return Benefit(found.without, -np.expm1(np.log1p(-found.treated) * np.exp(error)))


def check_trials(
    recurrence: hazard_draws.Draws, therapy: effect_draws.Draws, trials: Collection[TrialRisk], level: float
) -> pd.DataFrame:
    """Set printed differences of risk beside their predictions.

    Returns
    -------
    pandas.DataFrame
        A row for each pair of risks: facts of `TrialRisk`; ``difference`` as printed; ``given_median``,
        ``given_lower``, ``given_upper`` of the difference from the printed risk without, with ``given_inside``; and
        ``baseline_``, ``model_`` with the same endings for the risk without and the difference of both models,
        NaN where there is none.
    """
    rows = []
    for trial in trials:
        found = model_risks(recurrence, therapy, trial)
        nothing = np.array([np.nan])
        predicted = {
            "given": (trial.difference, trial.without - treated_risk(therapy, trial)),
            "baseline": (trial.without, nothing if found is None else found.without[:, 0]),
            "model": (trial.difference, nothing if found is None else found.difference[:, 0]),
        }
        row = vars(trial) | {"difference": trial.difference}
        for name, (printed, draws) in predicted.items():
            row |= {f"{name}_{end}": value for end, value in held_against(printed, draws, level).items()}
        rows.append(row)
    return pd.DataFrame(rows)


def held_against(printed: float, draws: NDArray[np.float64], level: float) -> dict[str, float | bool]:
    """Give median and limits of a prediction, and whether a printed number lies inside them."""
    lower, median, upper = (float(q) for q in np.quantile(draws, [(1 - level) / 2, 0.5, (1 + level) / 2]))
    return {"median": median, "lower": lower, "upper": upper, "inside": lower <= printed <= upper}
