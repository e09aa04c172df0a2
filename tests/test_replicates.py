"""Are replicates of the evidence those that the equations of each model say?

Draws are all equal, so that the quantiles of replicates are known in closed form; what is left is simulation error.
"""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from scipy import stats

from evidence_folder import write_small_evidence
from resurge.evidence import load_evidence
from resurge.findings import replicates
from resurge.findings.replicates import REPLICATES, source_levels
from resurge.inference.fit_metastasis import labelled as labelled_sites
from resurge.inference.fit_translation import labelled as labelled_pairs
from resurge.synthesis.design import recurrence_design
from resurge.synthesis.dormancy_forward import draw_prior as draw_dormancy_prior
from resurge.synthesis.dormancy_priors import DORMANCY
from resurge.synthesis.metastasis_design import site_design
from resurge.synthesis.metastasis_forward import draw_prior as draw_site_prior
from resurge.synthesis.metastasis_forward import expected_counts
from resurge.synthesis.metastasis_priors import METASTASIS
from resurge.synthesis.resistance_design import resistance_design
from resurge.synthesis.resistance_priors import FACETS
from resurge.synthesis.translation_design import translation_design
from resurge.synthesis.translation_forward import draw_prior as draw_pair_prior
from resurge.synthesis.translation_forward import true_effects
from resurge.synthesis.translation_priors import TRANSLATION

N, MANY = 4000, 40_000
HALF = stats.norm.ppf(0.975)


