"""How a posterior is drawn; apart from the sampler, so that a command can compare settings without its imports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass, replace


@dataclass(frozen=True)
class Settings:
    """How a posterior is drawn; stored with it.

    ``target_accept`` above the usual 0.8 buys small steps where populations' tilts are barely known. The mass matrix
    is adapted with a low-rank part, which follows the correlation of neighbouring spline coefficients and cuts the
    steps of a draw to a third.
    """

    draws: int = 1000
    tune: int = 700
    chains: int = 4
    cores: int = 2
    seed: int = 20
    target_accept: float = 0.95

    def as_dict(self) -> dict[str, int | float]:
        """Give the settings by name, as they are stored."""
        return asdict(self)


QUICK = Settings(draws=1000, tune=500)
"""A shorter warm-up, to see that everything runs; enough for the gate where the posterior is easy."""


NEED_ALL_WARM_UP = ("translation",)
"""Models whose warm-up is not shortened for a quick look: it takes seconds, and they mix slowly."""


def settings_for(given: Mapping[str, int], model: str, *, quick: bool) -> Settings:
    """Give the default or quick settings of a model with some of them replaced."""
    return replace(QUICK if quick and model not in NEED_ALL_WARM_UP else Settings(), **given)


_ALLOWED: ContextVar[int | None] = ContextVar("allowed", default=None)


@contextmanager
def at_most(cores: int | None) -> Iterator[None]:
    """Keep every fit inside to so many cores, without a change to its settings; None sets no limit.

    Chains come out the same however many cores they share, so cores are no part of what a fit is asked for.
    """
    token = _ALLOWED.set(cores)
    try:
        yield
    finally:
        _ALLOWED.reset(token)


def cores_of(settings: Settings) -> int:
    """Give the cores that a fit may take now."""
    allowed = _ALLOWED.get()
    return settings.cores if allowed is None else min(settings.cores, allowed)
