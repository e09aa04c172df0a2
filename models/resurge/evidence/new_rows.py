"""What a new row may leave unsaid: which columns are asked for, and what stands in them by default."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from resurge.errors import UsageError
from resurge.evidence.codebook import Field, Table
from resurge.evidence.effect_use_rules import CONTRAST, EARLY
from resurge.evidence.faults import shown

Cells = Mapping[str, str]
EFFECT_COLUMNS = (
    *("measure", "estimate", "lower", "upper", "level", "p_value", "log_estimate", "se_log", "se_from"),
    "se_is_upper_bound",
)
"""Columns of therapy_effects that follow from what the paper prints."""


class AddingError(UsageError):
    """What was given for a new row makes no sense."""


def _both_limits(cells: Cells) -> bool:
    return bool(cells.get("lower") and cells.get("upper"))


def _is_metastatic(cells: Cells) -> bool:
    return cells.get("setting") == "metastatic"


def _first(*names: str) -> Callable[[Cells], str]:
    """Suggest what the first of some columns holds that is not blank."""
    return lambda cells: next((cells[name] for name in names if cells.get(name)), "")


def _window_end_from(cells: Cells) -> str:
    ends = {"period_end": "printed", "landmark_year": "landmark_year", "median_follow_up_years": "median_follow_up"}
    return next((origin for name, origin in ends.items() if cells.get(name)), "none")


SUGGESTED: dict[str, Callable[[Cells], str]] = {
    "use": lambda cells: "no" if cells.get("exclude_reason") else "yes",
    "derived": lambda cells: "no",
    "bounds": lambda cells: "ci" if _both_limits(cells) else "none",
    "level": lambda cells: "0.95" if _both_limits(cells) and cells.get("bounds", "ci") == "ci" else "",
    "therapy": lambda cells: "mixed",
    "line": lambda cells: "" if _is_metastatic(cells) else "early",
    "inverted": lambda cells: "" if _is_metastatic(cells) else "no",
    "effect_class": _first("treatment_class"),
    "randomised_year": lambda cells: (
        "" if _is_metastatic(cells) else "5" if cells.get("setting") == "extended_adjuvant" else "0"
    ),
    "contrast_start_year": lambda cells: "0" if cells.get("treatment_duration_years") else "",
    "contrast_years": _first("treatment_duration_years"),
    "contrast_years_from": lambda cells: "assumed" if cells.get("contrast_years") else "",
    "window_start": lambda cells: cells.get("period_start") or "0",
    "window_end": _first("period_end", "landmark_year", "median_follow_up_years"),
    "window_kind": lambda cells: "period" if cells.get("period_start") else "whole_follow_up",
    "window_end_from": _window_end_from,
    "se_from": lambda cells: "interval" if _both_limits(cells) else "none",
    "used_as": lambda cells: "effect" if cells.get("use") == "yes" else "",
    "bibliography": lambda cells: "incomplete",
}
"""What stands in a column unless somebody says otherwise, from the cells before it."""


def suggested(field: Field, cells: Cells) -> str:
    """Propose what stands in a column.

    Parameters
    ----------
    field : Field
        The column.
    cells : mapping
        Columns that are known already.

    Returns
    -------
    str
        A value, blank where there is none to propose.
    """
    if field.name in cells:
        return cells[field.name]
    value = SUGGESTED[field.name](cells) if field.name in SUGGESTED else ""
    if not value and field.required and "any" in field.enum:
        return "any"
    return value if value == "" or not field.enum or value in field.enum else ""


def asked(table: Table, cells: Cells) -> Iterator[Field]:
    """Give the columns that are still to be asked for, in their order, as ``cells`` fills up meanwhile.

    Parameters
    ----------
    table : Table
        What the codebook says.
    cells : mapping
        Columns that are known already.
    """
    for field in table.fields:
        if field.name in cells:
            continue
        if _is_metastatic(cells) and field.name in (*EARLY, *CONTRAST):
            continue
        if field.name == "exclude_reason" and cells.get("use") == "yes":
            continue
        yield field


def filled(table: Table, cells: Cells) -> dict[str, str]:
    """Complete a row by what is proposed for the columns that nobody spoke of.

    Parameters
    ----------
    table : Table
        What the codebook says.
    cells : mapping
        Columns that were given.
    """
    row = dict(cells)
    for field in asked(table, row):
        row[field.name] = suggested(field, row)
    return row


def columns_given(texts: Sequence[str], table: Table, option: str) -> dict[str, str]:
    """Read ``column=value`` texts of an option.

    Parameters
    ----------
    texts : sequence of str
        As typed; the last one counts where a column is named twice.
    table : Table
        What the codebook says.
    option : str
        Name of the option, for messages.

    Raises
    ------
    AddingError
        If one names no column of the table.
    """
    cells = {}
    for text in texts:
        name, sign, value = (part.strip() for part in text.partition("="))
        if not sign or name not in table.columns:
            near = difflib.get_close_matches(name, table.columns, n=1)
            hint = f"is {near[0]} meant?" if near else f"its columns are {', '.join(table.columns)}"
            raise AddingError(f"{option} {shown(text)}: {table.file} has no column {shown(name)}; {hint}")
        cells[name] = value
    return cells


def population_key(text: str) -> str:
    """Propose a key of a patient set from its name: MOSAIC_2009 for "Mosaic (2009)"."""
    key = re.sub(r"[^A-Z0-9]+", "_", text.upper()).strip("_")
    return key if re.fullmatch("[A-Z][A-Z0-9_]*", key) else f"P_{key}".rstrip("_") if key else ""
