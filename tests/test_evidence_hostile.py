"""Is every kind of broken evidence answered by a sentence that names the place, and harmless oddities read as meant?"""

from __future__ import annotations

import math
import os
from dataclasses import fields
from pathlib import Path

import pytest

from evidence_folder import TABLES, faults_of, replace_bytes, set_cells, write_small_evidence
from resurge.evidence import EvidenceError, Fault, load_evidence, read_rows

RATES = "recurrence_rates.csv"
SERIES = "recurrence_person_time.csv"


def test_the_small_evidence_is_sound(folder):
    assert faults_of(folder) == []


CELLS = [
    # table, row, cells, where the fault is, words that its sentence must hold
    (RATES, "r0002", {"estimate": "20"}, "r0002:estimate: 20", "looks like a percentage; write 0.2"),
    (RATES, "r0002", {"estimate": "250"}, "r0002:estimate: 250", "between 0 and 1"),
    (RATES, "r0002", {"estimate": "-0.2"}, "r0002:estimate: -0.2", "not negative"),
    (RATES, "r0002", {"estimate": "20%"}, "r0002:estimate: 20%", "write 0.2"),
    (RATES, "r0003", {"estimate": "5", "lower": "4", "upper": "6.25"}, "r0003:estimate: 5", "write 0.05"),
    (RATES, "r0003", {"estimate": "0", "lower": "0"}, "r0003:estimate: 0", "greater than 0"),
    (RATES, "r0004", {"estimate": "700", "lower": "560", "upper": "880"}, "r0004:estimate: 700", "at most 100"),
    (RATES, "r0001", {"lower": "0.11"}, "r0001:lower: 0.11", "above the estimate (0.10)"),
    (RATES, "r0001", {"upper": "0.09"}, "r0001:upper: 0.09", "below the estimate"),
    (RATES, "r0001", {"lower": "0.12", "upper": "0.08"}, "r0001:lower: 0.12", "seem to be swapped"),
    (RATES, "r0003", {"start_year": "5", "end_year": "0"}, "r0003:end_year: 0", "seem to be swapped"),
    (RATES, "r0003", {"end_year": "0"}, "r0003:end_year: 0", "ends at or before its start"),
    (RATES, "r0003", {"start_year": "-1"}, "r0003:start_year: -1", "at least 0"),
    (RATES, "r0003", {"end_year": "1999"}, "r0003:end_year: 1999", "at most 60"),
    (RATES, "r0003", {"er": "postive"}, "r0003:er: postive", "is positive meant?"),
    (RATES, "r0003", {"er": "Positive"}, "r0003:er: Positive", "is positive meant?"),
    (RATES, "r0003", {"er": "negative "}, "r0003:er: 'negative '", "space before or after"),
    (RATES, "r0003", {"er": "negative\u00a0"}, "r0003:er: negative\\xa0", "space before or after"),
    (RATES, "r0003", {"er": "neg\u200bative"}, "r0003:er: neg\\u200bative", "invisible character"),
    (RATES, "r0003", {"er": ""}, "r0003:er: (blank)", "one of positive, negative, any"),
    (RATES, "r0003", {"nodal": "N2"}, "r0003:nodal: N2", "not one of N0, N1-3"),
    (RATES, "r0003", {"endpoint": "os"}, "r0003:endpoint: os", "not one of any_recurrence"),
    (RATES, "r0003", {"statistic": "odds"}, "r0003:statistic: odds", "not one of cumulative_risk"),
    (RATES, "r0003", {"estimate": ""}, "r0003:estimate: (blank)", "a value is needed"),
    (RATES, "r0003", {"row_id": "r0001"}, "line 4:row_id: r0001", "stands in line 2 already"),
    (RATES, "r0003", {"row_id": "x1"}, "line 4:row_id: x1", "form r[0-9]{4}"),
    (RATES, "r0003", {"source_id": "beta2011"}, "r0003:source_id: beta2011", "is beta2010 meant?"),
    (RATES, "r0003", {"population": "OMEGA"}, "r0003:population: OMEGA", "no such population in populations.csv"),
    (RATES, "r0004", {"upper": "1.40"}, "r0004:estimate: 0.70", "on the log scale its middle is 0.885"),
    (RATES, "r0003", {"upper": "0.2"}, "r0003:estimate: 0.05", "on the log scale its middle is 0.0894"),
    (RATES, "r0001", {"upper": "0.40"}, "r0001:estimate: 0.10", "on the complementary log-log scale"),
    (RATES, "r0003", {"estimate": "NaN"}, "r0003:estimate: NaN", "leave the cell blank"),
    (RATES, "r0001", {"n": "NA"}, "r0001:n: NA", "leave the cell blank"),
    (RATES, "r0003", {"upper": "inf"}, "r0003:upper: inf", "leave the cell blank"),
    (RATES, "r0003", {"upper": "1e400"}, "r0003:upper: 1e400", "too large"),
    (RATES, "r0003", {"lower": "1e-400"}, "r0003:lower: 1e-400", "too small"),
    (RATES, "r0003", {"upper": "1e" + "0" * 5000 + "5"}, "r0003:upper: 1e000", "at most 40 characters"),
    (RATES, "r0001", {"n": "9" * 6000}, "r0001:n: 999", "at most 40 characters"),
    (RATES, "r0001", {"n": "500.5"}, "r0001:n: 500.5", "whole number"),
    (RATES, "r0001", {"n": "500.0"}, "r0001:n: 500.0", "write 500"),
    (RATES, "r0001", {"n": "1,500"}, "r0001:n: 1,500", "without thousands separators (1500)"),
    (RATES, "r0005", {"person_years": "1 000"}, "r0005:person_years: 1 000", "not a number"),
    (RATES, "r0005", {"person_years": "1_000"}, "r0005:person_years: 1_000", "not a number"),
    (RATES, "r0005", {"person_years": "\uff11\uff10"}, "r0005:person_years: \uff11\uff10", "not a number"),
    (RATES, "r0002", {"estimate": "0,2"}, "r0002:estimate: 0,2", "write a decimal point: 0.2"),
    (RATES, "r0002", {"estimate": "=0.1+0.1"}, "r0002:estimate: =0.1+0.1", "formula"),
    (RATES, "r0001", {"notes": '=HYPERLINK("http://a.b","c")'}, "r0001:notes: =HYPERLINK", "begins with ="),
    (RATES, "r0001", {"notes": "@SUM(A1)"}, "r0001:notes: @SUM(A1)", "begins with @"),
    (RATES, "r0001", {"notes": "+1+cmd|' /C calc'!A0"}, "r0001:notes: +1+cmd", "begins with +"),
    (RATES, "r0001", {"notes": "-2+3"}, "r0001:notes: -2+3", "begins with -"),
    (RATES, "r0001", {"notes": "\t=1+1"}, "r0001:notes: \\t=1+1", "space before or after"),
    (RATES, "r0001", {"notes": "two\nlines"}, "r0001:notes: two\\nlines", "invisible character (\\n)"),
    (RATES, "r0001", {"notes": "\u202eesrever"}, "r0001:notes: \\u202eesrever", "invisible character"),
    (RATES, "r0001", {"notes": "x" * 9000}, "r0001:notes: xxx", "9,000 characters"),
    (RATES, "r0001", {"level": ""}, "r0001:level: (blank)", "needs its level"),
    (RATES, "r0001", {"level": "95"}, "r0001:level: 95", "at most 0.999"),
    (RATES, "r0002", {"level": "0.95"}, "r0002:level: 0.95", "bounds = ci only"),
    (RATES, "r0001", {"upper": ""}, "r0001:bounds: ci", "needs both limits"),
    (RATES, "r0002", {"lower": "0.1"}, "r0002:lower: 0.1", "bounds = none has no limits"),
    (RATES, "r0001", {"events": "501"}, "r0001:events: 501", "more events than women (500)"),
    (RATES, "r0001", {"events": "-1"}, "r0001:events: -1", "at least 0"),
    (RATES, "r0005", {"events": "200"}, "r0005:estimate: 0.1", "events over person-years give 0.2"),
    (RATES, "r0002", {"estimate": "0.05"}, "r0002:estimate: 0.05", "cannot fall; it is 0.10 by year 10 (r0001)"),
    (RATES, "r0002", {"er": "negative"}, "r0002:er: negative", "rows of one window_chain share it"),
    (RATES, "r0002", {"start_year": "5"}, "r0002:start_year: 5", "rows of one window_chain share it"),
    (RATES, "r0002", {"end_year": "10"}, "r0002:end_year: 10", "two rows of one window_chain end here"),
    (RATES, "r0003", {"window_chain": "OTHER"}, "r0003:window_chain: OTHER", "only cumulative risks"),
    (RATES, "r0003", {"use": "no"}, "r0003:exclude_reason: (blank)", "needs its reason"),
    (RATES, "r0005", {"use": "yes"}, "r0005:exclude_reason: overlaps:r0003", "no reason of exclusion"),
    (RATES, "r0005", {"exclude_reason": "because"}, "r0005:exclude_reason: because", "does not have the form"),
    (RATES, "r0005", {"exclude_reason": "overlaps:r0099"}, "r0005:exclude_reason: overlaps:r0099", "no row r0099"),
    (RATES, "r0005", {"exclude_reason": "overlaps:r0005"}, "r0005:exclude_reason: overlaps:r0005", "points to itself"),
    (RATES, "r0005", {"exclude_reason": "superseded:delta"}, "r0005:exclude_reason: superseded:delta", "no source"),
    (RATES, "r0004", {"reference": ""}, "r0004:reference: (blank)", "a ratio needs the group"),
    (RATES, "r0003", {"reference": "placebo"}, "r0003:reference: placebo", "has no reference"),
    (SERIES, "p0001", {"events": "0.5"}, "p0001:events: 0.5", "whole number"),
    (SERIES, "p0001", {"events": "-3"}, "p0001:events: -3", "at least 0"),
    (SERIES, "p0001", {"events": "101"}, "p0001:events: 101", "more events than women"),
    (SERIES, "p0001", {"person_years": "0"}, "p0001:person_years: 0", "greater than 0"),
    (SERIES, "p0001", {"person_years": "51"}, "p0001:person_years: 51", "at most 50 years"),
    (SERIES, "p0002", {"start_year": "0.25"}, "p0002:start_year: 0.25", "starts before p0001 of the same stratum ends"),
    (SERIES, "p0001", {"population": "OMEGA"}, "p0001:population: OMEGA", "no such population"),
    (SERIES, "p0001", {"nodal": "N4+"}, "p0001:nodal: N4+", "not one of"),
    (
        "sources.csv",
        "alpha2001",
        {"doi": "https://doi.org/10.1/x"},
        "alpha2001:doi: https://",
        "does not have the form",
    ),
    ("sources.csv", "alpha2001", {"pmid": "PMC123"}, "alpha2001:pmid: PMC123", "does not have the form"),
    ("sources.csv", "alpha2001", {"year": "20001"}, "alpha2001:year: 20001", "at most 2050"),
    ("sources.csv", "alpha2001", {"population": "OMEGA"}, "alpha2001:population: OMEGA", "no such population"),
    ("sources.csv", "beta2010", {"pmid": ""}, "beta2010:bibliography: verified", "DOI or a PubMed"),
    ("sources.csv", "beta2010", {"pmid": "11111"}, "beta2010:pmid: 11111", "alpha2001 is the same publication"),
    ("populations.csv", "BETA", {"part_of": "ALPHA; OMEGA"}, "BETA:part_of: ALPHA; OMEGA", "no population OMEGA"),
    ("populations.csv", "BETA", {"overlaps_with": "BETA"}, "BETA:overlaps_with: BETA", "its own list"),
    ("case_mix.csv", "w0001", {"share": "60"}, "w0001:share: 60", "at most 1"),
    ("case_mix.csv", "w0001", {"share": "0.3"}, "w0002:share: 0.4", "add up to 0.7"),
    ("case_mix.csv", "w0001", {"level": "T1"}, "w0001:level: T1", "not a level of nodal"),
    ("case_mix.csv", "w0001", {"level": "N1+"}, "w0002:level: N1+", "more than once"),
    ("other_cause_mortality.csv", "l0001", {"age_end": "50"}, "l0001:age_end: 50", "at or before its start"),
    ("other_cause_mortality.csv", "l0001", {"hazard": "0"}, "l0001:hazard: 0", "greater than 0"),
]


