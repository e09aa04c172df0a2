"""Is every fault of the resistance tables named with its place, and is what is sound left alone?"""

from __future__ import annotations

import pytest

from evidence_folder import DATA, faults_of, set_cells
from resurge.evidence import load_evidence, read_rows
from resurge.evidence.resistance_selection import (
    is_modelled_resistance,
    modelled_pair_hashes,
    modelled_resistance_hashes,
)

EFFECTS, MECHANISMS, PAIRS = "resistance_effects.csv", "mechanisms.csv", "replication_pairs.csv"


def test_the_small_tables_are_sound(folder):
    assert faults_of(folder) == []


CELLS = [
    # table, row, cells, where the fault is, words that its sentence must hold
    (EFFECTS, "x0001", {"log_effect": "0.5"}, "x0001:log_effect: 0.5", "gives 0.405465"),
    (EFFECTS, "x0001", {"log_effect": ""}, "x0001:log_effect: (blank)", "given together"),
    (EFFECTS, "x0001", {"effect_scale": "smd"}, "x0001:effect_scale: smd", "hazard_ratio gives log_hr"),
    (EFFECTS, "x0001", {"se_log": "0.3"}, "x0001:se_log: 0.3", "give 0.158"),
    (EFFECTS, "x0001", {"se_log": ""}, "x0001:se_log: (blank)", "no standard error"),
    (EFFECTS, "x0001", {"se_log": "0"}, "x0001:se_log: 0", "greater than 0"),
    (EFFECTS, "x0001", {"se_from": "none"}, "x0001:se_from: none", "say whether"),
    (EFFECTS, "x0001", {"se_from": "p"}, "x0001:se_from: p", "needs it"),
    (EFFECTS, "x0001", {"se_is_upper_bound": "yes"}, "x0001:se_is_upper_bound: yes", "leaves it blank"),
    (EFFECTS, "x0001", {"lower": "2.5"}, "x0001:lower: 2.5", "above the upper one"),
    (EFFECTS, "x0001", {"lower": "1.6"}, "x0001:lower: 1.6", "above the estimate"),
    (EFFECTS, "x0001", {"upper": "1.2"}, "x0001:upper: 1.2", "below the estimate"),
    (EFFECTS, "x0001", {"estimate": "-1.5"}, "x0001:estimate: -1.5", "not below 0"),
    (EFFECTS, "x0001", {"estimate": "0", "lower": "0"}, "x0001:estimate: 0", "greater than 0"),
    (EFFECTS, "x0001", {"orientation_note": ""}, "x0001:orientation_note: (blank)", "its sign"),
    (EFFECTS, "x0001", {"use": "no"}, "x0001:exclude_reason: (blank)", "needs its reason"),
    (EFFECTS, "x0001", {"mechanism_id": "M_ALPHB"}, "x0001:mechanism_id: M_ALPHB", "is M_ALPHA meant?"),
    (EFFECTS, "x0001", {"facet": "prognosis"}, "x0001:facet: prognosis", "not one of"),
    (EFFECTS, "x0008", {"p_value": "0.4"}, "x0008:se_log: 0.337504", "give 0.82"),
    (EFFECTS, "x0008", {"p_value": ""}, "x0008:se_from: p", "needs it"),
    (EFFECTS, "x0010", {"exclude_reason": "overlaps:x0009"}, "x0010:exclude_reason", "not used either"),
    (EFFECTS, "x0010", {"exclude_reason": "overlaps:x0099"}, "x0010:exclude_reason", "no row x0099"),
    (EFFECTS, "x0010", {"exclude_reason": "overlaps:delta"}, "x0010:exclude_reason", "no source"),
    (EFFECTS, "x0010", {"exclude_reason": "because"}, "x0010:exclude_reason", "does not have the form"),
    (
        EFFECTS,
        "x0001",
        {"log_effect": "", "effect_scale": "", "se_log": "", "se_from": "none"},
        "x0001:log_effect: (blank)",
        "the model reads",
    ),
    (MECHANISMS, "M_ALPHA", {"source_ids": "alpha2001; gone1999"}, "M_ALPHA:source_ids", "no source gone1999"),
    (MECHANISMS, "M_ALPHA", {"class": "magic"}, "M_ALPHA:class: magic", "not one of"),
    (MECHANISMS, "M_ALPHA", {"expected_sign": "+"}, "M_ALPHA:expected_sign: +", "not one of"),
    (PAIRS, "p1e1o1", {"shrinkage_ratio": "0.5"}, "p1e1o1:shrinkage_ratio: 0.5", "the effects give 0.3000"),
    (PAIRS, "p1e1o1", {"se_original": "0"}, "p1e1o1:se_original: 0", "greater than 0"),
    (PAIRS, "p1e1o1", {"smd_original": "-4"}, "p1e1o1:smd_original: -4", "turn both signs"),
    (PAIRS, "p1e1o1", {"experiment": "p2e1"}, "p1e1o1:experiment: p2e1", "begins with its paper"),
    (PAIRS, "p1e1o1", {"experiment": "p1e2"}, "p1e1o1:pair_id: p1e1o1", "begins with its experiment"),
    (PAIRS, "p1e1o2", {"animal": "yes"}, "p1e1o2:animal: yes", "p1e1o1 of the same experiment has no"),
    (PAIRS, "p1e1o1", {"n_original": "1"}, "p1e1o1:n_original: 1", "at least 2"),
]


