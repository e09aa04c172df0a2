"""Are labels expanded, cohorts named and positions filled as the evidence says?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import yaml

from evidence_folder import DATA
from resurge.evidence.person_time import INTERVAL_EDGES
from resurge.evidence.tables import load_evidence
from resurge.evidence.windows import published_windows
from resurge.synthesis.design import cohort_labels, curve_keys, one_hot, recurrence_design, selection_of
from resurge.synthesis.strata import (
    ER,
    MIX,
    NODAL,
    REFERENCE_THERAPY,
    THERAPIES,
    TUMOUR_SIZE,
    expand,
    mix_indicators,
    therapy_multipliers,
)
from simulation import evidence_of, patients_of, rates_of

EDGES = np.asarray(INTERVAL_EDGES)


def design_of(*rates, patients=({},)):
    return recurrence_design(evidence_of(rates_of(*rates), patients_of(*patients)))


# Labels


@pytest.mark.parametrize(
    ("labels", "size"),
    [
        (("any", "any", "any"), 24),
        (("positive", "any", "any"), 12),
        (("positive", "N1+", "T1-T2"), 6),
        (("any", "N4+", "T2"), 4),
        (("negative", "N0", "T3-T4"), 1),
        (("any", "N10+", "T2-T3"), 4),
        (("negative", "N4-9", "T1"), 1),
    ],
)
def test_labels_expand_to_the_strata_they_hold(labels, size):
    strata = expand(*labels)
    assert len(strata) == len(set(strata)) == size


def test_a_label_expands_to_the_right_strata():
    named = [(ER[e], NODAL[n], TUMOUR_SIZE[s]) for e, n, s in expand("positive", "N4+", "T2-T3")]
    assert set(named) == {("positive", n, s) for n in ("N4-9", "N10+") for s in ("T2", "T3+")}


@pytest.mark.parametrize("labels", [("unknown", "N0", "T1"), ("any", "N2", "T1"), ("any", "N0", "T4")])
def test_unknown_labels_raise(labels):
    with pytest.raises(KeyError):
        expand(*labels)


def test_unknown_names_have_no_place():
    with pytest.raises(KeyError):
        one_hot(["N5"], NODAL)


def test_only_variables_that_are_not_split_are_weighed():
    stratum = (ER.index("positive"), NODAL.index("N4-9"), TUMOUR_SIZE.index("T2"))

    def marked(*labels):
        return {name for name, mark in zip(MIX, mix_indicators(*labels, stratum), strict=True) if mark}

    assert marked("positive", "N4-9", "T2") == set()
    assert marked("any", "N4-9", "T2") == {"ER positive"}
    assert marked("positive", "N1+", "T2") == {"N4-9"}
    assert marked("any", "any", "any") == {"ER positive", "N4-9", "T2"}


def test_reference_strata_weigh_nothing():
    assert mix_indicators("any", "any", "any", (0, 0, 0)) == [0.0] * len(MIX)


# What a source prints of its mix


def weights_of(*shares, **labels):
    """Give the weights of the members of one window by stratum, all log odds 0."""
    columns = ["population", "variable", "level", "share"]
    evidence = evidence_of(rates_of(labels), patients_of({}), pd.DataFrame(shares, columns=columns))
    windows = recurrence_design(evidence).windows
    strata = expand(*({"er": "any", "nodal": "any", "tumour_size": "any"} | labels).values())
    weights = np.exp(windows.log_share)
    marks = [{name for name, mark in zip(MIX, row, strict=True) if mark} for row in windows.mix]
    return {stratum: (w, mark) for stratum, w, mark in zip(strata, weights, marks, strict=True)}


def test_printed_shares_weigh_the_strata_and_leave_nothing_to_the_prior():
    members = weights_of(("P", "nodal", "N0", 0.6), ("P", "nodal", "N1-3", 0.4), er="positive", tumour_size="T1")
    assert {NODAL[n]: weight for (_, n, _), (weight, _) in members.items()} == pytest.approx(
        {"N0": 0.6, "N1-3": 0.4, "N4-9": 0.0, "N10+": 0.0}
    )
    assert all(mark == set() for _, mark in members.values())


def test_a_printed_group_is_split_like_the_prior_mix():
    members = weights_of(("P", "nodal", "N0", 0.6), ("P", "nodal", "N1+", 0.4), er="positive", tumour_size="T1")
    odds = np.exp([-0.75, -1.65, -2.4])
    expected = [0.6, *(0.4 * odds / odds.sum())]
    assert [weight for weight, _ in members.values()] == pytest.approx(expected)


def test_what_another_population_prints_does_not_count():
    members = weights_of(("Q", "er", "positive", 0.9), ("Q", "er", "negative", 0.1), nodal="N0", tumour_size="T1")
    assert list(members.values()) == [(1.0, set()), (1.0, {"ER positive"})]


def test_a_window_of_one_stratum_needs_no_printed_share():
    shares = [("P", "nodal", "N0", 0.6), ("P", "nodal", "N1-3", 0.4), ("P", "er", "positive", 1.0)]
    assert list(weights_of(*shares, er="negative", nodal="N10+", tumour_size="T1").values()) == [(1.0, set())]


# Therapy


def acting(therapy, er, *years):
    cells = np.searchsorted(EDGES, years, side="right") - 1
    return therapy_multipliers(therapy, er, EDGES)[:, cells].tolist()


def test_tamoxifen_not_given_wanes_after_years_five_and_ten():
    assert acting("none", "positive", 2, 7, 15)[:2] == [[1, 0.61, 0.05], [0, 0, 0]]


def test_endocrine_therapy_does_nothing_in_er_negative_disease():
    assert acting("none", "negative", 2, 7)[:2] == [[0, 0], [0, 0]]
    assert acting("endocrine_10y", "negative", 2, 7) == [[0, 0], [0, 0], [0, 0]]


def test_extended_therapy_acts_after_year_five_and_chemotherapy_before():
    assert acting("endocrine_10y", "positive", 2, 7)[1] == [0, 1]
    assert acting("chemo_endocrine", "positive", 2, 7) == [[0, 0], [0, 0], [0.5, 0]]
    assert acting("none", "negative", 2, 7)[2] == [-0.5, 0]


@pytest.mark.parametrize(("er", "therapy"), REFERENCE_THERAPY.items())
def test_no_effect_acts_on_the_reference_so_answers_have_no_step(er, therapy):
    assert not np.any(therapy_multipliers(therapy, er, EDGES))


def test_therapies_are_those_of_the_codebook():
    columns = yaml.safe_load((DATA / "datapackage.yaml").read_text(encoding="utf-8"))["resources"]
    rates = next(table for table in columns if table["name"] == "recurrence_rates")["schema"]["fields"]
    assert set(THERAPIES) == set(next(field for field in rates if field["name"] == "therapy")["constraints"]["enum"])


def test_the_reference_has_no_effect():
    assert not therapy_multipliers("endocrine_5y", "positive", EDGES).any()


# Cohorts


def test_arms_of_a_trial_are_one_cohort():
    assert selection_of("tamoxifen arm; node-positive") == "node-positive"
    assert selection_of("surgery arm") == ""
    design = design_of({"stratum": "tamoxifen arm"}, {"stratum": "placebo arm"})
    assert design.cohorts == ("P",)
    assert design.windows.nesting.cohort_varies.tolist() == [0]


def test_periods_of_one_population_are_cohorts_inside_it():
    design = design_of({"diagnosis_years": "1990-1999"}, {"diagnosis_years": "2000-2009"}, {"population": "Q"})
    assert design.cohorts == ("Q", "s1 1990-1999", "s1 2000-2009")
    nesting = design.windows.nesting
    assert nesting.cohort_varies.tolist() == [0, 1, 1]
    assert design.populations == ("F", "P", "Q")
    assert nesting.cohort_population.tolist() == [[0, 0, 1], [0, 1, 0], [0, 1, 0]]
    assert nesting.window_cohort.tolist() == [[0, 1, 0], [0, 0, 1], [1, 0, 0]]


def test_one_undivided_report_needs_no_cohort():
    table = published_windows(
        evidence_of(rates_of({"end_year": 5.0}, {"start_year": 5.0, "end_year": 9.0}), patients_of())
    )
    assert cohort_labels(table).tolist() == ["", ""]


def test_a_selected_part_is_a_cohort_even_alone():
    table = published_windows(evidence_of(rates_of({"her2": "negative", "stratum": "luminal A"}), patients_of()))
    assert cohort_labels(table).tolist() == ["s1 luminal A HER2 negative"]


def test_cohorts_of_two_populations_are_never_one():
    periods = ("1990-1999", "2000-2009")
    rates = [{"population": name, "diagnosis_years": period} for name in "PQ" for period in periods]
    design = design_of(*rates)
    assert len(design.cohorts) == 4
    population = design.windows.nesting.window_cohort @ design.windows.nesting.cohort_population
    assert [design.populations[k] for k in population.argmax(1)] == ["P", "P", "Q", "Q"]


def test_populations_with_patients_have_a_level_of_their_own():
    design = design_of({"population": "F"}, {"population": "P"})
    assert (design.followed, design.populations) == (("F",), ("F", "P"))
    assert design.windows.nesting.population_varies.tolist() == [0, 1]
    assert design.followed_place.tolist() == [[1], [0]]
    assert design.reported_place.tolist() == [[0], [1]]


# Positions


def test_patients_stand_in_the_cell_of_their_interval():
    design = design_of(
        {}, patients=[{"start_year": s, "end_year": e} for s, e in ((0, 0.25), (2.75, 3), (3, 3.5), (34, 35))]
    )
    n_cells = len(EDGES) - 1
    cells = design.person_time.curve_cell % n_cells
    assert EDGES[cells].tolist() == [0, 2.75, 3, 34]


def test_unused_rows_are_not_there():
    design = design_of({}, {"use": "no"}, patients=[{}, {"use": "no"}, {"endpoint": "dfs"}])
    assert design.person_time.row_id.tolist() == ["p1", "p3"]
    assert design.person_time.counts_deaths.tolist() == [0, 1]
    assert design.windows.row_id.tolist() == ["r1"]


@pytest.fixture(scope="module")
def evidence():
    return load_evidence(DATA)


@pytest.fixture(scope="module")
def design(evidence):
    return recurrence_design(evidence)


def names_of_curves(design):
    er, nodal = (
        [labels[k] for k in marks.argmax(1)] for labels, marks in ((ER, design.curves.er), (NODAL, design.curves.nodal))
    )
    population = [design.populations[k] for k in design.curves.population.argmax(1)]
    return list(zip(er, nodal, population, strict=True))


def test_every_row_of_patients_is_found_again_from_its_position(evidence, design):
    patients = design.person_time
    table = evidence.recurrence_person_time.set_index("row_id").loc[patients.row_id]
    curve, cell = np.divmod(patients.curve_cell, len(design.edges) - 1)
    names = names_of_curves(design)
    assert [names[k] for k in curve] == list(table[["er", "nodal", "population"]].itertuples(index=False, name=None))
    assert design.edges[cell].tolist() == table["start_year"].tolist()
    assert design.edges[cell + 1].tolist() == table["end_year"].tolist()
    assert [TUMOUR_SIZE[k] for k in patients.tumour_size.argmax(1)] == table["tumour_size"].tolist()
    expected = np.stack(
        [therapy_multipliers(t, e, design.edges) for t, e in zip(table["therapy"], table["er"], strict=True)]
    )
    assert (design.curves.therapy[curve] == expected).all()


def test_every_window_is_found_again_from_its_members(evidence, design):
    table = published_windows(evidence)
    windows = design.windows
    years = np.unique(table[["start_year", "end_year"]].to_numpy())
    names = names_of_curves(design)
    assert windows.inside.sum(0).tolist() == [1.0] * windows.inside.shape[1]
    for k, row in enumerate(table.itertuples(index=False)):
        members = np.flatnonzero(windows.inside[k])
        sizes = [TUMOUR_SIZE[s] for s in windows.tumour_size[members].argmax(1)]
        curves = windows.curve_start[members] // len(years)
        assert (windows.curve_end[members] // len(years) == curves).all()
        assert set(years[windows.curve_start[members] % len(years)]) == {row.start_year}
        assert set(years[windows.curve_end[members] % len(years)]) == {row.end_year}
        found = {(*names[c], s) for c, s in zip(curves, sizes, strict=True)}
        strata = expand(row.er, row.nodal, row.tumour_size)
        assert found == {(ER[e], NODAL[n], row.population, TUMOUR_SIZE[s]) for e, n, s in strata}
        distant = [
            [float(row.endpoint == "distant_recurrence" and ER[e] == label) for label in ER] for e, _, _ in strata
        ]
        assert windows.is_distant[members].tolist() == distant


def test_exposure_counts_the_years_up_to_each_bound(evidence, design):
    table = published_windows(evidence)
    years = np.unique(table[["start_year", "end_year"]].to_numpy())
    assert np.allclose(design.exposure.sum(0), years)
    assert (design.exposure <= np.diff(design.edges)[:, None]).all()


def test_every_window_has_one_cohort_and_every_cohort_one_population(evidence, design):
    nesting = design.windows.nesting
    assert (nesting.window_cohort.sum(1) == 1).all()
    assert (nesting.cohort_population.sum(1) == 1).all()
    population = (nesting.window_cohort @ nesting.cohort_population).argmax(1)
    assert [design.populations[k] for k in population] == published_windows(evidence)["population"].tolist()


def test_curves_are_distinct(evidence, design):
    keys = curve_keys(evidence.recurrence_person_time[lambda t: t["use"] == "yes"], published_windows(evidence))
    assert len(keys) == len(set(keys)) == len(design.curves.er)
