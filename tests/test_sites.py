"""Are shares of sites answered as the draws say, only from a sound posterior, in JSON, in words and on the page?"""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from matplotlib.figure import Figure

import site_stand_in
from evidence_folder import DATA, set_cells
from resurge import cli
from resurge.errors import UsageError
from resurge.evidence.csv_files import read_rows
from resurge.evidence.tables import load_evidence
from resurge.findings import site_questions
from resurge.findings.site_draws import single_site_shares, site_share, site_shares
from resurge.findings.site_questions import answer_sites, compared, pairs_of
from resurge.findings.site_rows import point, points_of, split_by, told_sites, wilson
from resurge.inference.records import PosteriorFailedError, PosteriorMissingError, PosteriorStaleError
from resurge.project import Project
from resurge.reporting.site_view import SiteView, load_sites
from resurge.reporting.tables import Table
from resurge.reporting.terminal_sites import site_lines
from resurge.synthesis.metastasis_design import SETTINGS, SINGLE_SITES, SITES, SUBTYPES
from stored_project import store_prior_as_posterior

PAGE = (DATA.parent / "reports" / "metastasis.qmd").read_text(encoding="utf-8")
ROWS = [row for row in read_rows(DATA / "metastasis_sites.csv") if row["use"] == "yes"]
EVER, DE_NOVO = "any_site_during_course", "at_diagnosis_de_novo"


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Project:
    return store_prior_as_posterior(tmp_path_factory.mktemp("sites"))


@pytest.fixture
def resurge(monkeypatch, capsys):
    """Run the command line in this process; give what it printed and the exit code."""

    def run(folder, *words):
        monkeypatch.setattr("sys.argv", ["resurge", "--project", str(folder), *words])
        with pytest.raises(SystemExit) as left:
            cli.main()
        printed = capsys.readouterr()
        return printed.out, printed.err, left.value.code or 0

    return run


# Hand-made draws


def two_draws() -> dict[str, np.ndarray]:
    """Give two draws in which brain metastases at any time have odds of 1 in TNBC and of 1/4 in HR+/HER2-."""
    contrast = np.zeros((2, len(SETTINGS), len(SUBTYPES), len(SITES)))
    contrast[:, SETTINGS.index(EVER), SUBTYPES.index("HR+/HER2-"), SITES.index("brain")] = np.log(1 / 4)
    mix = np.array([[0.6, 0.1, 0.1, 0.2], [0.5, 0.25, 0.0, 0.25]])
    single = np.array([[np.log(2), 0, 0, 0], [0, 0, 0, np.log(3)]])
    new = np.full((2, len(SETTINGS), len(SUBTYPES), len(SITES)), 0.1)
    return {"mu": np.zeros((2, 4, 6)), "contrast": contrast, "mix": mix, "single": single, "share_new": new}


def test_shares_are_those_of_the_odds():
    draws = two_draws()
    np.testing.assert_allclose(site_share(draws, EVER, "TNBC", "brain"), [0.5, 0.5])
    np.testing.assert_allclose(site_share(draws, EVER, "HR+/HER2-", "brain"), [0.2, 0.2])
    np.testing.assert_allclose(site_share(draws, "first_site", "HR+/HER2-", "brain"), [0.5, 0.5])
    np.testing.assert_allclose(site_shares(draws, EVER, "TNBC", "new"), 0.1)
    with pytest.raises(ValueError, match="typical, new"):
        site_shares(draws, EVER, "TNBC", "median")


def test_a_mixture_is_worked_out_by_hand():
    draws = two_draws()
    np.testing.assert_allclose(
        site_share(draws, EVER, "ER+", "brain"), [(0.6 * 0.2 + 0.1 * 0.5) / 0.7, (0.5 * 0.2 + 0.25 * 0.5) / 0.75]
    )
    np.testing.assert_allclose(site_share(draws, EVER, "any", "brain"), [0.6 * 0.2 + 0.4 * 0.5, 0.5 * 0.2 + 0.5 * 0.5])


def test_single_sites_are_worked_out_by_hand():
    np.testing.assert_allclose(single_site_shares(two_draws(), "TNBC"), [[0.4, 0.2, 0.2, 0.2], [1 / 6] * 3 + [0.5]])


