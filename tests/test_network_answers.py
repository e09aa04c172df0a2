"""Do the networks of the evidence give answers that hold together, in JSON, on the terminal and on the page?"""

import json
import math
import re
import subprocess
import sys
from functools import cached_property

import numpy as np
import pytest
from matplotlib.figure import Figure
from scipy.stats import chi2

from report_stand_in import DATA
from resurge import cli
from resurge.errors import UsageError
from resurge.evidence.csv_files import read_rows
from resurge.findings.class_effects import class_effects
from resurge.findings.network import answer_network
from resurge.findings.network_rows import SHORT, Question
from resurge.findings.network_sensitivity import VARYING_NODES
from resurge.project import Project
from resurge.reporting.network_terminal import network_lines
from resurge.reporting.network_view import NetworkView
from resurge.reporting.resistant_view import ResistantView
from resurge.reporting.tables import Table
from resurge.synthesis.contrasts import joined_parts
from resurge.synthesis.network_priors import NETWORK
from test_pooling import brute_force

PROJECT = Project(DATA.parent)
ROWS = read_rows(DATA / "therapy_networks.csv")
QUESTIONS = sorted({(row["network"], row["endpoint"], int(row["component"])) for row in ROWS})
PAGE = (DATA.parent / "reports" / "resistant-disease.qmd").read_text(encoding="utf-8")
HEADER = "network,endpoint,component,trial,arms_in_trial,treatment_node,control_node,log_hr,se,se_from,"
HEADER += "se_is_upper_bound,row_id,source_id,note\n"


def ask(network, endpoint="pfs", effects="random", component=1, project=PROJECT):
    return answer_network(project, Question(network, endpoint, effects, component), level=0.95)


def small_project(folder, *rows):
    (folder / "data").mkdir()
    lines = [
        f"toy,pfs,{component},{trial},2,{treatment},{control},{log_hr},{se},interval,{bound},{trial}_row,source,{note}"
        for component, trial, treatment, control, log_hr, se, bound, note in rows
    ]
    (folder / "data" / "therapy_networks.csv").write_text(HEADER + "\n".join(lines) + "\n", encoding="utf-8")
    return Project(folder)


@pytest.mark.parametrize(("network", "endpoint", "component"), QUESTIONS)
def test_every_network_of_the_evidence_is_answered(network, endpoint, component):
    answer = ask(network, endpoint, component=component)
    json.dumps(answer, allow_nan=False)
    assert "\n".join(network_lines(answer))
    count = len(answer["treatments"])
    assert len(answer["effects"]) == count - 1
    assert len(answer["league"]) == count * (count - 1) // 2
    for entry in (*answer["effects"], *answer["league"]):
        assert entry["predictive_lower"] <= entry["lower"] < entry["hr"] < entry["upper"] <= entry["predictive_upper"]
    assert np.allclose(np.sum([rank["probabilities"] for rank in answer["ranks"]], axis=0), 1)
    assert all(math.isclose(sum(entry["shares"].values()), 1, abs_tol=0.01) for entry in answer["contributions"])
    assert sum(rank["sucra"] for rank in answer["ranks"]) == pytest.approx(count / 2)


def test_a_comparison_of_one_trial_is_that_trial_under_a_common_effect():
    answer = ask("brca", effects="fixed")
    published = {trial["treatment"]: trial for trial in answer["trials"]}
    for effect in answer["effects"]:
        trial = published[effect["treatment"]]
        assert (effect["hr"], effect["lower"], effect["upper"]) == pytest.approx(
            (trial["hr"], trial["lower"], trial["upper"]), rel=2e-3
        )


def test_short_names_are_those_of_the_table():
    for short, name in SHORT.items():
        assert ask(short)["question"]["network"] == name


def test_what_is_apart_is_named(tmp_path):
    project = small_project(
        tmp_path,
        (1, "T1", "b", "a", -0.5, 0.1, "", ""), (1, "T2", "c", "a", -0.2, 0.1, "yes", "a remark"),
        (2, "T3", "y", "x", 0.1, 0.1, "", ""),
    )  # fmt: skip
    answer = ask("toy", project=project)
    assert answer["apart"] == [{"component": 2, "treatments": ["x", "y"], "trials": ["T3"]}]
    assert any("nothing joins T3" in line for line in network_lines(answer))
    assert not answer["inconsistency"]["checked"]
    assert any(note.startswith("T2: its standard error is an upper bound") for note in answer["notes"])
    assert "T2: a remark." in answer["notes"]
    assert ask("toy", component=2, project=project)["treatments"] == ["x", "y"]


