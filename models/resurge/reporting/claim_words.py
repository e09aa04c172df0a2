"""Claims and their verdicts in words, for the page and for the terminal."""

from __future__ import annotations

import math
from typing import Any

from resurge.findings.claim_verdicts import OWN_WEIGHT
from resurge.reporting import words

Answer = dict[str, Any]
PERCENTAGES = ("proportion", "per year")
RATIOS = ("log hazard ratio", "log odds ratio")
"""Units of logarithms that are told as the ratios themselves."""
VERDICT_WORDS = {
    "supported": "supported",
    "leaning": "leaning",
    "undecided": "undecided",
    "against": "against",
    "not testable": "not testable with this evidence",
}
FROM_ROWS = "from published numbers alone, not a model's posterior"
SCALES = {"log hazard ratio": "hazard ratio", "log odds ratio": "odds ratio", "oriented log effect": "log effect"}


def verdict_words(claim: Answer) -> str:
    """Name the verdict, with its direction where it only leans."""
    if claim["verdict"] == "leaning":
        return f"leaning {claim['leans']}"
    return VERDICT_WORDS[claim["verdict"]]


def judged_words(claim: Answer) -> str:
    """Name the verdict, and say with it where only a proxy came out so.

    Examples
    --------
    >>> judged_words({"verdict": "supported", "leans": None, "test": "proxy"})
    'supported, by proxy only'
    """
    return verdict_words(claim) + (", by proxy only" if claim["test"] == "proxy" else "")


def value(number: float, unit: str) -> str:
    """Tell one value in its unit.

    Examples
    --------
    >>> value(0.3, "proportion"), value(3, "years"), value(4, "fold"), value(0, "log hazard ratio")
    ('30%', '3 years', '4-fold', '1')
    """
    if unit == "proportion":
        return words.percent(number, 0 if math.isclose(100 * number, round(100 * number), abs_tol=1e-9) else 1)
    if unit == "per year":
        return f"{words.percent(number)} a year"
    if unit == "years":
        return f"{number:g} years"
    if unit == "fold":
        return f"{number:g}-fold"
    return f"{math.exp(number):.3g}" if unit in RATIOS else f"{number:g}"


def interval(estimate: Answer, unit: str) -> str:
    """Tell an estimate with its interval, rounded as everywhere."""
    if estimate["median"] is None:
        return words.MISSING
    numbers = [estimate[name] for name in ("median", "lower", "upper")]
    if unit in PERCENTAGES:
        return words.percent_cell(*numbers) + (" a year" if unit == "per year" else "")
    if unit == "years":
        return words.ratio_cell(*numbers).replace(" (", " years (", 1)
    if unit in RATIOS:
        return words.ratio_cell(*map(math.exp, numbers))
    return words.ratio_cell(*numbers) if unit == "fold" else signed_cell(*numbers)


def signed_cell(estimate: float, lower: float, upper: float) -> str:
    """Tell a number that may be below 0 with its interval.

    Examples
    --------
    >>> signed_cell(0.1, -0.204, 0.4)
    '0.10 (−0.20 to 0.40)'
    """
    middle, low, high = (f"{number:.2f}".replace("-", "−") for number in (estimate, lower, upper))
    return f"{middle} ({low} to {high})"


def scale_of(unit: str) -> str:
    """Name what a number on a scale is, blank where its unit says it."""
    return SCALES.get(unit, "")


def estimates(claim: Answer) -> str:
    """Tell the estimates of a claim."""
    unit = claim["proposition"]["unit"]
    told = [f"{each['what']} {interval(each, unit)}".strip() for each in claim["estimates"]]
    scale = scale_of(unit)
    return "; ".join(told) + (f" {scale}" if scale and told else "")


def beside(claim: Answer) -> list[str]:
    """Tell what stands beside a verdict: other quantities, and what the estimate rests on."""
    told = [
        f"{each['what']}: {interval(each, each['unit'])}{_after(scale_of(each['unit']))}" for each in claim["beside"]
    ]
    if claim["value_in_interval"] is not None:
        claimed = value(claim["proposition"]["low"], claim["proposition"]["unit"])
        told.insert(0, f"{claimed} lies {'inside' if claim['value_in_interval'] else 'outside'} the interval")
    return told + claim["notes"] + ([FROM_ROWS] if claim["from_rows"] else [])


def _after(scale: str) -> str:
    return f" {scale}" if scale else ""


