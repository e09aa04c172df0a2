"""Rules of the table of metastatic sites: counts and shares that agree, subtypes, and how a row may be read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from resurge.evidence.cells import Row
from resurge.evidence.faults import Fault, shown
from resurge.evidence.rules import exclusion

RECEPTORS = {
    "HR+/HER2-": ("positive", "negative"),
    "HR+/HER2+": ("positive", "positive"),
    "HR-/HER2+": ("negative", "positive"),
    "TNBC": ("negative", "negative"),
    "ER+": ("positive", "any"),
    "ER-": ("negative", "any"),
    "HER2+": ("any", "positive"),
    "any": ("any", "any"),
}
"""Hormone receptor and HER2 status of each label."""
ROUNDING = 0.02
"""By which printed shares of one whole may exceed 1."""
GROUP = ("population", "setting", "subtype", "stratum")
READ_ONCE = ("share", "luminal_part", "only", "single_site", "relative")
"""Uses by which a model reads a row."""


def site_faults(rows: list[Row]) -> Iterator[Fault]:
    """Judge the table of metastatic sites."""
    for row in rows:
        yield from receptors(row)
        yield from _counts(row)
        yield from _limits(row)
        yield from exclusion(row)
        yield from _use(row)
    yield from _same_fact(rows)
    yield from _luminal_pairs(rows)
    yield from _whole(rows)
    yield from _compared(rows)


def receptors(row: Row) -> Iterator[Fault]:
    """Ask that receptors are those of the subtype."""
    for column, right in zip(("er", "her2"), RECEPTORS.get(row.texts["subtype"], ()), strict=False):
        if row.texts[column] and row.texts[column] != right:
            yield row.fault(column, f"subtype {row.texts['subtype']} is {right} here")


def _counts(row: Row) -> Iterator[Fault]:
    n, total, share = (row.numbers.get(column) for column in ("n_site", "n_total", "proportion"))
    if n is None or total is None:
        return
    if n > total:
        yield row.fault("n_site", f"there are more patients with the site than patients ({row.texts['n_total']})")
    elif share is not None:
        unit = 10.0 ** -len(row.texts["proportion"].partition(".")[2])
        if abs(n / total - share) > unit:  # a source may cut instead of round
            yield row.fault("proportion", f"{row.texts['n_site']} of {row.texts['n_total']} are {n / total:.4g}")


def _limits(row: Row) -> Iterator[Fault]:
    limits = [column for column in ("lower", "upper") if row.texts[column]]
    if len(limits) == 1:
        missing = "upper" if limits == ["lower"] else "lower"
        yield row.fault(missing, f"{limits[0]} is printed and this limit is not; an interval needs both")
    if bool(limits) != bool(row.texts["level"]):
        yield row.fault("level", "limits and their level belong together; write both or neither")
    share, lower, upper = (row.numbers.get(column) for column in ("proportion", "lower", "upper"))
    if None not in (share, lower, upper) and not lower <= share <= upper:
        yield row.fault("proportion", f"the limits {row.texts['lower']} to {row.texts['upper']} do not hold it")


def _use(row: Row) -> Iterator[Fault]:
    used, early = row.texts["used_as"], row.texts["denominator"] == "all_early_patients"
    if row.texts["use"] == "yes" and not used:
        yield row.fault("used_as", "a used row says how it is read; shown stands for beside the answers only")
    if row.texts["use"] == "no" and used:
        yield row.fault("used_as", "a row with use = no is not read; leave the cell blank")
    if row.texts["share_metastatic"] and not early:
        yield row.fault("share_metastatic", "these are patients with metastases already; leave the cell blank")
    elif row.numbers.get("share_metastatic") == 0:
        yield row.fault("share_metastatic", "some of the patients have metastases; leave the cell blank if unknown")
    if used in ("share", "luminal_part", "only", "single_site") and early and not row.texts["share_metastatic"]:
        message = "shares of all early patients are read with share_metastatic, or as relative; otherwise write shown"
        yield row.fault("used_as", message)
    if used == "relative" and not early:
        yield row.fault("used_as", "shares of patients with metastases are read as share")
    exclusive = {"share": "no", "luminal_part": "no", "relative": "no", "only": "yes", "single_site": "yes"}
    if used in exclusive and row.texts["exclusive"] and row.texts["exclusive"] != exclusive[used]:
        yield row.fault("used_as", f"this is for rows with exclusive = {exclusive[used]}")


def _same_fact(rows: list[Row]) -> Iterator[Fault]:
    first: dict[tuple[str, ...], Row] = {}
    for row in rows:
        if row.texts["used_as"] not in READ_ONCE:
            continue
        luminal = row.texts["subtype_as_published"] if row.texts["used_as"] == "luminal_part" else ""
        fact = (*(row.texts[column] for column in (*GROUP, "site", "used_as")), luminal)
        if fact in first:
            yield row.fault("used_as", f"{first[fact].label} counts the same patients and site; one of them is shown")
        first.setdefault(fact, row)


def _luminal_pairs(rows: list[Row]) -> Iterator[Fault]:
    """Ask that luminal A comes with luminal B, whose sum is ER+, and that both or neither are counted."""
    pairs: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows:
        if row.texts["used_as"] == "luminal_part":
            pairs[tuple(row.texts[column] for column in ("population", "setting", "stratum", "site"))].append(row)
    for pair in pairs.values():
        if {row.texts["subtype_as_published"] for row in pair} != {"luminal A", "luminal B"}:
            yield pair[0].fault("used_as", "luminal A and luminal B are read as their sum, and one of them is missing")
        elif len({bool(row.texts["n_total"]) for row in pair}) > 1:
            blank = next(row for row in pair if not row.texts["n_total"])
            yield blank.fault("n_total", "the other luminal part is counted; a sum needs both numbers or neither")


def _whole(rows: list[Row]) -> Iterator[Fault]:
    """Ask that the sites of single metastases do not add up to more than all."""
    groups: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows:
        if row.texts["used_as"] == "single_site":
            groups[tuple(row.texts[column] for column in GROUP)].append(row)
    for group in groups.values():
        total = sum(row.numbers.get("proportion", 0.0) for row in group)
        if total > 1 + ROUNDING:
            yield group[-1].fault(
                "proportion", f"the single sites of {shown(group[0].texts['subtype'])} sum to {total:.3g}"
            )


def _compared(rows: list[Row]) -> Iterator[Fault]:
    """Ask that sites read against each other are two at least, of patients whose number is known."""
    groups: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows:
        if row.texts["used_as"] == "relative":
            groups[tuple(row.texts[column] for column in GROUP)].append(row)
            if not row.texts["n_total"]:
                yield row.fault("n_total", "a row that is read as relative needs the number of patients")
    for group in groups.values():
        if len(group) == 1:
            yield group[0].fault("used_as", "one site alone stands against no other; write shown")
