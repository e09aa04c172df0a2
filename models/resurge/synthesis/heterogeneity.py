"""Priors of a heterogeneity standard deviation tau, and of the middle mu of the effects, as plain values.

A prior of tau is anything with ``logpdf(tau)`` and ``support()``: the classes here, or a frozen distribution of
`scipy.stats`. The readers :func:`read_tau_prior` and :func:`read_mu_prior` also take short forms such as
``("half-normal", 0.5)`` and ``("normal", 0, 10)``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from resurge.errors import UsageError
from resurge.synthesis.priors import HalfNormal as ReasonedHalfNormal
from resurge.synthesis.priors import Normal as ReasonedNormal

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


_TAU_FORMS: dict[str, Callable[..., ScalePrior]] = {
    "halfnormal": HalfNormal, "halfcauchy": HalfCauchy, "halft": HalfT, "halfstudentt": HalfT, "uniform": Uniform,
    "exponential": Exponential, "lognormal": LogNormal, "flat": Flat, "fixed": Fixed,
}  # fmt: skip


def read_tau_prior(given: Any) -> ScalePrior:  # noqa: ANN401 - the door for whatever a user holds for a prior
    """Read a prior of tau.

    Parameters
    ----------
    given
        A prior of this module, a half-normal of :mod:`resurge.synthesis.priors`, a distribution with ``logpdf`` and
        ``support`` (a frozen one of `scipy.stats`), or a sequence of a name and its numbers:
        ``("half-normal", scale)``, ``("half-cauchy", scale)``, ``("half-t", df, scale)``,
        ``("uniform", lower, upper)``, ``("exponential", mean)``, ``("log-normal", mean of log tau, sd of log tau)``,
        ``("fixed", tau)``, ``("flat",)``.

    Raises
    ------
    PriorError
        If it is none of these.
    """
    if isinstance(given, ReasonedHalfNormal):
        return HalfNormal(_single(given.sd))
    if isinstance(given, ScalePrior) and not isinstance(given, Normal):
        return given
    found = _by_name(given, _TAU_FORMS)
    if found is None:
        raise PriorError(
            f"{given!r} is not a prior of tau; give one such as HalfNormal(0.5), ('half-cauchy', 25), "
            "('uniform', 0, 10), or a distribution with logpdf"
        )
    return found


def read_mu_prior(given: Any) -> Normal | Flat:  # noqa: ANN401 - the door for whatever a user holds for a prior
    """Read a prior of mu.

    Parameters
    ----------
    given
        ``Normal``, ``Flat`` (or None, ``"flat"``), a scalar normal of :mod:`resurge.synthesis.priors`, a frozen
        ``scipy.stats.norm``, ``("normal", mean, sd)`` or ``(mean, sd)``.

    Raises
    ------
    PriorError
        If it is none of these.
    """
    if isinstance(given, Normal | Flat):
        return given
    if given is None:
        return Flat()
    if isinstance(given, ReasonedNormal):
        return Normal(_single(given.mean), _single(given.sd))
    if getattr(getattr(given, "dist", None), "name", "") == "norm":
        return Normal(float(given.mean()), float(given.std()))
    forms = {"normal": Normal, "norm": Normal, "flat": Flat}
    found = _by_name(given, forms) or _by_name(_named_normal(given), forms)
    if found is None:
        raise PriorError(f"{given!r} is not a prior of mu; give Flat(), Normal(0, 10), ('normal', 0, 10) or None")
    return found


def scale_of(prior: ScalePrior) -> float | None:
    """Tell where a prior of tau has its mass, if it can say so."""
    for name in ("scale", "median"):
        value = getattr(prior, name, None)
        value = value() if callable(value) else value
        if value is not None and np.ndim(value) == 0 and math.isfinite(value) and value > 0:
            return float(value)
    return None


def _by_name(given: object, forms: dict[str, Callable[..., Any]]) -> Any | None:  # noqa: ANN401
    parts = [given] if isinstance(given, str) else list(given) if isinstance(given, tuple | list) else []
    if not parts or not isinstance(parts[0], str):
        return None
    name = parts[0].lower().replace("-", "").replace("_", "").replace(" ", "")
    if name not in forms:
        return None
    try:
        return forms[name](*map(float, parts[1:]))
    except (TypeError, ValueError) as error:
        raise PriorError(f"{given!r}: the numbers do not fit a prior of that name") from error


def _named_normal(given: object) -> object:
    pair = isinstance(given, tuple | list) and len(given) == 2
    return ("normal", *given) if pair else given


def _single(value: float | tuple[float, ...]) -> float:
    values = value if isinstance(value, tuple) else (value,)
    _needs(len(values) == 1, "a prior of one parameter is needed here, not of a vector")
    return float(values[0])


def _positive(name: str, value: float) -> None:
    _needs(math.isfinite(value) and value > 0, f"{name} needs positive numbers, not {value}")


def _needs(sound: bool, message: str) -> None:
    if not sound:
        raise PriorError(message)
