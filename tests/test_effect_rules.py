"""Is every fault of the therapy tables named with its place, and is what is sound left alone?"""

from __future__ import annotations

import pytest

from evidence_folder import faults_of, set_cells
from resurge.evidence import load_evidence
from resurge.evidence.network_rules import connected_parts

EFFECTS = "therapy_effects.csv"
NETWORKS = "therapy_networks.csv"


# e0001 is an overview, e0002 and e0003 two periods of a trial inside it, e0004 and e0005 a chain, e0006 stands alone
# with a p value, e0007 and e0008 are metastatic and make the network.
CELLS = [
    # row, cells, where the fault is, words that its sentence must hold
    ("e0005", {"lower": "0.94", "upper": "0.60"}, "e0005:lower: 0.94", "seem to be swapped"),
    ("e0005", {"lower": "0.80"}, "e0005:lower: 0.80", "above the estimate (0.75)"),
    ("e0005", {"upper": "0.70"}, "e0005:upper: 0.70", "below the estimate"),
    ("e0005", {"lower": "0.94"}, "e0005:upper: 0.94", "limits are equal"),
    ("e0005", {"upper": "1.94"}, "e0005:estimate: 0.75", "on the log scale its middle is 1.08"),
    ("e0005", {"upper": ""}, "e0005:upper: (blank)", "an interval needs both"),
    ("e0005", {"level": ""}, "e0005:level: (blank)", "needs its level"),
    ("e0005", {"level": "95"}, "e0005:level: 95", "at most 0.999"),
    ("e0005", {"level": "0.99"}, "e0005:se_log: 0.114530", "give 0.087147"),
    ("e0006", {"level": "0.95"}, "e0006:level: 0.95", "there is none"),
    ("e0005", {"estimate": "0"}, "e0005:estimate: 0", "greater than 0"),
    ("e0005", {"estimate": "-0.75"}, "e0005:estimate: -0.75", "at least 0"),
    ("e0005", {"estimate": ""}, "e0005:estimate: (blank)", "a measure is named"),
    ("e0005", {"measure": ""}, "e0005:measure: (blank)", "one of HR, RR, OR"),
    ("e0005", {"log_estimate": "0.287682"}, "e0005:log_estimate: 0.287682", "natural log of 0.75 is -0.287682"),
    ("e0005", {"log_estimate": "-0.124939"}, "e0005:log_estimate: -0.124939", "is -0.287682"),
    ("e0005", {"log_estimate": ""}, "e0005:log_estimate: (blank)", "write -0.287682"),
    ("e0005", {"se_log": "0.117"}, "e0005:se_log: 0.117", "give 0.114530"),
    ("e0005", {"se_log": ""}, "e0005:se_log: (blank)", "se_from = interval"),
    ("e0005", {"se_from": "none"}, "e0005:se_from: none", "there is a standard error"),
    ("e0005", {"se_from": "counts"}, "e0005:se_from: counts", "needs events in both arms"),
    ("e0006", {"se_from": "interval"}, "e0006:se_from: interval", "needs both limits"),
    ("e0006", {"p_value": "0.05"}, "e0006:se_log: 0.108652", "give 0.113851"),
    ("e0006", {"p_value": "<0.04"}, "e0006:se_is_upper_bound: no", "this is yes"),
    ("e0006", {"p_value": ">0.04"}, "e0006:se_from: p", "not printed as 'greater than'"),
    ("e0006", {"p_value": "0.000"}, "e0006:p_value: 0.000", "a bound, <0.001"),
    ("e0005", {"p_value": "0.45"}, "e0005:p_value: 0.45", "the interval gives a p value of about 0.012"),
    ("e0005", {"p_value": "<0.0001"}, "e0005:p_value: <0.0001", "of about 0.012"),
    ("e0006", {"p_value": "4%"}, "e0006:p_value: 4%", "does not have the form"),
    ("e0006", {"estimate": "1", "log_estimate": "0"}, "e0006:se_from: p", "an estimate other than 1"),
    ("e0005", {"se_is_upper_bound": "yes"}, "e0005:se_is_upper_bound: yes", "leave the cell blank"),
    ("e0004", {"events_control": "151"}, "e0004:events_control: 151", "more events than women (150)"),
    ("e0006", {"survival_control": "88"}, "e0006:survival_control: 88", "at most 1"),
    ("e0006", {"survival_control": ""}, "e0006:survival_control: (blank)", "both or neither"),
    ("e0005", {"window_end": "5"}, "e0005:window_end: 5", "median_follow_up_years is 6"),
    ("e0005", {"window_end": ""}, "e0005:window_end: (blank)", "write none there"),
    ("e0005", {"window_end_from": "none"}, "e0005:window_end_from: none", "say where it is from"),
    ("e0005", {"window_start": "1"}, "e0005:window_start: 1", "whole_follow_up starts at 0"),
    ("e0005", {"period_start": "1"}, "e0005:period_start: 1", "whole_follow_up has no period"),
    ("e0001", {"window_start": "5", "window_end": "0"}, "e0001:window_end: 0", "seem to be swapped"),
    ("e0001", {"period_end": "0"}, "e0001:period_end: 0", "ends at or before its start"),
    ("e0001", {"window_start": "1"}, "e0001:window_start: 1", "the period starts at 0"),
    ("e0007", {"line": "early"}, "e0007:line: early", "its line of therapy"),
    ("e0007", {"inverted": "no"}, "e0007:inverted: no", "leave it blank in a metastatic row"),
    ("e0007", {"used_as": "increment"}, "e0007:used_as: increment", "as effect only"),
    ("e0007", {"used_as": ""}, "e0007:used_as: (blank)", "a used row says how"),
    ("e0006", {"line": "2"}, "e0006:line: 2", "its line is early"),
    ("e0006", {"inverted": ""}, "e0006:inverted: (blank)", "early disease needs this"),
    ("e0006", {"effect_class": ""}, "e0006:effect_class: (blank)", "a value is needed"),
    ("e0006", {"effect_class": "Extended endocrine"}, "e0006:effect_class: Extended", "does not have the form"),
    ("e0006", {"contrast_years": ""}, "e0006:contrast_years: (blank)", "for how long the arms were treated"),
    ("e0006", {"contrast_years": "0"}, "e0006:contrast_years: 0", "a time greater than 0"),
    ("e0006", {"contrast_years_from": ""}, "e0006:contrast_years_from: (blank)", "known together"),
    ("e0006", {"used_as": ""}, "e0006:used_as: (blank)", "a used row says how"),
    ("e0006", {"used_as": "increment"}, "e0006:update_chain: (blank)", "name the chain"),
    ("e0006", {"used_as": "shape"}, "e0006:inside: (blank)", "name the overview"),
    ("e0006", {"use": "no"}, "e0006:exclude_reason: (blank)", "needs its reason"),
    ("e0006", {"use": "no", "exclude_reason": "crude"}, "e0006:used_as: effect", "use is no"),
    ("e0004", {"exclude_reason": "misprint"}, "e0004:used_as: increment", "cannot enter as a step"),
    ("e0006", {"se_log": "", "se_from": "none", "se_is_upper_bound": ""}, "e0006:se_log: (blank)", "a model reads"),
    ("e0006", {"endpoint": "pcr"}, "e0006:endpoint: pcr", "not an endpoint of early disease over time"),
    ("e0002", {"exclude_reason": "overlaps:e0099"}, "e0002:exclude_reason: overlaps:e0099", "no row e0099"),
    ("e0002", {"exclude_reason": "overlaps:e0003"}, "e0002:exclude_reason: overlaps:e0003", "not used either"),
    ("e0002", {"exclude_reason": "overlaps:e0002"}, "e0002:exclude_reason: overlaps:e0002", "points to itself"),
    ("e0002", {"exclude_reason": "overlaps:r0099"}, "e0002:exclude_reason: overlaps:r0099", "no row r0099"),
    ("e0004", {"exclude_reason": "superseded:delta"}, "e0004:exclude_reason: superseded:delta", "no source"),
    ("e0006", {"source_id": "beta2011"}, "e0006:source_id: beta2011", "is beta2010 meant?"),
    ("e0006", {"population": "OMEGA"}, "e0006:population: OMEGA", "no such population"),
    # chains
    ("e0005", {"report_order": "1"}, "e0005:report_order: 1", "each report has its own"),
    ("e0005", {"report_order": ""}, "e0005:report_order: (blank)", "1 for the earliest"),
    ("e0006", {"report_order": "1"}, "e0006:update_chain: (blank)", "needs the name of the chain"),
    ("e0005", {"trial": "Other"}, "e0005:trial: Other", "e0004 has Delta"),
    ("e0005", {"endpoint": "idfs"}, "e0005:endpoint: idfs", "e0004 has dfs"),
    ("e0005", {"effect_class": "chemo"}, "e0005:effect_class: chemo", "e0004 has extended_endocrine"),
    ("e0005", {"median_follow_up_years": "2.5", "window_end": "2.5"}, "e0005:median_follow_up_years: 2.5", "in e0004"),
    ("e0005", {"median_follow_up_years": "2", "window_end": "2"}, "e0005:median_follow_up_years: 2", "no longer than"),
    (
        "e0005",
        {"lower": "0.55", "upper": "1.02", "se_log": "0.157563"},
        "e0005:se_log: 0.157563",
        "no more precise than e0004 (0.151036)",
    ),
    ("e0005", {"used_as": "effect"}, "e0005:used_as: effect", "used alike, and e0004 is increment"),
    ("e0004", {"use": "yes", "exclude_reason": ""}, "e0004:use: yes", "e0005 is a later report"),
    ("e0005", {"use": "no", "exclude_reason": "superseded:beta2010"}, "e0005:use: no", "the last report of a chain"),
    # women counted twice
    (
        "e0002",
        {"used_as": "effect", "use": "yes", "exclude_reason": ""},
        "e0002:used_as: effect",
        "Overview counts these",
    ),
    ("e0002", {"inside": "Nowhere"}, "e0002:inside: Nowhere", "no trial of this name"),
    ("e0002", {"inside": "Beta"}, "e0002:inside: Beta", "not inside itself"),
    ("e0002", {"inside": "Delta"}, "e0002:inside: Delta", "no row with used_as = effect in class endocrine_tamoxifen"),
    ("e0002", {"used_as": ""}, "e0003:used_as: shape", "one row alone"),
    ("e0002", {"update_chain": "beta", "report_order": "1"}, "e0003:used_as: shape", "tells the change over time"),
    ("e0003", {"period_start": "1", "window_start": "1"}, "e0003:window_start: 1", "before that of e0002 ends"),
    (
        "e0002",
        {"inside": "", "used_as": "effect", "use": "yes", "exclude_reason": ""},
        "e0002:used_as: effect",
        "e0003 says that Overview counts the women of this trial",
    ),
    ("e0006", {"effect_class": "endocrine_tamoxifen"}, "e0006:population: BETA", "ALPHA contains this population"),
    (
        "e0006",
        {"trial": "Delta", "endpoint": "dfs"},
        "e0005:window_start: 0",
        "e0006 counts the same women and endpoint in years that overlap",
    ),
]


