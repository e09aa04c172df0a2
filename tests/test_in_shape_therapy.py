"""Does part of the evidence on effects of therapy have the same posterior in the shape of the whole as in its own?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace

import numpy as np
import pandas as pd
import pymc as pm
import pytest
import xarray as xr

from evidence_folder import DATA
from resurge.evidence.tables import Evidence, load_evidence
from resurge.inference import fit_therapy
from resurge.inference.exchange import exchangeable, real_numbers
from resurge.inference.freshness import fingerprint
from resurge.inference.left_out_sources import without_each_source
from resurge.project import Project
from resurge.synthesis.effect_course import Clock
from resurge.synthesis.in_shape import OtherShapeError
from resurge.synthesis.left_out import NO_KNOWLEDGE
from resurge.synthesis.therapy import build_model
from resurge.synthesis.therapy_design import TherapyDesign, therapy_design
from resurge.synthesis.therapy_forward import draw_prior, expected_readings
from resurge.synthesis.therapy_in_shape import NO_WEIGHT, in_shape_of, reading_places
from resurge.synthesis.therapy_levels import effects_log_density
from resurge.synthesis.therapy_priors import THERAPY
from simulated_trials import effects_of, even_hazard

PROJECT = Project(DATA.parent)
BASELINE = even_hazard(0.03, 0.02)
SOURCES = {
    "bliss2012": "a trial of several in a class goes",
    "ebctcg2012chemo": "a class goes with all its trials",
    "coleman2020": "rows of a trial with correlated rows go",
    "geyer2022": "a link inside a chain of reports goes",
    "francis2018": "the first report of a chain goes, and rows of another class",
}
OWN = ("z_sigma", "onset_log__", "fade_log__", "carry_log__")
"""Values of the sampler of which each class has its own."""


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    return load_evidence(DATA)


@pytest.fixture(scope="module")
def whole(evidence) -> TherapyDesign:
    return therapy_design(evidence.therapy_effects, BASELINE)


@pytest.fixture(scope="module")
def fewer(evidence) -> dict[str, Evidence]:
    now = fingerprint(PROJECT, "therapy")
    return {each.source: each.evidence for each in without_each_source(evidence, "therapy", now)}


@pytest.fixture(scope="module")
def correlated() -> pd.DataFrame:
    """Give trials whose rows share women: endpoints, a chain of reports, periods read for their change."""
    chain = {"trial": "C", "update_chain": "c", "used_as": "increment", "window_kind": "whole_follow_up"}
    periods = {"trial": "P", "used_as": "shape"}
    return effects_of(
        {"trial": "A", "endpoint": "dfs"},
        {"trial": "A", "endpoint": "os", "log_estimate": -0.3, "window_end": 9.0, "se_log": 0.2},
        {"trial": "A", "endpoint": "breast_cancer_death", "log_estimate": -0.4, "window_end": 8.0, "se_log": 0.3},
        *(
            {**chain, "report_order": k, "window_end": 2.0 + 3 * k, "se_log": 0.2 / k, "log_estimate": -0.5 / k}
            for k in (1.0, 2.0, 3.0)
        ),
        *({**periods, "window_start": u, "window_end": u + 3, "log_estimate": u / 50 - 0.2} for u in (0.0, 3.0, 6.0)),
        {**periods, "endpoint": "os", "window_end": 9.0, "used_as": "effect", "log_estimate": -0.1},
        {"effect_class": "later", "trial": "D", "contrast_start_year": 1.0, "er": "any"},
        {"effect_class": "later", "trial": "E", "contrast_start_year": 0.0, "contrast_years": 2.0, "er": "negative"},
        {"effect_class": "drug_short", "trial": "S", "log_estimate": 0.2},
    )


def parts_of(rows: pd.DataFrame) -> dict[str, TherapyDesign]:
    """Lay out a table without each of its rows."""
    return {row: therapy_design(rows[rows["row_id"] != row], BASELINE) for row in rows["row_id"]}


def arrays_of(design: TherapyDesign) -> dict[str, np.ndarray]:
    """Give every array of a design by its name."""
    named = {each.name: getattr(design, each.name) for each in fields(design)}
    named |= {f"clock.{each.name}": getattr(design.clock, each.name) for each in fields(Clock)}
    return {name: each for name, each in named.items() if isinstance(each, np.ndarray)}


@pytest.fixture(scope="module")
def parts(fewer) -> dict[str, TherapyDesign]:
    return {source: therapy_design(fewer[source].therapy_effects, BASELINE) for source in SOURCES}


# The layout


def test_the_whole_in_its_own_shape_is_the_whole(whole):
    found = in_shape_of(whole, whole)
    for name, value in arrays_of(whole).items():
        np.testing.assert_array_equal(arrays_of(found)[name], value, err_msg=name, strict=True)
    for name in ("classes", "trials", "entries", "er"):
        assert getattr(found, name) == getattr(whole, name)
    assert found.rows is whole.rows
    assert (reading_places(whole, whole) == np.arange(len(whole.rotation))).all()


def test_labels_shapes_types_and_integers_are_those_of_the_whole_whatever_is_left_out(whole, parts):
    expected = arrays_of(whole)
    for source, part in parts.items():
        found = in_shape_of(part, whole)
        for name, value in arrays_of(found).items():
            assert (value.shape, value.dtype) == (expected[name].shape, expected[name].dtype), f"{name} of {source}"
        for name in ("entry_course", "deaths", "trial_class", "entry_trial", "course_class"):
            np.testing.assert_array_equal(getattr(found, name), expected[name], err_msg=f"{name} of {source}")
        assert (found.classes, found.trials, found.entries) == (whole.classes, whole.trials, whole.entries)


def test_readings_that_remain_stand_first_in_their_trial_and_the_others_say_nothing(correlated):
    whole = therapy_design(correlated, BASELINE)
    part = parts_of(correlated)["e2"]
    found = in_shape_of(part, whole)
    trial_a = np.flatnonzero(whole.entry_trial[:, whole.trials.index("drug | A")])
    readings = np.flatnonzero(np.abs(whole.rotation[:, trial_a]).sum(1))
    assert len(readings) == 3
    gone = readings[2:]
    assert np.abs(found.rotation[gone]).max() <= NO_WEIGHT and np.abs(found.readings[gone]).max() < 10 * NO_WEIGHT
    assert np.array_equal(found.reading_trial, whole.reading_trial)
    assert (found.variance[gone] == 1e8).all()
    own = reading_places(part, whole)
    assert sorted([*own, *gone]) == list(range(len(whole.rotation)))
    np.testing.assert_allclose(found.readings[own], part.readings, rtol=1e-12)


# The density


def log_density(design: TherapyDesign, draws: dict[str, np.ndarray]) -> np.ndarray:
    """Give the log density of the readings under each draw, by the model in numpy."""
    m = expected_readings(design, draws)
    return np.array(
        [
            effects_log_density(
                design.readings, m[i], design.variance + draws["omega"][i] ** 2, design.reading_trial,
                design.trial_class, draws["sigma"][i], draws["mu"][i] * design.sign, draws["tau"][i],
            )
            for i in range(len(m))
        ]
    )  # fmt: skip


def same_density(part: TherapyDesign, whole: TherapyDesign) -> None:
    """Hold the density of part of the evidence in the shape of the whole to that in its own shape."""
    draws = draw_prior(THERAPY, whole, 5, np.random.default_rng(3))
    own = [whole.classes.index(name) for name in part.classes]
    fewer = draws | {name: draws[name][:, own] for name in ("sigma", "onset", "fade", "carry")}
    expected = log_density(part, fewer) + endless(part, whole)
    np.testing.assert_allclose(log_density(in_shape_of(part, whole), draws), expected, rtol=0, atol=1e-6)


def endless(part: TherapyDesign, whole: TherapyDesign) -> float:
    """Give the log density of the readings of 0 that say nothing."""
    return -0.5 * (len(whole.rotation) - len(part.rotation)) * np.log(2 * np.pi * NO_KNOWLEDGE**2)


def test_evidence_without_any_row_has_its_own_density(correlated):
    whole = therapy_design(correlated, BASELINE)
    for part in parts_of(correlated).values():
        same_density(part, whole)


def test_a_row_with_a_huge_error_among_correlated_rows_is_not_the_same_as_none(correlated):
    """Its neighbours would still be rotated with it: what is put in its place must be uncorrelated."""
    huge = correlated.assign(se_log=correlated["se_log"].where(correlated["row_id"] != "e2", 1e4))
    as_if_none, part = therapy_design(huge, BASELINE), parts_of(correlated)["e2"]
    draws = draw_prior(THERAPY, part, 5, np.random.default_rng(3))
    difference = log_density(as_if_none, draws) - log_density(part, draws)
    assert np.ptp(difference) > 1e-3


def test_a_class_that_only_continues_without_a_trial_has_the_onset_of_continuation(correlated):
    whole, part = therapy_design(correlated, BASELINE), parts_of(correlated)["e12"]
    later = whole.classes.index("later")
    found = in_shape_of(part, whole)
    assert (whole.continues[later], found.continues[later]) == (0.0, 1.0)
    assert (found.duration[later], found.er[later]) == (5.0, "any")


def by_variable(model: pm.Model) -> Callable[[dict[str, np.ndarray]], dict[str, np.ndarray]]:
    """Give the log density of every variable and potential, entry by entry, as a function of a point."""
    terms = [*model.free_RVs, *model.potentials]
    density = model.compile_logp(terms, sum=False, mode="FAST_COMPILE")
    return lambda point: dict(zip([term.name for term in terms], density(point), strict=True))


def held_to_its_own_shape(part: TherapyDesign, whole: TherapyDesign) -> None:
    """Hold the model of part of the evidence in the shape of the whole to the one in its own shape, priors and all."""
    larger, smaller = build_model(in_shape_of(part, whole), THERAPY), build_model(part, THERAPY)
    in_shape, anew = by_variable(larger), by_variable(smaller)
    both, rng, start = np.isin(whole.classes, part.classes), np.random.default_rng(4), larger.initial_point()
    for _ in range(4):
        point = {name: each + 0.3 * rng.standard_normal(each.shape) for name, each in start.items()}
        found, expected = in_shape(point), anew(point | {name: point[name][both] for name in OWN})
        of_absent = sum(found[name.removesuffix("_log__")][~both].sum() for name in OWN)
        difference = sum(np.sum(each) for each in found.values()) - sum(np.sum(each) for each in expected.values())
        assert difference - of_absent == pytest.approx(endless(part, whole), abs=1e-6)


@pytest.mark.parametrize("source", SOURCES)
def test_therapy_without_a_source_has_its_own_density(whole, parts, source):
    held_to_its_own_shape(parts[source], whole)


def test_a_class_whose_onset_gets_another_prior_has_its_own_density(correlated):
    held_to_its_own_shape(parts_of(correlated)["e12"], therapy_design(correlated, BASELINE))


# What cannot be said by other numbers alone


def test_what_the_whole_does_not_have_is_refused(correlated):
    whole, part = therapy_design(correlated, BASELINE), parts_of(correlated)
    with pytest.raises(OtherShapeError, match="no class drug_short"):
        in_shape_of(whole, part["e13"])
    with pytest.raises(OtherShapeError, match="no row e1"):
        in_shape_of(whole, part["e1"])


def test_a_row_of_another_trial_time_or_kind_is_refused(correlated):
    whole = therapy_design(correlated, BASELINE)
    for changed, reason in (
        ({"trial": "P"}, "e2 has another trial"),
        ({"contrast_years": 2.0}, "e2 has another time of treatment"),
        ({"endpoint": "dfs"}, "e2 has another kind of event"),
    ):
        column, value = next(iter(changed.items()))
        rows = correlated.assign(**{column: correlated[column].where(correlated["row_id"] != "e2", value)})
        with pytest.raises(OtherShapeError, match=reason):
            in_shape_of(therapy_design(rows, BASELINE), whole)


# The completed draws


def test_evidence_without_a_source_is_other_numbers_for_the_model_of_the_whole(evidence, fewer, monkeypatch):
    monkeypatch.setattr(fit_therapy, "typical_baseline", lambda _: BASELINE)
    with real_numbers():
        structure = exchangeable(fit_therapy.prepare(PROJECT, evidence, THERAPY).model).structure
        for source, part in fewer.items():
            model = fit_therapy.prepare_in_shape(PROJECT, part, THERAPY, evidence).model
            assert exchangeable(model).structure == structure, source


def test_draws_are_completed_to_what_a_fit_of_the_part_alone_has(evidence, fewer, whole, monkeypatch):
    monkeypatch.setattr(fit_therapy, "typical_baseline", lambda _: BASELINE)
    effects = fewer["ebctcg2012chemo"].therapy_effects
    part = replace(evidence, therapy_effects=effects[effects["source_id"] != "coleman2020"])
    design = therapy_design(part.therapy_effects, BASELINE)
    own = [whole.classes.index(name) for name in design.classes]
    draws = draw_prior(THERAPY, whole, 6, np.random.default_rng(5))
    fewer_draws = draws | {name: draws[name][:, own] for name in ("sigma", "onset", "fade", "carry")}
    of_part = sampled(design, fewer_draws, expected_readings(design, fewer_draws))
    in_whole = sampled(whole, draws, expected_readings(in_shape_of(design, whole), draws))

    prepared = [
        fit_therapy.prepare(PROJECT, part, THERAPY),
        fit_therapy.prepare_in_shape(PROJECT, part, THERAPY, evidence),
    ]
    assert prepared[1].model.coords["effect_class"] == whole.classes
    expected = prepared[0].complete(of_part, np.random.default_rng(6))
    found = prepared[1].complete(in_whole, np.random.default_rng(6))
    assert "chemo_taxane" not in found.posterior["effect_class"].values
    for name in ("posterior", "prior", "reported"):
        close = getattr(found, name)
        assert close.coords.to_dataset().identical(getattr(expected, name).coords.to_dataset())
        for variable, values in getattr(expected, name).items():
            assert close[variable].dims == values.dims
            if values.dtype.kind == "f":
                np.testing.assert_allclose(close[variable], values, rtol=1e-9, err_msg=str(variable))
            else:
                np.testing.assert_array_equal(close[variable], values)
    assert found.judged == expected.judged


def sampled(design: TherapyDesign, draws: dict[str, np.ndarray], m: np.ndarray) -> xr.Dataset:
    """Give draws as a sampler would, two chains of three."""
    dims = {"rho": ("scaled_endpoint",), "m": ("reading",)}
    dims |= dict.fromkeys(("sigma", "onset", "fade", "carry"), ("effect_class",))
    values = {name: draws[name] for name in fit_therapy.SAMPLED} | {"m": m}
    return fit_therapy.split(values, (2, 3), dims, {"effect_class": design.classes}).as_dataset()
