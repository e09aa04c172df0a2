"""Does the claims engine give the probabilities and verdicts that hand-made posteriors are known to have?"""

from __future__ import annotations

import json
import math
import shutil
import subprocess
import sys

import numpy as np
import pytest
import yaml
from scipy import stats

from claim_stand_in import DISTANT, LAG, claim, constant_hazards, hand_made, one_effect, same_shares, sources_of
from evidence_folder import DATA, set_cells
from resurge import cli
from resurge.errors import UsageError
from resurge.evidence.csv_files import read_rows
from resurge.findings import claim_sources
from resurge.findings import claims as engine
from resurge.findings.claim_sources import Sources, UnansweredError, read_off, spread
from resurge.findings.claim_verdicts import LEAST, TOLERANCES, VERDICTS, Proposition, verdict
from resurge.findings.claims import ESTIMANDS, answer_claims, judge
from resurge.inference.records import PosteriorMissingError
from resurge.project import Project
from resurge.reporting.claim_terminal import claim_lines
from resurge.reporting.claim_words import (
    FROM_ROWS,
    beside,
    chance,
    interval,
    odds,
    proposition,
    reason_words,
    verdict_words,
)
from resurge.synthesis.pooling import HalfNormal, Normal, random_effects
from resurge.synthesis.resistance_priors import FACETS
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


# Estimands of the recurrence model, by hand

NEGATIVE, POSITIVE = 0.05, 0.02
N = 400


def estimand(name, negative=NEGATIVE, positive=POSITIVE, **cells):
    draws = constant_hazards(np.full(N, negative), np.full(N, positive))
    sources = sources_of({"recurrence": draws, "therapy": {"lag": np.full(N, LAG)}})
    return ESTIMANDS[name](sources, claim(name, ">=", "0", "", "proportion", **cells))


def by(year, hazard):
    return -math.expm1(-hazard * year)


def test_median_time_to_distant_recurrence_is_that_of_an_exponential():
    found = estimand("median_time_er_negative")
    hazard = NEGATIVE * DISTANT
    assert found.values[""] == pytest.approx(-math.log1p(-by(20, hazard) / 2) / hazard, abs=1e-3)
    between, before = found.beside[:2]
    assert between.draws == pytest.approx((by(5, hazard) - by(3, hazard)) / by(20, hazard))
    assert before.draws == pytest.approx(by(3, hazard) / by(20, hazard))


def test_late_share_and_late_hazard_are_those_of_an_exponential():
    found = estimand("share_after_5_er_positive")
    assert found.values[""] == pytest.approx(1 - by(5, POSITIVE) / by(20, POSITIVE))
    assert found.beside[0].draws == pytest.approx(1 - by(5, POSITIVE * DISTANT) / by(20, POSITIVE * DISTANT))
    assert estimand("hazard_15_to_20_er_positive").values[""] == pytest.approx(POSITIVE)


def test_the_quoted_range_is_of_years_5_to_20_and_the_risk_from_diagnosis_stands_beside():
    found = estimand("late_risk_by_stage")
    assert list(found.values) == ["T1N0", "T2N4-9"]
    for draws in found.values.values():
        assert draws == pytest.approx(by(15, POSITIVE * DISTANT))
    whole = {each.what: each.draws for each in found.beside}
    assert whole["T2N4-9, from diagnosis to year 20"] == pytest.approx(by(20, POSITIVE * DISTANT))


def test_the_early_ratio_of_receptor_groups_is_that_of_their_hazards():
    assert estimand("er_negative_ratio_0_to_5").values[""] == pytest.approx(math.log(NEGATIVE / POSITIVE))


def test_both_groups_together_are_each_alone_where_they_are_alike():
    hazard = 0.03
    both = {"negative": hazard, "positive": hazard}
    assert estimand("distant_risk_by_20", **both).values[""] == pytest.approx(by(20, hazard * DISTANT))
    assert estimand("share_after_10", **both).values[""] == pytest.approx(1 - by(10, hazard) / by(20, hazard))


def test_both_groups_together_lie_between_them_by_the_share_of_registries():
    share = estimand("er_negative_share").values[""]
    assert 0.15 < np.median(share) < 0.19  # both registries print 16% to 18%
    risk = estimand("distant_risk_by_20").values[""].mean()
    low, high = by(20, POSITIVE * DISTANT), by(20, NEGATIVE * DISTANT)
    assert (risk - low) / (high - low) == pytest.approx(share.mean(), abs=1e-3)


