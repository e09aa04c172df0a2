"""Integrals over a standard deviation: the trapezoidal rule on a line that tau is mapped to.

    u = log(tau - a)                    for a support [a, infinity)
    u = logit((tau - a) / (b - a))      for a support [a, b]

On that line a smooth density falls off exponentially at both ends, whatever its tails were, and the trapezoidal rule
converges faster than any power of its step (Trefethen and Weideman 2014, SIAM Review 56:385). The step is halved until
nothing changes. Between the nodes the density is the sum of sinc functions through them, so that its integral has a
closed form in the sine integral (Stenger 1993, Numerical Methods Based on Sinc and Analytic Functions, section 4.5):

    F(u) = sum_j w_j (1 / 2 + Si(pi (u - u_j) / h) / pi)
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, log_expit, logit, sici

from resurge.errors import UsageError
from resurge.synthesis.inversion import invert

Array = NDArray[np.float64]
DEPTH = 36.0
"""Log density below its top from which the line is cut off: what lies beyond is 1e-15 of the whole."""
FIRST, MOST = 64, 4096
"""Fewest and most nodes."""
TOLERANCE = 1e-9
REACH = 300.0
"""Length of the line at which the search for its ends is given up."""


class ImproperPosteriorError(UsageError):
    """A posterior that does not integrate, because an improper prior met too few studies."""


@dataclass(frozen=True)
class Quadrature:
    """Nodes of a standard deviation with their posterior weights.

    Attributes
    ----------
    tau, weights
        Nodes and weights, shape (node,); the weights sum to one.
    line, step
        Nodes on the line and their distance; 0 for a single node (a tau that is known).
    support
        Smallest and largest tau.
    decay
        Slope of the log density of log tau beyond the last node: moments of an order below its negative exist.
    """

    tau: Array
    weights: Array
    line: Array
    step: float
    support: tuple[float, float]
    decay: float

    def __repr__(self) -> str:
        """Print median and 95% interval."""
        lower, upper = (float(self.quantile(p)) for p in (0.025, 0.975))
        return f"median {self.median:.4g}, 95% interval {lower:.4g} to {upper:.4g}"

    def has_moment(self, order: int) -> bool:
        """Whether the posterior has a moment of that order."""
        return math.isfinite(self.support[1]) or self.decay + order < -0.05

    @property
    def mean(self) -> float:
        """Posterior mean."""
        return float(self.weights @ self.tau) if self.has_moment(1) else math.inf

    @property
    def sd(self) -> float:
        """Posterior standard deviation."""
        if not self.has_moment(2):
            return math.inf
        return float(np.sqrt(self.weights @ (self.tau - self.mean) ** 2))

    @property
    def median(self) -> float:
        """Posterior median."""
        return float(self.quantile(0.5))

    def cdf(self, tau: ArrayLike) -> Array:
        """Posterior probability that the standard deviation is at most tau."""
        tau = np.asarray(tau, dtype=float)
        if self.step == 0:
            return np.where(tau >= self.tau[0], 1.0, 0.0)
        inside = np.clip(tau, *self.support)
        with np.errstate(divide="ignore"):
            return self._line_cdf(np.clip(to_line(inside, self.support), self.line[0], self.line[-1]))[0]

    def quantile(self, p: ArrayLike) -> Array | float:
        """Posterior quantile; shape of ``p``."""
        p = np.asarray(p, dtype=float)
        if self.step == 0:
            return np.full(p.shape, self.tau[0])[()]
        ends = np.full(p.shape, self.line[0]), np.full(p.shape, self.line[-1])
        return from_line(invert(self._line_cdf, p, *ends), self.support)[()]

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Equal-tailed interval."""
        lower, upper = self.quantile([(1 - level) / 2, (1 + level) / 2])
        return float(lower), float(upper)

    def draw(self, n: int, rng: np.random.Generator) -> NDArray[np.intp]:
        """Draw positions of nodes, shape (n,)."""
        return rng.choice(self.tau.size, size=n, p=self.weights)

    def _line_cdf(self, u: Array) -> tuple[Array, Array]:
        """Distribution function and density at points of the line."""
        distance = (u[..., None] - self.line) / self.step
        below = (0.5 + sici(np.pi * distance)[0] / np.pi) @ self.weights
        return below, np.sinc(distance) @ self.weights / self.step


