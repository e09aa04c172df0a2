"""The codebook of the evidence: ``datapackage.yaml``, the part of Frictionless Table Schema that the tables use.

Frictionless itself takes well over a second for the same checks. Its verdict is asked for in the tests; a command that
promises to answer at once reads the same file here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import yaml

from resurge.evidence.csv_files import read_bytes
from resurge.evidence.faults import NOTHING, Fault, shown

CODEBOOK = "datapackage.yaml"
TYPES = ("string", "number", "integer")
DEEPEST = 50
"""Levels of nesting; a codebook has eight."""
CONSTRAINTS = ("required", "unique", "enum", "pattern", "minimum", "maximum")


@dataclass(frozen=True)
class Field:
    """One column: its type, what its cells may hold, and the words that tell people what they mean."""

    name: str
    type: str
    required: bool = False
    unique: bool = False
    enum: tuple[str, ...] = ()
    pattern: re.Pattern[str] | None = None
    minimum: float | None = None
    maximum: float | None = None
    title: str = ""
    description: str = ""
    unit: str = ""


@dataclass(frozen=True)
class Key:
    """A column whose cells must occur in a column of another table."""

    column: str
    table: str
    target: str


@dataclass(frozen=True)
class Table:
    """One table: its file, its columns in order, its own key and its keys into other tables."""

    name: str
    file: str
    fields: tuple[Field, ...]
    primary_key: str | None = None
    foreign_keys: tuple[Key, ...] = ()
    title: str = ""
    description: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns in order."""
        return tuple(field.name for field in self.fields)


class _Wrong(Exception):  # noqa: N818 - a message on its way to becoming a Fault
    def __init__(self, where: str, column: str, message: str) -> None:
        self.fault = Fault(CODEBOOK, shown(where), shown(column), NOTHING, message)
        super().__init__(message)


def read_codebook(folder: Path) -> tuple[dict[str, Table], list[Fault]]:
    """Read the codebook of a folder of evidence.

    Parameters
    ----------
    folder : pathlib.Path
        Folder that holds ``datapackage.yaml``.

    Returns
    -------
    tables : dict
        Tables by name, in the order of the file; empty if the codebook cannot be read.
    faults : list of Fault
        What is wrong with the codebook; at most the first fault of each table.
    """
    content = read_bytes(folder / CODEBOOK)
    if isinstance(content, Fault):
        return {}, [content]
    tables: dict[str, Table] = {}
    faults: list[Fault] = []
    try:
        for number, resource in enumerate(_resources(content), start=1):
            try:
                table = _table(resource, f"resource {number}")
                if table.name in tables:
                    raise _Wrong(table.name, "name", "two resources have this name; give each its own")
                tables[table.name] = table
            except _Wrong as wrong:
                faults.append(wrong.fault)
    except _Wrong as wrong:
        return {}, [wrong.fault]
    if not faults:
        faults = [fault for table in tables.values() for fault in _dangling(table, tables)]
    return tables, faults


