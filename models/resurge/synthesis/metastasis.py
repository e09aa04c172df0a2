"""Where breast cancer spreads: the share of patients with metastases at each site, by subtype and setting.

Glossary
--------
================== ========================== ==========================================================================
symbol             dims                       meaning
================== ========================== ==========================================================================
mu                 setting, site              log odds of a site in a typical source, mean of the subtypes
tau                                           spread of the subtypes around that mean
delta              subtype, site              log odds of a subtype against the mean, shared by the settings
kappa                                         spread of a setting's own contrast around the shared one
contrast           setting, subtype, site     log odds of a subtype against the mean in one setting
log_sigma_centre                              log of the typical spread of sources
sigma              site                       spread of sources in the log odds of a site
correlation                                   between the sites of one source
u                  population, site           log odds of a source against a typical one
mix                subtype                    shares of the subtypes among patients with metastases
concentration                                 patients that a share scatters like, beyond counting
single             single_site                log of how much more often a site is alone than if sites were independent
reach              reach_set                  share of a source's early patients who had metastases
observed_n_site    entry                      patients with the site (data)
n_site             entry                      their distribution
================== ========================== ==========================================================================

Equations
---------
Site v in subtype s, setting k, source j (population; the same in all its settings)::

    logit p[k, s, v, j] = mu[k, v] + contrast[k, s, v] + u[j, v]
    contrast[k, s, v] ~ Normal(delta[s, v], kappa),   delta[s, v] ~ Normal(0, tau),   both with mean 0 over s
    u[j, .] ~ MVN(0, sigma sigma' * R),   R[v, w] = correlation between different sites

A label of several subtypes is their mixture, and shares of all early patients are thinned by those without metastases::

    p_i = sum over its subtypes of mix[s] p[k, s, v, j] / sum of mix[s],   times reach for all early patients
    n_i ~ BetaBinomial(N_i, concentration * p_i, concentration * (1 - p_i))

If sites came independently, a single metastasis would be at site v in proportion to its odds; ``single`` says how far
that fails::

    q[v] proportional to exp(logit p[k, s, v, j] + single[v])   over bone, liver, lung and brain
    n_i ~ BetaBinomial(N_i, concentration * q[v], concentration * sum of q over later sites)

which, N_i being the patients not at an earlier site, is a Dirichlet-multinomial over the sites.
"""

from __future__ import annotations

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from resurge.synthesis.metastasis_design import SETTINGS, SINGLE_SITES, SITES, SUBTYPES, SiteDesign
from resurge.synthesis.metastasis_priors import MIX, MIX_PATIENTS, MetastasisPriors


def build_model(design: SiteDesign, priors: MetastasisPriors) -> pm.Model:
    """State the metastasis model for a body of evidence; see the module for glossary and equations.

    Parameters
    ----------
    design : SiteDesign
        Layout of the evidence.
    priors : MetastasisPriors
        Every prior of the model.

    Returns
    -------
    pymc.Model
        With named dims and coords.
    """
    coords = {
        "setting": SETTINGS,
        "subtype": SUBTYPES,
        "site": SITES,
        "single_site": SINGLE_SITES,
        "population": design.populations,
        "reach_set": design.reach_sets,
        "entry": np.arange(len(design.labels)),
    }
    with pm.Model(coords=coords) as model:
        observed = pm.Data("observed_n_site", design.n_site, dims="entry")

        # Subtypes: contrasts that settings share, and what each adds
        mu = pm.Normal("mu", priors.mu.mean, priors.mu.sd, dims=("setting", "site"))
        tau = pm.LogNormal("tau", priors.log_tau.mean, priors.log_tau.sd)
        kappa = pm.LogNormal("kappa", priors.log_kappa.mean, priors.log_kappa.sd)
        z_delta = pm.Normal("z_delta", 0, 1, dims=("subtype", "site"))
        z_contrast = pm.Normal("z_contrast", 0, 1, dims=("setting", "subtype", "site"))
        delta = pm.Deterministic("delta", tau * around_mean(z_delta), dims=("subtype", "site"))
        own = kappa * around_mean(z_contrast)
        contrast = pm.Deterministic("contrast", delta + own, dims=("setting", "subtype", "site"))

        # Sources: levels of their sites, correlated
        centre = pm.Normal("log_sigma_centre", priors.log_sigma.mean, priors.log_sigma.sd)
        z_sigma = pm.Normal("z_sigma", 0, 1, dims="site")
        sigma = pm.Deterministic("sigma", pt.exp(centre + priors.spread_of_log_sigma * z_sigma), dims="site")
        together = pm.Beta("together", *priors.correlation)
        correlation = pm.Deterministic("correlation", correlation_of(together))
        z_u = pm.Normal("z_u", 0, 1, dims=("population", "site"))
        u = pm.Deterministic("u", sigma * correlated(z_u, correlation, sqrt=pt.sqrt), dims=("population", "site"))

        # Counts: mixtures of subtypes, scattered beyond counting
        mix = pm.Dirichlet("mix", MIX_PATIENTS * np.array(MIX), dims="subtype")
        concentration = pm.LogNormal("concentration", priors.log_concentration.mean, priors.log_concentration.sd)
        single = pm.Normal("single", priors.single.mean, priors.single.sd, dims="single_site")
        reach = pm.Beta("reach", *priors.reach, dims="reach_set")
        log_odds = mu[:, None, :][design.group_setting] + contrast[design.group_setting]
        log_odds = log_odds + u[design.group_population][:, None, :]
        at_site, elsewhere = expected(design, log_odds, mix, single, reach)
        pm.BetaBinomial(
            "n_site",
            n=design.n_total,
            alpha=concentration * at_site,
            beta=concentration * elsewhere,
            observed=observed,
            dims="entry",
        )
    return model


