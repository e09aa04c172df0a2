"""What a new row may leave unsaid: which columns are asked for, and what stands in them by default."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from resurge.evidence.codebook import Field, Table
from resurge.evidence.effect_use_rules import CONTRAST, EARLY

Cells = Mapping[str, str]
EFFECT_COLUMNS = (
    *("measure", "estimate", "lower", "upper", "level", "p_value", "log_estimate", "se_log", "se_from"),
    "se_is_upper_bound",
)
"""Columns of therapy_effects that follow from what the paper prints."""


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


def assignments(texts: list[str], table: Table) -> tuple[dict[str, str], list[str]]:
    """Read ``column=value`` texts.

    Parameters
    ----------
    texts : list of str
        As typed.
    table : Table
        What the codebook says.

    Returns
    -------
    cells : dict
        Values by column; the last one counts where a column is named twice.
    others : list of str
        Texts that do not begin with a column of the table.
    """
    cells: dict[str, str] = {}
    others = []
    for text in texts:
        name, sign, value = text.partition("=")
        if sign and name.strip() in table.columns:
            cells[name.strip()] = value.strip()
        else:
            others.append(text)
    return cells, others


def population_key(text: str) -> str:
    """Propose a key of a patient set from its name: MOSAIC_2009 for "Mosaic (2009)"."""
    key = re.sub(r"[^A-Z0-9]+", "_", text.upper()).strip("_")
    return key if re.fullmatch("[A-Z][A-Z0-9_]*", key) else f"P_{key}".rstrip("_") if key else ""