@pytest.mark.parametrize(("row", "cells", "place", "words"), CELLS, ids=[f"{c[2]} {c[3]}"[:60] for c in CELLS])
def test_a_fault_of_an_effect_is_named(folder, row, cells, place, words):
    set_cells(folder, EFFECTS, row, **cells)
    lines = faults_of(folder)
    assert any(line.startswith(f"{EFFECTS}:{place}") and words in line for line in lines), lines


NETWORK_CELLS = [
    ({"treatment_node": "drug_b"}, "line 2:control_node: drug_b", "not compared with itself"),
    ({"row_id": "e0099"}, "line 2:row_id: e0099", "no such row"),
    ({"row_id": "e1"}, "line 2:row_id: e1", "does not have the form"),
    ({"row_id": "e0008"}, "line 2:trial: Zeta", "e0008 has Eta"),
    ({"log_hr": "-0.65"}, "line 2:log_hr: -0.65", "e0007 has -0.430783"),
    ({"log_hr": ""}, "line 2:log_hr: (blank)", "a value is needed"),
    ({"se": "0.2"}, "line 2:se: 0.2", "e0007 has 0.124241"),
    ({"se": "0"}, "line 2:se: 0", "greater than 0"),
    ({"se_from": "p"}, "line 2:se_from: p", "e0007 has interval"),
    ({"arms_in_trial": "1"}, "line 2:arms_in_trial: 1", "at least 2"),
    ({"component": "2"}, "line 3:component: 1", "is connected with line 2, which is in 2"),
    ({"control_node": "drug_d"}, "line 3:component: 1", "no chain of comparisons joins it with line 2"),
    ({"trial": "Eta", "row_id": "e0008"}, "line 3:row_id: e0008", "one comparison is one row"),
    ({"trial": "Eta"}, "line 2:arms_in_trial: 2", "name 3 arms: drug_a, drug_b, drug_c"),
]


