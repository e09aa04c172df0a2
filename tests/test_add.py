"""Is a new row asked for, computed and judged, and written whole or not at all?"""

from __future__ import annotations

import re
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from added_rows import RATE, everything, scripted
from resurge.evidence import appending, check_evidence
from resurge.evidence.adding import shown_whole, table_named
from resurge.evidence.appending import EvidenceChangedError, NoKeyLeftError, append_rows, next_key, with_rows
from resurge.evidence.codebook import Field, Table
from resurge.evidence.csv_files import read_csv, read_rows
from resurge.evidence.faults import EvidenceError
from resurge.evidence.new_rows import AddingError, columns_given, population_key
from resurge.evidence.printed_cells import DEFAULTS
from resurge.evidence.printed_effects import PRINTED
from resurge.locks import RecordLockedError, locked
from resurge.writing import NotWrittenError


def test_a_row_is_completed_by_what_goes_without_saying_and_gets_the_next_key(folder):
    row = scripted(folder, "recurrence_rates", RATE)
    assert row["row_id"] == "r0006"
    assert {row[name] for name in ("her2", "pr", "tumour_size", "grade")} == {"any"}
    assert (row["bounds"], row["use"], row["derived"], row["therapy"]) == ("none", "yes", "no", "mixed")
    assert check_evidence(folder) == []


def test_where_a_number_was_read_is_never_made_up(folder):
    known = {name: value for name, value in RATE.items() if name not in ("locator", "read_in")}
    with pytest.raises(EvidenceError) as refused:
        scripted(folder, "recurrence_rates", known)
    assert {fault.column for fault in refused.value.faults} == {"locator", "read_in"}


def test_a_source_and_its_patients_come_with_the_row_in_one_step(folder):
    before = everything(folder)
    new = {"source_id": "osterman2018", "title": "Recurrence risk", "design": "registry", "year": "2018"}
    cells = {name: value for name, value in RATE.items() if name not in ("source_id", "population")}
    row = scripted(folder, "recurrence_rates", cells, sources=new, populations={"population": "SWEDEN"})
    assert (row["source_id"], row["population"]) == ("osterman2018", "SWEDEN")
    assert read_rows(folder / "sources.csv")[-1]["population"] == "SWEDEN"
    assert check_evidence(folder) == []
    changed = {name for name, content in everything(folder).items() if content != before[name]}
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
def test_a_row_that_is_not_sound_changes_nothing(folder, column, value, right):
    before = everything(folder)
    with pytest.raises(EvidenceError, match=right):
        scripted(folder, "recurrence_rates", RATE | {column: value})
    assert everything(folder) == before


def test_faults_that_were_there_before_do_not_stop_a_sound_row(folder):
    path = folder / "recurrence_rates.csv"
    path.write_bytes(path.read_bytes().replace(b"0.05,0.04,0.0625,ci", b"0.05,0.06,0.0625,ci"))
    assert check_evidence(folder)
    scripted(folder, "recurrence_rates", RATE)
    assert len(read_rows(path)) == 6


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("closed", [True, False])
def test_what_a_file_holds_keeps_its_bytes(folder, end, mark, closed):
    path = folder / "recurrence_rates.csv"
    before = mark + path.read_bytes().rstrip(b"\n").replace(b"\n", end) + (end if closed else b"")
    path.write_bytes(before)
    scripted(folder, "recurrence_rates", RATE)
    after = path.read_bytes()
    assert after.startswith(before)
    assert after.endswith(end) and after.count(end) == before.count(end) + 1 + (not closed)
    assert check_evidence(folder) == []


def test_columns_in_another_order_are_filled_where_they_stand(folder):
    path = folder / "populations.csv"
    path.write_text("notes,population,part_of,overlaps_with,membership_basis\n,ALPHA,,,\n,BETA,ALPHA,,stated\n")
    append_rows(folder, {"populations": [{"population": "GAMMA", "notes": "new, here"}]})
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


def test_a_full_disk_in_the_middle_takes_back_what_was_written(folder, monkeypatch):
    before = everything(folder)
    write = appending.write_atomically

    def sometimes(path, content):
        if path.name == "recurrence_rates.csv":
            raise NotWrittenError(path, OSError(28, "No space left on device"))
        write(path, content)

    monkeypatch.setattr(appending, "write_atomically", sometimes)
    with pytest.raises(NotWrittenError, match="No space left"):
        scripted(folder, "recurrence_rates", RATE | {"population": "GAMMA"}, populations={"population": "GAMMA"})
    assert everything(folder) == before


def test_whoever_is_stopped_between_two_files_leaves_sound_evidence(folder, monkeypatch):
    write = appending.write_atomically

    class Killed(BaseException):
        pass

    def stopped(path, content):
        if path.name == "recurrence_rates.csv" or content == before:
            raise Killed
        write(path, content)

    before = (folder / "populations.csv").read_bytes()
    monkeypatch.setattr(appending, "write_atomically", stopped)
    with pytest.raises(Killed):
        scripted(folder, "recurrence_rates", RATE | {"population": "GAMMA"}, populations={"population": "GAMMA"})
    assert check_evidence(folder) == []
    assert len(read_rows(folder / "recurrence_rates.csv")) == 5


def test_a_table_that_changed_meanwhile_is_not_written_over(folder, monkeypatch):
    path = folder / "recurrence_rates.csv"
    judge = appending.faults_of

    def slowly(*arguments):
        faults = judge(*arguments)
        path.write_bytes(path.read_bytes() + b"\n")
        return faults

    monkeypatch.setattr(appending, "faults_of", slowly)
    with pytest.raises(EvidenceChangedError, match="nothing was added"):
        scripted(folder, "recurrence_rates", RATE)
    assert len(read_rows(path)) == 5


def test_one_writer_at_a_time(folder):
    found = []

    def second():
        try:
            scripted(folder, "recurrence_rates", RATE)
        except RecordLockedError as error:
            found.append(str(error))

    with locked(folder / ".adding.lock", "resurge add"):
        thread = threading.Thread(target=second)
        thread.start()
        thread.join()
    assert len(found) == 1 and "nothing was changed" in found[0]


def test_keys_go_on_from_the_largest_and_end_with_the_last(folder):
    table = table_named(folder, "recurrence_rates")
    assert next_key(folder, table) == "r0006"
    path = folder / "recurrence_rates.csv"
    path.write_bytes(path.read_bytes().replace(b"r0005", b"r9999"))
    with pytest.raises(NoKeyLeftError, match="no key after r9999"):
        next_key(folder, table)
    assert next_key(folder, table_named(folder, "sources")) == ""


def test_tables_and_columns_are_found_or_named(folder):
    assert table_named(folder, "recurrence-rates.csv").name == "recurrence_rates"
    with pytest.raises(AddingError, match="is therapy_effects meant"):
        table_named(folder, "therapy_effect")
    with pytest.raises(AddingError, match="is estimate meant"):
        scripted(folder, "recurrence_rates", {"estimat": "1"})


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
