"""The only door to the evidence: check the tables of a folder, and load them whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from resurge.evidence.cells import Row, check_cells, header_faults, key_faults
from resurge.evidence.chain_rules import chain_faults
from resurge.evidence.claim_rules import claim_faults
from resurge.evidence.codebook import CODEBOOK, Table, read_codebook
from resurge.evidence.counting_rules import counting_faults
from resurge.evidence.csv_files import read_csv, read_rows
from resurge.evidence.effect_rules import printed_faults
from resurge.evidence.effect_use_rules import use_faults
from resurge.evidence.faults import NOTHING, EvidenceError, Fault, shown
from resurge.evidence.network_rules import network_faults
from resurge.evidence.pointer_rules import keys_of, pointer_faults
from resurge.evidence.rate_rules import rate_faults
from resurge.evidence.resistance_rules import mechanism_faults, replication_faults, resistance_faults
from resurge.evidence.rules import (
    NUMBERS,
    TEXTS,
    case_mix_faults,
    mortality_faults,
    person_time_faults,
    population_faults,
    source_faults,
)
from resurge.evidence.site_rules import site_faults
from resurge.evidence.timing_rules import timing_faults

if TYPE_CHECKING:
    import pandas as pd

OPTIONAL = (
    "claims",
    *("case_mix", "other_cause_mortality", "therapy_effects", "therapy_networks", "mechanisms", "resistance_effects"),
    *("replication_pairs", "metastasis_sites", "recurrence_timing"),
)
"""The tables that a folder may do without; its codebook then does not describe them."""

__all__ = ["Evidence", "EvidenceError", "Fault", "check_evidence", "load_evidence", "read_rows"]


@dataclass(frozen=True)
class Evidence:
    """The evidence tables of one folder, checked.

    Text columns hold ``str`` with ``""`` for a blank; number columns hold float64 with NaN for a blank. Rows with
    ``use == "no"`` are there, with their reason. The tables of `OPTIONAL` are None where a folder has none.
    """

    folder: Path
    sources: pd.DataFrame
    populations: pd.DataFrame
    recurrence_rates: pd.DataFrame
    recurrence_person_time: pd.DataFrame
    case_mix: pd.DataFrame | None = None
    other_cause_mortality: pd.DataFrame | None = None
    therapy_effects: pd.DataFrame | None = None
    therapy_networks: pd.DataFrame | None = None
    mechanisms: pd.DataFrame | None = None
    resistance_effects: pd.DataFrame | None = None
    replication_pairs: pd.DataFrame | None = None
    claims: pd.DataFrame | None = None
    metastasis_sites: pd.DataFrame | None = None
    recurrence_timing: pd.DataFrame | None = None

    def __repr__(self) -> str:
        """Say what the tables hold, a line each."""
        rates, series = self.recurrence_rates, self.recurrence_person_time
        used, fitted = rates[rates["use"] == "yes"], series[series["use"] == "yes"]
        verified = int((self.sources["bibliography"] == "verified").sum())
        return "\n".join(
            [
                f"Evidence in {self.folder}",
                f"  {len(self.sources):,} sources, {verified:,} verified; {len(self.populations):,} populations",
                f"  {len(rates):,} published risks, rates and ratios; {len(used):,} in use, "
                f"from {used['population'].nunique():,} populations",
                f"  {len(series):,} rows of person-time; {len(fitted):,} in use, from "
                f"{fitted['population'].nunique():,} series: {fitted['events'].sum():,.0f} events in "
                f"{fitted['person_years'].sum():,.0f} person-years",
                *self._therapy_lines(),
                *self._resistance_lines(),
                *self._claim_lines(),
                *self._site_lines(),
            ]
        )

    def _therapy_lines(self) -> Iterator[str]:
        if self.therapy_effects is not None:
            effects = self.therapy_effects
            used = effects[effects["used_as"] != ""]
            yield (
                f"  {len(effects):,} effects of treatments; {len(used):,} read by models, of "
                f"{used['trial'].nunique():,} trials in {used['effect_class'].nunique():,} classes"
            )
        if self.therapy_networks is not None:
            networks = self.therapy_networks
            names = networks["network"].nunique()
            yield f"  {len(networks):,} comparisons in {names:,} network{'' if names == 1 else 's'}"

    def _resistance_lines(self) -> Iterator[str]:
        if self.resistance_effects is not None and self.mechanisms is not None:
            used = self.resistance_effects[self.resistance_effects["use"] == "yes"]
            yield (
                f"  {len(self.resistance_effects):,} effects of mechanisms of resistance; {len(used):,} in use, on "
                f"{used['mechanism_id'].nunique():,} of {len(self.mechanisms):,} entries of the catalogue"
            )
        if self.replication_pairs is not None:
            yield f"  {len(self.replication_pairs):,} preclinical effects with their replication"

    def _claim_lines(self) -> Iterator[str]:
        if self.claims is not None:
            testable = int((self.claims["testable"] == "yes").sum())
            yield f"  {len(self.claims):,} statements of documents; {testable:,} that the evidence bears on"

    def _site_lines(self) -> Iterator[str]:
        if self.metastasis_sites is not None:
            sites = self.metastasis_sites
            used = sites[sites["use"] == "yes"]
            yield (
                f"  {len(sites):,} shares of patients with metastases at a site; {len(used):,} in use, from "
                f"{used['source_id'].nunique():,} sources"
            )
        if self.recurrence_timing is not None:
            yield f"  {len(self.recurrence_timing):,} published facts about time"


def check_evidence(folder: Path | str) -> list[Fault]:
    """List all faults of the evidence in a folder.

    Parameters
    ----------
    folder : pathlib.Path or str
        Folder with ``datapackage.yaml`` and the tables it describes.

    Returns
    -------
    list of Fault
        Every fault, in the order of the codebook; empty if the evidence is sound. A faulty codebook hides the faults of
        the tables, and a table with missing columns those of its row rules.
    """
    return _check(Path(folder))[2]


def load_evidence(folder: Path | str) -> Evidence:
    """Load the evidence of a folder.

    Parameters
    ----------
    folder : pathlib.Path or str
        Folder with ``datapackage.yaml`` and the tables it describes.

    Returns
    -------
    Evidence
        All tables, with columns in the order of the codebook.

    Raises
    ------
    EvidenceError
        With all faults, if there is any; nothing is half-loaded.
    """
    folder = Path(folder)
    tables, rows, faults = _check(folder)
    if faults:
        raise EvidenceError(faults)
    needed = {name: _frame(rows[name], tables[name]) for name in TEXTS if name not in OPTIONAL}
    extra = {name: _frame(rows[name], tables[name]) for name in OPTIONAL if name in rows}
    return Evidence(folder, **needed, **extra)


def _check(folder: Path) -> tuple[dict[str, Table], dict[str, list[Row]], list[Fault]]:
    """Read and judge every table: the codebook, the rows of readable tables, the faults of all."""
    tables, faults = read_codebook(folder)
    faults = faults or list(_undescribed(tables))
    if faults:
        return tables, {}, faults
    rows: dict[str, list[Row]] = {}
    whole: set[str] = set()
    for name, table in tables.items():
        file = read_csv(folder / table.file)
        faults += file.faults
        if not file.columns:
            continue
        faults += header_faults(file, table)
        rows[name], found = check_cells(file, table)
        faults += found
        if set(table.columns) <= set(file.columns):
            whole.add(name)
    readable = {name: rows[name] for name in rows if name in whole}
    faults += key_faults(readable, tables)
    faults += _rule_faults(readable)
    return tables, rows, _in_order(faults, tables, rows)


def _undescribed(tables: dict[str, Table]) -> Iterator[Fault]:
    """Say which columns the rules read and the codebook does not describe as text or number."""
    for name in TEXTS:
        if name not in tables:
            if name not in OPTIONAL:
                yield Fault(CODEBOOK, name, NOTHING, NOTHING, "the codebook does not describe this table")
            continue
        types = {field.name: field.type for field in tables[name].fields}
        for column in TEXTS[name]:
            if column not in types:
                yield Fault(CODEBOOK, name, column, NOTHING, "the codebook does not describe this column")
        for column in NUMBERS[name]:
            if types.get(column) not in ("number", "integer"):
                yield Fault(CODEBOOK, name, column, NOTHING, "the codebook must describe this column as a number")


def _rule_faults(rows: dict[str, list[Row]]) -> Iterator[Fault]:
    sources = {row.texts["source_id"] for row in rows["sources"]} if "sources" in rows else None
    populations = {row.texts["population"] for row in rows["populations"]} if "populations" in rows else None
    if "sources" in rows:
        yield from source_faults(rows["sources"], populations)
    if "populations" in rows:
        yield from population_faults(rows["populations"])
    if "recurrence_rates" in rows:
        yield from rate_faults(rows["recurrence_rates"], keys_of(rows), sources)
    if "case_mix" in rows:
        yield from case_mix_faults(rows["case_mix"])
    if "other_cause_mortality" in rows:
        yield from mortality_faults(rows["other_cause_mortality"])
    if "recurrence_person_time" in rows:
        yield from person_time_faults(rows["recurrence_person_time"])
    yield from _therapy_faults(rows, sources)
    yield from _resistance_faults(rows, sources)
    yield from _claim_faults(rows)
    yield from _site_faults(rows, sources)


def _therapy_faults(rows: dict[str, list[Row]], sources: set[str] | None) -> Iterator[Fault]:
    effects = {row.texts["row_id"]: row for row in rows["therapy_effects"]} if "therapy_effects" in rows else None
    if effects is not None:
        keys = keys_of(rows)
        for row in rows["therapy_effects"]:
            yield from printed_faults(row)
            yield from use_faults(row, effects)
            yield from pointer_faults(row, keys, sources)
        yield from chain_faults(rows["therapy_effects"])
        yield from counting_faults(rows["therapy_effects"], rows.get("populations"))
    if "therapy_networks" in rows:
        yield from network_faults(rows["therapy_networks"], effects)


def _resistance_faults(rows: dict[str, list[Row]], sources: set[str] | None) -> Iterator[Fault]:
    for row in rows.get("mechanisms", ()):
        yield from mechanism_faults(row, sources)
    own = rows.get("resistance_effects", ())
    effects, keys = {row.texts["row_id"]: row for row in own}, keys_of(rows)
    for row in own:
        yield from resistance_faults(row, effects, keys, sources)
    yield from replication_faults(rows.get("replication_pairs", []))


def _site_faults(rows: dict[str, list[Row]], sources: set[str] | None) -> Iterator[Fault]:
    keys = keys_of(rows)
    yield from site_faults(rows.get("metastasis_sites", []))
    yield from timing_faults(rows.get("recurrence_timing", []))
    for row in (*rows.get("metastasis_sites", ()), *rows.get("recurrence_timing", ())):
        yield from pointer_faults(row, keys, sources)


def _claim_faults(rows: dict[str, list[Row]]) -> Iterator[Fault]:
    known = {row.texts["mechanism_id"] for row in rows["mechanisms"]} if "mechanisms" in rows else None
    keys = keys_of(rows)
    for row in rows.get("claims", ()):
        yield from claim_faults(row, known, keys)


def _in_order(faults: list[Fault], tables: dict[str, Table], rows: dict[str, list[Row]]) -> list[Fault]:
    """Put faults in the order of the codebook and then of the rows; what concerns a whole file comes first."""
    place = {shown(table.file): number for number, table in enumerate(tables.values())}
    row_place = {(row.table, row.label): number for own in rows.values() for number, row in enumerate(own)}
    return sorted(faults, key=lambda fault: (place.get(fault.table, -1), row_place.get((fault.table, fault.row), -1)))


def _frame(rows: list[Row], table: Table) -> pd.DataFrame:
    import pandas as pd  # `check` answers without it

    columns = {}
    for field in table.fields:
        if field.type == "string":
            columns[field.name] = pd.Series([row.texts[field.name] for row in rows], dtype=object)
        else:
            numbers = [row.numbers.get(field.name, float("nan")) for row in rows]
            columns[field.name] = pd.Series(numbers, dtype="float64")
    return pd.DataFrame(columns)
