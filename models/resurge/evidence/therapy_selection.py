"""Which rows of the therapy tables the models read, for the fingerprint of a fit.

Apart from the selection of the recurrence model, whose text is part of that model's own fingerprint.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from resurge.evidence.csv_files import read_rows
from resurge.evidence.selection import COMMENTARY, row_hash

PRINTED_ONLY = (
    *("population_notes", "treatment", "control", "measure", "estimate", "lower", "upper", "level", "p_value"),
    *("n_treatment", "n_control", "events_treatment", "events_control", "landmark_year"),
    *("survival_treatment", "survival_control", "contrast_years_from", "se_from", "use"),
)
"""Columns that say how a number was printed or come by; the models read its log, standard error and window."""

NOT_READ = (*COMMENTARY, *PRINTED_ONLY)
"""Columns of therapy_effects that change no fit. The rest is hashed: keys, women and their receptors, setting, classes,
``inverted``, endpoint, log ratio, standard error and whether that is a bound, window, its kind and where its end is
from, follow-up, when and for how long treatment differed, chain, ``women``, ``inside`` and ``used_as``."""


def is_modelled_effect(row: Mapping[str, object]) -> bool:
    """Tell whether the model of effects over time reads a row of ``therapy_effects``: early, with a use."""
    return row["used_as"] != "" and row["setting"] != "metastatic"


def therapy_row_hashes(folder: Path) -> dict[str, dict[str, str]]:
    """Give a short hash of each row that the model of effects over time reads, by table and row.

    Parameters
    ----------
    folder : pathlib.Path
        Folder of the evidence tables.

    Returns
    -------
    dict
        ``{"therapy_effects": {row_id: hash}}``; empty where the folder has no such table. Columns in `NOT_READ` do not
        count.

    Raises
    ------
    EvidenceError
        If the table cannot be read.
    """
    table = folder / "therapy_effects.csv"
    if not table.is_file():
        return {}
    return {
        "therapy_effects": {
            row["row_id"]: row_hash({column: cell for column, cell in row.items() if column not in NOT_READ})
            for row in read_rows(table)
            if is_modelled_effect(row)
        }
    }
