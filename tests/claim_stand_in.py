"""Hand-made posteriors for claims: hazards that do not change, so that every answer is known on paper."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from evidence_folder import DATA
from resurge.evidence.csv_files import read_rows
from resurge.findings.claim_sources import Sources
from resurge.synthesis.strata import ER, MIX, NODAL, THERAPY_EFFECTS, TUMOUR_SIZE

EDGES = np.arange(0.0, 36.0, 1.0)
DISTANT = 0.8
"""Share of the hazard of recurrence that is distant, in both receptor groups."""
LAG = 3.0


def constant_hazards(negative: np.ndarray, positive: np.ndarray) -> dict[str, np.ndarray]:
    """Give draws of the recurrence model whose hazards are the same in every stratum and year."""
    n = len(negative)
    return {
        "beta": np.log(np.stack([negative, positive], axis=1))[:, :, None],
        "nodal_effect": np.zeros((n, len(NODAL))),
        "size_effect": np.zeros((n, len(TUMOUR_SIZE))),
        "phi": np.zeros(n),
        "therapy": np.zeros((n, len(THERAPY_EFFECTS))),
        "distant": np.full((n, len(ER)), -np.log(DISTANT)),
        "log_odds": np.zeros((n, len(MIX))),
        "a_new": np.zeros(n),
        "b_new": np.zeros(n),
        "edges": EDGES,
        "spline_basis": np.ones((len(EDGES) - 1, 1)),
    }


def sources_of(
    posteriors: Mapping[str, Mapping[str, np.ndarray]],
    rows: Callable[[str], list[dict[str, str]]] = lambda table: read_rows(DATA / f"{table}.csv"),
) -> Sources:
    """Give sources that read hand-made posteriors, and rows of the real evidence unless told otherwise."""
    return Sources(lambda model, names: {name: posteriors[model][name] for name in names}, rows)


def claim(answered_by: str, comparator: str, low: str, high: str, unit: str, **cells: str) -> dict[str, str]:
    """Give a testable row of the claims table."""
    row = dict.fromkeys(read_rows(DATA / "claims.csv")[0], "")
    row |= {"claim_id": "C001", "claim": "a claim", "testable": "yes", "test_kind": "direct", "model": "recurrence"}
    row |= {"answered_by": answered_by, "comparator": comparator, "value_low": low, "value_high": high}
    return row | {"value_unit": unit, "estimand": "an estimand", "source_id": "dai2024"} | cells
