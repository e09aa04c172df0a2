"""Tables of benefit: risks with and without a therapy, differences by class, printed differences and predictions."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from resurge.reporting import words
from resurge.reporting.benefit_words import LIMITS, difference_cell, needed_cell, trial_name
from resurge.reporting.effect_words import class_name, points, titled
from resurge.reporting.style import name_of
from resurge.reporting.tables import Table, lay_out, scrolling

Answer = dict[str, Any]
_ARMS = {
    "years": "Years",
    "without": "Stops",
    "with": "Goes on",
    "difference": "Difference, points",
    "needed": "Needed to treat",
}


def decisions_table(decisions: Mapping[str, Sequence[Answer]]) -> Table:
    """Risks with and without a therapy by group and span of years.

    Parameters
    ----------
    decisions
        By words for the group: answers with `from`, `to`, `without`, `with`, `difference`, `number_needed_to_treat`.
    """
    rows = [
        {
            "group": group,
            "years": f"{found['from']:g}–{found['to']:g}",
            "without": _risk(found["without"]),
            "with": _risk(found["with"]),
            "difference": difference_cell(found["difference"]),
            "needed": needed_cell(found["number_needed_to_treat"]),
        }
        for group, answers in decisions.items()
        for found in answers
    ]
    return lay_out(pd.DataFrame(rows), _ARMS, row="years", group="group")


def starts_table(starts: pd.DataFrame) -> Table:
    """Differences and numbers needed to treat by one year, a row for each class and a column for each group.

    Parameters
    ----------
    starts
        Rows of one end: columns `er`, `effect_class`, `trials`, `group`, `median`, `lower`, `upper`, `needed` and
        `beyond`.
    """
    cells = [f"{_marked(row)}, NNT {needed_cell(row['needed'])}" for row in starts.to_dict("records")]
    return _by_group(starts.assign(cell=cells), [_class_told(row) for row in starts.to_dict("records")])


def ends_table(starts: pd.DataFrame) -> Table:
    """Differences by several years, a row for each class and year and a column for each group."""
    names = [f"{titled(class_name(row.effect_class))}, by year {row.end:g}" for row in starts.itertuples()]
    return _by_group(starts.assign(cell=[_marked(row) for row in starts.to_dict("records")]), names)


def _by_group(starts: pd.DataFrame, names: Sequence[str]) -> Table:
    told = starts.assign(name=names, part=[name_of(er) for er in starts["er"]])
    groups = list(dict.fromkeys(told["group"]))
    wide = told.pivot(index=["part", "name"], columns="group", values="cell")
    order = pd.MultiIndex.from_frame(told[["part", "name"]].drop_duplicates())
    shown = wide.reindex(order)[groups].fillna("–").reset_index()
    return scrolling(lay_out(shown, {group: group for group in groups}, row="name", group="part"))


def _class_told(row: Mapping[str, Any]) -> str:
    return f"{titled(class_name(row['effect_class']))} ({words.count(row['trials'], 'trial')})"


def _marked(row: Mapping[str, Any]) -> str:
    return difference_cell(row) + ("*" if row["beyond"] else "")


def checks_table(checks: pd.DataFrame) -> Table:
    """Lay out printed risks and differences beside their predictions.

    Parameters
    ----------
    checks
        Rows of `check_trials`.
    """
    rows = [
        {
            "group": titled(class_name(row["effect_class"])),
            "trial": _trial(row),
            "printed": f"{words.percent(row['without'])} to {words.percent(row['treated'])}",
            "difference": points(row["difference"]),
            "given": _predicted(row, "given"),
            "baseline": _baseline(row),
            "model": _predicted(row, "model"),
            "read": _read(row),
        }
        for row in checks.to_dict("records")
    ]
    labels = {
        "trial": "Trial",
        "printed": "Printed risk, without to with",
        "difference": "Printed difference, points",
        "given": "Predicted from the printed risk without",
        "baseline": "Risk without, both models",
        "model": "Difference, both models",
        "read": "In the evidence",
    }
    return scrolling(lay_out(pd.DataFrame(rows, columns=["group", *labels]), labels, group="group"))


def _trial(row: Mapping[str, Any]) -> str:
    name = trial_name(row)
    return f"{name} ({row['women']})" if row["women"] else name


def _predicted(row: Mapping[str, Any], which: str) -> str:
    found = {key: row[f"{which}_{key}"] for key in LIMITS}
    if pd.isna(found["median"]):
        return "–"
    return difference_cell(found) + ("" if row[f"{which}_inside"] else ", outside")


def _baseline(row: Mapping[str, Any]) -> str:
    return words.percent_cell(*(row[f"baseline_{key}"] for key in LIMITS))


def _read(row: Mapping[str, Any]) -> str:
    ratio = {"this row": "ratio", "the same women": "ratio, other rows", "nothing": ""}[row["ratio_from"]]
    return " and ".join(part for part in (ratio, "risk" if row["risk_known"] else "") if part) or "neither"


def _risk(found: Mapping[str, float]) -> str:
    return words.percent_cell(*(found[key] for key in LIMITS))
