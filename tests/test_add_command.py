"""Does the command ask for a row field by field, and leave all as it was until the end?"""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from added_rows import EFFECT, RATE, everything, run, texts
from resurge.evidence import check_evidence
from resurge.evidence.adding import table_named
from resurge.evidence.csv_files import read_rows
from resurge.evidence.faults import EvidenceError
from resurge.evidence.new_project import create_project


def test_the_command_adds_a_row_given_whole(monkeypatch, capsys, folder):
    words = [word for text in texts(RATE) for word in ("--set", text)]
    code, out, err = run(monkeypatch, capsys, folder.parent, "add", "recurrence_rates", *words)
    assert (code, err) == (0, "")
    assert "Added r0006 to recurrence_rates.csv" in out


def test_a_dry_run_judges_and_changes_nothing(monkeypatch, capsys, folder):
    before = everything(folder)
    words = [word for text in texts(RATE) for word in ("--set", text)]
    code, out, _ = run(monkeypatch, capsys, folder.parent, "add", "recurrence_rates", *words, "--dry-run")
    assert code == 0 and "Nothing was written" in out
    code, _, err = run(
        monkeypatch, capsys, folder.parent, "add", "recurrence_rates", *words, "--set", "er=x", "--dry-run"
    )
    assert code == EvidenceError.exit_code and "recurrence_rates.csv:r0006:er: x:" in err
    assert everything(folder) == before


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


def test_a_row_is_asked_for_field_by_field_and_a_bad_value_again(monkeypatch, capsys, folder):
    table = table_named(folder, "recurrence_rates")
    answers = [*answers_for(table, RATE, wrong={"estimate": "12%", "er": "plus"}), "y"]
    code, out, err = run(monkeypatch, capsys, folder.parent, "add", "recurrence_rates", answers=answers)
    assert (code, err) == (0, "")
    assert "write 0.12" in out and "one of positive, negative, any" in out
    row = read_rows(folder / "recurrence_rates.csv")[-1]
    assert row["row_id"] == "r0006" and row["estimate"] == "0.12" and row["bounds"] == "none"
    assert check_evidence(folder) == []


def test_a_fault_of_the_whole_row_is_told_and_its_column_asked_for_again(monkeypatch, capsys, folder):
    table = table_named(folder, "recurrence_rates")
    answers = [*answers_for(table, RATE | {"start_year": "5"}), "10", "y"]
    code, out, _ = run(monkeypatch, capsys, folder.parent, "add", "recurrence_rates", answers=answers)
    assert code == 0
    assert "Not yet sound" in out and "ends at or before its start" in out
    assert read_rows(folder / "recurrence_rates.csv")[-1]["end_year"] == "10"


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


def test_an_effect_is_computed_from_what_the_paper_prints(monkeypatch, capsys, folder):
    table = table_named(folder, "therapy_effects")
    computed = {"estimate", "lower", "upper", "level", "p_value", "log_estimate", "se_log", "se_from"}
    answers = []
    for field in table.fields:
        if field.name == "measure":
            answers += ["hunch", "interval", "", "0.80", "0.93", "0.68", "", "interval", "", "0.80", "0.68", "0.93", ""]
        elif field.name not in {*computed, "se_is_upper_bound", "exclude_reason"}:
            answers.append(EFFECT.get(field.name, ""))
    code, out, err = run(monkeypatch, capsys, folder.parent, "add", "therapy_effects", answers=[*answers, "y"])
    assert (code, err) == (0, "")
    assert "none of these" in out and "the lower limit lies above the upper one" in out
    assert "Interval check: log ratio -0.2231, standard error 0.0799" in out
    assert read_rows(folder / "therapy_effects.csv")[-1]["se_log"] == "0.079872"
    assert check_evidence(folder) == []


@pytest.mark.parametrize("answers", [[], ["r0006", "alpha2001"]])
def test_the_end_of_the_input_leaves_all_as_it_was(monkeypatch, capsys, folder, answers):
    before = everything(folder)
    code, _, err = run(monkeypatch, capsys, folder.parent, "add", "recurrence_rates", answers=answers)
    assert code == 130 and "nothing was added" in err
    assert everything(folder) == before


def test_ctrl_c_leaves_all_as_it_was(monkeypatch, capsys, folder):
    from resurge.commands import questions

    def interrupted(*_, **__):
        raise KeyboardInterrupt

    before = everything(folder)
    monkeypatch.setattr(questions.typer, "prompt", interrupted)
    code, _, err = run(monkeypatch, capsys, folder.parent, "add", "recurrence_rates", answers=[])
    assert code == 130 and "nothing was added" in err
    assert everything(folder) == before


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_process_that_is_interrupted_while_it_asks_leaves_all_as_it_was(folder):
    before = everything(folder)
    words = [sys.executable, "-c", "from resurge.cli import main; main()", "--project", str(folder.parent), "add"]
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
    assert everything(folder) == before


def test_saying_no_at_the_end_adds_nothing(monkeypatch, capsys, folder):
    before = everything(folder)
    answers = [*answers_for(table_named(folder, "recurrence_rates"), RATE), "n"]
    code, _, _ = run(monkeypatch, capsys, folder.parent, "add", "recurrence_rates", answers=answers)
    assert code == 130
    assert everything(folder) == before
