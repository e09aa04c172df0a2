"""What the page about resistant metastatic disease shows of one network."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

import numpy as np
from IPython.display import Markdown
from matplotlib.figure import Figure

from resurge.reporting import figures, network_figures, network_tables, tables, words
from resurge.reporting.network_words import as_sentence, chance, p_value, treatment_name
from resurge.reporting.tables import Table

Answer = dict[str, Any]
LEVEL = 0.95
PLAIN_P = 0.05
"""A p value below which a contradiction is told as one."""


def _otherwise(shown: Callable[[str], Any]) -> Callable[[Callable[[Any], Any]], property]:
    """Make a property that says why where the evidence has no such network."""

    def decorate(show: Callable[[Any], Any]) -> property:
        @wraps(show)
        def read(self: "NetworkView") -> object:
            return shown(self.missing) if self.answer is None else show(self)

        return property(read)

    return decorate


_figure = _otherwise(figures.withheld)
_table = _otherwise(tables.withheld)
_phrase = _otherwise(lambda why: f"({why})")


@dataclass(frozen=True)
class NetworkView:
    """One connected network and endpoint for the page.

    Attributes
    ----------
    answer
        Answer of the findings; None where the evidence has none.
    missing
        Why it has none.
    """

    answer: Answer | None
    missing: str = ""

    @_figure
    def graph_figure(self) -> Figure:
        """Draw treatments and trials."""
        return network_figures.network_graph(self.answer["graph"])

    @_figure
    def forest_figure(self) -> Figure:
        """Draw hazard ratios against the reference, in the order of the ranks."""
        effects = self._ordered_effects
        names = [treatment_name(effect["treatment"]) for effect in effects]
        return network_figures.ratio_forest(effects, names, f"Hazard ratio, {self.reference} = 1")

    @_figure
    def ranks_figure(self) -> Figure:
        """Draw rank probabilities."""
        return network_figures.rank_chart(self.answer["ranks"])

    @_table
    def league_table(self) -> Table:
        """Lay out all pairs."""
        return network_tables.league_table(self.answer["league"], self._order)

    @_table
    def effects_table(self) -> Table:
        """Lay out hazard ratios against the reference."""
        return network_tables.effects_table(self._ordered_effects)

    @_table
    def ranks_table(self) -> Table:
        """Lay out SUCRA and ranks."""
        return network_tables.ranks_table(self.answer["ranks"])

    @_table
    def contributions_table(self) -> Table:
        """Lay out the trials behind each comparison."""
        return network_tables.contributions_table(self.answer["contributions"])

    @_table
    def trials_table(self) -> Table:
        """Lay out the trials as published."""
        return network_tables.trials_table(self.answer["trials"])

    @_table
    def sensitivity_table(self) -> Table:
        """Lay out the fits under other assumptions."""
        return network_tables.sensitivity_table(self._ordered_effects, self.answer["sensitivity"])

    @_phrase
    def reference(self) -> str:
        """Name the treatment that others are compared with."""
        return treatment_name(self.answer["reference"])

    @_phrase
    def size(self) -> str:
        """Count trials and treatments."""
        trials = words.count(len(self.answer["trials"]), "comparison")
        return f"{trials} between {words.count(len(self.answer['treatments']), 'treatment')}"

    @_phrase
    def first(self) -> str:
        """Say which treatment has the best mean rank, and how sure that is."""
        best, *others = self.answer["ranks"]
        name = as_sentence(treatment_name(best["treatment"]))
        told = (
            f"{name} ranks first: it is the best of them with a probability of {chance(best['probability_best'])}, and "
            f"its place lies between {best['rank_lower']} and "
            f"{best['rank_upper']} of {len(others) + 1}"
        )
        if best["treatment"] == self.answer["reference"]:
            return told
        effect = next(e for e in self.answer["effects"] if e["treatment"] == best["treatment"])
        ratio = words.ratio_interval(effect["hr"], effect["lower"], effect["upper"], LEVEL)
        return f"{told}. Its hazard ratio against {self.reference} is {ratio}"

    @_phrase
    def heterogeneity(self) -> str:
        """Tell the heterogeneity as a factor between two trials of the same treatments."""
        tau = self.answer["tau"]
        factors = np.exp(np.sqrt(2) * np.array([tau["median"], tau["lower"], tau["upper"]]))
        return words.ratio_interval(*factors, LEVEL)

    @_table
    def splits_table(self) -> Table:
        """Lay out direct against indirect evidence, on loops that joining a node of many treatments closes too."""
        joined = [split for analysis in self.answer["sensitivity"] for split in analysis["node_splits"]]
        splits = [*self.answer["node_splits"], *joined]
        return network_tables.splits_table(splits) if splits else tables.withheld("no comparison has both")

    @_phrase
    def joined(self) -> str:
        """Say what changes where a node of many treatments is taken for one; blank where there is none."""
        told = []
        for analysis in self.answer["sensitivity"]:
            if analysis["kind"] == "node_joined":
                best = self._order[0] if self._order[0] != self.answer["reference"] else self._order[1]
                effect = next((e for e in analysis["effects"] if e["treatment"] == best), None)
                if effect is None:
                    continue
                ratio = words.ratio_interval(effect["hr"], effect["lower"], effect["upper"], LEVEL)
                p = analysis["p_contradiction"]
                contradicts = (
                    ""
                    if p is None or p >= PLAIN_P
                    else f" but trials then contradict each other (p {p_value(p)} if trials share one effect)"
                )
                told.append(
                    f"With {analysis['analysis']}, the hazard ratio of {treatment_name(best)} against {self.reference} "
                    f"would be {ratio}{',' * bool(contradicts)}{contradicts}."
                )
        return " ".join(told)

    @_phrase
    def consistency(self) -> str:
        """Say whether the trials contradict each other, or that it cannot be checked."""
        found = self.answer["inconsistency"]
        if not found["checked"]:
            return f"It cannot be checked here: {found['why']}."
        fixed, random = found["p_between"], found["p_between_random"]
        contradicts = fixed < PLAIN_P
        verdict = "Trials of different designs contradict each other" if contradicts else "No contradiction shows"
        told = (
            f"{verdict} (Q {found['q_between']:.1f} on {words.count(found['df_between'], 'degree')} of freedom, p "
            f"{p_value(fixed)} if trials share one effect; p {p_value(random)} with the heterogeneity between trials "
            "of the same design)."
        )
        if not self.answer["node_splits"]:
            return f"{told} No single comparison has both direct and indirect evidence of its own."
        return told

    @property
    def notes(self) -> Markdown:
        """List what to know of trials and nodes, and what nothing joins to this network."""
        if self.answer is None:
            return Markdown("")
        lines = [f"- {words.escape_markdown(note)}" for note in self.answer["notes"]]
        for part in self.answer["apart"]:
            treatments = ", ".join(map(treatment_name, part["treatments"]))
            told = f"Nothing joins {words.listed(part['trials'])} ({treatments}) to these trials."
            lines.append(f"- {words.escape_markdown(told)}")
        return Markdown("\n".join(lines))

    @property
    def _order(self) -> list[str]:
        return [rank["treatment"] for rank in self.answer["ranks"]]

    @property
    def _ordered_effects(self) -> list[Answer]:
        order = self._order
        return sorted(self.answer["effects"], key=lambda effect: order.index(effect["treatment"]))
