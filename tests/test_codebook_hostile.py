"""Is every kind of broken codebook answered by a sentence that names the place?"""

from __future__ import annotations

import pytest

from evidence_folder import DATA, faults_of
from resurge.evidence import load_evidence

RATES = "recurrence_rates.csv"
SERIES = "recurrence_person_time.csv"

CODEBOOKS = {
    "missing": (None, "no such file"),
    "empty": (b"", "lists no tables"),
    "not UTF-8": (b"title: caf\xe9", "not UTF-8"),
    "not YAML": (b"resources: [", "not YAML"),
    "tabs": (b"resources:\n\t- name: x", "not YAML"),
    "NUL": (b"resources: \0", "not YAML"),
    "deep": (b"[" * 5_000, "not YAML"),
    "a tag that would run code": (b"!!python/object/apply:os.system ['true']", "not YAML"),
    "a list": (b"- 1\n- 2", "lists no tables"),
    "resources of another kind": (b"resources: {a: 1}", "lists no tables"),
    "resource of another kind": (b"resources: [1, null, []]", "`name` is missing"),
    "path outside": (b"resources: [{name: a, path: ../a.csv}]", "not the name of a CSV file"),
    "absolute path": (b"resources: [{name: a, path: /etc/passwd}]", "not the name of a CSV file"),
    "no schema": (b"resources: [{name: a, path: a.csv}]", "has no columns"),
    "no table of ours": (
        b"resources: [{name: a, path: a.csv, schema: {fields: [{name: x, type: string}]}}]",
        "does not describe this table",
    ),
    "unknown type": (b"resources: [{name: a, path: a.csv, schema: {fields: [{name: x, type: text}]}}]", "type text"),
    "bad pattern": (
        b"resources: [{name: a, path: a.csv, schema: {fields: [{name: x, type: string, constraints: {pattern: (}}]}}]",
        "regular expression",
    ),
    "unquoted yes": (
        b"resources: [{name: a, path: a.csv, schema: {fields: [{name: x, type: string, constraints: {enum: [yes]}}]}}]",
        "quotation marks",
    ),
}


@pytest.mark.parametrize("case", CODEBOOKS)
def test_a_broken_codebook_is_named(folder, case):
    content, words = CODEBOOKS[case]
    path = folder / "datapackage.yaml"
    path.unlink() if content is None else path.write_bytes(content)
    lines = faults_of(folder)
    assert lines
    assert all(line.startswith("datapackage.yaml:") for line in lines)
    assert any(words in line for line in lines), lines


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("- name: bounds\n", "- name: boundaries\n", "recurrence_rates:bounds: -: the codebook does not describe"),
        ("{resource: sources,", "{resource: source,", "the key points to source.source_id"),
        ("primaryKey: source_id", "primaryKey: identity", "identity is not one column"),
        ("required: true, unique", "needed: true, unique", "constraint needed is not one of"),
        ("- name: her2\n", "- name: er\n", "described twice"),
        ("- name: populations\n", "- name: sources\n", "two resources have this name"),
        ("minimum: 1900", "minimum: MCM", "`minimum` must be a number"),
        ("required: true,", "required: sure,", "must be true or false"),
    ],
)
def test_a_slip_in_the_codebook_is_named(folder, old, new, words):
    text = (DATA / "datapackage.yaml").read_text(encoding="utf-8")
    assert old in text
    (folder / "datapackage.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
    assert any(words in line for line in faults_of(folder)), faults_of(folder)


def test_a_number_column_called_text_is_named(folder):
    lines = (DATA / "datapackage.yaml").read_text(encoding="utf-8").splitlines(keepends=True)
    start = next(i for i, line in enumerate(lines) if "- name: estimate" in line)
    place = next(i for i in range(start, start + 6) if "type: number" in lines[i])
    lines[place] = lines[place].replace("number", "string")
    (folder / "datapackage.yaml").write_text("".join(lines), encoding="utf-8")
    assert any("recurrence_rates:estimate" in line and "as a number" in line for line in faults_of(folder))


def test_a_listed_table_that_is_missing_is_named(folder):
    (folder / "other_cause_mortality.csv").unlink()
    assert faults_of(folder) == [
        "other_cause_mortality.csv:-:-: -: there is no such file in the folder of the evidence; "
        "every table of datapackage.yaml needs one"
    ]


def test_a_folder_may_do_without_the_life_table(folder):
    text = (folder / "datapackage.yaml").read_text(encoding="utf-8")
    (folder / "datapackage.yaml").write_text(text[: text.index("  - name: other_cause_mortality")], encoding="utf-8")
    (folder / "other_cause_mortality.csv").unlink()
    assert load_evidence(folder).other_cause_mortality is None