@pytest.mark.parametrize(("cells", "place", "words"), NETWORK_CELLS, ids=[f"{c[1]} {c[2]}"[:60] for c in NETWORK_CELLS])
def test_a_fault_of_a_network_is_named(folder, cells, place, words):
    path = folder / NETWORKS
    header, first, *rest = path.read_text(encoding="utf-8").splitlines()
    row = dict(zip(header.split(","), first.split(","), strict=True)) | cells
    path.write_text("\n".join([header, ",".join(row.values()), *rest]) + "\n", encoding="utf-8")
    lines = faults_of(folder)
    assert any(line.startswith(f"{NETWORKS}:{place}") and words in line for line in lines), lines


def test_a_comparison_of_a_row_that_is_not_used_is_named(folder):
    set_cells(folder, EFFECTS, "e0007", use="no", used_as="", exclude_reason="crude")
    assert any("row e0007 has use = no" in line for line in faults_of(folder))


def test_the_larger_part_of_a_network_comes_first(folder):
    path = folder / NETWORKS
    text = path.read_text(encoding="utf-8").replace("resistant,pfs,1,", "resistant,pfs,2,")
    row = "resistant,pfs,1,Theta,2,drug_x,drug_y,-0.1,0.2,interval,,x0001,alpha2001,"
    path.write_text(f"{text}{row}\n", encoding="utf-8")
    assert [line.split(": ", 2)[2] for line in faults_of(folder)] == [
        "this part has 3 treatments and the one before 2; 1 is the largest"
    ]


