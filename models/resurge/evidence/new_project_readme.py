"""The README of a new folder of evidence: its tables, worked example rows, and what every column means."""

from __future__ import annotations

from collections.abc import Iterator

from resurge.evidence.codebook import Field, Table
from resurge.evidence.csv_files import read_rows
from resurge.evidence.printed_effects import PRINTED
from resurge.evidence.printed_rates import RATES
from resurge.evidence.shipped import EXAMPLE, template


def readme_of_tables(tables: dict[str, Table]) -> str:
    """Explain the tables of a codebook.

    Parameters
    ----------
    tables : dict
        Tables by name.

    Returns
    -------
    str
        Markdown.
    """
    examples = [name for name in tables if example_rows(name)]
    return template("data.md").format(
        tables="\n".join(_list(tables)),
        printed="\n".join(_forms()),
        examples="\n\n".join(_example(tables[name]) for name in examples),
        others="\n\n".join(_columns(table) for name, table in tables.items() if name not in examples),
    )


def example_rows(table: str) -> list[dict[str, str]]:
    """Give the worked example rows of a table, none where it has no example."""
    path = EXAMPLE / f"{table}.csv"
    return read_rows(path) if path.is_file() else []


def _list(tables: dict[str, Table]) -> Iterator[str]:
    yield "| file | holds | a row is |"
    yield "|---|---|---|"
    for table in tables.values():
        yield f"| `{table.file}` | {cell(table.title)} | {cell(table.description)} |"


def _forms() -> Iterator[str]:
    yield "| form | what the paper prints | its numbers |"
    yield "|---|---|---|"
    for name, form in (RATES | PRINTED).items():
        yield f"| `{name}` | {cell(form.words)} | {', '.join(f'`{number}`' for number in form.asks)} |"


def _example(table: Table) -> str:
    row = example_rows(table.name)[0]
    lines = [f"### {table.file}", "", "| column | example | what it means |", "|---|---|---|"]
    lines += [
        f"| `{field.name}` | {cell(row[field.name])} | {meaning(field)} |" for field in table.fields if row[field.name]
    ]
    blank = [field for field in table.fields if not row[field.name]]
    if blank:
        lines += ["", "Blank here:", "", *(f"- `{field.name}`: {meaning(field)}" for field in blank)]
    return "\n".join(lines)


def _columns(table: Table) -> str:
    return "\n".join([f"### {table.file}", "", *(f"- `{field.name}`: {meaning(field)}" for field in table.fields)])


def meaning(field: Field) -> str:
    """Say in one line of Markdown what a column means, in which unit, and what it may hold."""
    said = [cell(field.description)]
    if field.unit:
        said.append(f"Unit: {cell(field.unit)}.")
    if field.enum:
        said.append(f"One of {', '.join(f'`{label}`' for label in field.enum)}.")
    if field.required:
        said.append("Needed.")
    return " ".join(said)


def cell(text: str) -> str:
    """Write text so that a cell of a Markdown table holds it as it stands."""
    escaped = "".join(f"\\{character}" if character in "\\|<>*_[]`" else character for character in text)
    return " ".join(escaped.split())
