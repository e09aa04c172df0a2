"""Does an update give the posterior of today's evidence, and tell what it did?"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from typer.testing import CliRunner

from evidence_folder import set_cells
from resurge.cli import app
from resurge.evidence import load_evidence
from resurge.inference.freshness import model_status
from resurge.inference.gate import passed
from resurge.inference.history import history
from resurge.inference.labelled import Labelled
from resurge.inference.left_out_rows import answers_of
from resurge.inference.monte_carlo import mean_of, spread_of, standard_errors_apart
from resurge.inference.netcdf import in_memory, of_labelled
from resurge.inference.records import draws_path, read_manifest, sound_draws
from resurge.inference.stored_draws import FITTED, FITTED_UNITS, read_draws
from resurge.inference.update import prior_of, tried
from resurge.inference.what_moved import set_side_by_side
from resurge.project import Project
from weighed_posterior import (
    A_LITTLE,
    MODEL,
    SHAPE,
    TABLE,
    fitted_project,
    record,
    store_therapy,
    therapy_posterior,
    updated,
)


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    return fitted_project(tmp_path_factory.mktemp("kept"))


@pytest.fixture
def project(kept, tmp_path):
    """Give a copy that a test may change."""
    return Project(Path(shutil.copytree(kept.folder, tmp_path / "project")))


def posterior(project: Project, group: str = "posterior"):
    return read_draws(draws_path(project, read_manifest(project, MODEL)), group)


def add_effect(project: Project, source: str, row: str, **cells: str) -> None:
    """Add a row that says what another says but for some cells."""
    path = project.data / TABLE
    lines = path.read_text(encoding="utf-8").splitlines()
    like = next(line for line in lines if line.startswith(f"{source},"))
    path.write_text("\n".join([*lines, f"{row},{like.partition(',')[2]}", ""]), encoding="utf-8", newline="")
    set_cells(project.data, TABLE, row, **cells)


def drop_effect(project: Project, row: str) -> None:
    path = project.data / TABLE
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not line.startswith(f"{row},")), encoding="utf-8", newline="")


def new_class(project: Project) -> None:
    cells = {"trial": "Theta", "treatment_class": "chemo", "effect_class": "chemo", "treatment": "drug c"}
    add_effect(project, "e0001", "e0011", **cells, source_id="beta2010", population="BETA", inside="")


def largest_difference(one, other) -> float:
    """Compare means and standard deviations of all answers of two stored posteriors, in standard errors."""
    found = []
    first, second = (answers_of(MODEL, each) for each in (one, other))
    assert first.keys() == second.keys()
    for name in first:
        for estimate in (mean_of, spread_of):
            values = [estimate(answers[name].on_scale.reshape(SHAPE)) for answers in (first, second)]
            found.append(abs(standard_errors_apart(*values)))
    return max(found)


# What is right


def test_nothing_is_done_where_nothing_changed(project):
    before = record(project)
    outcome = updated(project)
    assert (outcome.done, outcome.told) == (True, "fresh, nothing to do")
    assert outcome.as_dict() == {"model": MODEL, "done_by": "nothing", "why": "fresh, nothing to do"}
    assert record(project) == before


def test_a_changed_estimate_is_taken_in_by_weights(project):
    set_cells(project.data, TABLE, "e0001", **A_LITTLE)
    outcome = updated(project)
    assert outcome.done
    assert outcome.told.startswith("reweighted: Pareto k-hat ")
    assert outcome.numbers["changed"] == ["endocrine_tamoxifen"]
    assert outcome.numbers["gone"] == []
    assert model_status(project, MODEL).state == "fresh"
    manifest = read_manifest(project, MODEL)
    assert passed(manifest["diagnostics"])
    assert {"Pareto k-hat", "effective sample size after weighting"} < manifest["diagnostics"].keys()
    assert sound_draws(project, MODEL, ("mu",))["mu"].shape == (SHAPE[0] * SHAPE[1],)


def test_the_history_grows_and_names_the_cell(project):
    set_cells(project.data, TABLE, "e0001", **A_LITTLE)
    updated(project)
    old, new = history(project, MODEL)
    assert (old.content["how"], new.content["how"]) == ("fitted", "reweighted")
    found = set_side_by_side(project, old, new)
    changed = {(each["row"], each["column"]): (each["before"], each["after"]) for each in found["changes"]}
    assert changed == {("e0001", "log_estimate"): ("-0.510826", "-0.478036")}
    moved = found["answers"][0]
    assert moved["name"].startswith("endocrine_tamoxifen")
    assert [each["row"] for each in moved["rows"]] == ["therapy_effects:e0001"] * 2
    left, came = sorted((each["move"] for each in moved["rows"]), reverse=True)
    assert left > 0 > came  # the row lowers the ratio, as it was and as it is


CHANGES = {
    "another estimate": lambda project: set_cells(project.data, TABLE, "e0001", **A_LITTLE),
    "a row less": lambda project: drop_effect(project, "e0006"),
    "a trial more": lambda project: add_effect(
        project,
        "e0006",
        "e0011",
        trial="Theta",
        estimate="0.7",
        lower="0.56",
        upper="0.875",
        level="0.95",
        log_estimate="-0.356675",
        p_value="",
        se_from="interval",
        se_is_upper_bound="",
        se_log="0.113850",
    ),
    "a class more": new_class,
    "a class less": lambda project: [drop_effect(project, row) for row in ("e0004", "e0005", "e0006")],
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))
def test_the_answers_are_those_of_draws_of_todays_posterior(project, change):
    change(project)
    before = posterior(project)
    outcome = updated(project)
    assert outcome.done, outcome.told
    store_as = Project(project.folder.parent / "anew")
    shutil.copytree(project.folder, store_as.folder)
    store_therapy(store_as, therapy_posterior(store_as, load_evidence(store_as.data), seed=7))
    assert largest_difference(posterior(project), posterior(store_as)) < 4
    kept = posterior(project, FITTED)
    assert all(np.array_equal(values, kept.arrays[name]) for name, values in before.arrays.items())


def test_back_where_it_began_all_draws_weigh_the_same(project):
    before, original = posterior(project), (project.data / TABLE).read_bytes()
    set_cells(project.data, TABLE, "e0001", **A_LITTLE)
    updated(project)
    assert not np.array_equal(posterior(project).arrays["mu"], before.arrays["mu"])
    (project.data / TABLE).write_bytes(original)
    outcome = updated(project)
    assert outcome.numbers["changed"] == outcome.numbers["gone"] == []
    assert outcome.numbers["k_hat"] == 0
    assert outcome.numbers["effective_sample_size"] == pytest.approx(SHAPE[0] * SHAPE[1])
    for name in ("mu", "tau", "sigma", "beta_class", "beta_trial"):
        assert np.array_equal(posterior(project).arrays[name], before.arrays[name])


def test_a_second_update_starts_from_the_fit(project, kept, tmp_path):
    other = Project(Path(shutil.copytree(kept.folder, tmp_path / "at once")))
    set_cells(project.data, TABLE, "e0001", **A_LITTLE)
    first = updated(project)
    for each in (project, other):
        set_cells(each.data, TABLE, "e0001", **A_LITTLE)
        set_cells(each.data, TABLE, "e0006", estimate="0.78", log_estimate="-0.248461", se_log="0.120979")
    second, at_once = updated(project), updated(other)
    assert second.numbers["k_hat"] == at_once.numbers["k_hat"] != first.numbers["k_hat"]
    assert second.numbers["changed"] == ["endocrine_tamoxifen", "extended_endocrine"]
    for name, values in posterior(other).arrays.items():
        assert np.array_equal(values, posterior(project).arrays[name]), name
    for name, values in posterior(other, FITTED_UNITS).arrays.items():
        assert np.array_equal(values, posterior(project, FITTED_UNITS).arrays[name])
    assert len(history(project, MODEL)) == 3


def test_the_rows_of_a_new_class_name_it_in_the_answers(project):
    new_class(project)
    updated(project)
    assert "chemo" in posterior(project).labels["effect_class"]
    latest = history(project, MODEL)[-1].content["answers"]
    assert "chemo: hazard ratio in years 0 to 5" in latest


@pytest.mark.parametrize("name", ["another estimate", "a class more"])
def test_the_prior_is_kept_unless_labels_are_others(project, name):
    before = posterior(project, "prior")
    CHANGES[name](project)
    updated(project)
    after = posterior(project, "prior")
    assert np.array_equal(after.arrays["mu"], before.arrays["mu"]) is (name == "another estimate")
    assert after.labels == {dim: posterior(project).labels[dim] for dim in before.labels}


def test_labels_that_the_prior_is_without_are_no_reason_to_draw_it_anew(tmp_path):
    path = tmp_path / "draws.nc"
    prior = Labelled({"b": (("chain", "draw", "population"), np.ones((1, 2, 2)))}, {"population": np.array(["A", "B"])})
    path.write_bytes(in_memory({"prior": of_labelled(prior)}))
    trial = SimpleNamespace(twin=SimpleNamespace(prior=lambda rng: replace(prior, variables={})), rng=None)

    def kept(**labels: list[str]) -> bool:
        today = Labelled({}, {dim: np.array(names) for dim, names in labels.items()})
        return "b" in prior_of(trial, path, today).variables

    assert kept(population=["A", "B"], cohort=["A 1"])
    assert not kept(population=["A", "C"], cohort=["A 1"])
    assert not kept(population=["A", "B", "C"])
    assert not kept(cohort=["A 1"])


def test_a_plan_stores_nothing(project):
    set_cells(project.data, TABLE, "e0001", **A_LITTLE)
    before = record(project)
    outcome = tried(project, load_evidence(project.data), MODEL)
    assert outcome.done
    assert outcome.numbers["k_hat"] < 0.7
    assert record(project) == before


def test_another_posterior_behind_the_windows_changes_every_class(project):
    path = project.posteriors / "recurrence.json"
    path.write_text(path.read_text().replace('"draws": 10', '"draws": 11', 1))
    outcome = updated(project)
    assert outcome.done
    assert outcome.numbers["changed"] == ["endocrine_tamoxifen", "extended_endocrine"]
    assert outcome.numbers["k_hat"] == 0  # its hazards are those of before


# The command


def test_the_command_tells_what_it_did(project):
    set_cells(project.data, TABLE, "e0001", **A_LITTLE)
    given = ["--project", str(project.folder), "update", MODEL]
    found = CliRunner().invoke(app, [*given, "--json"])
    assert found.exit_code == 0, found.output
    (outcome,) = json.loads(found.output)
    assert outcome["done_by"] == "weights"
    assert {"k_hat", "effective_sample_size", "changed", "gone", "seconds"} < outcome.keys()
    found = CliRunner().invoke(app, given)
    assert found.output == "therapy: fresh, nothing to do\n"


def test_an_update_imports_no_sampler(project):
    set_cells(project.data, TABLE, "e0001", **A_LITTLE)
    program = (
        "import sys\n"
        "from resurge.cli import app\n"
        f"sys.argv = ['resurge', '--project', {str(project.folder)!r}, 'update', {MODEL!r}]\n"
        "try:\n    app()\n"
        "except SystemExit:\n    pass\n"
        "heavy = {'xarray', 'dask', 'pymc', 'pytensor', 'arviz', 'nutpie', 'numba', 'matplotlib', 'distributed'}\n"
        "print(sorted(heavy & sys.modules.keys()))\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    told, heavy = ran.stdout.splitlines()
    assert told.startswith("therapy: reweighted: ")
    assert heavy == "[]"


# A fit


@pytest.mark.slow
@pytest.mark.parametrize("change", [CHANGES["another estimate"], CHANGES["a trial more"]], ids=["changed", "added"])
def test_the_answers_are_those_of_a_full_fit(project, change):
    from resurge.inference.fit import fit
    from resurge.inference.settings import Settings

    settings = Settings(draws=SHAPE[1], tune=600, chains=SHAPE[0], target_accept=0.97)
    assert passed(fit(project, load_evidence(project.data), settings, MODEL, progress=False))
    change(project)
    assert updated(project).done
    by_weights = posterior(project)
    other = replace(settings, seed=settings.seed + 1)
    assert passed(fit(project, load_evidence(project.data), other, MODEL, progress=False))
    assert largest_difference(by_weights, posterior(project)) < 4
