"""Priors half and twice as wide, one at a time: how far answers rest on how much was held possible."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from functools import singledispatch

from resurge.inference.freshness import Priors
from resurge.synthesis.dormancy_priors import CURVE, DormancyPriors
from resurge.synthesis.priors import HalfNormal, Normal, RecurrencePriors
from resurge.synthesis.resistance_priors import LKJ
from resurge.synthesis.translation_priors import Beta

FACTORS = {"half as wide": 0.5, "twice as wide": 2.0}


def prior_grid(priors: Priors) -> dict[str, Priors]:
    """Change the scale of each prior of a model in turn, all elements of a vector at once.

    Parameters
    ----------
    priors : dataclass
        Priors of a model, one a field.

    Returns
    -------
    dict
        Priors of a fit by what is different about them.
    """
    return {
        f"{name} {told}": replace(priors, **changed)
        for told, factor in FACTORS.items()
        for name, changed in rescaled(priors, factor)
    }


def rescaled(priors: Priors, factor: float) -> Iterator[tuple[str, dict[str, object]]]:
    """Give each prior's name and the field of the priors with its scale changed."""
    for field in fields(priors):
        prior = getattr(priors, field.name)
        if not isinstance(prior, RecurrencePriors):
            yield field.name, {field.name: wider(prior, factor)}
            continue
        for name, own in rescaled(prior, factor):
            if not (isinstance(priors, DormancyPriors) and name in CURVE):
                yield name, {field.name: replace(prior, **own)}


@singledispatch
def wider(prior: object, factor: float) -> object:
    """Give a prior of the same middle whose standard deviation is a multiple of what it was.

    Those of probabilities and correlations are counts of imagined observations, whose number goes with the inverse
    square; their standard deviation changes by nearly the factor.
    """
    raise TypeError(f"no scale of {type(prior).__name__}")


@wider.register(Normal)
@wider.register(HalfNormal)
def _(prior: Normal | HalfNormal, factor: float) -> Normal | HalfNormal:
    sd = tuple(factor * each for each in prior.sd) if isinstance(prior.sd, tuple) else factor * prior.sd
    return replace(prior, sd=sd)


@wider.register
def _(prior: LKJ, factor: float) -> LKJ:
    return replace(prior, eta=prior.eta / factor**2)


@wider.register
def _(prior: Beta, factor: float) -> Beta:
    return replace(prior, a=prior.a / factor**2, b=prior.b / factor**2)


@wider.register
def _(prior: tuple, factor: float) -> tuple[float, ...]:
    return tuple(each / factor**2 for each in prior)


@wider.register(float)
def _(prior: float, factor: float) -> float:
    return prior * factor