@pytest.mark.parametrize(("table", "row", "cells", "where", "words"), CELLS)
def test_a_broken_cell_is_named(folder, table, row, cells, where, words):
    set_cells(folder, table, row, **cells)
    lines = faults_of(folder)
    assert [line for line in lines if line.startswith(f"{table}:{where}") and words in line], lines
    assert len(lines) <= 3, "one slip is not to hide among its consequences"


@pytest.mark.parametrize(
    "cells",
    [
        {"notes": "<script>alert(1)</script>"},
        {"notes": "caf\u00e9 \u2265 5 \u00b5g, \u60a3\u8005"},
        {"notes": "- a dash and a space"},
        {"notes": 'a "quoted" word, and a comma; x=1'},
        {"notes": "'); DROP TABLE sources; --"},
        {"cohort_label": "../../etc/passwd"},
    ],
)
def test_harmless_text_is_kept_as_it_is(folder, cells):
    set_cells(folder, RATES, "r0001", **cells)
    assert faults_of(folder) == []
    row = load_evidence(folder).recurrence_rates.iloc[0]
    assert {column: row[column] for column in cells} == cells


def test_minus_zero_is_read_as_zero(folder):
    set_cells(folder, RATES, "r0003", start_year="-0")
    start = load_evidence(folder).recurrence_rates.set_index("row_id").loc["r0003", "start_year"]
    assert start == 0
    assert math.copysign(1, start) == 1


