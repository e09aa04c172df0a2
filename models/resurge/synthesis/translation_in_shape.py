"""Part of the replicated experiments laid out like the whole: pairs that are absent have weight 0.

An original enters as one that was picked, whose density keeps the chance to be picked however large its error, so that
only a weight leaves a pair out. An experiment without pairs keeps its level, which then has its prior.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from resurge.synthesis.in_shape import places
from resurge.synthesis.translation_design import TranslationDesign

OF_PAIRS = ("original", "original_se", "replication", "replication_se", "weight")


def in_shape_of(fewer: TranslationDesign, whole: TranslationDesign) -> TranslationDesign:
    """Lay out part of the evidence like the whole.

    Parameters
    ----------
    fewer, whole : TranslationDesign
        Layouts of the part and of the whole.

    Returns
    -------
    TranslationDesign
        The whole's, with what ``fewer`` says of its pairs and experiments, and weight 0 for all other pairs.

    Raises
    ------
    OtherShapeError
        If ``fewer`` has a pair or an experiment that the whole has not.
    """
    pairs = places(fewer.pairs, whole.pairs, "pair")
    experiments = places(fewer.experiments, whole.experiments, "experiment")
    said = {name: getattr(whole, name).copy() for name in (*OF_PAIRS, "pair_experiment", "experiment_kind")}
    said["weight"][:] = 0.0
    for name in OF_PAIRS:
        said[name][pairs] = getattr(fewer, name)
    said["pair_experiment"][pairs] = 0.0
    said["pair_experiment"][np.ix_(pairs, experiments)] = fewer.pair_experiment
    said["experiment_kind"][experiments] = fewer.experiment_kind
    return replace(whole, **said)