@pytest.mark.parametrize(("table", "row", "cells", "place", "words"), CELLS, ids=[f"{c[3]} {c[4]}"[:60] for c in CELLS])
def test_a_fault_is_named(folder, table, row, cells, place, words):
    set_cells(folder, table, row, **cells)
    lines = faults_of(folder)
    assert any(line.startswith(f"{table}:{place}") and words in line for line in lines), lines


def test_a_reason_may_name_a_row_of_resistance_from_another_table(folder):
    set_cells(folder, "recurrence_rates.csv", "r0005", exclude_reason="overlaps:x0001")
    assert faults_of(folder) == []
    set_cells(folder, "recurrence_rates.csv", "r0005", exclude_reason="overlaps:x0099")
    assert any("there is no row x0099" in line for line in faults_of(folder))


def test_replication_pairs_may_be_named_as_a_whole(folder):
    set_cells(folder, EFFECTS, "x0010", exclude_reason="overlaps:replication_pairs")
    assert faults_of(folder) == []


def test_a_folder_may_do_without_the_tables(folder):
    text = (folder / "datapackage.yaml").read_text(encoding="utf-8")
    start, end = text.index("  - name: mechanisms"), text.index("  - name: replication_pairs")
    following = text.find("\n  - name:", end)
    kept = text[:start] + (text[following + 1 :] if following > 0 else "")
    (folder / "datapackage.yaml").write_text(kept, encoding="utf-8")
    for table in (EFFECTS, MECHANISMS, PAIRS):
        (folder / table).unlink()
    evidence = load_evidence(folder)
    assert evidence.mechanisms is None
    assert evidence.resistance_effects is None
    assert evidence.replication_pairs is None
    assert "mechanisms" not in repr(evidence)
    assert not any(modelled_resistance_hashes(folder).values())
    assert not any(modelled_pair_hashes(folder).values())


def test_the_evidence_prints_its_resistance_tables(folder):
    text = repr(load_evidence(folder))
    assert "10 effects of mechanisms of resistance; 8 in use, on 3 of 4 entries" in text
    assert "4 preclinical effects with their replication" in text


def test_only_what_the_model_reads_changes_the_hashes(folder):
    before = modelled_resistance_hashes(folder)
    assert len(before["resistance_effects"]) == 8
    set_cells(folder, EFFECTS, "x0001", notes="a note", cancer="breast cancer")
    set_cells(folder, EFFECTS, "x0009", log_effect="1.1")
    set_cells(folder, MECHANISMS, "M_ALPHA", drugs="another")
    assert modelled_resistance_hashes(folder) == before
    set_cells(folder, EFFECTS, "x0001", log_effect="0.4")
    assert modelled_resistance_hashes(folder) != before
    set_cells(folder, PAIRS, "p1e1o1", therapy="a drug")
    set_cells(folder, MECHANISMS, "M_ALPHA", **{"class": "metabolic"})
    assert modelled_resistance_hashes(folder)["mechanisms"]["M_ALPHA"] != before["mechanisms"]["M_ALPHA"]


def test_the_project_reads_no_list_of_significant_genes():
    used = [row for row in read_rows(DATA / EFFECTS) if is_modelled_resistance(row)]
    assert not {"chang2022", "dhimolea2021", "patani2014"} & {row["source_id"] for row in used}
    assert all(row["se_log"] or row["source_id"] == "hangauer2017" for row in used)
    assert len(used) == 500


def test_the_readme_explains_every_reason():
    text = (DATA / "README.md").read_text(encoding="utf-8")
    for reason in {row["exclude_reason"] for row in read_rows(DATA / EFFECTS)} - {""}:
        assert f"`{reason}`" in text or f"`{reason.partition(':')[0]}:<" in text, reason
