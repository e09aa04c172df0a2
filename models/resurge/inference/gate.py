"""The gate that a posterior passes before anything is reported from it."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import xarray as xr

MAX_R_HAT = 1.01
MIN_ESS = 400
MAX_DIVERGENT_SHARE = 0.001
MIN_E_BFMI = 0.3

Diagnostics = dict[str, dict[str, float | bool | str]]
"""By name of the check: value, limit, whether it passed, and the quantity that was worst."""


def varying(posterior: xr.Dataset) -> xr.Dataset:
    """Drop what is constant by construction (the effect of the first stratum), on which convergence has no meaning.

    What is not finite is kept as NaN, which no check of the gate lets pass.
    """
    import xarray as xr  # takes a second, and the limits above are wanted without it

    kept = {}
    for name, values in posterior.data_vars.items():
        flat = values.transpose("chain", "draw", ...).values.reshape(values.sizes["chain"], values.sizes["draw"], -1)
        flat = np.where(np.isfinite(flat), flat, np.nan)
        varies = (flat != flat[0, 0]).any(axis=(0, 1))
        kept[name] = (("chain", "draw", f"{name}_element"), flat[:, :, varies])
    return xr.Dataset(kept)


def diagnose(posterior: xr.Dataset, sample_stats: xr.Dataset, hazards: xr.Dataset | None = None) -> Diagnostics:
    """Compare a posterior with the limits of the gate.

    Parameters
    ----------
    posterior : xarray.Dataset
        Parameters, dims ``(chain, draw, ...)``.
    sample_stats : xarray.Dataset
        With ``diverging`` and ``energy``.
    hazards : xarray.Dataset, optional
        Log hazards that reports show, judged like parameters.

    Returns
    -------
    Diagnostics
        R-hat, effective sample sizes, divergences and E-BFMI, each with value, limit and verdict.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=FutureWarning)
        import arviz as az

    judged = varying(posterior if hazards is None else posterior.merge(hazards))
    worst = {
        "R-hat": _extreme(az.rhat(judged), largest=True),
        "bulk effective sample size": _extreme(az.ess(judged, method="bulk"), largest=False),
        "tail effective sample size": _extreme(az.ess(judged, method="tail"), largest=False),
    }
    divergent = int(sample_stats["diverging"].sum())
    allowed = int(MAX_DIVERGENT_SHARE * sample_stats["diverging"].size)
    bfmi = float(np.min(az.bfmi(sample_stats["energy"].values)))
    r_hat, *sizes = worst.items()
    diagnostics: Diagnostics = {
        r_hat[0]: _verdict(r_hat[1][0], MAX_R_HAT, r_hat[1][0] <= MAX_R_HAT, r_hat[1][1]),
        **{name: _verdict(value, MIN_ESS, value >= MIN_ESS, where) for name, (value, where) in sizes},
        "divergent transitions": _verdict(divergent, allowed, divergent <= allowed, "all chains"),
        "E-BFMI": _verdict(bfmi, MIN_E_BFMI, bfmi >= MIN_E_BFMI, "worst chain"),
    }
    return diagnostics


def passed(diagnostics: Mapping[str, Mapping[str, object]]) -> bool:
    """Tell whether every check of the gate passed."""
    return all(bool(check["passed"]) for check in diagnostics.values())


def _verdict(value: float, limit: float, verdict: bool, worst: str) -> dict[str, float | bool | str]:
    return {"value": float(value), "limit": float(limit), "passed": bool(verdict), "worst": worst}


def _extreme(values: xr.Dataset, *, largest: bool) -> tuple[float, str]:
    """Give the worst value over all quantities and the quantity's name; an undefined value is the worst."""
    worst = {}
    for name, each in values.data_vars.items():
        if each.size:
            worst[str(name)] = float(each.max(skipna=False) if largest else each.min(skipna=False))
    undefined = [name for name, value in worst.items() if np.isnan(value)]
    if undefined:
        return float("nan"), undefined[0]
    name = (max if largest else min)(worst, key=worst.__getitem__)
    return worst[name], name
