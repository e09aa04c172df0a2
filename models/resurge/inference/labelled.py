"""Draws of several chains with dims and labels: what a group of a record holds, without xarray's seconds of import."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    import xarray as xr

SAMPLE = ("chain", "draw")
"""First dims of what has a sample."""
Laid = tuple[tuple[str, ...], NDArray]
"""Dims and values."""


@dataclass(frozen=True)
class Labelled:
    """Arrays with dims, and labels of dims.

    Attributes
    ----------
    variables : mapping of str to tuple
        Dims and values by name; those with a sample begin with ``chain`` and ``draw``.
    labels : mapping of str to ndarray
        Names or numbers of the places of a dim, by dim.
    """

    variables: Mapping[str, Laid]
    labels: Mapping[str, NDArray] = field(default_factory=dict)

    @classmethod
    def of(cls, dataset: xr.Dataset) -> Labelled:
        """Take what a dataset holds; its values are shared, not copied."""
        laid = {str(name): (each.dims, each.values) for name, each in dataset.variables.items()}
        return cls(
            {name: each for name, each in laid.items() if name not in dataset.dims},
            {name: values for name, (_, values) in laid.items() if name in dataset.dims},
        )

    @property
    def shape(self) -> tuple[int, int]:
        """Chains and draws of each."""
        return self.sizes["chain"], self.sizes["draw"]

    @property
    def sizes(self) -> dict[str, int]:
        """Places of each dim."""
        laid = [*self.variables.values(), *(((dim,), names) for dim, names in self.labels.items())]
        return {dim: size for dims, values in laid for dim, size in zip(dims, values.shape, strict=True)}

    def extended(
        self, variables: Mapping[str, tuple[str | tuple[str, ...], ArrayLike]], labels: Mapping[str, ArrayLike]
    ) -> Labelled:
        """Add variables, each its dim or dims and values, and labels."""
        added = {
            name: ((dims,) if isinstance(dims, str) else tuple(dims), np.asarray(values))
            for name, (dims, values) in variables.items()
        }
        return Labelled(
            {**self.variables, **added}, {**self.labels, **{dim: np.asarray(each) for dim, each in labels.items()}}
        )

    def flat_arrays(self) -> dict[str, NDArray]:
        """Give all variables as plain arrays: chains joined, the sample first; constants and labels as they are."""
        n = self.shape[0] * self.shape[1]
        found = {
            name: values.reshape(n, *values.shape[2:]) if dims[:2] == SAMPLE else values
            for name, (dims, values) in self.variables.items()
        }
        return found | {dim: names for dim, names in self.labels.items() if dim not in SAMPLE}

    def as_dataset(self) -> xr.Dataset:
        """Give the same as a dataset of xarray."""
        import xarray as xr

        return xr.Dataset(dict(self.variables), coords=dict(self.labels))


def split(
    draws: Mapping[str, NDArray[np.float64]],
    shape: tuple[int, int],
    dims: Mapping[str, tuple[str, ...]],
    labels: Mapping[str, Iterable[str]],
) -> Labelled:
    """Split arrays with the sample first into chains, with dims and labels.

    Parameters
    ----------
    draws : mapping of str to ndarray
        Arrays by name, shape ``(sample, ...)``.
    shape : tuple of int
        Chains and draws of each.
    dims : mapping of str to tuple of str
        Dims after the sample, by name; none where a name is not in it.
    labels : mapping of str to iterable of str
        Labels of dims.
    """
    return Labelled(
        {
            name: ((*SAMPLE, *dims.get(name, ())), values.reshape(*shape, *values.shape[1:]))
            for name, values in draws.items()
        },
        {"chain": np.arange(shape[0]), "draw": np.arange(shape[1])}
        | {dim: np.array(list(names), dtype=str) for dim, names in labels.items()},
    )
