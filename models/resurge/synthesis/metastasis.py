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
n_total            entry                      all patients that are counted (data)
n_site             entry                      distribution of patients with the site
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

Contrasts are sampled in units of their spread, levels of sources one site after the other: a level less what those
before it lead one to expect, in units between its own and sigma (``counted_first``). None of that changes the
model, only how fast it is sampled.
"""

from __future__ import annotations

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from resurge.synthesis.metastasis_design import SETTINGS, SINGLE_SITES, SITES, SUBTYPES, SiteDesign
from resurge.synthesis.metastasis_forward import correlated
from resurge.synthesis.metastasis_priors import MIX, MIX_PATIENTS, MetastasisPriors

PATIENTS_AT_MOST = 80
"""Patients that a count tells as much as at most, scattering as it does; about the prior's concentration."""
HALF_CENTRED = 60
"""Patients that tell of a level as much as other sources do, at a share of a third and sigma of 0.3."""
Coordinates = tuple[np.ndarray, np.ndarray]
"""Sites of each source in the order in which they are sampled, and how far each is centred."""


def build_model(design: SiteDesign, priors: MetastasisPriors, coordinates: Coordinates | None = None) -> pm.Model:
    """State the metastasis model for a body of evidence; see the module for glossary and equations.

    Parameters
    ----------
    design : SiteDesign
        Layout of the evidence.
    priors : MetastasisPriors
        Every prior of the model.
    coordinates : tuple of ndarray, optional
        Order of the sites of each source and how far they are centred, if not as :func:`counted_first` gives them.

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
        "place": np.arange(len(SITES)),
        "reach_set": design.reach_sets,
        "entry": np.arange(len(design.labels)),
    }
    with pm.Model(coords=coords) as model:
        observed = pm.Data("observed_n_site", design.n_site, dims="entry")
        n_total = pm.Data("n_total", design.n_total, dims="entry")

        # Subtypes: contrasts that settings share, and what each adds
        mu = pm.Normal("mu", priors.mu.mean, priors.mu.sd, dims=("setting", "site"))
        tau = pm.LogNormal("tau", priors.log_tau.mean, priors.log_tau.sd)
        kappa = pm.LogNormal("kappa", priors.log_kappa.mean, priors.log_kappa.sd)
        z_delta = pm.ZeroSumNormal("z_delta", dims=("site", "subtype"))
        z_contrast = pm.ZeroSumNormal("z_contrast", dims=("setting", "site", "subtype"))
        delta = pm.Deterministic("delta", tau * z_delta.T, dims=("subtype", "site"))
        own = kappa * z_contrast.transpose(0, 2, 1)
        contrast = pm.Deterministic("contrast", delta + own, dims=("setting", "subtype", "site"))

        # Sources: levels of their sites, correlated
        centre = pm.Normal("log_sigma_centre", priors.log_sigma.mean, priors.log_sigma.sd)
        z_sigma = pm.Normal("z_sigma", 0, 1, dims="site")
        sigma = pm.Deterministic("sigma", pt.exp(centre + priors.spread_of_log_sigma * z_sigma), dims="site")
        together = pm.Beta("together", *priors.correlation)
        correlation = pm.Deterministic("correlation", correlation_of(together))
        places, centring = coordinates or counted_first(design)
        scale = sigma[places] ** centring
        w_u = pm.Normal("w_u", 0, scale, dims=("population", "place"))
        standard = correlated(w_u / scale, correlation, cumsum=pt.cumsum)
        back = np.arange(len(places))[:, None], places.argsort(axis=1)
        u = pm.Deterministic("u", sigma * standard[back], dims=("population", "site"))

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
            n=n_total,
            alpha=concentration * at_site,
            beta=concentration * elsewhere,
            observed=observed,
            dims="entry",
        )
    return model


def correlation_of(together: pt.TensorVariable) -> pt.TensorVariable:
    """Stretch a number between 0 and 1 to the correlations that all pairs of sites can have at once."""
    least = -1 / (len(SITES) - 1)
    return least + (1 - least) * together


def counted_first(design: SiteDesign) -> Coordinates:
    """Give the sites of each source, those that it counts first, and how far they are centred, (population, site).

    How fast a posterior is sampled depends on it, and nothing else. Levels of sites without counts depend on those
    before them alone; a level that many patients tell moves little when sigma does, so it is sampled itself
    (centring 1), one that few tell is sampled in units of sigma (centring 0).
    """
    patients = np.zeros((len(design.populations), len(SITES)))
    told = PATIENTS_AT_MOST * design.n_total / (PATIENTS_AT_MOST + design.n_total)
    np.add.at(patients, (design.group_population[design.group], design.site), told)
    singles = design.group_population[design.group[design.single == 1]]
    counted = patients > 0
    counted[singles, : len(SINGLE_SITES)] = True  # the last of them is told by the others
    places = np.argsort(~counted, axis=1, kind="stable")
    return places, np.take_along_axis(patients / (patients + HALF_CENTRED), places, axis=1)


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
