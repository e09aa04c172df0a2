"""Rules of printed effects: limits around their estimate, a log ratio and standard error that follow from the print."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from statistics import NormalDist

from resurge.evidence.cells import Row
from resurge.evidence.faults import Fault, shown
from resurge.evidence.intervals import off_centre

TOLERANCE_OF_LOGS = 1e-4
"""Of a log ratio; the table keeps six decimals, and a printed digit is some 0.005."""

TOLERANCE_OF_ERRORS = 5e-3
"""Relative, of a standard error; the same limits and level give the same number."""

TOLERANCE_OF_Z = 0.5
"""By which the z of a p value and of an interval may differ beyond rounding: another test, an adjusted ratio."""

_P_VALUE = re.compile(r"([<>]?)([0-9.]+)")


def printed_faults(row: Row) -> Iterator[Fault]:
    """Judge what a row of therapy_effects prints, and what was computed from it."""
    yield from _ratio(row)
    yield from _limits(row)
    yield from _p_value(row)
    yield from _arms(row)
    if row.texts["exclude_reason"] != "misprint":
        yield from _log_ratio(row)
        yield from _standard_error(row)
        yield from _p_beside_interval(row)
    yield from _bound(row)


def _ratio(row: Row) -> Iterator[Fault]:
    for column in ("estimate", "upper"):
        if row.numbers.get(column) == 0:
            yield row.fault(column, "a ratio is greater than 0")
    if row.texts["estimate"] and not row.texts["measure"]:
        yield row.fault("measure", "an estimate needs its measure: one of HR, RR, OR")
    if row.texts["measure"] and not row.texts["estimate"]:
        yield row.fault("estimate", "a measure is named and no estimate given; blank the measure or write the estimate")


def _limits(row: Row) -> Iterator[Fault]:
    limits = [column for column in ("lower", "upper") if row.texts[column]]
    if len(limits) == 1:
        missing = "upper" if limits == ["lower"] else "lower"
        yield row.fault(missing, f"{limits[0]} is printed and this limit is not; an interval needs both")
    if limits and not row.texts["level"]:
        yield row.fault("level", "a confidence interval needs its level, 0.95 as a rule")
    if row.texts["level"] and not limits:
        yield row.fault("level", "a level belongs to an interval, and there is none")
    if row.texts["exclude_reason"] != "misprint":
        yield from _order(row)


def _order(row: Row) -> Iterator[Fault]:
    estimate, lower, upper = (row.numbers.get(column) for column in ("estimate", "lower", "upper"))
    if lower is not None and upper is not None and lower > upper:
        yield row.fault(
            "lower", f"the lower limit is above the upper one ({row.texts['upper']}); they seem to be swapped"
        )
    elif lower is not None and lower == upper:
        yield row.fault("upper", "the limits are equal; an interval has a width")
    elif lower is not None and estimate is not None and lower > estimate:
        yield row.fault("lower", f"the lower limit is above the estimate ({row.texts['estimate']})")
    elif upper is not None and estimate is not None and upper < estimate:
        yield row.fault("upper", f"the upper limit is below the estimate ({row.texts['estimate']})")
    elif None not in (estimate, lower, upper):
        texts = (row.texts[column] for column in ("estimate", "lower", "upper"))
        middle = off_centre("hazard_ratio_vs_reference", *texts)
        if middle:
            message = (
                f"the interval {row.texts['lower']} to {row.texts['upper']} is not around the estimate: {middle}; look "
                "for a slip, and give a row that is misprinted in its source use = no and exclude_reason = misprint"
            )
            yield row.fault("estimate", message)


def _p_value(row: Row) -> Iterator[Fault]:
    bound, p = p_value(row)
    if p is not None and not 0 < p <= 1:
        yield row.fault("p_value", "a p value is above 0 and at most 1; a printed 0.000 is a bound, <0.001")
    if bound == "<" and p == 1:
        yield row.fault("p_value", "a p value below 1 says nothing; leave the cell blank")


def p_value(row: Row) -> tuple[str, float | None]:
    """Give the sign before a printed p value and its number, None where there is no sound one."""
    printed = _P_VALUE.fullmatch(row.texts["p_value"])
    try:
        return (printed[1], float(printed[2])) if printed else ("", None)
    except ValueError:
        return "", None


def _arms(row: Row) -> Iterator[Fault]:
    for arm in ("treatment", "control"):
        n, events = row.numbers.get(f"n_{arm}"), row.numbers.get(f"events_{arm}")
        if n is not None and events is not None and events > n:
            yield row.fault(f"events_{arm}", f"there are more events than women ({row.texts[f'n_{arm}']})")


def _log_ratio(row: Row) -> Iterator[Fault]:
    estimate, log_ratio = row.numbers.get("estimate"), row.numbers.get("log_estimate")
    if estimate and not row.texts["log_estimate"]:
        yield row.fault("log_estimate", f"the log of the estimate is missing; write {math.log(estimate):.6f}")
    elif estimate and log_ratio is not None and abs(log_ratio - math.log(estimate)) > TOLERANCE_OF_LOGS:
        yield row.fault("log_estimate", f"the natural log of {row.texts['estimate']} is {math.log(estimate):.6f}")
    if not row.texts["estimate"] and log_ratio is not None:
        yield from _log_ratio_of_counts(row, log_ratio)


def _log_ratio_of_counts(row: Row, log_ratio: float) -> Iterator[Fault]:
    cells = _cells(row)
    if row.texts["se_from"] != "counts" or None in cells:
        yield row.fault(
            "log_estimate", "there is no estimate, and events and women of both arms do not give one either"
        )
    elif all(cells):
        treated, n_treated, control, n_control = cells
        expected = math.log(treated / n_treated) - math.log(control / n_control)
        if abs(log_ratio - expected) > TOLERANCE_OF_LOGS:
            yield row.fault("log_estimate", f"the counts give a log risk ratio of {expected:.6f}")


def _cells(row: Row) -> tuple[float | None, ...]:
    return tuple(row.numbers.get(f"{what}_{arm}") for arm in ("treatment", "control") for what in ("events", "n"))


def _standard_error(row: Row) -> Iterator[Fault]:
    se, origin = row.numbers.get("se_log"), row.texts["se_from"]
    if origin == "none":
        if row.texts["se_log"]:
            yield row.fault("se_from", "there is a standard error; say whether it is from interval, p or counts")
        return
    if origin not in _ORIGINS:
        return
    needs, expect = _ORIGINS[origin]
    if not row.texts["se_log"]:
        yield row.fault("se_log", f"se_from = {origin} and no standard error; write it, or none in se_from")
        return
    expected = expect(row)
    if not expected:
        yield row.fault("se_from", f"a standard error from {origin} needs {needs}")
    elif se is not None and not any(abs(se - each) <= TOLERANCE_OF_ERRORS * each for each in expected):
        yield row.fault("se_log", f"the printed numbers give {' or '.join(f'{each:.6f}' for each in expected)}")


def _from_limits(row: Row) -> tuple[float, ...]:
    lower, upper, level = (row.numbers.get(column) for column in ("lower", "upper", "level"))
    if not lower or upper is None or level is None or not lower < upper:
        return ()
    return (math.log(upper / lower) / (2 * NormalDist().inv_cdf((1 + level) / 2)),)


def _from_p(row: Row) -> tuple[float, ...]:
    return _from_tail(row, sides=2)


def _from_one_sided_p(row: Row) -> tuple[float, ...]:
    return _from_tail(row, sides=1)


def _from_tail(row: Row, sides: int) -> tuple[float, ...]:
    (bound, p), log_ratio = p_value(row), row.numbers.get("log_estimate")
    if bound == ">" or p is None or not 0 < p < sides / 2 or not log_ratio:
        return ()
    return (abs(log_ratio) / -NormalDist().inv_cdf(p / sides),)


def _from_events(row: Row) -> tuple[float, ...]:
    """Give the standard error of a rate ratio, and of a risk ratio where the women are counted."""
    treated, n_treated, control, n_control = _cells(row)
    if not treated or not control:
        return ()
    rates = 1 / treated + 1 / control
    if not n_treated or not n_control or treated > n_treated or control > n_control:
        return (math.sqrt(rates),)
    risks = rates - 1 / n_treated - 1 / n_control
    return (math.sqrt(risks), math.sqrt(rates)) if risks > 0 else (math.sqrt(rates),)


_ORIGINS = {
    "interval": ("both limits, above 0, and their level", _from_limits),
    "p": ("a p value that is not printed as 'greater than', and an estimate other than 1", _from_p),
    "one_sided_p": ("a p value below 0.5 that is not printed as 'greater than'", _from_one_sided_p),
    "counts": ("events in both arms", _from_events),
}
FROM_P = ("p", "one_sided_p")


def _p_beside_interval(row: Row) -> Iterator[Fault]:
    """Ask that a p value, two-sided or one-sided, is about the one that the interval gives."""
    ratios = [row.numbers.get(column) for column in ("estimate", "lower", "upper")]
    (bound, p), se = p_value(row), _from_limits(row)
    if bound == ">" or p is None or not 0 < p < 1 or not se or not all(ratios):
        return
    unit = 0.5 * 10.0 ** -max(
        2, *(len(row.texts[column].partition(".")[2]) for column in ("estimate", "lower", "upper"))
    )
    # Rounding moves the ratio, and each limit by itself, by half a unit of the last digit.
    slack = TOLERANCE_OF_Z + unit / (ratios[0] * se[0])
    z = abs(math.log(ratios[0])) / se[0]
    rounding = 0.0 if bound else min(0.5 * 10.0 ** -len(row.texts["p_value"].partition(".")[2]), p / 2, (1 - p) / 2)
    for sides in (2, 1):
        largest, smallest = (abs(NormalDist().inv_cdf(each / sides)) for each in (p - rounding, p + rounding))
        if z >= min(largest, smallest) - slack and (bound or z <= max(largest, smallest) + slack):
            return
    from_interval = 2 * NormalDist().cdf(-z)
    message = f"the interval gives a p value of about {from_interval:.2g}, two-sided; look for a slip in one of them"
    yield row.fault("p_value", message)


def _bound(row: Row) -> Iterator[Fault]:
    said = row.texts["se_is_upper_bound"]
    if row.texts["se_from"] not in FROM_P:
        if said:
            yield row.fault("se_is_upper_bound", "only a standard error from p can be a bound; leave the cell blank")
        return
    right = "yes" if p_value(row)[0] == "<" else "no"
    if said != right:
        yield row.fault(
            "se_is_upper_bound", f"with the p value printed as {shown(row.texts['p_value'])} this is {right}"
        )
