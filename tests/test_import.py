"""Are tables of contrasts, as others keep them, read for what they are, and refused where a number cannot be right?"""

from __future__ import annotations

import math
import shutil
import sys
from pathlib import Path

import pytest

from resurge import cli
from resurge.evidence import check_evidence
from resurge.evidence.csv_files import read_rows
from resurge.evidence.faults import EvidenceError
from resurge.evidence.import_columns import mapping_of
from resurge.evidence.import_files import SEPARATORS, ImportFile, ImportFileError
from resurge.evidence.importing import import_effects, refuse_faults
from resurge.evidence.new_project import create_project

SHIPPED = Path(__file__).parents[1] / "data"
TOLD = {
    **{"setting": "adjuvant", "endpoint": "dfs", "treatment": "drug a", "control": "placebo"},
    **{"effect_class": "drug_a", "treatment_duration_years": "1"},
}
METAFOR = "author,year,yi,vi\nSmith,2001,-0.223144,0.0064\nJones,2004,-0.105361,0.01\n"
REVMAN = (
    "Study or Subgroup;log[Hazard Ratio];SE;Hazard Ratio;CI Start;CI End;Weight\n"
    "Smith 2001;-0.223144;0.0799;0.80;0.68;0.93;50\nJones 2004;-0.1625;0.0842;0.85;0.72;1.00;30\n"
)
COUNTS = "slab\tai\tn1i\tci\tn2i\nSmith\t90\t400\t110\t400\n"
NETMETA = (
    "studlab,treat1,treat2,TE,seTE\nT1,A drug,B,-0.3,0.1\nT1,A drug,C,-0.5,0.12\nT1,B,C,-0.2,0.11\n"
    "T2,B,D,0.1,0.2\nT3,E,F,0.1,0.2\n"
)


@pytest.fixture
def data(tmp_path):
    return create_project(tmp_path / "new") / "data"


