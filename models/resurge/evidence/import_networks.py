"""Contrasts between named treatments, as netmeta has them, as rows of `therapy_networks`."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from resurge.evidence.csv_files import Record, read_rows
from resurge.evidence.import_files import ImportFileError
from resurge.evidence.network_rules import connected_parts

NETWORKS = "therapy_networks"
ENDPOINTS = ("pfs", "os")
Row = dict[str, str]
Contrast = tuple[Record, Row]
COPIED = {"log_hr": "log_estimate", "se": "se_log"} | {
    name: name for name in ("trial", "endpoint", "se_from", "se_is_upper_bound", "row_id", "source_id")
}
"""Columns of a network, and where an effect has them."""


def without_implied(contrasts: Sequence[Contrast], mapping: Mapping[str, str]) -> list[Contrast]:
    """Leave out contrasts of a trial of several arms that follow from its others.

    netmeta wants all pairs of arms of a trial. They carry no more than the comparisons with one of the arms, here the
    one that most comparisons of the file have.

    Parameters
    ----------
    contrasts : sequence
        Records with the cells of their effects.
    mapping : mapping
        Column of the file by role.
    """
    if not {"treat1", "treat2"} <= mapping.keys():
        return list(contrasts)
    arms = [frozenset(record.cells[mapping[role]] for role in ("treat1", "treat2")) for record, _ in contrasts]
    frequency = Counter(arm for pair in arms for arm in pair)
    trials: dict[str, list[int]] = defaultdict(list)
    for place, (record, _) in enumerate(contrasts):
        trials[record.cells[mapping["study"]].lower()].append(place)
    kept: set[int] = set()
    for places in trials.values():
        own = sorted({arm for place in places for arm in arms[place]})
        reference = max(own, key=lambda arm: frequency[arm])
        complete = len({arms[place] for place in places}) == len(own) * (len(own) - 1) / 2
        kept |= {place for place in places if not complete or reference in arms[place]}
    return [contrast for place, contrast in enumerate(contrasts) if place in kept]


def network_rows(data: Path, effects: Sequence[Row], network: str, nodes: Mapping[str, tuple[str, str]]) -> list[Row]:
    """Give the rows of a new network.

    Parameters
    ----------
    data : pathlib.Path
        Folder of the evidence.
    effects : sequence of dict
        New rows of `therapy_effects`.
    network : str
        Name of the network.
    nodes : mapping
        Nodes of treatment and control by key of the effect.

    Raises
    ------
    ImportFileError
        If there is such a network already, or the endpoint is none of networks.
    """
    if any(row["network"] == network for row in read_rows(data / f"{NETWORKS}.csv")):
        raise ImportFileError(
            f"{NETWORKS}.csv has a network {network} already, and its parts would be numbered anew; choose another "
            "name by --network"
        )
    other = sorted({row["endpoint"] for row in effects} - set(ENDPOINTS))
    if other:
        raise ImportFileError(f"a network compares {' or '.join(ENDPOINTS)}, and the endpoint is {', '.join(other)}")
    rows = []
    for endpoint in dict.fromkeys(row["endpoint"] for row in effects):
        own = [row for row in effects if row["endpoint"] == endpoint]
        parts = _numbered([nodes[row["row_id"]] for row in own])
        arms: dict[str, set[str]] = defaultdict(set)
        for row in own:
            arms[row["trial"]] |= set(nodes[row["row_id"]])
        for row in own:
            treatment, control = nodes[row["row_id"]]
            copied = {column: row.get(name, "") for column, name in COPIED.items()}
            placed = {"component": str(parts[treatment]), "arms_in_trial": str(len(arms[row["trial"]]))}
            rows.append({"network": network, "treatment_node": treatment, "control_node": control} | copied | placed)
    return rows


def _numbered(comparisons: list[tuple[str, str]]) -> dict[str, int]:
    """Give each node the number of its connected part, 1 the largest."""
    part_of = connected_parts(comparisons)
    sizes = Counter(part_of.values())
    order = sorted(sizes, key=lambda part: (-sizes[part], part))
    return {node: order.index(part) + 1 for node, part in part_of.items()}
