"""Do answers about mechanisms follow from the draws, by hand and through the command line?"""

from __future__ import annotations

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from evidence_folder import DATA
from resurge.cli import app
from resurge.errors import UsageError
from resurge.findings.resistance_draws import next_study, prior_share, ranks
from resurge.findings.resistance_questions import (
    answer_mechanism,
    answer_ranking,
    catalogue_of,
    informed_by,
    known_mechanism,
)
from resurge.inference.freshness import WATCHED
from resurge.inference.records import PosteriorFailedError
from resurge.project import Project
from resurge.synthesis.resistance_priors import FACETS
from stored_project import store_prior_as_posterior
from test_freshness import BY_VALUE, made_of

COMBINATIONS = {"olaparib + zoledronate": "M_PARPZOL", "acalabrutinib + trastuzumab": "M_BTKTRAS"}


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Project:
    return store_prior_as_posterior(tmp_path_factory.mktemp("project"), n=400)


def by_hand(theta: np.ndarray, theta_new: np.ndarray) -> dict[str, np.ndarray]:
    """Draws of one mechanism of one class in all facets, with one row in the first."""
    n = len(theta)
    return {
        "theta": np.repeat(theta[:, None, None], len(FACETS), axis=2),
        "theta_new": np.repeat(theta_new[:, None, None], len(FACETS), axis=2),
        "sigma": np.full((n, len(FACETS)), 0.3),
        "omega": np.full((n, len(FACETS)), 0.4),
        "class_of": np.array([0]),
        "row_mechanism": np.array([0]),
        "row_facet": np.array([0]),
    }


def test_the_prior_share_is_the_ratio_of_variances():
    rng = np.random.default_rng(1)
    draws = by_hand(0.5 * rng.standard_normal(50000), rng.standard_normal(50000))
    assert prior_share(draws, 0, 0) == pytest.approx(0.25, rel=0.03)
    assert prior_share(draws | {"row_mechanism": np.array([5])}, 0, 0) == 1


def test_the_next_study_adds_sources_and_endpoints():
    draws = by_hand(np.full(50000, 0.7), np.zeros(50000))
    following = next_study(draws, 0, 0)
    assert following.mean() == pytest.approx(0.7, abs=0.01)
    assert following.std() == pytest.approx(0.5, rel=0.02)


def test_the_largest_effect_is_first():
    np.testing.assert_array_equal(ranks(np.array([[0.1, 0.9, -0.3], [3.0, 2.0, 1.0]])), [[2, 1, 3], [1, 2, 3]])


def test_it_is_said_where_an_effect_comes_from():
    assert informed_by(0.2, 3) == "own rows"
    assert informed_by(0.7, 3) == "own rows in part"
    assert informed_by(0.95, 1) == "hardly by its own rows"
    assert informed_by(0.2, 0) == "other facets and mechanisms only"


def test_an_answer_follows_the_claimed_direction(project):
    answer = answer_mechanism(project, "m_beta", level=0.95)
    assert answer["claimed_direction"] == "negative"
    for facet in answer["facets"]:
        assert facet["probability_claimed"] == pytest.approx(1 - facet["probability_positive"])
        assert facet["ratio"]["median"] == pytest.approx(np.exp(facet["effect"]["median"]))
    assert [facet["rows"] for facet in answer["facets"]] == [[], ["x0004"], ["x0005"], [], [], []]
    open_claim = answer_mechanism(project, "M_GAMMA", level=0.95)
    assert all(facet["probability_claimed"] is None for facet in open_claim["facets"])


def test_an_untested_combination_is_labelled_as_exactly_that(project):
    answer = answer_mechanism(project, "drug n + drug a", level=0.95)
    assert answer["question"]["mechanism"] == "M_NEW"
    assert not answer["tested"]
    assert "predictive distribution for a mechanism of the class metabolic that has not been tested" in answer["status"]
    assert all(facet["prior_share"] == 1 and not facet["rows"] for facet in answer["facets"])
    assert answer_mechanism(project, "M_ALPHA", level=0.95)["status"] == "tested"


@pytest.mark.parametrize("drugs", COMBINATIONS)
def test_the_combinations_of_the_documents_are_in_the_catalogue_without_rows(drugs):
    catalogue = catalogue_of(Project(DATA.parent))
    key = known_mechanism(catalogue, drugs)
    assert key == COMBINATIONS[drugs]
    assert catalogue[key]["name"].startswith("Combination")
    assert key not in (DATA / "resistance_effects.csv").read_text(encoding="utf-8")


