"""From evidence tables to the arrays of the recurrence model.

A *population* is a patient set; a *cohort* is a part of it that the strata do not describe (a diagnosis period, a gene
score group, a luminal type, one of several reports). Randomised arms of one report are one cohort.
A *curve* is one hazard over time: an ER status, a nodal group and a therapy in a population. Tumour size and endpoint
scale
it. A *member* is one stratum inside a published window.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from resurge.errors import UsageError
from resurge.evidence.person_time import INTERVAL_EDGES
from resurge.evidence.selection import is_modelled_person_time
from resurge.evidence.tables import Evidence
from resurge.evidence.windows import published_windows
from resurge.synthesis.hazards import overlap
from resurge.synthesis.levels import Nesting
from resurge.synthesis.priors import RECURRENCE
from resurge.synthesis.strata import (
    ER,
    MEMBERS,
    MIX,
    NODAL,
    TUMOUR_SIZE,
    expand,
    mix_indicators,
    therapy_multipliers,
)

COHORT_KEYS = ["source_id", "diagnosis_years", "selection", "her2", "pr", "grade"]
Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Curves:
    """Which effects make each curve: 0/1 matrices of shape ``(curve, label)``, therapy ``(curve, effect, cell)``."""

    er: Matrix
    nodal: Matrix
    therapy: Matrix
    population: Matrix


@dataclass(frozen=True)
class PersonTime:
    """Events and person-years, shape ``(row,)``; ``curve_cell`` points into the raveled ``(curve, cell)`` matrix."""

    row_id: NDArray[np.str_]
    curve_cell: NDArray[np.intp]
    tumour_size: Matrix
    is_distant: Matrix
    counts_deaths: Matrix
    events: NDArray[np.int_]
    person_years: Matrix


@dataclass(frozen=True)
class Windows:
    """Published windows ``(window,)`` and their members ``(member,)``.

    ``inside`` has shape ``(window, member)``; ``curve_start`` and ``curve_end`` point into the raveled ``(curve,
    year)``
    matrix of cumulative hazards. A member weighs ``exp(mix @ log_odds + log_share)``: ``mix`` marks the log odds that
    weigh it, shape ``(member, mix)``; ``log_share`` is what the source prints of the mix.
    """

    row_id: NDArray[np.str_]
    log_cumulative_hazard: Matrix
    se: Matrix
    inside: Matrix
    curve_start: NDArray[np.intp]
    curve_end: NDArray[np.intp]
    tumour_size: Matrix
    is_distant: Matrix
    mix: Matrix
    log_share: Matrix
    nesting: Nesting


@dataclass(frozen=True)
class RecurrenceDesign:
    """Grid, labels and arrays; ``exposure`` gives the years of each cell before each window bound ``(cell, year)``.

    ``followed`` are the populations with patients of their own, the others are ``reported``; ``followed_place`` and
    ``reported_place``
    are their 0/1 places among all populations.
    """

    edges: Matrix
    populations: tuple[str, ...]
    followed: tuple[str, ...]
    followed_place: Matrix
    reported_place: Matrix
    cohorts: tuple[str, ...]
    curves: Curves
    person_time: PersonTime
    windows: Windows
    exposure: Matrix


def one_hot(labels: list[str] | NDArray[np.str_], known: tuple[str, ...]) -> Matrix:
    """Mark each label's place among the known ones, shape ``(row, known)``.

    Raises
    ------
    KeyError
        If a label is not known.
    """
    place = {label: i for i, label in enumerate(known)}
    return np.eye(len(known))[[place[label] for label in labels]].reshape(len(labels), len(known))


def selection_of(stratum: str) -> str:
    """Give the part of a stratum that selects patients, without the name of a randomised arm."""
    parts = [part.strip() for part in stratum.split(";")]
    return "; ".join(part for part in parts if part and not part.endswith("arm"))


def cohort_labels(windows: pd.DataFrame) -> pd.Series:
    """Name the cohort of each published window; blank where a population has one undivided report.

    Parameters
    ----------
    windows : pandas.DataFrame
        As from :func:`resurge.evidence.windows.published_windows`.

    Returns
    -------
    pandas.Series
        Labels such as ``ebctcg2024 2000-2009``, in the order of the windows.
    """
    keys = windows.assign(selection=windows["stratum"].map(selection_of))[COHORT_KEYS]
    unselected = (keys["selection"] == "") & (keys[["her2", "pr", "grade"]] == "any").all(axis=1)
    unit = keys["source_id"].str.cat([keys[k] for k in COHORT_KEYS[1:]], sep="|")
    several = unit.groupby(windows["population"]).transform("nunique") > 1
    for column, word in {"her2": "HER2", "pr": "PR", "grade": "grade"}.items():
        keys[column] = [f"{word} {value}" if value != "any" else "" for value in keys[column]]
    labels = pd.Series([" ".join(filter(None, key)) for key in keys.itertuples(index=False)], index=windows.index)
    return labels.where(~unselected | several, "")


def nest(
    windows: pd.DataFrame, populations: tuple[str, ...], followed: tuple[str, ...]
) -> tuple[tuple[str, ...], Nesting]:
    """Arrange windows in cohorts and cohorts in populations; give the cohorts' names and their nesting."""
    label = cohort_labels(windows)
    unit = label.where(label != "", windows["population"])
    shared = windows["population"].groupby(unit).transform("nunique") > 1
    unit = unit.mask(shared, windows["population"] + " " + unit)
    cohorts = tuple(sorted(set(unit)))
    of = dict(zip(unit, windows["population"], strict=True))
    varies = set(unit[label != ""])
    return cohorts, Nesting(
        window_cohort=one_hot(unit.to_numpy(str), cohorts),
        cohort_population=one_hot([of[cohort] for cohort in cohorts], populations),
        cohort_varies=np.array([cohort in varies for cohort in cohorts], dtype=float),
        population_varies=np.array([name not in followed for name in populations], dtype=float),
    )


