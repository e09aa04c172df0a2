"""Rules of successive reports and of trials inside overviews: information that grows, and no woman counted twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from resurge.evidence.cells import Row
from resurge.evidence.faults import Fault, shown

SAME = ("trial", "endpoint", "effect_class", "women", "er", "her2", "brca", "nodal", "menopausal", "inverted")
"""What the reports of a chain share."""


def chain_faults(rows: list[Row]) -> Iterator[Fault]:
    """Judge chains of reports: one comparison, orders of their own, and growing information where models read them."""
    chains: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        chain, order = row.texts["update_chain"], row.texts["report_order"]
        if chain and not order:
            yield row.fault("report_order", "a report of a chain needs its place, 1 for the earliest")
        if order and not chain:
            yield row.fault("update_chain", "a place in a chain needs the name of the chain")
        if chain:
            chains[chain].append(row)
    for chain in chains.values():
        yield from _one_comparison(chain)
        placed = sorted((r for r in chain if "report_order" in r.numbers), key=lambda r: r.numbers["report_order"])
        for before, row in pairwise(placed):
            if row.numbers["report_order"] == before.numbers["report_order"]:
                yield row.fault("report_order", f"{before.label} has this place in the chain; each report has its own")
        yield from _read_chain([row for row in placed if row.texts["used_as"]])


def _one_comparison(chain: list[Row]) -> Iterator[Fault]:
    head = chain[0]
    for row in chain[1:]:
        for column in SAME:
            if row.texts[column] != head.texts[column]:
                message = f"reports of one update_chain share it, and {head.label} has {shown(head.texts[column])}"
                yield row.fault(column, message)


def _read_chain(read: list[Row]) -> Iterator[Fault]:
    """Ask of the reports that a model turns into steps that each adds information and follow-up."""
    steps = [row for row in read if row.texts["used_as"] in ("increment", "shape")]
    for row in read:
        if steps and row.texts["used_as"] != steps[0].texts["used_as"]:
            message = f"reports of one chain are used alike, and {steps[0].label} is {steps[0].texts['used_as']}"
            yield row.fault("used_as", message)
    for before, row in pairwise(steps):
        yield from _step(before, row)
    for row in steps[:-1]:
        if row.texts["use"] == "yes":
            yield row.fault("use", f"{steps[-1].label} is a later report of this chain; an earlier one has use = no")
    if steps and steps[-1].texts["used_as"] == "increment" and steps[-1].texts["use"] == "no":
        yield steps[-1].fault("use", "the last report of a chain of increments has use = yes")


def _step(before: Row, row: Row) -> Iterator[Fault]:
    se_before, se = before.numbers.get("se_log"), row.numbers.get("se_log")
    if se_before is not None and se is not None and se >= se_before:
        message = (
            f"the report is no more precise than {before.label} ({before.texts['se_log']}) before it, so it adds no "
            "information; a chain that a model reads needs falling standard errors: blank used_as of one of the two"
        )
        yield row.fault("se_log", message)
    years_before, years = follow_up(before), follow_up(row)
    for each, known in ((before, years_before), (row, years)):
        if known is None:
            yield each.fault("median_follow_up_years", "a report that enters as a step needs its follow-up")
    if years_before is not None and years is not None and years <= years_before:
        column = "median_follow_up_years" if row.texts["median_follow_up_years"] else "window_end"
        message = (
            f"the follow-up is no longer than in {before.label} ({years_before:g}) before it; a step needs some of its "
            "own: blank used_as of one of the two"
        )
        yield row.fault(column, message)


def follow_up(row: Row) -> float | None:
    """Give the follow-up of a report in years: its median, or the end of its window."""
    return row.numbers.get("median_follow_up_years", row.numbers.get("window_end"))
