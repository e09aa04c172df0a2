"""Each cell against the codebook: present, readable, of its type, among the allowed values, keys that meet."""

from __future__ import annotations

import difflib
import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from resurge.evidence.codebook import CODEBOOK, Field, Table
from resurge.evidence.csv_files import NOT_UTF8, CsvFile, Record
from resurge.evidence.faults import NOTHING, Fault, shown

LONGEST_CELL = 5_000
"""Characters; the longest note is a tenth of it."""

LONGEST_NUMBER = 40
"""Characters; a double needs 24."""

_PLAIN = re.compile(r"[!-~](?:[ -~]*[!-~])?")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_INTEGER = re.compile(r"[+-]?[0-9]+")
_FORMULA = re.compile(r"[=@]|[+-]\S")  # a spreadsheet would compute it


@dataclass(frozen=True)
class Row:
    """One record as checked: how messages name it, its texts, and its numbers where they are sound.

    A column that is blank or faulty has no entry in ``numbers``, so that a rule never sees a value it cannot trust.
    """

    table: str
    label: str
    texts: dict[str, str]
    numbers: dict[str, float] = field(default_factory=dict)

    def fault(self, column: str, message: str) -> Fault:
        """Say what is wrong with one cell of this row."""
        return Fault(self.table, self.label, column, shown(self.texts.get(column, "")), message)


def header_faults(file: CsvFile, table: Table) -> Iterator[Fault]:
    """Say which columns are missing and which are unknown; their order does not matter."""
    missing = [column for column in table.columns if column not in file.columns]
    unknown = [column for column in file.columns if column not in table.columns]
    for column in missing:
        near = difflib.get_close_matches(column, unknown, n=1, cutoff=0.7)
        hint = f"; is it the column written {shown(near[0])}?" if near else ""
        yield Fault(file.name, "header", column, NOTHING, f"the column is missing{hint}")
    for column in unknown:
        near = difflib.get_close_matches(column, missing, n=1, cutoff=0.7)
        hint = f"write {near[0]}" if near else f"take it out or describe it in {CODEBOOK}"
        yield Fault(file.name, "header", shown(column), NOTHING, f"the column is not in {CODEBOOK}; {hint}")


def check_cells(file: CsvFile, table: Table) -> tuple[list[Row], list[Fault]]:
    """Judge every cell of a file by the codebook.

    Parameters
    ----------
    file : CsvFile
        The file as read.
    table : Table
        What the codebook says of it.

    Returns
    -------
    rows : list of Row
        All records, with the numbers that are sound.
    faults : list of Fault
        Faults of cells and of the table's own key.
    """
    fields = [column for column in table.fields if column.name in file.columns]
    labels = _labels(file, table)
    rows = [Row(file.name, label, record.cells) for label, record in zip(labels, file.records, strict=True)]
    faults = [fault for row in rows for fault in _row_faults(row, fields)]
    unique = [column.name for column in fields if column.unique or column.name == table.primary_key]
    for column in unique:
        faults += _repeated(rows, file.records, column)
    return rows, faults


def cell_fault(column: Field, cell: str) -> str | None:
    """Say what is wrong with one cell by the codebook alone; None if nothing is."""
    faults = list(_row_faults(Row("", "", {column.name: cell}), [column]))
    return faults[0].message if faults else None


def _labels(file: CsvFile, table: Table) -> list[str]:
    """Name each row by its key where the key is sound and its own, else by its line."""
    key = next((column for column in table.fields if column.name == table.primary_key), None)
    if key is None or key.name not in file.columns:
        return [f"line {record.line}" for record in file.records]
    cells = [record.cells[key.name] for record in file.records]
    counts = Counter(cells)
    sound = {cell for cell in counts if counts[cell] == 1 and cell == shown(cell) and _matches(key, cell)}
    return [cell if cell in sound else f"line {record.line}" for cell, record in zip(cells, file.records, strict=True)]


def _matches(column: Field, cell: str) -> bool:
    return column.pattern is None or column.pattern.fullmatch(cell) is not None


def _row_faults(row: Row, fields: list[Field]) -> Iterator[Fault]:
    for column in fields:
        cell = row.texts[column.name]
        if cell == "":
            if column.required:
                yield row.fault(column.name, f"a value is needed here{_allowed(column)}")
            continue
        if cell in column.enum:
            continue
        message = None if _PLAIN.fullmatch(cell) else _unclean(cell)
        message = message or _TYPE_CHECKS[column.type](cell, column, row.numbers)
        if message:
            yield row.fault(column.name, message)


