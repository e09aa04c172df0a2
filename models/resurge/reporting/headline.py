"""The headline answers as a few lines: what `resurge run` ends with and the README shows."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from resurge.findings import effect_draws
from resurge.findings.benefit_questions import answer_benefit
from resurge.findings.effect_draws import Effect, average, labels
from resurge.findings.hazard_draws import Profile
from resurge.findings.questions import answer_risk, answer_windows, estimate
from resurge.inference.records import manifest_path, sound_draws
from resurge.project import Project
from resurge.reporting import words
from resurge.reporting.benefit_words import GROUP_WORDS, difference, risk
from resurge.reporting.effect_words import number_needed
from resurge.reporting.terminal import interval_of
from resurge.synthesis.strata import ER

LEVEL = 0.95
LANDMARK, HORIZON = 5.0, 20.0
EXTENDED, MORE_YEARS = "extended_endocrine", 5.0
WINDOWS = ((5.0, 10.0), (10.0, 15.0))
GROUP, WOMEN = "N1–3, T2", Profile("positive", "N1-3", "T2")
"""Women whose benefit stands for that of others: between those with the lowest and the highest risk."""


def headline(project: Project) -> Iterator[str]:
    """Give the headline answers for women of a typical population, strata mixed as at diagnosis.

    Parameters
    ----------
    project : Project
        Where the posterior is stored.

    Yields
    ------
    str
        One sentence a line.

    Raises
    ------
    RecordError
        If there is no posterior to report from.
    """
    for er in ER:
        windows = answer_windows(project, Profile(er), level=LEVEL)
        risk = answer_risk(project, Profile(er), LANDMARK, [HORIZON], age=None, level=LEVEL)["risks"][0]
        late = windows["share_after"][0]
        yield (
            f"ER-{er}: the hazard of recurrence peaks at {interval_of(windows['peak_year'], LEVEL)}; "
            f"{words.percent_interval(late['median'], late['lower'], late['upper'], LEVEL)} of the recurrences "
            f"of {HORIZON:g} years come "
            f"after year {late['year']:g}; a woman free of recurrence at year {LANDMARK:g} has a risk of "
            f"{words.percent_interval(risk['median'], risk['lower'], risk['upper'], LEVEL)} by year {HORIZON:g}."
        )
    crossover = windows["crossover_year"]
    yield f"The ER-positive hazard overtakes the ER-negative one at {interval_of(crossover, LEVEL)}."
    if manifest_path(project, "therapy").is_file():
        yield from therapy_headline(project)


def therapy_headline(project: Project) -> Iterator[str]:
    """Tell what endocrine therapy beyond five years changes, where trials of the evidence extend it.

    Raises
    ------
    RecordError
        If a posterior cannot be reported from.
    """
    draws = sound_draws(project, "therapy", effect_draws.PARAMETERS)
    if EXTENDED not in labels(draws["effect_class"]):
        return
    ratios = []
    for start, end in WINDOWS:
        logs = estimate(average(draws, Effect(EXTENDED, duration=MORE_YEARS), start - LANDMARK, end - LANDMARK), LEVEL)
        limits = (float(np.exp(logs[key])) for key in ("median", "lower", "upper"))
        ratios.append(f"{words.ratio_interval(*limits, LEVEL)} in years {start:g} to {end:g}")
    yield (
        "Going on with endocrine therapy for five years beyond year 5, against stopping, has a hazard ratio of "
        f"recurrence of {words.listed(ratios)} after diagnosis."
    )
    answer = answer_benefit(
        project, WOMEN, EXTENDED, LANDMARK, [HORIZON], start=None, duration=MORE_YEARS, level=LEVEL
    )["benefits"][0]
    without, treated = risk(answer["without"], LEVEL), risk(answer["with"], LEVEL)
    needed = number_needed(answer["number_needed_to_treat"], LEVEL)
    yield (
        f"For a woman with ER-positive disease, {GROUP_WORDS[GROUP]}, free of recurrence at year {LANDMARK:g}, going "
        f"on takes the risk by year {HORIZON:g} from {without} to {treated}: {difference(answer['difference'], LEVEL)} "
        f"less; number needed to treat {needed}."
    )
