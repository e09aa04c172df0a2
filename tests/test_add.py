"""Is a new row asked for, computed and judged, and written whole or not at all?"""

from __future__ import annotations

import math
import re
import signal
import subprocess
import sys
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence_folder import write_small_evidence
from resurge import cli
from resurge.evidence import appending, check_evidence
from resurge.evidence.adding import Draft, shown_whole, table_named
from resurge.evidence.appending import EvidenceChangedError, NoKeyLeftError, append_rows, next_key, with_rows
from resurge.evidence.codebook import Field, Table
from resurge.evidence.csv_files import read_csv, read_rows
from resurge.evidence.effects import EffectError, from_counts, from_observed_minus_expected
from resurge.evidence.faults import EvidenceError
from resurge.evidence.new_project import create_project
from resurge.evidence.new_rows import AddingError, columns_given, population_key
from resurge.evidence.printed_cells import DEFAULTS, interval_check
from resurge.evidence.printed_effects import PRINTED, cells_of
from resurge.evidence.printed_rates import RATES
from resurge.locks import RecordLockedError, locked
from resurge.writing import NotWrittenError

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


@pytest.fixture
def small(tmp_path):
    return write_small_evidence(tmp_path / "data")


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


def test_a_row_is_completed_by_what_goes_without_saying_and_gets_the_next_key(small):
    row = scripted(small, "recurrence_rates", RATE)
    assert row["row_id"] == "r0006"
    assert {row[name] for name in ("her2", "pr", "tumour_size", "grade")} == {"any"}
    assert (row["bounds"], row["use"], row["derived"], row["therapy"]) == ("none", "yes", "no", "mixed")
    assert check_evidence(small) == []


def test_where_a_number_was_read_is_never_made_up(small):
    known = {name: value for name, value in RATE.items() if name not in ("locator", "read_in")}
    with pytest.raises(EvidenceError) as refused:
        scripted(small, "recurrence_rates", known)
    assert {fault.column for fault in refused.value.faults} == {"locator", "read_in"}


def test_a_source_and_its_patients_come_with_the_row_in_one_step(small):
    before = everything(small)
    new = {"source_id": "osterman2018", "title": "Recurrence risk", "design": "registry", "year": "2018"}
    cells = {name: value for name, value in RATE.items() if name not in ("source_id", "population")}
    row = scripted(small, "recurrence_rates", cells, sources=new, populations={"population": "SWEDEN"})
    assert (row["source_id"], row["population"]) == ("osterman2018", "SWEDEN")
    assert read_rows(small / "sources.csv")[-1]["population"] == "SWEDEN"
    assert check_evidence(small) == []
    changed = {name for name, content in everything(small).items() if content != before[name]}
    assert changed == {"sources.csv", "populations.csv", "recurrence_rates.csv"}


@pytest.mark.parametrize(
    ("column", "value", "right"),
    [
        ("estimate", "12%", "write 0.12"),
        ("estimate", "12", "write 0.12"),
        ("estimate", "0,12", "write a decimal point: 0.12"),
        ("er", "postive", "is positive meant"),
        ("source_id", "alpha2002", "is alpha2001 meant"),
        ("row_id", "r0001", "every row needs its own"),
        ("end_year", "0", "ends at or before its start"),
        ("notes", "=1+1", "formula"),
        ("locator", "a\x1b[31mb", "invisible character"),
    ],
)
def test_a_row_that_is_not_sound_changes_nothing(small, column, value, right):
    before = everything(small)
    with pytest.raises(EvidenceError, match=right):
        scripted(small, "recurrence_rates", RATE | {column: value})
    assert everything(small) == before


def test_faults_that_were_there_before_do_not_stop_a_sound_row(small):
    path = small / "recurrence_rates.csv"
    path.write_bytes(path.read_bytes().replace(b"0.05,0.04,0.0625,ci", b"0.05,0.06,0.0625,ci"))
    assert check_evidence(small)
    scripted(small, "recurrence_rates", RATE)
    assert len(read_rows(path)) == 6


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("closed", [True, False])
def test_what_a_file_holds_keeps_its_bytes(small, end, mark, closed):
    path = small / "recurrence_rates.csv"
    before = mark + path.read_bytes().rstrip(b"\n").replace(b"\n", end) + (end if closed else b"")
    path.write_bytes(before)
    scripted(small, "recurrence_rates", RATE)
    after = path.read_bytes()
    assert after.startswith(before)
    assert after.endswith(end) and after.count(end) == before.count(end) + 1 + (not closed)
    assert check_evidence(small) == []


