"""Does an empty project hold all that evidence needs, whole or not at all, and does it work for another cancer?"""

from __future__ import annotations

import csv
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml

from resurge import cli
from resurge.errors import UsageError
from resurge.evidence import check_evidence, load_evidence, new_project
from resurge.evidence.codebook import read_codebook
from resurge.evidence.csv_files import read_rows
from resurge.evidence.new_project import NothingToFitError, ProjectExistsError, create_project, is_empty, refuse_nothing
from resurge.evidence.new_project_pages import OWN, without_citations, without_own
from resurge.evidence.new_project_readme import cell, example_rows
from resurge.evidence.shipped import EXAMPLE
from resurge.inference.freshness import models_of
from resurge.project import Project
from resurge.reporting.empty_pages import emptied, empty_pages, folder_with_empty_pages
from resurge.reporting.site import read_site
from resurge.reporting.source import read_source
from resurge.writing import NotWrittenError

CHECKOUT = Path(__file__).parents[1]
COLON = Path(__file__).parent / "colon_cancer"


@pytest.fixture
def project(tmp_path):
    return Project(create_project(tmp_path / "colon"))


@pytest.fixture
def filled(project):
    shutil.copytree(COLON, project.data, dirs_exist_ok=True)
    return project


def run(monkeypatch, capsys, *words):
    monkeypatch.setattr(sys, "argv", ["resurge", *map(str, words)])
    with pytest.raises(SystemExit) as leaving:
        cli.main()
    out, err = capsys.readouterr()
    return leaving.value.code or 0, out, err


def everything(folder):
    return {str(path.relative_to(folder)): path.is_file() and path.read_bytes() for path in folder.rglob("*")}


def test_every_table_of_the_codebook_is_there_with_its_header_and_nothing_else(project):
    tables, faults = read_codebook(project.data)
    assert not faults
    assert tables.keys() == read_codebook(CHECKOUT / "data")[0].keys()
    for table in tables.values():
        with (project.data / table.file).open(newline="") as file:
            assert list(csv.reader(file)) == [list(table.columns)]


def test_an_empty_project_is_sound_and_says_that_it_is_empty(project, monkeypatch, capsys):
    assert check_evidence(project.data) == []
    assert is_empty(project.data)
    code, out, err = run(monkeypatch, capsys, "--project", project.folder, "check")
    assert (code, err) == (0, "")
    assert "sound, and empty" in out and "resurge add" in out


def test_a_fit_without_evidence_says_in_one_sentence_what_comes_first(project, monkeypatch, capsys):
    for command in ("fit", "run"):
        code, _, err = run(monkeypatch, capsys, "--project", project.folder, command)
        assert code == UsageError.exit_code
        assert err.count("\n") == 1 and "nothing to fit yet" in err and "recurrence_rates" in err


def test_effects_alone_are_told_that_they_need_the_curve(filled):
    for name in ("recurrence_rates", "recurrence_person_time"):
        path = filled.data / f"{name}.csv"
        path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    with pytest.raises(NothingToFitError, match=r"effects of treatments here, 3, rest on the curve"):
        refuse_nothing(filled.data)


def test_the_worked_examples_of_the_readme_are_rows_that_the_rules_let_pass(project):
    for path in EXAMPLE.glob("*.csv"):
        shutil.copyfile(path, project.data / path.name)
    assert check_evidence(project.data) == []
    readme = (project.data / "README.md").read_text(encoding="utf-8")
    for name in ("sources", "populations", "recurrence_rates", "therapy_effects"):
        for column, value in example_rows(name)[0].items():
            assert f"`{column}`" in readme
            assert not value or f"| `{column}` | {cell(value)} |" in readme
    for table in read_codebook(project.data)[0].values():
        assert all(f"`{column}`" in readme for column in table.columns)


def test_a_folder_that_holds_something_is_refused_and_stays_as_it_was(project, tmp_path):
    occupied = tmp_path / "occupied"
    occupied.mkdir()
    (occupied / "thesis.txt").write_text("years of work")
    before = everything(occupied)
    with pytest.raises(ProjectExistsError, match="is not empty"):
        create_project(occupied)
    assert everything(occupied) == before
    with pytest.raises(ProjectExistsError, match="is a project of resurge already"):
        create_project(project.folder)
    with pytest.raises(ProjectExistsError, match="is not a folder"):
        create_project(occupied / "thesis.txt")
    with pytest.raises(ProjectExistsError, match="there is no folder"):
        create_project(tmp_path / "nowhere" / "new")