CurveKey = tuple[str, str, str, str]
"""ER status, nodal group, therapy, population."""


def curves_design(keys: list[CurveKey], edges: Matrix, populations: tuple[str, ...]) -> Curves:
    """Say which effects make each distinct curve."""
    er, nodal, therapy, population = (list(part) for part in zip(*keys, strict=True))
    acts = [therapy_multipliers(label, status, edges) for label, status in zip(therapy, er, strict=True)]
    return Curves(one_hot(er, ER), one_hot(nodal, NODAL), np.array(acts), one_hot(population, populations))


def person_time_design(table: pd.DataFrame, place: dict[CurveKey, int], edges: Matrix) -> PersonTime:
    """Turn the used person-time rows into positions."""
    keys = table[["er", "nodal", "therapy", "population"]].itertuples(index=False, name=None)
    curve = np.array([place[key] for key in keys], dtype=np.intp)
    middle = (table["start_year"] + table["end_year"]).to_numpy() / 2
    return PersonTime(
        row_id=table["row_id"].to_numpy(str),
        curve_cell=curve * (len(edges) - 1) + np.searchsorted(edges, middle) - 1,
        tumour_size=one_hot(table["tumour_size"].to_numpy(str), TUMOUR_SIZE),
        is_distant=one_hot(table["er"].to_numpy(str), ER)
        * (table["endpoint"] == "distant_recurrence").to_numpy(float)[:, None],
        counts_deaths=(table["endpoint"] == "dfs").to_numpy(float),
        events=table["events"].to_numpy().astype(int),
        person_years=table["person_years"].to_numpy(float),
    )


PrintedMix = dict[str, dict[str, dict[str, float]]]
"""Share of each stratum by population and variable, where a source prints it."""


def printed_mix(case_mix: pd.DataFrame | None) -> PrintedMix:
    """Split printed shares of groups (N1+) over the strata inside them in proportion to the prior mix."""
    default = dict(zip(MIX, RECURRENCE.log_odds.mean, strict=True))
    mixes: PrintedMix = {}
    for row in [] if case_mix is None else case_mix.itertuples(index=False):
        strata = MEMBERS[row.variable][row.level]
        odds = {name: np.exp(default.get(f"ER {name}" if row.variable == "er" else name, 0.0)) for name in strata}
        shares = {name: row.share * odds[name] / sum(odds.values()) for name in strata}
        mixes.setdefault(row.population, {}).setdefault(row.variable, {}).update(shares)
    return mixes


