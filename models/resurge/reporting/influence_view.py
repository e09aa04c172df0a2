"""What the page about influence shows: which source each answer owes most to, and who stands against the rest."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd
from IPython.display import Markdown
from matplotlib.figure import Figure

from resurge.inference.freshness import models_of
from resurge.inference.influence import EXACT, REFUSED, read_influence
from resurge.project import Project
from resurge.reporting import words
from resurge.reporting.answer_words import interval_words, move_without, move_words
from resurge.reporting.gated import figure, phrase, table
from resurge.reporting.influence_figures import influence_figure
from resurge.reporting.network_words import p_value
from resurge.reporting.tables import Table, lay_out, scrolling
from resurge.reporting.verdicts import nothing_yet

Answer = dict[str, Any]
EXTREME = 0.05
"""Predictive p value below which a source is named."""
DRAWN = 12
"""Sources that a figure shows, those that move the answer most."""
NOT_COMPUTED = "The influence of sources has not been computed for today's evidence: run resurge report"
LATE = "mean hazard in years 10 to 20"


@dataclass(frozen=True)
class ModelInfluence:
    """Influence of sources on the answers of one model.

    Attributes
    ----------
    answers
        What is stored; None where there is nothing of today's evidence.
    why
        Why there is nothing.
    """

    answers: Answer | None
    why: str = NOT_COMPUTED

    @phrase
    def size(self) -> str:
        """Count sources, and how their absence was worked out."""
        sources = self.answers["sources"].values()
        by = {way: sum(each["by"] == way for each in sources) for way in (EXACT, REFUSED)}
        told = words.count(len(sources), "source")
        exact = f", {by[EXACT]} of them left out by a fit" * bool(by[EXACT])
        return told + exact + f"; for {by[REFUSED]} weights were refused and no fit stands in" * bool(by[REFUSED])

    @table
    def strongest_table(self) -> Table:
        """Lay out, for each answer, the source that moves it most."""
        rows = []
        for name, whole in self.answers["answers"].items():
            moves = self._moves(name)
            if moves:
                moved, source, without = moves[0]
                rows.append(
                    {
                        "answer": name,
                        "whole": interval_words(whole["kind"], whole),
                        "source": source,
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
        """Lay out the sources that stand against the rest."""
        rows = [
            {"source": source, "rows": len(self.answers["sources"][source]["rows"]), "p": p_value(p)}
            for p, source in self._conflicts()
            if p < EXTREME
        ]
        labels = {"rows": "Rows", "p": "Predictive p"}
        return lay_out(pd.DataFrame(rows, columns=["source", *labels]), labels, row="source")

    @table
    def refused_table(self) -> Table:
        """Lay out the sources for which weights were refused and no fit stands in."""
        rows = [
            {"source": source, "rows": len(each["rows"]), "why": each["why"]}
            for source, each in self.answers["sources"].items()
            if each["by"] == REFUSED
        ]
        labels = {"rows": "Rows", "why": "Why weights were refused"}
        return lay_out(pd.DataFrame(rows, columns=["source", *labels]), labels, row="source")

    def drawn(self, name: str) -> Figure:
        """Draw one answer without each of the sources that move it most."""
        without = [{"source": source, **each} for _, source, each in self._moves(name)[:DRAWN]]
        return influence_figure(name, self.answers["answers"][name], without)

    def strongest(self, name: str) -> str:
        """Name the source that an answer owes most to."""
        moved, source, without = self._moves(name)[0]
        kind = self.answers["answers"][name]["kind"]
        return f"{words.escape_markdown(source)}: {interval_words(kind, without)} without it, {move_words(moved)}"

    def _conflicts(self) -> list[tuple[float, str]]:
        p_values = {source: each["p_conflict"] for source, each in self.answers["sources"].items()}
        return sorted((p, source) for source, p in p_values.items() if p is not None)

    def _moves(self, name: str) -> list[tuple[float, str, Answer]]:
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
    """

    project: Project

    @property
    def status(self) -> Markdown:
        """Callout for the top of the page; empty if there are results."""
        return Markdown("") if self.answers is not None else nothing_yet(self.why)

    @property
    def answers(self) -> Answer | None:
        """Influence on the recurrence model, about which the page speaks first."""
        return self.recurrence.answers

    @property
    def why(self) -> str:
        """Why there is nothing to show."""
        return self.recurrence.why

    @cached_property
    def recurrence(self) -> ModelInfluence:
        """Influence on when recurrence comes."""
        return self._of("recurrence")

    @cached_property
    def therapy(self) -> ModelInfluence:
        """Influence on effects of therapy."""
        return self._of("therapy")

    @cached_property
    def metastasis(self) -> ModelInfluence:
        """Influence on shares of sites."""
        return self._of("metastasis")

    @cached_property
    def dormancy(self) -> ModelInfluence:
        """Influence on what is said of dormancy."""
        return self._of("dormancy")

    @cached_property
    def resistance(self) -> ModelInfluence:
        """Influence on effects of mechanisms."""
        return self._of("resistance")

    @cached_property
    def translation(self) -> ModelInfluence:
        """Influence on what is seen again of preclinical effects."""
        return self._of("translation")

    @figure
    def late_positive_figure(self) -> Figure:
        """Draw who drives the late ER-positive hazard."""
        return self.recurrence.drawn(f"ER-positive: {LATE}")

    @figure
    def late_negative_figure(self) -> Figure:
        """Draw who drives the late ER-negative hazard."""
        return self.recurrence.drawn(f"ER-negative: {LATE}")

    @phrase
    def late_positive(self) -> str:
        """Name who drives the late ER-positive hazard."""
        return self.recurrence.strongest(f"ER-positive: {LATE}")

    @phrase
    def late_negative(self) -> str:
        """Name who drives the late ER-negative hazard."""
        return self.recurrence.strongest(f"ER-negative: {LATE}")

    def _of(self, model: str) -> ModelInfluence:
        if model not in models_of(self.project):
            return ModelInfluence(None, "The evidence has no rows for this model")
        return ModelInfluence(read_influence(self.project, model))
