"""From rows of the therapy table to the arrays of the therapy model.

An *entry* is one independent-looking estimate of a trial's effect: a row read as it stands, the first report of an
update chain, or what a later report adds to it. Entries of one trial share patients; their covariance is that of the
events they share. A *reading* is what enters the likelihood: entries rotated so that their errors are independent, and,
where a trial's level is already counted by an aggregate, only the contrasts among them.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from resurge.evidence.effect_selection import is_modelled_effect
from resurge.synthesis.effect_course import Clock, clock
from resurge.synthesis.event_weights import YEARS, Baseline, followed, within
from resurge.synthesis.score_increments import orthogonal_contrasts, score_increments
from resurge.synthesis.shared_patients import STATED, Sharing, error_correlation
from resurge.synthesis.therapy_priors import SCALED_ENDPOINTS, TherapyPriors

DEATHS = ("breast_cancer_death", "os")
OPEN_PERIOD_YEARS = 5.0
"""Length taken for a printed period without an end, and follow-up after a landmark that is not printed."""
OPEN_FOLLOW_UP_YEARS = 8.0
"""Median follow-up taken where none is printed."""
LESS_TREATMENT = ("_short", "_intermittent")
"""Endings of classes whose experimental arm has less treatment than the control: a ratio above 1 is expected."""
ONE_EFFECT = ("endpoint", "treatment", "control", "women")
"""What entries agree in that report on one effect at several times."""
CONTINUATION = "extended_"
"""Beginning of classes whose control arm has just stopped the same therapy."""
MOST = 0.5
"""Share of entries above which a class is one of ER-positive or of ER-negative disease."""
CLASS_SPREAD_OF_LOG_SIGMA = 0.4
"""How far the log spread of trials of one class lies from the typical one."""
Array = NDArray[np.float64]


@dataclass(frozen=True)
class TherapyDesign:
    """Layout of the evidence of the therapy model.

    Attributes
    ----------
    classes, trials, entries : tuple of str
        Labels; a trial is named ``class | trial``, an entry by its row and, for an increment, the row before.
    trial_class : ndarray, shape (trial, effect_class)
        0/1 membership.
    entry_trial : ndarray, shape (entry, trial)
        0/1 membership.
    sign : ndarray, shape (effect_class,)
        -1 for classes that give less treatment than their control, else 1.
    continues : ndarray, shape (effect_class,)
        1 where the control arm has just had the same therapy.
    duration, randomised_year : ndarray, shape (effect_class,)
        Years for which treatments differ, and from which year since diagnosis on: middle of the class's entries.
    er : tuple of str
        By class: ``positive`` or ``negative`` where most of its entries are of such disease and none of the other, else
        ``any``.
    clock : Clock
        Times of each course that trials of a class have followed, arrays of shape (course, cell).
    course_class : ndarray, shape (course, effect_class)
        0/1 membership.
    entry_course : ndarray of int, shape (entry,)
        Position of the course that an entry averages over.
    events, seen : ndarray, shape (entry, cell)
        Recurrences of the control arm by cell, and the share of them that the entry counts.
    endpoint : ndarray, shape (entry, scaled_endpoint)
        0/1; all 0 for any recurrence.
    deaths : ndarray, shape (entry,)
        1 where the entry counts deaths.
    log_ratio, se : ndarray, shape (entry,)
        Estimates, oriented as the class.
    rotation : ndarray, shape (reading, entry)
        Orthonormal rows that turn entries into readings.
    variance : ndarray, shape (reading,)
        Squared standard errors of the readings.
    rows : pandas.DataFrame
        Facts of each entry for tables and figures, in the order of ``entries``.
    """

    classes: tuple[str, ...]
    trials: tuple[str, ...]
    entries: tuple[str, ...]
    trial_class: Array
    entry_trial: Array
    sign: Array
    continues: Array
    duration: Array
    randomised_year: Array
    er: tuple[str, ...]
    clock: Clock
    course_class: Array
    entry_course: NDArray[np.int64]
    events: Array
    seen: Array
    endpoint: Array
    deaths: Array
    log_ratio: Array
    se: Array
    rotation: Array
    variance: Array
    rows: pd.DataFrame

    @property
    def reading_trial(self) -> Array:
        """0/1 membership, shape (reading, trial): readings mix entries of one trial only."""
        return ((np.abs(self.rotation) > 0).astype(float) @ self.entry_trial > 0).astype(float)

    @property
    def readings(self) -> Array:
        """Data of the likelihood, shape (reading,)."""
        return self.rotation @ self.log_ratio


def therapy_design(effects: pd.DataFrame, baseline: Baseline, sharing: Sharing = STATED) -> TherapyDesign:
    """Lay out the therapy table for the model.

    Parameters
    ----------
    effects : pandas.DataFrame
        The table ``therapy_effects``, checked.
    baseline : Baseline
        Hazard of recurrence of control arms.
    sharing : Sharing
        Stated correlations of estimates from one trial.

    Raises
    ------
    InformationShrinksError
        If a chain that is read does not gain information.
    """
    read = effects[[is_modelled_effect(row) for row in effects.to_dict("records")]]
    read = read[np.isfinite(read["log_estimate"]) & np.isfinite(read["se_log"])]
    rows = entries_of(read)
    classes = tuple(dict.fromkeys(sorted(rows["effect_class"])))
    trials = tuple(dict.fromkeys(rows["in_class"]))
    entry_trial = (rows["in_class"].to_numpy()[:, None] == np.array(trials)).astype(float)
    trial_class = np.array([[trial.split(" | ")[0] == each for each in classes] for trial in trials], dtype=float)
    seen = np.stack(rows["seen"].tolist())
    events = np.stack([baseline.events(er, year) for er, year in zip(rows["er"], rows["randomised_year"], strict=True)])
    rotation, variance = readings_of(rows, entry_trial, events, sharing)
    by_class = rows.groupby("effect_class")
    begins = rows["randomised_year"] + rows["contrast_start_year"]
    courses = rows[["effect_class", "contrast_years", "contrast_start_year"]]
    followed_by = list(dict.fromkeys(courses.itertuples(index=False, name=None)))
    kind, duration, start = (np.array(each) for each in zip(*followed_by, strict=True))
    return TherapyDesign(
        classes=classes,
        trials=trials,
        entries=tuple(rows["entry"]),
        trial_class=trial_class,
        entry_trial=entry_trial,
        sign=np.array([-1.0 if name.endswith(LESS_TREATMENT) else 1.0 for name in classes]),
        continues=np.array(
            [
                name.startswith(CONTINUATION) or (by_class.get_group(name)["contrast_start_year"] > 0).all()
                for name in classes
            ],
            dtype=float,
        ),
        duration=by_class["contrast_years"].median()[list(classes)].to_numpy(),
        randomised_year=begins.groupby(rows["effect_class"]).median()[list(classes)].to_numpy(),
        er=tuple(disease(by_class.get_group(name)["er"]) for name in classes),
        clock=clock(YEARS, duration[:, None], start[:, None]),
        course_class=(kind[:, None] == np.array(classes)).astype(float),
        entry_course=np.array([followed_by.index(own) for own in courses.itertuples(index=False, name=None)]),
        events=events,
        seen=seen,
        endpoint=(rows["endpoint"].to_numpy()[:, None] == np.array(SCALED_ENDPOINTS)).astype(float),
        deaths=rows["endpoint"].isin(DEATHS).to_numpy(dtype=float),
        log_ratio=rows["log_ratio"].to_numpy(),
        se=rows["se"].to_numpy(),
        rotation=rotation,
        variance=variance,
        rows=rows.drop(columns="seen"),
    )


def disease(er: pd.Series) -> str:
    """Give the ER status of the disease that a class was tested in."""
    shares = er.value_counts(normalize=True)
    only = [status for status in ("positive", "negative") if shares.get(status, 0) > MOST]
    return only[0] if only and not ({"positive", "negative"} - set(only)) & set(shares.index) else "any"


def entries_of(read: pd.DataFrame) -> pd.DataFrame:
    """Turn rows into entries: chains into increments, ratios to the orientation of their class."""
    read = read.assign(
        log_ratio=read["log_estimate"] * np.where(read["inverted"] == "yes", -1.0, 1.0),
        se=read["se_log"],
        in_class=read["effect_class"] + " | " + read["trial"],
        entry=read["row_id"],
        start=read["window_start"].fillna(0.0),
        end=[window_end(row) for row in read.to_dict("records")],
        seen=[counted(row) for row in read.to_dict("records")],
    )
    chained = (read["update_chain"] != "") & read["used_as"].isin(["increment", "shape"])
    parts = [read[~chained], *(increments(chain) for _, chain in read[chained].groupby("update_chain"))]
    rows = pd.concat(parts).sort_values(["effect_class", "trial", "endpoint", "start"], kind="stable")
    return rows.reset_index(drop=True)


def increments(chain: pd.DataFrame) -> pd.DataFrame:
    """Replace each later report of a chain by what it adds to the report before."""
    chain = chain.sort_values("report_order")
    log_ratio, se = score_increments(chain["log_ratio"], chain["se"])
    before = chain["row_id"].shift(fill_value="")
    seen = chain["seen"].tolist()
    return chain.assign(
        log_ratio=log_ratio,
        se=se,
        entry=np.where(before == "", chain["row_id"], chain["row_id"] + " after " + before),
        start=chain["end"].shift(fill_value=0.0).where(before != "", chain["start"]),
        seen=[seen[0], *(np.clip(now - then, 0, None) for then, now in pairwise(seen))],
    )


def window_end(row: dict[str, object]) -> float:
    """Give the end of a row's window in years since randomisation, with the stated default where none is printed."""
    if np.isfinite(row["window_end"]):
        return float(row["window_end"])
    start = 0.0 if not np.isfinite(row["window_start"]) else float(row["window_start"])
    return OPEN_FOLLOW_UP_YEARS if row["window_kind"] == "whole_follow_up" else start + OPEN_PERIOD_YEARS


