"""Tables of networks: answers of the findings in, a table for a page out."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from resurge.reporting import words
from resurge.reporting.network_words import as_sentence, chance, p_value, treatment_name
from resurge.reporting.tables import Table, lay_out, scrolling

Answer = dict[str, Any]


def effects_table(effects: Sequence[Answer]) -> Table:
    """List hazard ratios against the reference."""
    rows = [
        {
            "treatment": treatment_name(effect["treatment"]),
            "hr": _ratio(effect),
            "new": f"{effect['predictive_lower']:.2f}–{effect['predictive_upper']:.2f}",
            "better": chance(effect["probability_better"]),
        }
        for effect in effects
    ]
    labels = {"hr": "Hazard ratio", "new": "Interval of a new trial", "better": "Probability below 1"}
    return lay_out(pd.DataFrame(rows), labels, row="treatment")


def league_table(league: Sequence[Answer], order: Sequence[str]) -> Table:
    """Hazard ratios of every pair: the treatment of the row against that of the column.

    Parameters
    ----------
    league
        Every pair once, either way round.
    order
        Treatments, the best first.
    """
    ratios = {(entry["treatment"], entry["control"]): (entry["hr"], entry["lower"], entry["upper"]) for entry in league}
    for (treatment, control), (hr, lower, upper) in list(ratios.items()):
        ratios[control, treatment] = 1 / hr, 1 / upper, 1 / lower
    columns = {f"c{i}": treatment_name(name) for i, name in enumerate(order)}
    rows = [
        {"treatment": treatment_name(name)}
        | {f"c{i}": words.ratio_cell(*ratios[name, other]) if other != name else "–" for i, other in enumerate(order)}
        for name in order
    ]
    return scrolling(lay_out(pd.DataFrame(rows), columns, row="treatment"))


def ranks_table(ranks: Sequence[Answer]) -> Table:
    """SUCRA, mean rank and chance of being the best."""
    rows = [
        {
            "treatment": treatment_name(rank["treatment"]),
            "sucra": words.percent_cell(rank["sucra"], rank["sucra_lower"], rank["sucra_upper"]),
            "mean": f"{rank['mean_rank']:.1f} ({rank['rank_lower']}–{rank['rank_upper']})",
            "best": chance(rank["probability_best"]),
        }
        for rank in ranks
    ]
    labels = {"sucra": "SUCRA", "mean": "Mean rank", "best": "Probability of being the best"}
    return scrolling(lay_out(pd.DataFrame(rows), labels, row="treatment"))


def splits_table(splits: Sequence[Answer]) -> Table:
    """Direct and indirect evidence side by side."""
    rows = [
        {
            "comparison": f"{treatment_name(split['treatment'])} against {treatment_name(split['control'])}",
            "direct": _ratio(split["direct"]),
            "indirect": _ratio(split["indirect"]),
            "difference": _ratio(split["difference"]),
            "p": p_value(split["p_value"]),
        }
        for split in splits
    ]
    labels = {"direct": "Direct", "indirect": "Indirect", "difference": "Ratio of the two", "p": "p"}
    return scrolling(lay_out(pd.DataFrame(rows), labels, row="comparison"))


def contributions_table(contributions: Sequence[Answer]) -> Table:
    """Trials behind each comparison with the reference, the largest share first."""
    rows = [
        {
            "treatment": treatment_name(entry["treatment"]),
            "trials": ", ".join(f"{trial} {words.percent(share, 0)}" for trial, share in entry["shares"].items()),
        }
        for entry in contributions
    ]
    return lay_out(pd.DataFrame(rows), {"trials": "Share of each trial"}, row="treatment")


def trials_table(trials: Sequence[Answer]) -> Table:
    """Trials as published."""
    rows = [
        {
            "trial": trial["trial"],
            "comparison": f"{treatment_name(trial['treatment'])} against {treatment_name(trial['control'])}",
            "hr": _ratio(trial),
            "note": trial["note"],
        }
        for trial in trials
    ]
    ratio = "Published hazard ratio, interval as the model reads it"
    labels = {"comparison": "Comparison", "hr": ratio, "note": "Of note"}
    return scrolling(lay_out(pd.DataFrame(rows), labels, row="trial"))


def sensitivity_table(effects: Sequence[Answer], analyses: Sequence[Answer]) -> Table:
    """Hazard ratios against the reference under each set of assumptions."""
    names = list(dict.fromkeys(e["treatment"] for part in (effects, *(a["effects"] for a in analyses)) for e in part))
    columns = {"main": {effect["treatment"]: effect for effect in effects}}
    columns |= {f"a{i}": {e["treatment"]: e for e in a["effects"]} for i, a in enumerate(analyses)}
    rows = [
        {"treatment": treatment_name(name)}
        | {key: _ratio(found[name]) if name in found else "–" for key, found in columns.items()}
        for name in names
    ]
    labels = {"main": "As above"} | {f"a{i}": as_sentence(a["analysis"]) for i, a in enumerate(analyses)}
    return scrolling(lay_out(pd.DataFrame(rows), labels, row="treatment"))


def classes_table(classes: Sequence[Answer]) -> Table:
    """Pooled hazard ratios by class."""
    rows = [
        {
            "name": entry["name"],
            "endpoint": entry["endpoint"],
            "hr": _ratio(entry),
            "new": f"{entry['predictive_lower']:.2f}–{entry['predictive_upper']:.2f}",
            "tau": f"{entry['tau']:.2f}",
            "trials": ", ".join(entry["trials"]),
        }
        for entry in classes
    ]
    labels = {"endpoint": "Endpoint", "hr": "Hazard ratio", "new": "Interval of a new trial"}
    labels |= {"tau": "Heterogeneity", "trials": "Trials"}
    return scrolling(lay_out(pd.DataFrame(rows), labels, row="name"))


def _ratio(entry: Answer) -> str:
    return words.ratio_cell(entry["hr"], entry["lower"], entry["upper"])
