"""What the documents say held against what the evidence says: each claim of data/claims.csv evaluated, or why not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from resurge.errors import UsageError
from resurge.evidence.csv_files import read_rows
from resurge.findings import claim_mechanisms, claim_recurrence, claim_rows, claim_sites
from resurge.findings.claim_sources import Beside, Claim, Found, Sources, UnansweredError
from resurge.findings.claim_verdicts import (
    FACTOR,
    LEANING,
    LEAST,
    OWN_WEIGHT,
    SUPPORTED,
    TOLERANCES,
    VERDICTS,
    Proposition,
    verdict,
)
from resurge.findings.questions import estimate
from resurge.project import Project

ESTIMANDS: dict[str, Callable[[Sources, Claim], Found]] = claim_mechanisms.ESTIMANDS | {
    estimand.__name__: estimand
    for estimand in (
        claim_recurrence.breast_cancer_survival_at_10,
        claim_recurrence.distant_risk_by_20,
        claim_recurrence.er_negative_ratio_0_to_5,
        claim_recurrence.er_negative_share,
        claim_recurrence.hazard_15_to_20_er_positive,
        claim_recurrence.late_risk_by_stage,
        claim_recurrence.median_time_er_negative,
        claim_recurrence.share_after_10,
        claim_recurrence.share_after_5_er_positive,
        claim_rows.difference_of_rows,
        claim_rows.pooled_rows,
        claim_rows.response_rate,
        claim_sites.sites_ever_bone,
    )
}
"""Functions by the name that the table's ``answered_by`` gives them."""
STATED = ("stated_estimate", "stated_lower", "stated_upper")

Answer = dict[str, Any]


def answer_claims(project: Project, *, document: str = "", level: float) -> Answer:
    """Answer what becomes of the claims of the documents, or of one document.

    Parameters
    ----------
    project : Project
        Where evidence and posteriors are.
    document : str
        Source of a document (``dai2024``), or its name or number (``002``); all documents where blank.
    level : float
        Probability of the intervals.

    Returns
    -------
    dict
        ``interval``, ``scale`` (thresholds, tolerances, least amounts), ``documents``, ``counts`` (by verdict) and
        ``claims``; see :func:`judge`.

    Raises
    ------
    UsageError
        If the evidence has no claims, or none of such a document.
    """
    path = project.data / "claims.csv"
    if not path.is_file():
        raise UsageError("the evidence has no claims (data/claims.csv)")
    rows = read_rows(path)
    chosen = [row for row in rows if not document or is_of(row, document)]
    if not chosen:
        known = ", ".join(sorted({row["source_id"] for row in rows}))
        raise UsageError(f"no claims of a document {document!r}" + (f"; there is {known}" if known else ""))
    return answer_of(chosen, Sources.of(project), level)


def answer_of(claims: list[Claim], sources: Sources, level: float) -> Answer:
    """Judge claims and count the verdicts; the answer is that of :func:`answer_claims`."""
    judged = [judge(claim, sources, level) for claim in claims]
    return {
        "interval": level,
        "scale": scale(),
        "documents": documents_of(claims, sources),
        "counts": counts(judged),
        "claims": judged,
    }


def is_of(claim: Claim, document: str) -> bool:
    """Say whether a claim is of a document, named by its source, its own name or its number."""
    return document in (claim["source_id"], claim["source_document"], claim["source_document"].partition("_")[0])


def scale() -> Answer:
    """Give the constants that verdicts rest on."""
    return {
        "supported": SUPPORTED,
        "leaning_for": LEANING,
        "leaning_against": round(1 - LEANING, 10),
        "against": round(1 - SUPPORTED, 10),
        "own_weight": OWN_WEIGHT,
        "approximately_within": {unit: FACTOR if unit == "fold" else within for unit, within in TOLERANCES.items()},
        "more_than_nothing": LEAST,
    }


def documents_of(claims: list[Claim], sources: Sources) -> list[Answer]:
    """Name the documents of claims with what they are, in the order of the table."""
    titles = {row["source_id"]: row for row in sources.rows("sources")}
    named = Counter((claim["source_id"], claim["source_document"]) for claim in claims)
    return [
        {
            "document": source,
            "file": file,
            "title": titles.get(source, {}).get("title", ""),
            "authors": titles.get(source, {}).get("authors", ""),
            "year": titles.get(source, {}).get("year", ""),
            "claims": number,
        }
        for (source, file), number in named.items()
    ]


