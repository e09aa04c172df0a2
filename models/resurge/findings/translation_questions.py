"""How much of a published preclinical effect is seen again: answers from stored draws, numpy only."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from resurge.errors import UsageError
from resurge.findings.effect_draws import labels
from resurge.findings.questions import Answer, estimate
from resurge.inference.records import sound_draws
from resurge.project import Project
from resurge.synthesis.translation_design import stable, stable_se, standardised
from resurge.synthesis.translation_forward import true_effect_given

MODEL = "translation"
PARAMETERS = ("centre", "between", "within", "slope", "sigma", "omega", "eta")
PAIRS = ("delta", "pair", "pair_kind", "pair_experiment", "original", "original_se", "replication", "replication_se")
SEED = 1
"""Seed of the experiments that are imagined."""


def answer_replication(project: Project, kind: str, original: float, n: float, *, level: float) -> Answer:
    """Answer what others would see who repeat a published preclinical experiment.

    Parameters
    ----------
    project : Project
        Where the posterior is stored.
    kind : {"animal", "cell"}
        Kind of experiment.
    original : float
        Published effect, as a standardised mean difference.
    n : float
        Animals or samples behind it, both groups together.
    level : float
        Probability of the interval.

    Returns
    -------
    dict
        ``question``, ``interval``, ``truth`` (the true effect of the original, corrected for having been picked),
        ``repeated`` (true effect of a repetition), ``share`` (repeated over published), ``slope``,
        ``probability_same_direction``, ``probability_half`` and ``evidence``.

    Raises
    ------
    RecordError
        If there is no posterior to report from.
    UsageError
        If the published effect is not above 0 or the number is below 4.
    """
    if not original > 0 or not n >= 4:
        raise UsageError("--original is a standardised mean difference above 0, -n at least 4 animals or samples")
    draws = sound_draws(project, MODEL, (*PARAMETERS, "kind", "pair_kind", "pair_experiment"))
    k = labels(draws["kind"]).index(kind)
    effect, se = float(stable(original)), float(stable_se(original, error_of(original, n)))
    truth, repeated = repetition(draws, k, effect, se)
    own = draws["pair_kind"].astype(int) == k
    shown = standardised(repeated)
    return {
        "question": {"kind": kind, "original": original, "n": n, "standard_error": error_of(original, n)},
        "interval": level,
        "truth": estimate(standardised(truth), level),
        "repeated": estimate(shown, level),
        "share": estimate(shown / original, level),
        "slope": estimate(draws["slope"][:, k], level),
        "probability_same_direction": float((repeated > 0).mean()),
        "probability_half": float((shown > original / 2).mean()),
        "evidence": {"pairs": int(own.sum()), "experiments": len(set(draws["pair_experiment"][own].astype(int)))},
    }


def error_of(d: float, n: float) -> float:
    """Give the standard error of a standardised mean difference from two groups of n / 2."""
    return float(np.sqrt(4 / n + d**2 / (2 * n)))


def repetition(
    draws: dict[str, NDArray[np.float64]], kind: int, original: float, se: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Draw the true effects of a published original and of its repetition, arsinh(d / 2), shape (sample,) each."""
    rng = np.random.default_rng(SEED)
    truth = true_effect_given(original, se, kind, draws, rng)
    spread = np.hypot(draws["sigma"][:, kind], draws["omega"][:, kind])
    return truth, draws["slope"][:, kind] * truth + spread * rng.standard_normal(len(truth))
