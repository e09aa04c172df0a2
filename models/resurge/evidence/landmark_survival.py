"""Event-free shares at a landmark, and medians, of two arms to log hazard ratios.

Sources: Parmar, Torri and Stewart 1998, Stat Med 17:2815; Peto et al. 1977, Br J Cancer 35:1 (variance of a share with
women at risk); Kalbfleisch and Prentice 2002, The Statistical Analysis of Failure Time Data, section 1.4.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from resurge.evidence.log_effects import LogEffect, Numbers, log_effect, normal_quantile, numbers, positive, refuse


def from_landmark_survival(
    survival_treatment: ArrayLike, survival_control: ArrayLike, *, se_treatment: ArrayLike, se_control: ArrayLike
) -> LogEffect:
    """Turn the event-free shares of two arms at one time, with standard errors, into a log hazard ratio.

    Under proportional hazards up to the landmark ``HR = log S_t / log S_c``. By the delta method the variance of
    ``log(-log S)`` is ``(se / (S log S))**2`` in each arm, and the two add up.

    Parameters
    ----------
    survival_treatment, survival_control : array_like of float
        Proportion free of the event, between 0 and 1.
    se_treatment, se_control : array_like of float
        Their standard errors, as proportions.

    Returns
    -------
    LogEffect

    Raises
    ------
    EffectError
        If a share is 0 or 1, where the hazard is not known, or is a percentage.
    """
    treated, control = _share(survival_treatment), _share(survival_control)
    errors = positive("a standard error", se_treatment), positive("a standard error", se_control)
    spread = np.hypot(
        *(error / (share * -np.log(share)) for error, share in zip(errors, (treated, control), strict=True))
    )
    return log_effect(_cloglog(treated) - _cloglog(control), spread)


def from_landmark_survival_at_risk(
    survival_treatment: ArrayLike, survival_control: ArrayLike, at_risk_treatment: ArrayLike, at_risk_control: ArrayLike
) -> LogEffect:
    """Turn the event-free shares of two arms, with the women still at risk at the landmark, into a log hazard ratio.

    As `from_landmark_survival` with ``se = S sqrt((1 - S) / R)`` for ``R`` women at risk (Peto 1977). Where nobody was
    lost before the landmark ``R = S n``, and this is the binomial error of ``n`` women.

    Parameters
    ----------
    survival_treatment, survival_control : array_like of float
        Proportion free of the event, between 0 and 1.
    at_risk_treatment, at_risk_control : array_like of float
        Women at risk at the landmark.

    Returns
    -------
    LogEffect
    """
    treated, control = _share(survival_treatment), _share(survival_control)
    at_risk = positive("the number at risk", at_risk_treatment), positive("the number at risk", at_risk_control)
    se_t, se_c = (s * np.sqrt((1 - s) / r) for s, r in zip((treated, control), at_risk, strict=True))
    return from_landmark_survival(treated, control, se_treatment=se_t, se_control=se_c)


def from_landmark_intervals(
    treatment: tuple[ArrayLike, ArrayLike, ArrayLike],
    control: tuple[ArrayLike, ArrayLike, ArrayLike],
    level: ArrayLike = 0.95,
) -> LogEffect:
    """Turn the event-free shares of two arms at one time, each with its interval, into a log hazard ratio.

    The width of each interval is read on the scale of ``log(-log S)``, on which such intervals are near to symmetric.

    Parameters
    ----------
    treatment, control : tuple of array_like
        Share, lower and upper limit of each arm, between 0 and 1.
    level : array_like of float
        Confidence level.

    Returns
    -------
    LogEffect
    """
    z, middles, errors = normal_quantile(level), [], []
    for share, lower, upper in (treatment, control):
        middle, low, high = _share(share), _share(lower), _share(upper)
        refuse((low > middle) | (middle > high) | (low == high), middle, "a share lies between its limits")
        middles.append(_cloglog(middle))
        errors.append((_cloglog(low) - _cloglog(high)) / (2 * z))
    return log_effect(middles[0] - middles[1], np.hypot(*errors))


def from_medians(
    median_treatment: ArrayLike, median_control: ArrayLike, events_treatment: ArrayLike, events_control: ArrayLike
) -> LogEffect:
    """Turn median times to the event, with the events of each arm, into a log hazard ratio.

    With constant hazards ``HR = m_c / m_t`` and ``se = sqrt(1 / e_t + 1 / e_c)`` (Parmar 1998).

    Parameters
    ----------
    median_treatment, median_control : array_like of float
        Medians in the same unit.
    events_treatment, events_control : array_like of float
        Events of each arm, above 0.

    Returns
    -------
    LogEffect
    """
    treated, control = positive("a median", median_treatment), positive("a median", median_control)
    e_t, e_c = positive("the number of events", events_treatment), positive("the number of events", events_control)
    return log_effect(np.log(control) - np.log(treated), np.sqrt(1 / e_t + 1 / e_c))


def _share(values: ArrayLike) -> Numbers:
    found = numbers("an event-free share", values)
    hint = " (86% is 0.86)" if ((found > 1) & (found <= 100)).any() else ""
    refuse((found <= 0) | (found >= 1), found, f"an event-free share lies between 0 and 1, neither of them{hint}")
    return found


def _cloglog(share: Numbers) -> Numbers:
    return np.log(-np.log(share))
