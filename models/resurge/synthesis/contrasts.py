"""Contrasts between treatments as users hand them over, checked and put together by trial.

A row says that ``treatment`` against ``control`` gave ``log_ratio`` (any effect that adds up) with standard error
``se`` in ``trial``. The contrasts of a trial with more than two arms share arms, so they are correlated: with B the
rows' signs at the arms (+1 at the treatment, -1 at the control), S the variances of the arms and tau the heterogeneity
of a contrast,

    V = B S B'      R = B B' / 2      y ~ N(d[treatment] - d[control], V + tau² R)

so that contrasts that share an arm have a heterogeneity correlation of +-1/2 (Higgins and Whitehead 1996, Stat Med
15:2733). What is known of S comes from, in this order: a covariance matrix for the trial; ``se_control``, the standard
error of the control arm of a row; the standard errors of all pairs of three or more arms, of which it is the solution.
Where nothing says it, contrasts that share an arm get a correlation of +-1/2, and a note says so.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from resurge.errors import UsageError

Array = NDArray[np.float64]
COLUMNS = ("trial", "treatment", "control", "log_ratio", "se")
CLOSED = 0.25
"""How far the contrasts around a loop of one trial may miss each other, in their smallest standard error."""
ASSUMED = 0.5
"""Correlation of contrasts that share an arm of unknown variance: that of arms of equal size."""


class ContrastError(UsageError):
    """A contrast that no network can take in; the message names its trial."""


@dataclass(frozen=True)
class Contrast:
    """One row: the effect of a treatment against a control in a trial."""

    trial: str
    treatment: str
    control: str
    log_ratio: float
    se: float
    se_control: float | None = None


@dataclass(frozen=True)
class Trial:
    """Independent contrasts that join the arms of one trial.

    Attributes
    ----------
    name, arms
        The trial and its arms, sorted.
    signs
        B, shape (contrast, arm).
    estimate, sampling
        y and V, shapes (contrast,) and (contrast, contrast).
    note
        What had to be assumed or dropped; blank if nothing.
    """

    name: str
    arms: tuple[str, ...]
    signs: Array
    estimate: Array
    sampling: Array
    note: str = ""

    @property
    def heterogeneity(self) -> Array:
        """R, shape (contrast, contrast)."""
        return self.signs @ self.signs.T / 2

    def pairs(self) -> list[tuple[str, str]]:
        """Pairs of arms; the trial gives the contrast of each, directly or as a sum of its own."""
        return [(a, b) for i, a in enumerate(self.arms) for b in self.arms[i + 1 :]]


def read_trials(
    contrasts: Any,  # noqa: ANN401 - a data frame, without importing pandas
    covariance: Mapping[str, ArrayLike] | None = None,
) -> list[Trial]:
    """Check contrasts and gather them by trial.

    Parameters
    ----------
    contrasts
        Data frame, sequence of dictionaries or mapping of columns with ``trial``, ``treatment``, ``control``,
        ``log_ratio``, ``se`` and, if known, ``se_control``.
    covariance
        For trials of more than two arms, the sampling covariance of their rows, in their order, in place of ``se``.

    Returns
    -------
    list of Trial
        By name. Contrasts of one trial that have no arm in common, not even through others, are independent, so that
        such a trial stands there twice.

    Raises
    ------
    ContrastError
        Naming the trial and what is wrong with its rows.
    """
    rows = [_contrast(row, number) for number, row in enumerate(_records(contrasts), start=1)]
    if not rows:
        raise ContrastError("there is no contrast")
    by_trial: dict[str, list[Contrast]] = {}
    for row in rows:
        by_trial.setdefault(row.trial, []).append(row)
    given = {str(name): np.asarray(matrix, dtype=float) for name, matrix in (covariance or {}).items()}
    for name in given:
        if name not in by_trial:
            raise ContrastError(f"a covariance is given for {name!r}, and no row is of that trial")
    parts = [(name, part) for name in sorted(by_trial) for part in _parts(by_trial[name], name in given)]
    return [_trial(name, part, given.get(name)) for name, part in parts]


def joined_parts(edges: Iterable[tuple[str, str]]) -> list[tuple[str, ...]]:
    """Parts of a graph that its edges join, each sorted; the largest first."""
    part: dict[str, set[str]] = {}
    for a, b in edges:
        together = part.setdefault(a, {a}) | part.setdefault(b, {b})
        for member in together:
            part[member] = together
    return sorted({tuple(sorted(members)) for members in part.values()}, key=lambda members: (-len(members), members))


def _records(contrasts: Any) -> Iterable[Mapping[str, Any]]:  # noqa: ANN401
    if hasattr(contrasts, "to_dict"):
        return contrasts.to_dict("records")
    if isinstance(contrasts, Mapping):
        return [dict(zip(contrasts, values, strict=True)) for values in zip(*contrasts.values(), strict=True)]
    return contrasts


def _contrast(row: Mapping[str, Any], number: int) -> Contrast:
    if not isinstance(row, Mapping):
        raise ContrastError(f"row {number}: contrasts are a data frame or a sequence of dictionaries")
    missing = [column for column in COLUMNS if column not in row]
    if missing:
        raise ContrastError(f"row {number}: no {' and no '.join(missing)}; a contrast has {', '.join(COLUMNS)}")
    trial, treatment, control = (str(row[column]).strip() for column in COLUMNS[:3])
    where = f"row {number} (trial {trial})"
    if any(_blank(row[column]) for column in COLUMNS[:3]):
        raise ContrastError(f"{where}: trial, treatment and control must be named")
    if treatment == control:
        raise ContrastError(f"{where}: treatment and control are both {treatment}")
    estimate, se = (_number(row[column], f"{where}: {column}") for column in COLUMNS[3:])
    if se <= 0:
        raise ContrastError(f"{where}: se must be positive, not {se:g}")
    arm = row.get("se_control")
    shared = None if _blank(arm) else _number(arm, f"{where}: se_control")
    if shared is not None and not 0 < shared < se:
        raise ContrastError(f"{where}: se_control must lie between 0 and se ({se:g}), not be {shared:g}")
    return Contrast(trial, treatment, control, estimate, se, shared)


def _blank(value: object) -> bool:
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value))


def _number(value: object, what: str) -> float:
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError) as error:
        raise ContrastError(f"{what} must be a number, not {value!r}") from error
    if not math.isfinite(number):
        raise ContrastError(f"{what} must be a finite number, not {number:g}")
    return number


def _parts(rows: list[Contrast], whole: bool) -> list[list[Contrast]]:
    """Rows of a trial that its arms join."""
    parts = joined_parts((row.treatment, row.control) for row in rows)
    if whole and len(parts) > 1:
        raise ContrastError(f"trial {rows[0].trial}: a covariance is given for contrasts that share no arm")
    return [[row for row in rows if row.treatment in part] for part in parts]


def _trial(name: str, rows: Sequence[Contrast], covariance: Array | None) -> Trial:
    arms = tuple(sorted({arm for row in rows for arm in (row.treatment, row.control)}))
    pairs = [frozenset((row.treatment, row.control)) for row in rows]
    for pair in pairs:
        if pairs.count(pair) > 1:
            raise ContrastError(
                f"trial {name}: {' and '.join(sorted(pair))} are compared twice; keep one row, or give groups of "
                "patients that do not overlap names of their own"
            )
    signs = np.array([[(arm == row.treatment) - float(arm == row.control) for arm in arms] for row in rows])
    estimate = np.array([row.log_ratio for row in rows])
    if covariance is not None:
        sampling, note = _given_covariance(name, covariance, len(rows)), ""
    else:
        sampling, note = _covariance(name, rows, arms, signs)
    kept = _independent(signs)
    if len(kept) < len(rows):
        estimate, closing = _closed(name, signs, estimate, min(row.se for row in rows))
        note = " ".join(part for part in (note, closing) if part)
    sampling = sampling[np.ix_(kept, kept)]
    if np.linalg.eigvalsh(sampling).min() <= 0:
        raise ContrastError(f"trial {name}: the covariance of its contrasts is not that of any data; check se and arms")
    return Trial(name, arms, signs[kept], estimate[kept], sampling, note)


def _given_covariance(name: str, covariance: Array, size: int) -> Array:
    if covariance.shape != (size, size) or not np.allclose(covariance, covariance.T, rtol=1e-6):
        raise ContrastError(f"trial {name}: its covariance must be a symmetric matrix of {size} rows, one a contrast")
    return covariance


def _covariance(name: str, rows: Sequence[Contrast], arms: tuple[str, ...], signs: Array) -> tuple[Array, str]:
    """Covariance of the rows of a trial from what is known of its arms, and what had to be assumed."""
    se = np.array([row.se for row in rows])
    known = _arm_variances(rows, arms, signs)
    sampling, assumed = np.diag(se**2), False
    for i in range(len(rows)):
        for j in range(i):
            for arm in np.flatnonzero(signs[i] * signs[j]):
                assumed |= not math.isfinite(known[arm])
                shared = known[arm] if math.isfinite(known[arm]) else ASSUMED * se[i] * se[j]
                sampling[i, j] += signs[i, arm] * signs[j, arm] * shared
            sampling[j, i] = sampling[i, j]
    note = f"{name}: the covariance of contrasts that share an arm is not published; a correlation of 0.5 was assumed."
    return sampling, note if assumed else ""


def _arm_variances(rows: Sequence[Contrast], arms: tuple[str, ...], signs: Array) -> Array:
    """Find the sampling variance of each arm; not a number where nothing tells it."""
    told: dict[str, list[float]] = {arm: [] for arm in arms}
    for row in rows:
        if row.se_control is not None:
            told[row.control].append(row.se_control**2)
            told[row.treatment].append(row.se**2 - row.se_control**2)
    known = np.array([float(np.mean(told[arm])) if told[arm] else math.nan for arm in arms])
    of_pairs = np.abs(signs)
    if np.isnan(known).all() and np.linalg.matrix_rank(of_pairs) == len(arms):
        variances = np.array([row.se**2 for row in rows])
        solved = np.linalg.lstsq(of_pairs, variances, rcond=None)[0]
        if (solved > 0).all() and np.allclose(of_pairs @ solved, variances, rtol=0.1):
            return solved
    return known


def _independent(signs: Array) -> list[int]:
    """First rows that no earlier rows add up to."""
    kept: list[int] = []
    for i in range(len(signs)):
        if np.linalg.matrix_rank(signs[[*kept, i]]) > len(kept):
            kept.append(i)
    return kept


def _closed(name: str, signs: Array, estimate: Array, se: float) -> tuple[Array, str]:
    """Contrasts that add up around the loops of a trial, by least squares."""
    fitted = signs @ np.linalg.pinv(signs) @ estimate
    gap = np.abs(fitted - estimate).max()
    if gap > CLOSED * se:
        raise ContrastError(
            f"trial {name}: its contrasts do not add up around a loop (they miss by {gap:.3g}); give contrasts against "
            "one arm"
        )
    return fitted, f"{name}: contrasts that follow from its others were taken together with them."
