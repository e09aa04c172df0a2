"""Translation: how much of a published preclinical effect is seen again when others repeat the experiment.

Glossary
--------
==================== ============ ==========================================================================
symbol               dims         meaning
==================== ============ ==========================================================================
centre               kind         typical true original effect, arsinh(d / 2) of a standardised mean difference d
between              kind         spread of experiments
within               kind         spread of the outcomes of one experiment
level                experiment   middle of the true effects of an experiment
z_pair               pair         standardised outcome within its experiment
delta                pair         true effect of the original experiment
slope                kind         share of the true original effect that a repetition shows
sigma                kind         spread of repeated experiments around that share
omega                kind         spread of the outcomes of one repeated experiment
eta                               chance of an original that is not significant to be picked, against one that is
observed_original    pair         published effect (data)
observed_replication pair         effect of the replication (data)
weight               pair         1; 0 for a pair that tells nothing (data)
originals                         log density of the published effects, given that they were picked
replications                      log density of the replications, levels of experiments integrated out
==================== ============ ==========================================================================

Equations
---------
Pair i of experiment e of kind k (animal, cell)::

    level[e] ~ Normal(centre[k], between[k]),    delta[i] = level[e] + within[k] * z_pair[i]
    original_i ~ Normal(delta[i], se_i), picked with chance 1 if original_i > 1.96 se_i, else eta
    replication_i ~ Normal(slope[k] * delta[i] + a[e], sqrt(se'_i^2 + omega[k]^2)),    a[e] ~ Normal(0, sigma[k])

The density of a picked original is that of the normal, divided by the chance to be picked
``eta + (1 - eta) * Phi(delta / se - 1.96)``: the winner's curse. Outcomes of one experiment share ``a`` and ``level``,
so ten outcomes of one experiment are not ten experiments. A pair of ``weight`` 0 is in neither density.
"""

from __future__ import annotations

import pymc as pm
import pytensor.tensor as pt

from resurge.synthesis.resistance_levels import readings_log_density
from resurge.synthesis.translation_design import TranslationDesign
from resurge.synthesis.translation_priors import KINDS, TranslationPriors

SIGNIFICANT = 1.959963984540054
"""z value of a two-sided p of 0.05."""


def build_model(design: TranslationDesign, priors: TranslationPriors) -> pm.Model:
    """State the translation model for a body of evidence; see the module for glossary and equations.

    Parameters
    ----------
    design : TranslationDesign
        Layout of the evidence.
    priors : TranslationPriors
        Every prior of the model.

    Returns
    -------
    pymc.Model
        With named dims and coords.
    """
    coords = {"kind": KINDS, "experiment": design.experiments, "pair": design.pairs}
    experiment, kind = design.pair_experiment, design.experiment_kind
    pair_kind = experiment @ kind
    with pm.Model(coords=coords) as model:
        original = pm.Data("observed_original", design.original, dims="pair")
        replication = pm.Data("observed_replication", design.replication, dims="pair")
        weight = pm.Data("weight", design.weight, dims="pair")

        # True effects of the originals
        centre = pm.Normal("centre", priors.centre.mean, priors.centre.sd, dims="kind")
        between = pm.LogNormal("between", priors.log_between.mean, priors.log_between.sd, dims="kind")
        within = pm.LogNormal("within", priors.log_within.mean, priors.log_within.sd, dims="kind")
        z_pair = pm.Normal("z_pair", 0, 1, dims="pair")
        level = pm.Normal("level", pt.dot(kind, centre), pt.dot(kind, between), dims="experiment")
        delta = pm.Deterministic("delta", pt.dot(experiment, level) + pt.dot(pair_kind, within) * z_pair, dims="pair")

        # Originals as published, because they were picked
        eta = pm.Beta("eta", priors.eta.a, priors.eta.b)
        z_value = delta / design.original_se - SIGNIFICANT
        picked = eta + (1 - eta) * 0.5 * pt.erfc(-z_value / 2**0.5)
        chosen = pt.switch(original > SIGNIFICANT * design.original_se, 1.0, eta)
        error = (original - delta) / design.original_se
        pm.Potential("originals", (weight * (-0.5 * error**2 + pt.log(chosen) - pt.log(picked))).sum())

        # Replications, which nobody picked
        slope = pm.Normal("slope", priors.slope.mean, priors.slope.sd, dims="kind")
        sigma = pm.LogNormal("sigma", priors.log_sigma.mean, priors.log_sigma.sd, dims="kind")
        omega = pm.LogNormal("omega", priors.log_omega.mean, priors.log_omega.sd, dims="kind")
        # A pair of weight 0 is a reading of 0, whatever the truth, with an error of 1.
        variance = weight * (design.replication_se**2 + pt.dot(pair_kind, omega**2)) + 1 - weight
        density = readings_log_density(
            weight * (replication - pt.dot(pair_kind, slope) * delta), 0.0, weight, variance, experiment,
            pt.dot(kind, sigma**2), log=pt.log,
        )  # fmt: skip
        pm.Potential("replications", density)
    return model