@pytest.fixture
def write(tmp_path):
    def to(text, name="table.csv", *, encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return path

    return to


@pytest.fixture
def command(monkeypatch, capsys):
    def run(folder, *words):
        monkeypatch.setattr(sys, "argv", ["resurge", "--project", str(folder), "import", *map(str, words)])
        with pytest.raises(SystemExit) as leaving:
            cli.main()
        out, err = capsys.readouterr()
        return leaving.value.code or 0, out, err

    return run


def read(data, path, **told):
    network = told.pop("network", None)
    columns, measure, source = (
        told.pop(name, other) for name, other in (("columns", ()), ("measure", "HR"), ("source", {}))
    )
    found = import_effects(
        data, path, columns=columns, measure=measure, given={**TOLD, **told}, source=source, network=network
    )
    refuse_faults(data, found)
    return found


def everything(folder):
    return {path.name: path.read_bytes() for path in folder.glob("*.csv")}


def options(told):
    return [word for name, value in told.items() for word in ("--set", f"{name}={value}")]


# Forms of tables -----------------------------------------------------------------------------------------------------


def test_metafor_log_ratios_with_variances_become_ratios_with_the_same_log_and_error(data, write):
    rows = read(data, write(METAFOR)).rows["therapy_effects"]
    assert [row["trial"] for row in rows] == ["Smith", "Jones"]
    assert float(rows[0]["log_estimate"]) == pytest.approx(-0.223144, abs=1e-4)
    assert float(rows[0]["se_log"]) == pytest.approx(0.08, abs=1e-4)
    assert (rows[0]["estimate"], rows[0]["se_from"]) == ("0.8000", "interval")
    assert rows[0]["locator"] == "table.csv, line 2"
    assert "yi -0.223144, vi 0.0064" in rows[0]["notes"]


def test_revman_ratios_are_taken_as_printed_rather_than_as_computed(data, write):
    found = read(data, write(REVMAN))
    row = found.rows["therapy_effects"][0]
    assert [row[name] for name in ("estimate", "lower", "upper", "level")] == ["0.80", "0.68", "0.93", "0.95"]
    assert "not read: Weight" in "\n".join(found.shown())


def test_counts_of_both_arms_become_a_risk_ratio_and_stay(data, write):
    row = read(data, write(COUNTS), measure="RR").rows["therapy_effects"][0]
    assert float(row["log_estimate"]) == pytest.approx(math.log(90 / 110), abs=1e-6)
    assert float(row["se_log"]) == pytest.approx(math.sqrt(1 / 90 + 1 / 110 - 2 / 400), abs=1e-6)
    assert (row["events_treatment"], row["n_control"], row["se_from"]) == ("90", "400", "counts")


@pytest.mark.parametrize(
    "header",
    [
        *(
            "Study,HR,LCL,UCL",
            "author,Hazard Ratio,lower,upper",
            "slab,hr,ci.lb,ci.ub",
            "Trial,HR,95% CI lower,95% CI upper",
        ),
        *(
            "Study ID,HR,CI start,CI end",
            "study,Hazard ratio,Lower limit,Upper limit",
            '"Study","HR","lower 95%","upper 95%"',
        ),
    ],
)
def test_ratios_with_limits_are_known_in_many_spellings(data, write, header):
    row = read(data, write(f"{header}\nSmith,0.80,0.68,0.93\n"), measure=None).rows["therapy_effects"][0]
    assert [row[name] for name in ("measure", "estimate", "lower", "upper")] == ["HR", "0.80", "0.68", "0.93"]


def test_log_ratios_with_limits_of_their_own_scale_are_read(data, write):
    row = read(data, write("study,yi,ci.lb,ci.ub\nSmith,-0.2231,-0.3857,-0.0606\n")).rows["therapy_effects"][0]
    assert float(row["se_log"]) == pytest.approx((0.3857 - 0.0606) / 2 / 1.959964, rel=1e-3)


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("separated", list(SEPARATORS))
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_separators_marks_and_line_ends_make_no_difference(data, write, mark, separated, end):
    text = METAFOR.replace(",", separated).replace("\n", end)
    assert [row["trial"] for row in read(data, write(mark + text.encode())).rows["therapy_effects"]] == [
        "Smith",
        "Jones",
    ]


def test_quoted_cells_may_hold_the_separator_and_columns_of_the_table_speak_for_their_row(data, write):
    text = 'study,HR,lower,upper,endpoint,population,notes\n"Smith, J",0.80,0.68,0.93,os,COHORT_A,"a, b"\n'
    row = read(data, write(text)).rows["therapy_effects"][0]
    assert [row[name] for name in ("trial", "endpoint", "population", "notes")] == [
        "Smith, J",
        "os",
        "COHORT_A",
        "a, b",
    ]


# What is wrong -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "line", "column", "right"),
    [
        ("Smith,0.80,0.93,0.68", 2, "lower", "they seem to be swapped"),
        ("Smith,-0.22,-0.39,-0.07", 2, "HR", "say --map yi=HR"),
        ("Smith,0,0.68,0.93", 2, "HR", "a ratio is greater than 0"),
        ("Smith,0.80%,0.68,0.93", 2, "HR", "without a percent sign"),
        ('Smith,"0,80",0.68,0.93', 2, "HR", "write a decimal point: 0.80"),
        ("Smith,0.95,0.68,0.93", 2, "upper", "not between the limits"),
        ("Smith,0.80,-0.1,0.93", 2, "lower", "limits of a log ratio"),
        ("Smith,0.80,0.8,0.8", 2, "upper", "an interval has a width"),
        ("Smith,0.80,0.30,0.82", 2, "HR", "not around the estimate"),
        ("Smith,NA,0.68,0.93", 2, "HR", "a number is needed here"),
        ("Smith,0.80 - 0.9,0.68,0.93", 2, "HR", "two numbers in one cell"),
        ("Smith,0.80,0.68,1e999", 2, "upper", "not a number"),
        (",0.80,0.68,0.93", 2, "study", "a study needs a name"),
        ("Smith,0.80,0.68,0.93\nsmith,0.81,0.68,0.94", 3, "study", "stands in line 2 already"),
    ],
)
def test_each_number_that_cannot_be_right_is_named_with_file_line_column_and_value(
    data, write, cells, line, column, right
):
    before = everything(data)
    with pytest.raises(EvidenceError) as refused:
        read(data, write(f"study,HR,lower,upper\n{cells}\n"))
    (fault,) = refused.value.faults
    assert (fault.table, fault.row, fault.column) == ("table.csv", f"line {line}", column)
    assert right in fault.message
    assert everything(data) == before


