"""Rules against counting women twice: one fact in two rows, windows that overlap, trials beside their overview."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from resurge.evidence.cells import Row
from resurge.evidence.faults import Fault, shown

STRATUM = ("population_notes", "er", "her2", "brca", "nodal", "menopausal")
COMPARISON = ("trial", "women", "effect_class", "treatment", "control", "endpoint", *STRATUM)
"""What two rows share that compare the same treatments in the same women for the same event."""

COMMITTED = ("effect", "increment")
"""Uses that bring in the level of an effect."""


def counting_faults(rows: list[Row], populations: list[Row] | None) -> Iterator[Fault]:
    """Judge whether the women of therapy_effects are counted once.

    Parameters
    ----------
    rows : list of Row
        Rows of therapy_effects.
    populations : list of Row or None
        Rows of populations; None where the table could not be read.
    """
    yield from _same_fact(rows)
    yield from _overlapping_windows(rows)
    yield from _shapes(rows)
    yield from _inside(rows)
    yield from _beside_its_overview(rows)
    if populations is not None:
        yield from _part_of_overview(rows, populations)


def _same_fact(rows: list[Row]) -> Iterator[Fault]:
    first: dict[tuple[object, ...], Row] = {}
    for row in rows:
        if row.texts["use"] != "yes" or "window_start" not in row.numbers:
            continue
        window = (row.numbers["window_start"], row.numbers.get("window_end"))
        fact = (*(row.texts[column] for column in COMPARISON), *window)
        if fact in first:
            message = (
                f"{first[fact].label} has the same women, comparison, endpoint and window; give one of them use = no"
            )
            yield row.fault("use", message)
        first.setdefault(fact, row)


def _overlapping_windows(rows: list[Row]) -> Iterator[Fault]:
    """Ask that what brings in the level of one comparison shares no years: windows apart, or one chain."""
    groups: dict[tuple[str, ...], dict[str, list[Row]]] = defaultdict(dict)
    for row in rows:
        if row.texts["used_as"] in COMMITTED and "window_start" in row.numbers:
            unit = row.texts["update_chain"] if row.texts["used_as"] == "increment" else row.label
            groups[tuple(row.texts[column] for column in COMPARISON)].setdefault(unit, []).append(row)
    for units in groups.values():
        longest, *others = sorted(units.values(), key=_span)
        for unit in others:
            if _span(unit)[0] < _span(longest)[1] and not _same_window(longest[-1], unit[-1]):
                message = (
                    f"{longest[-1].label} counts the same women and endpoint in years that overlap; join reports by "
                    "one update_chain, or give one of the two use = no"
                )
                yield unit[-1].fault("window_start", message)
            longest = max(longest, unit, key=lambda each: _span(each)[1])


def _span(unit: list[Row]) -> tuple[float, float]:
    return (
        min(row.numbers["window_start"] for row in unit),
        max(row.numbers.get("window_end", math.inf) for row in unit),
    )


def _same_window(one: Row, other: Row) -> bool:
    return all(one.numbers.get(column) == other.numbers.get(column) for column in ("window_start", "window_end"))


def _shapes(rows: list[Row]) -> Iterator[Fault]:
    """Ask that a change over time is told once: by one chain, or by two or more periods that do not overlap."""
    shapes: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows:
        if row.texts["used_as"] == "shape" and "window_start" in row.numbers:
            key = ("trial", "women", "effect_class", "endpoint", *STRATUM[1:])
            shapes[tuple(row.texts[column] for column in key)].append(row)
    for shape in shapes.values():
        chain = shape[0].texts["update_chain"]
        if len(shape) == 1:
            reason = "one row alone has no change over time; blank this, or add the other periods"
            yield shape[0].fault("used_as", reason)
        for row in shape[1:]:
            if row.texts["update_chain"] != chain:
                message = f"{shape[0].label} tells the change over time of the same women and endpoint already"
                yield row.fault("used_as", f"{message}; one chain or one set of periods is read, so blank this")
        if not chain:
            yield from _periods([row for row in shape if not row.texts["update_chain"]])


def _periods(shape: list[Row]) -> Iterator[Fault]:
    shape.sort(key=lambda row: row.numbers["window_start"])
    for before, row in pairwise(shape):
        if row.numbers["window_start"] < before.numbers.get("window_end", math.inf):
            yield row.fault("window_start", f"the period starts before that of {before.label} ends; both are shape")


def _inside(rows: list[Row]) -> Iterator[Fault]:
    trials = {row.texts["trial"] for row in rows}
    counted = {(row.texts["trial"], row.texts["effect_class"]) for row in rows if row.texts["used_as"] == "effect"}
    for row in rows:
        overview = row.texts["inside"]
        if not overview:
            continue
        if overview == row.texts["trial"]:
            yield row.fault("inside", "a trial is not inside itself; leave the cell blank")
        elif overview not in trials:
            yield row.fault("inside", "there is no trial of this name in the table; write the name of an overview")
        elif row.texts["used_as"] in COMMITTED:
            message = (
                f"{shown(overview)} counts these women; the row may enter as shape, and otherwise used_as stays blank"
            )
            yield row.fault("used_as", message)
        elif row.texts["used_as"] and (overview, row.texts["effect_class"]) not in counted:
            message = (
                f"{overview} has no row with used_as = effect in class {row.texts['effect_class']} to hold its level"
            )
            yield row.fault("inside", message)


def _beside_its_overview(rows: list[Row]) -> Iterator[Fault]:
    inside: dict[tuple[str, ...], Row] = {}
    trial = ("trial", "women", "effect_class")
    for row in rows:
        if row.texts["inside"]:
            inside.setdefault(tuple(row.texts[column] for column in trial), row)
    for row in rows:
        other = inside.get(tuple(row.texts[column] for column in trial))
        if other is not None and not row.texts["inside"] and row.texts["used_as"] in COMMITTED:
            message = (
                f"{other.label} says that {shown(other.texts['inside'])} counts the women of this trial; name it in "
                "inside and use the row as shape at most, or tell the women apart in women"
            )
            yield row.fault("used_as", message)


def _part_of_overview(rows: list[Row], populations: list[Row]) -> Iterator[Fault]:
    """Ask that no population stands beside a larger one that is stated to contain it, in one class."""
    larger = {
        row.texts["population"]: tuple(filter(None, row.texts["part_of"].split("; ")))
        for row in populations
        if row.texts["membership_basis"] == "stated"
    }
    counted: dict[tuple[str, str], Row] = {}
    for row in rows:
        if row.texts["used_as"] in COMMITTED and row.texts["setting"] != "metastatic":
            counted.setdefault((row.texts["population"], row.texts["effect_class"]), row)
    for row in rows:
        if row.texts["used_as"] not in COMMITTED or row.texts["setting"] == "metastatic":
            continue
        for population in _containing(row.texts["population"], larger):
            other = counted.get((population, row.texts["effect_class"]))
            if other is not None:
                message = (
                    f"{shown(population)} contains this population, and its {other.label} is used in the same class"
                )
                yield row.fault("population", f"{message}; name its trial in inside and blank used_as")


def _containing(population: str, larger: dict[str, tuple[str, ...]]) -> set[str]:
    found: set[str] = set()
    waiting = [population]
    while waiting:
        new = set(larger.get(waiting.pop(), ())) - found
        found |= new
        waiting += new
    return found - {population}
