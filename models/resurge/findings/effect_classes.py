"""Which classes of therapy the evidence can tell the effect of over time, and on how much that rests."""

from __future__ import annotations

from resurge.errors import UsageError
from resurge.evidence.csv_files import read_rows
from resurge.evidence.effect_selection import is_modelled_effect
from resurge.findings.questions import Answer
from resurge.project import Project

TABLE = "therapy_effects.csv"


def effect_classes(project: Project) -> list[Answer]:
    """List the classes of early disease with their trials and rows, in the order of the alphabet.

    Parameters
    ----------
    project : Project
        Where the evidence is.

    Returns
    -------
    list of dict
        ``class``, ``trials`` (names) and ``rows`` (number of published estimates that the model reads).

    Raises
    ------
    UsageError
        If the evidence has no table of effects.
    """
    path = project.data / TABLE
    if not path.is_file():
        raise UsageError(f"effects of therapy need the table data/{TABLE}, and the evidence has none")
    read = [row for row in read_rows(path) if is_modelled_effect(row) and row["log_estimate"] and row["se_log"]]
    found = []
    for name in sorted({row["effect_class"] for row in read}):
        own = [row for row in read if row["effect_class"] == name]
        found.append({"class": name, "trials": sorted({row["trial"] for row in own}), "rows": len(own)})
    return found
