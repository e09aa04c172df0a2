"""Rules of how an effect is read: its setting, its window, what it is used as, and what the models then need of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from resurge.evidence.cells import Row
from resurge.evidence.faults import Fault, shown
from resurge.evidence.rules import exclusion

EARLY = ("inverted", "randomised_year")
"""Columns of early disease only, needed there."""

CONTRAST = ("contrast_start_year", "contrast_years", "contrast_years_from")
"""Columns of early disease only, known together or not at all."""

WINDOW_END = {"median_follow_up": "median_follow_up_years", "landmark_year": "landmark_year", "printed": "period_end"}
"""Where window_end_from says that the end of the window was taken from, and the column it stands in."""

READ_DESPITE = ("overlaps:", "superseded:")
"""Reasons for which a row that is not used may still enter by its change over time."""


def use_faults(row: Row, effects: Mapping[str, Row]) -> Iterator[Fault]:
    """Judge how a row of therapy_effects is read.

    Parameters
    ----------
    row : Row
        A row of therapy_effects.
    effects : mapping
        All rows of the table by key.
    """
    yield from _setting(row)
    yield from _window(row)
    yield from _landmark(row)
    yield from exclusion(row)
    yield from _counted_elsewhere(row, effects)
    yield from _used_as(row)
    if row.texts["used_as"]:
        yield from _needed(row)


def is_metastatic(row: Row) -> bool:
    """Tell whether a row is about metastatic disease."""
    return row.texts["setting"] == "metastatic"


def _setting(row: Row) -> Iterator[Fault]:
    if is_metastatic(row):
        if row.texts["line"] == "early":
            yield row.fault("line", "a metastatic row has its line of therapy: 1, 2, 2+ ...")
        for column in (*EARLY, *CONTRAST):
            if row.texts[column]:
                yield row.fault(column, "this belongs to early disease; leave it blank in a metastatic row")
        return
    if row.texts["line"] not in ("early", ""):
        yield row.fault("line", f"setting is {shown(row.texts['setting'])}, and its line is early")
    for column in EARLY:
        if not row.texts[column]:
            yield row.fault(column, "a row of early disease needs this")
    if any(row.texts[column] for column in CONTRAST):
        for column in CONTRAST:
            if not row.texts[column]:
                yield row.fault(column, f"{', '.join(CONTRAST)} are known together or not at all")


def _window(row: Row) -> Iterator[Fault]:
    for prefix in ("window", "period"):
        start, end = row.numbers.get(f"{prefix}_start"), row.numbers.get(f"{prefix}_end")
        if start is not None and end is not None and start >= end:
            # A whole follow-up of unknown length ends at 0 nowhere: the end stays blank.
            hint = "they seem to be swapped" if start > end else "a window has a length"
            yield row.fault(f"{prefix}_end", f"the {prefix} ends at or before its start ({start:g}); {hint}")
    if row.texts["window_kind"] == "whole_follow_up":
        if row.numbers.get("window_start", 0) != 0:
            yield row.fault("window_start", "whole_follow_up starts at 0; a later start is a period or a landmark")
        for column in ("period_start", "period_end"):
            if row.texts[column]:
                yield row.fault(column, "whole_follow_up has no period; write period in window_kind or blank this")
    elif row.texts["window_kind"] and row.numbers.get("window_start") != row.numbers.get("period_start", 0.0):
        yield row.fault("window_start", f"the period starts at {row.numbers.get('period_start', 0.0):g}")
    yield from _window_end(row)


def _window_end(row: Row) -> Iterator[Fault]:
    origin = row.texts["window_end_from"]
    if origin == "none" and row.texts["window_end"]:
        yield row.fault("window_end_from", "the window has an end; say where it is from")
    column = WINDOW_END.get(origin)
    if column is None:
        return
    if not row.texts["window_end"]:
        yield row.fault("window_end", f"window_end_from = {origin} and no end; write none there or the end here")
    elif (
        row.numbers.get("window_end") != row.numbers.get(column, row.numbers.get("window_end")) or not row.texts[column]
    ):
        yield row.fault("window_end", f"{column} is {shown(row.texts[column])}, and the end is said to be from it")


def _landmark(row: Row) -> Iterator[Fault]:
    survival = [row.texts[f"survival_{arm}"] for arm in ("treatment", "control")]
    if row.texts["used_as"] and any(survival) and not all(survival):
        missing = "survival_control" if survival[0] else "survival_treatment"
        yield row.fault(missing, "the share of one arm is given and this one is not; a used row needs both or neither")


def _counted_elsewhere(row: Row, effects: Mapping[str, Row]) -> Iterator[Fault]:
    kind, _, target = row.texts["exclude_reason"].partition(":")
    if kind == "overlaps" and target in effects and effects[target].texts["use"] == "no" and effects[target] is not row:
        yield row.fault("exclude_reason", f"row {target} is not used either; name the row that counts these women")


def _used_as(row: Row) -> Iterator[Fault]:
    used, used_as = row.texts["use"] == "yes", row.texts["used_as"]
    if used and not used_as:
        yield row.fault("used_as", "a used row says how: effect, increment or shape")
    if used_as == "effect" and not used and row.texts["use"]:
        yield row.fault(
            "used_as", "use is no; only reports of a chain and periods may enter then, as increment or shape"
        )
    if is_metastatic(row) and used_as in ("increment", "shape"):
        yield row.fault("used_as", "metastatic rows enter as effect only")
    if used_as == "increment" and not row.texts["update_chain"]:
        yield row.fault("update_chain", "an increment is a step between reports; name the chain or write effect")
    if used_as == "shape" and not row.texts["inside"]:
        yield row.fault("inside", "a shape leaves its level to an overview; name the overview or write effect")
    if used_as in ("increment", "shape") and not used and not row.texts["exclude_reason"].startswith(READ_DESPITE):
        yield row.fault(
            "used_as", "a row that is wrong or unclear cannot enter as a step; blank this, or is it superseded?"
        )


def _needed(row: Row) -> Iterator[Fault]:
    for column in ("log_estimate", "se_log"):
        if not row.texts[column]:
            yield row.fault(column, "a row that a model reads needs this; blank used_as and write use = no otherwise")
    if row.numbers.get("se_log") == 0:
        yield row.fault("se_log", "a standard error is greater than 0")
    if is_metastatic(row):
        return
    if not row.texts["contrast_years"]:
        yield row.fault(
            "contrast_years", "the model of time needs to know for how long the arms were treated differently"
        )
    elif row.numbers.get("contrast_years") == 0:
        yield row.fault("contrast_years", "the arms differ for a time greater than 0")
    if row.texts["endpoint"] in ("pcr", "pfs"):
        yield row.fault("endpoint", f"{row.texts['endpoint']} is not an endpoint of early disease over time; use = no")
