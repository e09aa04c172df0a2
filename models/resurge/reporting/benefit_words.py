"""Words for benefit: differences of risk in points, numbers needed to treat, women counted in hundreds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from resurge.reporting import words
from resurge.reporting.effect_words import number_needed, points

GROUP_WORDS = {
    "N0, T1": "no positive nodes and a tumour of up to 2 cm",
    "N1–3, T2": "1 to 3 positive nodes and a tumour of 2 to 5 cm",
    "N4–9, T2": "4 to 9 positive nodes and a tumour of 2 to 5 cm",
}
_ENDPOINT = {"any_recurrence": "", "distant_recurrence": "distant", "bone_recurrence": "bone", "locoregional": "local"}
LIMITS = ("median", "lower", "upper")


def risk(found: Mapping[str, float], level: float) -> str:
    """Risk with its interval.

    Examples
    --------
    >>> risk({"median": 0.326, "lower": 0.259, "upper": 0.404}, 0.95)
    '33% (95% interval 26 to 40)'
    """
    return words.percent_interval(*(found[key] for key in LIMITS), level)


def difference(found: Mapping[str, float], level: float) -> str:
    """Difference of two risks with its interval.

    Examples
    --------
    >>> difference({"median": 0.05, "lower": 0.0301, "upper": 0.0752}, 0.95)
    '5.0 points (95% interval 3.0 to 7.5)'
    """
    return f"{points(found['median'])} points ({100 * level:g}% interval {_span(found)})"


def difference_cell(found: Mapping[str, float]) -> str:
    """Difference with its interval for a table.

    Examples
    --------
    >>> difference_cell({"median": 0.009, "lower": -0.0101, "upper": 0.0301})
    '0.9 (-1.0 to 3.0)'
    """
    return f"{points(found['median'])} ({_span(found)})"


def needed_cell(found: Mapping[str, float | None]) -> str:
    """Tell a number needed to treat with its interval in a table, with no upper limit where there may be no benefit.

    Examples
    --------
    >>> needed_cell({"median": 19.9, "lower": 13.3, "upper": 32.8})
    '20 (13 to 33)'
    >>> needed_cell({"median": 90.2, "lower": 40.1, "upper": None})
    '90 (40 or more)'
    >>> needed_cell({"median": None, "lower": 40.1, "upper": None})
    'none'
    """
    if found["median"] is None:
        return "none"
    upper = "or more" if found["upper"] is None else f"to {found['upper']:,.0f}"
    return f"{found['median']:,.0f} ({found['lower']:,.0f} {upper})"


def in_a_hundred(without: float, treated: float) -> str:
    """Tell two risks as women out of a hundred, who add up.

    Examples
    --------
    >>> in_a_hundred(0.326, 0.276)
    'of 100 such women about 67 stay free of recurrence either way, 5 are spared it by going on, and 28 have it all \
the same'
    >>> in_a_hundred(0.2, 0.199)
    'of 100 such women about 80 stay free of recurrence either way, fewer than 1 is spared it by going on, and 20 \
have it all the same'
    """
    anyway, free = round(100 * treated), 100 - round(100 * without)
    spared = 100 - anyway - free
    told = f"{spared} {'is' if spared == 1 else 'are'}" if spared >= 1 else "fewer than 1 is"
    return (
        f"of 100 such women about {free} stay free of recurrence either way, {told} spared it by going on, and "
        f"{anyway} have it all the same"
    )


def decision(found: Mapping[str, Any], level: float) -> str:
    """Tell what going on changes by one year: women first, then risks."""
    without, treated = found["without"], found["with"]
    needed = number_needed(found["number_needed_to_treat"], level)
    return (
        f"By year {found['to']:g}, {in_a_hundred(without['median'], treated['median'])}. The risk from year "
        f"{found['from']:g} on is {risk(without, level)} if they stop and {risk(treated, level)} if they go on for "
        f"five more years, a difference of {difference(found['difference'], level)}. Number needed to treat: {needed}."
    )


def trial_name(row: Mapping[str, Any]) -> str:
    """Name of a comparison: trial, endpoint if not any recurrence, years.

    Examples
    --------
    >>> trial_name({"trial": "MA.17 (a, b)", "endpoint": "distant_recurrence", "years": 4.0})
    'MA.17, distant, year 4'
    """
    parts = [row["trial"].split(" (")[0], _ENDPOINT[row["endpoint"]], f"year {row['years']:g}"]
    return ", ".join(part for part in parts if part)


def _span(found: Mapping[str, float]) -> str:
    return f"{points(found['lower'])} to {points(found['upper'])}"
