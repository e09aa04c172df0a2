"""Pooling without priors: a common effect, maximum likelihood, and log-rank sums."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc, ndtri

from resurge.synthesis.studies import StudyError, read_studies

Array = NDArray[np.float64]


@dataclass(frozen=True)
class CommonEffect:
    """One effect for all studies, weighted by the inverse variances.

    Attributes
    ----------
    mean, sd
        Estimate and standard error.
    q, df, p_value
        Cochran's statistic of homogeneity, its degrees of freedom, and the probability of a larger one.
    """

    mean: float
    sd: float
    q: float
    df: int

    @property
    def p_value(self) -> float:
        """Probability of a larger Q if all studies share one effect."""
        return float(chdtrc(self.df, self.q)) if self.df else math.nan

    @property
    def i2(self) -> float:
        """Share of Q beyond chance (Higgins and Thompson 2002, Stat Med 21:1539)."""
        return max(0.0, (self.q - self.df) / self.q) if self.q > 0 else 0.0

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Confidence interval."""
        reach = float(ndtri((1 + level) / 2)) * self.sd
        return self.mean - reach, self.mean + reach


@dataclass(frozen=True)
class LikelihoodFit:
    """Random effects at the maximum of a likelihood.

    Attributes
    ----------
    mean, sd
        Estimate of mu and its standard error at that tau.
    tau2
        Variance of the effects of studies.
    log_likelihood
        What was maximised, with all constants.
    """

    mean: float
    sd: float
    tau2: float
    log_likelihood: float

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Wald interval of mu."""
        reach = float(ndtri((1 + level) / 2)) * self.sd
        return self.mean - reach, self.mean + reach


def equal_effects(estimate: ArrayLike, se: ArrayLike) -> CommonEffect:
    """Pool studies that all estimate one effect.

    Raises
    ------
    StudyError
        If an effect or a standard error is not a number to pool.
    """
    estimate, se = read_studies(estimate, se)
    weights = (se.min() / se) ** 2
    mean = float(weights @ estimate / weights.sum())
    q = float((((estimate - mean) / se) ** 2).sum())
    return CommonEffect(mean, float(se.min() / math.sqrt(weights.sum())), q, estimate.size - 1)


def log_rank_effects(o_minus_e: ArrayLike, variance: ArrayLike) -> tuple[Array, Array]:
    """Turn observed minus expected events and their variances into log hazard ratios and standard errors.

    log HR = (O - E) / V, with standard error 1 / sqrt(V) (Peto's one-step estimate; Yusuf et al. 1985, Prog Cardiovasc
    Dis 27:335). Pooled by :func:`equal_effects` they give sum(O - E) / sum(V).

    Raises
    ------
    StudyError
        If a variance is not positive.
    """
    o_minus_e, variance = (np.atleast_1d(np.asarray(values, dtype=float)) for values in (o_minus_e, variance))
    if not (np.isfinite(variance) & (variance > 0)).all():
        raise StudyError("every log-rank variance must be a positive number")
    return read_studies(o_minus_e / variance, variance**-0.5)


def maximum_likelihood(estimate: ArrayLike, se: ArrayLike) -> LikelihoodFit:
    """Estimate mu and tau² by maximum likelihood.

    Raises
    ------
    StudyError
        If an effect or a standard error is not a number to pool.
    """
    return _maximised(*read_studies(estimate, se), restricted=0.0)


def restricted_maximum_likelihood(estimate: ArrayLike, se: ArrayLike) -> LikelihoodFit:
    """Estimate tau² by restricted maximum likelihood, which allows for mu being estimated.

    Raises
    ------
    StudyError
        If an effect or a standard error is not a number to pool, or there is one study only.
    """
    estimate, se = read_studies(estimate, se)
    if estimate.size == 1:
        raise StudyError("restricted maximum likelihood needs two studies or more")
    return _maximised(estimate, se, restricted=1.0)


def _maximised(estimate: Array, se: Array, *, restricted: float) -> LikelihoodFit:
    """Search tau from 0 to where it cannot be, on grids that close in."""
    scale = float(se.min())
    highest = max(float(np.ptp(estimate)), scale) * 2
    lower, upper = math.log(scale * 1e-5), math.log(highest)
    for _ in range(40):
        grid = np.linspace(lower, upper, 33)
        best = int(np.argmax(_profile(estimate, se, np.exp(2 * grid), restricted)[0]))
        lower, upper = grid[max(best - 1, 0)], grid[min(best + 1, grid.size - 1)]
        if upper - lower < 1e-9:
            break
    candidates = np.array([0.0, math.exp(lower + upper)])
    value, mean, sd = _profile(estimate, se, candidates, restricted)
    at = int(np.argmax(value))
    return LikelihoodFit(float(mean[at]), float(sd[at]), float(candidates[at]), float(value[at]))


def _profile(estimate: Array, se: Array, tau2: Array, restricted: float) -> tuple[Array, Array, Array]:
    """Log likelihood at each tau² with mu at its best, that mu, and its standard error."""
    variances = se**2 + tau2[:, None]
    weights = 1 / variances
    total = weights.sum(axis=1)
    mean = weights @ estimate / total
    misfit = (weights * (estimate - mean[:, None]) ** 2).sum(axis=1)
    constants = np.log(2 * np.pi * variances).sum(axis=1) + restricted * np.log(total / (2 * np.pi))
    return -0.5 * (constants + misfit), mean, total**-0.5
