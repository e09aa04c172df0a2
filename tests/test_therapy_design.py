"""Do a few rows of the therapy table become the entries and readings that they should, worked out by hand?"""

from __future__ import annotations

import numpy as np
import pytest

from resurge.synthesis.effect_course import clock
from resurge.synthesis.event_weights import YEARS, followed, within
from resurge.synthesis.score_increments import InformationShrinksError
from resurge.synthesis.therapy_design import onset_priors, therapy_design
from resurge.synthesis.therapy_priors import SCALED_ENDPOINTS, THERAPY
from simulated_trials import NAN, effects_of, even_hazard, trials_of_every_kind

BASELINE = even_hazard(0.02)
CHAIN = {"window_kind": "whole_follow_up", "update_chain": "c", "used_as": "increment"}
EARLY, LATE = (
    {**CHAIN, "report_order": 1.0, "window_end": 3.0, "log_estimate": -0.4, "se_log": 1 / 5},
    {**CHAIN, "report_order": 2.0, "window_end": 8.0, "log_estimate": -0.3, "se_log": 1 / 10},
)
"""Informations 25 and 100, scores -10 and -30: the later report adds -20 over 75."""
PERIODS = [{"window_start": start, "window_end": end} for start, end in ((0.0, 2.0), (2.0, 5.0), (5.0, 10.0))]


def design_of(*rows):
    return therapy_design(effects_of(*rows), BASELINE)


# Entries


def test_a_row_is_read_as_it_stands():
    design = design_of({"log_estimate": -0.4, "se_log": 0.2, "window_end": 4.9})
    assert design.classes == ("drug",)
    assert design.trials == ("drug | Alpha",)
    assert design.entries == ("e1",)
    assert (design.log_ratio.tolist(), design.se.tolist()) == ([-0.4], [0.2])
    assert np.abs(design.readings) == pytest.approx([0.4])
    assert design.variance == pytest.approx([0.04])
    assert design.seen[0] == pytest.approx(within(0.0, 4.9))
    assert design.events[0] == pytest.approx(BASELINE.events("positive", 0.0))
    assert design.endpoint.sum() == design.deaths.sum() == 0


@pytest.mark.parametrize(
    "left_out",
    [
        {"setting": "metastatic"},
        {"used_as": ""},
        {"endpoint": "pfs"},
        {"log_estimate": NAN},
        {"se_log": NAN},
    ],
)
def test_rows_that_the_model_cannot_use_are_not_read(left_out):
    assert design_of({}, left_out).entries == ("e1",)


def test_endpoints_are_marked_by_what_scales_them():
    design = design_of(*({"trial": name, "endpoint": name} for name in ("any_recurrence", *SCALED_ENDPOINTS)))
    by_endpoint = dict(zip(design.rows["endpoint"], design.endpoint, strict=True))
    assert by_endpoint.pop("any_recurrence").sum() == 0
    assert {name: SCALED_ENDPOINTS[row.argmax()] for name, row in by_endpoint.items()} == {
        name: name for name in SCALED_ENDPOINTS
    }
    assert set(design.rows["endpoint"][design.deaths == 1]) == {"breast_cancer_death", "os"}


def test_a_ratio_upside_down_is_turned():
    design = design_of({"trial": "A"}, {"trial": "B", "inverted": "yes"})
    assert design.log_ratio.tolist() == [-0.5, 0.5]


def test_a_trial_in_two_classes_is_two_trials():
    design = design_of({"effect_class": "a"}, {"effect_class": "b"}, {"effect_class": "b", "trial": "Beta"})
    assert design.trials == ("a | Alpha", "b | Alpha", "b | Beta")
    assert design.trial_class.tolist() == [[1, 0], [0, 1], [0, 1]]
    assert design.entry_trial.tolist() == np.eye(3).tolist()


# Windows