def test_subtypes_are_compared_draw_by_draw():
    found = compared(np.array([0.4, 0.3]), np.array([0.2, 0.3]), 0.5)
    assert found["risk_ratio"]["mean"] == pytest.approx(1.5)
    assert found["difference"]["mean"] == pytest.approx(0.1)
    assert found["probability_higher"] == 0.5
    assert pairs_of("TNBC") == [("TNBC", other) for other in SUBTYPES[:3]]
    assert pairs_of("ER+") == [("ER+", "HR-/HER2+"), ("ER+", "TNBC")]
    assert len(pairs_of(None)) == 6


# Points of the sources


def test_wilson_limits_are_those_of_the_formula():
    lower, upper = wilson(0.5, 10, 0.95)
    assert (lower, upper) == pytest.approx((0.2366, 0.7634), abs=1e-4)
    assert wilson(0.0, 10, 0.95)[0] == pytest.approx(0, abs=1e-12)
    assert wilson(1.0, 10, 0.95)[1] == pytest.approx(1)


def test_points_are_the_printed_shares():
    brain = {each["row"]: each for each in points_of(ROWS, EVER, "TNBC", "brain", 0.95)}
    assert (brain["m0016"]["share"], brain["m0016"]["patients"]) == (0.231, 273)
    assert brain["m0076"]["patients"] is None
    assert brain["m0076"]["lower"] is None
    assert "m0004" not in brain  # luminal A holds no triple-negative disease
    assert "m0017" not in brain  # a share of all early patients
    bone = {each["row"]: each for each in points_of(ROWS, DE_NOVO, "any", "bone", 0.95)}
    assert bone["m0022"]["share"] == pytest.approx(8848 / 243896 / 0.0556, rel=1e-3)


def test_a_share_of_all_patients_becomes_one_of_those_with_metastases():
    row = next(row for row in ROWS if row["row_id"] == "m0023")
    told = point(row, 0.95)
    assert told["patients"] == round(243896 * 0.0556)
    assert told["share"] == pytest.approx(1000 / told["patients"], rel=1e-3)


def test_what_tells_a_share_is_said():
    assert split_by(ROWS, EVER, "TNBC", "brain") == "itself"
    assert split_by(ROWS, EVER, "HR+/HER2+", "brain") == "a mixture"
    assert split_by(ROWS, EVER, "HR+/HER2-", "bone") == "a mixture"  # luminal A alone is not this subtype
    assert split_by(ROWS, "autopsy", "TNBC", "bone") == "other settings"
    assert split_by(ROWS, EVER, "TNBC", "other") == "nothing"


def test_sites_without_evidence_are_not_told():
    assert told_sites(ROWS, "autopsy") == ["bone", "liver", "lung"]
    assert "bone_only" in told_sites(ROWS, "first_site")
    assert "bone_only" not in told_sites(ROWS, EVER)


# Answers


@pytest.mark.parametrize("setting", SETTINGS)
def test_every_setting_is_answered(project, setting):
    answer = answer_sites(project, setting, level=0.95)
    json.dumps(answer, allow_nan=False)
    assert "\n".join(site_lines(answer))
    assert {share["subtype"] for share in answer["shares"]} == set(SUBTYPES)
    for share in answer["shares"]:
        assert 0 <= share["lower"] <= share["median"] <= share["upper"] <= 1
        assert share["exclusive"] == (share["site"] == "bone_only")
    for pair in answer["differences"]:
        assert 0 <= pair["probability_higher"] <= 1


def test_shares_that_exclude_each_other_stand_apart(project):
    answer = answer_sites(project, DE_NOVO, subtype="TNBC", level=0.95)
    assert [share["site"] for share in answer["single_metastasis"]] == list(SINGLE_SITES)
    assert sum(share["mean"] for share in answer["single_metastasis"]) == pytest.approx(1)
    assert [share["site"] for share in answer["shares"]] == ["liver"]
    assert answer_sites(project, EVER, level=0.95)["single_metastasis"] == []


def test_labels_are_refused_by_name(project):
    with pytest.raises(UsageError, match="--subtype: 'luminal' is not one of HR"):
        answer_sites(project, EVER, subtype="luminal", level=0.95)
    with pytest.raises(UsageError, match="no source tells of lung in this setting; it has bone"):
        answer_sites(project, "autopsy", site="lung", level=0.95)


