"""Sampling a model with nutpie: compile once, draw, show progress, keep every setting with the draws."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

if TYPE_CHECKING:
    import pymc as pm
    from nutpie.sample import CompiledModel


@dataclass(frozen=True)
class Settings:
    """How a posterior is drawn; stored with it.

    ``target_accept`` above the usual 0.8 buys small steps where populations' tilts are barely known. The mass matrix
    is adapted with
    a low-rank part, which follows the correlation of neighbouring spline coefficients and cuts the steps of a draw to
    a third.
    """

    draws: int = 1000
    tune: int = 700
    chains: int = 4
    cores: int = 2
    seed: int = 20
    target_accept: float = 0.95

    def as_dict(self) -> dict[str, int | float]:
        """Give the settings by name, as they are stored."""
        return asdict(self)


QUICK = Settings(draws=1000, tune=500)
"""A shorter warm-up, to see that everything runs; enough for the gate where the posterior is easy."""


def settings_for(given: Mapping[str, int], *, quick: bool) -> Settings:
    """Give the default or quick settings with some of them replaced."""
    return replace(QUICK if quick else Settings(), **given)


def compile_model(model: pm.Model) -> CompiledModel:
    """Compile a model's log density and gradient; seconds that further data of the same shape need not cost again."""
    import nutpie

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="PyTensor could not link to a BLAS", category=UserWarning)
        return nutpie.compile_pymc_model(model, backend="numba")


def sample(
    compiled: CompiledModel,
    settings: Settings,
    *,
    progress: bool = True,
    data: Mapping[str, ArrayLike] | None = None,
) -> xr.DataTree:
    """Draw from the posterior.

    Parameters
    ----------
    compiled : CompiledModel
        As from :func:`compile_model`.
    settings : Settings
        Draws, chains and seed.
    progress : bool
        Whether to show a live progress bar.
    data : mapping of str to array_like, optional
        New values of the model's data, of the same shapes; the compiled model is used again.

    Returns
    -------
    xarray.DataTree
        Groups ``posterior`` (parameters on their own scale) and ``sample_stats``.
    """
    import nutpie

    if data is not None:
        compiled = compiled.with_data(**{name: np.asarray(value) for name, value in data.items()})
    trace = nutpie.sample(
        compiled,
        draws=settings.draws,
        tune=settings.tune,
        chains=settings.chains,
        cores=settings.cores,
        seed=settings.seed,
        target_accept=settings.target_accept,
        low_rank_modified_mass_matrix=True,
        save_warmup=False,
        progress_bar=progress,
    )
    kept = [name for name in trace.posterior.data_vars if not str(name).endswith("__")]
    return xr.DataTree.from_dict({"posterior": trace.posterior[kept], "sample_stats": trace.sample_stats})