def counts(judged: list[Answer]) -> Answer:
    """Count claims by verdict, and how many of each were judged directly."""
    every = Counter(claim["verdict"] for claim in judged)
    direct = Counter(claim["verdict"] for claim in judged if claim["test"] == "direct")
    return {name: {"claims": every[name], "direct": direct[name]} for name in VERDICTS}


def judge(claim: Claim, sources: Sources, level: float) -> Answer:
    """Judge one claim.

    Returns
    -------
    dict
        The claim with its ``proposition``; ``estimates`` of the estimand (mean, median, lower, upper; two for a range
        over groups), the ``probability`` that the claim holds, its ``verdict``, and what stands ``beside``. A
        claim that was not evaluated has the verdict ``not testable`` and its ``reason``.
    """
    told = {
        "claim_id": claim["claim_id"],
        "document": claim["source_id"],
        "claim": claim["claim"],
        "kind": claim["kind"],
        "population": claim["population"],
        "stated": {name.removeprefix("stated_"): number(claim[name]) for name in STATED}
        | {"unit": claim["stated_unit"]},
        "evidence_level": claim["evidence_level"],
        "model": claim["model"],
        "mechanisms": list(filter(None, claim["mechanism_id"].split("; "))),
        "test": claim["test_kind"] or None,
        "estimand": claim["estimand"],
        "proposition": {
            "comparator": claim["comparator"],
            "low": number(claim["value_low"]),
            "high": number(claim["value_high"]),
            "unit": claim["value_unit"],
        },
        "caution": claim["caution"],
    }
    if claim["testable"] != "yes":
        expected = claim_mechanisms.expected_untested(sources, claim)
        reason = f"{WHY[claim['testable']]}; it would take: {claim['how_to_test']}"
        return told | unjudged(reason) | {"beside": told_beside(expected, level)}
    try:
        found = ESTIMANDS[claim["answered_by"]](sources, claim)
    except UnansweredError as error:
        return told | unjudged(str(error))
    return told | judged_by(found, proposition_of(claim), level)


WHY = {
    "no_quantitative_evidence": "the evidence has no number on it",
    "no": "a matter of other evidence than this",
}
"""Why a claim is not testable, by the table's label."""


def proposition_of(claim: Claim) -> Proposition:
    """Read what a claim says of its estimand."""
    low, high = (float(claim[name] or "nan") for name in ("value_low", "value_high"))
    return Proposition(claim["comparator"], low, high, claim["value_unit"])


def judged_by(found: Found, proposition: Proposition, level: float) -> Answer:
    """Judge a proposition by the draws of its estimand."""
    probability = float(proposition.holds(*found.values.values()).mean())
    without = beforehand(found, proposition)
    name, leans = verdict(probability, without)
    told = [{"what": what, **estimate(draws, level)} for what, draws in found.values.items()]
    return {
        "estimates": told,
        "probability": probability,
        "probability_without_rows": without,
        "value_in_interval": holds_value(told, proposition),
        "verdict": name,
        "leans": leans or None,
        "beside": told_beside(found.beside, level),
        "notes": list(found.notes),
        "from_rows": found.from_rows,
        "reason": None,
    }


def told_beside(beside: Sequence[Beside], level: float) -> list[Answer]:
    """Summarise what stands beside a verdict."""
    return [{"what": each.what, "unit": each.unit, **estimate(each.draws, level)} for each in beside]


def beforehand(found: Found, proposition: Proposition) -> float | None:
    """Give the probability that a claim would hold of something alike without any evidence of its own."""
    return None if found.without_rows is None else float(proposition.holds(found.without_rows).mean())


def holds_value(estimates: list[Answer], proposition: Proposition) -> bool | None:
    """Say whether the interval holds the one value of a claim of ``approximately``; None for other claims."""
    if proposition.comparator != "approximately":
        return None
    return all(each["lower"] <= proposition.low <= each["upper"] for each in estimates)


def unjudged(reason: str) -> Answer:
    """Say why a claim was not evaluated."""
    return {
        "estimates": [],
        "probability": None,
        "probability_without_rows": None,
        "value_in_interval": None,
        "verdict": "not testable",
        "leans": None,
        "beside": [],
        "notes": [],
        "from_rows": False,
        "reason": reason,
    }


def number(cell: str) -> float | None:
    """Read a cell that may be blank."""
    return float(cell) if cell else None