def test_death_follows_distant_recurrence_after_an_exponential_delay():
    hazard = 0.03
    found = estimand("breast_cancer_survival_at_10", negative=hazard, positive=hazard)
    rate, die = hazard * DISTANT, 1 / LAG
    alive = (die * math.exp(-rate * 10) - rate * math.exp(-die * 10)) / (die - rate)
    assert found.values[""] == pytest.approx(alive, abs=1e-4)
    assert found.beside[0].draws == pytest.approx(1 - by(10, rate))


def test_a_probability_is_the_share_of_draws_in_which_the_claim_holds():
    hazards = np.where(
        np.arange(1000) < 730, 0.01, 0.2
    )  # half of the recurrences of 20 years after year 5: not in the latter
    draws = constant_hazards(hazards, hazards)
    judged = judge(
        claim("share_after_5_er_positive", ">=", "0.5", "", "proportion"), sources_of({"recurrence": draws}), 0.95
    )
    assert judged["probability"] == pytest.approx(0.73)
    assert judged["verdict"] == "undecided"
    assert judged["reason"] is None


def test_bone_metastases_are_those_of_the_whole_course_and_all_subtypes():
    bone = np.where(np.arange(1000) < 250, 0.66, 0.6)  # within 5 points of 70% in a quarter of the draws
    sources = sources_of({"metastasis": same_shares(bone)})
    judged = judge(claim("sites_ever_bone", "approximately", "0.7", "0.7", "proportion"), sources, 0.95)
    assert judged["probability"] == pytest.approx(0.25)
    assert judged["estimates"][0]["mean"] == pytest.approx(bone.mean())
    assert [each["what"] for each in judged["beside"]][:1] == ["in one more source"]
    assert judged["value_in_interval"] is False
    assert beside(judged)[0] == "70% lies outside the interval"


# Estimands of mechanisms, by hand


def asked_about(facet, *mechanisms):
    return claim(f"facet_{facet}", ">=", "0", "", "oriented log effect", mechanism_id="; ".join(mechanisms))


def test_a_direction_holds_in_the_draws_above_nothing():
    effect = np.where(np.arange(1000) < 880, 0.3, -0.1)
    draws = one_effect(effect, [("M_NRF2", "marker_prognosis", "one"), ("M_NRF2", "marker_prognosis", "two")])
    judged = judge(asked_about("marker_prognosis", "M_NRF2"), sources_of({"resistance": draws}), 0.95)
    assert judged["probability"] == pytest.approx(0.88)
    assert (judged["verdict"], judged["leans"]) == ("leaning", "for")
    assert judged["notes"] == ["M_NRF2: 2 rows of 2 sources"]
    assert judged["probability_without_rows"] == 0.5
    assert odds(judged) == "probability 88% (50% without its own rows)"


def test_a_claim_on_several_mechanisms_is_about_their_mean_and_each_stands_beside():
    facet = "marker_prognosis"
    draws = one_effect(GRID, [("M_CD44", facet, "one"), ("M_XCT", "intervention", "one")], {("M_XCT", facet): 0.4})
    found = ESTIMANDS[f"facet_{facet}"](sources_of({"resistance": draws}), asked_about(facet, "M_CD44", "M_XCT"))
    assert found.values[""] == pytest.approx(GRID + 0.2)
    stands = {each.what: each.draws for each in found.beside}
    assert stands["M_CD44"] == pytest.approx(GRID)
    assert stands["M_XCT"] == pytest.approx(GRID + 0.4)
    assert stands["acting on it, in patients"] == pytest.approx(GRID)
    assert "M_XCT has no row of its own here" in found.notes[1]


def test_cells_and_patients_animals_and_patients_are_told_apart():
    draws = one_effect(
        0.01 * GRID, [("M_GSH", facet, "one") for facet in FACETS], {("M_GSH", "intervention_animals"): 0.7}
    )
    for facet in FACETS:
        found = ESTIMANDS[f"facet_{facet}"](sources_of({"resistance": draws}), asked_about(facet, "M_GSH"))
        assert found.values[""] == pytest.approx(0.01 * GRID + (0.7 if facet == "intervention_animals" else 0.0))


