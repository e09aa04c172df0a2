"""Is the evidence of the project sound, and is the codebook that of the tables?"""

from __future__ import annotations

import csv
import subprocess
import sys

import numpy as np
import pytest
import yaml
from frictionless import Package
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence_folder import DATA
from resurge.evidence import Evidence, check_evidence, load_evidence, read_rows
from resurge.evidence.codebook import read_codebook
from resurge.evidence.intervals import CLOGLOG, LOG, off_centre
from resurge.evidence.rules import NUMBERS, TEXTS

CODEBOOK = yaml.safe_load((DATA / "datapackage.yaml").read_text(encoding="utf-8"))
TABLES = {resource["name"]: resource for resource in CODEBOOK["resources"]}


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    return load_evidence(DATA)


def test_the_evidence_is_sound():
    assert [str(fault) for fault in check_evidence(DATA)] == []


def test_frictionless_agrees():
    report = Package(str(DATA / "datapackage.yaml")).validate(limit_errors=1000)
    assert report.flatten(["name", "rowNumber", "fieldName", "message"]) == []


@pytest.mark.parametrize("table", TABLES)
def test_the_codebook_has_the_columns_of_the_table_in_order(table):
    with (DATA / TABLES[table]["path"]).open(encoding="utf-8", newline="") as file:
        header = next(csv.reader(file))
    assert [field["name"] for field in TABLES[table]["schema"]["fields"]] == header


@pytest.mark.parametrize("table", TABLES)
def test_every_column_is_explained(table):
    for field in TABLES[table]["schema"]["fields"]:
        assert field["title"]
        assert field["description"].endswith(".")
        if field["type"] in ("number", "integer"):
            assert field.get("unit"), f"{table}.{field['name']} needs a unit"


def test_every_table_in_the_folder_is_in_the_codebook():
    assert {path.name for path in DATA.glob("*.csv")} == {table["path"] for table in TABLES.values()}


@pytest.mark.parametrize("table", TABLES)
def test_the_files_are_plain(table):
    content = (DATA / TABLES[table]["path"]).read_bytes()
    assert b"\r" not in content
    assert content.endswith(b"\n")
    assert not content.startswith(b"\xef\xbb\xbf")


def test_the_codebook_describes_what_the_rules_read():
    tables, faults = read_codebook(DATA)
    assert faults == []
    for name in TEXTS:
        assert {*TEXTS[name], *NUMBERS[name]} <= set(tables[name].columns)


@pytest.mark.parametrize("table", TABLES)
def test_nothing_is_lost_or_changed_in_loading(evidence, table):
    rows = read_rows(DATA / TABLES[table]["path"])
    frame = getattr(evidence, table)
    assert len(frame) == len(rows)
    for field in TABLES[table]["schema"]["fields"]:
        name, cells = field["name"], [row[field["name"]] for row in rows]
        if field["type"] == "string":
            assert list(frame[name]) == cells
        else:
            assert frame[name].dtype == "float64"
            expected = [float(cell) if cell else np.nan for cell in cells]
            np.testing.assert_array_equal(frame[name].to_numpy(), expected)


def test_unused_rows_keep_their_place_and_reason(evidence):
    rates = evidence.recurrence_rates
    assert (rates["use"] == "no").any()
    assert (rates.loc[rates["use"] == "no", "exclude_reason"] != "").all()


def test_the_evidence_prints_what_it_holds(evidence):
    text = repr(evidence)
    assert f"{len(evidence.sources):,} sources" in text
    assert f"{len(evidence.recurrence_person_time):,} rows of person-time" in text
    assert "19,240 person-years" in text


def test_checking_is_quick():
    command = (
        "import sys, time; from resurge.evidence import check_evidence; faults = check_evidence(sys.argv[1]); "
        "print(len(faults), time.process_time())"
    )
    done = subprocess.run([sys.executable, "-c", command, str(DATA)], check=True, capture_output=True, text=True)
    faults, seconds_of_a_core = done.stdout.split()
    assert faults == "0"
    assert float(seconds_of_a_core) < 2


