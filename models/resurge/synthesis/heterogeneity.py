"""Priors of a heterogeneity standard deviation tau, and of the middle mu of the effects, as plain values.

A prior of tau is anything with ``logpdf(tau)`` and ``support()``: the classes here, or a frozen distribution of
`scipy.stats`. What users hold for a prior is read by :mod:`resurge.synthesis.prior_forms`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from resurge.errors import UsageError

Array = NDArray[np.float64]


class PriorError(UsageError):
    """What was given is not a prior of that parameter."""


@runtime_checkable
class ScalePrior(Protocol):
    """Prior density of a standard deviation."""

    def logpdf(self, tau: ArrayLike) -> Array:
        """Log density, up to a constant, at each tau inside the support."""

    def support(self) -> tuple[float, float]:
        """Smallest and largest tau that can be."""


@dataclass(frozen=True)
class Normal:
    """Normal prior of mu."""

    mean: float
    sd: float

    def __post_init__(self) -> None:
        """Refuse what is not a normal distribution."""
        _needs(math.isfinite(self.mean) and self.sd > 0, f"Normal({self.mean}, {self.sd}) needs a positive sd")


@dataclass(frozen=True)
class Flat:
    """Improper flat prior: of mu over all numbers, of tau over all that are not negative."""

    def logpdf(self, tau: ArrayLike) -> Array:
        """Log density up to a constant."""
        return np.zeros_like(np.asarray(tau, dtype=float))

    def support(self) -> tuple[float, float]:
        """Smallest and largest tau."""
        return 0.0, math.inf


@dataclass(frozen=True)
class HalfNormal:
    """Half-normal prior of tau; ``scale`` is the sd of the normal that is folded."""

    scale: float

    def __post_init__(self) -> None:
        """Refuse a scale that is none."""
        _positive("HalfNormal", self.scale)

    def logpdf(self, tau: ArrayLike) -> Array:
        """Log density up to a constant."""
        return -0.5 * (np.asarray(tau) / self.scale) ** 2

    def support(self) -> tuple[float, float]:
        """Smallest and largest tau."""
        return 0.0, math.inf


@dataclass(frozen=True)
class HalfT:
    """Half-t prior of tau with ``df`` degrees of freedom."""

    df: float
    scale: float

    def __post_init__(self) -> None:
        """Refuse a scale or degrees of freedom that are none."""
        _positive("HalfT", self.scale)
        _positive("HalfT", self.df)

    def logpdf(self, tau: ArrayLike) -> Array:
        """Log density up to a constant."""
        return -0.5 * (self.df + 1) * np.log1p((np.asarray(tau) / self.scale) ** 2 / self.df)

    def support(self) -> tuple[float, float]:
        """Smallest and largest tau."""
        return 0.0, math.inf


@dataclass(frozen=True)
class HalfCauchy(HalfT):
    """Half-Cauchy prior of tau."""

    df: float = 1.0
    scale: float = 1.0

    def __init__(self, scale: float) -> None:
        object.__setattr__(self, "df", 1.0)
        object.__setattr__(self, "scale", scale)
        self.__post_init__()


@dataclass(frozen=True)
class Exponential:
    """Exponential prior of tau with the given mean."""

    mean: float

    def __post_init__(self) -> None:
        """Refuse a mean that is none."""
        _positive("Exponential", self.mean)

    @property
    def scale(self) -> float:
        """Where the mass lies."""
        return self.mean

    def logpdf(self, tau: ArrayLike) -> Array:
        """Log density up to a constant."""
        return -np.asarray(tau) / self.mean

    def support(self) -> tuple[float, float]:
        """Smallest and largest tau."""
        return 0.0, math.inf


@dataclass(frozen=True)
class Uniform:
    """Uniform prior of tau."""

    lower: float
    upper: float

    def __post_init__(self) -> None:
        """Refuse limits that are none."""
        sound = 0 <= self.lower < self.upper
        _needs(sound, f"Uniform({self.lower}, {self.upper}) needs limits that rise from 0 or more")

    def logpdf(self, tau: ArrayLike) -> Array:
        """Log density up to a constant."""
        return np.zeros_like(np.asarray(tau, dtype=float))

    def support(self) -> tuple[float, float]:
        """Smallest and largest tau."""
        return self.lower, self.upper


@dataclass(frozen=True)
class LogNormal:
    """Log-normal prior of tau: log tau ~ N(mean, sd). A log-normal(m, s) prior of tau² is LogNormal(m / 2, s / 2)."""

    mean: float
    sd: float

    def __post_init__(self) -> None:
        """Refuse an sd that is none."""
        _needs(math.isfinite(self.mean), f"LogNormal({self.mean}, {self.sd}) needs a finite mean of log tau")
        _positive("LogNormal", self.sd)

    @property
    def scale(self) -> float:
        """Where the mass lies."""
        return math.exp(self.mean)

    def logpdf(self, tau: ArrayLike) -> Array:
        """Log density up to a constant."""
        log_tau = np.log(np.asarray(tau, dtype=float))
        return -log_tau - 0.5 * ((log_tau - self.mean) / self.sd) ** 2

    def support(self) -> tuple[float, float]:
        """Smallest and largest tau."""
        return 0.0, math.inf


@dataclass(frozen=True)
class Fixed:
    """A heterogeneity that is known; ``Fixed(0)`` is a common effect."""

    value: float

    def __post_init__(self) -> None:
        """Refuse a heterogeneity that is none."""
        _needs(math.isfinite(self.value) and self.value >= 0, f"Fixed({self.value}) needs a tau of 0 or more")

    def logpdf(self, tau: ArrayLike) -> Array:
        """Log mass."""
        return np.where(np.asarray(tau) == self.value, 0.0, -np.inf)

    def support(self) -> tuple[float, float]:
        """Smallest and largest tau."""
        return self.value, self.value


def scale_of(prior: ScalePrior) -> float | None:
    """Tell where a prior of tau has its mass, if it can say so."""
    for name in ("scale", "median"):
        value = getattr(prior, name, None)
        value = value() if callable(value) else value
        if value is not None and np.ndim(value) == 0 and math.isfinite(value) and value > 0:
            return float(value)
    return None


def _positive(name: str, value: float) -> None:
    _needs(math.isfinite(value) and value > 0, f"{name} needs positive numbers, not {value}")


def _needs(sound: bool, message: str) -> None:
    if not sound:
        raise PriorError(message)