def counted(row: dict[str, object]) -> Array:
    """Give the share of the events of each cell that a row counts."""
    end = window_end(row)
    start = 0.0 if not np.isfinite(row["window_start"]) else float(row["window_start"])
    if row["window_kind"] == "period" or row["window_end_from"] == "landmark_year":
        return within(start, end)
    return followed(end) * within(start, np.inf)


def readings_of(
    rows: pd.DataFrame, entry_trial: Array, events: Array, sharing: Sharing = STATED
) -> tuple[Array, Array]:
    """Rotate the entries of each trial so that their errors are independent; drop levels that an aggregate counts."""
    rotation, variance = [], []
    for member in entry_trial.T.astype(bool):
        own = rows[member]
        covariance = error_correlation(own, events[member], sharing) * np.outer(own["se"], own["se"])
        kind = own.groupby(list(ONE_EFFECT)).ngroup().to_numpy()
        kept = level_free(own["used_as"].to_numpy() == "shape", kind)
        values, vectors = np.linalg.eigh(kept @ covariance @ kept.T)
        placed = np.zeros((len(values), len(rows)))
        placed[:, member] = vectors.T @ kept
        rotation.append(placed)
        variance.append(values)
    return np.concatenate(rotation), np.concatenate(variance)


def level_free(shape_only: NDArray[np.bool_], kind: NDArray[np.int64]) -> Array:
    """Give orthonormal rows that keep entries as they are, but of those read for their shape only the contrasts.

    Contrasts are among entries of one kind: between two endpoints they would tell of levels, not of a change over time.
    """
    unit = np.eye(len(shape_only))
    same = [unit[shape_only & (kind == each)] for each in np.unique(kind[shape_only])]
    return np.concatenate([unit[~shape_only], *(orthogonal_contrasts(len(own)) @ own for own in same)])


def onset_priors(design: TherapyDesign, priors: TherapyPriors) -> tuple[Array, Array]:
    """Give mean and standard deviation of log onset by class: slow where the control has just had the therapy."""
    start, goes_on = priors.log_onset_start, priors.log_onset_continuation
    continues = design.continues == 1
    return np.where(continues, goes_on.mean, start.mean), np.where(continues, goes_on.sd, start.sd)
