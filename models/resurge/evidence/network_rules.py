"""Rules of networks: comparisons that are those of the effects they name, connected parts, counted arms."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import pairwise

from resurge.evidence.cells import Row
from resurge.evidence.faults import Fault, shown

TOLERANCE = 1e-4
"""Of log ratios and standard errors; both tables keep six decimals."""


def network_faults(rows: list[Row], effects: Mapping[str, Row] | None) -> Iterator[Fault]:
    """Judge the networks.

    Parameters
    ----------
    rows : list of Row
        Rows of therapy_networks.
    effects : mapping or None
        Rows of therapy_effects by key; None where the table could not be read. Rows of the resistance table, x0001...,
        are taken on trust.
    """
    networks: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        networks[row.texts["network"], row.texts["endpoint"]].append(row)
        if row.texts["treatment_node"] and row.texts["treatment_node"] == row.texts["control_node"]:
            yield row.fault("control_node", "a treatment is not compared with itself; name the other arm")
        if row.numbers.get("se") == 0:
            yield row.fault("se", "a standard error is greater than 0")
        if effects is not None and row.texts["row_id"].startswith("e"):
            yield from _as_in_its_effect(row, effects.get(row.texts["row_id"]))
    for network in networks.values():
        yield from _repeated(network)
        yield from _arms(network)
        yield from _parts(network)


def _as_in_its_effect(row: Row, effect: Row | None) -> Iterator[Fault]:
    if effect is None:
        yield row.fault("row_id", "there is no such row in therapy_effects.csv")
        return
    if effect.texts["use"] != "yes":
        yield row.fault("row_id", f"row {effect.label} has use = no; name the row that counts these patients")
    for column in ("trial", "endpoint", "source_id", "se_from", "se_is_upper_bound"):
        if row.texts[column] != effect.texts[column]:
            yield row.fault(column, f"{effect.label} has {shown(effect.texts[column])}")
    log_ratio, expected = row.numbers.get("log_hr"), effect.numbers.get("log_estimate")
    if log_ratio is not None and expected is not None and abs(abs(log_ratio) - abs(expected)) > TOLERANCE:
        yield row.fault(
            "log_hr", f"{effect.label} has {expected:.6f}; the same, or its negative where the arms are swapped"
        )
    se, expected = row.numbers.get("se"), effect.numbers.get("se_log")
    if se is not None and expected is not None and abs(se - expected) > TOLERANCE:
        yield row.fault("se", f"{effect.label} has {expected:.6f}")


def _repeated(network: list[Row]) -> Iterator[Fault]:
    first: dict[str, Row] = {}
    for row in network:
        key = row.texts["row_id"]
        if key in first:
            yield row.fault(
                "row_id", f"{first[key].label} of this network has the same effect; one comparison is one row"
            )
        first.setdefault(key, row)


def _arms(network: list[Row]) -> Iterator[Fault]:
    trials: dict[str, list[Row]] = defaultdict(list)
    for row in network:
        trials[row.texts["trial"]].append(row)
    for trial in trials.values():
        nodes = {row.texts[column] for row in trial for column in ("treatment_node", "control_node")} - {""}
        for row in trial:
            arms = row.numbers.get("arms_in_trial")
            if arms is not None and arms < len(nodes):
                yield row.fault(
                    "arms_in_trial",
                    f"the rows of this trial name {len(nodes)} arms: {', '.join(map(shown, sorted(nodes)))}",
                )
            elif arms != trial[0].numbers.get("arms_in_trial") and None not in (
                arms,
                trial[0].numbers.get("arms_in_trial"),
            ):
                yield row.fault(
                    "arms_in_trial", f"{trial[0].label} of the same trial has {trial[0].numbers['arms_in_trial']:g}"
                )


def _parts(network: list[Row]) -> Iterator[Fault]:
    """Ask that each connected part has one number of its own, and that numbers rise as parts get smaller."""
    part_of = connected_parts([(row.texts["treatment_node"], row.texts["control_node"]) for row in network])
    parts: dict[int, list[Row]] = defaultdict(list)
    for row in network:
        if "component" in row.numbers:
            parts[part_of[row.texts["treatment_node"]]].append(row)
    heads: dict[str, Row] = {}
    for part in parts.values():
        head = part[0]
        for row in part[1:]:
            if row.texts["component"] != head.texts["component"]:
                message = f"it is connected with {head.label}, which is in {head.numbers['component']:g}"
                yield row.fault("component", f"{message}; one connected part has one number")
        if head.texts["component"] in heads:
            message = f"no chain of comparisons joins it with {heads[head.texts['component']].label} of the same number"
            yield head.fault("component", f"{message}; unconnected parts have numbers of their own")
        heads.setdefault(head.texts["component"], head)
    yield from _sizes(parts, part_of)


def _sizes(parts: dict[int, list[Row]], part_of: dict[str, int]) -> Iterator[Fault]:
    sizes = [
        (rows[0].numbers["component"], list(part_of.values()).count(part), rows[0]) for part, rows in parts.items()
    ]
    sizes.sort(key=lambda each: each[0])
    for (_, size_before, _), (_, size, row) in pairwise(sizes):
        if size > size_before:
            yield row.fault(
                "component", f"this part has {size} treatments and the one before {size_before}; 1 is the largest"
            )


def connected_parts(comparisons: list[tuple[str, str]]) -> dict[str, int]:
    """Give each treatment the number of its connected part, in order of appearance."""
    part: dict[str, int] = {}
    for number, (one, other) in enumerate(comparisons):
        joined = {part[node] for node in (one, other) if node in part}
        new = min(joined, default=number)
        part |= {one: new, other: new} | {node: new for node, old in part.items() if old in joined}
    return part
