"""A file of contrasts as rows of the evidence: effects of treatments, their patient sets, their source."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from resurge.evidence.adding import EFFECTS, table_named
from resurge.evidence.appending import codebook_of, faults_of, next_key, with_rows
from resurge.evidence.codebook import Table
from resurge.evidence.csv_files import Record, read_rows
from resurge.evidence.faults import EvidenceError, Fault, shown
from resurge.evidence.import_columns import ROLES, mapping_of, measure_of
from resurge.evidence.import_files import ImportFile, ImportFileError, read_import
from resurge.evidence.import_networks import NETWORKS, network_rows, without_implied
from resurge.evidence.import_rows import contrasts_of
from resurge.evidence.new_rows import filled, population_key

NEEDED = ("setting", "endpoint", "treatment", "control", "effect_class")
"""Columns of an effect that no file of contrasts tells."""
OF_ARMS = ("treatment_class", "control_class")
DESIGN = "meta_analysis"


@dataclass
class Import:
    """Rows that a file gives, before they are written.

    Attributes
    ----------
    file
        The foreign table.
    mapping
        Its columns by role.
    rows
        New rows by table.
    places
        Line of the file by key of the new row.
    """

    file: ImportFile
    mapping: dict[str, str]
    rows: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    places: dict[str, Record] = field(default_factory=dict)

    def shown(self) -> Iterator[str]:
        """Tell what was taken for what, and what each line gives."""
        yield f"{shown(self.file.name)}: {len(self.file.records)} rows"
        for role, column in self.mapping.items():
            yield f"  {role} <- {shown(column)}"
        unused = [column for column in self.file.columns if column not in self.mapping.values()]
        if unused:
            yield f"  not read: {', '.join(map(shown, unused))}"
        for row in self.rows.get(EFFECTS, ()):
            place = f"line {self.places[row['row_id']].line}"
            yield f"  {place} -> {row['row_id']}: {shown(row['trial'])}, {summary(row)}"
        others = {name: len(rows) for name, rows in self.rows.items() if name != EFFECTS}
        for name, count in others.items():
            yield f"  {name}.csv: {count} new row{'s' if count != 1 else ''}"


def summary(row: Mapping[str, str]) -> str:
    """Give an effect in a few words."""
    if not row.get("estimate"):
        return f"log ratio {row['log_estimate']}, standard error {row['se_log']}"
    limits = f" ({row['lower']} to {row['upper']})" if row.get("lower") else f", p {row.get('p_value', '')}"
    return f"{row['measure']} {row['estimate']}{limits}"


def import_effects(
    data: Path,
    path: Path,
    *,
    columns: Sequence[str] = (),
    measure: str | None = None,
    given: Mapping[str, str],
    source: Mapping[str, str],
    network: str | None = None,
) -> Import:
    """Read a file of contrasts as rows of `therapy_effects`, judged with all the evidence but not written.

    Parameters
    ----------
    data : pathlib.Path
        Folder of the evidence.
    path : pathlib.Path
        The file.
    columns : sequence of str
        ``role=column`` texts that overrule what the header is taken for.
    measure : {"HR", "RR", "OR"}, optional
        Which ratio it holds, where its header does not tell.
    given : mapping
        Columns of `therapy_effects` that hold for every row.
    source : mapping
        Columns of the source behind the file.
    network : str, optional
        Name of the network that contrasts of named treatments make.

    Raises
    ------
    ImportFileError
        If something must be said that the file does not tell.
    EvidenceError
        With one fault or more for each number that cannot be right.
    """
    file = read_import(path)
    table = table_named(data, EFFECTS)
    mapping = mapping_of(file, columns, table.columns)
    found = Import(file, mapping)
    _refuse_untold(found, table, given)
    known = measure_of(mapping, measure)
    if known is None:
        raise ImportFileError(
            f"{shown(file.name)}: the header does not tell which ratio this is; say --measure HR, RR or OR"
        )
    contrasts = contrasts_of(file, mapping, known)
    faults = contrasts.faults + list(_repeated(found))
    if faults:
        raise EvidenceError(sorted(faults, key=lambda fault: int(fault.row.removeprefix("line "))))
    of_file = _source(data, file, source)
    first = next_key(data, table)
    for place, (record, cells) in enumerate(without_implied(contrasts.cells, mapping)):
        row = _row(found, record, cells, table, given)
        row["source_id"] = row.get("source_id") or of_file["source_id"]
        row["row_id"] = f"{first[0]}{int(first[1:]) + place:0{len(first) - 1}d}"
        found.rows.setdefault(EFFECTS, []).append(filled(table, row))
        found.places[row["row_id"]] = record
    if "treat1" in mapping:
        _as_network(data, found, network)
    _bring_along(data, found, of_file)
    return found


def _as_network(data: Path, found: Import, network: str | None) -> None:
    if not network:
        raise ImportFileError(
            f"{shown(found.file.name)} compares named treatments; name their network by --network, lapatinib_era for "
            "instance"
        )
    effects = found.rows.get(EFFECTS, [])
    nodes = {row["row_id"]: (slug(row["treatment"]), slug(row["control"])) for row in effects}
    found.rows[NETWORKS] = network_rows(data, effects, slug(network), nodes)


def _refuse_untold(found: Import, table: Table, given: Mapping[str, str]) -> None:
    told = {*found.mapping, *(name for name, value in given.items() if value)}
    if {"treat1", "treat2"} <= told:
        told |= {"treatment", "control", "effect_class"}
    if "study" not in told:
        raise ImportFileError(
            f"{shown(found.file.name)}: no column names the study; say which by --map study=COLUMN (it has "
            f"{', '.join(map(shown, found.file.columns))})"
        )
    missing = [name for name in NEEDED if name not in told]
    early = given.get("setting", "") != "metastatic"
    if early and "setting" in told and not told & {"contrast_years", "treatment_duration_years"}:
        missing.append("treatment_duration_years")
    if not early and "line" not in told:
        missing.append("line")
    if missing:
        fields = {each.name: each for each in table.fields}
        words = "; ".join(f"{name} ({', '.join(fields[name].enum) or fields[name].title.lower()})" for name in missing)
        raise ImportFileError(
            f"{shown(found.file.name)} does not tell {words}: say it by --set NAME=VALUE or give the file such a column"
        )


def _repeated(found: Import) -> Iterator[Fault]:
    """Say which studies stand in the file twice, where women, endpoint and arms do not tell their rows apart."""
    apart = [found.mapping[role] for role in ("women", "endpoint") if role in found.mapping]
    arms = [found.mapping[role] for role in ("treat1", "treat2") if role in found.mapping]
    column, first = found.mapping["study"], {}
    for record in found.file.records:
        study = record.cells[column]
        if not study:
            yield found.file.fault(record, column, "a study needs a name")
            continue
        pair = frozenset(record.cells[name].lower() for name in arms)
        key = (study.lower(), pair, *(record.cells[name] for name in apart))
        if key in first:
            message = f"the study stands in line {first[key]} already; give one row, or a column `women` with labels"
            yield found.file.fault(record, column, message)
        first.setdefault(key, record.line)


def _row(
    found: Import, record: Record, cells: Mapping[str, str], table: Table, given: Mapping[str, str]
) -> dict[str, str]:
    """Put together what holds for every row, what a line says in words, and its effect."""
    words = {
        role: record.cells[column]
        for role, column in found.mapping.items()
        if role in table.columns and role not in ROLES and record.cells[column]
    }
    row = {**given, **words}
    row["trial"] = record.cells[found.mapping["study"]]
    for role, column in (("treat1", "treatment"), ("treat2", "control")):
        if role in found.mapping:
            row[column] = record.cells[found.mapping[role]]
    for column in OF_ARMS:
        row[column] = row.get(column) or slug(row[column.removesuffix("_class")])
    row["effect_class"] = row.get("effect_class") or row["treatment_class"]
    row["population"] = row.get("population") or population_key(row["trial"])
    row["locator"] = row.get("locator") or f"{found.file.name}, line {record.line}"
    row["read_in"] = row.get("read_in") or "data_table"
    notes = "; ".join(filter(None, (row.get("notes", ""), cells.get("notes", ""))))
    return row | dict(cells) | ({"notes": notes} if notes else {})


def slug(text: str) -> str:
    """Write a name as the table writes classes: lower case, words joined by underscores."""
    name = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
    return name if name[:1].isalpha() else f"c_{name}".rstrip("_")


def _source(data: Path, file: ImportFile, given: Mapping[str, str]) -> dict[str, str]:
    """Give the source behind a file: the one that is named, else the file itself, as a meta-analysis."""
    own = f"import_{slug(Path(file.name).stem)}"
    stated = {"source_id": own, "title": f"Contrasts of the file {file.name}", "design": DESIGN, "population": "none"}
    return filled(table_named(data, "sources"), stated | {name: value for name, value in given.items() if value})


def _bring_along(data: Path, found: Import, source: Mapping[str, str]) -> None:
    """Add the source and the patient sets that the evidence does not have yet."""
    tables = codebook_of(data)
    rows = found.rows.get(EFFECTS, [])
    for name, column in (("sources", "source_id"), ("populations", "population")):
        known = {row[column] for row in read_rows(data / tables[name].file)}
        new = [key for key in dict.fromkeys(row[column] for row in rows) if key not in known]
        if name == "sources":
            new = [key for key in new if key == source["source_id"]]
            added = [dict(source) for _ in new]
        else:
            added = [{column: key} for key in new]
        if added:
            found.rows[name] = added


def refuse_faults(data: Path, found: Import) -> None:
    """Raise what the rules of the evidence have against the new rows, by the lines of the file.

    Raises
    ------
    EvidenceError
        With every fault; where it is about a row of the file, named by its line and column there.
    """
    tables = codebook_of(data)
    changed = {}
    for name, rows in found.rows.items():
        path = data / tables[name].file
        changed[name] = with_rows(path.read_bytes(), path, rows)
    faults = faults_of(data, tables, changed)
    if faults:
        raise EvidenceError(_by_line(found, fault) for fault in faults)


def _by_line(found: Import, fault: Fault) -> Fault:
    record = found.places.get(fault.row)
    if record is None or fault.table != f"{EFFECTS}.csv":
        return fault
    column = found.mapping.get({"trial": "study"}.get(fault.column, fault.column), fault.column)
    return Fault(shown(found.file.name), f"line {record.line}", shown(column), fault.value, fault.message)
