"""Resistance to therapy: which mechanisms carry evidence, of which kind, and how much of it is their own.

Glossary
--------
=================== ==================== =====================================================================
symbol              dims                 meaning
=================== ==================== =====================================================================
mu                  facet                effect of a typical mechanism
tau                 facet                spread of the mechanisms of one class
kappa                                    spread of classes over that of mechanisms
partial             pair                 partial correlations between facets
correlation         facet, other_facet   correlation between the facets of a mechanism
z_class             mechanism_class, facet  standardised effect of a class
z                   tested, facet        standardised effect of a mechanism beyond its class
theta               tested, facet        effect of a mechanism, on the scale of the facet
sigma               facet                spread of sources around a mechanism
omega               facet                spread of the rows of a source beyond their sampling errors
excess              facet                standard errors by which a chosen row exceeds the truth
observed_readings   reading              effects as published, rotated (data)
readings                                 their log density, effects of sources integrated out
=================== ==================== =====================================================================

Equations
---------
Positive means that the mechanism goes with worse outcome or resistance, or that acting against it helps. Mechanism m of
class c, facet f, correlation matrix C = L L'::

    theta[m, f] = mu[f] + tau[f] * (kappa * (L z_class[c])[f] + (L z[m])[f]),    z, z_class ~ Normal(0, 1)

Row i of source s reports one mechanism in one facet. A source that tabulates many mechanisms differs from the truth of
each by its own amount, not of all by one::

    y_i = theta[m, f] + u[s, m, f] + excess[f] * chosen_i * se_i + e_i
    u[s, m, f] ~ Normal(0, sigma[f]),    e_i ~ Normal(0, sqrt(se_i^2 + omega[f]^2))

What is significant is printed sooner, the more so where errors are large: a row that was chosen to be printed exceeds
the truth by ``excess`` standard errors; rows of tables that list every marker do not (chosen = 0).

Errors of rows of one source, mechanism and facet are correlated, since they are of the same patients; the rows are
rotated to independent readings r_i = m_i * (theta + u) + lean_i * excess + e_i, from which u is integrated out exactly.
Rows without a standard error have omega alone, which for cells holds the error that is not printed.
"""

from __future__ import annotations

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from resurge.synthesis.correlation import beta_shapes, cholesky, pairs
from resurge.synthesis.resistance_design import ResistanceDesign
from resurge.synthesis.resistance_levels import readings_log_density
from resurge.synthesis.resistance_priors import FACETS, ResistancePriors


def build_model(design: ResistanceDesign, priors: ResistancePriors) -> pm.Model:
    """State the resistance model for a body of evidence; see the module for glossary and equations.

    Parameters
    ----------
    design : ResistanceDesign
        Layout of the evidence.
    priors : ResistancePriors
        Every prior of the model.

    Returns
    -------
    pymc.Model
        With named dims and coords.
    """
    n = len(FACETS)
    coords = {
        "facet": FACETS,
        "other_facet": FACETS,
        "pair": [f"{FACETS[i]} : {FACETS[j]}" for i, j in zip(*pairs(n), strict=True)],
        "mechanism_class": design.classes,
        "tested": design.tested,
        "reading": np.arange(len(design.readings)),
    }
    with pm.Model(coords=coords) as model:
        observed = pm.Data("observed_readings", design.readings, dims="reading")

        # Mechanisms: around their class, their facets correlated
        mu = pm.Normal("mu", priors.mu.mean, priors.mu.sd, dims="facet")
        tau = pm.LogNormal("tau", priors.log_tau.mean, priors.log_tau.sd, dims="facet")
        kappa = pm.LogNormal("kappa", priors.log_kappa.mean, priors.log_kappa.sd)
        shapes = beta_shapes(n, priors.correlation.eta)
        partial = pm.Deterministic("partial", 2 * pm.Beta("half", shapes, shapes, dims="pair") - 1, dims="pair")
        L = cholesky(partial, n, log=pt.log, exp=pt.exp)
        pm.Deterministic("correlation", L @ L.T, dims=("facet", "other_facet"))
        z_class = pm.Normal("z_class", 0, 1, dims=("mechanism_class", "facet"))
        z = pm.Normal("z", 0, 1, dims=("tested", "facet"))
        standard = kappa * pt.dot(design.tested_class, z_class) + z
        theta = pm.Deterministic("theta", mu + tau * pt.dot(standard, L.T), dims=("tested", "facet"))

        # Published effects: sources around the mechanism, rows around their source
        sigma = pm.LogNormal("sigma", priors.log_sigma.mean, priors.log_sigma.sd, dims="facet")
        omega = pm.LogNormal("omega", priors.log_omega.mean, priors.log_omega.sd, dims="facet")
        excess = pm.HalfNormal("excess", priors.excess.sd, dims="facet")
        expected = (pt.dot(design.reading_tested, theta) * design.reading_facet).sum(1)
        variance = design.variance + pt.dot(design.reading_facet, omega**2)
        spread = pt.dot(design.report_facet, sigma**2)
        unbiased = observed - design.lean * pt.dot(design.reading_facet, excess)
        density = readings_log_density(
            unbiased, expected, design.m, variance, design.reading_report, spread, log=pt.log
        )
        pm.Potential("readings", density)
    return model
