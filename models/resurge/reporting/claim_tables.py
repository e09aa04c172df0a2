"""Tables of claims: answers of the findings in, a table for a page out. Text of documents is escaped in every cell."""

from collections import Counter
from collections.abc import Sequence
from html import escape
from textwrap import shorten
from typing import Any

import pandas as pd

from resurge.reporting.claim_words import (
    as_sentence,
    beside,
    estimand_words,
    estimates,
    judged_words,
    odds,
    proposition,
    reason_words,
    verdict_words,
)
from resurge.reporting.tables import Table, lay_out, scrolling, withheld

Answer = dict[str, Any]
NONE_JUDGED = "no statement of this document has a verdict"
COLUMNS = ("supported", "leaning for", "undecided", "leaning against", "against", "not testable")
SHORT_TITLE = 36
"""Characters of a title that stand for it."""
ALL_JUDGED = "every statement of this document has a verdict"


def verdicts_table(claims: Sequence[Answer], scale: Answer) -> Table:
    """List claims with what was held against them and their verdicts.

    Parameters
    ----------
    claims
        Claims with a verdict.
    scale
        Constants that verdicts rest on.
    """
    if not claims:
        return withheld(NONE_JUDGED)
    rows = [
        {
            "claim": _lines(f"<strong>{escape(claim['claim_id'])}</strong> {escape(claim['claim'])}"),
            "verdict": _lines(f"<strong>{escape(as_sentence(judged_words(claim)))}</strong>", escape(odds(claim))),
            "estimate": _lines(
                f"<strong>{escape(estimates(claim))}</strong>",
                *(f"<small>{escape(told)}</small>" for told in beside(claim)),
            ),
            "held": _lines(
                f"{escape(as_sentence(estimand_words(claim)))}. <em>Claimed:</em> {escape(proposition(claim, scale))}.",
                f"<em>Mind:</em> {escape(claim['caution'])}",
            ),
        }
        for claim in claims
    ]
    labels = {
        "claim": "The document says",
        "verdict": "Verdict",
        "estimate": "Estimate, and what stands beside",
        "held": "Held against it",
    }
    return scrolling(lay_out(pd.DataFrame(rows), labels, html=list(labels)))


def reasons_table(claims: Sequence[Answer]) -> Table:
    """List claims without a verdict, and why.

    Parameters
    ----------
    claims
        Claims that were not evaluated.
    """
    if not claims:
        return withheld(ALL_JUDGED)
    rows = [{"claim_id": claim["claim_id"], "claim": claim["claim"], "reason": reason_words(claim)} for claim in claims]
    labels = {"claim_id": "Claim", "claim": "The document says", "reason": "Why there is no verdict"}
    return scrolling(lay_out(pd.DataFrame(rows), labels))


def counts_table(answer: Answer) -> Table:
    """Count claims by document and verdict."""
    rows = []
    for document in answer["documents"]:
        own = [claim for claim in answer["claims"] if claim["document"] == document["document"]]
        rows.append({"document": named(document)} | _counted(own))
    rows.append({"document": "All documents"} | _counted(answer["claims"]))
    labels = {column: as_sentence(column) for column in COLUMNS}
    return lay_out(pd.DataFrame(rows), labels | {"all": "All"}, row="document")


def named(document: Answer) -> str:
    """Name a document by who wrote it and when, or by the beginning of its title."""
    family = document["authors"].split(" ")[0]
    if family and document["year"]:
        return f"{family} {document['year']}"
    return shorten(document["title"] or document["document"], SHORT_TITLE, placeholder=" …")


def _counted(claims: Sequence[Answer]) -> dict[str, str]:
    numbers = Counter(_column(claim) for claim in claims)
    return {column: str(numbers[column]) for column in COLUMNS} | {"all": str(len(claims))}


def _column(claim: Answer) -> str:
    return claim["verdict"] if claim["reason"] else verdict_words(claim)


def _lines(*lines: str) -> str:
    return "<br>".join(line for line in lines if line)
