"""What the page about influence shows: which source each answer owes most to, and who stands against the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd
from IPython.display import Markdown
from matplotlib.figure import Figure

from resurge.evidence.faults import escaped
from resurge.findings.estimands import LATE
from resurge.inference.freshness import models_of
from resurge.inference.history import LEVEL
from resurge.inference.influence import REFUSED, WEIGHTS, read_influence, why_not_left_out
from resurge.inference.kept_fits import EXACT
from resurge.inference.records import RecordError, sound_draws_path
from resurge.project import Project
from resurge.reporting import words
from resurge.reporting.answer_words import EXTREME, interval_words, move_without, move_words
from resurge.reporting.changes_view import NO_ROWS
from resurge.reporting.figures import withheld
from resurge.reporting.gated import figure, phrase, table
from resurge.reporting.influence_figures import influence_figure
from resurge.reporting.network_words import p_value
from resurge.reporting.style import colour_of
from resurge.reporting.tables import Table, lay_out, scrolling
from resurge.reporting.verdicts import nothing_yet

Answer = dict[str, Any]
DRAWN = 12
"""Sources that a figure shows, those that move the answer most."""
CLOSEST = 3
"""Sources that the table of conflicts shows where none stands against the rest."""
NOT_COMPUTED = "The influence of sources has not been worked out for the posterior of today: run `resurge report`"
NONE_LEFT_OUT = "No source could be left out by weights, and none was by a fit"
LATE_YEARS = f"{LATE[0]:g} to {LATE[1]:g}"
LATE_HAZARD = f"mean hazard in years {LATE_YEARS}"


@dataclass(frozen=True)
class ModelInfluence:
    """Influence of sources on the answers of one model.

    Attributes
    ----------
    answers
        What is stored; None where there is nothing of today's posterior.
    why
        Why there is nothing.
    names
        What readers call a source, by its key.
    """

    answers: Answer | None
    why: str = NOT_COMPUTED
    names: Mapping[str, str] = field(default_factory=dict)

    @phrase
    def size(self) -> str:
        """Count sources, and how their absence was worked out."""
        sources = self.answers["sources"].values()
        ways = {WEIGHTS: "left out by weights", EXACT: "left out by a fit", REFUSED: "for which weights were refused"}
        counts = {told: sum(each["by"] == way for each in sources) for way, told in ways.items()}
        told = words.listed(f"{count} {way}" for way, count in counts.items() if count)
        return words.count(len(sources), "source") + f": {told}" * bool(told)

    @table
    def strongest_table(self) -> Table:
        """Lay out, for each answer, the source that moves it most."""
        rows = []
        for name, whole in self.answers["answers"].items():
            for moved, source, without in self._moves(name)[:1]:
                rows.append(
                    {
                        "answer": name,
                        "whole": interval_words(whole["kind"], whole),
                        "source": self._name(source),
                        "without": interval_words(whole["kind"], without),
                        "move": move_words(moved),
                    }
                )
        labels = {"whole": "With all", "source": "Moved most by", "without": "Without it", "move": "Move"}
        return scrolling(lay_out(pd.DataFrame(rows, columns=["answer", *labels]), labels, row="answer"))

    @phrase
    def conflicts(self) -> str:
        """Count sources that stand against the rest, and how many would by chance."""
        found = self._conflicts()
        extreme = sum(p < EXTREME for p, _ in found)
        return (
            f"{extreme} of {words.count(len(found), 'source')} {'has' if extreme == 1 else 'have'} a p value below "
            f"{EXTREME:g}, where {EXTREME * len(found):.1f} would by chance alone"
        )

    @table
    def conflicts_table(self) -> Table:
        """Lay out the sources that stand against the rest; where there are none, those that come closest."""
        found = self._conflicts()
        extreme = [each for each in found if each[0] < EXTREME]
        rows = [
            {
                "source": self._name(source),
                "rows": f"{len(self.answers['sources'][source]['rows']):,}",
                "p": p_value(p),
                "against": "yes" if p < EXTREME else "no",
            }
            for p, source in extreme or found[:CLOSEST]
        ]
        labels = {"rows": "Rows", "p": "Predictive p", "against": "Against the rest"}
        return lay_out(pd.DataFrame(rows, columns=["source", *labels]), labels, row="source")

    @phrase
    def refused(self) -> str:
        """Name the sources for which weights were refused and no fit stands in."""
        sources = self.answers["sources"].items()
        named = words.listed(self._name(source) for source, each in sources if each["by"] == REFUSED)
        if not named:
            return "No source is missing from these figures"
        return (
            f"Could not be left out, and so not in these figures: {named}. They are often the sources on which most "
            "rests; a fit without each of them puts them in"
        )

    @table
    def refused_table(self) -> Table:
        """Lay out the sources for which weights were refused and no fit stands in."""
        rows = [
            {"source": self._name(source), "rows": f"{len(each['rows']):,}", "why": each["why"]}
            for source, each in self.answers["sources"].items()
            if each["by"] == REFUSED
        ]
        labels = {"rows": "Rows", "why": "Why weights were refused"}
        return scrolling(lay_out(pd.DataFrame(rows, columns=["source", *labels]), labels, row="source"))

    def drawn(self, name: str, colour: str) -> Figure:
        """Draw one answer without each of the sources that move it most."""
        without = [{"source": self._name(source), **each} for _, source, each in self._moves(name)[:DRAWN]]
        return influence_figure(self.answers["answers"][name], without, colour) if without else withheld(NONE_LEFT_OUT)

    def strongest(self, name: str) -> str:
        """Name the source that an answer owes most to."""
        for moved, source, without in self._moves(name)[:1]:
            whole = self.answers["answers"][name]
            return (
                f"{self._name(source)}: {interval_words(whole['kind'], without)} without it, against "
                f"{interval_words(whole['kind'], whole)} with all sources ({move_words(moved)})"
            )
        return "none that is known (no source could be left out)"

    def _name(self, source: str) -> str:
        return escaped(self.names.get(source, source))

    def _conflicts(self) -> list[tuple[float, str]]:
        p_values = {source: each["p_conflict"] for source, each in self.answers["sources"].items()}
        return sorted((p, source) for source, p in p_values.items() if p is not None)

    def _moves(self, name: str) -> list[tuple[float, str, Answer]]:
        """Give how far an answer moves without each source that can be left out, the largest move first."""
        if name not in self.answers["answers"]:
            return []
        whole = self.answers["answers"][name]
        moves = [
            (move_without(whole, each["answers"][name]), source, {**each["answers"][name], "by": each["by"]})
            for source, each in self.answers["sources"].items()
            if name in each["answers"]
        ]
        return sorted(moves, key=lambda move: -abs(move[0]))


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