def proposition(claim: Answer, scale: Answer) -> str:
    """Tell what has to hold of the estimand, with tolerance or least amount where they matter."""
    said = claim["proposition"]
    unit, low, high = said["unit"], said["low"], said["high"]
    if not said["comparator"]:
        return ""
    within = tolerance(unit, scale)
    if said["comparator"] == "between":
        range_of_groups = len(claim["estimates"]) > 1
        ends = f"{value(low, unit)} and {value(high, unit)}"
        return f"runs between {ends}, each {within}" if range_of_groups else f"between {ends}"
    if said["comparator"] == "approximately":
        return f"about {value(low, unit)}, {within}"
    if said["comparator"] == "<=":
        return f"{'below' if high == 0 else 'at most'} {value(high, unit)}"
    if low == 0 and unit in scale["more_than_nothing"]:
        return f"more than nothing to speak of, {value(scale['more_than_nothing'][unit], unit)}"
    return f"{'above' if low == 0 else 'at least'} {value(low, unit)}"


def tolerance(unit: str, scale: Answer) -> str:
    """Tell how far apart approximately equal values may lie."""
    within = scale["approximately_within"][unit]
    if unit == "proportion":
        return f"within {100 * within:g} points"
    if unit == "fold":
        return f"within a factor of {within:g}"
    if unit.startswith("log") or unit.startswith("oriented"):
        return f"within a factor of {math.exp(within):.3g}"
    return f"within {value(within, unit)}"


def chance(probability: float | None) -> str:
    """Tell a probability as a bare percentage.

    Examples
    --------
    >>> chance(0.873), chance(0.9999), chance(0.0001), chance(None)
    ('87%', 'above 99%', 'below 1%', '–')
    """
    if probability is None:
        return "–"
    if probability > 0.99:
        return "above 99%"
    return "below 1%" if probability < 0.01 else words.percent(probability, 0)


def reason_words(claim: Answer) -> str:
    """Tell why a claim has no verdict, and what is expected where nothing was tried."""
    return ". ".join([as_sentence(str(claim["reason"])), *map(as_sentence, beside(claim))])


def odds(claim: Answer) -> str:
    """Tell the probability of a claim, what it would be without evidence of its own, and what that evidence adds."""
    told = f"probability {chance(claim['probability'])}"
    without = claim["probability_without_rows"]
    if without is None:
        return told
    return f"{told} ({chance(without)} without its own rows, which {added(claim['probability'], without)})"


def added(probability: float, without: float) -> str:
    """Say what the rows of its own do to a claim: speak for or against it where they move the odds far enough.

    Examples
    --------
    >>> added(0.9, 0.5), added(0.95, 0.93), added(0.2, 0.6), added(1.0, 0.5)
    ('speak for it', 'add little', 'speak against it', 'speak for it')
    """
    now, before = probability * (1 - without), without * (1 - probability)
    if now >= OWN_WEIGHT * before:
        return "speak for it" if now > before else "add little"
    return "speak against it" if before >= OWN_WEIGHT * now else "add little"


def as_sentence(text: str) -> str:
    """Begin a sentence with its first letter, leaving names as they are."""
    return text[:1].upper() + text[1:]


def estimand_words(claim: Answer) -> str:
    """Say what was held against a claim, and that it is a proxy where it is one."""
    if claim["test"] is None:
        return ""
    return f"tested by proxy: {claim['estimand']}" if claim["test"] == "proxy" else claim["estimand"]


def scale_sentences(scale: Answer) -> list[str]:
    """Tell the scale of verdicts by its constants."""
    bounds = {
        name: words.percent(scale[name], 0) for name in ("supported", "leaning_for", "leaning_against", "against")
    }
    return [
        f"supported: the quantity lies where the claim puts it with a probability of {bounds['supported']} or more",
        f"leaning for: {bounds['leaning_for']} or more; leaning against: {bounds['leaning_against']} or less",
        f"against: {bounds['against']} or less",
        "undecided: anything between",
        "of a mechanism, supported and against also need its own rows to raise the odds by a factor of "
        f"{scale['own_weight']:g} or more over those of a mechanism without rows; else the verdict is leaning",
        "by proxy only: the quantity is a related one, and the verdict is about that, not about the claim",
        "not testable with this evidence: no number to hold against it, or no sound posterior",
    ]


def least_sentence(scale: Answer) -> str:
    """Tell the tolerance of approximate values and what is more than nothing."""
    shares, folds = tolerance("proportion", scale), tolerance("fold", scale)
    years = tolerance("years", scale)
    least = scale["more_than_nothing"]
    return (
        f"Approximately is {shares} for shares, {years} for times and {folds} for fold changes. A quantity that "
        f"cannot be below nothing is more than nothing from {value(least['proportion'], 'proportion')} on (shares) or "
        f"{value(least['per year'], 'per year')} (hazards)."
    )
