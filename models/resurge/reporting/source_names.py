"""Sources as readers know them: first author and year."""

from __future__ import annotations

import re
from collections import Counter

import pandas as pd

from resurge.evidence.faults import shown

_IN_BRACKETS = re.compile(r"\s*\([^)]*\)")
_INITIALS = re.compile(r"(?<=\w) [A-Z]{1,3}$")
UNNAMED = "not given"
"""What the authors of a source that names none are written as."""
_TRIALISTS = re.compile(r"early breast cancer trialists.{0,3} collaborative group", re.IGNORECASE)


def source_names(sources: pd.DataFrame) -> dict[str, str]:
    """Name every source by its first author and year, with its key where two would be called the same.

    Parameters
    ----------
    sources : pandas.DataFrame
        Columns ``source_id``, ``authors`` and ``year``.

    Returns
    -------
    dict
        Name by ``source_id``.
    """
    named = {row.source_id: author_year(row.authors, row.year) or row.source_id for row in sources.itertuples()}
    times = Counter(named.values())
    return {key: name if times[name] == 1 else f"{name} ({key})" for key, name in named.items()}


def author_year(authors: object, year: object) -> str:
    """Tell the first author, whether there are more, and the year; nothing where no author is known.

    Examples
    --------
    >>> author_year("Bai X, Lin X", 2021), author_year("Connolly RM et al. (E2112)", 2021)
    ('Bai et al. 2021', 'Connolly et al. 2021')
    >>> author_year("EBCTCG", 2011.0), author_year("(authors not given)", 2020)
    ('EBCTCG 2011', '')
    """
    text = "" if pd.isna(authors) else _IN_BRACKETS.sub("", str(authors)).strip()
    if not text or UNNAMED in text:
        return ""
    first, *others = re.split(r",\s*|;\s*|\s+et al\.?", text)
    name = shown(_TRIALISTS.sub("EBCTCG", _INITIALS.sub("", first.strip()))) + (" et al." if others else "")
    return name if pd.isna(year) else f"{name} {int(float(year))}"
