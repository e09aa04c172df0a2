"""2x2 tables of two arms to log odds ratios and log risk ratios.

Sources: Woolf 1955, Ann Hum Genet 19:251 (odds ratio); Katz et al. 1978, Biometrics 34:469 (risk ratio); Yusuf et al.
1985, Prog Cardiovasc Dis 27:335 (Peto's odds ratio); Cochrane Handbook, version 6, sections 6.4 and 10.4, and Sweeting,
Sutton and Lambert 2004, Stat Med 23:1351 (empty cells).
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from resurge.evidence.event_counts import ask_for_information, from_observed_minus_expected, whole_number
from resurge.evidence.log_effects import EffectError, LogEffect, Numbers, log_effect, numbers, positive, refuse

Measure = Literal["OR", "RR"]


def from_counts(
    events_treatment: ArrayLike,
    n_treatment: ArrayLike,
    events_control: ArrayLike,
    n_control: ArrayLike,
    measure: Measure = "OR",
    correction: tuple[ArrayLike, ArrayLike] = (0.5, 0.5),
) -> LogEffect:
    """Turn a 2x2 table into a log odds ratio or log risk ratio.

    With ``a`` of ``a + b`` women on treatment and ``c`` of ``c + d`` on control::

        OR   log(a d / (b c)),                      se**2 = 1/a + 1/b + 1/c + 1/d                    (Woolf 1955)
        RR   log(a / (a + b)) - log(c / (c + d)),   se**2 = 1/a - 1/(a + b) + 1/c - 1/(c + d)        (Katz 1978)

    Only a table with an empty cell gets the correction, in all four cells: 0.5 as a rule, or by the sizes of the arms
    (`treatment_arm_correction`). For rare events `peto_odds_ratio` needs none.

    Parameters
    ----------
    events_treatment, n_treatment, events_control, n_control : array_like of int
        Events and women of each arm.
    measure : {"OR", "RR"}
        What to compute.
    correction : pair of array_like
        What is added to both cells of the treatment and of the control arm if any cell is empty.

    Returns
    -------
    LogEffect

    Raises
    ------
    NoInformationError
        If no woman of either arm had the event, or all had: such a table fits every ratio.
    EffectError
        If counts are not whole, negative, or more events than women.
    """
    a, n_t = _arm(events_treatment, n_treatment)
    c, n_c = _arm(events_control, n_control)
    return _from_table(a, n_t, c, n_c, measure, correction)


def _from_table(
    a: Numbers, n_t: Numbers, c: Numbers, n_c: Numbers, measure: Measure, correction: tuple[ArrayLike, ArrayLike]
) -> LogEffect:
    if measure not in ("OR", "RR"):
        raise EffectError(f"the measure of a 2x2 table is OR or RR; it is {measure}")
    b, d = n_t - a, n_c - c
    ask_for_information((a == 0) & (c == 0), "neither arm has an event")
    ask_for_information((b == 0) & (d == 0), "every woman of both arms had the event")
    empty = (a == 0) | (b == 0) | (c == 0) | (d == 0)
    k_t, k_c = (np.where(empty, positive("a continuity correction", k), 0.0) for k in correction)
    a, b, c, d = a + k_t, b + k_t, c + k_c, d + k_c
    if measure == "OR":
        return log_effect(np.log(a) - np.log(b) - np.log(c) + np.log(d), np.sqrt(1 / a + 1 / b + 1 / c + 1 / d))
    n_t, n_c = a + b, c + d
    return log_effect(np.log(a / n_t) - np.log(c / n_c), np.sqrt(1 / a - 1 / n_t + 1 / c - 1 / n_c))


def treatment_arm_correction(n_treatment: ArrayLike, n_control: ArrayLike) -> tuple[Numbers, Numbers]:
    """Give the continuity correction of each arm in proportion to its own size, 1 together (Sweeting 2004).

    With equal arms it is 0.5 and 0.5. In unequal ones 0.5 in every cell would pull the ratio off 1; this does not.

    Returns
    -------
    tuple of ndarray
        For the treatment arm and for the control arm, as `from_counts` takes them.
    """
    n_t, n_c = positive("the number of women", n_treatment), positive("the number of women", n_control)
    return (n_t / (n_t + n_c))[()], (n_c / (n_t + n_c))[()]


def peto_odds_ratio(
    events_treatment: ArrayLike, n_treatment: ArrayLike, events_control: ArrayLike, n_control: ArrayLike
) -> LogEffect:
    """Turn a 2x2 table into Peto's log odds ratio, which needs no correction of empty cells.

    ``O - E = a - n_t m / N`` and ``V = n_t n_c m (N - m) / (N**2 (N - 1))`` for ``m`` events among ``N`` women (Yusuf
    1985). Good for rare events and arms of like size; biased towards 1 for large effects.

    Parameters
    ----------
    events_treatment, n_treatment, events_control, n_control : array_like of int
        Events and women of each arm.

    Returns
    -------
    LogEffect

    Raises
    ------
    NoInformationError, EffectError
        As `from_counts`.
    """
    a, n_t = _arm(events_treatment, n_treatment)
    c, n_c = _arm(events_control, n_control)
    m, n = a + c, n_t + n_c
    ask_for_information(m == 0, "neither arm has an event")
    ask_for_information(m == n, "every woman of both arms had the event")
    return from_observed_minus_expected(a - n_t * m / n, n_t * n_c * m * (n - m) / (n**2 * (n - 1)))


def from_risk_difference(
    difference: ArrayLike,
    control_risk: ArrayLike,
    n_treatment: ArrayLike,
    n_control: ArrayLike,
    measure: Measure = "RR",
) -> LogEffect:
    """Turn an absolute difference with the risk of the control arm into a log risk ratio or log odds ratio.

    The risks ``control_risk + difference`` and ``control_risk`` and the sizes of the arms make the 2x2 table.

    Parameters
    ----------
    difference : array_like of float
        Risk on treatment less risk on control, a proportion; negative where treatment helps.
    control_risk : array_like of float
        Risk on control, a proportion.
    n_treatment, n_control : array_like of float
        Women of each arm.
    measure : {"RR", "OR"}
        What to compute.

    Returns
    -------
    LogEffect

    Raises
    ------
    EffectError
        If one of the two risks is not a proportion.
    """
    control, treated = (
        numbers("a risk", control_risk),
        numbers("a difference", difference) + numbers("a risk", control_risk),
    )
    for risk, arm in ((control, "control"), (treated, "treatment")):
        refuse((risk < 0) | (risk > 1), risk, f"the risk on {arm} must be a proportion between 0 and 1")
    n_t, n_c = positive("the number of women", n_treatment), positive("the number of women", n_control)
    return _from_table(treated * n_t, n_t, control * n_c, n_c, measure, (0.5, 0.5))


def _arm(events: ArrayLike, n: ArrayLike) -> tuple[Numbers, Numbers]:
    counted, women = whole_number("the number of events", events), whole_number("the number of women", n)
    refuse(women == 0, women, "an arm must have women")
    refuse(counted > women, counted, "there cannot be more events than women in an arm")
    return counted, women