def test_the_command_answers_as_json(resurge, project):
    out, _, code = resurge(
        project.folder, "sites", "--subtype", "TNBC", "--setting", "any_site_during_course", "--json"
    )
    assert code == 0
    answer = json.loads(out)
    assert answer["question"]["subtype"] == "TNBC"
    assert answer["question"]["of"] == "patients with metastases"
    assert [share["site"] for share in answer["shares"]] == ["bone", "brain"]
    assert answer["shares"][1]["sources"][0]["row"] == "m0004"
    out, _, code = resurge(project.folder, "sites", "--site", "brain", "--json")
    assert [share["subtype"] for share in json.loads(out)["shares"]] == list(SUBTYPES)


def test_the_command_speaks(resurge, project):
    out, _, code = resurge(project.folder, "sites", "--subtype", "any")
    assert code == 0
    assert "mixture of subtypes: HR+/HER2-" in out
    assert re.search(r"Bone, any: \d+% \(95% interval", out)


def test_wrong_words_leave_with_2(resurge, project):
    assert resurge(project.folder, "sites", "--subtype", "luminal")[2] == 2
    out, err, code = resurge(project.folder, "sites", "--setting", "autopsy", "--site", "brain")
    assert (out, code) == ("", 2)
    assert "no source tells of brain" in err


# Gate


def test_nothing_is_answered_without_a_sound_posterior(tmp_path):
    failed = store_prior_as_posterior(tmp_path / "failed", passed=False, n=20)
    with pytest.raises(PosteriorFailedError):
        answer_sites(failed, EVER, level=0.95)
    stale = store_prior_as_posterior(tmp_path / "stale", n=20)
    set_cells(stale.data, "metastasis_sites.csv", "m0005", proportion="0.61", n_site="305")
    with pytest.raises(PosteriorStaleError, match="m0005"):
        answer_sites(stale, EVER, level=0.95)
    (stale.posteriors / "metastasis.json").unlink()
    with pytest.raises(PosteriorMissingError):
        answer_sites(stale, EVER, level=0.95)
    for project, words in ((failed, "failed its gate"), (stale, "no posterior of the metastasis model")):
        view = load_sites(load_evidence(project.data))
        assert view.answers is None
        assert words in view.status.data.replace("\\", "")
        assert words in view.brain
        assert isinstance(view.ever_figure, Figure)
        assert "Not shown" in view.ever_table.html


def test_words_of_a_row_change_no_fit(tmp_path):
    project = store_prior_as_posterior(tmp_path, n=20)
    set_cells(project.data, "metastasis_sites.csv", "m0005", notes="read again", cohort_label="Alpha again")
    set_cells(project.data, "metastasis_sites.csv", "m0013", proportion="0.52")  # only shown
    assert answer_sites(project, EVER, subtype="TNBC", level=0.95)["shares"]


# Page


def test_the_page_names_what_there_is():
    view = site_stand_in.view()
    names = set(re.findall(r"\bsites\.([a-z_]+)\b", PAGE))
    assert len(names) > 25
    for name in names:
        shown = getattr(view, name)
        if isinstance(shown, Figure):
            assert not any("Not shown" in text.get_text() for ax in shown.axes for text in ax.texts), name
        elif isinstance(shown, Table):
            assert "Not shown" not in shown.html, name
        elif isinstance(shown, str):
            assert shown, name
            assert "nan" not in shown, name


def test_a_project_without_the_tables_has_a_page_that_says_so():
    view = SiteView(
        load_evidence(DATA).__class__(DATA, *[None] * 4), None, "the evidence has no table of metastatic sites"
    )
    assert "no table" in view.status.data
    for table in (view.timing_table, view.beside_table, view.diagnostics_table):
        assert "Not shown" in table.html


def test_text_of_the_evidence_is_escaped():
    view = site_stand_in.view()
    sites = view.tables.recurrence_timing.assign(cohort_label="<script>alert(1)</script>")
    shown = SiteView(view.tables.__class__(**{**vars(view.tables), "recurrence_timing": sites}), None).timing_table
    assert "<script>" not in shown.html
    assert "&lt;script&gt;" in shown.html


def test_the_stored_draws_are_read_by_name():
    assert set(site_questions.PARAMETERS) <= set(two_draws())