def _unclean(cell: str) -> str | None:
    if any("\udc80" <= character <= "\udcff" for character in cell):
        return NOT_UTF8
    if cell != cell.strip():
        return "there is space before or after the value; take it out"
    hidden = [character for character in cell if not character.isprintable()]
    if hidden:
        return f"the cell holds an invisible character ({shown(hidden[0])}); keep one line of plain text"
    return None


def _text_fault(cell: str, column: Field, numbers: dict[str, float]) -> str | None:
    if column.enum:
        near = difflib.get_close_matches(cell.lower(), [label.lower() for label in column.enum], n=1, cutoff=0.7)
        meant = next((label for label in column.enum if near and label.lower() == near[0]), None)
        hint = f"; is {meant} meant?" if meant else ""
        return f"the value is not one of {', '.join(column.enum)}{hint}"
    if len(cell) > LONGEST_CELL:
        return f"the cell has {len(cell):,} characters, {LONGEST_CELL:,} at most; is a quotation mark not closed?"
    if _FORMULA.match(cell):
        return f"a spreadsheet would run text that begins with {cell[0]} as a formula; begin with a letter or digit"
    if column.pattern is not None and not column.pattern.fullmatch(cell):
        return f"the value does not have the form {column.pattern.pattern}"
    return None


def _number_fault(cell: str, column: Field, numbers: dict[str, float]) -> str | None:
    if not _NUMBER.fullmatch(cell):
        return _not_a_number(cell)
    if len(cell) > LONGEST_NUMBER:
        return f"a number has at most {LONGEST_NUMBER} characters"
    value = float(cell)
    if not math.isfinite(value):
        return "the number is too large to be held"
    if value == 0 and re.search("[1-9]", re.split("[eE]", cell)[0]):
        return "the number is too small to be held and would become 0"
    if column.minimum is not None and value < column.minimum:
        return f"the value must be at least {column.minimum:g}"
    if column.maximum is not None and value > column.maximum:
        return f"the value must be at most {column.maximum:g}"
    numbers[column.name] = value + 0.0  # turns -0 into 0
    return None


def _integer_fault(cell: str, column: Field, numbers: dict[str, float]) -> str | None:
    if _INTEGER.fullmatch(cell):
        return _number_fault(cell, column, numbers)
    if _NUMBER.fullmatch(cell):
        whole = float(cell)
        hint = f"; write {whole:.0f}" if whole.is_integer() and abs(whole) < 1e15 else ""
        return f"a whole number is needed, in digits only{hint}"
    return _not_a_number(cell)


def _not_a_number(cell: str) -> str:
    if cell.lower().lstrip("+-") in {"nan", "inf", "infinity", "na", "n/a", "null", "none"}:
        return "this is not a number; leave the cell blank where the value is not known"
    if cell.endswith("%") and _NUMBER.fullmatch(cell[:-1].strip()):
        return f"a proportion is needed, not a percentage; write {float(cell[:-1]) / 100:g}"
    if re.fullmatch(r"[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?", cell):
        return f"write numbers without thousands separators ({cell.replace(',', '')}) and with a decimal point"
    if re.fullmatch(r"[+-]?[0-9]*,[0-9]+", cell):
        return f"write a decimal point: {cell.replace(',', '.')}"
    if cell[0] in "=@":
        return "this is a formula; write the number itself"
    return "this is not a number; write digits with a decimal point, like 0.13"


_TYPE_CHECKS = {"string": _text_fault, "number": _number_fault, "integer": _integer_fault}


def _allowed(column: Field) -> str:
    return f": one of {', '.join(column.enum)}" if column.enum else ""


def _repeated(rows: list[Row], records: tuple[Record, ...], column: str) -> Iterator[Fault]:
    first: dict[str, int] = {}
    for row, record in zip(rows, records, strict=True):
        cell = row.texts[column]
        if cell and cell in first:
            yield row.fault(column, f"the value stands in line {first[cell]} already; every row needs its own")
        first.setdefault(cell, record.line)


def key_faults(rows: dict[str, list[Row]], tables: dict[str, Table]) -> Iterator[Fault]:
    """Say which keys point to a row that does not exist; tables that could not be read are left out on both sides.

    Parameters
    ----------
    rows : dict
        Rows of the tables that could be read, by table.
    tables : dict
        The codebook.
    """
    for name, own in rows.items():
        for key in tables[name].foreign_keys:
            if key.table not in rows:
                continue
            known = {row.texts.get(key.target, "") for row in rows[key.table]}
            for row in own:
                cell = row.texts.get(key.column, "")
                if cell and cell not in known:
                    near = difflib.get_close_matches(cell, known, n=1, cutoff=0.8)
                    hint = f"; is {shown(near[0])} meant?" if near else ""
                    yield row.fault(key.column, f"there is no such {key.target} in {tables[key.table].file}{hint}")
