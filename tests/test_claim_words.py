"""Are propositions, estimates and verdicts told as they are?"""

from __future__ import annotations

from resurge.findings import claims as engine
from resurge.reporting.claim_words import (
    added,
    chance,
    interval,
    judged_words,
    proposition,
    verdict_words,
)


def told(comparator, low, high, unit, estimates=1):
    said = {"comparator": comparator, "low": low, "high": high, "unit": unit}
    return proposition({"proposition": said, "estimates": [{}] * estimates}, engine.scale())


def test_propositions_are_told_with_tolerances_and_least_amounts():
    assert told("between", 0.1, 0.3, "proportion") == "between 10% and 30%"
    assert told("between", 0.13, 0.41, "proportion", 2) == "runs between 13% and 41%, each within 5 points"
    assert told("approximately", 0.7, 0.7, "proportion") == "about 70%, within 5 points"
    assert told("approximately", 4.0, 4.0, "fold") == "about 4-fold, within a factor of 1.25"
    assert told(">=", 0.8, None, "proportion") == "at least 80%"
    assert told(">=", 0.0, None, "proportion") == "more than nothing to speak of, 1%"
    assert told(">=", 0.0, None, "per year") == "more than nothing to speak of, 0.1% a year"
    assert told(">=", 0.0, None, "oriented log effect") == "above 0"
    assert told("<=", None, 0.0, "log hazard ratio") == "below 1"
    assert told("between", 3.0, 5.0, "years") == "between 3 years and 5 years"


def test_estimates_are_told_in_the_units_of_their_claims():
    each = {"median": 0.5, "lower": 0.25, "upper": 0.75}
    assert interval(each, "proportion") == "50% (25–75)"
    assert interval(each, "years") == "0.50 years (0.25–0.75)"
    assert interval(each, "log hazard ratio") == "1.65 (1.28–2.12)"
    assert interval(each | {"lower": -0.25}, "oriented log effect") == "0.50 (−0.25 to 0.75)"
    assert interval(dict.fromkeys(each), "years") == "not available"


def test_a_probability_is_never_told_as_certain():
    assert [chance(each) for each in (1.0, 0.995, 0.99, 0.5, 0.01, 0.004, None)] == [
        *("above 99%", "above 99%", "99%", "50%", "1%", "below 1%", "–"),
    ]


def test_a_leaning_says_to_which_side():
    assert verdict_words({"verdict": "leaning", "leans": "against"}) == "leaning against"
    assert verdict_words({"verdict": "not testable", "leans": None}) == "not testable with this evidence"


def test_a_verdict_of_a_proxy_is_never_told_as_that_of_the_claim():
    supported = {"verdict": "supported", "leans": None}
    assert judged_words(supported | {"test": "proxy"}) == "supported, by proxy only"
    assert judged_words(supported | {"test": "direct"}) == "supported"
    assert judged_words({"verdict": "leaning", "leans": "for", "test": "proxy"}) == "leaning for, by proxy only"


def test_it_is_told_what_the_rows_of_a_mechanism_add_to_what_is_believed_without_them():
    assert added(0.95, 0.93) == "add little"  # odds of 19 over 13.3
    assert added(0.96, 0.88) == "speak for it"  # odds of 24 over 7.3
    assert added(0.20, 0.60) == "speak against it"  # odds of 1/4 over 3/2
    assert added(0.50, 0.50) == "add little"
    assert added(1.0, 1.0) == "add little"
