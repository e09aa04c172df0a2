"""Do the headline answers follow from the posteriors, and does therapy stand there only where it was fitted?"""

from __future__ import annotations

import pytest

from resurge.evidence import load_evidence
from resurge.findings.benefit_questions import answer_benefit
from resurge.findings.hazard_draws import Profile
from resurge.inference.records import PosteriorFailedError
from resurge.reporting import readme
from resurge.reporting.headline import headline
from stored_project import store_prior_as_posterior


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return store_prior_as_posterior(tmp_path_factory.mktemp("project"))


def test_therapy_is_told_with_its_difference_and_number_needed(project):
    *recurrence, ratios, risks = headline(project)
    assert len(recurrence) == 3
    assert "in years 5 to 10 and" in ratios
    assert "in years 10 to 15 after diagnosis" in ratios
    women = Profile("positive", "N1-3", "T2")
    answer = answer_benefit(project, women, "extended_endocrine", 5.0, [20.0], start=None, duration=5.0, level=0.95)[
        "benefits"
    ][0]
    assert f"{100 * answer['difference']['median']:.1f} points" in risks
    assert f"number needed to treat {answer['number_needed_to_treat']['median']:,.0f} " in risks


def test_without_a_fit_of_therapy_only_recurrence_is_told(tmp_path):
    project = store_prior_as_posterior(tmp_path)
    (project.posteriors / "therapy.json").unlink()
    assert len(list(headline(project))) == 3


def test_nothing_is_told_of_fits_that_failed(tmp_path):
    with pytest.raises(PosteriorFailedError):
        list(headline(store_prior_as_posterior(tmp_path, passed=False)))


def test_the_evidence_table_counts_what_the_therapy_model_reads(project):
    rows = readme.evidence_table(load_evidence(project.data)).splitlines()
    effects = [row for row in rows if "effects of therapy" in row]
    assert [row.split(" | ")[3] for row in effects] == ["recurrence", "disease-free survival", "death"]
    assert "| 2 | 2 trials or overviews | recurrence | 3 hazard ratios in 1 class of therapy | 0 to 5" in effects[0]
