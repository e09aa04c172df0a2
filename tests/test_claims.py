"""Does the claims engine give the probabilities and verdicts that hand-made posteriors are known to have?"""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
import yaml

from claim_stand_in import hand_made
from evidence_folder import DATA, set_cells
from resurge import cli
from resurge.errors import UsageError
from resurge.evidence.csv_files import read_rows
from resurge.findings import claim_sources
from resurge.findings.claim_sources import Sources, UnansweredError
from resurge.findings.claim_verdicts import LEAST, TOLERANCES, VERDICTS, Proposition, verdict
from resurge.findings.claims import ESTIMANDS, answer_claims, judge
from resurge.inference.records import PosteriorMissingError
from resurge.project import Project
from resurge.reporting.claim_terminal import claim_lines
from stored_project import store_prior_as_posterior

NAN = float("nan")
GRID = (np.arange(100) + 0.5) / 100
"""0.005, 0.015 ... 0.995: a uniform sample whose probabilities can be counted."""


@pytest.mark.parametrize(
    ("proposition", "probability"),
    [
        (Proposition(">=", 0.30, NAN, "proportion"), 0.70),
        (Proposition("<=", NAN, 0.30, "proportion"), 0.30),
        (Proposition("between", 0.10, 0.30, "proportion"), 0.20),
        (Proposition("approximately", 0.50, 0.50, "proportion"), 0.10),
        (Proposition(">=", 0.0, NAN, "proportion"), 0.99),  # existence: half of 1% is nothing to speak of
        (Proposition(">=", 0.0, NAN, "log hazard ratio"), 1.0),  # direction: 0 is on the claimed side
        (Proposition("approximately", 0.0, 0.0, "years"), 0.50),
    ],
)
def test_each_comparator_counts_the_draws_it_should(proposition, probability):
    assert proposition.holds(GRID).mean() == pytest.approx(probability)


def test_fold_changes_are_compared_as_ratios():
    about_four = Proposition("approximately", 4.0, 4.0, "fold")
    assert about_four.holds(np.array([3.19, 3.21, 4.0, 4.99, 5.01])).tolist() == [False, True, True, True, False]


def test_a_range_over_groups_holds_where_both_ends_are_near_their_own_value():
    ends = Proposition("between", 0.13, 0.41, "proportion")
    low, high = np.array([0.13, 0.10, 0.20, 0.13]), np.array([0.41, 0.44, 0.41, 0.30])
    assert ends.holds(low, high).tolist() == [True, True, False, False]


def test_a_draw_that_is_no_number_meets_no_claim():
    values = np.array([NAN, 0.5])
    for said in (Proposition(">=", -9, NAN, "years"), Proposition("<=", NAN, 9, "years")):
        assert said.holds(values).tolist() == [False, True]
    assert Proposition("between", -9, 9, "years").holds(values).tolist() == [False, True]


@pytest.mark.parametrize(
    ("probability", "expected"),
    [
        (1.0, ("supported", "")),
        (0.95, ("supported", "")),
        (0.9499, ("leaning", "for")),
        (0.80, ("leaning", "for")),
        (0.7999, ("undecided", "")),
        (0.2001, ("undecided", "")),
        (0.20, ("leaning", "against")),
        (0.0501, ("leaning", "against")),
        (0.05, ("against", "")),
        (0.0, ("against", "")),
    ],
)
def test_verdicts_change_at_their_thresholds(probability, expected):
    assert verdict(probability) == expected
    assert expected[0] in VERDICTS


@pytest.mark.parametrize(
    ("probability", "without", "expected"),
    [
        (0.96, 0.89, ("leaning", "for")),  # odds of 24 over 8.1
        (0.96, 0.88, ("supported", "")),  # odds of 24 over 7.3
        (0.96, 0.50, ("supported", "")),
        (0.90, 0.10, ("leaning", "for")),
        (1.00, 1.00, ("leaning", "for")),
        (0.04, 0.11, ("leaning", "against")),
        (0.04, 0.12, ("against", "")),
        (0.00, 0.00, ("leaning", "against")),
        (0.50, 0.99, ("undecided", "")),
    ],
)
def test_what_is_believed_without_evidence_is_no_support(probability, without, expected):
    assert verdict(probability, without) == expected


@pytest.mark.parametrize("wrong", [-0.1, 1.1, NAN])
def test_what_is_no_probability_has_no_verdict(wrong):
    with pytest.raises(ValueError, match="not a probability"):
        verdict(wrong)


@pytest.mark.parametrize(
    "wrong", [(">", 1, NAN, "years"), (">=", NAN, 1, "years"), ("between", 1, NAN, "years"), (">=", 1, NAN, "miles")]
)
def test_a_proposition_that_cannot_be_judged_is_refused(wrong):
    with pytest.raises(ValueError, match=r"not known|needs its value|not one of"):
        Proposition(*wrong)


def test_every_unit_of_the_codebook_has_a_tolerance_and_every_estimand_a_function():
    codebook = yaml.safe_load((DATA / "datapackage.yaml").read_text(encoding="utf-8"))
    table = next(each for each in codebook["resources"] if each["name"] == "claims")
    allowed = {field["name"]: field.get("constraints", {}).get("enum") for field in table["schema"]["fields"]}
    assert set(allowed["value_unit"]) == set(TOLERANCES)
    assert set(LEAST) <= set(TOLERANCES)
    assert set(ESTIMANDS) == set(allowed["answered_by"])
    assert all(estimand.__doc__ for estimand in ESTIMANDS.values())


# Every claim of the evidence


CLAIMS = read_rows(DATA / "claims.csv")


