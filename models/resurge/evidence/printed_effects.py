"""What a paper prints of a treatment effect, and the cells of `therapy_effects` that follow from it.

The table keeps what is printed, and a log ratio and standard error that can be computed from it again. Where a paper
prints something that has no column (observed minus expected events, event-free shares with their errors), the ratio
and a 95% interval that say the same are written instead, and `notes` say what they were made from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from resurge.evidence import effects
from resurge.evidence.log_effects import LogEffect, positive
from resurge.evidence.printed_cells import Cells, Given, Printed, as_printed, computed, printed_numbers

ARMS = ("treatment", "control")
RATIO = {"estimate": "ratio, treatment over control"}
LIMITS = {"lower": "lower limit", "upper": "upper limit"}
LEVELS = {"level": "level of the interval (0.95)"}
EVENTS = {f"events_{arm}": f"events, {arm} arm" for arm in ARMS}
PATIENTS = {f"n_{arm}": f"patients, {arm} arm" for arm in ARMS}
COUNTS = {
    f"{what}_{arm}": f"{words}, {arm} arm" for arm in ARMS for what, words in (("events", "events"), ("n", "patients"))
}
ALLOCATION = {"allocation": "patients on treatment for each on control (1)"}


def _with_interval(given: Given) -> Cells:
    estimate, lower, upper, level = printed_numbers(given, "estimate", "lower", "upper", "level")
    effect = effects.from_interval(estimate, lower, upper, float(positive("a confidence level", level)))
    return as_printed(effect, "interval", estimate=estimate, lower=lower, upper=upper, level=level)


def _with_p(given: Given) -> Cells:
    estimate, p = printed_numbers(given, "estimate", "p_value")
    return as_printed(effects.from_p_value(estimate, p), "p", estimate=estimate, p_value=p)


def _with_one_sided_p(given: Given) -> Cells:
    estimate, p = printed_numbers(given, "estimate", "p_value")
    effect = effects.from_one_sided_p_value(estimate, p)
    return as_printed(effect, "one_sided_p", estimate=estimate, p_value=p)


def _with_arm_events(given: Given) -> Cells:
    estimate, *events = printed_numbers(given, "estimate", *EVENTS)
    effect = effects.from_arm_events(estimate, *events)
    return as_printed(effect, "counts", estimate=estimate, **dict(zip(EVENTS, events, strict=True)))


def _risk_ratio(given: Given) -> Cells:
    counts = dict(zip(COUNTS, printed_numbers(given, *COUNTS), strict=True))
    effect = effects.from_counts(*counts.values(), measure="RR")
    if "0" in (counts["events_treatment"], counts["events_control"]):
        return computed(effect, "RR", "the events of both arms, half an event added") | counts
    return as_printed(effect, "counts", **counts)


def _converted(
    words: str,
    asks: Mapping[str, str],
    convert: Callable[..., LogEffect],
    measure: str = "HR",
    kept: tuple[str, ...] = (),
) -> Printed:
    """Describe numbers without a column of their own; those in ``kept`` have one."""

    def cells(given: Given) -> Cells:
        values = printed_numbers(given, *asks)
        told = ", ".join(f"{name} {value}" for name, value in zip(asks, values, strict=True))
        columns = {name: given[name].strip() for name in kept}
        return computed(convert(*values), measure, f"{words}: {told}") | columns

    return Printed(words, asks, cells)


def _survival_intervals(*values: str) -> LogEffect:
    return effects.from_landmark_intervals(values[:3], values[3:])


def _from_survival(s_t: str, s_c: str, se_t: str, se_c: str) -> LogEffect:
    return effects.from_landmark_survival(s_t, s_c, se_treatment=se_t, se_control=se_c)


def _from_upside_down(*values: str) -> LogEffect:
    return effects.inverted(effects.from_interval(*values[:3], float(positive("a confidence level", values[3]))))


SURVIVAL = {f"survival_{arm}": f"event-free share, {arm} arm" for arm in ARMS}
_OF_ARMS = tuple(SURVIVAL)
PRINTED = {
    "interval": Printed("a ratio with its confidence interval", RATIO | LIMITS | LEVELS, _with_interval),
    "p": Printed(
        "a ratio with a two-sided p value", RATIO | {"p_value": "p value, or a bound such as <0.001"}, _with_p
    ),
    "one_sided_p": Printed(
        "a ratio with a one-sided p value", RATIO | {"p_value": "one-sided p value"}, _with_one_sided_p
    ),
    "arm_events": Printed("a ratio with the events of each arm", RATIO | EVENTS, _with_arm_events),
    "risk_ratio": Printed("events and patients of each arm, read as a risk ratio", COUNTS, _risk_ratio),
    "odds_ratio": _converted(
        "events and patients of each arm, read as an odds ratio",
        COUNTS,
        effects.from_counts,
        "OR",
        tuple(COUNTS),
    ),
    "peto": _converted(
        "events and patients of each arm, read as Peto's odds ratio",
        COUNTS,
        effects.peto_odds_ratio,
        "OR",
        tuple(COUNTS),
    ),
    "one_limit": _converted(
        "a ratio with one limit of an interval",
        RATIO | {"limit": "the limit", "one_sided_level": "one-sided level (0.975 for a limit of a 95% interval)"},
        effects.from_one_limit,
    ),
    "standard_error": _converted(
        "a ratio with a standard error of its own scale, as overviews print it",
        RATIO | {"error": "standard error of the ratio"},
        effects.from_ratio_with_error,
        "RR",
    ),
    "total_events": _converted(
        "a ratio with the events of both arms together",
        RATIO | {"events": "events of both arms"} | ALLOCATION,
        effects.from_total_events,
    ),
    "percent_reduction": _converted(
        "a percent reduction with its interval",
        {"percent": "reduction in percent", "percent_lower": "smaller reduction", "percent_upper": "larger reduction"},
        effects.from_percent_reduction,
    ),
    "upside_down": _converted(
        "a ratio of control over treatment with its interval", RATIO | LIMITS | LEVELS, _from_upside_down
    ),
    "observed_minus_expected": _converted(
        "observed minus expected events with their variance",
        {"observed_minus_expected": "observed minus expected events, treatment arm", "variance": "variance"},
        effects.from_observed_minus_expected,
    ),
    "events": _converted("the events of each arm alone", EVENTS | ALLOCATION, effects.from_events, "HR", tuple(EVENTS)),
    "person_time": _converted(
        "events and person-time of each arm",
        {
            "events_treatment": EVENTS["events_treatment"],
            "time_treatment": "person-time, treatment arm",
            "events_control": EVENTS["events_control"],
            "time_control": "person-time, control arm",
        },
        effects.from_person_time,
        "RR",
        tuple(EVENTS),
    ),
    "risk_difference": _converted(
        "an absolute difference with the risk of the control arm",
        {"difference": "risk on treatment less risk on control (-0.04)", "control_risk": "risk of the control arm"}
        | PATIENTS,
        effects.from_risk_difference,
        "RR",
        tuple(PATIENTS),
    ),
    "survival": _converted(
        "event-free shares of both arms with standard errors",
        SURVIVAL | {f"error_{arm}": f"standard error of the share, {arm} arm" for arm in ARMS},
        _from_survival,
        kept=_OF_ARMS,
    ),
    "survival_at_risk": _converted(
        "event-free shares of both arms with the patients at risk then",
        SURVIVAL | {f"at_risk_{arm}": f"patients at risk, {arm} arm" for arm in ARMS},
        effects.from_landmark_survival_at_risk,
        kept=_OF_ARMS,
    ),
    "survival_intervals": _converted(
        "event-free shares of both arms with 95% intervals",
        {
            f"survival_{arm}{bound}": f"{words}, {arm} arm"
            for arm in ARMS
            for bound, words in (("", "event-free share"), ("_lower", "lower limit"), ("_upper", "upper limit"))
        },
        _survival_intervals,
        kept=_OF_ARMS,
    ),
    "medians": _converted(
        "median times to the event with the events of each arm",
        {f"median_{arm}": f"median time, {arm} arm" for arm in ARMS} | EVENTS,
        effects.from_medians,
        kept=tuple(EVENTS),
    ),
}
"""What papers print, by name."""


def cells_of(kind: str, given: Given) -> Cells:
    """Turn what a paper prints into cells of `therapy_effects`.

    Parameters
    ----------
    kind : str
        One of `PRINTED`.
    given : mapping
        Numbers as printed, by the names that ``PRINTED[kind].asks`` has.

    Returns
    -------
    dict
        Cells by column, with the log ratio, its standard error and where that is from.

    Raises
    ------
    EffectError
        If a number is missing, or the numbers give no effect.
    """
    return PRINTED[kind].cells(given)
