"""From the table of replicated experiments to arrays, and back to standardised mean differences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from resurge.evidence.resistance_selection import is_modelled_pair
from resurge.synthesis.translation_priors import KINDS

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]


@dataclass(frozen=True)
class TranslationDesign:
    """Layout of the replicated experiments; effects are arsinh(d / 2).

    Attributes
    ----------
    pairs, experiments : tuple of str
        Labels.
    original, original_se, replication, replication_se : ndarray, shape (pair,)
        Effects and their standard errors.
    weight : ndarray, shape (pair,)
        1; 0 for a pair that has a place in the layout and tells nothing.
    pair_experiment : ndarray, shape (pair, experiment)
        0/1 membership.
    experiment_kind : ndarray, shape (experiment, kind)
        0/1 kind: animal or cell.
    """

    pairs: tuple[str, ...]
    experiments: tuple[str, ...]
    original: Array
    original_se: Array
    replication: Array
    replication_se: Array
    weight: Array
    pair_experiment: Array
    experiment_kind: Array


def stable(d: ArrayLike) -> Array:
    """Turn a standardised mean difference into arsinh(d / 2), whose error hardly depends on its size.

    It is the Fisher z of the correlation that corresponds to d with groups of one size.
    """
    return np.arcsinh(np.asarray(d, dtype=float) / 2)


def stable_se(d: ArrayLike, se: ArrayLike) -> Array:
    """Give the standard error of arsinh(d / 2)."""
    return np.asarray(se, dtype=float) / np.sqrt(np.asarray(d, dtype=float) ** 2 + 4)


def standardised(effect: ArrayLike) -> Array:
    """Turn arsinh(d / 2) back into a standardised mean difference."""
    return 2 * np.sinh(np.asarray(effect, dtype=float))


def translation_design(pairs: pd.DataFrame) -> TranslationDesign:
    """Lay out the pairs that the model reads.

    Parameters
    ----------
    pairs : pandas.DataFrame
        The table ``replication_pairs``.
    """
    used = pairs[[is_modelled_pair(row) for row in pairs.to_dict("records")]].reset_index(drop=True)
    experiments = tuple(dict.fromkeys(used["experiment"]))
    kind = dict(zip(used["experiment"], np.where(used["animal"] == "yes", "animal", "cell"), strict=True))
    return TranslationDesign(
        pairs=tuple(used["pair_id"]),
        experiments=experiments,
        original=stable(used["smd_original"]),
        original_se=stable_se(used["smd_original"], used["se_original"]),
        replication=stable(used["smd_replication"]),
        replication_se=stable_se(used["smd_replication"], used["se_replication"]),
        weight=np.ones(len(used)),
        pair_experiment=(used["experiment"].to_numpy()[:, None] == np.array(experiments)).astype(float),
        experiment_kind=np.array([[float(kind[name] == each) for each in KINDS] for name in experiments]),
    )
