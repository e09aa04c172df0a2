"""From stored fits and the evidence to what the page about resistance shows: frames of words and numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from resurge.evidence.resistance_selection import FACETS as PRINTED_FACETS
from resurge.evidence.resistance_selection import NOT_MECHANISMS
from resurge.evidence.tables import Evidence
from resurge.findings.resistance_draws import PARAMETERS, Draws
from resurge.findings.resistance_questions import SIGNS, correlations, of_facet
from resurge.findings.translation_questions import PARAMETERS as REPEATED
from resurge.findings.translation_questions import error_of, repetition
from resurge.inference.records import Record
from resurge.synthesis.resistance_design import common_rows
from resurge.synthesis.resistance_priors import FACETS
from resurge.synthesis.translation_design import stable, stable_se, standardised
from resurge.synthesis.translation_priors import KINDS

LEVEL = 0.95
TYPICAL_N = {"animal": 16, "cell": 6}
"""Animals or samples of an original, about the middle of those that were repeated."""
SIZES = np.array([0.5, 0.75, 1, 1.5, 2, 3, 4, 6, 8, 12, 20])
"""Published effects for which the curve is drawn, in standard deviations."""
_NULL = re.compile(r"null result|no benefit|no association|failed to|not met", re.IGNORECASE)


@dataclass(frozen=True)
class ResistanceAnswers:
    """Summaries of the resistance model.

    Attributes
    ----------
    effects
        One row a mechanism and facet: `mechanism`, `facet`, `median`, `lower`, `upper` (ratios), `next_lower`,
        `next_upper`, `rows`, `sources`, `claimed` (probability, NaN where the claim is open), `prior_share`, `tested`.
    rows
        Effects as published, on the scale of their facet: `row_id`, `source_id`, `mechanism_id`, `facet`, `effect`,
        `se`.
    correlations
        Correlation of each other facet with interventions in patients.
    excess
        Standard errors by which a chosen row exceeds the truth, by facet: median, lower, upper.
    """

    effects: pd.DataFrame
    rows: pd.DataFrame
    correlations: list[dict[str, Any]]
    excess: dict[str, tuple[float, float, float]]


@dataclass(frozen=True)
class ReplicationAnswers:
    """Summaries of the translation model.

    Attributes
    ----------
    pairs
        Published and repeated effects in standard deviations: `kind`, `original`, `replication`.
    curve
        What is seen again: `kind`, `original`, `median`, `lower`, `upper`, `same`, `half` (probabilities).
    slope
        Share of the true original effect that a repetition shows, by kind: median, lower, upper.
    truth_share
        True over published original effect, by kind: the winner's curse of single results alone.
    """

    pairs: pd.DataFrame
    curve: pd.DataFrame
    slope: dict[str, tuple[float, float, float]]
    truth_share: dict[str, float]


def draws_of(record: Record, names: tuple[str, ...]) -> Draws:
    """Give variables and labels of a stored posterior as plain arrays, chains joined."""
    posterior, arrays = record.posterior, {}
    for name in names:
        values = posterior[name].values
        joined = "draw" in posterior[name].dims
        arrays[name] = values.reshape(-1, *values.shape[2:]) if joined else values
    return arrays


def read_resistance(record: Record, evidence: Evidence) -> ResistanceAnswers:
    """Summarise a fit of the resistance model."""
    draws = draws_of(record, PARAMETERS)
    claims = dict(zip(evidence.mechanisms["mechanism_id"], evidence.mechanisms["expected_sign"], strict=True))
    names = [str(name) for name in draws["mechanism"]]
    tested = set(draws["row_mechanism"].astype(int))
    told = []
    for j, name in enumerate(names):
        for f in range(len(FACETS)):
            found = of_facet(draws, j, f, SIGNS.get(claims.get(name, "open")), LEVEL)
            claimed = found["probability_claimed"]
            told.append(
                {"mechanism": name, "facet": FACETS[f], "tested": j in tested, "rows": len(found["rows"])}
                | {key: found["ratio"][key] for key in ("median", "lower", "upper")}
                | {f"next_{key}": found["next_study"][key] for key in ("lower", "upper")}
                | {"sources": found["sources"], "prior_share": found["prior_share"]}
                | {"claimed": np.nan if claimed is None else claimed}
            )
    return ResistanceAnswers(
        effects=pd.DataFrame(told),
        rows=common_rows(evidence.resistance_effects),
        correlations=correlations(draws, LEVEL),
        excess={name: limits(draws["excess"][:, f]) for f, name in enumerate(FACETS)},
    )


def read_replication(record: Record) -> ReplicationAnswers:
    """Summarise a fit of the translation model."""
    draws = dict(draws_of(record, (*REPEATED, "delta", "pair_kind", "original", "replication")))
    kind = draws["pair_kind"].astype(int)
    pairs = pd.DataFrame(
        {
            "kind": [KINDS[k] for k in kind],
            "original": standardised(draws["original"]),
            "replication": standardised(draws["replication"]),
        }
    )
    curve = []
    for k, name in enumerate(KINDS):
        for size in SIZES[pairs.loc[pairs["kind"] == name, "original"].max() * 1.2 >= SIZES]:
            se = float(stable_se(size, error_of(size, TYPICAL_N[name])))
            repeated = standardised(repetition(draws, k, float(stable(size)), se)[1])
            middle, lower, upper = limits(repeated)
            chances = {"same": float((repeated > 0).mean()), "half": float((repeated > size / 2).mean())}
            curve.append({"kind": name, "original": size, "median": middle, "lower": lower, "upper": upper} | chances)
    shares = np.median(draws["delta"], axis=0) / draws["original"]
    return ReplicationAnswers(
        pairs=pairs,
        curve=pd.DataFrame(curve),
        slope={name: limits(draws["slope"][:, k]) for k, name in enumerate(KINDS)},
        truth_share={name: float(np.median(shares[kind == k])) if (kind == k).any() else np.nan
                     for k, name in enumerate(KINDS)},
    )  # fmt: skip


def limits(draws: np.ndarray) -> tuple[float, float, float]:
    """Give median and limits."""
    lower, middle, upper = np.quantile(draws, [(1 - LEVEL) / 2, 0.5, (1 + LEVEL) / 2])
    return float(middle), float(lower), float(upper)


def catalogue(evidence: Evidence) -> pd.DataFrame:
    """Give the mechanisms by class, with the rows that are used of each facet and level."""
    mechanisms = evidence.mechanisms[~evidence.mechanisms["mechanism_id"].isin(NOT_MECHANISMS)]
    counts = common_rows(evidence.resistance_effects).groupby(["mechanism_id", "facet"]).size().unstack(fill_value=0)
    counts = counts.reindex(index=mechanisms["mechanism_id"], columns=list(FACETS), fill_value=0)
    shown = mechanisms.set_index("mechanism_id").join(counts).reset_index()
    return shown.sort_values(["class", "mechanism_id"], ignore_index=True)


def trials(evidence: Evidence) -> pd.DataFrame:
    """Give interventions in patients as published: ratio with interval, and whether the interval holds no effect."""
    rows = common_rows(evidence.resistance_effects)
    rows = rows[(rows["facet"] == "intervention")].merge(
        evidence.resistance_effects[["row_id", "intervention", "outcome", "cancer"]], on="row_id"
    )
    lower, upper = np.exp(rows["effect"] - 1.96 * rows["se"]), np.exp(rows["effect"] + 1.96 * rows["se"])
    return rows.assign(ratio=np.exp(rows["effect"]), lower=lower, upper=upper, null=(lower <= 1) & (upper >= 1))


def nulls_without_numbers(evidence: Evidence) -> pd.DataFrame:
    """Give the sources that report no effect and print no number, so that no row can hold them."""
    sources, effects = evidence.sources, evidence.resistance_effects
    silent = ~sources["source_id"].isin(effects["source_id"]) & sources["notes"].map(
        lambda note: bool(_NULL.search(note))
    )
    return sources[silent]


def left_out(evidence: Evidence) -> int:
    """Count rows of tables that list significant findings only."""
    effects = evidence.resistance_effects
    listed = effects["exclude_reason"] == "other:selected_on_significance"
    return int((listed & effects["facet"].isin(PRINTED_FACETS)).sum())
