"""How far do the therapy answers rest on what is stated rather than estimated?

Fits the therapy model again with other correlations between the estimates of one trial, with rows whose duration of
treatment is assumed left out, and with trials read alone instead of inside overviews left out, and prints the hazard
ratios of main classes side by side.

Usage: ``uv run python analyses/therapy_sensitivity.py`` after ``uv run resurge fit``; a minute a variant.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from resurge.evidence import load_evidence
from resurge.findings.effect_draws import Effect, average
from resurge.inference.fit_therapy import typical_baseline, with_constants, with_effects
from resurge.inference.gate import diagnose, passed
from resurge.inference.sample import compile_model, sample
from resurge.inference.settings import QUICK
from resurge.project import find_project
from resurge.synthesis.shared_patients import STATED, Sharing
from resurge.synthesis.therapy import build_model
from resurge.synthesis.therapy_design import therapy_design
from resurge.synthesis.therapy_priors import THERAPY

CLASSES = ("endocrine_tamoxifen", "endocrine_ai", "extended_endocrine", "anti_her2_mab", "cdk46_inhibitor")
WINDOWS = ((0.0, 2.0), (2.0, 5.0), (5.0, 10.0), (10.0, 15.0))

project = find_project(Path(__file__).parent)
effects = load_evidence(project.data).therapy_effects
baseline = typical_baseline(project)
variants = {
    "as stated": (effects, STATED),
    "estimates of one trial nearly independent": (effects, Sharing(0.2, 0.1, 0.2)),
    "estimates of one trial nearly the same": (effects, Sharing(0.95, 0.9, 0.5)),
    "without assumed durations": (effects[effects["contrast_years_from"] != "assumed"], STATED),
    "without changes over time inside overviews": (effects[effects["used_as"] != "shape"], STATED),
}


def answers(rows: pd.DataFrame, sharing: Sharing) -> dict[str, str]:
    """Fit a variant and give the hazard ratio of each class and window as text."""
    design = therapy_design(rows, baseline, sharing)
    groups = sample(compile_model(build_model(design, THERAPY)), QUICK)
    sampled, stats = groups["posterior"].to_dataset(), groups["sample_stats"].to_dataset()
    if not passed(diagnose(sampled.drop_vars("m"), stats)):
        raise SystemExit("a variant did not pass the gate; nothing is compared")
    effects = with_effects(sampled, design, np.random.default_rng(QUICK.seed))
    posterior = with_constants(effects, design, baseline).as_dataset()
    stacked = posterior.stack(sample=("chain", "draw")).transpose("sample", ...)
    draws = {str(name): stacked[name].values for name in (*stacked.data_vars, "effect_class", "scaled_endpoint")}
    found = {}
    for name in (each for each in CLASSES if each in design.classes):
        for start, end in WINDOWS:
            lower, middle, upper = np.exp(np.quantile(average(draws, Effect(name), start, end), (0.025, 0.5, 0.975)))
            found[f"{name}, years {start:g}-{end:g}"] = f"{middle:.2f} ({lower:.2f}-{upper:.2f})"
    return found


table = pd.DataFrame({name: answers(*variant) for name, variant in variants.items()})
print(table.fillna("").to_string())
