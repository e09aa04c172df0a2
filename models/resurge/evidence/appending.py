"""New rows at the end of tables: judged with all the rest first, then written all together or not at all.

What a file holds already keeps its bytes: its order of columns, its line ends, a byte-order mark. A row is written with
a file in one step, so that it is never there by half. Where rows of several tables belong together, those that others
point to come first, so that whoever is stopped in between leaves sound evidence with a source too many.
"""

from __future__ import annotations

import csv
import io
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from resurge.errors import UsageError
from resurge.evidence.codebook import CODEBOOK, Field, Table, read_codebook
from resurge.evidence.csv_files import read_csv, read_rows
from resurge.evidence.faults import EvidenceError, Fault
from resurge.evidence.tables import check_evidence
from resurge.locks import locked
from resurge.writing import write_atomically

NewRows = Mapping[str, Sequence[Mapping[str, str]]]
"""Rows to add by table, each from column to text; a column without text is blank."""
POINTED_TO = ("populations", "sources", "mechanisms", "therapy_effects")
"""Tables that others point to, in the order in which they are written."""
_NUMBERED = re.compile(r"(?P<letters>[A-Za-z]+)\[0-9\]\{(?P<digits>[0-9])\}")
_LINE_ENDS = (b"\r\n", b"\n", b"\r")


class EvidenceChangedError(UsageError):
    """Somebody else changed a table while rows were being added to it."""


class NoKeyLeftError(UsageError):
    """All keys of a table are given out."""


def append_rows(data: Path, added: NewRows) -> None:
    """Add rows to tables.

    Parameters
    ----------
    data : pathlib.Path
        Folder of the evidence.
    added : mapping
        New rows by table.

    Raises
    ------
    EvidenceError
        With the faults that the new rows would bring in; nothing is written.
    EvidenceChangedError
        If a table changed meanwhile; nothing is written.
    NotWrittenError
        If a file cannot be written; what was there before is kept.
    """
    with locked(data / ".adding.lock", "resurge add"):
        tables = codebook_of(data)
        added = {name: added[name] for name in (*POINTED_TO, *tables) if added.get(name)}
        before = {name: (data / tables[name].file).read_bytes() for name in added}
        after = {name: with_rows(before[name], data / tables[name].file, rows) for name, rows in added.items()}
        faults = faults_of(data, tables, after)
        if faults:
            raise EvidenceError(faults)
        _write_together(data, tables, before, after)


def codebook_of(data: Path) -> dict[str, Table]:
    """Read the codebook of a folder of evidence.

    Raises
    ------
    EvidenceError
        If it is faulty.
    """
    tables, faults = read_codebook(data)
    if faults:
        raise EvidenceError(faults)
    return tables


def with_rows(content: bytes, path: Path, rows: Sequence[Mapping[str, str]]) -> bytes:
    """Give the bytes of a table with rows behind its last one.

    Parameters
    ----------
    content : bytes
        What the file holds.
    path : pathlib.Path
        The file, for its columns.
    rows : sequence of mapping
        New rows.

    Raises
    ------
    EvidenceError
        If the file has no header that can be read, or lacks a column of a row.
    """
    file = read_csv(path)
    if not file.columns:
        raise EvidenceError(file.faults)
    for row in rows:
        for column in row.keys() - set(file.columns):
            raise EvidenceError([Fault(file.name, "header", column, "-", "the column is missing; add it first")])
    end = next((each for each in _LINE_ENDS if each in content), b"\n")
    gap = b"" if content.endswith((b"\n", b"\r")) else end
    lines = "".join(_line(row, file.columns, end.decode()) for row in rows)
    return content + gap + lines.encode(errors="surrogateescape")


def _line(row: Mapping[str, str], columns: Sequence[str], end: str) -> str:
    """Write one row; the csv module leaves a carriage return unquoted, which would end the line."""
    line = io.StringIO(newline="")
    quoting = csv.QUOTE_ALL if any("\r" in cell for cell in row.values()) else csv.QUOTE_MINIMAL
    csv.DictWriter(line, columns, restval="", lineterminator=end, quoting=quoting).writerow(row)
    return line.getvalue()


def faults_of(data: Path, tables: Mapping[str, Table], changed: Mapping[str, bytes]) -> list[Fault]:
    """List the faults that changed tables would bring in, judged on a copy of the whole evidence.

    Parameters
    ----------
    data : pathlib.Path
        Folder of the evidence.
    tables : mapping
        Its codebook.
    changed : mapping
        New content by table.
    """
    known = set(check_evidence(data))
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name)
        shutil.copyfile(data / CODEBOOK, copy / CODEBOOK)
        for table in tables.values():
            if table.name in changed:
                (copy / table.file).write_bytes(changed[table.name])
            elif (data / table.file).is_file():
                shutil.copyfile(data / table.file, copy / table.file)
        return [fault for fault in check_evidence(copy) if fault not in known]


def _write_together(
    data: Path, tables: Mapping[str, Table], before: Mapping[str, bytes], after: Mapping[str, bytes]
) -> None:
    paths = {name: (data / tables[name].file).resolve() for name in after}
    for name, path in paths.items():
        if path.read_bytes() != before[name]:
            raise EvidenceChangedError(
                f"{path.name} was changed by somebody else meanwhile; nothing was added: try again"
            )
    written: list[str] = []
    try:
        for name, path in paths.items():
            mode = path.stat().st_mode
            write_atomically(path, after[name])
            written.append(name)
            path.chmod(mode)
    except BaseException:
        for name in reversed(written):
            write_atomically(paths[name], before[name])
        raise


def next_key(data: Path, table: Table) -> str:
    """Propose the next free key of a table whose keys are numbered; blank where they are names.

    Raises
    ------
    NoKeyLeftError
        If the last number is given out.
    """
    field = key_field(table)
    form = _NUMBERED.fullmatch(field.pattern.pattern) if field and field.pattern else None
    if field is None or form is None:
        return ""
    letters, digits = form["letters"], int(form["digits"])
    keys = [row[field.name] for row in read_rows(data / table.file)]
    taken = [int(key[len(letters) :]) for key in keys if re.fullmatch(rf"{letters}[0-9]{{{digits}}}", key)]
    number = max(taken, default=0) + 1
    if number >= 10**digits:
        raise NoKeyLeftError(
            f"{table.file}: no key after {letters}{number - 1} is left; widen the pattern in {CODEBOOK}"
        )
    return f"{letters}{number:0{digits}d}"


def key_field(table: Table) -> Field | None:
    """Give the column that is the table's own key."""
    return next((field for field in table.fields if field.name == table.primary_key), None)
