"""Questions about benefit, answered from stored draws of both models as plain dictionaries; numpy only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from resurge.errors import UsageError
from resurge.findings import effect_draws, hazard_draws
from resurge.findings.benefit_draws import Benefit, benefit, disease_of, natural_start
from resurge.findings.effect_draws import Effect, years_of_benefit
from resurge.findings.effect_questions import known_class
from resurge.findings.hazard_draws import Profile, stated_weights
from resurge.findings.questions import Answer, estimate, reached_within, stated
from resurge.inference.records import sound_draws
from resurge.project import Project

BETTER_CHEMOTHERAPY = ("chemo_taxane", "chemo_anthracycline", "chemo_dose_dense")
WITHOUT = {
    ("endocrine_tamoxifen", "positive"): "none",
    ("chemo", "negative"): "none",
    **{(name, "negative"): "chemo" for name in BETTER_CHEMOTHERAPY},
    **{(name, "positive"): "chemo_endocrine" for name in BETTER_CHEMOTHERAPY},
}
"""What the controls of a class's trials had, by class and ER status, where it is not the usual therapy of the evidence:
tamoxifen was tested against no endocrine therapy, chemotherapy against none, a better chemotherapy against another."""
CONTINUES = "continues"


def answer_benefit(
    project: Project,
    profile: Profile,
    effect_class: str,
    survived: float,
    ends: Sequence[float],
    *,
    start: float | None,
    duration: float | None,
    level: float,
) -> Answer:
    """Answer what a therapy changes for a woman free of recurrence at a landmark.

    Parameters
    ----------
    project : Project
        Where the posteriors are stored.
    profile : Profile
        The women, with the population and the endpoint.
    effect_class : str
        Class of the therapy table.
    survived : float
        Year since diagnosis at which the women are free of recurrence.
    ends : sequence of float
        Years since diagnosis.
    start : float, optional
        Year since diagnosis when the therapy begins; by default when the class's trials began it, and for therapy
        that goes on from an earlier one not before the landmark.
    duration : float, optional
        Years of therapy; by default the middle of the class's trials.
    level : float
        Probability of the interval.

    Returns
    -------
    dict
        ``question``, ``interval``, ``benefits`` (risk without and with, difference, number needed to treat, by end),
        ``windows`` (the same for women still free at the start of each window) and ``effect_ends`` (year since
        diagnosis from which the hazard ratio is within 5% of 1).

    Raises
    ------
    RecordError
        If there is no posterior to report from.
    UsageError
        If there is no such class, or it was not tested in such disease.
    """
    recurrence = sound_draws(project, "recurrence", hazard_draws.PARAMETERS)
    therapy = sound_draws(project, "therapy", (*effect_draws.PARAMETERS, CONTINUES))
    k = known_class(therapy, effect_class)
    tested = disease_of(therapy, effect_class)
    if tested not in ("any", profile.er):
        raise UsageError(f"--er: {effect_class} was tested in ER-{tested} disease only")
    women = without_therapy(profile, effect_class)
    effect = Effect(effect_class, profile.endpoint, profile.population, duration)
    begins = natural_start(therapy, effect_class, survived) if start is None else start
    whole = benefit(recurrence, therapy, women, effect, begins, survived, ends)
    bounds = list(pairwise([survived, *ends]))
    parts = [benefit(recurrence, therapy, women, effect, begins, left, [right]) for left, right in bounds]
    lasts = begins + years_of_benefit(therapy, effect)
    return {
        "question": {
            **stated(women, stated_weights(recurrence, women)),
            "class": effect_class,
            "survived": survived,
            "to": list(ends),
            "start": begins,
            "duration": float(therapy["duration"][k]) if duration is None else duration,
        },
        "interval": level,
        "benefits": [{"from": survived, "to": end, **told(whole, i, level)} for i, end in enumerate(ends)],
        "windows": [
            {"from": left, "to": right, **told(part, 0, level)}
            for (left, right), part in zip(bounds, parts, strict=True)
        ],
        "effect_ends": reached_within(lasts, level),
    }


def without_therapy(profile: Profile, effect_class: str) -> Profile:
    """Give the women as they are without the therapy in question."""
    return replace(profile, therapy=WITHOUT.get((effect_class, profile.er), profile.therapy))


def told(found: Benefit, i: int, level: float) -> Answer:
    """Summarise risks with and without, their difference and the number needed to treat for one end."""
    return {
        "without": estimate(found.without[:, i], level),
        "with": estimate(found.treated[:, i], level),
        "difference": estimate(found.difference[:, i], level),
        "number_needed_to_treat": number_needed(found.difference[:, i], level),
    }


def number_needed(difference: NDArray[np.float64], level: float) -> dict[str, float | None]:
    """Turn differences of risk into the number needed to treat to spare one woman a recurrence.

    The limits are those of the difference, turned over (Altman 1998, BMJ 317:1309): a difference that may be 0 or less
    has no upper limit, which is then None, and ``probability_of_harm`` says how likely that is.
    """
    lower, median, upper = np.quantile(difference, [(1 - level) / 2, 0.5, (1 + level) / 2])
    turned = [float(1 / value) if value > 0 else None for value in (upper, median, lower)]
    harm = float((difference < 0).mean())
    return {"lower": turned[0], "median": turned[1], "upper": turned[2], "probability_of_harm": harm}
