"""Rules of published numbers: limits around their estimate, the scale of the statistic, chains, the same fact twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import pairwise

from resurge.evidence.cells import Row
from resurge.evidence.faults import Fault, shown
from resurge.evidence.intervals import off_centre
from resurge.evidence.pointer_rules import pointer_faults
from resurge.evidence.rules import counts, exclusion, window

RATES = ("annual_rate", "events_over_person_years")
LARGEST_RATE = 2.0
"""Per year; at this rate 86% would have the event within a year."""
LARGEST_RATIO = 100.0
"""Of hazards; what is larger is a slip."""
ROUNDING_OF_RATES = 0.02
"""Relative; a rate is printed with two digits or more."""

STRATUM = ("population", "er", "her2", "pr", "nodal", "tumour_size", "grade", "stratum", "therapy")
CHAIN = ("source_id", *STRATUM, "endpoint", "statistic", "start_year")
WOMEN = ("source_id", "cohort_label", *STRATUM, "diagnosis_years", "endpoint")
FACT = (
    *("source_id", *STRATUM, "diagnosis_years", "endpoint"),
    *("start_year", "end_year", "statistic", "reference", "estimate"),
)


def rate_faults(rows: list[Row], keys: Mapping[str, set[str]], sources: set[str] | None) -> Iterator[Fault]:
    """Judge the published numbers.

    Parameters
    ----------
    rows : list of Row
        Rows of recurrence_rates.
    keys : mapping
        Keys that a reason of exclusion may name (`pointer_rules`).
    sources : set of str or None
        Known sources; None where their table could not be read.
    """
    for row in rows:
        yield from window(row)
        yield from _limits(row)
        yield from _scale(row)
        yield from counts(row)
        yield from _quotient(row)
        yield from _reference(row)
        yield from exclusion(row)
        yield from pointer_faults(row, keys, sources)
    yield from _chains(rows)
    yield from _same_fact(rows)
    yield from _overlapping_windows(rows)


def _limits(row: Row) -> Iterator[Fault]:
    bounds, level = row.texts["bounds"], row.texts["level"]
    limits = [column for column in ("lower", "upper") if row.texts[column]]
    if bounds == "none":
        for column in limits:
            yield row.fault(column, "bounds = none has no limits; write ci or range in bounds, or take the limit out")
    elif bounds in ("ci", "range") and len(limits) < 2 and row.texts["use"] == "yes":
        yield row.fault(
            "bounds", f"a used row with bounds = {bounds} needs both limits; write none where they are not printed"
        )
    if bounds == "ci" and not level:
        yield row.fault("level", "a confidence interval needs its level, 0.95 as a rule")
    if bounds in ("none", "range") and level:
        yield row.fault("level", f"a level belongs to bounds = ci only, and bounds is {bounds}")
    yield from _order(row)


def _order(row: Row) -> Iterator[Fault]:
    estimate, lower, upper = (row.numbers.get(column) for column in ("estimate", "lower", "upper"))
    ordered = True
    if lower is not None and upper is not None and lower > upper:
        ordered = False
        yield row.fault(
            "lower", f"the lower limit is above the upper one ({row.texts['upper']}); they seem to be swapped"
        )
    elif estimate is not None:
        if lower is not None and lower > estimate:
            ordered = False
            yield row.fault("lower", f"the lower limit is above the estimate ({row.texts['estimate']})")
        if upper is not None and upper < estimate:
            ordered = False
            yield row.fault("upper", f"the upper limit is below the estimate ({row.texts['estimate']})")
    known = None not in (estimate, lower, upper)
    if ordered and known and row.texts["bounds"] == "ci" and row.texts["exclude_reason"] != "misprint":
        yield from _centre(row)


def _centre(row: Row) -> Iterator[Fault]:
    lower, upper = row.texts["lower"], row.texts["upper"]
    if any(_scale_message(row.texts["statistic"], row.numbers[column]) for column in ("estimate", "lower", "upper")):
        return
    middle = off_centre(row.texts["statistic"], row.texts["estimate"], lower, upper)
    if middle:
        message = (
            f"the interval {lower} to {upper} is not around the estimate: {middle}; look for a slip, and give a row "
            "that is misprinted in its source use = no and exclude_reason = misprint"
        )
        yield row.fault("estimate", message)


def _scale(row: Row) -> Iterator[Fault]:
    for column in ("estimate", "lower", "upper"):
        value = row.numbers.get(column)
        message = None if value is None else _scale_message(row.texts["statistic"], value)
        if message is None and value == 0 and column == "estimate" and row.texts["statistic"] != "cumulative_risk":
            message = "a rate or ratio is greater than 0"
        if message is None and column == "estimate" and row.texts["use"] == "yes":
            message = _unusable_risk(row, value)
        if message:
            yield row.fault(column, message)


def _unusable_risk(row: Row, value: float | None) -> str | None:
    """Say why a risk has no logarithm of a cumulative hazard, -log(1 - risk); a chain passes over a risk of 0."""
    if row.texts["statistic"] != "cumulative_risk" or value not in (0, 1):
        return None
    if value == 1:
        return "a risk of 1 has no finite hazard and cannot be in use; give the row use = no"
    if row.texts["window_chain"]:
        return None
    return (
        "a risk of 0 has no hazard to learn from alone; join it with a longer window in one window_chain or give it "
        "use = no"
    )


def _scale_message(statistic: str, value: float) -> str | None:
    if value < 0:
        return "a risk, rate or ratio is not negative"
    if statistic == "cumulative_risk" and value > 1:
        hint = f"this looks like a percentage; write {value / 100:g}" if value <= 100 else "check the number"
        return f"a cumulative risk is a proportion between 0 and 1; {hint}"
    if statistic in RATES and value >= LARGEST_RATE:
        hint = f"this looks like percent per year; write {value / 100:g}" if value <= 100 else "check the number"
        return f"an annual rate is below {LARGEST_RATE:g} per year; {hint}"
    if statistic == "hazard_ratio_vs_reference" and value > LARGEST_RATIO:
        return f"a ratio is at most {LARGEST_RATIO:g} here; check the number"
    return None


def _quotient(row: Row) -> Iterator[Fault]:
    estimate, events, years = (row.numbers.get(column) for column in ("estimate", "events", "person_years"))
    if row.texts["statistic"] == "events_over_person_years" and estimate is not None and events and years:
        rate = events / years
        if abs(estimate - rate) > ROUNDING_OF_RATES * rate:
            yield row.fault("estimate", f"events over person-years give {rate:.3g}")


def _reference(row: Row) -> Iterator[Fault]:
    ratio = row.texts["statistic"] == "hazard_ratio_vs_reference"
    if ratio and not row.texts["reference"]:
        yield row.fault("reference", "a ratio needs the group it is against")
    if row.texts["reference"] and row.texts["statistic"] in ("cumulative_risk", *RATES):
        yield row.fault(
            "reference", "an absolute number has no reference; take it out or write hazard_ratio_vs_reference"
        )


def _chains(rows: list[Row]) -> Iterator[Fault]:
    chains: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row.texts["window_chain"]:
            chains[row.texts["window_chain"]].append(row)
    for chain in chains.values():
        head = chain[0]
        for row in chain:
            if row.texts["statistic"] in (*RATES, "hazard_ratio_vs_reference"):
                yield row.fault("window_chain", "only cumulative risks form a chain of nested windows")
            for column in CHAIN:
                if row.texts[column] != head.texts[column]:
                    message = f"rows of one window_chain share it, and {head.label} has {shown(head.texts[column])}"
                    yield row.fault(column, message)
        yield from _falling(chain)


def _falling(chain: list[Row]) -> Iterator[Fault]:
    known = [row for row in chain if {"end_year", "estimate"} <= row.numbers.keys()]
    known.sort(key=lambda row: row.numbers["end_year"])
    for before, row in pairwise(known):
        if row.numbers["end_year"] == before.numbers["end_year"]:
            yield row.fault("end_year", f"two rows of one window_chain end here; {before.label} is the other")
        elif row.numbers["estimate"] < before.numbers["estimate"]:
            message = (
                f"a cumulative risk cannot fall; it is {before.texts['estimate']} by year {before.texts['end_year']}"
            )
            yield row.fault("estimate", f"{message} ({before.label})")


def _overlapping_windows(rows: list[Row]) -> Iterator[Fault]:
    """Ask that windows of the same women which share years are nested in one chain: they are not independent."""
    absolute: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows:
        known = {"start_year", "end_year"} <= row.numbers.keys()
        if known and row.texts["use"] == "yes" and row.texts["statistic"] in ("cumulative_risk", *RATES):
            absolute[tuple(row.texts[column] for column in WOMEN)].append(row)
    for women in absolute.values():
        women.sort(key=lambda row: (row.numbers["start_year"], row.numbers["end_year"]))
        widest = women[0]
        for row in women[1:]:
            same = all(row.texts[column] == widest.texts[column] for column in FACT)
            chained = row.texts["window_chain"] and row.texts["window_chain"] == widest.texts["window_chain"]
            if row.numbers["start_year"] < widest.numbers["end_year"] and not chained and not same:
                years = f"{widest.texts['start_year']} to {widest.texts['end_year']}"
                message = (
                    f"{widest.label} counts the same women from year {years}; join nested windows by one window_chain"
                )
                yield row.fault("window_chain", f"{message} or give one row use = no")
            widest = max(widest, row, key=lambda row: row.numbers["end_year"])


def _same_fact(rows: list[Row]) -> Iterator[Fault]:
    first: dict[tuple[object, ...], Row] = {}
    for row in rows:
        if row.texts["use"] != "yes" or not {"estimate", "start_year", "end_year"} <= row.numbers.keys():
            continue
        fact = tuple(row.numbers.get(column, row.texts[column]) for column in FACT)
        if fact in first:
            yield row.fault("estimate", f"{first[fact].label} states the same fact; give one of them use = no")
        first.setdefault(fact, row)
