"""Is every fault of the tables of sites and of times named with its place, and is what is sound left alone?"""

from __future__ import annotations

import pytest

from evidence_folder import DATA, faults_of, set_cells
from resurge.evidence import load_evidence, read_rows

SITES = "metastasis_sites.csv"
TIMING = "recurrence_timing.csv"


# m0001 and m0002 are luminal A and B of one source, m0003 is counted, m0004 has limits, m0007 is about bone alone,
# m0008 counts all early patients, m0009 and m0010 are single sites, m0011 and m0012 stand against each other, m0013 is
# shown, m0015 is out.
SITE_CELLS = [
    # row, cells, where the fault is, words that its sentence must hold
    ("m0003", {"n_site": "41"}, "m0003:n_site: 41", "more patients with the site than patients (40)"),
    ("m0003", {"n_site": "21"}, "m0003:proportion: 0.3", "21 of 40 are 0.525"),
    ("m0003", {"proportion": "30"}, "m0003:proportion: 30", "at most 1"),
    ("m0003", {"proportion": "30%"}, "m0003:proportion: 30%", "write 0.3"),
    ("m0003", {"proportion": ""}, "m0003:proportion: (blank)", "a value is needed"),
    ("m0003", {"n_total": "0"}, "m0003:n_total: 0", "at least 1"),
    ("m0003", {"n_total": "39.5"}, "m0003:n_total: 39.5", "a whole number"),
    ("m0003", {"er": "positive"}, "m0003:er: positive", "subtype HR-/HER2+ is negative here"),
    ("m0003", {"her2": "any"}, "m0003:her2: any", "is positive here"),
    ("m0003", {"subtype": "luminal A"}, "m0003:subtype: luminal A", "not one of HR+/HER2-"),
    ("m0003", {"site": "Brain"}, "m0003:site: Brain", "is brain meant?"),
    ("m0003", {"setting": "ever"}, "m0003:setting: ever", "not one of first_site"),
    ("m0003", {"population": "GAMMA"}, "m0003:population: GAMMA", "no such population"),
    ("m0004", {"lower": "0.3"}, "m0004:proportion: 0.29", "0.3 to 0.4 do not hold it"),
    ("m0004", {"upper": ""}, "m0004:upper: (blank)", "an interval needs both"),
    ("m0004", {"level": ""}, "m0004:level: (blank)", "write both or neither"),
    ("m0003", {"level": "0.95"}, "m0003:level: 0.95", "write both or neither"),
    ("m0003", {"use": "no"}, "m0003:exclude_reason: (blank)", "needs its reason"),
    ("m0003", {"use": "no", "exclude_reason": "crude"}, "m0003:used_as: share", "is not read"),
    ("m0003", {"used_as": ""}, "m0003:used_as: (blank)", "says how it is read"),
    ("m0003", {"used_as": "only"}, "m0003:used_as: only", "exclusive = yes"),
    ("m0007", {"used_as": "share"}, "m0007:used_as: share", "exclusive = no"),
    ("m0003", {"used_as": "relative"}, "m0003:used_as: relative", "are read as share"),
    ("m0003", {"share_metastatic": "0.1"}, "m0003:share_metastatic: 0.1", "with metastases already"),
    ("m0008", {"share_metastatic": "0"}, "m0008:share_metastatic: 0", "some of the patients have metastases"),
    ("m0008", {"share_metastatic": ""}, "m0008:used_as: share", "read with share_metastatic"),
    ("m0006", {"setting": "any_site_during_course"}, "m0006:used_as: share", "m0005 counts the same patients and site"),
    ("m0013", {"stratum": "", "used_as": "share"}, "m0013:used_as: share", "m0006 counts the same patients"),
    ("m0002", {"site": "liver"}, "m0001:used_as: luminal_part", "one of them is missing"),
    ("m0002", {"n_total": ""}, "m0002:n_total: (blank)", "both numbers or neither"),
    ("m0009", {"proportion": "0.9"}, "m0010:proportion: 0.2", "single sites of TNBC sum to 1.1"),
    ("m0012", {"used_as": "shown"}, "m0011:used_as: relative", "stands against no other"),
    ("m0012", {"n_total": ""}, "m0012:n_total: (blank)", "needs the number of patients"),
    ("m0015", {"exclude_reason": "overlaps:m0099"}, "m0015:exclude_reason: overlaps:m0099", "there is no row m0099"),
    ("m0015", {"exclude_reason": "overlaps:m0015"}, "m0015:exclude_reason: overlaps:m0015", "points to itself"),
    ("m0015", {"exclude_reason": "overlaps:delta"}, "m0015:exclude_reason: overlaps:delta", "no source delta"),
]


