"""The course of a therapy's effect: how much of the full log hazard ratio acts at each time since treatments differ.

    t        years since the arms' treatment began to differ
    D        years for which it differs
    onset    years in which half of the full effect has set in
    fade     loss of effect per year on treatment (acquired resistance)
    carry    years after D in which half of what was left at D is lost
    shape    1: the rest is lost at an even rate; above 1: it holds at first and then goes faster

    course(t) = (1 - 2^(-t / onset)) * exp(-fade * min(t, D)) * 2^(-(max(t - D, 0) / carry)^shape),   0 before t = 0

The onset is short where therapy meets an untreated control. Where the control arm has just had the same therapy and
stops it, the difference grows as the control's carry-over wears off, over years.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Exp = Callable[[Any], Any]
"""Exponential function of numpy or of PyTensor."""


MOMENT = 1e-6
"""Years; stands for no time after treatment, so that powers of it have a slope."""


@dataclass(frozen=True)
class Clock:
    """Times that the course of an effect runs on, all of one shape, in years.

    Attributes
    ----------
    since : ndarray
        Years since treatments began to differ, 0 before.
    on : ndarray
        Years of different treatment so far.
    after : ndarray
        Years since the difference ended.
    """

    since: NDArray[np.float64]
    on: NDArray[np.float64]
    after: NDArray[np.float64]


def clock(years: ArrayLike, duration: ArrayLike, start: ArrayLike = 0.0) -> Clock:
    """Tell the times of a course.

    Parameters
    ----------
    years : array_like
        Years since randomisation.
    duration, start : array_like
        Years for which treatments differ, and from which year on; broadcast against ``years``.
    """
    since = np.maximum(np.asarray(years, dtype=float) - start, 0.0)
    on = np.minimum(since, duration)
    return Clock(since, on, np.maximum(since - on, MOMENT))


def course(
    clock: Clock, onset: ArrayLike, fade: ArrayLike, carry: ArrayLike, shape: ArrayLike, exp: Exp = np.exp
) -> NDArray[np.float64]:
    """Give the share of the full log hazard ratio that acts, from 0 to 1.

    Parameters
    ----------
    clock : Clock
        Times.
    onset, fade, carry : array_like or PyTensor variable
        Half-time of onset (years), loss per year on treatment, half-life after it (years); broadcast against the clock.
    shape : array_like or PyTensor variable
        Shape of the carry-over.
    exp : callable
        Exponential function of the array library.
    """
    begun = 1 - exp(-np.log(2) * clock.since / onset)
    return begun * exp(-clock.on * fade - np.log(2) * (clock.after / carry) ** shape)