def test_the_ranking_is_in_the_claimed_direction(project):
    answer = answer_ranking(project, "response_prediction", level=0.95)
    assert {each["mechanism"] for each in answer["ranking"]} == {"M_ALPHA", "M_BETA"}
    beta = next(each for each in answer["ranking"] if each["mechanism"] == "M_BETA")
    told = answer_mechanism(project, "M_BETA", level=0.95)["facets"][1]
    assert beta["probability_claimed"] == pytest.approx(told["probability_claimed"])
    assert beta["ratio"]["median"] == pytest.approx(1 / told["ratio"]["median"])
    means = [each["rank"]["mean"] for each in answer["ranking"]]
    assert means == sorted(means)
    assert sum(means) == pytest.approx(3)
    assert answer["untested"] == ["M_NEW"]


def test_markers_are_set_against_interventions(project):
    listed = answer_ranking(project, "intervention", level=0.95)["markers_and_intervention"]
    assert [each["facet"] for each in listed] == [facet for facet in FACETS if facet != "intervention"]
    # The prior favours no sign: a correlation of LKJ(2) over six facets has density 1.09 at its median of 0, and the
    # median of 800 draws a standard error of 1 / (2 x 1.09 x sqrt(800)).
    assert all(abs(each["median"]) < 5 / (2 * 1.09 * np.sqrt(800)) for each in listed)


def test_an_unknown_mechanism_is_refused(project):
    with pytest.raises(UsageError, match="near it: M_ALPHA"):
        answer_mechanism(project, "M_ALPHS", level=0.95)


def test_a_failed_posterior_answers_nothing(tmp_path):
    failed = store_prior_as_posterior(tmp_path, passed=False)
    with pytest.raises(PosteriorFailedError):
        answer_mechanism(failed, "M_ALPHA", level=0.95)


# The command line


def run(project: Project, *arguments: str) -> str:
    result = CliRunner().invoke(app, ["--project", str(project.data.parent), *arguments])
    assert result.exit_code == 0, result.output
    return result.output


def test_the_command_tells_people_and_programs_the_same(project):
    answer = json.loads(run(project, "mechanism", "M_ALPHA", "--json"))
    assert answer["question"] == {"mechanism": "M_ALPHA"}
    text = run(project, "mechanism", "M_ALPHA")
    assert "Alpha pathway" in text
    assert f"{answer['facets'][0]['ratio']['median']:.2f}" in text
    assert "untested: no number" in run(project, "mechanism", "M_NEW")


def test_the_command_ranks(project):
    ranking = json.loads(run(project, "mechanism", "--rank", "--facet", "marker_induction", "--json"))
    assert [each["mechanism"] for each in ranking["ranking"]] == ["M_BETA"]
    assert "M_BETA" in run(project, "mechanism", "--rank", "--facet", "marker_induction")


def test_one_of_name_and_ranking_is_asked_for(project):
    for arguments in (["mechanism"], ["mechanism", "M_ALPHA", "--rank"]):
        result = CliRunner().invoke(app, ["--project", str(project.data.parent), *arguments])
        assert result.exit_code == 2


def test_the_command_tells_what_a_repetition_shows(project):
    answer = json.loads(run(project, "replication", "animal", "--original", "2", "-n", "12", "--json"))
    assert answer["evidence"] == {"pairs": 2, "experiments": 2}
    assert answer["truth"]["median"] < 2
    assert answer["share"]["median"] == pytest.approx(answer["repeated"]["median"] / 2)
    assert "seen again" in run(project, "replication", "animal", "--original", "2", "-n", "12")
    result = CliRunner().invoke(
        app, ["--project", str(project.data.parent), "replication", "cell", "--original", "-1", "-n", "6"]
    )
    assert isinstance(result.exception, UsageError)


# Freshness


@pytest.mark.parametrize("model", ["resistance", "translation"])
def test_every_module_of_these_models_is_watched(model):
    # Priors are watched one by one, and the hash of a row by the rows that it is of.
    own = {"synthesis/resistance_priors.py", "synthesis/translation_priors.py", "evidence/selection.py"}
    modules = made_of(f"synthesis.{model}", set()) | made_of(f"synthesis.{model}_forward", set())
    assert modules - own - {f"{name}.py" for name in BY_VALUE} <= set(WATCHED[model].sources)
