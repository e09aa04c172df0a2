"""Published effects as a normal linear model with one heterogeneity, everything but tau integrated in closed form.

    y ~ N(X beta, V + tau² R)        beta ~ N(m, diag(s²)), or flat where s is infinite

With V = L L' and L⁻¹ R L'⁻¹ = U diag(k) U', the rows U' L⁻¹ y are independent with variances 1 + tau² k, whatever tau
is: one decomposition serves all nodes of the quadrature over tau. Given tau (Gelman et al. 2013, Bayesian Data
Analysis, sections 5.4 and 14.2), with the weights w = 1 / (1 + tau² k) of the rotated rows z and design A,

    beta | y, tau ~ N(b, C),    C⁻¹ = A' w A + diag(1 / s²),    b = C (A' w z + m / s²)
    log p(y | tau) = -1/2 [ sum log(1 + tau² k) - log |C| + (z - A b)' w (z - A b) + (b - m)' diag(1 / s²) (b - m) ]
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from resurge.synthesis.heterogeneity import Flat, Normal, ScalePrior, scale_of
from resurge.synthesis.mixtures import Mixture
from resurge.synthesis.quadrature import Quadrature, integrate

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Rows:
    """Independent rows with unit sampling variance.

    Attributes
    ----------
    z
        Rotated effects, shape (row,).
    design
        Rotated design, shape (row, coefficient).
    load
        Heterogeneity variance of each row in units of tau², shape (row,).
    """

    z: Array
    design: Array
    load: Array


def independent_rows(estimate: Array, se: Array, design: Array) -> Rows:
    """Scale studies that share nothing by their standard errors."""
    return Rows(estimate / se, design / se[:, None], se**-2.0)


def rotated_rows(estimate: Array, sampling: Array, heterogeneity: Array, design: Array) -> Rows:
    """Rotate the rows of one block, with covariance ``sampling`` + tau² ``heterogeneity``, to independence."""
    root = np.linalg.cholesky(sampling)
    half = np.linalg.solve(root, heterogeneity)
    load, turn = np.linalg.eigh(np.linalg.solve(root, half.T))
    rotation = np.linalg.solve(root.T, turn).T
    return Rows(rotation @ estimate, rotation @ design, np.maximum(load, 0.0))


def joined(blocks: Sequence[Rows]) -> Rows:
    """Put the rows of several blocks under each other."""
    parts = ([getattr(block, name) for block in blocks] for name in ("z", "design", "load"))
    z, design, load = (np.concatenate(part) for part in parts)
    return Rows(z, design, load)


@dataclass(frozen=True)
class Conditional:
    """Coefficients given each of several tau.

    Attributes
    ----------
    log_likelihood
        Marginal log likelihood of tau up to a constant, shape (tau,).
    mean, covariance
        Of the coefficients, shapes (tau, coefficient) and (tau, coefficient, coefficient).
    """

    log_likelihood: Array
    mean: Array
    covariance: Array


def given_tau(rows: Rows, priors: Sequence[Normal | Flat], tau: Array) -> Conditional:
    """Solve the model at each tau, shape (tau,)."""
    centre = np.array([prior.mean if isinstance(prior, Normal) else 0.0 for prior in priors])
    precision = np.array([prior.sd**-2.0 if isinstance(prior, Normal) else 0.0 for prior in priors])
    spread = np.outer(tau**2, rows.load)
    weights = 1 / (1 + spread)
    weighted = weights[:, :, None] * rows.design
    inverse = rows.design.T @ weighted + np.diag(precision)
    covariance = np.linalg.inv(inverse)
    pulled = np.einsum("jnp,n->jp", weighted, rows.z) + precision * centre
    mean = np.einsum("jpq,jq->jp", covariance, pulled)
    misfit = (weights * (rows.z - mean @ rows.design.T) ** 2).sum(axis=1) + ((mean - centre) ** 2) @ precision
    log_likelihood = -0.5 * (np.log1p(spread).sum(axis=1) + np.linalg.slogdet(inverse)[1] + misfit)
    return Conditional(log_likelihood, mean, covariance)


@dataclass(frozen=True)
class Effects:
    """Joint posterior of the coefficients and of tau.

    Attributes
    ----------
    rows, tau, conditional
        The rows, the posterior of tau, and the coefficients at each of its nodes.
    moments
        How many moments the coefficients have.
    """

    rows: Rows
    tau: Quadrature
    conditional: Conditional
    moments: int

    @property
    def weights(self) -> Array:
        """Weight of each node."""
        return self.tau.weights

    def combination(self, contrasts: Array, *, heterogeneity: float = 0.0) -> Mixture:
        """Linear combinations of the coefficients.

        Parameters
        ----------
        contrasts
            Shape (quantity, coefficient).
        heterogeneity
            What a new study adds to the variance, in units of tau².
        """
        means = self.conditional.mean @ contrasts.T
        variances = np.einsum("qp,jpr,qr->jq", contrasts, self.conditional.covariance, contrasts, optimize=True)
        variances = np.maximum(variances, 0.0) + heterogeneity * self.tau.tau[:, None] ** 2
        moments = self.moments if heterogeneity == 0 else min(self.moments, existing_moments(self.tau))
        return Mixture(self.weights, means, np.sqrt(variances), moments)

    def draw(self, n: int, rng: np.random.Generator) -> tuple[Array, Array]:
        """Draw tau, shape (n,), and the coefficients, shape (n, coefficient)."""
        at = self.tau.draw(n, rng)
        roots = np.linalg.cholesky(self.conditional.covariance)
        z = rng.standard_normal((n, roots.shape[-1]))
        return self.tau.tau[at], self.conditional.mean[at] + np.einsum("ipq,iq->ip", roots[at], z)


def existing_moments(tau: Quadrature) -> int:
    """How many of the first two moments of tau exist."""
    return 2 if tau.has_moment(2) else 1 if tau.has_moment(1) else 0


def infer(rows: Rows, priors: Sequence[Normal | Flat], tau_prior: ScalePrior) -> Effects:
    """Integrate the heterogeneity.

    Parameters
    ----------
    rows
        Independent rows.
    priors
        Prior of each coefficient.
    tau_prior
        Prior of tau.

    Raises
    ------
    ImproperPosteriorError
        If an improper prior meets too few rows.
    """

    def log_density(tau: Array) -> Array:
        with np.errstate(all="ignore"):
            return given_tau(rows, priors, tau).log_likelihood + np.asarray(tau_prior.logpdf(tau), dtype=float)

    support = tuple(float(end) for end in tau_prior.support())
    tau = integrate(log_density, (max(support[0], 0.0), support[1]), _scales(rows, priors, tau_prior))
    flat = any(isinstance(prior, Flat) for prior in priors)
    return Effects(rows, tau, given_tau(rows, priors, tau.tau), existing_moments(tau) if flat else 2)


def _scales(rows: Rows, priors: Sequence[Normal | Flat], tau_prior: ScalePrior) -> list[float]:
    """List standard deviations that bound where tau can be: of the studies, of their misfit, and of the prior."""
    apart = given_tau(rows, priors, np.zeros(1))
    loaded = rows.load > 0
    size = np.sqrt(rows.load[loaded])
    misfit = np.abs(rows.z - rows.design @ apart.mean[0])[loaded] / size
    own = scale_of(tau_prior)
    scales = [1 / size.max(), max(1 / size.min(), misfit.max())] if size.size else []
    return [float(scale) for scale in scales] + ([own] if own else [])
