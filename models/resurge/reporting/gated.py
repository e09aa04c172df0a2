"""Results that are shown only if the posterior behind them passed its gate."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Protocol

from resurge.reporting import figures, tables

WITHHELD = "Not shown: the fit failed its checks"
OUT_OF_DATE = "Not shown: the evidence or the model changed after the fit"


class _View(Protocol):
    """What shows results: `answers` is None where there are none to show; a view may say `why`."""

    answers: Any | None


def _shown_if_sound(otherwise: Callable[[str], Any]) -> Callable[[Callable[[Any], Any]], property]:
    """Make a property that shows a result only if the posterior passed its gate."""

    def decorate(show: Callable[[Any], Any]) -> property:
        @wraps(show)
        def read(self: _View) -> object:
            return otherwise(getattr(self, "why", WITHHELD)) if self.answers is None else show(self)

        return property(read)

    return decorate


def _shown_if_fresh(otherwise: Callable[[str], Any]) -> Callable[[Callable[[Any], Any]], property]:
    """Make a property that also needs the evidence of the fit: `answers.fitted` is None where it changed since."""

    def decorate(show: Callable[[Any], Any]) -> property:
        @wraps(show)
        def read(self: _View) -> object:
            return otherwise(OUT_OF_DATE) if self.answers.fitted is None else show(self)

        return _shown_if_sound(otherwise)(read)

    return decorate


def _in_brackets(reason: str) -> str:
    return f"({reason[:1].lower()}{reason[1:]})"


figure, fresh_figure = _shown_if_sound(figures.withheld), _shown_if_fresh(figures.withheld)
table, fresh_table = _shown_if_sound(tables.withheld), _shown_if_fresh(tables.withheld)
phrase, fresh_phrase = _shown_if_sound(_in_brackets), _shown_if_fresh(_in_brackets)
