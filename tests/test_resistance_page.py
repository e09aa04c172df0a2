"""Does the page about resistance say what its posterior says, withhold what it must, and escape what it quotes?"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

import resistance_stand_in
from evidence_folder import DATA, set_cells, write_small_evidence
from resurge.evidence.tables import load_evidence
from resurge.reporting.resistance_answers import (
    catalogue,
    draws_of,
    nulls_without_numbers,
    read_replication,
    read_resistance,
    trials,
)
from resurge.reporting.resistance_view import ResistanceView, load_resistance, resistance_of
from resurge.reporting.tables import Table

PAGE = (Path(__file__).parents[1] / "reports" / "resistance.qmd").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"\b(resistance|again)\.(\w+)", PAGE)))
GATED = (
    "prognosis_figure",
    "intervention_figure",
    "intervention_table",
    "untested_table",
    "excess",
    "best_intervention",
)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return load_evidence(write_small_evidence(tmp_path_factory.mktemp("small") / "data"))


def view_of(evidence, **verdict) -> ResistanceView:
    return resistance_of(
        resistance_stand_in.record("resistance", resistance_stand_in.mechanisms(evidence), **verdict),
        resistance_stand_in.record("translation", resistance_stand_in.pairs(evidence), **verdict),
        evidence,
    )


@pytest.mark.parametrize(("which", "name"), NAMED)
def test_what_the_page_names_is_there(which, name):
    view = resistance_stand_in.view()
    assert getattr(view if which == "resistance" else view.replication, name) is not None


def test_effects_are_those_of_the_posterior(small):
    record = resistance_stand_in.record("resistance", resistance_stand_in.mechanisms(small))
    effects = read_resistance(record, small).effects.set_index(["mechanism", "facet"])
    theta = draws_of(record, ("theta",))["theta"]
    assert effects.loc[("M_BETA", "marker_induction"), "median"] == pytest.approx(np.exp(np.median(theta[:, 1, 2])))
    assert effects.loc[("M_BETA", "marker_induction"), "claimed"] == pytest.approx((theta[:, 1, 2] < 0).mean())
    assert np.isnan(effects.loc[("M_GAMMA", "intervention"), "claimed"])
    assert not effects.loc[("M_NEW", "intervention"), "tested"]
    assert effects.loc[("M_NEW", "intervention"), "prior_share"] == 1


def test_pairs_are_shown_as_published(small):
    found = read_replication(resistance_stand_in.record("translation", resistance_stand_in.pairs(small)))
    np.testing.assert_allclose(found.pairs["original"], [4, 2, 1.5, 0.5])
    np.testing.assert_allclose(found.pairs["replication"], [1.2, 0.5, 0.3, 0.25])
    assert list(found.pairs["kind"]) == ["cell", "cell", "animal", "animal"]


def test_null_trials_stand_beside_the_others(small):
    listed = trials(small)
    assert list(listed["row_id"]) == ["x0007"]
    assert listed["null"].all()


def test_a_trial_is_null_where_its_printed_limits_hold_one():
    evidence = load_evidence(DATA)
    told = trials(evidence).set_index("row_id")["null"]
    printed = evidence.resistance_effects.set_index("row_id").loc[told.index]
    ratios = printed["measure"].isin(["hazard_ratio", "odds_ratio"]) & printed["lower"].notna()
    plain = ratios & (printed["lower"] != 1) & (printed["upper"] != 1)  # a limit of 1 is one side of it before rounding
    expected = (printed["lower"] < 1) & (printed["upper"] > 1)
    assert {*expected[plain]} == {True, False}
    assert told[plain].tolist() == expected[plain].tolist()


def test_null_results_without_numbers_are_listed():
    named = set(nulls_without_numbers(load_evidence(DATA))["source_id"])
    assert named == {"alrammah2026", "ferrolimit", "keapsake2021", "nov002p3_2010", "suominen2019"}
    html = resistance_stand_in.view().nulls_table.html
    assert all(name in html for name in named)


def test_the_map_counts_the_rows(small):
    counted = catalogue(small).set_index("mechanism_id")
    assert counted.loc["M_ALPHA", "marker_prognosis"] == 2
    assert counted.loc["M_GAMMA", "marker_induction_cells"] == 1
    assert counted.loc["M_NEW", "intervention"] == 0


def test_untested_mechanisms_are_labelled_and_listed(small):
    html = view_of(small).untested_table.html
    assert "Combination: drug n added to drug a" in html
    assert "Alpha pathway" not in html
    assert "has not been tested yet" in PAGE


def test_text_of_the_evidence_is_escaped(tmp_path):
    folder = write_small_evidence(tmp_path / "data")
    set_cells(folder, "mechanisms.csv", "M_ALPHA", name="Alpha <script>alert(1)</script> *bold*", drugs="<b>drug</b>")
    view = view_of(load_evidence(folder))
    assert "<script>" not in view.catalogue_table.html
    assert "<b>drug" not in view.catalogue_table.html
    assert "<script>" not in view.best_intervention
    assert "*bold*" not in view.best_intervention.replace("\\*", "")


@pytest.mark.parametrize("name", GATED)
def test_a_failed_fit_shows_no_number(small, name):
    failed = view_of(small, passed=False)
    assert "failed" in failed.status.data
    shown = getattr(failed, name)
    text = shown.html if isinstance(shown, Table) else shown if isinstance(shown, str) else ""
    assert not re.search(r"\d\.\d\d \(", text)
    assert failed.replication.answers is None


def test_a_stale_fit_says_so(small):
    assert "out of date" in view_of(small, stale=("priors changed",)).status.data


def test_a_project_without_fit_or_table_says_so_in_a_sentence(small, tmp_path):
    view = load_resistance(small)
    assert "resurge fit resistance" in view.status.data
    folder = write_small_evidence(tmp_path / "data")
    text = (folder / "datapackage.yaml").read_text(encoding="utf-8")
    start, end = text.index("  - name: mechanisms"), text.index("  - name: replication_pairs")
    following = text.find("\n  - name:", end)
    kept = text[:start] + (text[following + 1 :] if following > 0 else "")
    (folder / "datapackage.yaml").write_text(kept, encoding="utf-8")
    bare = load_resistance(load_evidence(folder))
    assert "no evidence on mechanisms" in bare.status.data
    for which, name in NAMED:
        assert getattr(bare if which == "resistance" else bare.replication, name) is not None
