"""Do fits to parts of the evidence run on the code compiled for all of it, and say what fits of their own say?"""

from dataclasses import replace
from importlib import import_module

import numpy as np
import pytest

from part_of_evidence import PROJECT, real_evidence, without_source
from resurge.errors import UsageError
from resurge.findings.estimands import estimands
from resurge.inference import exchange, fit_parts
from resurge.inference.chains import flat_arrays
from resurge.inference.exchange import exchangeable, real_numbers
from resurge.inference.fit import drawn
from resurge.inference.fit_parts import as_stated, drawn_in_shape
from resurge.inference.freshness import WATCHED
from resurge.inference.monte_carlo import mean_of, standard_errors_apart
from resurge.inference.prior_grid import prior_grid
from resurge.inference.settings import Settings
from resurge.synthesis.in_shape import OtherShapeError

SHORT = Settings(draws=400, tune=400, chains=2)
SOURCES = {
    "recurrence": ("foekens2000", "gray2020", "saphner1996"),
    "dormancy": ("foekens2000", "gray2020"),
    "metastasis": ("malone2021", "shiraz2021"),
    "resistance": ("h3k9me3", "anaya2016"),
    "translation": ("p24", "p47"),
}
"""Sources of which one takes patients away, one a report of several, one a whole class, and so on."""


def in_shape(model, part, priors=None):
    with real_numbers():
        room = import_module(f"resurge.inference.fit_{model}")
        return exchangeable(
            room.prepare_in_shape(PROJECT, part, priors or WATCHED[model].priors, real_evidence()).model
        )


def as_whole(model):
    with real_numbers():
        room = import_module(f"resurge.inference.fit_{model}")
        return exchangeable(room.prepare(PROJECT, real_evidence(), WATCHED[model].priors).model)


@pytest.mark.parametrize("model", SOURCES)
def test_evidence_without_a_source_is_other_numbers_for_the_model_of_the_whole(model):
    whole = as_whole(model)
    for source in SOURCES[model]:
        part = in_shape(model, without_source(model, source))
        assert part.structure == whole.structure, source
        assert part.data.keys() == whole.data.keys()
        assert any(not np.array_equal(part.data[name], whole.data[name]) for name in whole.data), source


@pytest.fixture
def compilations(monkeypatch):
    """Count what is compiled, from nothing."""
    compiled = []
    compile_model = exchange.compile_model
    monkeypatch.setattr(exchange, "compile_model", lambda model: compiled.append(model) or compile_model(model))
    monkeypatch.setattr("resurge.inference.sample._COMPILED", {})
    return compiled


def answers(fitted, shape):
    found = estimands("translation", flat_arrays(fitted.posterior))
    return {name: each.on_scale.reshape(shape) for name, each in found.items()}


def test_a_fit_without_a_source_is_that_of_a_model_of_its_own_and_compiles_nothing_more(compilations):
    stated = as_stated(PROJECT, real_evidence(), "translation", SHORT)
    drawn_in_shape(replace(stated, priors=prior_grid(stated.priors)["slope twice as wide"]))
    work = replace(stated, part=without_source("translation", "p24"))
    found, _, _ = drawn_in_shape(work)
    assert len(compilations) == 1

    own, _, _ = drawn(PROJECT, work.part, replace(SHORT, seed=11), "translation", progress=False)
    assert found.posterior.coords.equals(own.posterior.coords)
    one, other = (answers(each, (SHORT.chains, SHORT.draws)) for each in (found, own))
    apart = [standard_errors_apart(mean_of(one[name]), mean_of(other[name])) for name in other]
    assert np.sqrt(np.mean(np.square(apart))) < 2
    assert max(map(abs, apart)) < 4.5


def test_evidence_of_another_shape_is_fitted_by_a_model_of_its_own(compilations, monkeypatch):
    def refuse(*_):
        raise OtherShapeError("the rows that are left have another shape")

    monkeypatch.setattr("resurge.inference.fit_translation.prepare_in_shape", refuse)
    monkeypatch.setattr(fit_parts, "drawn", lambda *asked, **_: asked)
    work = as_stated(PROJECT, real_evidence(), "translation", SHORT)
    assert drawn_in_shape(work) == (PROJECT, work.part, SHORT, "translation")
    assert compilations == []


def test_evidence_of_which_nothing_is_left_is_an_error_of_the_user(compilations):
    stated = as_stated(PROJECT, real_evidence(), "metastasis", SHORT)
    with pytest.raises(UsageError, match="metastasis_sites"):
        drawn_in_shape(replace(stated, part=replace(stated.whole, metastasis_sites=None)))
    assert compilations == []
