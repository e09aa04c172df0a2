"""What the sources print about sites, beside the answers of the metastasis model: points with limits of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import sqrt
from statistics import NormalDist

from resurge.evidence.csv_files import read_rows
from resurge.findings.questions import Answer
from resurge.project import Project
from resurge.synthesis.metastasis_design import MEMBERS, SITES

FAMILY = {"share": "share", "luminal_part": "share", "shown": "share", "only": "only", "single_site": "single_site"}
"""Quantity that a row is about: the share with a site, with this site only, or of single metastases."""


def used_rows(project: Project) -> list[dict[str, str]]:
    """Read the rows of the site table that are in use."""
    return [row for row in read_rows(project.data / "metastasis_sites.csv") if row["use"] == "yes"]


def points_of(rows: Sequence[Mapping[str, str]], setting: str, subtype: str, site: str, level: float) -> list[Answer]:
    """List what sources print on a site in a setting, of a label that holds the subtype.

    Parameters
    ----------
    rows : sequence of mapping
        Rows in use.
    setting, subtype : str
        Labels of the question.
    site : str
        Site of the model; ``bone_only`` stands for rows about bone and no other site.
    level : float
        Probability of the limits.
    """
    return [point(row, level) for row in at_site(rows, setting, site) if nested(subtype, row["subtype"])]


def nested(label: str, other: str) -> bool:
    """Tell whether one of two labels holds the other."""
    one, two = set(MEMBERS[label]), set(MEMBERS[other])
    return one <= two or two <= one


def at_site(rows: Sequence[Mapping[str, str]], setting: str, site: str) -> Iterator[Mapping[str, str]]:
    """Give the rows on patients with metastases in a setting that are about a site of the model."""
    family, own = ("only", "bone") if site == "bone_only" else ("share", site)
    for row in rows:
        with_metastases = row["denominator"] == "patients_with_metastases" or row["share_metastatic"]
        about = (row["setting"], row["site"], FAMILY.get(row["used_as"])) == (setting, own, family)
        whole = row["site"] != "other" or row["site_as_published"] == "other"
        if about and with_metastases and whole:
            yield row


def single_points(rows: Sequence[Mapping[str, str]], subtype: str, site: str, level: float) -> list[Answer]:
    """List what sources print on where single metastases of a subtype are."""
    wanted = (subtype, site, "single_site")
    return [point(row, level) for row in rows if (row["subtype"], row["site"], row["used_as"]) == wanted]


def point(row: Mapping[str, str], level: float) -> Answer:
    """Tell one row: its source, patients, share and Wilson's limits, None where the patients are not counted."""
    share = float(row["proportion"])
    total = float(row["n_total"]) if row["n_total"] else None
    if row["share_metastatic"]:
        share, total = share / float(row["share_metastatic"]), total and total * float(row["share_metastatic"])
    lower, upper = wilson(share, total, level) if total else (None, None)
    return {
        "row": row["row_id"],
        "source": row["source_id"],
        "population": row["population"],
        "cohort": row["cohort_label"],
        "subtype": row["subtype"],
        "as_published": row["subtype_as_published"],
        "stratum": row["stratum"],
        "patients": None if total is None else round(total),
        "share": share,
        "lower": lower,
        "upper": upper,
        "used_as": row["used_as"],
    }


def wilson(share: float, total: float, level: float) -> tuple[float, float]:
    """Give Wilson's limits of a share of so many patients."""
    z = NormalDist().inv_cdf((1 + level) / 2)
    middle, half = share + z**2 / (2 * total), z * sqrt(share * (1 - share) / total + z**2 / (4 * total**2))
    return max(0.0, (middle - half) / (1 + z**2 / total)), min(1.0, (middle + half) / (1 + z**2 / total))


def told_sites(rows: Sequence[Mapping[str, str]], setting: str) -> list[str]:
    """Give the sites of the model on which the evidence says something in a setting."""
    return [site for site in SITES if any(row["used_as"] != "shown" for row in at_site(rows, setting, site))]


def read_as(row: Mapping[str, str]) -> str:
    """Give the label under which the model reads a row: luminal halves enter as their sum."""
    return "ER+" if row["used_as"] == "luminal_part" else row["subtype"]


def split_by(rows: Sequence[Mapping[str, str]], setting: str, subtype: str, site: str) -> str:
    """Say what the evidence tells of a subtype at a site in a setting.

    Returns
    -------
    {"itself", "a mixture", "other settings", "nothing"}
        Whether a row is about the label itself, about a part or a mixture narrower than all patients, whether contrasts
        come from other settings, or no row anywhere splits the site.
    """
    labels = {read_as(row) for row in at_site(rows, setting, site) if row["used_as"] != "shown"}
    if subtype in labels:
        return "itself"
    if any(set(MEMBERS[label]) & set(MEMBERS[subtype]) and label != "any" for label in labels):
        return "a mixture"
    bone = "bone" if site == "bone_only" else site
    anywhere = {read_as(row) for row in rows if row["site"] == bone and row["used_as"] != "shown"}
    return "other settings" if anywhere - {"any"} else "nothing"
