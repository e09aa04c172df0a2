"""Hand-made posteriors for claims: hazards that do not change, so that every answer is known on paper."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from evidence_folder import DATA
from resurge.evidence.csv_files import read_rows
from resurge.findings.claim_sources import Sources
from resurge.findings.claims import answer_of
from resurge.reporting.claims_view import LEVEL, ClaimsView
from resurge.synthesis.metastasis_design import SETTINGS, SITES, SUBTYPES
from resurge.synthesis.resistance_priors import FACETS
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


def same_shares(bone: np.ndarray) -> dict[str, np.ndarray]:
    """Give draws of the metastasis model with one share of bone metastases in every setting, subtype and source."""
    n, by_setting = len(bone), (len(bone), len(SETTINGS), len(SUBTYPES), len(SITES))
    shares = np.full(by_setting, 0.2)
    shares[..., SITES.index("bone")] = bone[:, None, None]
    mu = np.log(shares / (1 - shares))[:, :, 0]
    none = np.zeros(by_setting)
    mix = np.full((n, len(SUBTYPES)), 1 / len(SUBTYPES))
    return {"mu": mu, "contrast": none, "mix": mix, "single": np.ones((n, 4)), "share_new": shares}


def one_effect(
    effect: np.ndarray, rows: Sequence[tuple[str, str, str]], others: Mapping[tuple[str, str], float] | None = None
) -> dict[str, np.ndarray]:
    """Give draws of the resistance model in which every mechanism of the evidence has one effect in every facet.

    Parameters
    ----------
    effect : ndarray, shape (sample,)
        The effect.
    rows : sequence of (mechanism, facet, source)
        Rows that there are.
    others : mapping of (mechanism, facet) to float, optional
        What is added to it.
    """
    names = [row["mechanism_id"] for row in read_rows(DATA / "mechanisms.csv")]
    n, m, f = len(effect), len(names), len(FACETS)
    theta = np.broadcast_to(effect[:, None, None], (n, m, f)).copy()
    for (name, facet), added in (others or {}).items():
        theta[:, names.index(name), FACETS.index(facet)] += added
    wide = 2 * np.std(effect) * np.where(np.arange(n) % 2, 1.0, -1.0)
    return {
        **{name: np.zeros((n, f)) for name in ("mu", "sigma", "omega", "excess")},
        "correlation": np.broadcast_to(np.eye(f), (n, f, f)),
        "theta": theta,
        "theta_new": np.broadcast_to(wide[:, None, None], (n, 1, f)),
        "facet": np.array(FACETS, dtype=object),
        "mechanism": np.array(names, dtype=object),
        "mechanism_class": np.array(["any"], dtype=object),
        "class_of": np.zeros(m, dtype=int),
        "row": np.array([f"x{i:04d}" for i in range(len(rows))], dtype=object),
        "row_mechanism": np.array([names.index(name) for name, _, _ in rows]),
        "row_facet": np.array([FACETS.index(facet) for _, facet, _ in rows]),
        "row_source": np.array([source for _, _, source in rows], dtype=object),
        **{name: np.zeros(len(rows)) for name in ("row_effect", "row_se")},
    }


def facets_of(rows: Iterable[Mapping[str, str]]) -> list[tuple[str, str, str]]:
    """Give a row in the facet that each claim on a mechanism asks about."""
    return [
        (name, row["answered_by"].partition("_")[2], "one")
        for row in rows
        if row["answered_by"].startswith(("facet_", "fold_"))
        for name in row["mechanism_id"].split("; ")
    ]


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


def hand_made(n: int = 400) -> Sources:
    """Give sources with a posterior of every model, and the rows of the real evidence."""
    rng = np.random.default_rng(3)
    hazards = constant_hazards(*np.exp(rng.normal(np.log([[0.05], [0.02]]), 0.1, (2, n))))
    therapy = {"lag": rng.uniform(2, 4, n)}
    sites, effects = same_shares(rng.uniform(0.6, 0.7, n)), rng.normal(0.2, 0.2, n)
    mechanisms = one_effect(effects, facets_of(read_rows(DATA / "claims.csv")))
    return sources_of({"recurrence": hazards, "therapy": therapy, "metastasis": sites, "resistance": mechanisms})


def view() -> ClaimsView:
    """Give the view of the page over these posteriors."""
    return ClaimsView(answer_of(read_rows(DATA / "claims.csv"), hand_made(), LEVEL))
