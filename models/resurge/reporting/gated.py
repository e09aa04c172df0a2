"""Results that are shown only if the posterior behind them passed its gate."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Protocol

from resurge.reporting import figures, tables

WITHHELD = "Not shown: the fit failed its checks"
OUT_OF_DATE = "Not shown: the evidence or the model changed after the fit"


class _View(Protocol):
    """What shows results: `answers` is None where there are none to show."""

    answers: object | None


def _shown_if_sound(otherwise: Callable[[str], Any]) -> Callable[[Callable[[Any], Any]], property]:
    """Make a property that shows a result only if the posterior passed its gate."""

    def decorate(show: Callable[[Any], Any]) -> property:
        @wraps(show)
        def read(self: _View) -> object:
            return otherwise(WITHHELD) if self.answers is None else show(self)

        return property(read)

    return decorate


figure = _shown_if_sound(figures.withheld)
table = _shown_if_sound(tables.withheld)
phrase = _shown_if_sound(lambda reason: f"({reason.lower()})")
