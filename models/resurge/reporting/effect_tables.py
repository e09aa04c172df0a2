"""Tables of therapy effects: summaries in, a table for a page out."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from resurge.reporting import words
from resurge.reporting.effect_families import FAMILIES, family
from resurge.reporting.effect_words import (
    class_name,
    end_cell,
    endpoint_name,
    endpoint_tag,
    informed,
    titled,
    window_words,
)
from resurge.reporting.tables import Table, lay_out, scrolling

Answer = dict[str, Any]


def summary_table(classes: Sequence[Answer], followed: Mapping[str, float]) -> Table:
    """List the effect of each class by years since randomisation, and how long it lasts.

    Parameters
    ----------
    classes
        Each with `class`, `evidence`, `windows`, `carry_over_half_life` and `years_of_benefit`, by family.
    followed
        By class: last year since randomisation that its estimates reach; windows after it are marked as forecasts.
    """
    rows = [
        {"class": f"{titled(class_name(told['class']))} ({_evidence(told)})", "family": FAMILIES[family(told["class"])]}
        | {_key(window): _of_window(window, followed.get(told["class"])) for window in told["windows"]}
        | {"carry": _with_word(told["carry_over_half_life"], _years), "lasts": end_cell(told["years_of_benefit"])}
        for told in classes
    ]
    windows = classes[0]["windows"] if classes else []
    labels = {_key(window): titled(window_words(window["from"], window["to"])) for window in windows}
    labels |= {"carry": "Half-life after treatment, years", "lasts": "Years of benefit"}
    return lay_out(pd.DataFrame(rows, columns=["class", "family", *labels]), labels, row="class", group="family")


def course_table(classes: Sequence[Answer]) -> Table:
    """List the numbers behind the course of each class, and what each was learnt from.

    Parameters
    ----------
    classes
        Each with `class`, `duration` and the parameters of the course.
    """
    rows = [
        {
            "class": titled(class_name(told["class"])),
            "family": FAMILIES[family(told["class"])],
            "duration": _fixed(told["duration"]).removesuffix(".0"),
            "full": _with_word(told["full_effect"], _as_ratio),
            "onset": _with_word(told["onset_half_time"], _months),
            "fade": _with_word(told["fade_per_year"], _lost),
            "carry": _with_word(told["carry_over_half_life"], _years),
        }
        for told in classes
    ]
    labels = {"duration": "Years of treatment", "full": "Full effect", "onset": "Half-time of onset, months"}
    labels |= {"fade": "Lost per year on treatment", "carry": "Half-life after treatment, years"}
    return lay_out(pd.DataFrame(rows, columns=["class", "family", *labels]), labels, row="class", group="family")


def endpoints_table(endpoints: Mapping[str, Answer]) -> Table:
    """List how much of the effect on any recurrence shows on each other endpoint.

    Parameters
    ----------
    endpoints
        By endpoint: ratio of the log hazard ratios.
    """
    rows = [
        {"endpoint": titled(endpoint_name(name)), "rho": _ratio(told), "from": informed(told)}
        for name, told in endpoints.items()
    ]
    labels = {"rho": "Effect over that on any recurrence", "from": "Learnt from"}
    return lay_out(pd.DataFrame(rows, columns=["endpoint", *labels]), labels, row="endpoint")


def misfits_table(entries: pd.DataFrame) -> Table:
    """List published estimates with what the model expected of them.

    Parameters
    ----------
    entries
        Rows of ``fitted_entries``, in the order to show.
    """
    rows = [
        {
            "trial": row.trial,
            "what": f"{class_name(row.effect_class)}; {endpoint_tag(row.endpoint)}, {window_words(row.start, row.end)}",
            "observed": words.ratio_cell(row.observed, row.observed_lower, row.observed_upper),
            "predicted": f"{row.predicted_lower:.2f}–{row.predicted_upper:.2f}",
            "off": f"{row.off:+.1f}".replace("-", "−"),
            "read": "change only" if row.used_as == "shape" else "level and change",
        }
        for row in entries.itertuples()
    ]
    labels = {
        "what": "Estimate",
        "observed": "Published",
        "predicted": "Expected between",
        "off": "Standard deviations",
    }
    labels |= {"read": "Read for"}
    return scrolling(lay_out(pd.DataFrame(rows, columns=["trial", *labels]), labels, row="trial"))


def _evidence(told: Answer) -> str:
    return (
        f"{words.count(len(told['evidence']['trials']), 'trial')}, {words.count(len(told['evidence']['rows']), 'row')}"
    )


def _key(window: Answer) -> str:
    return f"from_{window['from']:g}"


def is_forecast(window: Answer, followed: float | None) -> bool:
    """Tell whether a window lies later than the estimates of its class reach, where that is known."""
    return followed is not None and window["from"] >= followed


def _of_window(window: Answer, followed: float | None) -> str:
    return f"{_ratio(window)}, forecast" if is_forecast(window, followed) else _ratio(window)


def _ratio(told: Answer) -> str:
    return words.ratio_cell(told["median"], told["lower"], told["upper"])


def _with_word(told: Answer, tell: Callable[[Answer], str]) -> str:
    """Write a parameter with its interval, and what it was learnt from where that is not the evidence."""
    source = informed(told)
    return tell(told) if source == "evidence" else f"{tell(told)}, {source}"


def _years(told: Answer) -> str:
    low, mid, high = (_fixed(told[key]) for key in ("lower", "median", "upper"))
    return f"{mid} ({low}–{high})"


def _months(told: Answer) -> str:
    low, mid, high = (f"{12 * told[key]:.0f}" for key in ("lower", "median", "upper"))
    return f"{mid} ({low}–{high})"


def _fixed(years: float) -> str:
    return f"{years:.0f}" if years >= 10 else f"{years:.1f}"


def _as_ratio(told: Answer) -> str:
    return words.ratio_cell(*(math.exp(told[key]) for key in ("median", "lower", "upper")))


def _lost(told: Answer) -> str:
    return words.percent_cell(*(-math.expm1(-told[key]) for key in ("median", "lower", "upper")))
