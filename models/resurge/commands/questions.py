"""A row asked for at the terminal, field by field; a value that cannot be is asked for again."""

from __future__ import annotations

import typer

from resurge.commands.session import say
from resurge.evidence.adding import EFFECTS, FORMS, RISKS, Draft, table_named
from resurge.evidence.codebook import Field
from resurge.evidence.faults import Fault
from resurge.evidence.log_effects import EffectError
from resurge.evidence.new_rows import EFFECT_COLUMNS, asked, population_key, suggested
from resurge.evidence.printed_cells import DEFAULTS

KEYS = {"sources": "source_id", "populations": "population"}
"""Own keys of the tables to which a row may bring a row."""
PRINTED_AT = {EFFECTS: EFFECT_COLUMNS[0], RISKS: "statistic"}
"""Column at which a table asks what the paper prints."""
NOTHING_PRINTED = "none"


def ask_row(draft: Draft) -> None:
    """Ask for a row until nothing is wrong with it.

    Parameters
    ----------
    draft : Draft
        The row, which is filled in.

    Raises
    ------
    typer.Abort
        If the asking is stopped by hand or the input ends.
    """
    say(f"A new row of {draft.table.file}: {draft.table.title}. Enter takes what stands in brackets; Ctrl-C stops.")
    say(draft.table.description)
    draft.propose_key()
    proposed, draft.cells = dict(draft.cells), {}
    for field in asked(draft.table, draft.cells):
        if field.name == PRINTED_AT.get(draft.table.name):
            ask_printed(draft)
            if field.name in draft.cells:
                continue
        draft.cells[field.name] = ask_cell(draft, field, proposed.get(field.name) or suggested(field, draft.cells))
        bring_along(draft, field)
    while faults := draft.faults():
        ask_again(draft, faults)
    for line in draft.shown():
        say(line)
    if not typer.confirm("Add this?", default=True):
        raise typer.Abort


def ask_cell(draft: Draft, field: Field, default: str) -> str:
    """Ask for one cell until the codebook allows it."""
    say()
    say(f"{field.name}: {field.title}. {field.description}")
    if field.unit or field.enum:
        said = [f"unit: {field.unit}"] if field.unit else []
        say("  " + "; ".join([*said, *([f"one of {', '.join(field.enum)}"] if field.enum else [])]))
    optional = "" if field.required or default else " (may stay blank)"
    while True:
        text = ask(f"  {field.name}{optional}", default)
        wrong = draft.wrong(field, text)
        if wrong is None:
            return text
        say(f"  {wrong}.")


def ask(question: str, default: str) -> str:
    """Ask for a line; Enter takes the default, a single hyphen leaves it blank."""
    text = typer.prompt(question, default=default, show_default=bool(default)).strip()
    return "" if text == "-" else text


def bring_along(draft: Draft, field: Field) -> None:
    """Ask for the source or the patient set that a row names and the evidence does not have yet."""
    named = {column: table for table, column in KEYS.items()}
    table, key = named.get(field.name), draft.cells[field.name]
    if table is None or draft.table.name == table or not key or key == "none" or table in draft.new:
        return
    if key in draft.known(table, field.name):
        return
    say(f"  {key} is new: {table}.csv gets it with this row.")
    other = Draft(draft.data, table_named(draft.data, table))
    other.cells[field.name] = key
    for column in asked(other.table, other.cells):
        default = suggested(column, other.cells)
        if column.name == "population":
            default = population_key(key)
        other.cells[column.name] = ask_cell(other, column, default)
        if column.name == "population" and table == "sources":
            bring_along(other, column)
    draft.new |= {table: other.cells} | {name: row for name, row in other.new.items() if name not in draft.new}


def ask_printed(draft: Draft) -> None:
    """Ask what the paper prints until it gives a number."""
    forms = FORMS[draft.table.name]
    say()
    say("What does the paper print?")
    for name, form in forms.items():
        say(f"  {name}: {form.words}")
    say(f"  {NOTHING_PRINTED}: none of these; the columns are asked for one by one")
    while True:
        kind = ask("  one of these", next(iter(forms)))
        if kind == NOTHING_PRINTED:
            return
        if kind not in forms:
            say(f"  that is none of these; write one of {', '.join((*forms, NOTHING_PRINTED))}.")
            continue
        if draft.table.name == EFFECTS and "estimate" in forms[kind].asks:
            draft.cells["measure"] = ask_measure(draft)
        given = {name: ask(f"  {words}", DEFAULTS.get(name, "")) for name, words in forms[kind].asks.items()}
        try:
            draft.cells |= draft.printed(kind, given)
        except EffectError as error:
            say(f"  {error}.")
            continue
        if draft.table.name == EFFECTS:
            draft.cells |= {name: draft.cells.get(name, "") for name in EFFECT_COLUMNS}
        return


def ask_measure(draft: Draft) -> str:
    """Ask which ratio is printed."""
    field = next(field for field in draft.table.fields if field.name == "measure")
    return ask_cell(draft, field, "HR")


def ask_again(draft: Draft, faults: list[Fault]) -> None:
    """Tell what is wrong with the row as a whole and ask for these columns again."""
    say()
    say("Not yet sound:")
    columns = []
    for fault in faults:
        say(f"  {fault}")
        name = next((name for name in (*draft.new, draft.table.name) if fault.table == f"{name}.csv"), None)
        if name is not None and (name, fault.column) not in columns:
            columns.append((name, fault.column))
    if not columns:
        raise typer.Abort
    for name, column in columns:
        table = table_named(draft.data, name)
        other = draft if name == draft.table.name else Draft(draft.data, table, draft.new[name])
        for field in table.fields:
            if field.name == column:
                other.cells[column] = ask_cell(other, field, other.cells.get(column, ""))
