"""Rules of the claims table: a claim that is tested says how, one that is not says why, and names that must exist."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from resurge.evidence.cells import Row
from resurge.evidence.faults import Fault, shown

LIMITS = {
    ">=": ("value_low",),
    "<=": ("value_high",),
    "between": ("value_low", "value_high"),
    "approximately": ("value_low", "value_high"),
}
"""Values that a comparator needs; it takes no other."""
PROPOSITION = ("estimand", "comparator", "value_unit")
WHOLE = {"percent": 100.0, "proportion": 1.0}
"""The most that a share can be, by unit."""


def claim_faults(row: Row, mechanisms: set[str] | None, keys: Mapping[str, set[str]]) -> Iterator[Fault]:
    """Judge a claim.

    Parameters
    ----------
    row : Row
        A row of claims.
    mechanisms : set of str or None
        Known mechanisms; None where their table could not be read.
    keys : mapping
        Keys of rows by their first letter, of the tables that could be read.
    """
    yield from _stated(row)
    yield from _proposition(row)
    yield from _tested(row) if row.texts["testable"] == "yes" else _untested(row)
    yield from _names(row, mechanisms, keys)


def _stated(row: Row) -> Iterator[Fault]:
    estimate, lower, upper = (row.numbers.get(f"stated_{name}") for name in ("estimate", "lower", "upper"))
    unit = row.texts["stated_unit"]
    for name in ("stated_estimate", "stated_lower", "stated_upper"):
        if unit == "direction" and row.texts[name]:
            yield row.fault(name, "a direction has no number; give the number its unit")
        if row.numbers.get(name, 0.0) > WHOLE.get(unit, float("inf")):
            yield row.fault(name, f"a share is at most {WHOLE[unit]:g} {unit}")
    if lower is not None and upper is not None and lower >= upper:
        yield row.fault("stated_upper", f"the upper end is not above the lower one ({row.texts['stated_lower']})")
    if estimate is not None and lower is not None and estimate < lower:
        yield row.fault("stated_lower", f"the lower end is above the estimate ({row.texts['stated_estimate']})")
    if estimate is not None and upper is not None and estimate > upper:
        yield row.fault("stated_upper", f"the upper end is below the estimate ({row.texts['stated_estimate']})")


def _proposition(row: Row) -> Iterator[Fault]:
    given = [name for name in PROPOSITION if row.texts[name]]
    for name in PROPOSITION if given else ():
        if not row.texts[name]:
            yield row.fault(name, f"estimand, comparator and value_unit are given together; {given[0]} is there")
    comparator = row.texts["comparator"]
    needed = LIMITS.get(comparator, ())
    for name in ("value_low", "value_high"):
        if name in needed and not row.texts[name]:
            yield row.fault(name, f"{shown(comparator)} needs this value")
        if name not in needed and row.texts[name]:
            yield row.fault(name, f"{shown(comparator)} does not take this value; leave it blank")
        if row.texts["value_unit"] == "proportion" and not 0 <= row.numbers.get(name, 0.0) <= 1:
            yield row.fault(name, "a proportion lies between 0 and 1")
    yield from _limits(row, comparator)


def _limits(row: Row, comparator: str) -> Iterator[Fault]:
    low, high = row.numbers.get("value_low"), row.numbers.get("value_high")
    if low is None or high is None:
        return
    if comparator == "between" and low >= high:
        yield row.fault("value_high", f"the range ends at or before its start ({row.texts['value_low']})")
    if comparator == "approximately" and low != high:
        yield row.fault("value_high", f"approximately one value: repeat {row.texts['value_low']}, or write between")


def _tested(row: Row) -> Iterator[Fault]:
    for name in ("test_kind", "answered_by", "caution", "comparator"):
        if not row.texts[name]:
            yield row.fault(name, "a testable claim needs this; write no_quantitative_evidence if it cannot be tested")
    if row.texts["model"] == "none":
        yield row.fault("model", "a testable claim names the model that its estimand belongs to")
    if row.texts["answered_by"].startswith(("facet_", "fold_")) and not row.texts["mechanism_id"]:
        yield row.fault("mechanism_id", f"{shown(row.texts['answered_by'])} is about a mechanism; name it")


def _untested(row: Row) -> Iterator[Fault]:
    for name in ("test_kind", "answered_by", "rows"):
        if row.texts[name]:
            yield row.fault(name, f"testable is {shown(row.texts['testable'])}; leave this blank or write yes there")


def _names(row: Row, mechanisms: set[str] | None, keys: Mapping[str, set[str]]) -> Iterator[Fault]:
    for name in filter(None, row.texts["mechanism_id"].split("; ")):
        if mechanisms is not None and name not in mechanisms:
            yield row.fault("mechanism_id", f'there is no mechanism {shown(name)}; write known ones with "; " between')
    for name in filter(None, row.texts["rows"].split("; ")):
        known = keys.get(name[0])
        if known is not None and name not in known:
            yield row.fault("rows", f'there is no row {shown(name)}; write known rows with "; " between')
