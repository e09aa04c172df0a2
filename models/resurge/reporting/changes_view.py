"""What the page about change shows: evidence in and out since the posterior before, and what the answers did."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd
from IPython.display import Markdown
from matplotlib.figure import Figure

from resurge.evidence.faults import shown
from resurge.inference.freshness import models_of
from resurge.inference.history import Entry, history
from resurge.inference.what_moved import set_side_by_side
from resurge.project import Project
from resurge.reporting import words
from resurge.reporting.answer_words import interval_words, move_words
from resurge.reporting.gated import figure, phrase, table
from resurge.reporting.influence_figures import change_figure
from resurge.reporting.tables import Table, lay_out, scrolling
from resurge.reporting.verdicts import nothing_yet

Answer = dict[str, Any]
DRAWN = 12
"""Answers that the figure shows, those that moved most."""
LISTED = 60
"""Changes that the table lists."""
FIRST = "This is the first posterior of the model here; the next will be set beside it"


@dataclass(frozen=True)
class ModelChange:
    """The last two posteriors of one model.

    Attributes
    ----------
    answers
        The comparison; None where there is nothing to compare.
    why
        Why there is nothing.
    """

    answers: Answer | None
    why: str = FIRST

    @phrase
    def summary(self) -> str:
        """Say what came, went and changed, and which answer moved most."""
        changes = self.answers["changes"]
        rows = {
            kind: len({(each["table"], each["row"]) for each in changes if each["part"] == "evidence" and
                       each["kind"] == kind})
            for kind in ("added", "dropped", "changed")
        }  # fmt: skip
        counted = words.listed([f"{count} {kind}" for kind, count in rows.items()])
        moved = self.answers["answers"][0]
        return (
            f"rows {counted}; the answer that moved most is {words.escape_markdown(moved['name'])}, by "
            f"{move_words(moved['move'])}"
        )

    @phrase
    def dates(self) -> str:
        """Say which posteriors are set side by side."""
        return " and ".join(f"{each['name']} ({each['how']} {each['made'][:10]})" for each in self._two)

    @figure
    def answers_figure(self) -> Figure:
        """Draw the answers that moved most, before and after."""
        return change_figure(self.answers["answers"][:DRAWN])

    @table
    def answers_table(self) -> Table:
        """Lay out answers before and after, with the rows behind the moves."""
        rows = [
            {
                "answer": each["name"],
                "before": interval_words(each["kind"], each["before"]),
                "after": interval_words(each["kind"], each["after"]),
                "move": move_words(each["move"]),
                "rows": "; ".join(
                    f"{row['row']} {move_words(row['move'])}{'' if row['certain'] else ' (uncertain)'}"
                    for row in each["rows"]
                ),
            }
            for each in self.answers["answers"]
        ]
        labels = {"before": "Before", "after": "After", "move": "Move", "rows": "Rows behind it"}
        return scrolling(lay_out(pd.DataFrame(rows, columns=["answer", *labels]), labels, row="answer"))

    @table
    def changes_table(self) -> Table:
        """Lay out what changed, cell by cell."""
        rows = [
            {
                "what": each["table"] if each["part"] == "evidence" else each["part"],
                "name": each["row"] if each["part"] == "evidence" else each["name"],
                "kind": each["kind"],
                "column": each.get("column") or "",
                "values": _values(each),
            }
            for each in self.answers["changes"][:LISTED]
        ]
        labels = {"what": "Where", "name": "Row or name", "kind": "Was", "column": "Column", "values": "From and to"}
        return scrolling(lay_out(pd.DataFrame(rows, columns=list(labels)), labels))

    @property
    def _two(self) -> tuple[Answer, Answer]:
        return self.answers["old"], self.answers["new"]


@dataclass(frozen=True)
class ChangesView:
    """The last change of every model.

    Attributes
    ----------
    project
        Where the histories are.
    """

    project: Project

    @property
    def status(self) -> Markdown:
        """Callout for the top of the page; empty if some model has two posteriors to compare."""
        if any(getattr(self, model).answers for model in models_of(self.project)):
            return Markdown("")
        return nothing_yet("Every model has one posterior so far: there is nothing to set side by side yet")

    @cached_property
    def recurrence(self) -> ModelChange:
        """Change in when recurrence comes."""
        return self._of("recurrence")

    @cached_property
    def therapy(self) -> ModelChange:
        """Change in effects of therapy."""
        return self._of("therapy")

    @cached_property
    def metastasis(self) -> ModelChange:
        """Change in shares of sites."""
        return self._of("metastasis")

    @cached_property
    def dormancy(self) -> ModelChange:
        """Change in what is said of dormancy."""
        return self._of("dormancy")

    @cached_property
    def resistance(self) -> ModelChange:
        """Change in effects of mechanisms."""
        return self._of("resistance")

    @cached_property
    def translation(self) -> ModelChange:
        """Change in what is seen again of preclinical effects."""
        return self._of("translation")

    def _of(self, model: str) -> ModelChange:
        past: list[Entry] = history(self.project, model)
        if len(past) < 2:
            return ModelChange(None)
        return ModelChange(set_side_by_side(self.project, *past[-2:]))


def _values(change: Answer) -> str:
    if change["before"] is None and change["after"] is None:
        return ""
    return " → ".join(shown(str(each or "")) for each in (change["before"], change["after"]))