@pytest.mark.parametrize(
    ("text", "column", "right"),
    [
        ("study,yi,vi\nA,-0.2,0\n", "vi", "a variance is greater than 0"),
        ("study,yi,vi\nA,-0.2,-0.01\n", "vi", "are columns swapped"),
        ("study,yi,sei\nA,-0.2,-0.1\n", "sei", "a standard error is greater than 0"),
        ("study,yi,vi\nA,80,0.01\n", "yi", "is it a ratio or a percentage"),
        ("study,yi,HR,lower,upper\nA,-0.9,0.80,0.68,0.93\n", "yi", "is -0.2231"),
        ("study,HR,lower,upper,level\nA,0.80,0.68,0.93,95\n", "level", "write 0.95"),
        ("study,ai,n1i,ci,n2i\nA,500,400,90,400\n", "ai", "more events than patients"),
        ("study,ai,n1i,ci,n2i\nA,9.5,400,90,400\n", "ai", "whole number"),
        ("study,ai,n1i,ci,n2i\nA,0,400,0,400\n", "ai", "neither arm has an event"),
        ("study,HR,p\nA,0.80,>0.05\n", "p", "greater than"),
    ],
)
def test_other_forms_have_their_own_faults(data, write, text, column, right):
    with pytest.raises(EvidenceError) as refused:
        read(data, write(text))
    (fault,) = refused.value.faults
    assert fault.column == column
    assert right in fault.message


def test_all_faults_are_listed_at_once_in_the_order_of_the_file(data, write):
    text = "study,yi,vi\nA,x,0.1\nB,-0.1,0\nA,-0.1,y\n"
    with pytest.raises(EvidenceError) as refused:
        read(data, write(text))
    assert [(fault.row, fault.column) for fault in refused.value.faults] == [
        *(("line 2", "yi"), ("line 3", "vi"), ("line 4", "vi"), ("line 4", "study"))
    ]


@pytest.mark.parametrize(
    ("content", "right"),
    [
        (b"", "the file is empty"),
        (b"study,yi,vi\n", "a header and no rows"),
        (b"study,yi,vi\nA,1\n", "2 cells and the header 3"),
        (b"study,yi,yi\nA,1,2\n", "more than once"),
        (b"study,,\nA,1,2\n", "no name"),
        (b'study,yi,vi\n"A,1,2\n', "quotation marks"),
        (METAFOR.encode("utf-16"), "save it as UTF-8"),
        (b"study,yi,vi\nM\xfcller,1,2\n", "line 2 is not UTF-8"),
        (b"a\0b", "no text at all"),
    ],
)
def test_files_that_are_no_table_say_why(data, write, content, right):
    with pytest.raises(EvidenceError, match=right):
        read(data, write(content))


def test_a_missing_file_is_one_sentence(data, tmp_path):
    with pytest.raises(EvidenceError, match=r"none.csv:.*there is no such file"):
        read(data, tmp_path / "none.csv")


def test_what_the_file_does_not_tell_must_be_said(data, write):
    path = write(METAFOR)
    with pytest.raises(ImportFileError, match=r"does not tell setting \(adjuvant.*endpoint.*effect_class"):
        import_effects(data, path, measure="HR", given={}, source={})
    with pytest.raises(ImportFileError, match="treatment_duration_years"):
        read(data, path, treatment_duration_years="")
    with pytest.raises(ImportFileError, match="say --measure HR, RR or OR"):
        read(data, path, measure=None)
    with pytest.raises(ImportFileError, match="no column names the study"):
        read(data, write("yi,vi\n1,2\n"))
    with pytest.raises(ImportFileError, match="no effect with its error"):
        read(data, write("study,yi\nA,1\n"))


def test_mappings_are_stated_overruled_and_refused_by_name(data, write):
    path = write("study,first,second\nA,-0.2,0.01\n")
    row = read(data, path, columns=["yi=first", "vi=second"]).rows["therapy_effects"][0]
    assert float(row["se_log"]) == pytest.approx(0.1, abs=1e-4)
    with pytest.raises(ImportFileError, match="is first meant"):
        read(data, path, columns=["yi=frist"])
    with pytest.raises(ImportFileError, match="is no role"):
        read(data, path, columns=["zz=first"])
    two = ImportFile("t.csv", ("study", "author", "HR", "OR"), ())
    with pytest.raises(ImportFileError, match="HR and OR could both be estimate"):
        mapping_of(two, ())
    assert mapping_of(two, ["estimate=OR"]) == {"estimate": "OR", "study": "study"}


