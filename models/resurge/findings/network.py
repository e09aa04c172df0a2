"""Which treatment next in resistant metastatic disease: answers from the networks of data/therapy_networks.csv.

An answer is a plain dictionary for programs and for the pages. It takes numpy only, so that it comes in a second.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from scipy.special import ndtri

from resurge.findings.network_rows import (
    TITLES,
    Question,
    Row,
    chosen_rows,
    contrasts_of,
    fit_rows,
    full_name,
    group_of,
    network_rows,
)
from resurge.findings.network_sensitivity import VARYING_NODES, sensitivity, taken_apart, trials_with
from resurge.project import Project
from resurge.synthesis.inconsistency import NodeSplit
from resurge.synthesis.network import Comparison, NetworkFit
from resurge.synthesis.network_priors import NETWORK

Answer = dict[str, Any]
OS_NOTE = (
    "Overall survival carries the effect of later treatment too, among it the trial drug itself, given to controls "
    "after progression, so that ratios lie nearer 1 than the drugs' own effects."
)
POPULATION_NOTE = (
    "Trials differ in earlier treatment, line and markers; comparisons across trials hold only as far as these do not "
    "change the ratios."
)


def answer_network(project: Project, question: Question, *, level: float) -> Answer:
    """Compare the treatments of a network.

    Parameters
    ----------
    project : Project
        Where the evidence is.
    question : Question
        Its network may be a short name.
    level : float
        Probability of the intervals.

    Returns
    -------
    dict
        ``question``, ``title``, ``interval``, ``reference``, ``treatments``, ``trials``, ``tau``, ``effects`` (hazard
        ratios against the reference), ``league`` (all pairs), ``ranks``, ``node_splits``, ``inconsistency``,
        ``contributions``, ``deviance``, ``graph``, ``sensitivity``, ``apart`` (components that nothing joins to this
        one) and ``notes``.

    Raises
    ------
    UsageError
        If there is no such network, endpoint or component, or its rows do not make a network.
    """
    rows = network_rows(project)
    question = Question(full_name(question.network, rows), question.endpoint, question.effects, question.component)
    chosen, apart = chosen_rows(rows, question)
    inside = taken_apart(chosen)
    fitted = fit_rows(inside, question.effects, level)
    return {
        "question": vars(question).copy(),
        "title": TITLES.get(question.network, question.network.replace("_", " ")),
        "interval": level,
        "reference": fitted.reference,
        "treatments": list(fitted.treatments),
        "trials": trials_told(inside, level),
        "tau": tau_told(fitted, level),
        "effects": [ratio_told(comparison) for comparison in fitted.effects],
        "league": [ratio_told(comparison) for comparison in fitted.league],
        "ranks": ranks_told(fitted),
        "node_splits": splits_told(fitted.node_split(), level),
        "inconsistency": inconsistency_told(fitted),
        "contributions": contributions_told(fitted),
        "deviance": fitted.deviance,
        "graph": graph_told(fitted),
        "sensitivity": [
            {
                **analysis.told,
                "effects": [ratio_told(comparison) for comparison in analysis.effects],
                "node_splits": splits_told(analysis.splits, level),
            }
            for analysis in sensitivity(chosen, fitted, question.effects)
        ],
        "apart": parts_told(apart),
        "notes": notes_told(chosen, question, fitted),
    }


def trials_told(rows: Sequence[Row], level: float) -> list[Answer]:
    """List the contrasts with their hazard ratios as published."""
    reach = float(ndtri((1 + level) / 2))
    told = []
    for row, contrast in zip(rows, contrasts_of(rows), strict=True):
        log_ratio, se = contrast["log_ratio"], contrast["se"]
        told.append(
            {
                "trial": contrast["trial"],
                "treatment": row["treatment_node"],
                "control": row["control_node"],
                "hr": math.exp(log_ratio),
                "lower": math.exp(log_ratio - reach * se),
                "upper": math.exp(log_ratio + reach * se),
                "arms": int(row["arms_in_trial"]),
                "source": row["source_id"],
                "row": row["row_id"],
                "note": row["note"],
            }
        )
    return told


def tau_told(fitted: NetworkFit, level: float) -> Answer:
    """Heterogeneity, on the scale of log hazard ratios, and its prior."""
    lower, upper = fitted.tau.interval(level)
    prior = str(NETWORK.tau) if fitted.tau.step else "a common effect: 0"
    return {
        "mean": fitted.tau.mean, "median": fitted.tau.median, "lower": lower, "upper": upper, "prior": prior,
        "reason": NETWORK.tau.reason if fitted.tau.step else "asked for",
    }  # fmt: skip


def ratio_told(comparison: Comparison) -> Answer:
    """One comparison as a hazard ratio."""
    ratios = comparison.ratio()
    return {
        "treatment": comparison.treatment,
        "control": comparison.control,
        "hr": ratios.pop("median"),
        **ratios,
        "probability_better": comparison.probability_below,
    }


def ranks_told(fitted: NetworkFit) -> list[Answer]:
    """Ranks, the best mean rank first."""
    ranking = fitted.ranking
    return [
        {
            "treatment": ranking.treatments[i],
            "sucra": float(ranking.sucra[i]),
            "sucra_lower": float(ranking.sucra_lower[i]),
            "sucra_upper": float(ranking.sucra_upper[i]),
            "mean_rank": float(ranking.mean[i]),
            "rank_lower": int(ranking.lower[i]),
            "rank_upper": int(ranking.upper[i]),
            "probability_best": float(ranking.best[i]),
            "probabilities": ranking.probabilities[i].tolist(),
        }
        for i in ranking.order()
    ]


def splits_told(splits: Sequence[NodeSplit], level: float) -> list[Answer]:
    """Direct and indirect hazard ratios, and the ratio of the two."""
    told = []
    for split in splits:
        entry: Answer = {"treatment": split.treatment, "control": split.control, "trials": list(split.trials)}
        for name in ("direct", "indirect", "difference"):
            part = getattr(split, name)
            lower, upper = part.interval(level)
            entry[name] = {"hr": math.exp(part.median), "lower": math.exp(lower), "upper": math.exp(upper)}
        told.append({**entry, "p_value": split.p_value, "tau": split.tau_median})
    return told


def inconsistency_told(fitted: NetworkFit) -> Answer:
    """Inconsistency of the network as a whole, or that it cannot be checked."""
    test = fitted.design_by_treatment()
    if not test.df_between:
        return {
            "checked": False,
            "why": "no comparison is made both directly and by way of others, so that the trials cannot contradict "
            "each other; that direct and indirect evidence would agree is an assumption here",
        }
    return {
        "checked": True,
        "q_between": test.q_between,
        "df_between": test.df_between,
        "p_between": test.p_between,
        "q_between_random": test.q_between_random,
        "p_between_random": test.p_between_random,
        "q_within": test.q_within,
        "df_within": test.df_within,
        "tau_consistent": test.tau_consistent,
        "tau_within_designs": test.tau_within,
    }


def contributions_told(fitted: NetworkFit) -> list[Answer]:
    """Shares of trials in each comparison with the reference, the largest first."""
    found = fitted.contributions
    return [
        {
            "treatment": pair[0],
            "control": pair[1],
            "shares": {
                trial: float(share)
                for share, trial in sorted(zip(shares, found.trials, strict=True), key=lambda s: (-s[0], s[1]))
                if share > 0.0005
            },
        }
        for pair, shares in zip(found.pairs, found.shares, strict=True)
    ]


def graph_told(fitted: NetworkFit) -> Answer:
    """Nodes with their numbers of trials, and edges with the names of theirs."""
    return {
        "nodes": [
            {"treatment": name, "trials": sum(name in trial.arms for trial in fitted.trials)}
            for name in fitted.treatments
        ],
        "edges": [{"treatments": list(pair), "trials": names} for pair, names in fitted.edges.items()],
    }


def parts_told(rows: Sequence[Row]) -> list[Answer]:
    """Components that nothing joins to the one asked for."""
    numbers = sorted({int(row["component"]) for row in rows})
    told = []
    for number in numbers:
        own = [row for row in rows if int(row["component"]) == number]
        told.append(
            {
                "component": number,
                "treatments": sorted({row[node] for row in own for node in ("treatment_node", "control_node")}),
                "trials": sorted({row["trial"] for row in own}),
            }
        )
    return told


def notes_told(rows: Sequence[Row], question: Question, fitted: NetworkFit) -> list[str]:
    """List what a reader must know: of the endpoint, of nodes and trials, and what the table says of its rows."""
    notes = [POPULATION_NOTE] + ([OS_NOTE] if question.endpoint == "os" else [])
    apart = {row["row_id"] for row, c in zip(rows, contrasts_of(rows), strict=True) if c["trial"] != row["trial"]}
    for trial in sorted({row["trial"] for row in rows if row["row_id"] in apart}):
        groups = " and ".join(group_of(row) for row in rows if row["trial"] == trial and row["row_id"] in apart)
        notes.append(f"{trial}: patients that do not overlap ({groups}) stand as trials of their own.")
    notes += fitted.notes
    for node in VARYING_NODES:
        trials = trials_with(rows, node)
        if len(trials) > 1:
            notes.append(
                f"{VARYING_NODES[node]} was not the same treatment in {' and in '.join(trials)}; it stands as "
                "a treatment of its own in each, and one of the other analyses takes it for one."
            )
    notes += [
        f"{row['trial']}: its standard error is an upper bound, from a printed p value; it may deserve more weight."
        for row in rows
        if row["se_is_upper_bound"] == "yes"
    ]
    said = [row for row in rows if row["note"] and row["row_id"] not in apart and row["note"] not in row["trial"]]
    notes += [f"{row['trial']}: {row['note']}." for row in said]
    return notes
