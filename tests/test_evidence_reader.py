"""Whatever a file holds, is it read as written or refused with a sentence?"""

from __future__ import annotations

import csv
import io
import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence_folder import TABLES, write_small_evidence
from resurge.evidence import EvidenceError, check_evidence, load_evidence, read_rows
from resurge.evidence.faults import shown

TEXT = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=30)


@pytest.fixture(scope="module")
def sound(tmp_path_factory) -> Path:
    return write_small_evidence(tmp_path_factory.mktemp("sound"))


@given(st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=5), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_text_comes_back_as_it_was_written(rows, line_end, marked):
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=line_end, quoting=csv.QUOTE_ALL).writerows([("left", "right"), *rows])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        path.write_bytes(text.getvalue().encode("utf-8-sig" if marked else "utf-8"))
        read = read_rows(path)
    assert read == [{"left": a, "right": b} for a, b in rows if a.strip() or b.strip()]


def test_rows_are_those_of_the_file_as_it_is_now(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("left,right\na,b\n", encoding="utf-8")
    read_rows(path)[0]["left"] = "changed by who read it"
    assert read_rows(path) == [{"left": "a", "right": "b"}]
    path.write_text("left,right\na,c\n", encoding="utf-8")
    assert read_rows(path) == [{"left": "a", "right": "c"}]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([*TABLES, "datapackage.yaml"]), st.randoms(use_true_random=False), st.integers(1, 20))
def test_random_damage_is_refused_or_harmless(sound, table, chance: random.Random, times):
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for path in sound.iterdir():
            (folder / path.name).write_bytes(path.read_bytes())
        content = bytearray((folder / table).read_bytes())
        for _ in range(times):
            spot = chance.randrange(len(content))
            harm = chance.choice(["change", "drop", "repeat", "cut"])
            if harm == "change":
                content[spot] = chance.randrange(256)
            elif harm == "drop":
                del content[spot : spot + chance.randrange(1, 8)]
            elif harm == "repeat":
                content[spot:spot] = content[spot : spot + chance.randrange(1, 60)]
            elif chance.random() < 0.1:
                del content[spot:]
            content = content or bytearray(b"x")
        (folder / table).write_bytes(bytes(content))
        faults = check_evidence(folder)
        if faults:
            assert all(str(fault).isprintable() for fault in faults)
            with pytest.raises(EvidenceError):
                load_evidence(folder)
        else:
            load_evidence(folder)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(content):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        path.write_bytes(content)
        try:
            rows = read_rows(path)
        except EvidenceError as error:
            assert error.faults
        else:
            assert all(isinstance(cell, str) for row in rows for cell in row.values())


@given(st.text(max_size=200))
def test_a_shown_value_is_short_and_visible(value):
    assert shown(value).isprintable()
    assert 0 < len(shown(value)) <= 12 * 60


def test_a_shown_value_keeps_its_ends():
    assert shown("a" * 100 + "b" * 100) == "a" * 28 + "..." + "b" * 28
    assert shown("") == "(blank)"
    assert shown(" x") == "' x'"
    assert shown("a\tb\x1b[31m") == "a\\tb\\x1b[31m"
