"""Bayesian random-effects pooling of published effects, exact up to a quadrature over the heterogeneity.

    y_i ~ N(theta_i, se_i²)      theta_i ~ N(mu, tau²)      theta_new ~ N(mu, tau²)

Given tau everything is normal, so that every posterior is a mixture of normals over the nodes of tau (Röver 2020, J
Stat Softw 93(6), who does the same with a grid). :func:`meta_regression` lets mu depend on covariates. What needs no
prior (a common effect, maximum likelihood, log-rank sums) stands in :mod:`resurge.synthesis.likelihood_pooling` and can
be had from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from resurge.synthesis.heterogeneity import (
    Exponential,
    Fixed,
    Flat,
    HalfCauchy,
    HalfNormal,
    HalfT,
    LogNormal,
    Normal,
    PriorError,
    ScalePrior,
    Uniform,
)
from resurge.synthesis.likelihood_pooling import (
    CommonEffect,
    LikelihoodFit,
    equal_effects,
    log_rank_effects,
    maximum_likelihood,
    restricted_maximum_likelihood,
)
from resurge.synthesis.linear_effects import Effects, independent_rows, infer
from resurge.synthesis.mixtures import Mixture
from resurge.synthesis.prior_forms import read_mu_prior, read_tau_prior
from resurge.synthesis.quadrature import ImproperPosteriorError, Quadrature
from resurge.synthesis.studies import StudyError, read_studies

Array = NDArray[np.float64]
__all__ = [
    "CommonEffect", "Exponential", "Fixed", "Flat", "HalfCauchy", "HalfNormal", "HalfT", "ImproperPosteriorError",
    "LikelihoodFit", "LogNormal", "MetaRegression", "Mixture", "Normal", "PooledEffects", "PriorError", "ScalePrior",
    "StudyError", "Uniform", "equal_effects", "log_rank_effects", "maximum_likelihood", "meta_regression",
    "random_effects", "restricted_maximum_likelihood",
]  # fmt: skip


@dataclass(frozen=True)
class PooledEffects:
    """Posterior of a random-effects pooling.

    ``mu``, ``tau``, ``prediction`` and ``effects`` all have ``mean``, ``sd``, ``median``, ``quantile(p)``,
    ``interval(level)`` and ``cdf(x)``; those of ``effects`` are arrays, one element a study, in the order given.

    Attributes
    ----------
    estimate, se
        What was pooled, shape (study,).
    joint
        Joint posterior of mu and tau.
    """

    estimate: Array
    se: Array
    joint: Effects

    def __repr__(self) -> str:
        """Print the answers, a line each."""
        parts = {"mu": self.mu, "tau": self.tau, "new study": self.prediction}
        lines = [f"  {name:<9}  {part!r}" for name, part in parts.items()]
        return "\n".join([f"random effects of {len(self.estimate)} studies", *lines])

    @cached_property
    def mu(self) -> Mixture:
        """Mean of the effects of studies."""
        return self.joint.combination(np.ones((1, 1)))[0]

    @property
    def tau(self) -> Quadrature:
        """Standard deviation of the effects of studies."""
        return self.joint.tau

    @cached_property
    def prediction(self) -> Mixture:
        """Effect of a new study."""
        return self.joint.combination(np.ones((1, 1)), heterogeneity=1.0)[0]

    @cached_property
    def effects(self) -> Mixture:
        """Effects of the studies, shrunken towards mu.

        Given tau and mu, theta_i is normal with mean mu + b_i (y_i - mu), b_i = tau² / (tau² + se_i²), and variance
        b_i se_i²; mu's own uncertainty adds (1 - b_i)² var(mu).
        """
        own = 1 / (1 + np.outer(self.tau.tau**-2.0, self.se**2)) if self.tau.tau.min() > 0 else self._own()
        mean = self.joint.conditional.mean
        variance = own * self.se**2 + (1 - own) ** 2 * self.joint.conditional.covariance[:, :, 0]
        return Mixture(self.tau.weights, mean + own * (self.estimate - mean), np.sqrt(variance), 2)

    @property
    def probability_positive(self) -> float:
        """Posterior probability that mu is above zero."""
        return float(self.mu.above(0.0))

    def draw(self, n: int, rng: np.random.Generator) -> dict[str, Array]:
        """Draw from the joint posterior; tau takes the values of the quadrature's nodes.

        Returns
        -------
        dict
            ``mu``, ``tau``, ``prediction``, shape (n,), and ``effects``, shape (n, study).
        """
        tau, coefficients = self.joint.draw(n, rng)
        mu = coefficients[:, 0]
        with np.errstate(divide="ignore"):
            own = 1 / (1 + np.outer(tau**-2.0, self.se**2))
        centre = mu[:, None] + own * (self.estimate - mu[:, None])
        effects = centre + np.sqrt(own) * self.se * rng.standard_normal(own.shape)
        return {"mu": mu, "tau": tau, "prediction": mu + tau * rng.standard_normal(n), "effects": effects}

    def _own(self) -> Array:
        tau = self.tau.tau[:, None]
        return tau**2 / (tau**2 + self.se**2)


def random_effects(estimate: ArrayLike, se: ArrayLike, *, mu_prior: object = None, tau_prior: object) -> PooledEffects:
    """Pool effects that differ between studies.

    Parameters
    ----------
    estimate, se
        Effects, for ratios their logarithms, and standard errors, shape (study,); one study is enough where the prior
        of tau is proper.
    mu_prior
        ``Normal(mean, sd)``, ``("normal", mean, sd)``, a frozen ``scipy.stats.norm``; flat where None or ``Flat()``.
    tau_prior
        ``HalfNormal(scale)``, ``HalfCauchy(scale)``, ``HalfT(df, scale)``, ``Uniform(lower, upper)``,
        ``Exponential(mean)``, ``LogNormal(mean, sd)``, ``Fixed(tau)``, their short forms such as
        ``("half-cauchy", 25)``, or a distribution with ``logpdf`` and ``support``. There is no default: it is in the
        units of the effects.

    Returns
    -------
    PooledEffects
        Invariant to units and to the order of the studies.

    Raises
    ------
    StudyError
        If an estimate or a standard error is not a number to pool; the study is named.
    PriorError
        If a prior is not one.
    ImproperPosteriorError
        If a flat prior meets too few studies.

    Examples
    --------
    >>> pooled = random_effects([28, 8, -3, 7], [15, 10, 16, 11], tau_prior=("half-cauchy", 25))
    >>> round(pooled.mu.mean, 1), round(pooled.tau.median, 1)
    (9.6, 7.5)
    """
    estimate, se = read_studies(estimate, se)
    priors = [read_mu_prior(mu_prior)]
    rows = independent_rows(estimate, se, np.ones((estimate.size, 1)))
    return PooledEffects(estimate, se, infer(rows, priors, read_tau_prior(tau_prior)))


@dataclass(frozen=True)
class MetaRegression:
    """Posterior of a random-effects regression on covariates of the studies.

    Attributes
    ----------
    names, centre
        Covariates and their means over the studies, which were taken off.
    joint
        Joint posterior of the coefficients (mu, then the slopes) and tau.
    """

    names: tuple[str, ...]
    centre: Array
    joint: Effects

    @property
    def mu(self) -> Mixture:
        """Mean effect where every covariate is at its mean over the studies."""
        return self.joint.combination(np.eye(len(self.names) + 1))[0]

    @property
    def slopes(self) -> dict[str, Mixture]:
        """Change of the effect per unit of each covariate."""
        coefficients = self.joint.combination(np.eye(len(self.names) + 1))
        return {name: coefficients[i + 1] for i, name in enumerate(self.names)}

    @property
    def tau(self) -> Quadrature:
        """Standard deviation of the effects around the regression."""
        return self.joint.tau

    def mean_at(self, covariates: ArrayLike) -> Mixture:
        """Mean effect at values of the covariates, in their own units, shape (covariate,)."""
        return self.joint.combination(self._at(covariates))[0]

    def prediction_at(self, covariates: ArrayLike) -> Mixture:
        """Effect of a new study at values of the covariates."""
        return self.joint.combination(self._at(covariates), heterogeneity=1.0)[0]

    def _at(self, covariates: ArrayLike) -> Array:
        return np.concatenate([[1.0], np.atleast_1d(np.asarray(covariates, dtype=float)) - self.centre])[None, :]


def meta_regression(
    estimate: ArrayLike,
    se: ArrayLike,
    covariates: ArrayLike | Mapping[str, ArrayLike],
    *,
    mu_prior: object = None,
    slope_prior: object = None,
    tau_prior: object,
) -> MetaRegression:
    """Pool effects that depend on covariates of the studies.

    Parameters
    ----------
    estimate, se
        As for :func:`random_effects`.
    covariates
        Shape (study,) or (study, covariate), or a mapping (a data frame) from name to values. They are centred at their
        means, to which ``mu_prior`` and ``mu`` refer.
    mu_prior, slope_prior
        Priors of the mean effect at the mean covariates and of each slope.
    tau_prior
        As for :func:`random_effects`.

    Raises
    ------
    StudyError
        If numbers are missing, or the covariates are constant or repeat each other.
    """
    estimate, se = read_studies(estimate, se)
    if hasattr(covariates, "keys"):
        names = tuple(str(name) for name in covariates.keys())  # noqa: SIM118 - of a data frame too
        values = np.column_stack([np.asarray(covariates[name], dtype=float) for name in covariates.keys()])  # noqa: SIM118
    else:
        values = np.asarray(covariates, dtype=float)
        values = values[:, None] if values.ndim == 1 else values
        names = tuple(f"covariate {i + 1}" for i in range(values.shape[1]))
    if values.shape[0] != estimate.size or not np.isfinite(values).all():
        raise StudyError("every study needs a finite value of every covariate")
    centre = values.mean(axis=0)
    spread = np.abs(values - centre).max(axis=0)
    if (spread == 0).any() or np.linalg.matrix_rank((values - centre) / spread) < values.shape[1]:
        raise StudyError("the covariates are constant over the studies, or one follows from the others")
    design = np.column_stack([np.ones(estimate.size), values - centre])
    priors = [read_mu_prior(mu_prior), *[read_mu_prior(slope_prior)] * len(names)]
    return MetaRegression(
        names, centre, infer(independent_rows(estimate, se, design), priors, read_tau_prior(tau_prior))
    )