def test_the_same_fact_twice_is_named(folder):
    path = folder / RATES
    last = next(line for line in path.read_text().splitlines() if line.startswith("r0003"))
    path.write_text(path.read_text() + last.replace("r0003", "r0006") + "\n")
    assert faults_of(folder) == [f"{RATES}:r0006:estimate: 0.05: r0003 states the same fact; give one of them use = no"]


def test_nested_windows_need_a_chain(folder):
    set_cells(folder, RATES, "r0001", window_chain="")
    set_cells(folder, RATES, "r0002", window_chain="")
    (line,) = faults_of(folder)
    assert line.startswith(f"{RATES}:r0002:window_chain: (blank): r0001 counts the same women from year 0 to 10")


def test_successive_windows_need_no_chain(folder):
    set_cells(folder, RATES, "r0001", window_chain="")
    set_cells(folder, RATES, "r0002", window_chain="", start_year="10")
    assert faults_of(folder) == []


def test_a_known_misprint_may_stay_for_the_record(folder):
    set_cells(folder, RATES, "r0004", upper="1.40", use="no", exclude_reason="misprint")
    assert faults_of(folder) == []


def test_an_interval_symmetric_in_the_risk_itself_is_taken(folder):
    set_cells(folder, RATES, "r0001", estimate="0.044", lower="0.009", upper="0.078")
    assert faults_of(folder) == []


