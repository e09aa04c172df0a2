"""Do fits without the sources for which weights are refused stand in for them, and only those that pass the gate?"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
import xarray as xr

from resurge.evidence import load_evidence
from resurge.findings.estimands import estimands
from resurge.inference import exact_influence
from resurge.inference.chains import flat_arrays
from resurge.inference.exact_influence import fit_without_refused
from resurge.inference.freshness import fingerprint
from resurge.inference.influence import influence_path, leave_out_each, read_influence
from resurge.inference.kept_fits import keep_fits, kept_fits, kept_fits_path
from resurge.project import Project
from weighed_posterior import MODEL, fitted_project, therapy_posterior

NAME = "endocrine_tamoxifen: hazard ratio in years 0 to 5"
REFUSAL = {"by": "refused", "why": "Pareto k-hat 0.90, limit 0.7", "answers": {}, "p_conflict": None}


@dataclass(frozen=True)
class Fitted:
    posterior: xr.Dataset


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    project = fitted_project(tmp_path_factory.mktemp("kept"))
    return project, leave_out_each(project, load_evidence(project.data), MODEL)


@pytest.fixture
def project(kept, tmp_path):
    return Project(Path(shutil.copytree(kept[0].folder, tmp_path / "project")))


@pytest.fixture
def refused(kept):
    """Give influence in which weights were refused for one source."""
    sources = kept[1]["sources"]
    return {**kept[1], "sources": {**sources, "beta2010": sources["beta2010"] | REFUSAL}}


@pytest.fixture
def drawn(monkeypatch):
    """Draw from the prior by its likelihood instead of fitting, and tell which evidence was asked for."""
    asked = []

    def draw(work):
        asked.append(set(work.part.therapy_effects["source_id"]))
        posterior = therapy_posterior(work.project, work.part, seed=8)
        return Fitted(posterior), None, {"R-hat": {"passed": draw.passes}}

    draw.asked, draw.passes = asked, True
    monkeypatch.setattr(exact_influence, "drawn_in_shape", draw)
    return draw


def fitted(project, found, tell=lambda _: None):
    return fit_without_refused(project, load_evidence(project.data), MODEL, found, tell=tell)


def test_a_fit_stands_in_for_what_was_refused_and_is_kept(project, refused, drawn):
    found = fitted(project, refused)
    assert drawn.asked == [{"alpha2001"}]
    each = found["sources"]["beta2010"]
    assert (each["by"], each["why"], each["rows"]) == ("fit", "", refused["sources"]["beta2010"]["rows"])
    evidence = load_evidence(project.data)
    table = evidence.therapy_effects
    fewer = type(evidence)(**{**vars(evidence), "therapy_effects": table[table["source_id"] != "beta2010"]})
    expected = estimands(MODEL, flat_arrays(therapy_posterior(project, fewer, seed=8)))[NAME].on_scale
    assert each["answers"][NAME]["mean_on_scale"] == pytest.approx(expected.mean())
    assert 0 < each["p_conflict"] <= 1
    assert found["sources"]["alpha2001"] == refused["sources"]["alpha2001"]
    assert read_influence(project, MODEL)["sources"]["beta2010"]["by"] == "fit"
    assert list(kept_fits(project, MODEL, fingerprint(project, MODEL))) == ["beta2010"]


def test_kept_fits_that_came_later_stand_in_for_what_was_refused(project, refused):
    influence_path(project, MODEL).write_text(json.dumps(refused))
    assert read_influence(project, MODEL)["sources"]["beta2010"]["by"] == "refused"
    done = {"by": "fit", "why": "", "answers": {}, "p_conflict": 0.5}
    keep_fits(project, MODEL, refused["fingerprint"], {"beta2010": done, "alpha2001": done})
    sources = read_influence(project, MODEL)["sources"]
    assert (sources["beta2010"]["by"], sources["beta2010"]["p_conflict"]) == ("fit", 0.5)
    assert sources["alpha2001"] == refused["sources"]["alpha2001"]  # by weights, as it was


def test_a_fit_that_fails_its_gate_leaves_the_source_refused_and_is_not_kept(project, refused, drawn):
    drawn.passes = False
    each = fitted(project, refused)["sources"]["beta2010"]
    assert (each["by"], each["answers"]) == ("refused", {})
    assert each["why"] == "the fit without it failed its gate (R-hat)"
    assert not kept_fits_path(project, MODEL).exists()


def test_where_nothing_was_refused_nothing_is_fitted_or_written(project, kept, drawn):
    told = []
    assert fitted(project, kept[1], told.append) == kept[1]
    assert told == [f"  {MODEL}: no source for which weights were refused, nothing to fit"]
    assert drawn.asked == []
    assert not kept_fits_path(project, MODEL).exists()


def test_a_source_on_which_all_rests_is_not_fitted(project, refused, drawn):
    alone = {**refused["sources"]["beta2010"], "by": "alone"}
    fitted(project, {**refused, "sources": {**refused["sources"], "beta2010": alone}})
    assert drawn.asked == []