def to_line(tau: Array, support: tuple[float, float]) -> Array:
    """Map standard deviations to the line."""
    lower, upper = support
    return np.log(tau - lower) if math.isinf(upper) else logit((tau - lower) / (upper - lower))


def from_line(u: Array, support: tuple[float, float]) -> Array:
    """Map points of the line to standard deviations."""
    lower, upper = support
    return lower + (np.exp(u) if math.isinf(upper) else (upper - lower) * expit(u))


def integrate(
    log_density: Callable[[Array], Array], support: tuple[float, float], scales: Sequence[float]
) -> Quadrature:
    """Place nodes where a density of tau has its mass.

    Parameters
    ----------
    log_density
        Log density of an array of tau, up to a constant.
    support
        Smallest and largest tau; equal where tau is known.
    scales
        Standard deviations between and around which the mass may lie: those of the data and of the prior.

    Raises
    ------
    ImproperPosteriorError
        If the density does not integrate.
    """
    if support[0] == support[1]:
        return Quadrature(np.array([support[0]]), np.ones(1), np.zeros(1), 0.0, support, -math.inf)

    def on_line(u: Array) -> Array:
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            slope = u if math.isinf(support[1]) else log_expit(u) + log_expit(-u)
            found = log_density(from_line(u, support)) + slope
        return np.where(np.isnan(found), -np.inf, found)

    lower, upper = _window(on_line, *_first_window(support, scales))
    u = np.linspace(lower, upper, FIRST + 1)
    log_f = on_line(u)
    previous = _sums(u, log_f)
    while u.size < MOST:
        u, log_f = _halved(u, log_f, on_line)
        sums = _sums(u, log_f)
        if np.abs(sums - previous).max() < TOLERANCE:
            break
        previous = sums
    weights = np.exp(log_f - log_f.max())
    edge = on_line(np.array([upper, upper + 4.0]))
    decay = float((edge[1] - edge[0]) / 4) if np.isfinite(edge).all() else -math.inf
    return Quadrature(from_line(u, support), weights / weights.sum(), u, float(u[1] - u[0]), support, decay)


def _first_window(support: tuple[float, float], scales: Sequence[float]) -> tuple[float, float]:
    if math.isfinite(support[1]):
        inside = [s for s in scales if support[0] < s < support[1]]
        around = to_line(np.array([*inside, (support[0] + support[1]) / 2]), support)
    else:
        around = np.log(np.array([s for s in scales if s > 0 and math.isfinite(s)] or [1.0]))
    return float(around.min()) - 12.0, float(around.max()) + 12.0


def _window(on_line: Callable[[Array], Array], lower: float, upper: float) -> tuple[float, float]:
    """Widen, then narrow a stretch of the line until the mass fills it."""
    while upper - lower < REACH:
        u = np.linspace(lower, upper, max(4 * FIRST, int(2 * (upper - lower))))
        log_f = on_line(u)
        top = log_f.max()
        if not np.isfinite(top):
            raise ImproperPosteriorError("the posterior of the heterogeneity is zero everywhere that was looked at")
        kept = np.flatnonzero(log_f > top - DEPTH)
        first, last = int(kept[0]), int(kept[-1])
        if first == 0 or last == u.size - 1:
            lower -= 12.0 * (first == 0)
            upper += 12.0 * (last == u.size - 1)
        elif last - first > u.size // 3:
            return float(u[first - 1]), float(u[last + 1])
        else:
            lower, upper = float(u[first - 1]), float(u[last + 1])
    raise ImproperPosteriorError(
        "the posterior of the heterogeneity does not integrate: there are too few studies for an improper prior; give "
        "a proper one"
    )


def _halved(u: Array, log_f: Array, on_line: Callable[[Array], Array]) -> tuple[Array, Array]:
    between = (u[1:] + u[:-1]) / 2
    finer, values = np.empty(u.size + between.size), np.empty(u.size + between.size)
    finer[::2], finer[1::2] = u, between
    values[::2], values[1::2] = log_f, on_line(between)
    return finer, values


def _sums(u: Array, log_f: Array) -> Array:
    """Log integral, mean and spread on the line, the latter two in units of the spread."""
    top = log_f.max()
    f = np.exp(log_f - top)
    total = f.sum()
    mean = f @ u / total
    sd = math.sqrt(max(f @ (u - mean) ** 2 / total, 1e-300))
    return np.array([math.log(total * (u[1] - u[0])) + top, mean / sd, math.log(sd)])