def test_swapped_columns_are_seen_where_the_numbers_tell(data, write):
    path = write("study,HR,lower,upper\nA,0.80,0.68,0.93\n")
    with pytest.raises(EvidenceError, match=r"not between the limits|swapped"):
        read(data, path, columns=["estimate=lower", "lower=HR"])


# Where the rows go ---------------------------------------------------------------------------------------------------


def test_the_command_adds_rows_with_source_and_patients_to_the_shipped_evidence(command, tmp_path, write):
    project = tmp_path / "copy"
    shutil.copytree(SHIPPED, project / "data")
    before = everything(project / "data")
    path = write(REVMAN, "old reviews; 2010.csv")
    words = [path, "--setting", "adjuvant", "--endpoint", "dfs", "--treatment", "drug a", "--control", "placebo"]
    words += ["--effect-class", "drug_a", "--set", "treatment_duration_years=1"]
    code, out, err = command(project, *words, "--dry-run")
    assert (code, err) == (0, "")
    assert "Sound; nothing was written" in out and "Smith 2001, HR 0.80 (0.68 to 0.93)" in out
    assert "estimate <- Hazard Ratio" in out and "lower <- CI Start" in out
    assert everything(project / "data") == before
    code, out, err = command(project, *words)
    assert (code, err) == (0, "")
    assert check_evidence(project / "data") == []
    after = everything(project / "data")
    assert {name for name in after if after[name] != before[name]} == {
        "therapy_effects.csv",
        "sources.csv",
        "populations.csv",
    }
    assert all(after[name].startswith(before[name]) for name in after)
    new = read_rows(project / "data" / "therapy_effects.csv")[-2:]
    assert [row["source_id"] for row in new] == ["import_old_reviews_2010"] * 2
    assert new[1]["locator"] == "old reviews; 2010.csv, line 3"
    code, _, err = command(project, *words)
    assert code == EvidenceError.exit_code
    assert "line 2:" in err and "has the same women, comparison, endpoint and window" in err
    assert everything(project / "data") == after


def test_a_source_that_is_named_is_used_and_one_that_is_described_is_added(data, write):
    found = read(data, write(METAFOR), source={"source_id": "smith2020", "title": "A review", "doi": "10.1000/x"})
    (source,) = found.rows["sources"]
    assert (source["source_id"], source["design"], source["bibliography"]) == (
        "smith2020",
        "meta_analysis",
        "incomplete",
    )


def test_a_fault_of_the_table_is_told_by_the_line_of_the_file(data, write):
    with pytest.raises(EvidenceError) as refused:
        read(data, write("study,HR,lower,upper,endpoint\nA,0.80,0.68,0.93,survival\n"))
    (fault,) = refused.value.faults
    assert (fault.table, fault.row, fault.column, fault.value) == ("table.csv", "line 2", "endpoint", "survival")


def test_netmeta_contrasts_become_a_network_without_what_follows_from_the_rest(command, data, write):
    words = [write(NETMETA), "--measure", "HR", "--setting", "metastatic", "--endpoint", "pfs", "--set", "line=2"]
    code, _, err = command(data.parent, *words)
    assert code == ImportFileError.exit_code and "name their network by --network" in err
    code, _, err = command(data.parent, *words, "--network", "Second line")
    assert (code, err) == (0, "")
    assert check_evidence(data) == []
    rows = read_rows(data / "therapy_networks.csv")
    assert [(row["treatment_node"], row["control_node"]) for row in rows] == [
        *(("a_drug", "b"), ("b", "c"), ("b", "d"), ("e", "f"))
    ]
    assert [row["component"] for row in rows] == ["1", "1", "1", "2"]
    assert [row["arms_in_trial"] for row in rows] == ["3", "3", "2", "2"]
    assert float(rows[0]["log_hr"]) == pytest.approx(-0.3, abs=1e-4)
    code, _, err = command(data.parent, *words, "--network", "second_line")
    assert code == ImportFileError.exit_code and "already" in err


def test_a_network_of_another_endpoint_is_refused(data, write):
    with pytest.raises(ImportFileError, match="compares pfs or os, and the endpoint is dfs"):
        read(data, write(NETMETA), network="n")
