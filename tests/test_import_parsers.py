"""Is whatever a file of contrasts may hold read as a table, or refused by a sentence?"""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence_folder import DATA
from resurge.evidence.cells import Row
from resurge.evidence.codebook import read_codebook
from resurge.evidence.csv_files import Record
from resurge.evidence.effect_rules import printed_faults
from resurge.evidence.faults import EvidenceError
from resurge.evidence.import_columns import ROLES, SPELLINGS, mapping_of, measure_of, normalised
from resurge.evidence.import_files import SEPARATORS, ImportFile, read_import, separator
from resurge.evidence.import_networks import without_implied
from resurge.evidence.import_rows import contrasts_of, form_of
from resurge.evidence.importing import slug

CELL = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0"), max_size=8)
NUMBER = st.one_of(CELL, st.floats().map(str), st.floats(0.01, 10).map("{:.2f}".format))


@given(st.binary(max_size=200))
def test_any_bytes_are_a_table_or_a_sentence(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("bytes") / "any.csv"
    path.write_bytes(content)
    try:
        file = read_import(path)
    except EvidenceError as error:
        assert str(error)
    else:
        assert file.records and all(record.cells.keys() == set(file.columns) for record in file.records)


@given(st.text(max_size=60))
def test_there_is_always_a_separator(text):
    assert separator(text) in SEPARATORS


@given(st.lists(st.tuples(CELL, NUMBER, NUMBER, NUMBER), min_size=1, max_size=4))
def test_any_cells_give_rows_that_the_rules_of_the_table_let_pass_or_faults(rows):
    columns = ("study", "HR", "lower", "upper")
    records = tuple(Record(i + 2, dict(zip(columns, map(str.strip, row), strict=True))) for i, row in enumerate(rows))
    file = ImportFile("any.csv", columns, records)
    found = contrasts_of(file, mapping_of(file, ()), "HR")
    assert len(found.cells) + len({fault.row for fault in found.faults}) == len(records)
    for _, cells in found.cells:
        assert list(printed_faults(as_row(cells))) == []


@given(st.floats(-3, 3), st.floats(0.01, 1.5))
def test_any_log_ratio_comes_back_with_its_error(estimate, se):
    columns = ("study", "yi", "sei")
    file = ImportFile(
        "any.csv", columns, (Record(2, dict(zip(columns, ("A", repr(estimate), repr(se)), strict=True))),)
    )
    found = contrasts_of(file, mapping_of(file, ()), "OR")
    if found.faults:
        assert abs(estimate) + 1.96 * se > 4.5
        return
    ((_, cells),) = found.cells
    assert float(cells["log_estimate"]) == pytest.approx(estimate, abs=2e-3)
    assert float(cells["se_log"]) == pytest.approx(se, rel=2e-2)
    assert list(printed_faults(as_row(cells))) == []


def as_row(cells):
    fields = read_codebook(DATA)[0]["therapy_effects"].fields
    texts = {field.name: cells.get(field.name, "") for field in fields}
    numbers = {f.name: float(texts[f.name]) for f in fields if f.type != "string" and texts[f.name]}
    return Row("therapy_effects.csv", "e9999", texts, numbers)


@given(st.text(max_size=30))
def test_names_of_classes_and_columns_have_their_form(text):
    assert re.fullmatch("[a-z][a-z0-9_]*", slug(text))
    assert re.fullmatch("[a-z0-9]*", normalised(text))


def test_no_spelling_has_two_roles():
    assert sum(len(words.split()) for words in ROLES.values()) == len(SPELLINGS)
    assert all(normalised(spelling) == spelling for spelling in SPELLINGS)
    assert measure_of({"yi": "log[Hazard Ratio]"}, None) == "HR"
    assert measure_of({"yi": "yi"}, None) is None
    assert measure_of({"estimate": "OR"}, "RR") == "RR"


def test_forms_are_chosen_in_their_order():
    file = ImportFile("t.csv", (), ())
    assert form_of(file, {"estimate": "a", "lower": "b", "upper": "c", "yi": "d", "vi": "e"}) == "interval"
    assert form_of(file, {"yi": "d", "vi": "e", "lower": "b", "upper": "c"}) == "variance"


def test_a_trial_of_three_arms_that_is_not_complete_keeps_all_its_rows():
    mapping = {"study": "s", "treat1": "a", "treat2": "b"}
    cells = [("T", "A", "B"), ("T", "B", "C")]
    contrasts = [(Record(i, dict(zip("sab", each, strict=True))), {}) for i, each in enumerate(cells)]
    assert without_implied(contrasts, mapping) == contrasts
