"""Rules of the table of published facts about time: limits around their number, and numbers that their unit allows."""

from __future__ import annotations

from collections.abc import Iterator

from resurge.evidence.cells import Row
from resurge.evidence.faults import Fault
from resurge.evidence.rules import exclusion
from resurge.evidence.site_rules import receptors

RANGES = {
    "years": (0.0, 60.0),
    "proportion": (0.0, 1.0),
    "ratio": (0.0, 60.0),
    "per_year": (0.0, 10.0),
    "difference_in_proportion": (-1.0, 1.0),
}
"""Smallest and largest number of each unit."""


def timing_faults(rows: list[Row]) -> Iterator[Fault]:
    """Judge the table of facts about time."""
    for row in rows:
        yield from receptors(row)
        yield from _unit(row)
        yield from _limits(row)
        yield from exclusion(row)


def _unit(row: Row) -> Iterator[Fault]:
    low, high = RANGES.get(row.texts["unit"], (-1.0, 60.0))
    for column in ("estimate", "lower", "upper"):
        value = row.numbers.get(column)
        if value is not None and not low <= value <= high:
            yield row.fault(column, f"a number in {row.texts['unit']} lies between {low:g} and {high:g}")


def _limits(row: Row) -> Iterator[Fault]:
    limits = [column for column in ("lower", "upper") if row.texts[column]]
    if row.texts["bounds"] == "none" and limits:
        yield row.fault("bounds", "there are limits; say whether they are ci or range")
    if row.texts["bounds"] in ("ci", "range") and len(limits) < 2:
        yield row.fault("bounds", "limits are named and not both written; write them, or none")
    if row.texts["bounds"] and (row.texts["bounds"] == "ci") != bool(row.texts["level"]):
        yield row.fault("level", "confidence limits have a level, a range or nothing has none")
    estimate, lower, upper = (row.numbers.get(column) for column in ("estimate", "lower", "upper"))
    if None not in (estimate, lower, upper) and not lower <= estimate <= upper:
        message = f"the limits {row.texts['lower']} to {row.texts['upper']} do not hold the number"
        yield row.fault("estimate", message)