def test_an_empty_folder_is_filled_and_stays_the_same_folder(tmp_path, monkeypatch):
    here = tmp_path / "here"
    here.mkdir()
    number = here.stat().st_ino
    monkeypatch.chdir(here)
    create_project(Path())
    assert here.stat().st_ino == number
    assert check_evidence(here / "data") == []


@pytest.mark.parametrize("exists", [False, True])
@pytest.mark.parametrize("failing", ["data", "reports", "README.md"])
def test_what_cannot_be_written_whole_leaves_nothing(tmp_path, monkeypatch, exists, failing):
    folder = tmp_path / "new"
    if exists:
        folder.mkdir()
    renamed = Path.rename

    def rename(self, target):
        if self.name == failing or (not exists and Path(target) == folder):
            raise OSError(28, "No space left on device")
        return renamed(self, target)

    monkeypatch.setattr(Path, "rename", rename)
    with pytest.raises(NotWrittenError, match="No space left"):
        create_project(folder)
    assert everything(tmp_path) == ({"new": False} if exists else {})


def test_names_of_projects_cannot_break_the_pages(tmp_path):
    folder = create_project(tmp_path / "a *b* <i> : {c}")
    assert read_site(folder / "reports").title == "a *b* <i> : {c}"
    assert (folder / "README.md").read_text(encoding="utf-8").startswith(r"# a \*b\* \<i\> : {c}")


def test_pages_cite_nothing_that_the_new_project_does_not_have(project):
    site = read_site(project.reports)
    assert "claims.qmd" not in {page.name for page in site.pages}
    for page in site.pages:
        text = page.read_text(encoding="utf-8")
        assert without_citations(text) == text
        read_source(page)  # with all that it includes


def test_menus_lose_the_pages_that_a_new_project_has_not():
    bar = [
        {"href": "index.qmd"},
        {"href": OWN[0]},
        {"text": "More", "menu": [{"href": OWN[0]}, {"href": "evidence.qmd"}]},
    ]
    assert without_own(bar) == [{"href": "index.qmd"}, {"text": "More", "menu": [{"href": "evidence.qmd"}]}]


def test_a_section_that_cites_goes_and_references_to_figures_stay():
    page = "---\ntitle: T\n---\n\nCited [@pan2017].\n\nPlain.\n\n## A\n\nSee @fig-a.\n\n## B\n\nBy @gray2020.\n"
    assert without_citations(page) == "---\ntitle: T\n---\n\nPlain.\n\n## A\n\nSee @fig-a.\n\n"


def test_pages_without_evidence_say_so_and_the_others_stay(filled):
    empty = empty_pages(filled)
    assert {"metastasis", "resistance", "resistant-disease"} <= empty.keys()
    assert not {"index", "risk-windows", "therapy-effects", "benefit", "dormancy", "evidence"} & empty.keys()
    page = emptied(read_source(filled.reports / "metastasis.qmd"), empty["metastasis"])
    assert page.metadata["title"] == read_source(filled.reports / "metastasis.qmd").metadata["title"]
    assert [part.text.strip() for part in page.parts] == [empty["metastasis"]]
    assert "metastasis_sites.csv" in empty["metastasis"]


def test_the_shipped_project_has_no_page_without_evidence():
    assert empty_pages(Project(CHECKOUT)) == {}


def test_quarto_renders_a_copy_in_which_empty_pages_say_so(filled):
    site = read_site(filled.reports)
    before = everything(filled.folder)
    with folder_with_empty_pages(site, {"metastasis": "Nothing here."}) as copy:
        assert copy.parent == site.folder.parent
        assert "Nothing here." in (copy / "metastasis.qmd").read_text(encoding="utf-8")
        assert "{python}" not in (copy / "metastasis.qmd").read_text(encoding="utf-8")
        assert (copy / "index.qmd").read_bytes() == (site.folder / "index.qmd").read_bytes()
    assert everything(filled.folder) == before
    with folder_with_empty_pages(site, {}) as same:
        assert same == site.folder