def test_checking_imports_nothing_heavy():
    command = (
        "import sys; from resurge.evidence import check_evidence; check_evidence(sys.argv[1]); "
        "print(*{'pandas', 'numpy', 'pymc', 'frictionless', 'xarray'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", command, str(DATA)], check=True, capture_output=True, text=True)
    assert done.stdout.split() == []


@pytest.mark.parametrize("table", TABLES)
def test_the_readme_explains_the_table(table):
    assert f"`{TABLES[table]['path']}`" in (DATA / "README.md").read_text(encoding="utf-8")


def test_the_readme_explains_every_reason_of_exclusion(evidence):
    text = (DATA / "README.md").read_text(encoding="utf-8")
    tables = (evidence.recurrence_rates, evidence.recurrence_person_time, evidence.therapy_effects)
    reasons = {reason for table in tables for reason in table["exclude_reason"]} - {""}
    for reason in reasons:
        kind = reason.partition(":")[0]
        assert f"`{reason}`" in text or f"`{kind}:<" in text, reason


# Intervals


@pytest.mark.parametrize(
    ("statistic", "estimate", "lower", "upper"),
    [
        # Printed intervals that are known to be misprinted or at odds with their estimate.
        ("hazard_ratio_vs_reference", "0.47", "0.20", "0.79"),
        ("hazard_ratio_vs_reference", "0.75", "0.54", "0.90"),
        ("hazard_ratio_vs_reference", "0.98", "0.59", "1.34"),
        ("hazard_ratio_vs_reference", "1.57", "0.86", "2.10"),
        ("cumulative_risk", "0.692", "0.558", "0.723"),
    ],
)
def test_a_misprinted_interval_is_seen(statistic, estimate, lower, upper):
    assert off_centre(statistic, estimate, lower, upper)


@pytest.mark.parametrize(
    ("statistic", "estimate", "lower", "upper"),
    [
        ("hazard_ratio_vs_reference", "0.77", "0.56", "1.00"),
        ("hazard_ratio_vs_reference", "1.13", "0.90", "1.50"),
        ("hazard_ratio_vs_reference", "0.21", "0.01", "3.4"),
        ("hazard_ratio_vs_reference", "0.7", "0.6", "0.7"),
        ("cumulative_risk", "0.33", "0.18", "0.44"),
        ("cumulative_risk", "0.03", "0.01", "0.07"),
        ("cumulative_risk", "0.0323", "0", "0.0925"),
        ("annual_rate", "0.028", "0.023", "0.033"),
    ],
)
def test_an_interval_as_printed_in_good_papers_passes(statistic, estimate, lower, upper):
    assert off_centre(statistic, estimate, lower, upper) is None


@given(st.floats(0.05, 20), st.floats(0.02, 1.5), st.integers(2, 4))
def test_every_rounded_interval_of_a_ratio_passes(ratio, half_width, digits):
    texts = [f"{LOG.back(LOG.forward(ratio) + shift):.{digits}f}" for shift in (0, -half_width, half_width)]
    assert off_centre("hazard_ratio_vs_reference", *texts) is None


@given(st.floats(0.005, 0.95), st.floats(0.02, 1.2), st.integers(2, 4))
def test_every_rounded_interval_of_a_risk_passes(risk, half_width, digits):
    texts = [f"{CLOGLOG.back(CLOGLOG.forward(risk) + shift):.{digits}f}" for shift in (0, -half_width, half_width)]
    assert off_centre("cumulative_risk", *texts) is None


@settings(max_examples=300)
@given(st.floats(0.05, 20), st.floats(0.1, 1.0), st.floats(2.0, 6.0), st.booleans())
def test_every_lopsided_interval_of_a_ratio_is_seen(ratio, half, lopsided, swap):
    down, up = (half, half * lopsided) if swap else (half * lopsided, half)
    texts = [f"{ratio * np.exp(shift):.6f}" for shift in (0, -down, up)]
    assert off_centre("hazard_ratio_vs_reference", *texts)
