"""Sampling a model with nutpie: compile once, draw, show progress."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Hashable, Mapping
from threading import RLock
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from resurge.inference.settings import Settings, cores_of

if TYPE_CHECKING:
    import pymc as pm
    import xarray as xr
    from nutpie.sample import CompiledModel


Code = TypeVar("Code")
_COMPILED: dict[Hashable, Any] = {}
_COMPILING = RLock()
"""Threads of one worker ask for the same model at once, and PyTensor compiles one at a time."""


def compile_model(model: pm.Model) -> CompiledModel:
    """Compile a model's log density and gradient; seconds that further data of the same shape need not cost again."""
    import nutpie

    with _COMPILING, warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="PyTensor could not link to a BLAS", category=UserWarning)
        return nutpie.compile_pymc_model(model, backend="numba")


def compiled_once(key: Hashable, make: Callable[[], Code]) -> Code:
    """Compile the first time that this process asks for something, and give it again after that.

    Parameters
    ----------
    key : hashable
        What tells one thing from another: the name of a model and a hash of all that is not data of the model.
    make : callable
        Compiles it; :func:`sample` exchanges data.
    """
    with _COMPILING:
        if key not in _COMPILED:
            _COMPILED[key] = make()
        return _COMPILED[key]


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
    import xarray as xr

    if data is not None:
        compiled = compiled.with_data(**{name: np.asarray(value) for name, value in data.items()})
    trace = nutpie.sample(
        compiled,
        draws=settings.draws,
        tune=settings.tune,
        chains=settings.chains,
        cores=cores_of(settings),
        seed=settings.seed,
        target_accept=settings.target_accept,
        low_rank_modified_mass_matrix=True,
        save_warmup=False,
        progress_bar=progress,
    )
    kept = [name for name in trace.posterior.data_vars if not str(name).endswith("__")]
    return xr.DataTree.from_dict({"posterior": trace.posterior[kept], "sample_stats": trace.sample_stats})
