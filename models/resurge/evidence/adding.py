"""A row on its way into the evidence: what was given, what follows from it, and what is wrong with it."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from resurge.evidence.appending import codebook_of, faults_of, key_field, next_key, with_rows
from resurge.evidence.cells import cell_fault
from resurge.evidence.codebook import Field, Table
from resurge.evidence.csv_files import read_rows
from resurge.evidence.faults import EvidenceError, Fault, shown
from resurge.evidence.new_rows import AddingError, columns_given, filled
from resurge.evidence.printed_cells import Printed, interval_check
from resurge.evidence.printed_effects import PRINTED
from resurge.evidence.printed_rates import RATES

EFFECTS, RISKS = "therapy_effects", "recurrence_rates"
FORMS = {EFFECTS: PRINTED, RISKS: RATES}
"""Forms in which papers print what a table holds, by table."""
NEW = ("sources", "populations")
"""Tables to which a row may bring the row that it points to."""


def table_named(data: Path, name: str) -> Table:
    """Give what the codebook says of a table.

    Raises
    ------
    AddingError
        If there is no such table.
    """
    tables = codebook_of(data)
    wanted = name.removesuffix(".csv").replace("-", "_")
    if wanted in tables:
        return tables[wanted]
    near = difflib.get_close_matches(wanted, tables, n=1)
    hint = f"is {near[0]} meant?" if near else f"this project has {', '.join(tables)}"
    raise AddingError(f"there is no table {shown(name)}; {hint}")


@dataclass
class Draft:
    """A new row of a table, with the source and the patient set that come with it.

    Attributes
    ----------
    data
        Folder of the evidence.
    table
        What the codebook says of the table.
    cells
        What is known of the row, by column.
    new
        Rows of `NEW` that come with it.
    """

    data: Path
    table: Table
    cells: dict[str, str] = field(default_factory=dict)
    new: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def rows(self) -> dict[str, list[dict[str, str]]]:
        """All new rows by table."""
        return {name: [row] for name, row in self.new.items()} | {self.table.name: [self.cells]}

    @property
    def name(self) -> str:
        """The row as messages name it."""
        own = key_field(self.table)
        return self.cells.get(own.name, "a row") if own else "a row"

    def give(
        self, given: Sequence[str], prints: str | None, numbers: Sequence[str], new: Mapping[str, Sequence[str]]
    ) -> None:
        """Take a row that is given whole, and complete it by what is proposed for the rest.

        Parameters
        ----------
        given : sequence of str
            ``column=value`` of the row.
        prints : str or None
            What the paper prints, one of `PRINTED`.
        numbers : sequence of str
            ``name=value`` of what it prints.
        new : mapping
            ``column=value`` of rows of `NEW` that come with it.

        Raises
        ------
        AddingError
            If a column is not in its table, or the numbers are not those of what is printed.
        EffectError
            If the numbers give no effect.
        """
        self.cells |= columns_given(given, self.table, "--set")
        self.propose_key()
        for name, texts in new.items():
            if texts:
                table = table_named(self.data, name)
                self.new[name] = filled(table, columns_given(texts, table, f"--{name.removesuffix('s')}"))
        kind = prints or self._printed_by_itself()
        if kind:
            self.cells |= self.printed(kind, self._given_numbers(kind, numbers))
        elif numbers:
            raise AddingError("printed numbers need --prints, the form in which the paper prints them")
        self._carry_over()
        self.cells = filled(self.table, self.cells)

    def propose_key(self) -> None:
        """Give the row the next free key of its table, where keys are numbered."""
        own = key_field(self.table)
        if own is not None and not self.cells.get(own.name):
            key = next_key(self.data, self.table)
            self.cells |= {own.name: key} if key else {}

    def _carry_over(self) -> None:
        """Let what comes with a row be what the row points to, unless it says otherwise."""
        if "populations" in self.new and "sources" in self.new and not self.new["sources"].get("population"):
            self.new["sources"]["population"] = self.new["populations"].get("population", "")
        for name, column in (("sources", "source_id"), ("populations", "population")):
            if name in self.new and column in self.table.columns and not self.cells.get(column):
                self.cells[column] = self.new[name].get(column, "")

    def _printed_by_itself(self) -> str | None:
        """Tell in which form an effect was given by its columns alone, where the log ratio was not."""
        if self.table.name != EFFECTS or self.cells.get("log_estimate") or not self.cells.get("estimate"):
            return None
        if self.cells.get("lower") and self.cells.get("upper"):
            return "interval"
        return "p" if self.cells.get("p_value") else None

    def _given_numbers(self, kind: str, numbers: Sequence[str]) -> dict[str, str]:
        asks = self.form(kind).asks
        given = {name: self.cells[name] for name in asks if self.cells.get(name)}
        for text in numbers:
            name, sign, value = (part.strip() for part in text.partition("="))
            if not sign or name not in asks:
                raise AddingError(f"{shown(text)}: {kind} takes {', '.join(asks)}, each as NAME=VALUE")
            given[name] = value
        return given

    def form(self, kind: str) -> Printed:
        """Give what is asked for where a paper prints the number in some form.

        Raises
        ------
        AddingError
            If there is no such form, or nothing is computed for the table.
        """
        forms = FORMS.get(self.table.name)
        if forms is None:
            raise AddingError(f"nothing is computed for {self.table.file}; it takes the number itself")
        if kind not in forms:
            raise AddingError(f"{shown(kind)} is no form in which papers print this; one of {', '.join(forms)}")
        return forms[kind]

    def printed(self, kind: str, given: Mapping[str, str]) -> dict[str, str]:
        """Turn what a paper prints into cells, with what was said of the measure and in the notes before."""
        cells = self.form(kind).cells(given)
        notes = "; ".join(filter(None, (self.cells.get("notes", ""), cells.get("notes", ""))))
        cells |= {"notes": notes} if notes else {}
        if self.table.name != EFFECTS:
            return cells
        measure = cells.get("measure") or self.cells.get("measure") or ("HR" if cells.get("estimate") else "")
        return cells | {"measure": measure if cells.get("estimate") else ""}

    def wrong(self, column: Field, text: str) -> str | None:
        """Say what is wrong with a cell of the row, as far as it alone can tell; None if nothing is."""
        return cell_fault(column, text) or self._pointed_nowhere(column, text)

    def _pointed_nowhere(self, column: Field, text: str) -> str | None:
        for key in self.table.foreign_keys:
            if key.column == column.name and text and key.table not in NEW:
                known = self.known(key.table, key.target)
                if text not in known:
                    return f"there is no such {key.target} in {key.table}.csv"
        own = key_field(self.table)
        if own is not None and own.name == column.name and text in self.known(self.table.name, own.name):
            return "another row has this key; every row needs its own"
        return None

    def known(self, table: str, column: str) -> set[str]:
        """Give what a column of a table holds."""
        return {row[column] for row in read_rows(self.data / codebook_of(self.data)[table].file)}

    def faults(self) -> list[Fault]:
        """List what is wrong with the new rows by all rules of the evidence."""
        tables = codebook_of(self.data)
        changed = {}
        for name, rows in self.rows.items():
            path = self.data / tables[name].file
            changed[name] = with_rows(path.read_bytes(), path, rows)
        return faults_of(self.data, tables, changed)

    def refuse_faults(self) -> None:
        """Raise what is wrong with the new rows."""
        faults = self.faults()
        if faults:
            raise EvidenceError(faults)

    def shown(self) -> Iterator[str]:
        """Show the new rows and how an effect lies in its interval, a line each."""
        tables = codebook_of(self.data)
        for name, rows in self.rows.items():
            yield f"{tables[name].file}:"
            for column in tables[name].columns:
                if rows[0].get(column):
                    yield f"  {column}: {shown_whole(rows[0][column])}"
        if self.table.name == EFFECTS and interval_check(self.cells):
            yield f"Interval check: {interval_check(self.cells)}."


def shown_whole(text: str) -> str:
    """Show a text in full, with characters that cannot be seen made visible."""
    return "".join(character if character == " " else shown(character) for character in text)
