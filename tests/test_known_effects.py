"""Does the evidence of the project, fitted, give what is known of the great therapies of early disease?"""

from __future__ import annotations

import numpy as np
import pytest

from evidence_folder import DATA
from resurge.evidence.tables import load_evidence
from resurge.findings.effect_draws import Effect, average
from resurge.inference.fit_therapy import with_constants, with_effects
from resurge.inference.gate import diagnose, passed
from resurge.inference.sample import compile_model, sample
from resurge.inference.settings import QUICK
from resurge.synthesis.event_weights import Baseline
from resurge.synthesis.therapy import build_model
from resurge.synthesis.therapy_design import therapy_design
from resurge.synthesis.therapy_priors import THERAPY
from simulated_trials import as_draws

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def draws():
    """Fit the therapy table, with a rough hazard in place of the recurrence model: it only weighs years in windows."""
    years = np.arange(35) + 0.5
    hazard = {"positive": 0.03 * np.exp(-0.03 * years), "negative": 0.01 + 0.10 * np.exp(-years / 2.5)}
    baseline = Baseline(np.arange(36.0), hazard)
    design = therapy_design(load_evidence(DATA).therapy_effects, baseline)
    groups = sample(compile_model(build_model(design, THERAPY)), QUICK, progress=False)
    sampled, stats = groups["posterior"].to_dataset(), groups["sample_stats"].to_dataset()
    assert passed(diagnose(sampled.drop_vars("m"), stats))
    effects = with_effects(sampled, design, np.random.default_rng(1))
    return as_draws(with_constants(effects, design, baseline).as_dataset())


def ratios(draws, effect_class, start, end):
    """Give median and 95% interval of the hazard ratio over the recurrences of a window."""
    return np.exp(np.quantile(average(draws, Effect(effect_class), start, end), [0.025, 0.5, 0.975]))


def test_tamoxifen_halves_recurrence_on_treatment_and_still_acts_for_five_years(draws):
    # Davies 2013 prints 0.53 (0.48-0.57) in years 0-4, 0.68 (0.60-0.78) in 5-9 and 0.94 (0.79-1.12) after 10.
    medians = [ratios(draws, "endocrine_tamoxifen", *window)[1] for window in ((0, 5), (5, 10), (10, 15))]
    assert medians[0] == pytest.approx(0.53, abs=0.05)
    assert medians[1] == pytest.approx(0.68, abs=0.07)
    assert medians[1] + 0.05 < medians[2] < 1


def test_extended_endocrine_therapy_pays_more_after_its_five_years_than_during_them(draws):
    # ATLAS prints 0.90 during years 5-9 since diagnosis and 0.75 later.
    during, later = (average(draws, Effect("extended_endocrine"), *window) for window in ((0, 2), (4, 7)))
    assert (later < during).mean() > 0.95


def test_trastuzumab_does_most_early(draws):
    early, late = (average(draws, Effect("anti_her2_mab"), *window) for window in ((0, 2), (5, 10)))
    assert (early < late).mean() > 0.95
    assert 0.35 < np.exp(np.median(early)) < 0.65


def test_a_second_year_of_trastuzumab_adds_nothing_that_is_sure(draws):
    lower, _, upper = ratios(draws, "anti_her2_mab_longer", 0, 5)
    assert lower < 1 < upper


def test_a_shorter_course_of_trastuzumab_loses_little(draws):
    lower, middle, upper = ratios(draws, "anti_her2_mab_short", 0, 5)
    assert 0.95 < middle < 1.3
    assert upper < 1.5
    assert lower > 0.8
