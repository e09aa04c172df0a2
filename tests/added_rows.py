"""Rows to add, and the two ways to add them: as scripts do, and by the command."""

from __future__ import annotations

import sys

import pytest

from resurge import cli
from resurge.evidence.adding import Draft, table_named
from resurge.evidence.appending import append_rows
from resurge.evidence.csv_files import read_rows

RATE = {
    **{"er": "any", "nodal": "N0", "endpoint": "any_recurrence", "start_year": "0", "end_year": "5"},
    **{"statistic": "cumulative_risk", "estimate": "0.12", "source_id": "alpha2001", "population": "ALPHA"},
    **{"locator": "abstract", "read_in": "abstract"},
}
EFFECT = {
    **{"source_id": "beta2010", "population": "BETA", "trial": "Theta", "setting": "adjuvant", "treatment": "drug d"},
    **{"control": "none", "treatment_class": "drug_d", "control_class": "observation", "effect_class": "drug_d"},
    **{"endpoint": "dfs", "treatment_duration_years": "1", "landmark_year": "5", "locator": "table 1"},
    "read_in": "full_text",
}


def texts(cells):
    return [f"{name}={value}" for name, value in cells.items()]


def everything(folder):
    return {path.name: path.read_bytes() for path in folder.glob("*.csv")}


def run(monkeypatch, capsys, folder, *words, answers=None):
    monkeypatch.setattr(sys, "argv", ["resurge", "--project", str(folder), *words])
    if answers is not None:
        import io

        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("".join(f"{a}\n" for a in answers).encode())))
    with pytest.raises(SystemExit) as leaving:
        cli.main()
    out, err = capsys.readouterr()
    return leaving.value.code or 0, out, err


def scripted(folder, table, cells, prints=None, numbers=(), **new):
    draft = Draft(folder, table_named(folder, table))
    draft.give(texts(cells), prints, texts(dict(numbers)), {name: texts(row) for name, row in new.items()})
    append_rows(folder, draft.rows)
    return read_rows(folder / draft.table.file)[-1]
