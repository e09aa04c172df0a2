"""From rows of the site table to what the metastasis model reads: counts, their groups, mixtures and single sites."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from resurge.errors import UsageError
from resurge.evidence.site_selection import is_modelled_site
from resurge.synthesis.metastasis_priors import UNPRINTED_PATIENTS

if TYPE_CHECKING:
    import pandas as pd

SITES = ("bone", "liver", "lung", "brain", "other", "bone_only")
"""Sites of the model; ``bone_only`` are patients with bone metastases and no others, at first recurrence."""
SINGLE_SITES = SITES[:4]
"""Sites among which a single metastasis falls, in the order in which they are counted off."""
SUBTYPES = ("HR+/HER2-", "HR+/HER2+", "HR-/HER2+", "TNBC")
MEMBERS = {
    **{subtype: (subtype,) for subtype in SUBTYPES},
    "ER+": ("HR+/HER2-", "HR+/HER2+"),
    "ER-": ("HR-/HER2+", "TNBC"),
    "HER2+": ("HR+/HER2+", "HR-/HER2+"),
    "any": SUBTYPES,
}
"""Subtypes that a label holds; one with several is their mixture."""
SETTINGS = ("first_site", "any_site_during_course", "at_diagnosis_de_novo", "autopsy")

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class SiteDesign:
    """Layout of the evidence; an entry is one count, a group one setting of one population.

    Attributes
    ----------
    n_site, n_total : ndarray of int, shape (entry,)
        Patients with the site, and all of them.
    group, site : ndarray of int, shape (entry,)
        Group and site of each entry.
    members : ndarray, shape (entry, subtype)
        1 for subtypes that the entry's label holds.
    reach : ndarray, shape (entry, reach_set)
        1 where all early patients of a source are counted, so that its share with metastases multiplies the shares.
    single : ndarray, shape (entry,)
        1 where the entry counts single metastases: those at its site among those at its site or a later one.
    group_setting, group_population : ndarray of int, shape (group,)
        What a group is.
    populations, reach_sets, labels : tuple of str
        Names; a label tells the rows of an entry.
    """

    n_site: Ints
    n_total: Ints
    group: Ints
    site: Ints
    members: NDArray[np.float64]
    reach: NDArray[np.float64]
    single: NDArray[np.float64]
    group_setting: Ints
    group_population: Ints
    populations: tuple[str, ...]
    reach_sets: tuple[str, ...]
    labels: tuple[str, ...]


def site_design(sites: pd.DataFrame) -> SiteDesign:
    """Lay out the site table for the model.

    Parameters
    ----------
    sites : pandas.DataFrame
        ``metastasis_sites`` as loaded.

    Raises
    ------
    UsageError
        If the model reads none of its rows.
    """
    rows = [row for row in sites.to_dict("records") if is_modelled_site(row)]
    if not rows:
        raise UsageError("no row of metastasis_sites says where metastases were found in patients who had them")
    entries = [_entry(row) for row in rows if row["used_as"] in ("share", "only", "relative")]
    entries += _luminal_sums([row for row in rows if row["used_as"] == "luminal_part"])
    entries += _single_sites([row for row in rows if row["used_as"] == "single_site"])
    populations = tuple(sorted({entry["population"] for entry in entries}))
    reach_sets = tuple(sorted({entry["reach"] for entry in entries} - {""}))
    groups = sorted({(entry["population"], entry["setting"]) for entry in entries})
    places = {group: number for number, group in enumerate(groups)}
    return SiteDesign(
        n_site=np.array([entry["n_site"] for entry in entries]),
        n_total=np.array([entry["n_total"] for entry in entries]),
        group=np.array([places[entry["population"], entry["setting"]] for entry in entries]),
        site=np.array([SITES.index(entry["site"]) for entry in entries]),
        members=np.array([[float(s in MEMBERS[entry["subtype"]]) for s in SUBTYPES] for entry in entries]),
        reach=np.array([[float(entry["reach"] == name) for name in reach_sets] for entry in entries]).reshape(
            len(entries), len(reach_sets)
        ),
        single=np.array([float(entry["single"]) for entry in entries]),
        group_setting=np.array([SETTINGS.index(setting) for _, setting in groups]),
        group_population=np.array([populations.index(population) for population, _ in groups]),
        populations=populations,
        reach_sets=reach_sets,
        labels=tuple(entry["label"] for entry in entries),
    )


def counted(row: Mapping[str, object]) -> tuple[int, int]:
    """Give the patients with the site and all patients with metastases of a row.

    A share whose number of patients is printed gives back its count. One without weighs as its printed limits say, and
    without those as `UNPRINTED_PATIENTS`. Where all early patients are counted and their share with metastases is
    known, the latter are the patients.
    """
    total = row["n_total"] if np.isfinite(row["n_total"]) else effective_patients(row)
    n = row["n_site"] if np.isfinite(row["n_site"]) and np.isfinite(row["n_total"]) else row["proportion"] * total
    if np.isfinite(row["share_metastatic"]):
        total = total * row["share_metastatic"]
    return round(n), round(total)


def effective_patients(row: Mapping[str, object]) -> float:
    """Give the patients whose share would have the printed limits: 1 / (se^2 p (1 - p)), se that of the log odds."""
    share, lower, upper, level = (row[name] for name in ("proportion", "lower", "upper", "level"))
    if not (0 < lower < upper < 1 and 0 < share < 1):  # NaN, where nothing is printed, is in no order
        return UNPRINTED_PATIENTS
    width = math.log(upper / (1 - upper)) - math.log(lower / (1 - lower))
    se = width / (2 * NormalDist().inv_cdf((1 + level) / 2))
    return 1 / (se**2 * share * (1 - share))


def _entry(row: Mapping[str, object]) -> dict[str, object]:
    n_site, n_total = counted(row)
    relative = row["used_as"] == "relative"
    return {
        "n_site": n_site,
        "n_total": n_total,
        "population": row["population"],
        "setting": row["setting"],
        "subtype": row["subtype"],
        "site": "bone_only" if row["used_as"] == "only" else row["site"],
        "reach": f"{row['population']} {row['subtype']}" if relative else "",
        "single": False,
        "label": row["row_id"],
    }


def _luminal_sums(rows: list[Mapping[str, object]]) -> list[dict[str, object]]:
    """Add luminal A and luminal B, which proliferation divides and not HER2 alone, to hormone-receptor-positive."""
    sums: dict[tuple[object, ...], dict[str, object]] = {}
    for row in rows:
        entry = {**_entry(row), "subtype": "ER+"}
        key = tuple(entry[name] for name in ("population", "setting", "site"))
        if key in sums:
            for name, between in (("n_site", ""), ("n_total", ""), ("label", "+")):
                sums[key][name] = sums[key][name] + between + entry[name] if between else sums[key][name] + entry[name]
        else:
            sums[key] = entry
    return list(sums.values())


def _single_sites(rows: list[Mapping[str, object]]) -> list[dict[str, object]]:
    """Count single metastases off site by site: at this one, of those not at an earlier one; the last follows."""
    wholes: dict[tuple[object, ...], dict[str, dict[str, object]]] = {}
    for row in rows:
        entry = _entry(row)
        wholes.setdefault(tuple(entry[name] for name in ("population", "setting", "subtype")), {})[row["site"]] = entry
    found = []
    for whole in wholes.values():
        left = max(entry["n_total"] for entry in whole.values())
        for site in SINGLE_SITES[:-1]:
            if site not in whole:
                break
            found.append({**whole[site], "n_total": left, "single": True})
            left = left - whole[site]["n_site"]
    return found