def test_a_fold_change_is_the_exponential_of_the_effect_in_cells():
    draws = one_effect(np.log([4.0, 4.9, 5.1, 3.3]), [("M_OXPHOS", "marker_induction_cells", "one")])
    asked = claim("fold_marker_induction_cells", "approximately", "4", "4", "fold", mechanism_id="M_OXPHOS")
    assert judge(asked, sources_of({"resistance": draws}), 0.95)["probability"] == 0.75


@pytest.mark.parametrize(("name", "words"), [("M_NRF2", "needs evidence on M_NRF2"), ("M_NONE", "needs M_NONE")])
def test_a_mechanism_without_rows_in_the_facet_has_no_verdict(name, words):
    draws = one_effect(np.ones(10), [("M_NRF2", "intervention", "one")])
    judged = judge(asked_about("marker_prognosis", name), sources_of({"resistance": draws}), 0.95)
    assert judged["verdict"] == "not testable"
    assert words in judged["reason"]


def untested(**cells):
    return claim("", "", "", "", "", testable="no_quantitative_evidence", test_kind="", how_to_test="a trial", **cells)


def test_an_untried_combination_has_no_verdict_but_what_is_expected_of_its_class():
    draws = one_effect(GRID, [("M_BTK", "intervention", "one")], {("M_BTKTRAS", "intervention_animals"): 1.0})
    sources = sources_of({"resistance": draws})
    judged = judge(untested(mechanism_id="M_BTK; M_BTKTRAS"), sources, 0.95)
    assert judged["verdict"] == "not testable"
    assert judged["probability"] is None
    patients, animals = judged["beside"]
    assert "expected of an untested mechanism of its class" in animals["what"]
    assert (patients["median"], animals["median"]) == pytest.approx((0.5, 1.5))
    assert "Expected of an untested mechanism" in reason_words(judged)
    assert not judge(untested(mechanism_id="M_BTK"), sources, 0.95)["beside"]


def test_without_a_posterior_or_a_catalogue_nothing_is_expected(tmp_path):
    sources = Sources.of(Project(tmp_path))
    assert not judge(untested(mechanism_id="M_BTKTRAS"), sources, 0.95)["beside"]
    (tmp_path / "data").mkdir()
    shutil.copy(DATA / "mechanisms.csv", tmp_path / "data")
    assert not judge(untested(mechanism_id="M_BTKTRAS"), Sources.of(Project(tmp_path)), 0.95)["beside"]


def test_a_combination_that_was_tried_is_not_called_untested():
    draws = one_effect(GRID, [("M_BTKTRAS", "intervention", "one")])
    assert not judge(untested(mechanism_id="M_BTKTRAS"), sources_of({"resistance": draws}), 0.95)["beside"]


# Estimands of rows, by hand


def rows_of(**tables):
    return lambda table: tables[table]


def effect(row_id, log_effect, se):
    return {"row_id": row_id, "log_effect": str(log_effect), "se_log": str(se), "mean_treated": "", "n_treated": ""}


def test_a_difference_of_rows_is_normal():
    sources = sources_of({}, rows_of(resistance_effects=[effect("x0001", 0.8, 0.3), effect("x0002", 0.5, 0.4)]))
    asked = claim("difference_of_rows", ">=", "0", "", "log hazard ratio", rows="x0001; x0002")
    judged = judge(asked, sources, 0.95)
    assert judged["probability"] == pytest.approx(stats.norm.cdf(0.3 / 0.5), abs=5e-4)
    assert judged["estimates"][0]["median"] == pytest.approx(0.3, abs=1e-3)
    assert judged["estimates"][0]["upper"] == pytest.approx(0.3 + 1.96 * 0.5, abs=2e-3)
    assert judged["from_rows"]
    assert beside(judged) == [FROM_ROWS]


def test_pooled_rows_are_those_of_the_pooling():
    sources = sources_of({}, rows_of(resistance_effects=[effect("x0001", 0.2, 0.1), effect("x0002", 0.4, 0.2)]))
    asked = claim("pooled_rows", ">=", "0", "", "oriented log effect", rows="x0001; x0002")
    pooled = random_effects([0.2, 0.4], [0.1, 0.2], mu_prior=Normal(0, 1.5), tau_prior=HalfNormal(0.2))
    assert judge(asked, sources, 0.95)["probability"] == pytest.approx(pooled.probability_positive, abs=5e-4)