def _resources(content: bytes) -> list[object]:
    try:
        document = _document(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise _Wrong(NOTHING, NOTHING, "the file is not UTF-8; save it as UTF-8") from None
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or "the text cannot be parsed"
        where = f"line {mark.line + 1}" if mark else NOTHING
        raise _Wrong(where, NOTHING, f"this is not YAML ({shown(reason)}); mend it at this place") from None
    resources = document.get("resources") if isinstance(document, dict) else None
    if not isinstance(resources, list) or not resources:
        raise _Wrong(
            NOTHING, "resources", "the codebook lists no tables; it needs a list `resources`, one entry a table"
        )
    return resources


def _document(text: str) -> object:
    """Parse YAML by the fast loader, which would crash on deep nesting if it were not counted first."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    depth = 0
    for event in yaml.parse(text, loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise yaml.MarkedYAMLError(problem="nested too deeply", problem_mark=event.start_mark)
    return yaml.load(text, loader)  # noqa: S506 - both loaders are the safe ones


def _table(resource: object, where: str) -> Table:
    name = _text(resource, "name", where)
    path = _text(resource, "path", name)
    if Path(path).name != path or not path.endswith(".csv") or "\\" in path:
        raise _Wrong(name, "path", f"{shown(path)} is not the name of a CSV file in this folder")
    schema = resource.get("schema") if isinstance(resource, dict) else None
    fields = schema.get("fields") if isinstance(schema, dict) else None
    if not isinstance(schema, dict) or not isinstance(fields, list) or not fields:
        raise _Wrong(name, "schema", "the table has no columns; it needs a list `schema: fields:`")
    columns = tuple(_field(entry, name) for entry in fields)
    names = [field.name for field in columns]
    for column in names:
        if names.count(column) > 1:
            raise _Wrong(name, column, "the column is described twice; keep one description")
    primary = schema.get("primaryKey")
    if primary is not None and (not isinstance(primary, str) or primary not in names):
        raise _Wrong(name, "primaryKey", f"{shown(str(primary))} is not one column of this table")
    keys = schema.get("foreignKeys") or []
    if not isinstance(keys, list):
        raise _Wrong(name, "foreignKeys", "this must be a list")
    return Table(
        name,
        path,
        columns,
        primary,
        tuple(_key(entry, name) for entry in keys),
        **_words(resource, ("title", "description")),
    )


def _words(entry: dict[str, object], names: tuple[str, ...]) -> dict[str, str]:
    """Give the texts for people, on one line each; checks do without them."""
    return {name: " ".join(str(entry.get(name) or "").split()) for name in names}


def _text(entry: object, attribute: str, where: str) -> str:
    value = entry.get(attribute) if isinstance(entry, dict) else None
    if not isinstance(value, str) or not value.strip():
        raise _Wrong(where, attribute, f"`{attribute}` is missing or not text")
    return value


def _field(entry: object, table: str) -> Field:
    name = _text(entry, "name", table)
    kind = _text(entry, "type", f"{table}.{name}")
    if kind not in TYPES:
        raise _Wrong(table, name, f"type {shown(kind)} is not one of {', '.join(TYPES)}")
    constraints = entry.get("constraints") if isinstance(entry, dict) else None
    constraints = {} if constraints is None else constraints
    if not isinstance(constraints, dict):
        raise _Wrong(table, name, "`constraints` must be a mapping")
    for constraint in constraints:
        if constraint not in CONSTRAINTS:
            raise _Wrong(table, name, f"constraint {shown(str(constraint))} is not one of {', '.join(CONSTRAINTS)}")
    enum = constraints.get("enum", [])
    if not isinstance(enum, list) or not all(isinstance(label, str) for label in enum):
        raise _Wrong(table, name, "`enum` must be a list of texts; put yes, no and numbers into quotation marks")
    for switch in ("required", "unique"):
        if not isinstance(constraints.get(switch, False), bool):
            raise _Wrong(table, name, f"`{switch}` must be true or false")
    return Field(
        name=name,
        type=kind,
        required=constraints.get("required", False),
        unique=constraints.get("unique", False),
        enum=tuple(enum),
        pattern=_pattern(constraints.get("pattern"), table, name),
        minimum=_bound(constraints.get("minimum"), "minimum", table, name),
        maximum=_bound(constraints.get("maximum"), "maximum", table, name),
        **_words(entry, ("title", "description", "unit")),
    )


def _pattern(value: object, table: str, name: str) -> re.Pattern[str] | None:
    try:
        return None if value is None else re.compile(value)  # type: ignore[call-overload]
    except (re.error, TypeError):
        raise _Wrong(table, name, f"pattern {shown(str(value))} is not a regular expression") from None


def _bound(value: object, constraint: str, table: str, name: str) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _Wrong(table, name, f"`{constraint}` must be a number")
    return float(value)


def _key(entry: object, table: str) -> Key:
    column = _text(entry, "fields", table)
    reference = entry.get("reference") if isinstance(entry, dict) else None
    return Key(
        column, _text(reference, "resource", f"{table}.{column}"), _text(reference, "fields", f"{table}.{column}")
    )


def _dangling(table: Table, tables: dict[str, Table]) -> list[Fault]:
    faults = []
    for key in table.foreign_keys:
        target = tables.get(key.table)
        if key.column not in table.columns or target is None or key.target not in target.columns:
            message = (
                f"the key points to {shown(f'{key.table}.{key.target}')}, and one of its ends is not in this codebook"
            )
            faults.append(Fault(CODEBOOK, shown(table.name), shown(key.column), NOTHING, message))
    return faults