@pytest.mark.parametrize("row", CLAIMS, ids=[row["claim_id"] for row in CLAIMS])
def test_every_claim_is_evaluated_or_says_why_not(row):
    judged = judge(row, hand_made(), 0.95)
    json.dumps(judged, allow_nan=False)
    assert judged["verdict"] in VERDICTS
    if row["testable"] == "yes":
        assert judged["reason"] is None
        assert 0 <= judged["probability"] <= 1
        assert judged["estimates"]
        assert all(each["lower"] <= each["median"] <= each["upper"] for each in judged["estimates"])
        assert judged["caution"]
    else:
        assert judged["verdict"] == "not testable"
        assert judged["probability"] is None
        assert len(judged["reason"]) > 20
        assert row["how_to_test"] in judged["reason"]


# The whole answer, from stored posteriors


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return store_prior_as_posterior(tmp_path_factory.mktemp("sound"))


def verdicts(project):
    return {each["claim_id"]: each for each in answer_claims(project, level=0.95)["claims"]}


def test_claims_are_judged_from_stored_posteriors(project):
    answer = answer_claims(project, level=0.95)
    json.dumps(answer, allow_nan=False)
    judged = verdicts(project)
    assert all(judged[name]["probability"] is not None for name in ("C001", "C002", "C003"))
    assert judged["C004"]["reason"] == "the evidence has no number on it; it would take: knockdown effect"
    assert judged["C005"]["reason"] == "a matter of other evidence than this; it would take: registry comparison"
    assert sum(number["claims"] for number in answer["counts"].values()) == 5
    assert answer["counts"]["not testable"] == {"claims": 2, "direct": 0}
    assert "\n".join(claim_lines(answer))


def test_a_posterior_that_failed_its_gate_gives_no_verdict(tmp_path):
    judged = verdicts(store_prior_as_posterior(tmp_path, passed=False))
    for name in ("C001", "C002"):
        assert judged[name]["verdict"] == "not testable"
        assert judged[name]["probability"] is None
        assert not judged[name]["estimates"]
        assert not judged[name]["beside"]
        assert judged[name]["reason"].startswith("needs the recurrence posterior: ")
        assert "failed its gate" in judged[name]["reason"]
    assert judged["C003"]["probability"] is not None  # rows need no model


def test_a_stale_or_missing_posterior_gives_no_verdict(tmp_path):
    project = store_prior_as_posterior(tmp_path)
    set_cells(project.data, "recurrence_rates.csv", "r0003", estimate="0.06")
    assert "is stale" in verdicts(project)["C001"]["reason"]
    (project.posteriors / "recurrence.json").unlink()
    assert "no posterior of the recurrence model yet" in verdicts(project)["C001"]["reason"]


def test_a_model_that_cannot_be_used_is_looked_into_once(tmp_path, monkeypatch):
    asked = []

    def missing(project, model, names):
        asked.append(model)
        raise PosteriorMissingError("none")

    monkeypatch.setattr(claim_sources, "sound_draws", missing)
    sources = Sources.of(Project(tmp_path))
    for _ in range(3):
        with pytest.raises(UnansweredError, match="needs the therapy posterior: none"):
            sources.draws("therapy", ("lag",))
    assert asked == ["therapy"]


def test_a_document_is_named_by_source_or_number(project):
    every = answer_claims(project, level=0.95)
    assert [document["claims"] for document in every["documents"]] == [2, 1, 2]
    by_number = answer_claims(project, document="001", level=0.95)
    assert [each["claim_id"] for each in by_number["claims"]] == ["C004", "C005"]
    assert by_number["documents"][0]["title"] == "A trial"
    by_source = answer_claims(project, document="alpha2001", level=0.95)
    assert [each["claim_id"] for each in by_source["claims"]] == ["C001", "C002"]
    with pytest.raises(UsageError, match="there is alpha2001, beta2010"):
        answer_claims(project, document="00", level=0.95)


def test_evidence_without_claims_says_so(tmp_path):
    project = store_prior_as_posterior(tmp_path)
    (project.data / "claims.csv").unlink()
    with pytest.raises(UsageError, match="no claims"):
        answer_claims(project, level=0.95)


def run(monkeypatch, capsys, *arguments):
    monkeypatch.setattr(sys, "argv", ["resurge", *arguments])
    with pytest.raises(SystemExit) as left:
        cli.main()
    told = capsys.readouterr()
    return left.value.code, told.out, told.err


def test_the_command_answers_in_json_and_in_words(project, monkeypatch, capsys):
    where = ("--project", str(project.folder), "claims")
    code, said, _ = run(monkeypatch, capsys, *where, "--json")
    assert code == 0
    assert len(json.loads(said)["claims"]) == 5
    code, said, _ = run(monkeypatch, capsys, *where, "--document", "alpha2001")
    assert code == 0
    assert "Most recurrences come late" in said
    assert "supported: the quantity lies where the claim puts it with a probability of 95% or more" in said
    assert "within 5 points for shares" in said
    assert "Drug g" not in said
    _, said, _ = run(monkeypatch, capsys, *where)
    assert "tested by proxy: hazard ratio of AAA1" in said
    assert "Drug g" in said
    code, _, complaint = run(monkeypatch, capsys, *where, "--document", "nobody1999")
    assert code == 2
    assert "nobody1999" in complaint


def test_an_answer_needs_neither_pandas_nor_the_sampler(project):
    code = (
        "import sys; from pathlib import Path; from resurge.findings.claims import answer_claims;"
        "from resurge.reporting.claim_terminal import claim_lines; from resurge.project import Project;"
        f"list(claim_lines(answer_claims(Project(Path({str(project.folder)!r})), level=0.95)));"
        "print([name for name in ('pandas', 'xarray', 'pymc', 'scipy.stats') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
