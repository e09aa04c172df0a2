"""Rules of the tables on resistance: effects that follow from what is printed, mechanisms, replications."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from statistics import NormalDist

from resurge.evidence.cells import Row
from resurge.evidence.faults import Fault, shown
from resurge.evidence.pointer_rules import pointer_faults
from resurge.evidence.resistance_selection import FACETS
from resurge.evidence.rules import exclusion

TOLERANCE_OF_LOGS = 1e-4
"""Of an effect; the table keeps six decimals."""
TOLERANCE_OF_ERRORS = 5e-3
"""Relative, of a standard error."""
TOLERANCE_OF_RATIOS = 2e-3
"""Of the shrinkage of a replicated effect; the table keeps four decimals of each part."""
SCALES = {
    "hazard_ratio": ("log_hr",),
    "odds_ratio": ("log_or",),
    "smd": ("smd",),
    "fold_change": ("log_fold_change",),
    "ic50_ratio": ("log_fold_change",),
    "ratio_of_means": ("log_ratio_of_means", "log_rr"),
    "proportion": (),
}
"""Scale of the effect that a measure gives."""
_Z = NormalDist().inv_cdf(0.975)


def resistance_faults(row: Row, effects: Mapping[str, Row], keys: Mapping[str, set[str]], sources: set[str] | None,
                      ) -> Iterator[Fault]:  # fmt: skip
    """Judge a row of resistance_effects.

    Parameters
    ----------
    row : Row
        The row.
    effects : mapping
        All rows of the table by key.
    keys : mapping
        Keys of all tables that reasons may point to, by first letter.
    sources : set of str or None
        Known sources; None where their table could not be read.
    """
    yield from _printed(row)
    yield from _scale(row)
    yield from _effect(row)
    yield from _standard_error(row)
    yield from exclusion(row)
    yield from pointer_faults(row, keys, sources)
    yield from _counted_elsewhere(row, effects)
    if row.texts["use"] == "yes" and row.texts["facet"] in FACETS and not row.texts["log_effect"]:
        yield row.fault("log_effect", "a row that the model reads needs its effect; write use = no otherwise")


def _printed(row: Row) -> Iterator[Fault]:
    estimate, lower, upper = (row.numbers.get(column) for column in ("estimate", "lower", "upper"))
    if row.texts["measure"] != "smd":
        for column in ("estimate", "upper"):
            if row.numbers.get(column, 0.0) < 0:
                yield row.fault(column, "a ratio or share is not below 0")
    if lower is not None and upper is not None and lower > upper:
        yield row.fault("lower", f"the lower limit is above the upper one ({row.texts['upper']})")
    elif lower is not None and estimate is not None and lower > estimate:
        yield row.fault("lower", f"the lower limit is above the estimate ({row.texts['estimate']})")
    elif upper is not None and estimate is not None and upper < estimate:
        yield row.fault("upper", f"the upper limit is below the estimate ({row.texts['estimate']})")


def _scale(row: Row) -> Iterator[Fault]:
    scale, allowed = row.texts["effect_scale"], SCALES.get(row.texts["measure"], ())
    if scale and scale not in allowed:
        right = " or ".join(allowed) or "no effect scale; leave this blank"
        yield row.fault("effect_scale", f"{shown(row.texts['measure'])} gives {right}")
    if bool(scale) != bool(row.texts["log_effect"]):
        missing = "log_effect" if scale else "effect_scale"
        yield row.fault(missing, "effect_scale and log_effect are given together or not at all")


def _effect(row: Row) -> Iterator[Fault]:
    estimate, effect = row.numbers.get("estimate"), row.numbers.get("log_effect")
    if effect is None or estimate is None:
        return
    if row.texts["measure"] != "smd" and estimate <= 0:
        yield row.fault("estimate", "a ratio is greater than 0")
        return
    size = abs(estimate if row.texts["effect_scale"] == "smd" else math.log(estimate))
    if abs(abs(effect) - size) > TOLERANCE_OF_LOGS:
        yield row.fault("log_effect", f"the estimate {row.texts['estimate']} gives {size:.6f}, or its negative")
    if not row.texts["orientation_note"]:
        yield row.fault("orientation_note", "an effect says what was done to its sign")


def _standard_error(row: Row) -> Iterator[Fault]:
    se, origin = row.numbers.get("se_log"), row.texts["se_from"]
    if se == 0:
        yield row.fault("se_log", "a standard error is greater than 0")
    if origin == "none":
        if row.texts["se_log"]:
            yield row.fault("se_from", "there is a standard error; say whether it is from interval, p or counts")
    elif not row.texts["se_log"]:
        yield row.fault("se_log", f"se_from = {origin} and no standard error; write it, or none in se_from")
    elif origin in ("interval", "p") and row.texts["log_effect"]:
        expected = _from_limits(row) if origin == "interval" else _from_p(row)
        if expected is None:
            yield row.fault("se_from", f"a standard error from {origin} needs it, and it is not there or says nothing")
        elif se is not None and abs(se - expected) > TOLERANCE_OF_ERRORS * expected:
            yield row.fault("se_log", f"the printed numbers give {expected:.6f}")
    if bool(row.texts["se_is_upper_bound"]) != (origin == "p"):
        yield row.fault("se_is_upper_bound", "a standard error from p says yes or no here, any other leaves it blank")


def _from_limits(row: Row) -> float | None:
    lower, upper = row.numbers.get("lower"), row.numbers.get("upper")
    if lower is None or upper is None or not lower < upper:
        return None
    if row.texts["effect_scale"] == "smd":
        return (upper - lower) / (2 * _Z)
    return math.log(upper / lower) / (2 * _Z) if lower > 0 else None


def _from_p(row: Row) -> float | None:
    p, effect = row.numbers.get("p_value"), row.numbers.get("log_effect")
    if p is None or not 0 < p < 1 or not effect:
        return None
    return abs(effect) / -NormalDist().inv_cdf(p / 2)


def _counted_elsewhere(row: Row, effects: Mapping[str, Row]) -> Iterator[Fault]:
    kind, _, target = row.texts["exclude_reason"].partition(":")
    if kind == "overlaps" and target in effects and effects[target] is not row and effects[target].texts["use"] == "no":
        yield row.fault("exclude_reason", f"row {target} is not used either; name the row that counts these patients")


def mechanism_faults(row: Row, sources: set[str] | None) -> Iterator[Fault]:
    """Judge a mechanism: the sources it names exist."""
    for name in filter(None, row.texts["source_ids"].split("; ")):
        if sources is not None and name not in sources:
            yield row.fault("source_ids", f'there is no source {shown(name)}; write known sources with "; " between')


def replication_faults(rows: list[Row]) -> Iterator[Fault]:
    """Judge the replications: names that nest, errors above 0, a shrinkage that is the ratio of the two effects."""
    kinds: dict[str, Row] = {}
    for row in rows:
        yield from exclusion(row)
        experiment = row.texts["experiment"]
        if not experiment.startswith(row.texts["paper"]):
            yield row.fault("experiment", f"an experiment begins with its paper, {shown(row.texts['paper'])}")
        if not row.texts["pair_id"].startswith(experiment):
            yield row.fault("pair_id", f"a pair begins with its experiment, {shown(experiment)}")
        first = kinds.setdefault(experiment, row)
        if first.texts["animal"] != row.texts["animal"]:
            yield row.fault("animal", f"{first.label} of the same experiment has {shown(first.texts['animal'])}")
        for column in ("se_original", "se_replication"):
            if row.numbers.get(column) == 0:
                yield row.fault(column, "a standard error is greater than 0")
        if row.numbers.get("smd_original", 1.0) <= 0:
            yield row.fault("smd_original", "the original effect is oriented to be positive; turn both signs")
            continue
        parts = [row.numbers.get(name) for name in ("smd_original", "smd_replication", "shrinkage_ratio")]
        if None not in parts and abs(parts[1] / parts[0] - parts[2]) > TOLERANCE_OF_RATIOS:
            yield row.fault("shrinkage_ratio", f"the effects give {parts[1] / parts[0]:.4f}")
