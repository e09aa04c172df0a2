"""What the page about change shows: evidence in and out since the posterior before, and what the answers did."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import Any

import pandas as pd
from IPython.display import Markdown
from matplotlib.figure import Figure

from resurge.evidence.faults import escaped, shown
from resurge.inference.freshness import models_of
from resurge.inference.gate import MIN_ESS
from resurge.inference.history import LEVEL, Entry, history
from resurge.inference.records import RecordError
from resurge.inference.what_moved import named, set_side_by_side
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
"""Changes that a table lists."""
FIRST = "There is one posterior of this model so far; the next will be set beside it"
NONE = "No posterior of this model has been stored yet"
NO_ROWS = "The evidence has no rows for this model"
NOISE = math.sqrt(2 / MIN_ESS)
"""Standard error of the difference of two means, in standard deviations, at the fewest draws that the gate accepts."""
SUBJECTS = {
    "recurrence": "When recurrence comes",
    "therapy": "Effects of therapy",
    "metastasis": "Where it returns",
    "dormancy": "Why late",
    "resistance": "What resists",
    "translation": "Preclinical effects seen again",
}
"""What the models are about, by their names."""


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
    def told(self) -> str:
        """Say which posteriors are set side by side, what came, went and changed, and which answer moved most."""
        two = (self.answers["old"], self.answers["new"])
        dates = " and ".join(f"{each['name']} ({each['how']} on {_day(each)})" for each in two)
        changes = [each for each in self.answers["changes"] if each["part"] == "evidence"]
        rows = {kind: {(each["table"], each["row"]) for each in changes if each["kind"] == kind} for kind in _KINDS}
        counted = f"{dates}; rows {words.listed(f'{len(rows[kind]):,} {kind}' for kind in _KINDS)}"
        if not self.answers["answers"]:
            return f"{counted}; no answer stands in both"
        moved = self.answers["answers"][0]
        return f"{counted}; the answer that moved most is “{escaped(moved['name'])}”, by {move_words(moved['move'])}"

    @figure
    def answers_figure(self) -> Figure:
        """Draw the answers that moved most, before and after."""
        spread = [each for each in self.answers["answers"] if each["before"]["sd_on_scale"] > 0]
        return change_figure(spread[:DRAWN])

    @table
    def answers_table(self) -> Table:
        """Lay out answers before and after, with the rows behind the moves."""
        rows = [
            {
                "answer": each["name"],
                "before": interval_words(each["kind"], each["before"]),
                "after": interval_words(each["kind"], each["after"]),
                "move": move_words(each["move"]),
                "rows": "<br>".join(escape(_row(row)) for row in each["rows"]) or "–",
            }
            for each in self.answers["answers"]
        ]
        labels = {"before": "Before", "after": "After", "move": "Move", "rows": "Rows behind it"}
        frame = pd.DataFrame(rows, columns=["answer", *labels])
        return scrolling(lay_out(frame, labels, row="answer", html=["rows"]))

    @table
    def changes_table(self) -> Table:
        """Lay out what changed, cell by cell."""
        changes = self.answers["changes"]
        rows = [
            {
                "what": each["table"] if each["part"] == "evidence" else _PARTS.get(each["part"], each["part"]),
                "name": escaped(each["row"] if each["part"] == "evidence" else each["name"]),
                "kind": each["kind"],
                "column": each.get("column") or "",
                "values": _values(each),
            }
            for each in changes[:LISTED]
        ]
        more = len(changes) - LISTED
        if more > 0:
            rows.append({"what": f"and {more:,} more", "name": "", "kind": "", "column": "", "values": ""})
        labels = {"what": "Where", "name": "Row or name", "kind": "Was", "column": "Column", "values": "From and to"}
        return scrolling(lay_out(pd.DataFrame(rows, columns=list(labels)), labels))


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
        if any(self._of(model).answers for model in models_of(self.project)):
            return Markdown("")
        return nothing_yet("No model has been fitted or updated twice yet: there is nothing to set side by side")

    @property
    def interval(self) -> str:
        """Say which interval is shown."""
        return f"{100 * LEVEL:g}%"

    @property
    def noise(self) -> str:
        """Say how far an answer moves by Monte Carlo error alone."""
        return f"{NOISE:.2f} SD"

    @property
    def history_table(self) -> Table:
        """Lay out the posteriors of every model that stood so far."""
        rows = [
            {
                "model": SUBJECTS[model],
                "name": each.name,
                "made": _day(named(each)),
                "how": str(each.content["how"]),
                "rows": f"{sum(map(len, each.content['evidence_rows'].values())):,}",
            }
            for model in models_of(self.project)
            for each in self._past(model)
        ]
        labels = {"made": "Made on", "how": "How", "rows": "Rows of evidence"}
        return lay_out(pd.DataFrame(rows, columns=["model", "name", *labels]), labels, row="name", group="model")

    @cached_property
    def timing(self) -> ModelChange:
        """Change in when recurrence comes."""
        return self._of("recurrence")

    @cached_property
    def effects(self) -> ModelChange:
        """Change in effects of therapy."""
        return self._of("therapy")

    @cached_property
    def sites(self) -> ModelChange:
        """Change in shares of sites."""
        return self._of("metastasis")

    @cached_property
    def sleep(self) -> ModelChange:
        """Change in what is said of dormancy."""
        return self._of("dormancy")

    @cached_property
    def mechanisms(self) -> ModelChange:
        """Change in effects of mechanisms."""
        return self._of("resistance")

    @cached_property
    def repetitions(self) -> ModelChange:
        """Change in what is seen again of preclinical effects."""
        return self._of("translation")

    def _of(self, model: str) -> ModelChange:
        if model not in models_of(self.project):
            return ModelChange(None, NO_ROWS)
        try:
            past = history(self.project, model)
        except RecordError as error:
            return ModelChange(None, str(error))
        if len(past) < 2:
            return ModelChange(None, FIRST if past else NONE)
        return ModelChange(set_side_by_side(self.project, *past[-2:]))

    def _past(self, model: str) -> Sequence[Entry]:
        try:
            return history(self.project, model)
        except RecordError:  # told where the model's answers would be
            return ()


_KINDS = ("added", "dropped", "changed")
_PARTS = {
    "priors": "prior",
    "source": "source code of the model",
    "upstream": "posterior of another model",
    "settings": "setting of the fit",
}


def _row(row: Answer) -> str:
    """Tell a row, without its table, and what it did to an answer."""
    name = escaped(row["row"].partition(":")[2])
    return f"{name} {move_words(row['move'])}{'' if row['certain'] else ' (uncertain)'}"


def _day(entry: Answer) -> str:
    return shown(str(entry["made"])[:10])


def _values(change: Answer) -> str:
    if change["before"] is None and change["after"] is None:
        return ""
    return " → ".join(shown(str(each or "")) for each in (change["before"], change["after"]))
