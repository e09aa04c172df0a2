"""Answers of `resurge claims` as lines of text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any

from resurge.reporting import words
from resurge.reporting.claim_words import (
    beside,
    estimand_words,
    estimates,
    judged_words,
    least_sentence,
    odds,
    proposition,
    reason_words,
    scale_sentences,
)

Answer = dict[str, Any]
WIDTH = 110


def claim_lines(answer: Answer) -> Iterator[str]:
    """Print the answer of `resurge claims`."""
    for document in answer["documents"]:
        yield f"{document['document']}: {document['title']}"
        own = [claim for claim in answer["claims"] if claim["document"] == document["document"]]
        judged = [claim for claim in own if claim["verdict"] != "not testable"]
        yield f"{words.count(len(own), 'claim')}, {len(judged)} with a verdict"
        yield ""
        for claim in judged:
            yield from verdict_lines(claim, answer["scale"])
        yield from reason_lines([claim for claim in own if claim["verdict"] == "not testable"])
    yield "claims by verdict (of these, judged by the quantity itself)"
    for verdict, number in answer["counts"].items():
        yield f"  {verdict}: {number['claims']} ({number['direct']})"
    yield ""
    yield f"estimates are posterior medians with {100 * answer['interval']:g}% intervals; the scale of verdicts:"
    for sentence in scale_sentences(answer["scale"]):
        yield f"  {sentence}"
    yield from _wrapped(least_sentence(answer["scale"]), "  ")


def verdict_lines(claim: Answer, scale: Answer) -> Iterator[str]:
    """Print a claim with its verdict."""
    yield f"{claim['claim_id']}  {judged_words(claim).upper()}, {odds(claim)}"
    yield from _wrapped(claim["claim"], "      ")
    yield from _wrapped(f"{estimand_words(claim)}; claimed: {proposition(claim, scale)}", "      ")
    yield from _wrapped(f"estimate: {estimates(claim)}", "      ")
    for line in beside(claim):
        yield from _wrapped(line, "      ")
    yield from _wrapped(f"mind: {claim['caution']}", "      ")
    yield ""


def reason_lines(claims: list[Answer]) -> Iterator[str]:
    """Print claims without a verdict, and why."""
    if not claims:
        return
    yield "not testable with this evidence"
    for claim in claims:
        yield from _wrapped(f"{claim['claim_id']}  {claim['claim']}", "  ")
        yield from _wrapped(reason_words(claim), "        ")
    yield ""


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)
