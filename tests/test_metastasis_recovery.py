"""Does a fit of the metastasis model find the truth behind simulated counts, and do its intervals hold what they say?

Counts are simulated on the layout of the evidence itself: which sources count which subtypes at which sites.
"""

from __future__ import annotations

import numpy as np
import pytest

from coverage_of_intervals import assert_held_as_often_as_said
from evidence_folder import DATA
from resurge.evidence.csv_files import read_rows
from resurge.evidence.tables import load_evidence
from resurge.findings.site_draws import SINGLE_SETTING, single_site_share, site_share
from resurge.findings.site_rows import told_sites
from resurge.inference.fit_metastasis import SAMPLED
from resurge.inference.sample import Settings, compile_model, sample
from resurge.synthesis.metastasis import build_model
from resurge.synthesis.metastasis_design import SETTINGS, SINGLE_SITES, SUBTYPES, site_design
from resurge.synthesis.metastasis_forward import draw_prior, simulate_counts, with_new_source
from resurge.synthesis.metastasis_priors import METASTASIS

N_SETS = 60
MANY = Settings(draws=300, tune=300, chains=2, target_accept=0.9)
ONCE = Settings(draws=500, tune=400, chains=2, target_accept=0.9)
ROWS = [row for row in read_rows(DATA / "metastasis_sites.csv") if row["use"] == "yes"]


@pytest.fixture(scope="module")
def design():
    return site_design(load_evidence(DATA).metastasis_sites)


@pytest.fixture(scope="module")
def compiled(design):
    return compile_model(build_model(design, METASTASIS))


def reported(draws) -> dict[str, np.ndarray]:
    """Give the answers that reports show, one array of draws each."""
    answers = {}
    for setting in SETTINGS:
        for site in told_sites(ROWS, setting):
            own = {label: site_share(draws, setting, label, site) for label in (*SUBTYPES, "any", "ER+")}
            answers |= {f"{setting}, {site}, {label}": share for label, share in own.items()}
            answers[f"{setting}, {site}, TNBC over HR+/HER2-"] = np.log(own["TNBC"] / own["HR+/HER2-"])
            answers[f"{setting}, {site}, TNBC, new source"] = site_share(draws, setting, "TNBC", site, "new")
    for subtype in SUBTYPES:
        for site in SINGLE_SITES:
            answers[f"single, {SINGLE_SETTING}, {site}, {subtype}"] = single_site_share(draws, subtype, site)
    return answers


def fit_counts(compiled, counts, settings: Settings) -> dict[str, np.ndarray]:
    """Fit one set of counts with a model that is compiled already."""
    groups = sample(compiled, settings, progress=False, data={"observed_n_site": counts})
    posterior = groups["posterior"].to_dataset()
    draws = {name: posterior[name].values.reshape(-1, *posterior[name].shape[2:]) for name in SAMPLED}
    return with_new_source(draws, np.random.default_rng(settings.seed))


def test_the_answers_are_found_again(compiled, design):
    rng = np.random.default_rng(11)
    truth = draw_prior(METASTASIS, design, 1, rng)
    found = reported(fit_counts(compiled, simulate_counts(design, truth, rng)[0], ONCE))
    true = reported(truth)
    inside = []
    for name, draws in found.items():
        if not name.endswith("new source"):
            z = (draws.mean() - true[name][0]) / draws.std()
            assert abs(z) < 4, f"{name}: {draws.mean():.3f} +- {draws.std():.3f}, truth {true[name][0]:.3f}"
            inside.append(abs(z) < 1.96)
    assert np.mean(inside) > 0.8
    # What many sources count is found to a useful precision.
    bone = "any_site_during_course, bone, any"
    assert found[bone].std() < 0.09
    assert abs(np.median(found[bone]) - true[bone][0]) < 0.2


@pytest.mark.slow
def test_intervals_hold_the_truth_as_often_as_they_say(compiled, design, capsys):
    rng = np.random.default_rng(12)
    truths = draw_prior(METASTASIS, design, N_SETS, rng)
    counts = simulate_counts(design, truths, rng)
    true = reported(truths)
    below = {name: np.empty(N_SETS) for name in true}
    for i in range(N_SETS):
        for name, values in reported(fit_counts(compiled, counts[i], MANY)).items():
            below[name][i] = (values < true[name][i]).mean()
    assert_held_as_often_as_said(below, mean_within=0.1, capsys=capsys)
