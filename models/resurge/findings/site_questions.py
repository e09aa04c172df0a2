"""Where metastases are found: single questions answered from stored draws as plain dictionaries; numpy only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from resurge.errors import UsageError
from resurge.findings.questions import Answer, estimate
from resurge.findings.site_draws import (
    PARAMETERS,
    SINGLE_SETTING,
    Draws,
    single_site_share,
    site_share,
)
from resurge.findings.site_rows import points_of, single_points, split_by, told_sites, used_rows
from resurge.inference.records import sound_draws
from resurge.project import Project
from resurge.synthesis.metastasis_design import MEMBERS, SETTINGS, SINGLE_SITES, SITES, SUBTYPES

MODEL = "metastasis"
EXCLUSIVE = ("bone_only",)
"""Sites of which a patient has no other."""

Rows = Sequence[Mapping[str, str]]


def answer_sites(
    project: Project, setting: str, *, subtype: str | None = None, site: str | None = None, level: float
) -> Answer:
    """Answer how many patients with metastases have them at each site, or at one site in each subtype.

    Parameters
    ----------
    project : Project
        Where the posterior is stored.
    setting : str
        First distant recurrence, any time after it, diagnosis, or autopsy.
    subtype : str, optional
        A subtype, or a mixture such as ``ER+`` or ``any``; by default all subtypes.
    site : str, optional
        A site; by default all on which the evidence says something in this setting.
    level : float
        Probability of the intervals.

    Returns
    -------
    dict
        ``question``, ``interval``, ``shares`` (typical source, ``new_source``, what sources print, and by what the
        answer is told), ``differences`` between subtypes (risk ratio, difference, probability of being higher) and
        ``single_metastasis`` (shares of categories that exclude each other; at diagnosis only).

    Raises
    ------
    RecordError
        If there is no posterior to report from.
    UsageError
        If a label is not known, or the evidence says nothing of the site in this setting.
    """
    known(setting, subtype, site)
    draws, rows = sound_draws(project, MODEL, PARAMETERS), used_rows(project)
    sites = told_sites(rows, setting)
    if site is not None and site not in sites:
        raise UsageError(f"--site: no source tells of {site} in this setting; it has {', '.join(sites)}")
    asked = [site] if site else sites
    labels = [subtype] if subtype else list(SUBTYPES)
    return {
        "question": {
            "setting": setting,
            "subtype": subtype or "each",
            "site": site or "each",
            "of": "patients with metastases",
            "mixture": mixture(draws, labels),
        },
        "interval": level,
        "shares": [share_of(draws, rows, setting, label, each, level) for each in asked for label in labels],
        "differences": [difference(draws, setting, pair, each, level) for each in asked for pair in pairs_of(subtype)],
        "single_metastasis": singles(draws, rows, labels, site, level) if setting == SINGLE_SETTING else [],
    }


def known(setting: str, subtype: str | None, site: str | None) -> None:
    """Refuse labels that the model does not have, by name."""
    for option, value, labels in (("setting", setting, SETTINGS), ("subtype", subtype, MEMBERS), ("site", site, SITES)):
        if value is not None and value not in labels:
            raise UsageError(f"--{option}: {value!r} is not one of {', '.join(labels)}")


def mixture(draws: Draws, labels: Sequence[str]) -> dict[str, float]:
    """Give the mean shares of the subtypes in patients with metastases, where a label is a mixture."""
    if all(label in SUBTYPES for label in labels):
        return {}
    return dict(zip(SUBTYPES, map(float, draws["mix"].mean(0)), strict=True))


def pairs_of(subtype: str | None) -> list[tuple[str, str]]:
    """Give the pairs of subtypes to compare: those with the one asked about, else all."""
    if subtype is None:
        return list(combinations(reversed(SUBTYPES), 2))
    return [(subtype, other) for other in SUBTYPES if other not in MEMBERS[subtype]]


def share_of(draws: Draws, rows: Rows, setting: str, label: str, site: str, level: float) -> Answer:
    """Tell the share of one site in one subtype or mixture, with the sources' own points."""
    return {
        "site": site,
        "subtype": label,
        "exclusive": site in EXCLUSIVE,
        **estimate(site_share(draws, setting, label, site), level),
        "new_source": estimate(site_share(draws, setting, label, site, "new"), level),
        "told_by": split_by(rows, setting, label, site),
        "sources": points_of(rows, setting, label, site, level),
    }


def difference(draws: Draws, setting: str, pair: tuple[str, str], site: str, level: float) -> Answer:
    """Compare two subtypes at one site in a typical source."""
    one, other = (site_share(draws, setting, label, site) for label in pair)
    return {"site": site, "subtype": pair[0], "against": pair[1], **compared(one, other, level)}


def compared(one: NDArray[np.float64], other: NDArray[np.float64], level: float) -> Answer:
    """Give ratio, difference and probability of being higher."""
    return {
        "risk_ratio": estimate(one / other, level),
        "difference": estimate(one - other, level),
        "probability_higher": float((one > other).mean()),
    }


def singles(draws: Draws, rows: Rows, labels: Sequence[str], site: str | None, level: float) -> list[Answer]:
    """Tell where the metastasis is in patients with a single one, for subtypes; mixtures have no answer."""
    if not any(row["used_as"] == "single_site" for row in rows):
        return []
    return [
        {
            "site": each,
            "subtype": label,
            "exclusive": True,
            **estimate(single_site_share(draws, label, each), level),
            "sources": single_points(rows, label, each, level),
        }
        for each in SINGLE_SITES
        if site in (None, each)
        for label in labels
        if label in SUBTYPES
    ]