@pytest.mark.parametrize(
    ("window", "seen"),
    [
        ({"window_start": 2.0, "window_end": 5.0}, within(2.0, 5.0)),
        ({"window_start": 10.0, "window_end": NAN}, within(10.0, 15.0)),
        ({"window_start": NAN, "window_end": 5.0}, within(0.0, 5.0)),
        ({"window_kind": "whole_follow_up", "window_end": 6.0}, followed(6.0)),
        ({"window_kind": "whole_follow_up", "window_end": NAN}, followed(8.0)),
        ({"window_kind": "whole_follow_up", "window_end": 6.0, "window_end_from": "landmark_year"}, within(0.0, 6.0)),
        ({"window_kind": "landmark", "window_start": 1.0, "window_end": 6.0}, followed(6.0) * within(1.0, np.inf)),
    ],
)
def test_a_window_counts_the_events_that_it_says(window, seen):
    assert design_of(window).seen[0] == pytest.approx(seen)


def test_a_later_look_counts_what_it_adds():
    design = design_of(LATE, EARLY)  # in whatever order they stand
    assert design.entries == ("e2", "e1 after e2")
    assert design.log_ratio == pytest.approx([-0.4, -20 / 75])
    assert design.se == pytest.approx([1 / 5, 75**-0.5])
    assert design.seen[0] == pytest.approx(followed(3.0))
    assert design.seen[1] == pytest.approx(followed(8.0) - followed(3.0))
    assert design.rows[["start", "end"]].values.tolist() == [[0, 3], [3, 8]]
    assert design.variance == pytest.approx([1 / 75, 1 / 25], rel=1e-6)  # they share no events


def test_a_chain_that_gains_nothing_is_refused():
    with pytest.raises(InformationShrinksError, match="report 2"):
        design_of(EARLY, {**LATE, "se_log": 0.2})


# Readings


def test_readings_of_one_trial_have_the_errors_that_shared_events_make():
    design = design_of({"window_end": 5.0, "se_log": 0.2}, {"window_end": 10.0, "se_log": 0.1, "endpoint": "os"})
    events = BASELINE.events("positive", 0.0)
    shared = np.sqrt(events @ within(0.0, 5.0) / (events @ within(0.0, 10.0))) * 0.5
    covariance = design.rotation.T @ np.diag(design.variance) @ design.rotation
    assert covariance == pytest.approx(np.array([[0.04, shared * 0.02], [shared * 0.02, 0.01]]))
    assert design.rotation @ design.rotation.T == pytest.approx(np.eye(2))


def test_trials_do_not_mix_in_a_reading():
    design = therapy_design(trials_of_every_kind(), BASELINE)
    assert (design.reading_trial.sum(1) == 1).all()
    assert design.rotation @ design.rotation.T == pytest.approx(np.eye(len(design.rotation)))


def of_shape(*levels, **same):
    windows = zip(PERIODS[: len(levels)], levels, strict=True)
    return [{**window, **same, "used_as": "shape", "log_estimate": level} for window, level in windows]


def test_of_periods_inside_an_overview_only_the_change_is_read():
    one, other = (design_of(*of_shape(*(np.array([-0.6, -0.3, 0.0]) + level))) for level in (0.0, 0.7))
    assert len(one.readings) == 2
    assert other.readings == pytest.approx(one.readings)
    assert np.sqrt((one.readings**2).sum()) == pytest.approx(np.sqrt(2 * 0.3**2))  # distance from an even course


def test_of_a_chain_inside_an_overview_only_the_change_is_read():
    design = design_of(*({**row, "used_as": "shape"} for row in (EARLY, LATE)))
    assert design.entries == ("e1", "e2 after e1")
    assert np.abs(design.readings) == pytest.approx([(0.4 - 20 / 75) / np.sqrt(2)])
    assert design.variance == pytest.approx([(1 / 25 + 1 / 75) / 2], rel=1e-6)


def test_levels_of_two_endpoints_are_not_set_against_each_other():
    apart = [*of_shape(-0.6, -0.3, 0.0), *of_shape(-0.6, -0.3, endpoint="os")]
    shifted = [*apart[:3], *({**row, "log_estimate": row["log_estimate"] + 0.7} for row in apart[3:])]
    one, other = design_of(*apart), design_of(*shifted)
    assert len(one.readings) == 3  # two changes of one endpoint, one of the other
    assert other.readings == pytest.approx(one.readings)


def test_one_period_alone_says_nothing_of_a_change():
    design = design_of({"trial": "Whole"}, {"used_as": "shape"})
    assert (len(design.entries), len(design.readings)) == (2, 1)
    assert design.reading_trial.sum(0).tolist() == [0, 1]  # Alpha has none


