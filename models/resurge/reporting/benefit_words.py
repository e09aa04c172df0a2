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


def in_a_hundred(without: float, spared: float) -> str:
    """Tell a risk and the part of it that going on takes away as women out of a hundred.

    Examples
    --------
    >>> in_a_hundred(0.326, 0.051)
    'of 100 such women about 33 have a recurrence if they stop; about 5 of them are spared it by going on'
    >>> in_a_hundred(0.2, 0.001)
    'of 100 such women about 20 have a recurrence if they stop; fewer than 1 of them is spared it by going on'
    """
    women = round(100 * spared)
    told = f"about {women} of them {'is' if women == 1 else 'are'}" if women >= 1 else "fewer than 1 of them is"
    stopped = f"of 100 such women about {round(100 * without)} have a recurrence if they stop"
    return f"{stopped}; {told} spared it by going on"


def decision(found: Mapping[str, Any], level: float) -> str:
    """Tell what going on changes by one year: women first, then risks."""
    without, treated = found["without"], found["with"]
    needed = number_needed(found["number_needed_to_treat"], level)
    women = in_a_hundred(without["median"], found["difference"]["median"])
    apart = difference(found["difference"], level)
    return (
        f"By year {found['to']:g}, {women}. The risk from year {found['from']:g} on is {risk(without, level)} if "
        f"they stop and {risk(treated, level)} if they go on for five more years, a difference of {apart}. "
        f"Number needed to treat: {needed}."
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