def windows_design(
    windows: pd.DataFrame, mixes: PrintedMix, place: dict[CurveKey, int], years: Matrix, nesting: Nesting
) -> Windows:
    """Expand windows into the strata inside them."""
    window, curve, member_er, size, mix, log_share = [], [], [], [], [], []
    for w, row in enumerate(windows.itertuples(index=False)):
        labels = (row.er, row.nodal, row.tumour_size)
        printed = mixes.get(row.population, {})
        for stratum in expand(*labels):
            window.append(w)
            curve.append(place[ER[stratum[0]], NODAL[stratum[1]], row.therapy, row.population])
            member_er.append(ER[stratum[0]])
            size.append(TUMOUR_SIZE[stratum[2]])
            mix.append(mix_indicators(*labels, stratum, printed))
            members = zip(MEMBERS, labels, (ER, NODAL, TUMOUR_SIZE), stratum, strict=True)
            shares = [
                printed[name].get(known[k], 0.0)
                for name, label, known, k in members
                if name in printed and len(MEMBERS[name][label]) > 1
            ]
            log_share.append(sum(np.log(share) if share > 0 else -np.inf for share in shares))
    bound = {side: np.searchsorted(years, windows[f"{side}_year"])[window] for side in ("start", "end")}
    row = np.array(curve, dtype=np.intp) * len(years)
    return Windows(
        row_id=windows["row_id"].to_numpy(str),
        log_cumulative_hazard=windows["log_cumulative_hazard"].to_numpy(float),
        se=windows["se"].to_numpy(float),
        inside=(np.arange(len(windows))[:, None] == window).astype(float),
        curve_start=row + bound["start"],
        curve_end=row + bound["end"],
        tumour_size=one_hot(size, TUMOUR_SIZE),
        is_distant=one_hot(member_er, ER)
        * (windows["endpoint"] == "distant_recurrence").to_numpy(float)[window][:, None],
        mix=np.array(mix, dtype=float).reshape(len(mix), len(MIX)),
        log_share=np.array(log_share, dtype=float),
        nesting=nesting,
    )


def curve_keys(table: pd.DataFrame, windows: pd.DataFrame) -> list[CurveKey]:
    """List the distinct curves that the evidence needs, in a fixed order."""
    from_patients = table[["er", "nodal", "therapy", "population"]].itertuples(index=False, name=None)
    from_windows = (
        (ER[e], NODAL[n], row.therapy, row.population)
        for row in windows.itertuples(index=False)
        for e, n, _ in expand(row.er, row.nodal, row.tumour_size)
    )
    return sorted({*from_patients, *from_windows})


def recurrence_design(evidence: Evidence) -> RecurrenceDesign:
    """Lay out the evidence that the recurrence model reads.

    Parameters
    ----------
    evidence : Evidence
        Checked tables.

    Returns
    -------
    RecurrenceDesign
        Grid, labels and arrays.

    Raises
    ------
    UsageError
        If there is no row to fit.
    """
    edges = np.asarray(INTERVAL_EDGES)
    table = evidence.recurrence_person_time
    chosen = [is_modelled_person_time(row) for row in table[["use", "endpoint"]].to_dict("records")]
    table = table[np.array(chosen, dtype=bool)]
    windows = published_windows(evidence)
    years = np.unique(windows[["start_year", "end_year"]].to_numpy(float))
    populations = tuple(sorted({*table["population"], *windows["population"]}))
    followed = tuple(sorted(set(table["population"])))
    keys = curve_keys(table, windows)
    if not keys:
        raise UsageError(
            "nothing to fit: no row of recurrence_rates.csv or recurrence_person_time.csv in use states how often "
            "recurrence happens"
        )
    place = {key: i for i, key in enumerate(keys)}
    cohorts, nesting = nest(windows, populations, followed)
    return RecurrenceDesign(
        edges=edges,
        populations=populations,
        followed=followed,
        followed_place=one_hot(list(followed), populations).T,
        reported_place=one_hot([name for name in populations if name not in followed], populations).T,
        cohorts=cohorts,
        curves=curves_design(keys, edges, populations),
        person_time=person_time_design(table, place, edges),
        windows=windows_design(windows, printed_mix(evidence.case_mix), place, years, nesting),
        exposure=overlap(edges, np.zeros_like(years), years).T,
    )