def around_mean(z: pt.TensorVariable) -> pt.TensorVariable:
    """Take the mean of the subtypes, the axis before the last, away: it belongs to mu, and differences stay."""
    return z - z.mean(-2)[..., None, :]


def correlation_of(together: pt.TensorVariable) -> pt.TensorVariable:
    """Stretch a number between 0 and 1 to the correlations that all pairs of sites can have at once."""
    least = -1 / (len(SITES) - 1)
    return least + (1 - least) * together


def correlated(z: pt.TensorVariable, correlation: pt.TensorVariable, *, sqrt: object = np.sqrt) -> pt.TensorVariable:
    """Give independent standard normals over sites, the last axis, a common correlation.

    Their mean and their distances from it are independent, with variances (1 + (V - 1) r) / V and 1 - r.
    """
    middle = z.mean(-1)[..., None]
    return sqrt(1 - correlation) * (z - middle) + sqrt(1 + (len(SITES) - 1) * correlation) * middle


def expected(
    design: SiteDesign,
    log_odds: pt.TensorVariable,
    mix: pt.TensorVariable,
    single: pt.TensorVariable,
    reach: pt.TensorVariable,
) -> tuple[pt.TensorVariable, pt.TensorVariable]:
    """Give each entry's share at its site and the share elsewhere that it is counted against, shape (entry,)."""
    shares = pt.sigmoid(log_odds).dimshuffle(0, 2, 1).reshape((-1, len(SUBTYPES)))
    weights = design.members * mix
    of_site = (shares[design.group * len(SITES) + design.site] * weights).sum(1) / weights.sum(1)
    thinned = of_site * (1 - design.reach.sum(1) + pt.dot(design.reach, reach))
    odds = pt.exp(log_odds[:, :, : len(SINGLE_SITES)] + single).reshape((-1, len(SINGLE_SITES)))
    alone = odds[design.group * len(SUBTYPES) + design.members.argmax(1)]
    alone = alone / alone.sum(1, keepdims=True)
    here, later = single_masks(design)
    is_single = design.single == 1
    at_site = pt.switch(is_single, (alone * here).sum(1), thinned)
    return at_site, pt.switch(is_single, (alone * later).sum(1), 1 - thinned)


def single_masks(design: SiteDesign) -> tuple[np.ndarray, np.ndarray]:
    """Mark each entry's site and the sites that are counted off after it, each of shape (entry, single_site)."""
    order = np.arange(len(SINGLE_SITES))
    here = (design.site[:, None] == order).astype(float)
    later = (design.site[:, None] < order).astype(float)
    # Entries of other sites never use theirs; a share above 0 keeps their unused branch finite.
    later[design.single == 0] = here[design.single == 0] = 1.0
    return here, later
