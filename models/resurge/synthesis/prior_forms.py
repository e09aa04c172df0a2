"""Priors of mu and tau in the forms that users hold them in.

The readers take the classes of :mod:`resurge.synthesis.heterogeneity`, short forms such as ``("half-normal", 0.5)`` and
``("normal", 0, 10)``, and distributions of other makes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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
from resurge.synthesis.priors import HalfNormal as ReasonedHalfNormal
from resurge.synthesis.priors import Normal as ReasonedNormal

_TAU_FORMS: dict[str, Callable[..., ScalePrior]] = {
    "halfnormal": HalfNormal, "halfcauchy": HalfCauchy, "halft": HalfT, "halfstudentt": HalfT, "uniform": Uniform,
    "exponential": Exponential, "lognormal": LogNormal, "flat": Flat, "fixed": Fixed,
}  # fmt: skip


def read_tau_prior(given: Any) -> ScalePrior:  # noqa: ANN401 - the door for whatever a user holds for a prior
    """Read a prior of tau.

    Parameters
    ----------
    given
        A prior of :mod:`resurge.synthesis.heterogeneity`, a half-normal of :mod:`resurge.synthesis.priors`, a
        distribution with ``logpdf`` and ``support`` (a frozen one of `scipy.stats`), or a sequence of a name and its
        numbers: ``("half-normal", scale)``, ``("half-cauchy", scale)``, ``("half-t", df, scale)``,
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
    if len(values) != 1:
        raise PriorError("a prior of one parameter is needed here, not of a vector")
    return float(values[0])