def test_a_wheel_takes_along_what_a_new_project_needs():
    import tomllib

    wheel = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"][
        "targets"
    ]["wheel"]
    pages = yaml.safe_load((CHECKOUT / "reports" / "_quarto.yml").read_text(encoding="utf-8"))["project"]["render"]
    taken = {path for pattern in wheel["include"] for path in CHECKOUT.glob(pattern)}
    assert {CHECKOUT / "reports" / page for page in pages} <= taken
    assert {CHECKOUT / "data" / name for name in ("datapackage.yaml", "make_references.py")} <= taken
    assert wheel["sources"]["reports"] == "resurge/templates/shipped/reports"
    assert wheel["sources"]["data"] == "resurge/templates/shipped/data"


def test_rows_of_another_cancer_are_sound_and_reach_the_models_that_have_evidence(filled):
    assert check_evidence(filled.data) == []
    assert models_of(filled) == ("recurrence", "therapy", "dormancy")
    assert len(read_rows(filled.data / "recurrence_rates.csv")) == 14


def test_the_model_of_another_cancer_has_a_density_with_a_slope_everywhere_it_starts(filled):
    from resurge.inference.fit_recurrence import prepare
    from resurge.synthesis.priors import RECURRENCE

    model = prepare(filled, load_evidence(filled.data), RECURRENCE).model
    start = model.initial_point()
    assert np.isfinite(model.compile_logp(mode="FAST_COMPILE")(start))
    assert np.isfinite(model.compile_dlogp(mode="FAST_COMPILE")(start)).all()


@pytest.mark.slow
def test_a_few_draws_from_another_cancer_bring_its_own_numbers_back(filled):
    """Colon cancer of stage III comes back in 24.6% within five years in print; a cumulative hazard of 0.28."""
    from resurge.inference.fit_recurrence import prepare
    from resurge.inference.sample import compile_model, sample
    from resurge.inference.settings import settings_for
    from resurge.synthesis.priors import RECURRENCE

    evidence = load_evidence(filled.data)
    prepared = prepare(filled, evidence, RECURRENCE)
    settings = settings_for({"draws": 100, "tune": 200, "chains": 2, "seed": 1}, "recurrence", quick=True)
    draws = sample(compile_model(prepared.model), settings, progress=False)["posterior"].to_dataset()
    posterior = prepared.complete(draws, np.random.default_rng(1)).posterior
    from resurge.findings.predictive import predicted_rates

    rates = predicted_rates(posterior, evidence)
    inside = (rates["lower"] <= rates["observed"]) & (rates["observed"] <= rates["upper"])
    assert inside.mean() > 0.8
    year_five = rates[(rates["population"] == "DENMARK_CRC") & (rates["er"] == "positive")]["observed"]
    assert -np.log1p(-0.246) / 5 == pytest.approx(year_five.max(), rel=1e-6)


@pytest.mark.slow
def test_the_main_job_works_for_another_cancer(filled):
    words = [sys.executable, "-c", "from resurge.cli import main; main()", "--project", str(filled.folder)]
    done = subprocess.run(
        [*words, "run", "--quick", "--renderer", "pandoc"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    site = filled.reports / "_site"
    assert {page.stem for page in read_site(filled.reports).pages} == {page.stem for page in site.glob("*.html")}
    assert "nothing to show here yet" in (site / "metastasis.html").read_text(encoding="utf-8")
    assert "nothing to show here yet" not in (site / "therapy-effects.html").read_text(encoding="utf-8")
    assert "ER-positive: the hazard of recurrence peaks at" in done.stdout


def test_the_package_says_so_where_it_lacks_what_new_projects_need(tmp_path, monkeypatch):
    from resurge.evidence import shipped as place

    monkeypatch.setattr(place, "PACKAGE", tmp_path / "a" / "b")
    with pytest.raises(UsageError, match=r"data/nothing.yaml did not come with this installation"):
        new_project.shipped("data/nothing.yaml")
