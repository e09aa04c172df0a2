"""A table from elsewhere: comma, semicolon or tab separated text with a header."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from resurge.errors import UsageError
from resurge.evidence.csv_files import NOT_UTF8, Record, read_bytes
from resurge.evidence.faults import NOTHING, EvidenceError, Fault, shown

SEPARATORS = ",;\t"
_WIDE = (b"\xff\xfe", b"\xfe\xff")


class ImportFileError(UsageError):
    """A file cannot be imported as it is, or not by what was said of it."""


@dataclass(frozen=True)
class ImportFile:
    """A file as read: its name, its columns in order, its records as text."""

    name: str
    columns: tuple[str, ...]
    records: tuple[Record, ...]

    def fault(self, record: Record, column: str, message: str) -> Fault:
        """Say what is wrong with a cell."""
        value = shown(record.cells.get(column, "")) if column else NOTHING
        return Fault(shown(self.name), f"line {record.line}", shown(column) if column else NOTHING, value, message)


def read_import(path: Path) -> ImportFile:
    """Read a file of contrasts.

    Parameters
    ----------
    path : pathlib.Path
        UTF-8 text, with or without a byte-order mark; the separator is the one that the header holds most of.

    Raises
    ------
    EvidenceError
        If there is no such file, it is no text, has no rows, a column twice, or rows of another length than its header.
    """
    content = read_bytes(path)
    if isinstance(content, Fault):
        reason = content.message.partition(" in the folder")[0]
        raise EvidenceError([Fault(shown(path.name), NOTHING, NOTHING, NOTHING, reason)])
    if content.startswith(_WIDE) or b"\0" in content:
        raise _whole(path, "this is UTF-16 text or no text at all; save it as UTF-8")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise _whole(path, f"line {line} is not UTF-8{NOT_UTF8.partition('not UTF-8')[2]}") from None
    lines = _lines(path, text)
    if not lines:
        raise _whole(path, "the file is empty; it needs a header and a line for each study")
    (_, header), *rows = lines
    columns = tuple(" ".join(name.split()) for name in header)
    _refuse_columns(path, columns)
    if not rows:
        raise _whole(path, "the file has a header and no rows; it needs a line for each study")
    short = [(line, cells) for line, cells in rows if len(cells) != len(columns)]
    if short:
        raise EvidenceError(
            Fault(shown(path.name), f"line {line}", NOTHING, NOTHING, _length(len(cells), len(columns)))
            for line, cells in short
        )
    records = tuple(
        Record(line, dict(zip(columns, (cell.strip() for cell in cells), strict=True))) for line, cells in rows
    )
    return ImportFile(path.name, columns, records)


def _length(cells: int, columns: int) -> str:
    return f"the row has {cells} cells and the header {columns}; put text that holds the separator in quotation marks"


def _whole(path: Path, message: str) -> EvidenceError:
    return EvidenceError([Fault(shown(path.name), NOTHING, NOTHING, NOTHING, message)])


def _lines(path: Path, text: str) -> list[tuple[int, list[str]]]:
    """Give the lines that hold something, with their numbers."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator(text), strict=True, skipinitialspace=True)
    lines, start = [], 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                lines.append((start, cells))
            start = reader.line_num + 1
    except csv.Error as error:
        raise _whole(path, f"the quotation marks of line {start} do not match ({error})") from None
    return lines


def separator(text: str) -> str:
    """Tell what separates the cells: what the first line that holds something has most of, outside quotes."""
    header = next((line for line in text.splitlines() if line.strip()), "")
    unquoted = "".join(header.split('"')[::2])
    return max(SEPARATORS, key=unquoted.count)


def _refuse_columns(path: Path, columns: tuple[str, ...]) -> None:
    named = [column for column in columns if column]
    repeated = sorted({column for column in named if named.count(column) > 1})
    if repeated:
        raise _whole(
            path, f"the header has {', '.join(map(shown, repeated))} more than once; give each column its own name"
        )
    if len(columns) - len(named) > 1:
        raise _whole(path, "two or more columns have no name; name them or take them out")