def test_columns_in_another_order_are_filled_where_they_stand(small):
    path = small / "populations.csv"
    path.write_text("notes,population,part_of,overlaps_with,membership_basis\n,ALPHA,,,\n,BETA,ALPHA,,stated\n")
    append_rows(small, {"populations": [{"population": "GAMMA", "notes": "new, here"}]})
    assert path.read_text().splitlines()[-1] == '"new, here",GAMMA,,,'


@given(st.lists(st.fixed_dictionaries({"population": st.text(max_size=20), "notes": st.text(max_size=20)}), max_size=4))
def test_any_text_comes_back_from_the_file_as_it_was(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("rows") / "populations.csv"
    header = b"population,notes\n"
    path.write_bytes(header)
    usable = [row for row in rows if "\0" not in "".join(row.values()) and any(v.strip() for v in row.values())]
    usable = [row for row in usable if not re.search("[\ud800-\udfff]", "".join(row.values()))]
    path.write_bytes(with_rows(header, path, usable))
    assert [record.cells for record in read_csv(path).records] == usable


def test_a_full_disk_in_the_middle_takes_back_what_was_written(small, monkeypatch):
    before = everything(small)
    write = appending.write_atomically

    def sometimes(path, content):
        if path.name == "recurrence_rates.csv":
            raise NotWrittenError(path, OSError(28, "No space left on device"))
        write(path, content)

    monkeypatch.setattr(appending, "write_atomically", sometimes)
    with pytest.raises(NotWrittenError, match="No space left"):
        scripted(small, "recurrence_rates", RATE | {"population": "GAMMA"}, populations={"population": "GAMMA"})
    assert everything(small) == before


def test_whoever_is_stopped_between_two_files_leaves_sound_evidence(small, monkeypatch):
    write = appending.write_atomically

    class Killed(BaseException):
        pass

    def stopped(path, content):
        if path.name == "recurrence_rates.csv" or content == before:
            raise Killed
        write(path, content)

    before = (small / "populations.csv").read_bytes()
    monkeypatch.setattr(appending, "write_atomically", stopped)
    with pytest.raises(Killed):
        scripted(small, "recurrence_rates", RATE | {"population": "GAMMA"}, populations={"population": "GAMMA"})
    assert check_evidence(small) == []
    assert len(read_rows(small / "recurrence_rates.csv")) == 5


def test_a_table_that_changed_meanwhile_is_not_written_over(small, monkeypatch):
    path = small / "recurrence_rates.csv"
    judge = appending.faults_of

    def slowly(*arguments):
        faults = judge(*arguments)
        path.write_bytes(path.read_bytes() + b"\n")
        return faults

    monkeypatch.setattr(appending, "faults_of", slowly)
    with pytest.raises(EvidenceChangedError, match="nothing was added"):
        scripted(small, "recurrence_rates", RATE)
    assert len(read_rows(path)) == 5


def test_one_writer_at_a_time(small):
    found = []

    def second():
        try:
            scripted(small, "recurrence_rates", RATE)
        except RecordLockedError as error:
            found.append(str(error))

    with locked(small / ".adding.lock", "resurge add"):
        thread = threading.Thread(target=second)
        thread.start()
        thread.join()
    assert len(found) == 1 and "nothing was changed" in found[0]


def test_keys_go_on_from_the_largest_and_end_with_the_last(small):
    table = table_named(small, "recurrence_rates")
    assert next_key(small, table) == "r0006"
    path = small / "recurrence_rates.csv"
    path.write_bytes(path.read_bytes().replace(b"r0005", b"r9999"))
    with pytest.raises(NoKeyLeftError, match="no key after r9999"):
        next_key(small, table)
    assert next_key(small, table_named(small, "sources")) == ""


def test_tables_and_columns_are_found_or_named(small):
    assert table_named(small, "recurrence-rates.csv").name == "recurrence_rates"
    with pytest.raises(AddingError, match="is therapy_effects meant"):
        table_named(small, "therapy_effect")
    with pytest.raises(AddingError, match="is estimate meant"):
        scripted(small, "recurrence_rates", {"estimat": "1"})


# What papers print ---------------------------------------------------------------------------------------------------


def test_an_interval_gives_log_ratio_and_error_as_the_rules_of_the_table_want_them(small):
    row = scripted(small, "therapy_effects", EFFECT | {"estimate": "0.80", "lower": "0.68", "upper": "0.93"})
    assert float(row["log_estimate"]) == pytest.approx(math.log(0.8), abs=1e-6)
    assert float(row["se_log"]) == pytest.approx(math.log(0.93 / 0.68) / (2 * 1.959964), abs=1e-6)
    assert (row["se_from"], row["measure"], row["level"]) == ("interval", "HR", "0.95")
    assert (row["window_end"], row["window_end_from"], row["used_as"]) == ("5", "landmark_year", "effect")
    assert row["contrast_years_from"] == "assumed"
    assert check_evidence(small) == []


def test_a_p_value_printed_as_a_bound_is_marked(small):
    row = scripted(small, "therapy_effects", EFFECT | {"estimate": "0.70", "p_value": "<0.001"})
    assert float(row["se_log"]) == pytest.approx(abs(math.log(0.7)) / 3.290527, abs=1e-6)
    assert (row["se_from"], row["se_is_upper_bound"]) == ("p", "yes")
    assert check_evidence(small) == []


EXAMPLES = {
    "interval": {"estimate": "0.80", "lower": "0.68", "upper": "0.93"},
    "p": {"estimate": "0.80", "p_value": "0.005"},
    "one_sided_p": {"estimate": "0.80", "p_value": "0.0025"},
    "arm_events": {"estimate": "0.80", "events_treatment": "90", "events_control": "110"},
    "risk_ratio": {"events_treatment": "90", "n_treatment": "400", "events_control": "110", "n_control": "400"},
    "odds_ratio": {"events_treatment": "90", "n_treatment": "400", "events_control": "110", "n_control": "400"},
    "peto": {"events_treatment": "90", "n_treatment": "400", "events_control": "110", "n_control": "400"},
    "one_limit": {"estimate": "0.80", "limit": "0.93", "one_sided_level": "0.975"},
    "standard_error": {"estimate": "0.64", "error": "0.09"},
    "total_events": {"estimate": "0.80", "events": "200"},
    "percent_reduction": {"percent": "28", "percent_lower": "10", "percent_upper": "42"},
    "upside_down": {"estimate": "1.25", "lower": "1.08", "upper": "1.47"},
    "observed_minus_expected": {"observed_minus_expected": "-11.2", "variance": "50"},
    "events": {"events_treatment": "90", "events_control": "110"},
    "person_time": {
        **{"events_treatment": "90", "time_treatment": "2000"},
        **{"events_control": "110", "time_control": "1950"},
    },
    "risk_difference": {"difference": "-0.05", "control_risk": "0.275", "n_treatment": "400", "n_control": "400"},
    "survival": {
        **{"survival_treatment": "0.733", "survival_control": "0.674"},
        **{"error_treatment": "0.013", "error_control": "0.014"},
    },
    "survival_at_risk": {
        **{"survival_treatment": "0.733", "survival_control": "0.674"},
        **{"at_risk_treatment": "500", "at_risk_control": "480"},
    },
    "survival_intervals": {
        **{"survival_treatment": "0.733", "survival_treatment_lower": "0.705", "survival_treatment_upper": "0.759"},
        **{"survival_control": "0.674", "survival_control_lower": "0.645", "survival_control_upper": "0.702"},
    },
    "medians": {
        **{"median_treatment": "7.5", "median_control": "6.0"},
        **{"events_treatment": "90", "events_control": "110"},
    },
}


@pytest.mark.parametrize("kind", PRINTED)
def test_every_form_in_which_papers_print_effects_gives_a_sound_row(small, kind):
    row = scripted(small, "therapy_effects", EFFECT, kind, EXAMPLES[kind].items())
    assert check_evidence(small) == []
    assert -0.7 < float(row["log_estimate"]) < -0.1
    assert 0.03 < float(row["se_log"]) < 0.25
    assert "log ratio" in interval_check(row)


def test_what_has_no_column_is_told_in_the_notes_and_says_the_same(small):
    row = scripted(
        small, "therapy_effects", EFFECT, "observed_minus_expected", EXAMPLES["observed_minus_expected"].items()
    )
    assert float(row["log_estimate"]) == pytest.approx(from_observed_minus_expected(-11.2, 50).estimate, abs=1e-4)
    assert float(row["se_log"]) == pytest.approx(1 / math.sqrt(50), rel=1e-3)
    assert "observed_minus_expected -11.2, variance 50" in row["notes"]


def test_counts_without_events_in_one_arm_are_corrected_and_kept(small):
    counts = {"events_treatment": "0", "n_treatment": "50", "events_control": "6", "n_control": "50"}
    row = scripted(small, "therapy_effects", EFFECT, "risk_ratio", counts.items())
    assert float(row["log_estimate"]) == pytest.approx(from_counts(0, 50, 6, 50, "RR").estimate, abs=1e-3)
    assert row["events_treatment"] == "0"


@pytest.mark.parametrize(
    ("kind", "numbers", "right"),
    [
        ("interval", {"estimate": "0.80", "lower": "0.93", "upper": "0.68"}, "above the upper one"),
        ("interval", {"estimate": "0.80", "lower": "0.68"}, "lacks upper"),
        ("interval", {"estimate": "0.80", "lower": "0.20", "upper": "0.82"}, "not around the estimate"),
        ("interval", {"estimate": "abc", "lower": "0.20", "upper": "0.82"}, "must be a number"),
        ("p", {"estimate": "1.00", "p_value": "0.5"}, "says nothing"),
        ("p", {"estimate": "0.8", "p_value": ">0.05"}, "greater than"),
        ("survival", {**EXAMPLES["survival"], "survival_control": "67.4"}, "86% is 0.86"),
        ("events", {"events_treatment": "0", "events_control": "0"}, "neither arm has an event"),
        ("observed_minus_expected", {"observed_minus_expected": "60", "variance": "0.01"}, "cannot be written"),
    ],
)
def test_numbers_that_give_no_effect_say_why(kind, numbers, right):
    with pytest.raises(EffectError, match=right):
        cells_of(kind, numbers)


@given(
    st.sampled_from(sorted(PRINTED)),
    st.lists(
        st.one_of(st.text(max_size=8), st.floats().map(str), st.integers(-5, 500).map(str)), min_size=6, max_size=6
    ),
)
def test_any_numbers_give_an_effect_with_an_error_or_a_sentence(kind, values):
    given_numbers = dict(zip(PRINTED[kind].asks, values, strict=False))
    try:
        cells = cells_of(kind, given_numbers)
    except EffectError as error:
        assert str(error)
    else:
        assert math.isfinite(float(cells["log_estimate"])) and float(cells["se_log"]) >= 0


@given(
    st.floats(0.05, 20).map(lambda ratio: f"{ratio:.3f}"),
    st.floats(0.02, 1.5),
    st.sampled_from(["0.9", "0.95", "0.99"]),
)
def test_a_printed_interval_gives_back_its_own_width(ratio, se, level):
    from statistics import NormalDist

    z = NormalDist().inv_cdf((1 + float(level)) / 2)
    lower, upper = (f"{float(ratio) * math.exp(sign * z * se):.6f}" for sign in (-1, 1))
    cells = cells_of("interval", {"estimate": ratio, "lower": lower, "upper": upper, "level": level})
    assert float(cells["se_log"]) == pytest.approx(se, rel=2e-3)
    assert "middle of the interval" in interval_check(cells | {"estimate": ratio})


PRINTED_RATES = [
    ("risk", {"estimate": "0.12"}, ("cumulative_risk", "0.12", "", "", "none", "no")),
    ("risk_percent", {"estimate": "12.0%"}, ("cumulative_risk", "0.12", "", "", "none", "no")),
    (
        "risk_percent",
        {"estimate": "12", "lower": "10", "upper": "14.5"},
        ("cumulative_risk", "0.12", "0.1", "0.145", "ci", "no"),
    ),
    ("event_free", {"estimate": "0.88"}, ("cumulative_risk", "0.12", "", "", "none", "yes")),
    (
        "event_free_percent",
        {"estimate": "88.0", "lower": "85.5", "upper": "90"},
        ("cumulative_risk", "0.12", "0.1", "0.145", "ci", "yes"),
    ),
    ("annual_rate", {"estimate": "0.02"}, ("annual_rate", "0.02", "", "", "none", "no")),
    (
        "person_years",
        {"events": "30", "person_years": "1500"},
        ("events_over_person_years", "0.02", "", "", "none", "yes"),
    ),
]


@pytest.mark.parametrize(("kind", "numbers", "expected"), PRINTED_RATES)
def test_risks_and_rates_are_taken_in_the_forms_of_papers(small, kind, numbers, expected):
    known = {name: value for name, value in RATE.items() if name not in ("estimate", "statistic")}
    row = scripted(small, "recurrence_rates", known, kind, numbers.items())
    statistic, *numbers_expected, bounds, derived = expected
    assert (row["statistic"], row["bounds"], row["derived"]) == (statistic, bounds, derived)
    found = [row[name] for name in ("estimate", "lower", "upper")]
    assert [each and float(each) for each in found] == [each and float(each) for each in numbers_expected]
    assert check_evidence(small) == []


@pytest.mark.parametrize(
    ("kind", "numbers", "right"),
    [
        ("risk", {"estimate": "12"}, "between 0 and 1"),
        ("event_free_percent", {"estimate": "880"}, "between 0 and 100"),
        ("risk", {"estimate": "0.12", "lower": "0.1"}, "an interval has both"),
        ("risk", {"estimate": ""}, "must be a number"),
        ("risk", {"estimate": "NaN"}, "a paper could print"),
        ("risk", {"estimate": "1e-999999"}, "a paper could print"),
        ("person_years", {"events": "3", "person_years": "0"}, "greater than 0"),
    ],
)
def test_risks_and_rates_that_cannot_be_say_why(kind, numbers, right):
    with pytest.raises(EffectError, match=right):
        RATES[kind].cells(numbers)


@given(st.sampled_from(sorted(RATES)), st.lists(st.text(max_size=8) | st.floats().map(str), min_size=4, max_size=4))
def test_any_numbers_give_a_risk_or_rate_or_a_sentence(kind, values):
    try:
        cells = RATES[kind].cells(dict(zip(RATES[kind].asks, values, strict=False)))
    except EffectError as error:
        assert str(error)
    else:
        assert math.isfinite(float(cells["estimate"]))


def test_forms_and_numbers_are_named_where_they_are_wrong(small):
    with pytest.raises(AddingError, match="no form in which papers print this"):
        scripted(small, "therapy_effects", EFFECT, "hunch")
    with pytest.raises(AddingError, match="interval takes estimate, lower, upper, level"):
        scripted(small, "therapy_effects", EFFECT, "interval", {"variance": "1"}.items())
    with pytest.raises(AddingError, match="one of risk, risk_percent, event_free"):
        scripted(small, "recurrence_rates", RATE, "interval", {"estimate": "1"}.items())
    with pytest.raises(AddingError, match=r"nothing is computed for populations\.csv"):
        scripted(small, "populations", {"population": "A"}, "interval", {"estimate": "1"}.items())
    with pytest.raises(AddingError, match="need --prints"):
        scripted(small, "recurrence_rates", RATE, None, {"estimate": "1"}.items())


# The command ---------------------------------------------------------------------------------------------------------


def test_the_command_adds_a_row_given_whole(monkeypatch, capsys, small):
    words = [word for text in texts(RATE) for word in ("--set", text)]
    code, out, err = run(monkeypatch, capsys, small.parent, "add", "recurrence_rates", *words)
    assert (code, err) == (0, "")
    assert "Added r0006 to recurrence_rates.csv" in out


def test_a_dry_run_judges_and_changes_nothing(monkeypatch, capsys, small):
    before = everything(small)
    words = [word for text in texts(RATE) for word in ("--set", text)]
    code, out, _ = run(monkeypatch, capsys, small.parent, "add", "recurrence_rates", *words, "--dry-run")
    assert code == 0 and "Nothing was written" in out
    code, _, err = run(
        monkeypatch, capsys, small.parent, "add", "recurrence_rates", *words, "--set", "er=x", "--dry-run"
    )
    assert code == EvidenceError.exit_code and "recurrence_rates.csv:r0006:er: x:" in err
    assert everything(small) == before


def answers_for(table, row, *, wrong=()):
    """Answer every question of a table in the order of its columns; first give the wrong answers of a column."""
    given_wrong = dict(wrong)
    for field in table.fields:
        if field.name == "exclude_reason":
            continue
        if field.name == "statistic":
            yield "none"
        if field.name in given_wrong:
            yield given_wrong[field.name]
        yield row.get(field.name, "")


def test_a_row_is_asked_for_field_by_field_and_a_bad_value_again(monkeypatch, capsys, small):
    table = table_named(small, "recurrence_rates")
    answers = [*answers_for(table, RATE, wrong={"estimate": "12%", "er": "plus"}), "y"]
    code, out, err = run(monkeypatch, capsys, small.parent, "add", "recurrence_rates", answers=answers)
    assert (code, err) == (0, "")
    assert "write 0.12" in out and "one of positive, negative, any" in out
    row = read_rows(small / "recurrence_rates.csv")[-1]
    assert row["row_id"] == "r0006" and row["estimate"] == "0.12" and row["bounds"] == "none"
    assert check_evidence(small) == []


def test_a_fault_of_the_whole_row_is_told_and_its_column_asked_for_again(monkeypatch, capsys, small):
    table = table_named(small, "recurrence_rates")
    answers = [*answers_for(table, RATE | {"start_year": "5"}), "10", "y"]
    code, out, _ = run(monkeypatch, capsys, small.parent, "add", "recurrence_rates", answers=answers)
    assert code == 0
    assert "Not yet sound" in out and "ends at or before its start" in out
    assert read_rows(small / "recurrence_rates.csv")[-1]["end_year"] == "10"


def test_a_new_source_is_asked_for_where_a_row_names_it(monkeypatch, capsys, tmp_path):
    folder = create_project(tmp_path / "new")
    rates, sources, populations = (
        table_named(folder / "data", name) for name in ("recurrence_rates", "sources", "populations")
    )
    row = RATE | {"source_id": "osterman2018", "population": ""}
    source = {"title": "Recurrence risk", "design": "registry", "population": "SWEDEN", "bibliography": ""}
    answers = []
    for field in rates.fields:
        if field.name == "exclude_reason":
            continue
        if field.name == "statistic":
            answers += ["event_free_percent", "88", "", "", ""]
        elif field.name not in ("estimate", "lower", "upper", "bounds", "level", "derived", "notes"):
            answers.append(row.get(field.name, "") if field.name != "population" else "SWEDEN")
        if field.name == "source_id":
            for column in sources.fields[1:]:
                answers.append(source.get(column.name, ""))
                if column.name == "population":
                    answers += ["" for _ in populations.fields[1:]]
    code, out, err = run(monkeypatch, capsys, folder, "add", "recurrence_rates", answers=[*answers, "y"])
    assert (code, err) == (0, "")
    assert "osterman2018 is new" in out and "SWEDEN is new" in out
    assert check_evidence(folder / "data") == []
    assert read_rows(folder / "data" / "populations.csv")[0]["population"] == "SWEDEN"
    row = read_rows(folder / "data" / "recurrence_rates.csv")[0]
    assert (row["estimate"], row["derived"], row["notes"]) == ("0.12", "yes", "complement of an event-free share")


def test_an_effect_is_computed_from_what_the_paper_prints(monkeypatch, capsys, small):
    table = table_named(small, "therapy_effects")
    computed = {"estimate", "lower", "upper", "level", "p_value", "log_estimate", "se_log", "se_from"}
    answers = []
    for field in table.fields:
        if field.name == "measure":
            answers += ["hunch", "interval", "", "0.80", "0.93", "0.68", "", "interval", "", "0.80", "0.68", "0.93", ""]
        elif field.name not in {*computed, "se_is_upper_bound", "exclude_reason"}:
            answers.append(EFFECT.get(field.name, ""))
    code, out, err = run(monkeypatch, capsys, small.parent, "add", "therapy_effects", answers=[*answers, "y"])
    assert (code, err) == (0, "")
    assert "none of these" in out and "the lower limit lies above the upper one" in out
    assert "Interval check: log ratio -0.2231, standard error 0.0799" in out
    assert read_rows(small / "therapy_effects.csv")[-1]["se_log"] == "0.079872"
    assert check_evidence(small) == []


@pytest.mark.parametrize("answers", [[], ["r0006", "alpha2001"]])
def test_the_end_of_the_input_leaves_all_as_it_was(monkeypatch, capsys, small, answers):
    before = everything(small)
    code, _, err = run(monkeypatch, capsys, small.parent, "add", "recurrence_rates", answers=answers)
    assert code == 130 and "nothing was added" in err
    assert everything(small) == before


def test_ctrl_c_leaves_all_as_it_was(monkeypatch, capsys, small):
    from resurge.commands import questions

    def interrupted(*_, **__):
        raise KeyboardInterrupt

    before = everything(small)
    monkeypatch.setattr(questions.typer, "prompt", interrupted)
    code, _, err = run(monkeypatch, capsys, small.parent, "add", "recurrence_rates", answers=[])
    assert code == 130 and "nothing was added" in err
    assert everything(small) == before


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_process_that_is_interrupted_while_it_asks_leaves_all_as_it_was(small):
    before = everything(small)
    words = [sys.executable, "-c", "from resurge.cli import main; main()", "--project", str(small.parent), "add"]
    with subprocess.Popen(
        [*words, "recurrence_rates"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as asking:
        asking.stdin.write("r0006\nalpha2001\n")
        asking.stdin.flush()
        for line in asking.stdout:
            if line.startswith("population:"):
                break
        asking.send_signal(signal.SIGINT)
        _, told = asking.communicate(timeout=60)
    assert asking.returncode == 130
    assert "nothing was added" in told and "Traceback" not in told
    assert everything(small) == before


def test_saying_no_at_the_end_adds_nothing(monkeypatch, capsys, small):
    before = everything(small)
    answers = [*answers_for(table_named(small, "recurrence_rates"), RATE), "n"]
    code, _, _ = run(monkeypatch, capsys, small.parent, "add", "recurrence_rates", answers=answers)
    assert code == 130
    assert everything(small) == before


# Small parts ---------------------------------------------------------------------------------------------------------


@given(st.text(max_size=40))
def test_texts_are_shown_on_one_line_without_what_a_terminal_would_obey(text):
    assert all(character.isprintable() for character in shown_whole(text))


@given(st.text(max_size=40))
def test_keys_of_patient_sets_have_their_form(text):
    key = population_key(text)
    assert key == "" or re.fullmatch("[A-Z][A-Z0-9_]*", key)


@given(st.lists(st.text(max_size=20) | st.text(max_size=8).map("notes={}".format), max_size=5))
def test_texts_name_columns_or_are_refused_on_one_line(words):
    table = Table("t", "t.csv", (Field("notes", "string"), Field("part_of", "string")))
    try:
        cells = columns_given(words, table, "--set")
    except AddingError as error:
        assert str(error).isprintable() and "t.csv has no column" in str(error)
    else:
        assert cells == {"notes": words[-1].partition("=")[2].strip()} if words else not cells


def test_defaults_are_numbers_that_some_form_asks_for():
    asked = {name for form in PRINTED.values() for name in form.asks}
    assert DEFAULTS.keys() <= asked
