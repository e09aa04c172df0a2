"""Numbers of events to log hazard and rate ratios: observed minus expected, by arm, by follow-up, beside a ratio.

Sources: Yusuf et al. 1985, Prog Cardiovasc Dis 27:335 (observed minus expected); Parmar, Torri and Stewart 1998, Stat
Med 17:2815, and Tierney et al. 2007, Trials 8:16 (log-rank variance from events); Cochrane Handbook, version 6,
section 6.7 (rates).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from resurge.evidence.log_effects import (
    PRINTED_DECIMALS,
    LogEffect,
    NoInformationError,
    Numbers,
    decimals,
    log_effect,
    numbers,
    positive,
    refuse,
    rounding_sd,
)


def from_observed_minus_expected(observed_minus_expected: ArrayLike, variance: ArrayLike) -> LogEffect:
    """Turn the log-rank O - E of the treatment arm and its variance V into a log hazard ratio.

    ``log HR = (O - E) / V``, ``se = 1 / sqrt(V)`` (Yusuf 1985). Near to a Cox ratio for moderate effects, nearer to 1
    for large ones.

    Parameters
    ----------
    observed_minus_expected : array_like of float
        Observed less expected events on treatment; negative where treatment helps.
    variance : array_like of float
        Its variance, above 0.

    Returns
    -------
    LogEffect
    """
    difference, v = numbers("O - E", observed_minus_expected), positive("the variance of O - E", variance)
    return log_effect(difference / v, 1 / np.sqrt(v))


def from_events(events_treatment: ArrayLike, events_control: ArrayLike, allocation: ArrayLike = 1.0) -> LogEffect:
    """Turn the events of two arms that were followed alike into a log hazard ratio.

    With ``a`` women on treatment for each on control and ``O`` events together, ``O - E = e_t - O a / (1 + a)`` and
    ``V = O a / (1 + a)**2``: the log-rank statistic while few women have had the event (Tierney 2007). One arm may be
    without events.

    Parameters
    ----------
    events_treatment, events_control : array_like of float
        Events of each arm, not both 0.
    allocation : array_like of float
        Women on treatment for each woman on control.

    Returns
    -------
    LogEffect

    Raises
    ------
    NoInformationError
        If neither arm has an event.
    """
    treated, control = (
        whole_number("the number of events", events_treatment),
        whole_number("the number of events", events_control),
    )
    a, total = positive("the allocation", allocation), treated + control
    ask_for_information(total == 0, "neither arm has an event")
    return from_observed_minus_expected(treated - total * a / (1 + a), total * a / (1 + a) ** 2)


def from_person_time(
    events_treatment: ArrayLike, time_treatment: ArrayLike, events_control: ArrayLike, time_control: ArrayLike
) -> LogEffect:
    """Turn events over person-time in two arms into a log rate ratio.

    ``log (e_t / T_t) - log (e_c / T_c)``, ``se = sqrt(1 / e_t + 1 / e_c)``; where one arm has no event, 0.5 is added
    to the events of both (Cochrane Handbook, sections 6.7 and 10.4.4).

    Parameters
    ----------
    events_treatment, events_control : array_like of float
        Events of each arm, not both 0.
    time_treatment, time_control : array_like of float
        Person-time of each arm, in the same unit.

    Returns
    -------
    LogEffect

    Raises
    ------
    NoInformationError
        If neither arm has an event.
    """
    treated, control = (
        whole_number("the number of events", events_treatment),
        whole_number("the number of events", events_control),
    )
    time_t, time_c = positive("person-time", time_treatment), positive("person-time", time_control)
    ask_for_information((treated == 0) & (control == 0), "neither arm has an event")
    added = np.where((treated == 0) | (control == 0), 0.5, 0.0)
    treated, control = treated + added, control + added
    return log_effect(np.log(treated / time_t) - np.log(control / time_c), np.sqrt(1 / treated + 1 / control))


def from_total_events(estimate: ArrayLike, events: ArrayLike, allocation: ArrayLike = 1.0) -> LogEffect:
    """Turn a hazard ratio printed with the number of events of both arms together into a log effect.

    The log-rank variance is ``V = O a / (1 + a)**2`` for ``O`` events and ``a`` women on treatment for each on control,
    and ``se = 1 / sqrt(V)`` (Parmar 1998; Tierney 2007): ``2 / sqrt(O)`` for equal arms.

    Parameters
    ----------
    estimate : array_like of float or str
        The hazard ratio.
    events : array_like of float
        Events of both arms.
    allocation : array_like of float
        Women on treatment for each woman on control; 2 for two to one.

    Returns
    -------
    LogEffect
    """
    ratio, total, a = (
        positive("a ratio", estimate),
        positive("the number of events", events),
        positive("the allocation", allocation),
    )
    return log_effect(
        np.log(ratio), (1 + a) / np.sqrt(total * a), rounding_sd(decimals(estimate, PRINTED_DECIMALS)) / ratio
    )


def from_arm_events(estimate: ArrayLike, events_treatment: ArrayLike, events_control: ArrayLike) -> LogEffect:
    """Turn a hazard ratio printed with the events of each arm into a log effect.

    ``V = e_t e_c / (e_t + e_c)``, so that ``se = sqrt(1 / e_t + 1 / e_c)`` (Tierney 2007).

    Parameters
    ----------
    estimate : array_like of float or str
        The hazard ratio.
    events_treatment, events_control : array_like of float
        Events of each arm, above 0.

    Returns
    -------
    LogEffect
    """
    ratio = positive("a ratio", estimate)
    treated, control = (
        positive("the number of events", events_treatment),
        positive("the number of events", events_control),
    )
    return log_effect(
        np.log(ratio), np.sqrt(1 / treated + 1 / control), rounding_sd(decimals(estimate, PRINTED_DECIMALS)) / ratio
    )


def whole_number(what: str, counts: ArrayLike) -> Numbers:
    """Read counts: whole numbers, 0 or more."""
    found = numbers(what, counts)
    refuse((found < 0) | (found != np.round(found)), found, f"{what} must be a whole number, 0 or more")
    return found


def ask_for_information(nothing: ArrayLike, why: str) -> None:
    """Raise where counts fit every ratio."""
    if np.any(nothing):
        raise NoInformationError(f"{why}, and the counts say nothing of a ratio; leave the trial out of ratios")