def test_components_of_the_table_are_those_of_its_trials():
    for network, endpoint in {(network, endpoint) for network, endpoint, _ in QUESTIONS}:
        rows = [row for row in ROWS if (row["network"], row["endpoint"]) == (network, endpoint)]
        parts = joined_parts((row["treatment_node"], row["control_node"]) for row in rows)
        assert len(parts) == len({row["component"] for row in rows})


def test_groups_of_patients_of_one_trial_stand_as_trials(tmp_path):
    project = small_project(
        tmp_path, (1, "T", "b", "a", -0.5, 0.1, "", "mutated"), (1, "T", "b", "a", -0.1, 0.2, "", "wild type")
    )
    answer = ask("toy", effects="fixed", project=project)
    assert [trial["trial"] for trial in answer["trials"]] == ["T (mutated)", "T (wild type)"]
    weights = 100, 25
    assert answer["effects"][0]["hr"] == pytest.approx(math.exp((-0.5 * 100 - 0.1 * 25) / sum(weights)), rel=1e-4)
    assert any("T: patients that do not overlap (mutated and wild type)" in note for note in answer["notes"])


def test_a_node_of_many_treatments_is_taken_apart(tmp_path):
    """A planted contradiction goes through the physician's choice: apart from it, the direct trial stands alone."""
    assert "physicians_choice" in VARYING_NODES
    project = small_project(
        tmp_path,
        (1, "T1", "b", "a", -1.0, 0.1, "", ""), (1, "T2", "b", "physicians_choice", -0.5, 0.1, "", ""),
        (1, "T3", "a", "physicians_choice", -0.7, 0.1, "", ""),
    )  # fmt: skip
    answer = ask("toy", effects="fixed", project=project)
    assert answer["inconsistency"]["checked"] is False
    direct = next(e for e in answer["league"] if {e["treatment"], e["control"]} == {"a", "b"})
    assert abs(math.log(direct["hr"])) == pytest.approx(1.0, abs=1e-3)
    joined = next(analysis for analysis in answer["sensitivity"] if analysis["kind"] == "node_joined")
    q = (-1.0 - 0.7 + 0.5) ** 2 / 0.03
    assert joined["p_contradiction"] == pytest.approx(chi2.sf(q, 1), rel=1e-6)
    assert {len(joined["node_splits"]), len(answer["node_splits"])} == {3, 0}
    assert joined["analysis"] == "the physician’s choice of T2 and of T3 as one treatment"


def test_a_node_stays_whole_where_the_network_hangs_on_it(tmp_path):
    project = small_project(
        tmp_path,
        (1, "T2", "b", "physicians_choice", -0.5, 0.1, "", ""), (1, "T3", "a", "physicians_choice", -0.7, 0.1, "", ""),
    )  # fmt: skip
    assert set(ask("toy", effects="fixed", project=project)["treatments"]) == {"a", "b", "physicians_choice"}


@pytest.mark.parametrize(
    ("question", "words"),
    [
        (Question("nothing"), "there is brca"),
        (Question("hr_positive_after_cdk46", "os"), "it has pfs"),
        (Question("brca", component=9), "numbered from 1 to"),
    ],
)
def test_what_is_not_there_is_refused_by_name(question, words):
    with pytest.raises(UsageError, match=words):
        answer_network(PROJECT, question, level=0.95)


def test_evidence_without_networks_says_so(tmp_path):
    (tmp_path / "data").mkdir()
    with pytest.raises(UsageError, match="the evidence has none"):
        ask("brca", project=Project(tmp_path))
    view = ResistantView(Project(tmp_path))
    assert "the evidence has none" in view.her2_pfs.first
    assert "the evidence has none" in view.her2_pfs.league_table.html
    assert "no classes" in view.classes_table.html


