"""A small project whose posterior was not sampled: prior draws, stored with the verdict a test wants."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import xarray as xr

from evidence_folder import write_small_evidence
from resurge.evidence import load_evidence
from resurge.inference.freshness import fingerprint
from resurge.inference.records import store_record
from resurge.project import Project
from resurge.synthesis.design import recurrence_design
from resurge.synthesis.prior_draws import draw_prior
from resurge.synthesis.priors import RECURRENCE

CONSTANTS = ("edges", "spline_basis")


def store_prior_as_posterior(folder: Path, *, passed: bool = True, n: int = 60) -> Project:
    """Write small evidence and, as its posterior, two chains of prior draws."""
    write_small_evidence(folder / "data")
    project = Project(folder)
    design = recurrence_design(load_evidence(project.data))
    draws = draw_prior(RECURRENCE, design, 2 * n, np.random.default_rng(1))
    variables = {}
    for name, values in draws.items():
        if name in CONSTANTS:
            variables[name] = ([f"{name}_{axis}" for axis in range(values.ndim)], values)
        else:
            dims = ["chain", "draw", *(f"{name}_{axis}" for axis in range(values.ndim - 1))]
            variables[name] = (dims, values.reshape(2, n, *values.shape[1:]))
    posterior = xr.Dataset(variables, coords={"chain": [0, 1], "draw": np.arange(n)})
    stats = xr.Dataset({"diverging": (("chain", "draw"), np.zeros((2, n), dtype=bool))})
    check = {"value": 1.0 if passed else 1.5, "limit": 1.01, "passed": passed, "worst": "phi"}
    manifest = {
        "settings": {"draws": n, "chains": 2},
        "versions": {},
        "fingerprint": fingerprint(project),
        "diagnostics": {"R-hat": check},
        "passed": passed,
    }
    groups = xr.DataTree.from_dict({"posterior": posterior, "prior": posterior, "sample_stats": stats})
    store_record(project, "recurrence", groups, manifest)
    return project