@pytest.mark.parametrize(
    ("row", "cells", "place", "words"), SITE_CELLS, ids=[f"{c[2]} {c[3]}"[:60] for c in SITE_CELLS]
)
def test_a_fault_of_a_site_is_named(folder, row, cells, place, words):
    set_cells(folder, SITES, row, **cells)
    lines = faults_of(folder)
    assert any(line.startswith(f"{SITES}:{place}") and words in line for line in lines), lines


TIMING_CELLS = [
    ("t0001", {"estimate": "2.5"}, "t0001:estimate: 2.5", "1 to 2 do not hold the number"),
    ("t0001", {"lower": "2", "upper": "1"}, "t0001:estimate: 1.5", "2 to 1 do not hold the number"),
    ("t0001", {"upper": ""}, "t0001:bounds: range", "not both written"),
    ("t0001", {"bounds": "none"}, "t0001:bounds: none", "say whether they are ci or range"),
    ("t0001", {"bounds": "ci"}, "t0001:level: (blank)", "confidence limits have a level"),
    ("t0001", {"level": "0.95"}, "t0001:level: 0.95", "a range or nothing has none"),
    ("t0002", {"estimate": "50", "upper": "60"}, "t0002:estimate: 50", "between 0 and 1"),
    ("t0002", {"unit": "percent"}, "t0002:unit: percent", "not one of years"),
    ("t0002", {"er": "any"}, "t0002:er: any", "subtype ER+ is positive here"),
    ("t0003", {"estimate": "-0.8"}, "t0003:estimate: -0.8", "between 0 and 60"),
    ("t0003", {"use": "yes"}, "t0003:exclude_reason: overlaps:t0001", "a used row has no reason"),
    ("t0003", {"exclude_reason": "overlaps:t0009"}, "t0003:exclude_reason: overlaps:t0009", "there is no row t0009"),
    ("t0003", {"quantity": "Hazard ratio"}, "t0003:quantity: Hazard ratio", "does not have the form"),
]


@pytest.mark.parametrize(
    ("row", "cells", "place", "words"), TIMING_CELLS, ids=[f"{c[2]} {c[3]}"[:60] for c in TIMING_CELLS]
)
def test_a_fault_of_a_fact_about_time_is_named(folder, row, cells, place, words):
    set_cells(folder, TIMING, row, **cells)
    lines = faults_of(folder)
    assert any(line.startswith(f"{TIMING}:{place}") and words in line for line in lines), lines


def test_a_share_may_be_cut_instead_of_rounded(folder):
    set_cells(folder, SITES, "m0003", n_site="21", n_total="62", proportion="0.33")
    assert faults_of(folder) == []


def test_a_table_of_the_recurrence_may_point_to_a_site_or_a_time_that_is_there(folder):
    for target, faults in (("m0003", 0), ("t0001", 0), ("m0099", 1), ("t0099", 1)):
        set_cells(folder, "recurrence_rates.csv", "r0005", exclude_reason=f"overlaps:{target}")
        assert len(faults_of(folder)) == faults


def test_a_folder_may_do_without_both_tables(folder):
    text = (folder / "datapackage.yaml").read_text(encoding="utf-8")
    start = text.index("\n  - name: metastasis_sites")
    stop = text.find("\n  - name: ", text.index("\n  - name: recurrence_timing") + 1)
    (folder / "datapackage.yaml").write_text(text[:start] + (text[stop:] if stop > 0 else "\n"), encoding="utf-8")
    for name in (SITES, TIMING):
        (folder / name).unlink()
    assert faults_of(folder) == []
    evidence = load_evidence(folder)
    assert evidence.metastasis_sites is None
    assert evidence.recurrence_timing is None


def test_the_readme_explains_every_reason_and_use_of_both_tables():
    text = (DATA / "README.md").read_text(encoding="utf-8")
    rows = [*read_rows(DATA / SITES), *read_rows(DATA / TIMING)]
    for reason in {row["exclude_reason"] for row in rows} - {""}:
        kind = reason.partition(":")[0]
        assert f"`{reason}`" in text or f"`{kind}:<" in text, reason
    for use in {row["used_as"] for row in rows if "used_as" in row} - {""}:
        assert f"| `{use}` |" in text, use


def test_counts_of_the_evidence_give_back_the_printed_shares():
    """A share with its number of patients is a count over it, but for one source that says why not."""
    for row in read_rows(DATA / SITES):
        if row["n_total"] and row["use"] == "yes" and row["source_id"] != "savciheijink2015":
            total, share = int(row["n_total"]), float(row["proportion"])
            unit = 10.0 ** -len(row["proportion"].partition(".")[2])
            assert abs(round(share * total) / total - share) <= unit, row["row_id"]
