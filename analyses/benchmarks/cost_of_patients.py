"""Time a fit to a few thousand and to a few million patients: what grows, and what does not.

Usage: ``uv run python analyses/benchmarks/cost_of_patients.py [patients ...]`` (by default 3,000 and 3,000,000).
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pymc as pm
from pymc.blocking import DictToArrayBijection

from resurge.evidence.person_time import person_time
from resurge.evidence.tables import Evidence, load_evidence
from resurge.inference.sample import Settings, compile_model, sample
from resurge.project import find_project
from resurge.synthesis.priors import RECURRENCE
from resurge.synthesis.recurrence import build_model
from resurge.synthesis.strata import ER, NODAL, TUMOUR_SIZE

STRATA = ["er", "nodal", "tumour_size"]
LAST_YEAR = 20.0
DROPOUT = 0.01  # a year
YEARS = np.array([0.0, 1, 2, 3, 5, 8, 12, 20])
HAZARD = {
    "negative": [0.03, 0.06, 0.05, 0.03, 0.015, 0.008, 0.006],
    "positive": [0.01, 0.02, 0.02, 0.02, 0.02, 0.015, 0.01],
}
NODAL_RATIO = dict(zip(NODAL, (1.0, 1.4, 2.0, 2.8), strict=True))
SIZE_RATIO = dict(zip(TUMOUR_SIZE, (1.0, 1.3, 1.6), strict=True))
BATCH = 100_000
"""Women held in memory at a time: events and person-years of batches add up to those of all."""
RUN = Settings(draws=200, tune=300, chains=2)
N_GRADIENTS = 2000
REPEATS = 3


def simulate_patients(n: int, rng: np.random.Generator) -> pd.DataFrame:
    """Follow n women, spread evenly over the strata, to recurrence, loss or year 20."""
    strata = pd.MultiIndex.from_product([ER, NODAL, TUMOUR_SIZE], names=STRATA).to_frame(index=False)
    women = strata.iloc[np.arange(n) % len(strata)].reset_index(drop=True)
    ratio = women["nodal"].map(NODAL_RATIO).to_numpy() * women["tumour_size"].map(SIZE_RATIO).to_numpy()
    target = rng.exponential(size=n) / ratio
    recurs = np.empty(n)
    for er, hazard in HAZARD.items():
        H = np.concatenate([[0.0], np.cumsum(hazard * np.diff(YEARS))])
        here = (women["er"] == er).to_numpy()
        recurs[here] = np.interp(target[here], H, YEARS, right=np.inf)
    leaves = np.minimum(rng.exponential(1 / DROPOUT, n), LAST_YEAR)
    women = women.astype("category")
    return women.assign(time=np.minimum(recurs, leaves), event=(recurs <= leaves).astype(int))


def table_of(n: int, rng: np.random.Generator) -> tuple[pd.DataFrame, float]:
    """Sum n simulated women into person-time, batch by batch; give the seconds that the summing took."""
    total, seconds = None, 0.0
    keys = [*STRATA, "start_year", "end_year"]
    for first in range(0, n, BATCH):
        women = simulate_patients(min(BATCH, n - first), rng)
        started = time.perf_counter()
        part = person_time(women, STRATA).set_index(keys)
        total = part if total is None else total.add(part, fill_value=0)
        seconds += time.perf_counter() - started
    return total.reset_index(), seconds


def with_series(evidence: Evidence, table: pd.DataFrame) -> Evidence:
    """Put a simulated series in place of the patients of the evidence; published rows stay."""
    columns = {
        "source_id": "simulated",
        "population": "SIMULATED",
        "therapy": "endocrine_5y",
        "endpoint": "any_recurrence",
    }
    rows = table.assign(row_id=[f"p{i}" for i in range(len(table))], use="yes", exclude_reason="", **columns)
    rows = rows.astype(dict.fromkeys(STRATA, str))
    return replace(evidence, recurrence_person_time=rows)


def measure(n: int, evidence: Evidence) -> dict[str, float]:
    """Time each stage for a series of n women."""
    table, aggregation = table_of(n, np.random.default_rng(n))
    started = time.perf_counter()
    model = build_model(with_series(evidence, table), RECURRENCE)
    compiled = compile_model(model)
    compilation = time.perf_counter() - started
    gradient = gradient_seconds(model)
    seconds = []
    for _ in range(REPEATS):  # the first run still loads code
        started = time.perf_counter()
        stats = sample(compiled, RUN, progress=False)["sample_stats"]
        seconds.append(time.perf_counter() - started)
    return {
        "women": n,
        "events": table["events"].sum(),
        "rows of the table": len(table),
        "terms of the model": len(model.coords["person_time"]) + len(model.coords["window"]),
        "summing (s)": aggregation,
        "compilation (s)": compilation,
        "log density and gradient (ms)": gradient * 1000,
        "short run (s)": min(seconds),
        "gradients a draw": float(stats["n_steps"].mean()),
    }


def gradient_seconds(model: pm.Model) -> float:
    """Time one evaluation of log density and gradient, the median of many at the sampler's starting point."""
    evaluate = model.logp_dlogp_function(ravel_inputs=True, mode="NUMBA")
    evaluate.set_extra_values({})
    point = DictToArrayBijection.map(model.initial_point())
    times = []
    for _ in range(N_GRADIENTS):
        started = time.perf_counter()
        evaluate(point)
        times.append(time.perf_counter() - started)
    return float(np.median(times))


def show(results: list[dict[str, float]]) -> str:
    """Lay out results as a table, one column a series."""
    lines = ["| | " + " | ".join(f"{row['women']:,.0f} women" for row in results) + " |"]
    lines.append("|---|" + "---:|" * len(results))
    for name in list(results[0])[1:]:
        cells = (f"{row[name]:,.0f}" if float(row[name]).is_integer() else f"{row[name]:.3g}" for row in results)
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    sizes = [int(word) for word in sys.argv[1:]] or [3_000, 3_000_000]
    evidence = load_evidence(find_project(Path(__file__).parent).data)
    print(show([measure(n, evidence) for n in sizes]))


if __name__ == "__main__":
    main()
