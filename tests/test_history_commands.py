"""Do `history`, `compare` and `influence` tell what is stored, refuse what is not, and speak JSON to programs?"""

import json

import pytest
from typer.testing import CliRunner

from history_stand_in import LATE, write_history, write_influence
from resurge.cli import app
from resurge.commands import influence as influence_command
from resurge.commands.history import NOTHING_YET
from resurge.errors import ResurgeError
from resurge.inference.history import history_folder
from resurge.inference.influence import influence_path, read_influence
from resurge.inference.records import PosteriorMissingError, manifest_path
from resurge.inference.twins import CannotReweightError
from stored_project import store_prior_as_posterior


@pytest.fixture
def project(tmp_path):
    found = store_prior_as_posterior(tmp_path, n=5)
    write_history(found)
    write_influence(found)
    return found


def run(project, *words):
    result = CliRunner().invoke(app, ["--project", str(project.folder), *words])
    if isinstance(result.exception, ResurgeError):
        raise result.exception
    return result


def lines(project, *words):
    result = run(project, *words)
    assert result.exit_code == 0, result.output
    return result.stdout.splitlines()


def strict_json(project, *words):
    def refuse(name):
        raise ValueError(name)

    return json.loads(run(project, *words).stdout, parse_constant=refuse)


def refusal(project, *words):
    result = run(project, *words)
    assert result.exit_code == 2
    return " ".join(result.output.replace("│", " ").split())


# history


def test_the_history_is_listed_oldest_first(project):
    assert lines(project, "history") == [
        "recurrence-1: fitted 2026-01-02T03:04:05+00:00, 3 rows",
        "recurrence-2: reweighted 2026-02-03T04:05:06+00:00, 3 rows",
    ]
    assert [each["name"] for each in strict_json(project, "history", "--json")] == ["recurrence-1", "recurrence-2"]


def test_a_model_without_a_history_has_none_to_list(project):
    assert lines(project, "history", "therapy") == [NOTHING_YET]
    assert strict_json(project, "history", "therapy", "--json") == []


def test_a_history_of_an_unknown_model_is_refused(project):
    assert "no model named nothing; this project has recurrence" in refusal(project, "history", "nothing")


# compare


@pytest.mark.parametrize("names", [[], ["recurrence-1"], ["recurrence-1", "recurrence-2"]])
def test_the_last_two_are_compared_unless_others_are_named(project, names):
    told = lines(project, "compare", *names)
    assert told[0].startswith("recurrence-1 (2026-01-02")
    assert "row dropped: recurrence_rates:r2" in told
    moved = next(line for line in told if line.startswith(LATE["positive"]))
    assert moved.startswith(f"{LATE['positive']}: 2.00% (1.64–2.43) -> 2.10% (1.73–2.56), +0.50 SD")
    assert "recurrence_rates:r3 -0.20?" in moved
    assert not any("\u202e" in line for line in told)


def test_a_comparison_is_json_without_infinities(project):
    found = strict_json(project, "compare", "recurrence-1", "--json")
    assert found["answers"][0]["move"] == pytest.approx(0.5)
    assert [row["certain"] for row in found["answers"][0]["rows"]] == [True, False, True]
    assert strict_json(project, "compare", "--json")[0]["model"] == "recurrence"


@pytest.mark.parametrize(
    ("names", "why"),
    [
        (["recurrence-9"], "no entry 'recurrence-9' in the history"),
        (["recurrence"], "no entry 'recurrence' in the history"),
        (["../recurrence-1"], "no entry"),
        (["recurrence-2"], "recurrence-2 does not come before recurrence-2"),
        (["recurrence-2", "recurrence-1"], "recurrence-2 does not come before recurrence-1"),
        (["recurrence-1", "dormancy-1"], "recurrence-1 and dormancy-1 are of different models"),
    ],
)
def test_what_cannot_be_compared_is_refused_in_one_sentence(project, names, why):
    write_history(project, "dormancy")
    with pytest.raises(ResurgeError, match=why) as refused:
        run(project, "compare", *names)
    assert "\n" not in str(refused.value)