def test_the_command_answers_in_json_and_in_words(monkeypatch, capsys):
    monkeypatch.chdir(DATA.parent)
    for arguments in (["network", "brca", "--json"], ["network", "brca", "--endpoint", "os", "--effects", "fixed"]):
        monkeypatch.setattr(sys, "argv", ["resurge", *arguments])
        with pytest.raises(SystemExit) as left:
            cli.main()
        assert left.value.code == 0
        said = capsys.readouterr().out
        if "--json" in arguments:
            assert json.loads(said)["reference"] == "chemotherapy"
        else:
            assert "overall survival; fixed effects" in said


def test_an_answer_needs_neither_pandas_nor_the_sampler():
    code = (
        "import sys; from pathlib import Path; from resurge.findings.network import answer_network;"
        "from resurge.findings.network_rows import Question; from resurge.project import Project;"
        f"answer_network(Project(Path({str(DATA.parent)!r})), Question('her2_resistant'), level=0.95);"
        "print([name for name in ('pandas', 'xarray', 'pymc', 'scipy.stats') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_classes_are_pooled_over_trials_that_lack_them():
    found = {effect.drug_class: effect for effect in class_effects(PROJECT, "pfs")}
    inhibitors = found["cdk46_inhibitor"]
    assert {"PALOMA-3", "MONARCH 2", "MONALEESA-3"} <= set(inhibitors.trials)
    assert "PARSIFAL" not in inhibitors.trials  # an inhibitor in both arms
    assert 0.5 < math.exp(inhibitors.pooled.mu.mean) < 0.65
    with_one_in_both_arms = {"PARSIFAL", "SONIA"}
    rows = [
        row
        for row in read_rows(DATA / "therapy_effects.csv")
        if (row["effect_class"], row["setting"], row["endpoint"]) == ("cdk46_inhibitor", "metastatic", "pfs")
        if row["use"] == "yes" and row["trial"] not in with_one_in_both_arms
    ]
    y, se = ([float(row[column]) for row in rows] for column in ("log_estimate", "se_log"))
    tau, mu, sd, _, predicted = brute_force(
        y, se, 0.0, NETWORK.effect.sd, lambda tau: -0.5 * (tau / NETWORK.tau.sd) ** 2
    )
    pooled = inhibitors.pooled
    assert (pooled.tau.mean, pooled.mu.mean, pooled.mu.sd) == pytest.approx((tau, mu, sd), rel=1e-4)
    assert pooled.prediction.sd == pytest.approx(predicted, rel=1e-4)
    assert found["pi3k_akt_mtor"].trials.count("MANTA") == 1  # its arms share their control


def test_everything_that_the_page_names_can_be_shown():
    view = ResistantView(PROJECT)
    pairs = re.findall(r"^([a-z0-9_, ]+) = (resistant\.[a-z0-9_., ]+)$", PAGE, re.MULTILINE)
    places = {
        alias.strip(): place.strip().removeprefix("resistant.")
        for aliases, sources in pairs
        for alias, place in zip(aliases.split(","), sources.split(","), strict=True)
    }
    networks = {
        name
        for name, each in vars(ResistantView).items()
        if isinstance(each, cached_property) and each.func.__annotations__["return"] in (NetworkView, "NetworkView")
    }
    assert set(places.values()) == networks
    assert len(networks) > 1
    used = set(re.findall(r"\b(" + "|".join([*places, "resistant"]) + r")\.([a-z_0-9]+)", PAGE))
    for alias, name in used:
        shown = getattr(getattr(view, places[alias]) if alias in places else view, name)
        if isinstance(shown, Figure):
            assert not any("Not shown" in text.get_text() for ax in shown.axes for text in ax.texts), (alias, name)
        elif isinstance(shown, Table):
            assert "Not shown" not in shown.html, (alias, name)
        elif isinstance(shown, str):
            assert shown
            assert "not " not in shown[:5]
            assert "nan" not in shown.split()


def test_tables_escape_what_trials_are_called(tmp_path):
    project = small_project(
        tmp_path,
        (1, "<b>T1</b>", "b", "a", -0.5, 0.1, "", "<script>x</script>"), (1, "T2", "c", "a", -0.2, 0.1, "", ""),
    )  # fmt: skip
    view = NetworkView(ask("toy", project=project))
    assert "<script>" not in view.trials_table.html
    assert "<b>T1" not in view.contributions_table.html
    assert "<script>" not in view.notes.data