def test_what_an_overview_does_not_count_keeps_its_level():
    design = design_of(*of_shape(-0.6, -0.3, 0.0), {"endpoint": "os", "window_end": 10.0})
    assert len(design.readings) == 3
    level = np.array([0, 0, 0, 1])  # of the death rows alone
    assert design.rows["endpoint"].tolist()[-1] == "os"
    assert ((design.rotation @ level) ** 2).sum() == pytest.approx(1)
    assert design.rotation @ (1 - level) == pytest.approx(np.zeros(3), abs=1e-12)


# Classes


def test_less_treatment_than_the_control_is_expected_to_harm():
    design = design_of(*({"effect_class": name} for name in ("a", "a_short", "extended_b_intermittent", "shorter")))
    assert dict(zip(design.classes, design.sign, strict=True)) == {
        "a": 1,
        "a_short": -1,
        "extended_b_intermittent": -1,
        "shorter": 1,
    }


def test_a_class_continues_by_name_or_where_every_difference_starts_later():
    design = design_of(
        {"effect_class": "extended_drug", "randomised_year": 5.0},
        {"effect_class": "longer", "contrast_start_year": 1.0},
        {"effect_class": "mixed", "contrast_start_year": 1.0},
        {"effect_class": "mixed", "trial": "Beta"},
        {"effect_class": "plain"},
    )
    assert dict(zip(design.classes, design.continues, strict=True)) == {
        "extended_drug": 1,
        "longer": 1,
        "mixed": 0,
        "plain": 0,
    }
    mean, sd = onset_priors(design, THERAPY)
    slow, fast = THERAPY.log_onset_continuation, THERAPY.log_onset_start
    assert mean.tolist() == [slow.mean, slow.mean, fast.mean, fast.mean]
    assert sd.tolist() == [slow.sd, slow.sd, fast.sd, fast.sd]


@pytest.mark.parametrize(
    ("er", "disease"),
    [
        (["positive"] * 3, "positive"),
        (["positive", "positive", "any"], "positive"),
        (["positive", "any", "any"], "any"),
        (["positive", "any"], "any"),
        (["positive", "positive", "negative"], "any"),
        (["negative", "negative", "any"], "negative"),
        (["any"], "any"),
    ],
)
def test_the_disease_of_a_class_is_that_of_most_rows_and_of_no_other(er, disease):
    assert design_of(*({"er": status, "trial": f"T{i}"} for i, status in enumerate(er))).er == (disease,)


def test_a_class_lasts_and_begins_as_its_middle_row():
    rows = zip([1.0, 2.0, 5.0], [0.0, 2.5, 5.0], [0.0, 0.0, 1.0], strict=True)
    names = ("contrast_years", "randomised_year", "contrast_start_year")
    design = design_of(*({**dict(zip(names, row, strict=True)), "trial": f"T{row[0]}"} for row in rows))
    assert design.duration.tolist() == [2.0]
    assert design.randomised_year.tolist() == [2.5]  # of 0, 2.5 and 5 + 1


def test_years_count_from_when_treatments_differ():
    assert design_of({"contrast_start_year": 1.0, "randomised_year": 5.0}).randomised_year.tolist() == [6.0]


def test_trials_of_one_regimen_share_their_course():
    design = design_of(
        {"trial": "A"},
        {"trial": "B"},
        {"trial": "C", "contrast_years": 2.0, "contrast_start_year": 1.0},
        {"trial": "A", "effect_class": "other"},
    )
    assert design.entry_course.tolist() == [0, 0, 1, 2]
    assert design.course_class.tolist() == [[1, 0], [1, 0], [0, 1]]
    by_hand = clock(YEARS, 2.0, 1.0)
    assert design.clock.since[1] == pytest.approx(by_hand.since)
    assert design.clock.on[1] == pytest.approx(by_hand.on)
    assert design.clock.after[1] == pytest.approx(by_hand.after)


def test_events_are_those_of_the_women_of_a_row():
    baseline = even_hazard(positive=0.02, negative=0.08)
    rows = effects_of({"er": "negative"}, {"er": "any", "trial": "Beta", "randomised_year": 5.0})
    design = therapy_design(rows, baseline)
    assert design.events[0] == pytest.approx(baseline.events("negative", 0.0))
    assert design.events[1] == pytest.approx(baseline.events("any", 5.0))