def test_a_response_rate_carries_a_sceptical_prior():
    row = {"row_id": "x0001", "mean_treated": "15", "n_treated": "40"}
    asked = claim("response_rate", ">=", "0.16", "", "proportion", rows="x0001")
    judged = judge(asked, sources_of({}, rows_of(resistance_effects=[row])), 0.95)
    posterior = stats.beta(15 + 40 * 0.16, 25 + 40 * 0.84)
    assert judged["probability"] == pytest.approx(posterior.sf(0.16), abs=5e-4)
    assert judged["estimates"][0]["median"] == pytest.approx(posterior.median(), abs=1e-4)
    assert judged["estimates"][0]["median"] < 15 / 40


@pytest.mark.parametrize(
    ("name", "row", "words"),
    [
        ("pooled_rows", effect("x0002", 0.1, 0.1), "needs row x0001"),
        ("pooled_rows", effect("x0001", 0.1, ""), "needs an effect and a standard error in row x0001"),
        ("response_rate", effect("x0001", 0.1, 0.1), "needs responders and patients in row x0001"),
    ],
)
def test_a_claim_whose_row_is_not_there_says_so(name, row, words):
    asked = claim(name, ">=", "0.1", "", "proportion", rows="x0001")
    judged = judge(asked, sources_of({}, rows_of(resistance_effects=[row])), 0.95)
    assert judged["verdict"] == "not testable"
    assert words in judged["reason"]


def test_without_counts_by_receptor_there_is_no_share():
    with pytest.raises(UnansweredError, match="counts by ER status"):
        ESTIMANDS["er_negative_share"](sources_of({}, rows_of(case_mix=[])), {})


def test_values_that_stand_for_draws_keep_their_distribution():
    pooled = random_effects([0.2, 0.4], [0.1, 0.2], mu_prior=Normal(0, 1.5), tau_prior=HalfNormal(0.2)).mu
    values = read_off(pooled)
    assert (values.mean(), values.std()) == pytest.approx((pooled.mean, pooled.sd), rel=5e-3)
    taken = spread(values, 1000)
    assert taken.mean() == pytest.approx(values.mean(), abs=1e-3)
    assert abs(np.corrcoef(taken, np.arange(1000))[0, 1]) < 0.1
    assert (spread(values, 1000) == taken).all()


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
    assert "supported: the claim holds with a probability of 95% or more" in said
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


# Words


def told(comparator, low, high, unit, estimates=1):
    said = {"comparator": comparator, "low": low, "high": high, "unit": unit}
    return proposition({"proposition": said, "estimates": [{}] * estimates}, engine.scale())


def test_propositions_are_told_with_tolerances_and_least_amounts():
    assert told("between", 0.1, 0.3, "proportion") == "between 10% and 30%"
    assert told("between", 0.13, 0.41, "proportion", 2) == "runs between 13% and 41%, each within 5 points"
    assert told("approximately", 0.7, 0.7, "proportion") == "about 70%, within 5 points"
    assert told("approximately", 4.0, 4.0, "fold") == "about 4-fold, within a factor of 1.25"
    assert told(">=", 0.8, None, "proportion") == "at least 80%"
    assert told(">=", 0.0, None, "proportion") == "more than nothing to speak of, 1%"
    assert told(">=", 0.0, None, "per year") == "more than nothing to speak of, 0.1% a year"
    assert told(">=", 0.0, None, "oriented log effect") == "above 0"
    assert told("<=", None, 0.0, "log hazard ratio") == "below 1"
    assert told("between", 3.0, 5.0, "years") == "between 3 years and 5 years"


def test_estimates_are_told_in_the_units_of_their_claims():
    each = {"median": 0.5, "lower": 0.25, "upper": 0.75}
    assert interval(each, "proportion") == "50% (25–75)"
    assert interval(each, "years") == "0.50 years (0.25–0.75)"
    assert interval(each, "log hazard ratio") == "1.65 (1.28–2.12)"
    assert interval(each | {"lower": -0.25}, "oriented log effect") == "0.50 (−0.25 to 0.75)"
    assert interval(dict.fromkeys(each), "years") == "not available"


def test_a_probability_is_never_told_as_certain():
    assert [chance(each) for each in (1.0, 0.995, 0.99, 0.5, 0.01, 0.004, None)] == [
        *("above 99%", "above 99%", "99%", "50%", "1%", "below 1%", "–"),
    ]


def test_a_leaning_says_to_which_side():
    assert verdict_words({"verdict": "leaning", "leans": "against"}) == "leaning against"
    assert verdict_words({"verdict": "not testable", "leans": None}) == "not testable with this evidence"
