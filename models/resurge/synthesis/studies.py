"""Effects and standard errors as users hand them over, checked."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from resurge.errors import UsageError

Array = NDArray[np.float64]
LARGEST = 1e75
"""Numbers from here on have squares that computers cannot multiply."""


class StudyError(UsageError):
    """An effect or a standard error that cannot be pooled."""


def read_studies(estimate: ArrayLike, se: ArrayLike) -> tuple[Array, Array]:
    """Check effects and their standard errors.

    Returns
    -------
    tuple of numpy.ndarray
        Both as float64, shape (study,).

    Raises
    ------
    StudyError
        Naming the first study (counted from 1) whose numbers cannot be pooled.
    """
    try:
        estimate = np.atleast_1d(np.asarray(estimate, dtype=float)).copy()
        se = np.atleast_1d(np.asarray(se, dtype=float)).copy()
    except (TypeError, ValueError) as error:
        raise StudyError("effects and standard errors must be numbers") from error
    if estimate.ndim != 1 or estimate.shape != se.shape:
        raise StudyError(f"{estimate.size} effects do not fit {se.size} standard errors: one each is needed")
    if estimate.size == 0:
        raise StudyError("there is no study to pool")
    for values, sound, what in (
        (estimate, np.isfinite(estimate), "the effect must be a finite number"),
        (se, np.isfinite(se) & (se > 0), "the standard error must be a positive finite number"),
        (estimate, np.abs(estimate) < LARGEST, f"the effect must be below {LARGEST:g}; choose another unit"),
        (se, (se < LARGEST) & (se > 1 / LARGEST), f"the standard error must be within {1 / LARGEST:g} and {LARGEST:g}"),
    ):
        if not sound.all():
            first = int(np.flatnonzero(~sound)[0])
            raise StudyError(f"study {first + 1}: {what}, not {values[first]:g}")
    return estimate, se