def test_a_lower_limit_of_zero_is_taken(folder):
    set_cells(folder, RATES, "r0001", lower="0")
    assert faults_of(folder) == []


def test_a_row_of_another_table_may_be_pointed_to(folder):
    set_cells(folder, RATES, "r0005", exclude_reason="overlaps:e0001")
    assert faults_of(folder) == []


def test_all_faults_are_listed_at_once(folder):
    set_cells(folder, RATES, "r0003", er="postive", estimate="5%")
    set_cells(folder, SERIES, "p0001", person_years="0")
    set_cells(folder, "sources.csv", "alpha2001", year="MMI")
    (folder / "populations.csv").unlink()
    starts = [line.rsplit(": ", 2)[0] for line in faults_of(folder)]
    assert starts[0] == "sources.csv:alpha2001:year"
    assert starts[1] == "populations.csv:-:-"
    assert {f"{RATES}:r0003:er", f"{RATES}:r0003:estimate", f"{SERIES}:p0001:person_years"} <= {
        ":".join(line.split(":")[:3]) for line in faults_of(folder)
    }


def test_a_fault_reads_as_promised():
    fault = Fault("sources.csv", "alpha2001", "year", "MMI", "this is not a number")
    assert str(fault) == "sources.csv:alpha2001:year: MMI: this is not a number"


