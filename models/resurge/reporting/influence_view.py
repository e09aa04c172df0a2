"""What the page about influence shows: which source each answer owes most to, and who stands against the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from IPython.display import Markdown
from matplotlib.figure import Figure

from resurge.findings.estimands import LATE
from resurge.inference.freshness import models_of
from resurge.inference.history import LEVEL
from resurge.inference.influence import read_influence, why_not_left_out
from resurge.inference.records import RecordError, sound_draws_path
from resurge.project import Project
from resurge.reporting import words
from resurge.reporting.changes_view import NO_ROWS
from resurge.reporting.gated import figure, phrase
from resurge.reporting.model_influence import NOT_COMPUTED, ModelInfluence
from resurge.reporting.style import colour_of
from resurge.reporting.verdicts import nothing_yet

Answer = dict[str, Any]
LATE_YEARS = f"{LATE[0]:g} to {LATE[1]:g}"
LATE_HAZARD = f"mean hazard in years {LATE_YEARS}"


@dataclass(frozen=True)
class InfluenceView:
    """Influence of sources on the answers of every model.

    Attributes
    ----------
    project
        Where records are.
    names
        What readers call a source, by its key.
    """

    project: Project
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def status(self) -> Markdown:
        """Callout for the top of the page; empty if there are results."""
        if self.answers is not None:
            return Markdown("")
        return nothing_yet(words.escape_markdown(self.why).rstrip("."))

    @property
    def answers(self) -> Answer | None:
        """Influence on the recurrence model, about which the page speaks first."""
        return self.timing.answers

    @property
    def why(self) -> str:
        """Why there is nothing to show."""
        return self.timing.why

    @property
    def interval(self) -> str:
        """Say which interval is shown."""
        return f"{100 * LEVEL:g}%"

    @property
    def late_years(self) -> str:
        """Say which years are late."""
        return LATE_YEARS

    @cached_property
    def timing(self) -> ModelInfluence:
        """Influence on when recurrence comes."""
        return self._of("recurrence")

    @cached_property
    def effects(self) -> ModelInfluence:
        """Influence on effects of therapy."""
        return self._of("therapy")

    @cached_property
    def sites(self) -> ModelInfluence:
        """Influence on shares of sites."""
        return self._of("metastasis")

    @cached_property
    def sleep(self) -> ModelInfluence:
        """Influence on what is said of dormancy."""
        return self._of("dormancy")

    @cached_property
    def mechanisms(self) -> ModelInfluence:
        """Influence on effects of mechanisms."""
        return self._of("resistance")

    @cached_property
    def repetitions(self) -> ModelInfluence:
        """Influence on what is seen again of preclinical effects."""
        return self._of("translation")

    @figure
    def late_positive_figure(self) -> Figure:
        """Draw who drives the late ER-positive hazard."""
        return self.timing.drawn(f"ER-positive: {LATE_HAZARD}", colour_of("positive"))

    @figure
    def late_negative_figure(self) -> Figure:
        """Draw who drives the late ER-negative hazard."""
        return self.timing.drawn(f"ER-negative: {LATE_HAZARD}", colour_of("negative"))

    @phrase
    def late_positive(self) -> str:
        """Name who drives the late ER-positive hazard."""
        return self.timing.strongest(f"ER-positive: {LATE_HAZARD}")

    @phrase
    def late_negative(self) -> str:
        """Name who drives the late ER-negative hazard."""
        return self.timing.strongest(f"ER-negative: {LATE_HAZARD}")

    def _of(self, model: str) -> ModelInfluence:
        if model not in models_of(self.project):
            return ModelInfluence(None, NO_ROWS)
        try:
            sound_draws_path(self.project, model)
        except RecordError as error:
            return ModelInfluence(None, str(error))
        found = read_influence(self.project, model)
        return ModelInfluence(found, why_not_left_out(self.project, model) or NOT_COMPUTED, self.names)