def test_nothing_to_compare_is_told(project):
    (history_folder(project) / "recurrence-1.json").unlink()
    with pytest.raises(ResurgeError, match="nothing to compare"):
        run(project, "compare")


# influence


def test_influence_tells_the_largest_move_first_and_who_stands_against_the_rest(project):
    told = lines(project, "influence", "--answer", "POSITIVE: mean")
    assert told[0] == f"{LATE['positive']}: 2.00% (1.64–2.43)"
    assert told[1] == "  without alpha2001: 2.21% (1.82–2.69), +1.00 SD [fit]"
    assert told[2] == "  without beta1999: 1.90% (1.56–2.31), −0.50 SD [weights]"
    assert "weights refused for delta2020" in told[4]
    assert told[5] == "sources against the rest: 2 of 3 with p below 0.05 (0.2 by chance)"
    assert not any("\u202e" in line for line in told)


def test_a_single_source_is_told_to_hold_up_everything_and_no_fit_is_offered(project):
    path = influence_path(project, "recurrence")
    alone = {"rows": [], "by": "alone", "why": "", "answers": {}, "p_conflict": None}
    path.write_text(json.dumps({**json.loads(path.read_text()), "sources": {"alpha2001": alone}}))
    told = lines(project, "influence", "--answer", "positive: mean")
    assert told[1:] == [
        "  rests on alpha2001 alone: without it nothing is left to fit",
        "sources against the rest: of no source is anything known without it",
    ]


def test_influence_is_json_without_infinities_and_of_the_answers_asked_for(project):
    assert len(strict_json(project, "influence", "--json")["answers"]) == 4
    found = strict_json(project, "influence", "--answer", "positive: mean", "--json")
    assert list(found["answers"]) == [LATE["positive"]]
    assert list(found["sources"]["alpha2001"]["answers"]) == [LATE["positive"]]
    assert found["sources"]["delta2020"]["k_hat"] is None


def test_unknown_models_and_answers_are_refused(project):
    assert "no model named nothing; this project has" in refusal(project, "influence", "nothing")
    assert "no answer of the recurrence model has 'xyz' in its name" in refusal(project, "influence", "--answer", "xyz")
    assert "has 'xyz' in its name" in refusal(project, "influence", "--answer", "xyz", "--json")


def test_an_unknown_answer_is_refused_before_anything_is_fitted(project, monkeypatch):
    asked = []

    def fit_without_refused(_project, _evidence, _model, found, *_):
        asked.append(found["model"])
        return found

    monkeypatch.setattr("resurge.inference.exact_influence.fit_without_refused", fit_without_refused)
    assert "has 'xyz' in its name" in refusal(project, "influence", "--refit", "--answer", "xyz")
    assert asked == []
    lines(project, "influence", "--refit", "--answer", "positive: mean")
    assert asked == ["recurrence"]


def test_influence_on_draws_without_likelihoods_is_refused_in_one_sentence(project):
    with pytest.raises(
        CannotReweightError, match="its record holds no likelihoods; run `resurge fit dormancy --force`"
    ):
        run(project, "influence", "dormancy")


def test_influence_without_a_posterior_is_refused(project):
    manifest_path(project, "recurrence").unlink()
    with pytest.raises(PosteriorMissingError):
        run(project, "influence")


# what a report needs


def test_a_report_works_out_what_is_missing_and_says_what_cannot_be(project, monkeypatch, capsys):
    asked = []

    def leave_out_each(_project, _evidence, model):
        asked.append(model)
        if model == "therapy":
            raise CannotReweightError("no source of the therapy model can be left out")

    monkeypatch.setattr("resurge.inference.influence.leave_out_each", leave_out_each)
    assert read_influence(project, "recurrence")
    influence_command.work_out_influence(project)
    assert asked == ["therapy", "metastasis", "dormancy", "resistance", "translation"]
    told = capsys.readouterr().out.splitlines()
    assert told[:2] == [
        "  leaving out each source of the therapy model",
        "  no source of the therapy model can be left out",
    ]