# Files and headers


def header_change(old: str, new: str):
    return lambda folder: replace_bytes(folder, RATES, old.encode(), new.encode())


def drop_column(folder: Path, column: str) -> None:
    lines = [line.split(",") for line in (folder / SERIES).read_text().splitlines()]
    place = lines[0].index(column)
    (folder / SERIES).write_text("\n".join(",".join(c for i, c in enumerate(x) if i != place) for x in lines) + "\n")


def write(name: str, content: bytes):
    return lambda folder: (folder / name).write_bytes(content)


def recode(encoding: str):
    return lambda folder: (folder / RATES).write_bytes((folder / RATES).read_text().encode(encoding))


def make_folder(folder: Path) -> None:
    (folder / RATES).unlink()
    (folder / RATES).mkdir()


def make_dangling_link(folder: Path) -> None:
    (folder / RATES).unlink()
    (folder / RATES).symlink_to(folder / "nowhere.csv")


def make_pipe(folder: Path) -> None:
    (folder / RATES).unlink()
    os.mkfifo(folder / RATES)


FILES = {
    "missing file": (lambda f: (f / RATES).unlink(), f"{RATES}:-:-", "no such file"),
    "folder": (make_folder, f"{RATES}:-:-", "a folder or a device"),
    "dangling link": (make_dangling_link, f"{RATES}:-:-", "the link points to a file that does not exist"),
    "pipe": (make_pipe, f"{RATES}:-:-", "a folder or a device"),
    "empty": (write(RATES, b""), f"{RATES}:-:-", "the file is empty"),
    "only blank lines": (write(RATES, b"\n \r\n"), f"{RATES}:-:-", "the file is empty"),
    "only commas": (write(RATES, b",,,\n"), f"{RATES}:-:-", "the file is empty"),
    "byte-order mark alone": (write(RATES, b"\xef\xbb\xbf"), f"{RATES}:-:-", "the file is empty"),
    "missing column": (lambda f: drop_column(f, "nodal"), f"{SERIES}:header:nodal", "the column is missing"),
    "misspelt column": (header_change("estimate,", "estimat,"), f"{RATES}:header:estimate", "written estimat?"),
    "unknown column": (header_change("estimate,", "estimat,"), f"{RATES}:header:estimat", "write estimate"),
    "extra column": (
        lambda f: write(SERIES, (f / SERIES).read_bytes().replace(b"\n", b",x\n"))(f),
        f"{SERIES}:header:x",
        "take it out",
    ),
    "duplicate column": (header_change("lower,upper", "lower,lower"), f"{RATES}:header:lower", "stands twice"),
    "UTF-16": (recode("utf-16"), f"{RATES}:-:-", "UTF-16"),
    "UTF-16 without a mark": (recode("utf-16-le"), f"{RATES}:-:-", "UTF-16"),
    "UTF-32": (recode("utf-32"), f"{RATES}:-:-", "UTF-16 or UTF-32"),
    "NUL": (header_change("plain note", "plain\0note"), f"{RATES}:line 2:-", "NUL byte"),
    "Latin-1": (
        lambda f: replace_bytes(f, RATES, b"plain note", b"caf\xe9"),
        f"{RATES}:r0001:notes: caf\\xe9",
        "not UTF-8, perhaps Latin-1",
    ),
    "Latin-1 in the header": (
        lambda f: replace_bytes(f, RATES, b",notes", b",not\xe9s"),
        f"{RATES}:header:not\\xe9s",
        "write notes",
    ),
    "zip archive": (write(RATES, b"PK\x03\x04\x14\x00\x00\x00\x08\x00"), f"{RATES}:", ""),
    "semicolons": (
        lambda f: (f / RATES).write_text((f / RATES).read_text().replace(",", ";")),
        f"{RATES}:header:-: row_id;source_id",
        "not separated by commas",
    ),
    "short row": (header_change("abstract,abstract,plain note", "abstract"), f"{RATES}:line 2:-", "has 31 cells"),
    "long row": (header_change(",500,50,", ",1,500,50,"), f"{RATES}:line 2:-", "without thousands separators"),
    "unclosed quote": (header_change("plain note", '"plain note'), f"{RATES}:line 2:-", "quotation marks"),
    "quote in the middle": (header_change("plain note", '"plain" note'), f"{RATES}:line 2:-", "quotation marks"),
    "endless cell": (header_change("plain note", '"' + "x" * 200_000), f"{RATES}:", "quotation mark"),
}


