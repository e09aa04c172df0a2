"""Part of the evidence in the shape of the whole: what the models have in common.

A fit without a source need not state and compile a model anew. Laid out in the shape of the whole evidence, with the
rows that are absent made worthless, what is left differs from the whole in numbers alone: names, labels, shapes and
integers stay. Parameters of what is absent are left with their prior.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from resurge.errors import ResurgeError


class OtherShapeError(ResurgeError):
    """Evidence cannot be laid out in the shape of the whole; the message says why, and a model of its own can."""


def places(labels: Sequence[str] | NDArray, known: Sequence[str] | NDArray, what: str) -> NDArray[np.intp]:
    """Give the place of each label among the known ones.

    Raises
    ------
    OtherShapeError
        If a label is not among them.
    """
    place = {label: i for i, label in enumerate(known)}
    new = [str(label) for label in labels if label not in place]
    if new:
        raise OtherShapeError(f"the whole evidence has no {what} {new[0]}")
    return np.array([place[label] for label in labels], dtype=np.intp)


def placed(values: NDArray[Any], at: NDArray[np.intp], others: NDArray[Any]) -> NDArray[Any]:
    """Put values at their places; all other places are as in ``others``, whose shape and type they get."""
    laid_out = np.array(others)
    laid_out[at] = values
    return laid_out


def require_same(same: NDArray[np.bool_], rows: NDArray[Any] | Sequence[str], what: str) -> None:
    """Hold rows to what the integers of the whole say of them.

    Raises
    ------
    OtherShapeError
        Naming the first row of which they say something else.
    """
    if not np.all(same):
        raise OtherShapeError(f"{rows[int(np.argmin(same))]} has another {what} than in the whole evidence")
