"""Numbers as words: the only place where a report's figures are rounded.

Rules of rounding
-----------------
- A percentage on its own has one decimal (``12.3%``); below 0.1% it says so, and only nothing is ``0%``.
- An estimate and its interval share their decimals. Percentages: none where the interval is five points wide or wider
  and reaches ten percent, one where it is at least half a point, else two. Years and ratios: one decimal, two for
  ratios below ten.
- Probabilities come in words with the number behind; above 99.9% and below 0.1% the number stops.
- What is missing reads ``not available``; it is never a blank or ``nan``.
"""

import math
import re
import string
from collections.abc import Iterable

MISSING = "not available"
_POPULATIONS = {
    "ROTTERDAM": "Rotterdam", "GBSG_2": "GBSG-2", "SAARLAND": "Saarland", "STOCKHOLM_GOTLAND": "Stockholm–Gotland",
    "MILAN_CMF": "Milan CMF", "ROYAL_MARSDEN": "Royal Marsden", "CLALIT": "Clalit", "TORONTO": "Toronto",
    "TAILORX": "TAILORx", "STO3": "STO-3", "EPCLIN_PREMEN": "EPclin premenopausal", "NSW_2006": "NSW 2006",
    "EBCTCG_1990S": "EBCTCG 1990s", "EBCTCG_2000S": "EBCTCG 2000s", "EBCTCG_DOSE": "EBCTCG dose-intense",
    "EBCTCG_EXTENDED": "EBCTCG extended", "EBCTCG_STOP5": "EBCTCG stop at 5", "EBCTCG_TAM5": "EBCTCG tamoxifen",
    "IBCSG_I_V": "IBCSG I–V", "IBCSG_VIII_IX": "IBCSG VIII–IX",
}  # fmt: skip
"""Names that are not written as their labels are."""
_SPECIAL = re.compile(f"([{re.escape(string.punctuation)}])")


def percent(proportion: float, decimals: int = 1) -> str:
    """Proportion as a percentage.

    Examples
    --------
    >>> percent(0.1234), percent(0.0004), percent(0.0)
    ('12.3%', 'under 0.1%', '0%')
    """
    if not math.isfinite(proportion):
        return MISSING
    smallest = 10.0**-decimals
    if proportion == 0:
        return "0%"
    if 0 < proportion * 100 < smallest / 2:
        return f"under {smallest:.{decimals}f}%"
    return f"{_fixed(proportion * 100, decimals)}%"


def percent_interval(estimate: float, lower: float, upper: float, level: float) -> str:
    """Percentage with its interval, rounded to what the interval can bear.

    Examples
    --------
    >>> percent_interval(0.1234, 0.101, 0.152, 0.95)
    '12% (95% interval 10 to 15)'
    """
    if not _finite(estimate, lower, upper):
        return MISSING
    decimals = _percent_decimals(lower, upper)
    low, high = (_fixed(100 * limit, decimals) for limit in (lower, upper))
    return f"{_fixed(100 * estimate, decimals)}% ({_level(level)} interval {low} to {high})"


def percent_range(lower: float, upper: float) -> str:
    """Two proportions as a range of percentages.

    Examples
    --------
    >>> percent_range(0.101, 0.152)
    '10 to 15%'
    """
    if not _finite(lower, upper):
        return MISSING
    decimals = _percent_decimals(lower, upper)
    return f"{_fixed(100 * lower, decimals)} to {_fixed(100 * upper, decimals)}%"


def percent_cell(estimate: float, lower: float, upper: float) -> str:
    """Percentage with its interval for a table whose caption says which interval it is.

    Examples
    --------
    >>> percent_cell(0.1234, 0.101, 0.152)
    '12% (10–15)'
    """
    if not _finite(estimate, lower, upper):
        return "–"
    decimals = _percent_decimals(lower, upper)
    low, high = (_fixed(100 * limit, decimals) for limit in (lower, upper))
    return f"{_fixed(100 * estimate, decimals)}% ({low}–{high})"


def years(value: float, decimals: int = 1) -> str:
    """Time in years.

    Examples
    --------
    >>> years(2.04), years(1.0), years(5.0, decimals=0)
    ('2.0 years', '1.0 years', '5 years')
    """
    if not math.isfinite(value):
        return MISSING
    number = _fixed(value, decimals)
    return f"{number} {'year' if number == '1' else 'years'}"


