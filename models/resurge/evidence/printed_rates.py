"""What a paper prints of how often recurrence happens, and the cells of `recurrence_rates` that follow from it."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from resurge.evidence.log_effects import EffectError
from resurge.evidence.printed_cells import LEVEL, Cells, Given, Printed

LIMITS = ("lower", "upper")
PERCENT = Decimal(100)
MOST_DIGITS = 12
"""Before or behind the point, of a number in print."""


def _decimals(given: Given, *names: str) -> dict[str, Decimal]:
    """Read numbers exactly as printed, so that a complement keeps its digits; limits may be left out together."""
    found = {}
    for name in names:
        text = given.get(name, "").strip().removesuffix("%").strip()
        if not text and name in LIMITS:
            continue
        try:
            found[name] = Decimal(text)
        except InvalidOperation:
            raise EffectError(f"{name} must be a number, and {text!r} is not") from None
        if not found[name].is_finite() or abs(found[name].adjusted()) > MOST_DIGITS:
            raise EffectError(f"{name} must be a number that a paper could print, and {text} is not")
    if len(found.keys() & set(LIMITS)) == 1:
        raise EffectError("one limit is given and the other is not; an interval has both")
    return found


def _share(percent: bool, complement: bool, given: Given) -> Cells:
    numbers = _decimals(given, "estimate", *LIMITS)
    shares = {name: value / PERCENT if percent else value for name, value in numbers.items()}
    for name, value in shares.items():
        if not 0 <= value <= 1:
            whole = "100" if percent else "1"
            raise EffectError(f"{name} lies between 0 and {whole}; it is {numbers[name]}")
    if complement:
        turned = {"estimate": "estimate", "lower": "upper", "upper": "lower"}
        shares = {turned[name]: 1 - value for name, value in shares.items()}
    derived = {"derived": "yes", "notes": "complement of an event-free share"} if complement else {"derived": "no"}
    return {"statistic": "cumulative_risk", **_written(shares), **_bounds(shares, given), **derived}


def _written(numbers: dict[str, Decimal]) -> Cells:
    return {name: f"{value:f}" for name, value in numbers.items()}


def _bounds(numbers: dict[str, Decimal], given: Given) -> Cells:
    if "lower" in numbers:
        return {"bounds": "ci", "level": given.get("level", "").strip() or LEVEL}
    return {"lower": "", "upper": "", "bounds": "none", "level": ""}


def _quotient(given: Given) -> Cells:
    numbers = _decimals(given, "events", "person_years")
    if numbers["person_years"] <= 0:
        raise EffectError("person-years are greater than 0")
    rate = float(numbers["events"] / numbers["person_years"])
    cells = {"statistic": "events_over_person_years", "estimate": f"{rate:.6f}", "derived": "yes"}
    return cells | _bounds({}, given) | _written(numbers)


def _rate(given: Given) -> Cells:
    numbers = _decimals(given, "estimate", *LIMITS)
    return {"statistic": "annual_rate", **_written(numbers), **_bounds(numbers, given), "derived": "no"}


def _named(words: str, what: str) -> dict[str, str]:
    return {
        "estimate": words,
        "lower": f"lower limit of the {what} (may stay blank)",
        "upper": f"upper limit of the {what}",
    }


LEVELS = {"level": "level of the interval (0.95)"}
RATES = {
    "risk": Printed(
        "a risk over the window, a proportion",
        _named("the risk", "risk") | LEVELS,
        lambda given: _share(False, False, given),
    ),
    "risk_percent": Printed(
        "a risk over the window in percent",
        _named("the risk in percent", "risk in percent") | LEVELS,
        lambda given: _share(True, False, given),
    ),
    "event_free": Printed(
        "an event-free share at the end of the window, a proportion",
        _named("the share", "share") | LEVELS,
        lambda given: _share(False, True, given),
    ),
    "event_free_percent": Printed(
        "an event-free share at the end of the window in percent",
        _named("the share in percent", "share in percent") | LEVELS,
        lambda given: _share(True, True, given),
    ),
    "annual_rate": Printed("a rate per patient and year", _named("the rate", "rate") | LEVELS, _rate),
    "person_years": Printed(
        "events and person-years", {"events": "number of events", "person_years": "person-years"}, _quotient
    ),
}
"""What papers print of risks and rates, by name."""
