"""Published statistics on one scale: the natural log of a ratio, treatment over control, with its standard error.

What is printed, and what turns it into a `LogEffect`:

================================================  ==================================================
a ratio with its interval, at any level           `from_interval`
a ratio with a one-sided limit                    `from_one_limit`
a ratio with a standard error of its own scale    `from_ratio_with_error`
a ratio with a two-sided or one-sided p value     `from_p_value`, `from_one_sided_p_value`
a ratio with the events of both or of each arm    `from_total_events`, `from_arm_events`
"a 28% (10% to 42%) reduction", or without limits  `from_percent_reduction`, `ratio_of_reduction`
control over treatment                            `inverted`, or `inverted_interval` before
observed minus expected events and variance       `from_observed_minus_expected`
events of each arm, with the allocation           `from_events`
events and person-time of each arm                `from_person_time`
a 2x2 table                                       `from_counts`, `peto_odds_ratio`
an absolute difference and the control risk       `from_risk_difference`
event-free shares at a landmark                   `from_landmark_survival`, `..._at_risk`, `from_landmark_intervals`
median times                                      `from_medians`
================================================  ==================================================

All take numbers or arrays. What cannot be converted raises `EffectError` with a sentence; a table without events
raises `NoInformationError`.
"""

from resurge.evidence.event_counts import (
    from_arm_events,
    from_events,
    from_observed_minus_expected,
    from_person_time,
    from_total_events,
)
from resurge.evidence.landmark_survival import (
    from_landmark_intervals,
    from_landmark_survival,
    from_landmark_survival_at_risk,
    from_medians,
)
from resurge.evidence.log_effects import EffectError, LogEffect, NoInformationError, inverted
from resurge.evidence.p_values import from_one_sided_p_value, from_p_value
from resurge.evidence.printed_ratios import (
    from_interval,
    from_one_limit,
    from_percent_reduction,
    from_ratio_with_error,
    inverted_interval,
    ratio_of_reduction,
)
from resurge.evidence.two_by_two import from_counts, from_risk_difference, peto_odds_ratio, treatment_arm_correction

__all__ = [
    "EffectError",
    "LogEffect",
    "NoInformationError",
    "from_arm_events",
    "from_counts",
    "from_events",
    "from_interval",
    "from_landmark_intervals",
    "from_landmark_survival",
    "from_landmark_survival_at_risk",
    "from_medians",
    "from_observed_minus_expected",
    "from_one_limit",
    "from_one_sided_p_value",
    "from_p_value",
    "from_percent_reduction",
    "from_person_time",
    "from_ratio_with_error",
    "from_risk_difference",
    "from_total_events",
    "inverted",
    "inverted_interval",
    "peto_odds_ratio",
    "ratio_of_reduction",
    "treatment_arm_correction",
]
