"""Tables of metastatic sites and of facts about time: answers and evidence in, a table for a page out."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from resurge.reporting import words
from resurge.reporting.site_words import SETTING_NAMES, SITE_NAMES, TOLD_BY, USES, cohort_name
from resurge.reporting.tables import Table, lay_out, scrolling

Answer = dict[str, Any]


def shares_table(shares: Sequence[Answer], *, new: bool = False) -> Table:
    """Shares with their intervals, a row for each site and a column for each subtype.

    Parameters
    ----------
    shares
        As an answer tells them.
    new
        Whether the shares are those of a new source.
    """
    subtypes = list(dict.fromkeys(share["subtype"] for share in shares))
    columns = {f"s{i}": "All, mixed" if subtype == "any" else subtype for i, subtype in enumerate(subtypes)}
    rows: dict[str, dict[str, str]] = {}
    for share in shares:
        cell = words.percent_cell(*((share["new_source"] if new else share)[x] for x in ("median", "lower", "upper")))
        row = rows.setdefault(share["site"], {"site": SITE_NAMES[share["site"]]})
        row[f"s{subtypes.index(share['subtype'])}"] = cell
    return scrolling(lay_out(pd.DataFrame(list(rows.values())), columns, row="site"))


def told_table(shares: Sequence[Answer]) -> Table:
    """By what evidence the share of each subtype at each site is told."""
    rows = [
        {"site": SITE_NAMES[share["site"]], "subtype": share["subtype"], "by": TOLD_BY[share["told_by"]]}
        for share in shares
        if share["subtype"] != "any"
    ]
    return lay_out(pd.DataFrame(rows), {"by": "Told by"}, row="subtype", group="site")


def differences_table(pairs: Sequence[Answer]) -> Table:
    """Ratios and differences between subtypes, grouped by site."""
    rows = [
        {
            "site": SITE_NAMES[pair["site"]],
            "pair": f"{pair['subtype']} over {pair['against']}",
            "ratio": words.ratio_cell(*(pair["risk_ratio"][name] for name in ("median", "lower", "upper"))),
            "points": _points(pair["difference"]),
            "higher": words.percent(pair["probability_higher"], 0),
        }
        for pair in pairs
    ]
    labels = {"ratio": "Ratio", "points": "Difference, points", "higher": "Probability of being higher"}
    return scrolling(lay_out(pd.DataFrame(rows), labels, row="pair", group="site"))


def _points(difference: Answer) -> str:
    median, lower, upper = (_signed(round(100 * difference[name])) for name in ("median", "lower", "upper"))
    return f"{median} ({lower} to {upper})"


def _signed(number: int) -> str:
    return f"{number:+d}".replace("-", "−") if number else "0"


def points_table(points: Sequence[Answer]) -> Table:
    """List what the sources print, in the order of settings and sites."""
    rows = [
        {
            "where": f"{SETTING_NAMES[point['setting']]}: {SITE_NAMES[point['site']].lower()}",
            "cohort": cohort_name(point),
            "subtype": point["subtype"],
            "share": words.percent(point["share"]),
            "patients": "not printed" if point["patients"] is None else f"{point['patients']:,}",
            "used": USES[point["used_as"]],
            "row": f"{point['source']}, {point['row']}",
        }
        for point in points
    ]
    labels = {
        "subtype": "Subtype",
        "share": "Share",
        "patients": "Patients",
        "used": "In the model",
        "row": "Source, row",
    }
    return scrolling(lay_out(pd.DataFrame(rows), labels, row="cohort", group="where"))


def beside_table(rows: pd.DataFrame) -> Table:
    """Shares that no answer rests on: other denominators, parts of sites, histologies.

    Parameters
    ----------
    rows
        Rows of ``metastasis_sites``.
    """
    shown = pd.DataFrame(
        {
            "cohort": rows["cohort_label"],
            "setting": [SETTING_NAMES[name] for name in rows["setting"]],
            "subtype": rows["subtype_as_published"],
            "site": [name.replace("_", " ") for name in rows["site_as_published"]],
            "share": [words.percent(value) for value in rows["proportion"]],
            "of": [name.replace("_", " ") for name in rows["denominator"]],
            "row": [f"{source}, {row}" for source, row in zip(rows["source_id"], rows["row_id"], strict=True)],
        }
    )
    labels = {"setting": "Setting", "subtype": "Patients", "site": "Site", "share": "Share", "of": "Of"}
    return scrolling(lay_out(shown, labels | {"row": "Source, row"}, row="cohort"))


def timing_table(timing: pd.DataFrame) -> Table:
    """List published facts about time.

    Parameters
    ----------
    timing
        Rows of ``recurrence_timing`` in use.
    """
    shown = pd.DataFrame(
        {
            "fact": [_fact(name) for name in timing["quantity"]],
            "who": [
                f"{cohort}, {published}" if published not in ("", "any") else cohort
                for cohort, published in zip(timing["cohort_label"], timing["subtype_as_published"], strict=True)
            ],
            "value": [_value(row) for row in timing.to_dict("records")],
            "row": [f"{source}, {row}" for source, row in zip(timing["source_id"], timing["row_id"], strict=True)],
        }
    ).sort_values("fact", kind="stable")
    return scrolling(lay_out(shown, {"value": "Printed", "row": "Source, row"}, row="who", group="fact"))


def _fact(quantity: str) -> str:
    text = quantity.removesuffix("_years").replace("_", " ")
    return text[:1].upper() + text[1:]


def _value(row: Answer) -> str:
    unit = row["unit"]

    def one(value: float) -> str:
        if unit in ("proportion", "difference_in_proportion"):
            return words.percent(value)
        return f"{value:g}"

    suffix = {"years": " years", "per_year": " a year"}.get(unit, "")
    if row["bounds"] == "none":
        return f"{one(row['estimate'])}{suffix}"
    limits = "range" if row["bounds"] == "range" else f"{100 * row['level']:g}% interval"
    return f"{one(row['estimate'])}{suffix} ({limits} {one(row['lower'])} to {one(row['upper'])})"
