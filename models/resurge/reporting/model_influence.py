"""What the page about influence shows of one model: which source each answer owes most to, and who is not known of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from resurge.evidence.faults import escaped
from resurge.inference.influence import ALONE, REFUSED, WEIGHTS
from resurge.inference.kept_fits import EXACT
from resurge.reporting import words
from resurge.reporting.answer_words import EXTREME, interval_words, move_without, move_words
from resurge.reporting.figures import withheld
from resurge.reporting.gated import phrase, table
from resurge.reporting.influence_figures import influence_figure
from resurge.reporting.network_words import p_value
from resurge.reporting.tables import Table, lay_out, scrolling

Answer = dict[str, Any]
DRAWN = 12
"""Sources that a figure shows, those that move the answer most."""
CLOSEST = 3
"""Sources that the table of conflicts shows where none stands against the rest."""
NOT_COMPUTED = "The influence of sources has not been worked out for the posterior of today: run `resurge report`"
NONE_LEFT_OUT = "No source could be left out by weights, and none was by a fit"
NONE_HELD = "Of no source is it known how it stands against the rest"
NONE_REFUSED = "Weights were refused for no source, or a fit stands in"


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
        ways = {
            WEIGHTS: "left out by weights",
            EXACT: "left out by a fit",
            REFUSED: "for which weights were refused",
            ALONE: "without which nothing is left to fit",
        }
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
        if not rows:
            return none(self._none_left_out())
        labels = {"whole": "With all", "source": "Moved most by", "without": "Without it", "move": "Move"}
        return scrolling(lay_out(pd.DataFrame(rows, columns=["answer", *labels]), labels, row="answer"))

    @phrase
    def conflicts(self) -> str:
        """Count sources that stand against the rest, and how many would by chance."""
        found = self._conflicts()
        if not found:
            return NONE_HELD[:1].lower() + NONE_HELD[1:]
        extreme = sum(p < EXTREME for p, _ in found)
        return (
            f"{extreme} of {words.count(len(found), 'source')} {'has' if extreme == 1 else 'have'} a p value below "
            f"{EXTREME:g}, where {EXTREME * len(found):.1f} would by chance alone"
        )

    @table
    def conflicts_table(self) -> Table:
        """Lay out the sources that stand against the rest; where there are none, those that come closest."""
        found = self._conflicts()
        if not found:
            return none(NONE_HELD)
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
        if self._named(ALONE):
            return self._none_left_out()
        named = self._named(REFUSED)
        if not named:
            return "No source is missing from these figures"
        return (
            f"Could not be left out, and so not in these figures: {words.listed(named)}. Such sources are often those "
            "on which most rests; a fit without each puts them in"
        )

    @table
    def refused_table(self) -> Table:
        """Lay out the sources for which weights were refused and no fit stands in."""
        rows = [
            {"source": self._name(source), "rows": f"{len(each['rows']):,}", "why": each["why"]}
            for source, each in self.answers["sources"].items()
            if each["by"] == REFUSED
        ]
        if not rows:
            return none(NONE_REFUSED)
        labels = {"rows": "Rows", "why": "Why weights were refused"}
        return scrolling(lay_out(pd.DataFrame(rows, columns=["source", *labels]), labels, row="source"))

    def drawn(self, name: str, colour: str) -> Figure:
        """Draw one answer without each of the sources that move it most."""
        without = [{"source": self._name(source), **each} for _, source, each in self._moves(name)[:DRAWN]]
        return (
            influence_figure(self.answers["answers"][name], without, colour)
            if without
            else withheld(self._none_left_out())
        )

    def strongest(self, name: str) -> str:
        """Name the source that an answer owes most to."""
        for moved, source, without in self._moves(name)[:1]:
            whole = self.answers["answers"][name]
            return (
                f"{self._name(source)}: {interval_words(whole['kind'], without)} without it, against "
                f"{interval_words(whole['kind'], whole)} with all sources ({move_words(moved)})"
            )
        told = self._none_left_out()
        return f"none that is known ({told[:1].lower()}{told[1:]})"

    def _none_left_out(self) -> str:
        """Say why nothing is known of an answer without a source."""
        named = self._named(ALONE)
        return f"Without {words.listed(named)} nothing is left to fit: all rests on it" if named else NONE_LEFT_OUT

    def _named(self, way: str) -> list[str]:
        """Name the sources that were left out in one way."""
        return [self._name(source) for source, each in self.answers["sources"].items() if each["by"] == way]

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


def none(reason: str) -> Table:
    """Table that only says why it has no rows."""
    return lay_out(pd.DataFrame({"note": [reason]}), {"note": "None"})