@pytest.fixture(scope="module", autouse=True)
def many():
    """Replicate from all draws rather than some: quantiles then have little simulation error."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(replicates, "PREDICTIVE_DRAWS", MANY)
        yield


@pytest.fixture(scope="module")
def evidence(tmp_path_factory):
    return load_evidence(write_small_evidence(tmp_path_factory.mktemp("replicates") / "data"))


def repeated(draws, n=N):
    """Give the first of some draws many times."""
    return {name: np.repeat(values[:1], n, axis=0) for name, values in draws.items()}


def unlabelled(draws):
    """Give draws the form of a stored posterior of one chain, dims without labels."""
    return xr.Dataset(
        {
            name: (["chain", "draw", *(f"{name}_{k}" for k in range(value.ndim - 1))], value[None])
            for name, value in draws.items()
        }
    )


def close(found, expected, scale, tolerance=0.12):
    """Ask that quantiles agree within simulation error, in units of the spread of the replicates."""
    assert (np.abs(np.asarray(found) - expected) / scale).max() < tolerance


# Sites


@pytest.fixture(scope="module")
def sites(evidence):
    design = site_design(evidence.metastasis_sites)
    draws = repeated(draw_site_prior(METASTASIS, design, 1, np.random.default_rng(1)), MANY)
    return design, draws, REPLICATES["metastasis"](labelled_sites(draws, (1, MANY), design).as_dataset(), evidence)


def test_shares_at_the_level_found_are_beta_binomial_around_what_is_expected(sites):
    design, draws, rows = sites
    at_site, elsewhere = (part[0] for part in expected_counts(design, draws))
    concentration = draws["concentration"][0]
    law = stats.betabinom(design.n_total, concentration * at_site, concentration * elsewhere)
    for name, level in replicates.LIMITS.items():
        off = np.abs(rows[name] * design.n_total - law.ppf(level))
        # A count either way; the 2.5% quantile of 40,000 draws has a standard error of
        # sqrt(0.025 x 0.975 / 40,000) / 0.058 = 0.013 standard deviations.
        assert (off <= 1 + 0.05 * law.std()).all()
    assert rows["observed"].to_numpy() == pytest.approx(design.n_site / design.n_total)


def test_one_more_source_scatters_more_and_forgets_the_level_of_its_own(sites):
    _, _, rows = sites
    assert (rows["new_upper"] - rows["new_lower"] > 0.9 * (rows["upper"] - rows["lower"])).all()
    assert (rows["new_upper"] - rows["new_lower"]).mean() > (rows["upper"] - rows["lower"]).mean()


# Mechanisms


@pytest.fixture(scope="module")
def effects(evidence):
    design = resistance_design(evidence.resistance_effects, evidence.mechanisms)
    f, m = len(FACETS), len(design.mechanisms)
    draws = {
        "theta": np.linspace(-0.5, 0.8, m * f).reshape(m, f),
        "sigma": np.linspace(0.2, 0.6, f),
        "omega": np.linspace(0.1, 0.3, f),
        "excess": np.linspace(0.0, 1.0, f),
    }
    draws = repeated({name: value[None] for name, value in draws.items()})
    return design, draws, REPLICATES["resistance"](unlabelled(draws), evidence)


def test_an_effect_in_one_more_source_is_normal_around_its_mechanism(effects):
    design, draws, rows = effects
    facet = np.array([FACETS.index(name) for name in design.rows["facet"]])
    mechanism = [design.mechanisms.index(name) for name in design.rows["mechanism_id"]]
    se = design.rows["se"].to_numpy()
    one = {name: values[0] for name, values in draws.items()}
    middle = one["theta"][mechanism, facet] + one["excess"][facet] * se * design.rows["chosen"].to_numpy()
    spread = np.sqrt(one["sigma"][facet] ** 2 + one["omega"][facet] ** 2 + se**2)
    close(rows["new_median"], middle, spread)
    close(rows["new_lower"], middle - HALF * spread, spread)
    close(rows["new_upper"], middle + HALF * spread, spread)


def test_the_level_of_a_source_is_drawn_from_the_normal_that_its_readings_leave(effects):
    design, draws, _ = effects
    levels = source_levels(design, draws, np.random.default_rng(2))
    one = {name: values[0] for name, values in draws.items()}
    for report in range(design.reading_report.shape[1]):
        own = design.rows[design.reading_report[:, report] > 0]
        facet = FACETS.index(own["facet"].iloc[0])
        mechanism = design.mechanisms.index(own["mechanism_id"].iloc[0])
        se = own["se"].to_numpy()
        covariance = np.outer(se, se) * (0.5 + 0.5 * np.eye(len(se))) + one["omega"][facet] ** 2 * np.eye(len(se))
        residual = own["effect"] - one["theta"][mechanism, facet] - one["excess"][facet] * se * own["chosen"]
        precision = np.linalg.inv(covariance)
        variance = 1 / (1 / one["sigma"][facet] ** 2 + precision.sum())
        mean = variance * (precision @ residual.to_numpy()).sum()
        close(levels[:, report].mean(), mean, np.sqrt(variance))
        assert levels[:, report].std() == pytest.approx(np.sqrt(variance), rel=0.1)


# Repeated experiments


@pytest.fixture(scope="module")
def pairs(evidence):
    design = translation_design(evidence.replication_pairs)
    draws = draw_pair_prior(TRANSLATION, design, 1, np.random.default_rng(3))
    draws["eta"] = np.ones(1)  # every original is printed: nothing is picked
    draws["delta"] = true_effects(design, draws)
    draws = repeated(draws)
    return design, draws, REPLICATES["translation"](labelled_pairs(draws, design, (1, N)).as_dataset(), evidence)


def test_originals_are_normal_around_their_true_effect_where_nothing_is_picked(pairs):
    design, draws, rows = pairs
    found = rows[rows["panel"].str.endswith("original")]
    close(found["median"], draws["delta"][0], design.original_se)
    close(found["upper"], draws["delta"][0] + HALF * design.original_se, design.original_se)


def test_repetitions_show_their_share_of_the_true_effect(pairs):
    design, draws, rows = pairs
    found = rows[rows["panel"].str.endswith("repetition")]
    kind = (design.pair_experiment @ design.experiment_kind).argmax(1)
    one = {name: values[0] for name, values in draws.items()}
    spread = np.sqrt(design.replication_se**2 + one["omega"][kind] ** 2 + one["sigma"][kind] ** 2)
    close(found["median"], one["slope"][kind] * one["delta"], spread)
    close(found["lower"], one["slope"][kind] * one["delta"] - HALF * spread, spread)


# The two compartments


def test_rates_of_one_more_population_scatter_more_where_levels_do(evidence):
    design = recurrence_design(evidence)
    draws = draw_dormancy_prior(DORMANCY, design, 1, np.random.default_rng(5))
    draws["sigma"][:] = 0.0  # populations do not differ
    for name in "abc":
        draws[name][:] = 0.0
    kept = {name: values for name, values in draws.items() if name != "edges"}
    rows = {}
    for sigma in (0.0, 0.5):
        kept["sigma"] = np.full((1, 3), sigma)
        posterior = xr.Dataset(
            {
                name: (
                    ["chain", "draw", *(f"{name}_{k}" for k in range(value.ndim - 1))],
                    np.repeat(value, 500, 0)[None],
                )
                for name, value in kept.items()
            }
        )
        rows[sigma] = REPLICATES["dormancy"](posterior, evidence)
    same, wider = rows[0.0], rows[0.5]
    for name in replicates.LIMITS:
        assert same[f"new_{name}"].to_numpy() == pytest.approx(same[name].to_numpy())
    assert wider["median"].to_numpy() == pytest.approx(same["median"].to_numpy())
    seen = wider["observed"] > 0
    ratio = np.log(wider["new_upper"] / wider["new_lower"])[seen] / np.log(wider["upper"] / wider["lower"])[seen]
    assert (ratio > 1.2).any() and (ratio > 0.8).all()
