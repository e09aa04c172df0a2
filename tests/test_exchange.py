"""Does compiled code of one model, given the numbers of another, sample the other?"""

from importlib import import_module
from pathlib import Path

import numpy as np
import pymc as pm
import pytensor.tensor as pt
import pytest

from resurge.evidence import load_evidence
from resurge.inference import exchange
from resurge.inference.exchange import CONSTANTS, code_for, exchangeable, real_numbers
from resurge.inference.freshness import WATCHED
from resurge.inference.prior_grid import prior_grid
from resurge.inference.sample import sample
from resurge.inference.settings import Settings
from resurge.project import find_project

SHORT = Settings(draws=1000, tune=300, chains=2)
WORTHLESS = 1e8
"""Squared error with which a row says nothing."""


def pooled(rows, prior=(0.0, 1.0), labels=("a", "b", "c"), scale=pt.exp):
    """State the mean of published effects of known errors, a row for each label."""
    effect, se = np.array(rows).T
    with pm.Model(coords={"row": labels}) as model:
        mu = pm.Normal("mu", *prior)
        pm.Deterministic("ratio", scale(mu))
        pm.Potential("likelihood", (-0.5 * ((effect - mu) / se) ** 2).sum())
    return model


def answer(rows, prior=(0.0, 1.0)):
    """Give mean and standard deviation of the pooled effect in closed form."""
    effect, se = np.array(rows).T
    precision = (se**-2.0).sum() + prior[1] ** -2.0
    return ((effect / se**2).sum() + prior[0] / prior[1] ** 2) / precision, precision**-0.5


WHOLE = [(0.2, 0.1), (0.5, 0.2), (0.9, 0.1)]


@pytest.fixture(autouse=True)
def nothing_compiled(monkeypatch):
    monkeypatch.setattr("resurge.inference.sample._COMPILED", {})


@pytest.fixture
def compilations(monkeypatch):
    """Count what is compiled."""
    compiled = []

    def counted(model):
        compiled.append(model)
        return compile_model(model)

    compile_model = exchange.compile_model
    monkeypatch.setattr(exchange, "compile_model", counted)
    return compiled


def drawn(rows, prior=(0.0, 1.0), **other):
    with real_numbers():
        model = pooled(rows, prior, **other)
    code, data = code_for(model, "pooled", lambda: pooled(WHOLE))
    return sample(code, SHORT, progress=False, data=data)["posterior"].to_dataset()


def test_one_compilation_serves_other_evidence_other_priors_and_fewer_rows(compilations):
    asked = [
        (WHOLE, (0.0, 1.0)),
        ([(-1.0, 0.3), (-0.2, 0.05), (0.1, 0.2)], (0.0, 1.0)),
        (WHOLE, (2.0, 0.1)),
        ([(0.2, 0.1), (0.0, WORTHLESS), (0.9, 0.1)], (0.0, 1.0)),
    ]
    for rows, prior in asked:
        mu = drawn(rows, prior)["mu"].values
        mean, sd = answer(rows, prior)
        assert abs(mu.mean() - mean) < 5 * sd / np.sqrt(mu.size / 5)
        assert abs(mu.std() / sd - 1) < 0.12
    assert len(compilations) == 1


def test_draws_do_not_depend_on_what_a_process_fitted_before(monkeypatch):
    rows = [(-1.0, 0.3), (-0.2, 0.05), (0.1, 0.2)]
    drawn(WHOLE)
    after_another = drawn(rows)
    monkeypatch.setattr("resurge.inference.sample._COMPILED", {})
    first_of_all = drawn(rows)
    assert np.array_equal(after_another["mu"], first_of_all["mu"])


@pytest.mark.parametrize(
    "other",
    [{"labels": ("a", "b", "d")}, {"scale": pt.tanh}],
    ids=["another label", "another operation"],
)
def test_what_differs_in_more_than_numbers_is_compiled_anew(compilations, other):
    drawn(WHOLE)
    ratio = drawn(WHOLE, **other)["ratio"].values
    assert len(compilations) == 2
    assert (ratio.max() < 1) == ("scale" in other)


def test_more_rows_than_the_compiled_model_has_are_compiled_anew(compilations):
    rows, labels = [*WHOLE, (3.0, 0.01)], ("a", "b", "c", "d")
    assert drawn(rows, labels=labels)["mu"].values.mean() == pytest.approx(answer(rows)[0], abs=0.01)
    assert len(compilations) == 2


@pytest.fixture(scope="module")
def project():
    return find_project(Path(__file__).parent)


@pytest.fixture(scope="module")
def evidence(project):
    return load_evidence(project.data)


NEEDS_NO_OTHER = [model for model in WATCHED if not WATCHED[model].upstream]


def stated(project, evidence, model, priors):
    with real_numbers():
        return import_module(f"resurge.inference.fit_{model}").prepare(project, evidence, priors).model


@pytest.mark.parametrize("model", NEEDS_NO_OTHER)
def test_a_density_stays_what_it_was_when_constants_become_data(project, evidence, model):
    own = stated(project, evidence, model, WATCHED[model].priors)
    lifted = exchangeable(own).model
    point = own.initial_point(random_seed=7)
    before = own.compile_logp(mode="FAST_COMPILE")(point)
    assert lifted.compile_logp(mode="FAST_COMPILE")(point) == pytest.approx(before, rel=1e-12)


@pytest.mark.parametrize("model", NEEDS_NO_OTHER)
def test_every_prior_of_a_model_can_be_exchanged(project, evidence, model):
    priors = WATCHED[model].priors
    base = exchangeable(stated(project, evidence, model, priors))
    for name, wider in prior_grid(priors).items():
        other = exchangeable(stated(project, evidence, model, wider))
        assert other.structure == base.structure, name
        assert not np.array_equal(other.data[CONSTANTS], base.data[CONSTANTS]), name
