"""Is every fault of the claims table named with its place, and is what is sound left alone?"""

from __future__ import annotations

from pathlib import Path

import pytest

from evidence_folder import DATA, faults_of, set_cells
from resurge.evidence import load_evidence, read_rows

CLAIMS = "claims.csv"


def test_the_small_table_is_sound(folder):
    assert faults_of(folder) == []


CELLS = [
    # row, cells, where the fault is, words that its sentence must hold
    ("C001", {"claim": ""}, "C001:claim: (blank)", "a value is needed"),
    ("C001", {"claim": "=1+1"}, "C001:claim: =1+1", "formula"),
    ("C001", {"source_id": "nobody1999"}, "C001:source_id: nobody1999", "no such source_id"),
    ("C001", {"source_document": "review"}, "C001:source_document: review", "does not have the form"),
    ("C001", {"comparator": ">"}, "C001:comparator: >", "not one of"),
    ("C001", {"answered_by": "guess"}, "C001:answered_by: guess", "not one of"),
    ("C001", {"answered_by": ""}, "C001:answered_by: (blank)", "a testable claim needs this"),
    ("C001", {"test_kind": ""}, "C001:test_kind: (blank)", "a testable claim needs this"),
    ("C001", {"caution": ""}, "C001:caution: (blank)", "a testable claim needs this"),
    ("C001", {"model": "none"}, "C001:model: none", "names the model"),
    ("C001", {"estimand": ""}, "C001:estimand: (blank)", "given together"),
    ("C001", {"value_unit": ""}, "C001:value_unit: (blank)", "given together"),
    ("C001", {"comparator": ""}, "C001:comparator: (blank)", "given together"),
    ("C001", {"value_low": ""}, "C001:value_low: (blank)", ">= needs this value"),
    ("C001", {"value_high": "0.9"}, "C001:value_high: 0.9", ">= does not take this value"),
    ("C001", {"value_low": "50"}, "C001:value_low: 50", "between 0 and 1"),
    ("C001", {"value_low": "50%"}, "C001:value_low: 50%", "write 0.5"),
    ("C001", {"stated_lower": "1.5"}, "C001:stated_lower: 1.5", "at most 1"),
    ("C001", {"answered_by": "facet_intervention"}, "C001:mechanism_id: (blank)", "name it"),
    ("C002", {"comparator": "<="}, "C002:value_low: 0.1", "does not take this value"),
    ("C002", {"value_high": "0.1"}, "C002:value_high: 0.1", "at or before its start"),
    ("C002", {"value_high": "0.05"}, "C002:value_high: 0.05", "at or before its start"),
    ("C002", {"comparator": "approximately"}, "C002:value_high: 0.3", "repeat 0.1"),
    ("C002", {"stated_upper": "5"}, "C002:stated_upper: 5", "not above the lower one"),
    ("C002", {"stated_upper": "300"}, "C002:stated_upper: 300", "at most 100"),
    ("C002", {"stated_estimate": "5"}, "C002:stated_lower: 10", "above the estimate"),
    ("C002", {"stated_estimate": "50"}, "C002:stated_upper: 30", "below the estimate"),
    ("C003", {"stated_estimate": "2"}, "C003:stated_estimate: 2", "a direction has no number"),
    ("C003", {"mechanism_id": "M_ALPHB"}, "C003:mechanism_id: M_ALPHB", "no mechanism M_ALPHB"),
    ("C003", {"mechanism_id": "M_ALPHA, M_BETA"}, "C003:mechanism_id", "does not have the form"),
    ("C003", {"mechanism_id": "M_ALPHA; M_OMEGA"}, "C003:mechanism_id", "no mechanism M_OMEGA"),
    ("C003", {"rows": "x0001; x0099"}, "C003:rows: x0001; x0099", "no row x0099"),
    ("C003", {"rows": "e0099"}, "C003:rows: e0099", "no row e0099"),
    ("C003", {"rows": "p0001"}, "C003:rows: p0001", "does not have the form"),
    ("C004", {"answered_by": "pooled_rows"}, "C004:answered_by: pooled_rows", "leave this blank"),
    ("C004", {"rows": "x0001"}, "C004:rows: x0001", "leave this blank"),
    ("C004", {"test_kind": "proxy"}, "C004:test_kind: proxy", "leave this blank"),
    ("C004", {"how_to_test": ""}, "C004:how_to_test: (blank)", "a value is needed"),
    ("C004", {"testable": "yes"}, "C004:answered_by: (blank)", "a testable claim needs this"),
    ("C005", {"claim_id": "C004"}, "line 6:claim_id: C004", "stands in line"),
]


@pytest.mark.parametrize(("row", "cells", "place", "words"), CELLS, ids=[f"{c[2]} {c[3]}"[:60] for c in CELLS])
def test_a_fault_is_named(folder, row, cells, place, words):
    set_cells(folder, CLAIMS, row, **cells)
    lines = faults_of(folder)
    assert any(line.startswith(f"{CLAIMS}:{place}") and words in line for line in lines), lines


def without(folder: Path, *tables: str) -> None:
    """Take tables out of a folder and out of its codebook."""
    text = (folder / "datapackage.yaml").read_text(encoding="utf-8")
    for table in tables:
        start = text.index(f"  - name: {table}\n")
        end = text.find("\n  - name: ", start + 1)
        text = text[:start] + (text[end + 1 :] if end > 0 else "")
        (folder / f"{table}.csv").unlink()
    (folder / "datapackage.yaml").write_text(text, encoding="utf-8")


def test_a_folder_may_do_without_claims(folder):
    without(folder, "claims")
    evidence = load_evidence(folder)
    assert evidence.claims is None
    assert "statements" not in repr(evidence)


def test_without_a_catalogue_names_of_mechanisms_are_taken_on_trust(folder):
    without(folder, "resistance_effects", "mechanisms")
    set_cells(folder, CLAIMS, "C003", rows="x0099")
    assert faults_of(folder) == []


def test_the_evidence_prints_its_claims(folder):
    assert "5 statements of documents; 3 that the evidence bears on" in repr(load_evidence(folder))


def test_every_claim_of_the_real_table_is_there_once():
    rows = read_rows(DATA / CLAIMS)
    assert [row["claim_id"] for row in rows] == [f"C{number:03d}" for number in range(1, 104)]
    assert len({row["claim"] for row in rows}) == 103
    assert len({row["source_document"] for row in rows}) == len({row["source_id"] for row in rows}) == 4
    assert sum(row["testable"] == "yes" for row in rows) == 45
    assert sum(row["test_kind"] == "proxy" for row in rows) == 36


def test_what_is_quoted_of_late_recurrence_says_what_it_is():
    row = next(row for row in read_rows(DATA / CLAIMS) if row["claim_id"] == "C022")
    assert "years 5 to 20 among women free of recurrence at year 5" in row["caution"]
    assert "T1N0 to T2N4-9" in row["caution"]
