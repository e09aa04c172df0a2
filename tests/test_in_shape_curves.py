"""Does part of the evidence on the curve have the same posterior in the shape of the whole as in its own?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from zlib import crc32

import numpy as np
import pymc as pm
import pytest
import xarray as xr

from curve_evidence_and_draws import small_evidence
from evidence_folder import DATA
from resurge.evidence.tables import Evidence, load_evidence
from resurge.inference import fit_dormancy, fit_recurrence
from resurge.inference.freshness import fingerprint
from resurge.inference.left_out_sources import without_each_source
from resurge.project import Project
from resurge.synthesis.design import RecurrenceDesign, recurrence_design
from resurge.synthesis.dormancy_priors import DORMANCY
from resurge.synthesis.in_shape import OtherShapeError
from resurge.synthesis.left_out import NO_KNOWLEDGE, NO_YEARS
from resurge.synthesis.priors import RECURRENCE
from resurge.synthesis.recurrence_in_shape import in_shape_of

PROJECT = Project(DATA.parent)
NO_PROJECT = Project(Path("nowhere"))
SOURCES = {
    "foekens2000": "a population followed patient by patient goes",
    "gray2020": "one of two reports goes in two populations, and the other has no level of its own any more",
    "vanmaaren2019": "a report goes with the mix that weighs the other report of its population",
}
MODELS = {"recurrence": (fit_recurrence, RECURRENCE), "dormancy": (fit_dormancy, DORMANCY)}
POINTS = 4


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    return load_evidence(DATA)


@pytest.fixture(scope="module")
def whole(evidence) -> RecurrenceDesign:
    return recurrence_design(evidence)


@pytest.fixture(scope="module")
def fewer(evidence) -> dict[str, Evidence]:
    now = fingerprint(PROJECT, "recurrence")
    return {each.source: each.evidence for each in without_each_source(evidence, "recurrence", now)}


def arrays_of(design: object, name: str = "") -> dict[str, object]:
    """Give everything that a design holds, by where it stands."""
    if not is_dataclass(design):
        return {name: design}
    parts = (arrays_of(getattr(design, each.name), f"{name}.{each.name}") for each in fields(design))
    return {where: value for part in parts for where, value in part.items()}


# The layout


def test_the_whole_in_its_own_shape_is_the_whole(whole):
    found = arrays_of(in_shape_of(whole, whole))
    for name, value in arrays_of(whole).items():
        np.testing.assert_array_equal(found[name], value, err_msg=name, strict=isinstance(value, np.ndarray))


def test_labels_shapes_types_and_integers_are_those_of_the_whole_whatever_is_left_out(whole, fewer):
    expected = arrays_of(whole)
    for source, evidence in fewer.items():
        found = arrays_of(in_shape_of(recurrence_design(evidence), whole))
        for name, value in expected.items():
            if not isinstance(value, np.ndarray) or (value.dtype.kind != "f" and name != ".person_time.events"):
                np.testing.assert_array_equal(found[name], value, err_msg=f"{name} without {source}")
            else:
                assert (found[name].shape, found[name].dtype) == (value.shape, value.dtype), f"{name} without {source}"


# The density


def points_of(model: pm.Model, *, n: int = POINTS) -> list[dict[str, np.ndarray]]:
    """Give points about the one where sampling begins."""
    rng = np.random.default_rng(1)
    start = model.initial_point()
    return [{name: each + 0.2 * rng.standard_normal(each.shape) for name, each in start.items()} for _ in range(n)]


def absent_of(whole: RecurrenceDesign, own: RecurrenceDesign) -> dict[str, np.ndarray]:
    """Mark what only the larger model has of each parameter: levels and tilts of populations that are absent."""
    reported = [[name for name in each.populations if name not in each.followed] for each in (whole, own)]
    followed = ~np.isin(whole.followed, own.followed)
    return {"alpha": followed, "b_followed": followed, "z_b": ~np.isin(*reported)}


def log_density(model: pm.Model) -> Callable[[dict[str, np.ndarray]], dict[str, np.ndarray]]:
    """Give the log density of every variable and potential, entry by entry, as a function of a point."""
    terms = [*model.free_RVs, *model.observed_RVs, *model.potentials]
    density = model.compile_logp(terms, sum=False, mode="FAST_COMPILE")
    return lambda point: dict(zip([term.name for term in terms], density(point), strict=True))


def total(terms: dict[str, np.ndarray]) -> float:
    return float(sum(np.sum(each) for each in terms.values()))


def held_to_its_own_shape(name: str, part: Evidence, whole: Evidence) -> None:
    """Hold the model of part of the evidence in the shape of the whole to the one in its own shape."""
    fit, priors = MODELS[name]
    larger = fit.prepare_in_shape(NO_PROJECT, part, priors, whole).model
    smaller = fit.prepare(NO_PROJECT, part, priors).model
    own, of_all = recurrence_design(part), recurrence_design(whole)
    in_shape, anew, absent = log_density(larger), log_density(smaller), absent_of(of_all, own)
    endless = len(of_all.windows.row_id) - len(own.windows.row_id)
    constant = -0.5 * endless * np.log(2 * np.pi * NO_KNOWLEDGE**2)
    for point in points_of(larger):
        found = in_shape(point)
        expected = anew(point | {each: point[each][~gone] for each, gone in absent.items()})
        prior_of_absent = sum(found[each][gone].sum() for each, gone in absent.items())
        assert np.isfinite(total(expected))
        assert total(found) - prior_of_absent - total(expected) == pytest.approx(constant, abs=1e-6)


@pytest.mark.parametrize("source", SOURCES)
def test_recurrence_without_a_source_has_its_own_density(evidence, fewer, source):
    held_to_its_own_shape("recurrence", fewer[source], evidence)


def test_dormancy_without_a_source_has_its_own_density(evidence, fewer):
    held_to_its_own_shape("dormancy", fewer["foekens2000"], evidence)


# What cannot be said by other numbers alone


def without(evidence: Evidence, **rows: str) -> Evidence:
    """Leave out a row of each table that is named."""
    fewer = {name: getattr(evidence, name).query(f"row_id != '{row}'") for name, row in rows.items()}
    return replace(evidence, **fewer)


def test_rows_that_the_whole_does_not_have_are_refused():
    whole = small_evidence()
    more = small_evidence({"population": "R", "er": "positive", "estimate": 0.3, "n": 90.0})
    with pytest.raises(OtherShapeError, match="no window that ends with r8"):
        in_shape_of(recurrence_design(more), recurrence_design(whole))
    with pytest.raises(OtherShapeError, match="no row of person-time p2"):
        in_shape_of(recurrence_design(whole), recurrence_design(without(whole, recurrence_person_time="p2")))
    stranger = small_evidence({"population": "NEW", "er": "positive", "estimate": 0.3, "n": 90.0})
    with pytest.raises(OtherShapeError, match="no population NEW"):
        in_shape_of(recurrence_design(stranger), recurrence_design(whole))


def test_a_window_that_begins_earlier_without_the_one_before_is_refused():
    chain = {"population": "C", "er": "positive", "window_chain": "k", "n": 90.0}
    whole = small_evidence({**chain, "estimate": 0.1}, {**chain, "end_year": 8.0, "estimate": 0.2})
    fewer = without(whole, recurrence_rates="r8")  # years 0 to 5; the next window begins at 5, alone at 0
    with pytest.raises(OtherShapeError, match="r9 has another curve or time"):
        in_shape_of(recurrence_design(fewer), recurrence_design(whole))


def test_a_population_that_loses_its_patients_but_not_its_windows_is_refused():
    whole = small_evidence()
    fewer = replace(whole, recurrence_person_time=whole.recurrence_person_time.query("population != 'F'"))
    with pytest.raises(OtherShapeError, match="F has another kind of evidence"):
        in_shape_of(recurrence_design(fewer), recurrence_design(whole))


def test_without_any_patients_recurrence_is_stated_anew_and_dormancy_need_not_be():
    whole = small_evidence()
    whole = replace(
        whole,
        recurrence_rates=whole.recurrence_rates.query("population != 'F'"),
        recurrence_person_time=whole.recurrence_person_time.query("population == 'T'"),
    )
    fewer = replace(whole, recurrence_person_time=whole.recurrence_person_time[:0])
    with pytest.raises(OtherShapeError, match="in units of their spread"):
        fit_recurrence.prepare_in_shape(NO_PROJECT, fewer, RECURRENCE, whole)
    patients = in_shape_of(recurrence_design(fewer), recurrence_design(whole)).person_time
    assert len(patients.events) == 3 and (patients.events == 0).all() and (patients.person_years == NO_YEARS).all()
    assert fit_dormancy.prepare_in_shape(NO_PROJECT, fewer, DORMANCY, whole).model.coords["followed"] == ("T",)


def test_patients_alone_are_laid_out_among_windows():
    whole = small_evidence()
    held_to_its_own_shape("recurrence", replace(whole, recurrence_rates=whole.recurrence_rates[:0]), whole)


# The completed draws


def sampled(model: pm.Model, names: tuple[str, ...]) -> xr.Dataset:
    """Give draws such as a sampler would: the same of the same label, whatever other labels a model has."""
    found, shape = {}, (2, 3)
    for name in names:
        dims = model.named_vars_to_dims.get(name, ())
        labels = [[str(label) for label in model.coords[dim]] for dim in dims]
        values = np.empty((*shape, *(len(each) for each in labels)))
        for place in np.ndindex(values.shape[2:]):
            told = " ".join([name, *(each[k] for each, k in zip(labels, place, strict=True))])
            draws = np.random.default_rng(crc32(told.encode())).uniform(0.1, 0.5, shape)
            values[(slice(None), slice(None), *place)] = draws
        found[name] = (("chain", "draw", *dims), values)
    coords = {"chain": [0, 1], "draw": [0, 1, 2]} | {
        dim: list(labels) for dim, labels in model.coords.items() if any(dim in each for each, _ in found.values())
    }
    return xr.Dataset(found, coords=coords)


@pytest.mark.parametrize(
    ("name", "more"), [("recurrence", ("window_mean", "alpha")), ("dormancy", ("window_mean", "alpha", "baseline"))]
)
def test_draws_are_completed_to_what_a_fit_of_the_part_alone_has(evidence, fewer, name, more):
    (fit, priors), part = MODELS[name], fewer["gray2020"]
    anew, in_shape = fit.prepare(NO_PROJECT, part, priors), fit.prepare_in_shape(NO_PROJECT, part, priors, evidence)
    names = (*(fit.KEPT if name == "recurrence" else fit.JUDGED), *more)
    expected = anew.complete(sampled(anew.model, names), np.random.default_rng(1))
    found = in_shape.complete(sampled(in_shape.model, names), np.random.default_rng(1))
    assert "EBCTCG_STOP5" in found.posterior["cohort"].values  # its cohort where it has one report
    assert found.posterior.identical(expected.posterior)
    assert found.prior.identical(expected.prior)
    assert found.reported.identical(expected.reported)
    assert found.judged == expected.judged


def test_draws_without_a_series_know_nothing_of_its_population(evidence, fewer):
    part = fewer["foekens2000"]
    in_shape = fit_recurrence.prepare_in_shape(NO_PROJECT, part, RECURRENCE, evidence)
    draws = sampled(in_shape.model, (*fit_recurrence.KEPT, "window_mean", "alpha"))
    found = in_shape.complete(draws, np.random.default_rng(1)).posterior
    assert "ROTTERDAM" in draws["population"].values and "ROTTERDAM" not in found["population"].values
    assert (found["b"].sel(population="GBSG_2") == draws["b"].sel(population="GBSG_2")).all()
    level = draws["alpha"].sel(followed="GBSG_2") - draws["middle"].sel(curve="common")
    np.testing.assert_allclose(found["a"].sel(population="GBSG_2"), level, rtol=1e-12)
