"""Bytes of a CSV file to rows of text, or to a sentence that says why not.

A byte-order mark, CRLF line ends, blank lines and rows of blank cells are harmless and leave no trace. A cell that is
not UTF-8 is kept with its broken bytes as lone surrogates, so that its row and column can be named.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from resurge.evidence.faults import NOTHING, EvidenceError, Fault, shown

LARGEST_FILE = 50_000_000
"""Bytes; a table of evidence is far smaller, and what is larger is something else."""


@dataclass(frozen=True)
class Record:
    """One row of a file: the line it starts in and its cells by column."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True)
class CsvFile:
    """A file as read: its columns in order, its records, and what kept others from being read."""

    name: str
    columns: tuple[str, ...] = ()
    records: tuple[Record, ...] = ()
    faults: list[Fault] = field(default_factory=list)


def read_bytes(path: Path) -> bytes | Fault:
    """Read a whole regular file, or give the fault that says why it cannot be read."""

    def fault(message: str) -> Fault:
        return Fault(shown(path.name), NOTHING, NOTHING, NOTHING, message)

    try:
        if path.is_symlink() and not path.exists():
            return fault("the link points to a file that does not exist")
        if not path.exists():
            return fault(
                "there is no such file in the folder of the evidence; every table of datapackage.yaml needs one"
            )
        if not path.is_file():
            return fault("this is a folder or a device; a file is needed here")
        if path.stat().st_size > LARGEST_FILE:
            return fault(f"the file is larger than {LARGEST_FILE // 1_000_000} MB; a table of evidence is far smaller")
        return path.read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a NUL inside the path
        reason = getattr(error, "strerror", None) or str(error)
        return fault(f"the file cannot be read ({reason}); check its permissions")


def read_csv(path: Path) -> CsvFile:
    """Read a CSV file into records of text; what is wrong with its form is listed beside them.

    Parameters
    ----------
    path : pathlib.Path
        The file. Its columns may stand in any order.

    Returns
    -------
    CsvFile
        Nothing that a file holds raises an error. Records whose number of cells differs from the header's are left out
        and named in ``faults``; a file without a usable header has no columns.
    """
    content = read_bytes(path)
    name = shown(path.name)
    if isinstance(content, Fault):
        return CsvFile(name, faults=[content])
    broken = _foreign_encoding(content)
    if broken is not None:
        return CsvFile(name, faults=[Fault(name, broken[0], NOTHING, NOTHING, broken[1])])
    text = content.decode("utf-8-sig", "surrogateescape")
    return _parse(name, text)


def _foreign_encoding(content: bytes) -> tuple[str, str] | None:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or content[:200].count(b"\0") > len(content[:200]) // 3:
        return NOTHING, "the file is UTF-16 or UTF-32 text; save it as UTF-8"
    if b"\0" in content:
        line = content[: content.index(b"\0")].count(b"\n") + 1
        return f"line {line}", "the file holds a NUL byte; it is damaged or not a text file: save it again as UTF-8 CSV"
    return None


@lru_cache(maxsize=32)  # a command asks for a table several times; a table that changed meanwhile is another text
def _parse(name: str, text: str) -> CsvFile:
    lines: list[tuple[int, list[str]]] = []
    faults: list[Fault] = []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    start = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            faults.append(Fault(name, f"line {start}", NOTHING, NOTHING, _csv_message(str(error))))
            break  # what follows a broken quotation cannot be told apart from text
        if any(cell.strip() for cell in cells):
            lines.append((start, cells))
        start = reader.line_num + 1
    if not lines:
        empty = "the file is empty; it needs a header line with the columns of datapackage.yaml"
        return CsvFile(name, faults=faults or [Fault(name, NOTHING, NOTHING, NOTHING, empty)])
    (_, columns), *rows = lines
    if len(columns) == 1 and any(mark in columns[0] for mark in ";\t|"):
        message = "the cells are not separated by commas; save the file as comma-separated UTF-8"
        return CsvFile(name, faults=[*faults, Fault(name, "header", NOTHING, shown(columns[0]), message)])
    if len(set(columns)) < len(columns):
        return CsvFile(name, faults=faults + _repeated(name, columns))
    records = []
    for line, cells in rows:
        if len(cells) == len(columns):
            records.append(Record(line, dict(zip(columns, cells, strict=True))))
        else:
            faults.append(_ragged(name, line, cells, columns))
    return CsvFile(name, tuple(columns), tuple(records), faults)


def _csv_message(reason: str) -> str:
    if "field larger" in reason:
        return "a cell is far too long; is a quotation mark not closed?"
    return f'the quotation marks of this row do not match ({reason}); write " inside a quoted cell as ""'


def _repeated(name: str, columns: list[str]) -> list[Fault]:
    repeated = sorted({column for column in columns if columns.count(column) > 1})
    return [
        Fault(name, "header", shown(column), NOTHING, "the column stands twice in the header; keep one of them")
        for column in repeated
    ]


def _ragged(name: str, line: int, cells: list[str], columns: list[str]) -> Fault:
    message = f"the row has {len(cells)} cells where the header has {len(columns)}; "
    if len(cells) > len(columns):
        message += "put a cell with a comma into quotation marks, and write numbers without thousands separators"
    else:
        message += "write a blank cell for what is not known"
    return Fault(name, f"line {line}", NOTHING, shown(",".join(cells)), message)


def read_rows(path: Path | str) -> list[dict[str, str]]:
    """Read the rows of a CSV file as text, quickly and without judging what the cells say.

    Parameters
    ----------
    path : pathlib.Path or str
        A UTF-8 CSV file with a header; a byte-order mark and CRLF line ends are harmless.

    Returns
    -------
    list of dict
        One dictionary a row, from column to text; ``""`` for a blank. Rows of blank cells are left out.

    Raises
    ------
    EvidenceError
        If the file cannot be read, its header or quotation is broken, a row is ragged or a cell is not UTF-8.
    """
    table = read_csv(Path(path))
    faults = list(table.faults)
    for record in table.records:
        for column, cell in record.cells.items():
            if not cell.isascii() and any("\udc80" <= character <= "\udcff" for character in cell):
                faults.append(Fault(table.name, f"line {record.line}", shown(column), shown(cell), NOT_UTF8))
    if faults:
        raise EvidenceError(faults)
    return [dict(record.cells) for record in table.records]


NOT_UTF8 = "the cell is not UTF-8, perhaps Latin-1 or Windows-1252; save the file as UTF-8"
"""Said of a cell with undecodable bytes."""