def test_connected_parts_are_joined_late():
    parts = connected_parts([("a", "b"), ("c", "d"), ("e", "f"), ("d", "a")])
    assert {parts[node] for node in "abcd"} == {0}
    assert parts["e"] == parts["f"] != 0


def test_the_same_fact_twice_is_named(folder):
    path = folder / EFFECTS
    text = path.read_text(encoding="utf-8")
    row = next(line for line in text.splitlines() if line.startswith("e0006"))
    path.write_text(text + row.replace("e0006", "e0009") + "\n", encoding="utf-8")
    assert any(":e0009:use: yes: e0006 has the same women" in line for line in faults_of(folder))


def test_disjoint_women_may_share_a_window(folder):
    path = folder / EFFECTS
    text = path.read_text(encoding="utf-8")
    row = next(line for line in text.splitlines() if line.startswith("e0006"))
    path.write_text(text + row.replace("e0006", "e0009") + "\n", encoding="utf-8")
    set_cells(folder, EFFECTS, "e0006", women="under 50")
    set_cells(folder, EFFECTS, "e0009", women="50 and over")
    assert faults_of(folder) == []


def test_membership_that_is_not_stated_forbids_nothing(folder):
    set_cells(folder, EFFECTS, "e0006", effect_class="endocrine_tamoxifen")
    set_cells(folder, "populations.csv", "BETA", membership_basis="to_be_checked")
    assert faults_of(folder) == []


def test_a_misprinted_row_is_kept_as_printed(folder):
    set_cells(folder, EFFECTS, "e0006", use="no", used_as="", exclude_reason="misprint", estimate="1.8")
    assert faults_of(folder) == []


def test_a_chain_that_no_model_reads_may_stand_still(folder):
    set_cells(folder, EFFECTS, "e0004", used_as="")
    set_cells(folder, EFFECTS, "e0005", median_follow_up_years="2", window_end="2")
    assert faults_of(folder) == []


def test_all_faults_are_listed_at_once(folder):
    set_cells(folder, EFFECTS, "e0001", log_estimate="0.5")
    set_cells(folder, EFFECTS, "e0006", p_value="0.05", contrast_years="0")
    places = [line.split(": ")[0] for line in faults_of(folder)]
    assert places == [f"{EFFECTS}:e0001:log_estimate", f"{EFFECTS}:e0006:se_log", f"{EFFECTS}:e0006:contrast_years"]


def test_a_reason_in_the_recurrence_table_names_a_row_of_the_therapy_table(folder):
    set_cells(folder, "recurrence_rates.csv", "r0005", exclude_reason="overlaps:e0099")
    assert any(":r0005:exclude_reason: overlaps:e0099: there is no row e0099" in line for line in faults_of(folder))
    set_cells(folder, "recurrence_rates.csv", "r0005", exclude_reason="overlaps:e0001")
    assert faults_of(folder) == []


def test_a_folder_may_do_without_the_therapy_tables(folder):
    text = (folder / "datapackage.yaml").read_text(encoding="utf-8")
    (folder / "datapackage.yaml").write_text(text[: text.index("  - name: therapy_effects")], encoding="utf-8")
    for table in (EFFECTS, NETWORKS):
        (folder / table).unlink()
    evidence = load_evidence(folder)
    assert evidence.therapy_effects is None
    assert evidence.therapy_networks is None
    assert "treatments" not in repr(evidence)


def test_the_evidence_prints_its_therapy_tables(folder):
    text = repr(load_evidence(folder))
    assert "8 effects of treatments; 8 read by models, of 6 trials in 3 classes" in text
    assert "2 comparisons in 1 network" in text


def test_a_window_inside_another_is_found_behind_a_third(folder):
    path = folder / EFFECTS
    text = path.read_text(encoding="utf-8")
    row = next(line for line in text.splitlines() if line.startswith("e0001"))
    for key, start, end in (("e0009", "5", "9"), ("e0010", "5", "6"), ("e0011", "7", "8")):
        text += row.replace("e0001", key) + "\n"
        path.write_text(text, encoding="utf-8")
        set_cells(folder, EFFECTS, key, window_start=start, period_start=start, window_end=end, period_end=end)
        text = path.read_text(encoding="utf-8")
    assert [line.split(":")[1] for line in faults_of(folder)] == ["e0009", "e0011"]
