"""What the therapy model takes from the recurrence posterior: when recurrences fall in a control arm."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from resurge.findings.hazard_draws import PARAMETERS, Profile, group_hazard
from resurge.inference.records import sound_reading
from resurge.inference.stored_draws import read_arrays
from resurge.project import Project
from resurge.synthesis.event_weights import Baseline
from resurge.synthesis.strata import ER


def typical_baseline(project: Project) -> Baseline:
    """Give the posterior mean hazard of recurrence of a typical population, by ER status.

    Windows are weighed by where events fall in time; the uncertainty of that weight is of no consequence beside that
    of the effects.

    Raises
    ------
    RecordError
        If there is no posterior of the recurrence model to report from.
    """
    return sound_reading(project, "recurrence", _baseline_of)


@lru_cache(maxsize=1)
def _baseline_of(path: Path) -> Baseline:
    """Average the draws of a file, which is named by what it holds."""
    draws = read_arrays(path, PARAMETERS, "posterior")
    return Baseline(draws["edges"], {er: group_hazard(draws, Profile(er)).mean(0) for er in ER})