@pytest.mark.parametrize("case", FILES)
def test_a_broken_file_is_named(folder, case):
    harm, where, words = FILES[case]
    harm(folder)
    lines = faults_of(folder)
    assert [line for line in lines if line.startswith(where) and words in line], lines


def test_an_unreadable_file_is_named(folder, monkeypatch):
    def refuse(self: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert faults_of(folder) == [
        "datapackage.yaml:-:-: -: the file cannot be read (Permission denied); check its permissions"
    ]


def test_a_missing_folder_is_named(tmp_path):
    (line,) = faults_of(tmp_path / "nowhere")
    assert line.startswith("datapackage.yaml:-:-: -: there is no such file")


def header_only(folder: Path) -> None:
    for name, text in TABLES.items():
        (folder / name).write_text(text.splitlines()[0] + "\n")


def follow_link(folder: Path) -> None:
    (folder / RATES).rename(folder / "elsewhere.csv")
    (folder / RATES).symlink_to(folder / "elsewhere.csv")


def reorder(folder: Path) -> None:
    lines = [line.split(",") for line in (folder / SERIES).read_text().splitlines()]
    (folder / SERIES).write_text("\n".join(",".join(reversed(cells)) for cells in lines) + "\n")


HARMLESS = {
    "byte-order mark": lambda f: write(RATES, b"\xef\xbb\xbf" + (f / RATES).read_bytes())(f),
    "CRLF": lambda f: write(RATES, (f / RATES).read_bytes().replace(b"\n", b"\r\n"))(f),
    "CR": lambda f: write(RATES, (f / RATES).read_bytes().replace(b"\n", b"\r"))(f),
    "blank lines at the end": lambda f: write(RATES, (f / RATES).read_bytes() + b"\n\r\n  \n")(f),
    "rows of commas at the end": lambda f: write(RATES, (f / RATES).read_bytes() + b"," * 32 + b"\n,,\n")(f),
    "no newline at the end": lambda f: write(RATES, (f / RATES).read_bytes().rstrip(b"\n"))(f),
    "link": follow_link,
    "columns in another order": reorder,
    "another file beside": lambda f: write("notes.csv", b"\0\0")(f),
}


@pytest.mark.parametrize("case", HARMLESS)
def test_a_harmless_oddity_changes_nothing(folder, tmp_path, case):
    expected = load_evidence(write_small_evidence(tmp_path / "plain"))
    HARMLESS[case](folder)
    assert faults_of(folder) == []
    evidence = load_evidence(folder)
    for table in (field.name for field in fields(expected) if field.name != "folder"):
        assert getattr(evidence, table).equals(getattr(expected, table))


def test_tables_without_rows_are_an_empty_project(folder):
    header_only(folder)
    assert faults_of(folder) == []
    evidence = load_evidence(folder)
    assert len(evidence.recurrence_rates) == 0
    assert evidence.recurrence_rates["estimate"].dtype == "float64"
    assert "0 sources" in repr(evidence)


# Rows alone


def test_rows_are_read_as_text(folder):
    rows = read_rows(folder / SERIES)
    assert len(rows) == 3
    assert rows[0]["person_years"] == "47.5"
    assert rows[0]["exclude_reason"] == ""


@pytest.mark.parametrize(
    "case", ["missing file", "short row", "Latin-1", "UTF-16", "unclosed quote", "duplicate column"]
)
def test_rows_of_a_broken_file_are_refused(folder, case):
    FILES[case][0](folder)
    with pytest.raises(EvidenceError, match=RATES):
        read_rows(folder / RATES)
