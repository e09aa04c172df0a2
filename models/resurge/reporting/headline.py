"""The headline answers as a few lines: what `resurge run` ends with and the README shows."""

from __future__ import annotations

from collections.abc import Iterator

from resurge.findings.hazard_draws import Profile
from resurge.findings.questions import answer_risk, answer_windows
from resurge.project import Project
from resurge.reporting import words
from resurge.reporting.terminal import interval_of
from resurge.synthesis.strata import ER

LEVEL = 0.95
LANDMARK, HORIZON = 5.0, 20.0


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