def years_interval(estimate: float, lower: float, upper: float, level: float) -> str:
    """Time in years with its interval.

    Examples
    --------
    >>> years_interval(2.04, 1.5, 3.31, 0.95)
    '2.0 years (95% interval 1.5 to 3.3)'
    """
    if not _finite(estimate, lower, upper):
        return MISSING
    return f"{years(estimate)} ({_level(level)} interval {_fixed(lower, 1)} to {_fixed(upper, 1)})"


def ratio_interval(estimate: float, lower: float, upper: float, level: float) -> str:
    """Ratio with its interval.

    Examples
    --------
    >>> ratio_interval(1.519, 1.301, 1.794, 0.95)
    '1.52 (95% interval 1.30 to 1.79)'
    """
    if not _finite(estimate, lower, upper):
        return MISSING
    decimals = 2 if upper < 10 else 1
    low, high = _fixed(lower, decimals), _fixed(upper, decimals)
    return f"{_fixed(estimate, decimals)} ({_level(level)} interval {low} to {high})"


def probability(value: float) -> str:
    """Probability in words, the number behind.

    Examples
    --------
    >>> probability(0.985), probability(0.5)
    ('very likely (98.5%)', 'about as likely as not (50.0%)')
    """
    if not math.isfinite(value):
        return MISSING
    bounds = [(0.99, "almost certain"), (0.9, "very likely"), (0.66, "likely"), (1 / 3, "about as likely as not")]
    bounds += [(0.1, "unlikely"), (0.01, "very unlikely"), (0.0, "almost excluded")]
    word = next(name for bound, name in bounds if value >= bound)
    if value > 0.999:
        return f"{word} (above 99.9%)"
    if value < 0.001:
        return f"{word} (below 0.1%)"
    return f"{word} ({percent(value)})"


def year_cell(estimate: float, lower: float, upper: float) -> str:
    """Whole year with its interval for a table; what does not happen within the years followed is *later*.

    Examples
    --------
    >>> year_cell(13, 6, 18), year_cell(19, 16, math.inf), year_cell(math.inf, 16, math.inf)
    ('13 (6–18)', '19 (16–later)', 'later (16–later)')
    """
    low, mid, high = ("later" if math.isinf(year) else _fixed(year, 0) for year in (lower, estimate, upper))
    return f"{mid} ({low}–{high})"


def ratio_cell(estimate: float, lower: float, upper: float) -> str:
    """Ratio with its interval for a table.

    Examples
    --------
    >>> ratio_cell(1.519, 1.301, 1.794)
    '1.52 (1.30–1.79)'
    """
    return f"{_fixed(estimate, 2)} ({_fixed(lower, 2)}–{_fixed(upper, 2)})"


def population_name(label: str) -> str:
    """Label of a population as it is read.

    Examples
    --------
    >>> population_name("GBSG_2"), population_name("ROTTERDAM")
    ('GBSG-2', 'Rotterdam')
    """
    return _POPULATIONS.get(label, label.replace("_", " "))


def count(number: float, noun: str, plural: str | None = None) -> str:
    """Whole number with its noun.

    Examples
    --------
    >>> count(2982, "woman", "women"), count(1, "source")
    ('2,982 women', '1 source')
    """
    if not math.isfinite(number):
        return MISSING
    whole = round(number)
    return f"{whole:,} {noun if whole == 1 else plural or noun + 's'}"


def listed(items: Iterable[str]) -> str:
    """Words as a list in a sentence.

    Examples
    --------
    >>> listed(["a", "b", "c"]), listed(["a"])
    ('a, b and c', 'a')
    """
    words = list(items)
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def escape_markdown(text: object) -> str:
    """Text that Markdown shows as it is, on one line.

    Pandoc and Quarto take a backslash before any ASCII punctuation as the character itself, so links, code,
    mathematics, citations, raw HTML and shortcodes lose their meaning.
    """
    return _SPECIAL.sub(r"\\\1", " ".join(str(text).split()))


def _percent_decimals(lower: float, upper: float) -> int:
    width = 100 * abs(upper - lower)
    return 0 if width >= 5 and upper >= 0.1 else 1 if width >= 0.5 else 2


def _level(level: float) -> str:
    return f"{100 * level:g}%"


def _fixed(value: float, decimals: int) -> str:
    """Write with fixed decimals, thousands set apart, no minus before a zero."""
    text = f"{value:,.{decimals}f}"
    return text.removeprefix("-") if not text.strip("-0.,") else text


def _finite(*values: float) -> bool:
    return all(math.isfinite(value) for value in values)
