"""What each report of a trial adds to the one before: independent increments of the score.

A log hazard ratio ``y`` with variance ``v`` carries the score ``y / v`` and the information ``1 / v``. Over successive
looks at one trial the score has independent increments (Whitehead 1997, The Design and Analysis of Sequential Clinical
Trials; Jennison and Turnbull 2000), so what the second of two reports adds is::

    information   1 / v_new = 1 / v_2 - 1 / v_1
    log ratio     y_new = v_new * (y_2 / v_2 - y_1 / v_1)

It is independent of the first report and belongs to the follow-up gained between the two.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from resurge.errors import ResurgeError


class InformationShrinksError(ResurgeError):
    """A later report of a trial carries no more information than the one before; it has no increment."""

    exit_code = 1


def score_increments(log_ratio: ArrayLike, se: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Split successive reports of one trial into the first report and what each later one adds.

    Parameters
    ----------
    log_ratio, se : array_like, shape (report,)
        Log hazard ratios and standard errors, earliest first.

    Returns
    -------
    tuple of ndarray, shape (report,)
        Log hazard ratios and standard errors of the increments; the first is the first report itself.

    Raises
    ------
    InformationShrinksError
        If a standard error does not fall from one report to the next.
    """
    y, v = np.asarray(log_ratio, dtype=float), np.asarray(se, dtype=float) ** 2
    information = np.diff(1 / v, prepend=0.0)
    if (information[1:] <= 0).any():
        late = int(np.argmax(information[1:] <= 0)) + 2
        raise InformationShrinksError(
            f"report {late} of the trial has a standard error of {np.sqrt(v[late - 1]):.4g}, not below "
            f"{np.sqrt(v[late - 2]):.4g} of the report before: a later report of the same women must be more precise"
        )
    return np.diff(y / v, prepend=0.0) / information, np.sqrt(1 / information)


def orthogonal_contrasts(n: int) -> NDArray[np.float64]:
    """Give an orthonormal basis of all contrasts among ``n`` independent estimates, shape (n - 1, n).

    Contrasts of independent estimates are independent of their precision-weighted mean: they say how an effect changes
    over time and nothing of its level, which another row may already count.
    """
    contrasts = np.tri(n - 1, n)
    contrasts[np.arange(n - 1), np.arange(1, n)] = -np.arange(1, n)
    return contrasts / np.linalg.norm(contrasts, axis=1, keepdims=True)
