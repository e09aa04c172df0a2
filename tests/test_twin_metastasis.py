"""Does the metastasis model in numpy weigh sources as the sampled one does, and draw back their own effects?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pymc as pm
import pytensor
import pytest
from scipy import stats
from scipy.special import logsumexp

from evidence_folder import DATA
from resurge.evidence.site_selection import is_modelled_site
from resurge.evidence.tables import load_evidence
from resurge.inference.chains import joined
from resurge.inference.fit_metastasis import SAMPLED
from resurge.inference.twin_metastasis import FIXED, MetastasisTwin, twin_of
from resurge.inference.twins import CannotReweightError
from resurge.project import Project
from resurge.synthesis.metastasis import build_model
from resurge.synthesis.metastasis_design import SITES, SiteDesign, site_design
from resurge.synthesis.metastasis_forward import correlated, draw_prior, expected_counts
from resurge.synthesis.metastasis_pointwise import entries_log_density, of_population, own_effects, told_of
from resurge.synthesis.metastasis_priors import METASTASIS
from resurge.synthesis.source_effects import source_log_density, weighed
from site_evidence import few_rows, sites_of

MANY = 60_000
SOURCES = ("P", "Q", "R")
"""Of `few_rows`: one with three sites and mixtures, one counted among all early patients, one with single sites."""


def twin_for(sites: pd.DataFrame) -> MetastasisTwin:
    read = sites[[is_modelled_site(row) for row in sites.to_dict("records")]]
    return MetastasisTwin(METASTASIS, read, site_design(read))


@pytest.fixture(scope="module")
def whole():
    return twin_for(few_rows())


def drawn(twin: MetastasisTwin, n: int, seed: int = 1) -> dict[str, np.ndarray]:
    draws = draw_prior(METASTASIS, twin.design, n, np.random.default_rng(seed))
    return {name: draws[name] for name in SAMPLED}


def one_draw(draws: dict[str, np.ndarray], n: int) -> dict[str, np.ndarray]:
    """Repeat the first draw."""
    return {name: np.repeat(each[:1], n, axis=0) for name, each in draws.items()}


def labels_of(twin: MetastasisTwin) -> dict[str, tuple[str, ...]]:
    return {**FIXED, "population": twin.design.populations, "reach_set": twin.design.reach_sets}


def written_out(design: SiteDesign, draws: dict[str, np.ndarray]) -> np.ndarray:
    """Log probability of each count at draws of its sources and reach sets, by scipy, shape (sample, entry)."""
    here, elsewhere = expected_counts(design, draws)
    m = draws["concentration"][:, None]
    return stats.betabinom(design.n_total, m * here, m * elsewhere).logpmf(design.n_site)


def at_own(design: SiteDesign, one: dict[str, np.ndarray], n: int, seed: int) -> dict[str, np.ndarray]:
    """Give one draw many times, the effects of the sources of a design drawn anew from their prior."""
    rng, many = np.random.default_rng(seed), one_draw(one, n)
    z = rng.standard_normal((n, len(design.populations), len(SITES)))
    many["u"] = many["sigma"][:, None] * correlated(z, many["correlation"])
    many["reach"] = rng.beta(*METASTASIS.reach, (n, len(design.reach_sets)))
    return many


# Counts given all that is sampled


@pytest.mark.parametrize("evidence", ["few", "real"])
def test_counts_have_the_sampled_probability(evidence):
    twin = twin_for(few_rows() if evidence == "few" else load_evidence(DATA).metastasis_sites)
    model, n = build_model(twin.design, METASTASIS), 3
    free = list(model.free_RVs)
    values = pm.draw([*free, *(model[name] for name in SAMPLED)], draws=n, random_seed=1, mode="FAST_COMPILE")
    draws = dict(zip(SAMPLED, values[len(free) :], strict=True))
    density = pytensor.function(
        free, pm.logp(model["n_site"], twin.design.n_site), mode="FAST_COMPILE", on_unused_input="ignore"
    )
    expected = np.stack([density(*(each[i] for each in values[: len(free)])) for i in range(n)])
    found = {}
    for j, name in enumerate(twin.design.populations):
        told = told_of(of_population(twin.design, name), draws, METASTASIS)
        sets = [twin.design.reach_sets.index(each) for each in told.design.reach_sets]
        own = own_effects(told, draws["u"][:, j], draws["reach"][:, sets])
        found |= dict(zip(told.design.labels, entries_log_density(told, own).T, strict=True))
    for i, label in enumerate(twin.design.labels):
        np.testing.assert_allclose(found[label], expected[:, i], rtol=1e-10, atol=1e-10, err_msg=label)


def test_a_row_weighs_what_the_counts_lose_without_it(whole):
    draws, table = drawn(whole, 4), whole.sites
    by_row, total = whole.by_row(draws), written_out(whole.design, draws).sum(1)
    assert by_row.shape == (4, len(table))
    for place, row in enumerate(whole.rows):
        less = twin_for(table[table["row_id"] != row.split(":")[1]])
        rest = less.widened(draws, labels_of(whole), np.random.default_rng(2))
        without = written_out(less.design, rest).sum(1)
        np.testing.assert_allclose(by_row[:, place], total - without, atol=1e-9, err_msg=row)


def test_the_last_of_single_sites_follows_from_the_others_and_weighs_nothing(whole):
    by_row = dict(zip(whole.rows, whole.by_row(drawn(whole, 4)).T, strict=True))
    assert (by_row["metastasis_sites:m13"] == 0).all()
    assert (by_row["metastasis_sites:m10"] < 0).all()


def test_without_the_first_of_single_sites_the_others_are_no_counts():
    alone = {"used_as": "single_site", "exclusive": "yes", "subtype": "TNBC", "setting": "at_diagnosis_de_novo"}
    twin = twin_for(sites_of(*({**alone, "site": site, "proportion": 0.2} for site in ("bone", "liver", "lung"))))
    draws = drawn(twin, 3)
    assert twin.by_row(draws)[:, 0] == pytest.approx(written_out(twin.design, draws).sum(1))
    assert np.isfinite(twin.by_unit(draws, ["P"])).all()


# Sources, their own effects integrated out


@pytest.mark.parametrize("source", SOURCES)
def test_a_source_has_the_probability_of_its_counts_averaged_over_its_effects(whole, source):
    design, draws = of_population(whole.design, source), drawn(whole, 100)
    likeliest = np.argsort(whole.by_unit(draws, [source])[:, 0])[-3:]  # where the average is not one of rare events
    for seed in likeliest:
        one = {name: each[[seed]] for name, each in draws.items()}
        found = whole.by_unit(one, [source])[0, 0]
        log_p = written_out(design, at_own(design, one, MANY, seed)).sum(1)
        averaged = logsumexp(log_p) - np.log(MANY)
        weight = np.exp(log_p - log_p.max())
        error = np.sqrt((weight**2).sum()) / weight.sum()  # relative, of the average
        assert error < 0.05
        assert found == pytest.approx(averaged, abs=4 * error + 0.02)


@pytest.mark.parametrize("site", ["bone", "brain"])
def test_probabilities_of_all_counts_that_a_source_might_print_add_up_to_one(site):
    total = 12
    twins = [twin_for(sites_of({"site": site, "n_site": n, "n_total": total})) for n in range(total + 1)]
    draws = drawn(twins[0], 300)
    summed = sum(np.exp(twin.by_unit(draws, ["P"])[:, 0]) for twin in twins)
    assert summed == pytest.approx(1, abs=0.03)
    assert summed.mean() == pytest.approx(1, abs=0.004)


def test_integrals_of_the_real_sources_are_steady():
    """Other points than those of the integral give the same, but for their noise."""
    twin = twin_for(load_evidence(DATA).metastasis_sites)
    draws = drawn(twin, 40)
    for name in twin.design.populations:
        told = told_of(of_population(twin.design, name), draws, METASTASIS)
        n_own = len(told.sites) + len(told.design.reach_sets)
        _, log_weights = weighed(told, np.random.default_rng(3).standard_normal((2000, n_own)))
        many = logsumexp(log_weights, axis=1) - np.log(2000)
        assert np.abs(source_log_density(told) - many) == pytest.approx(0, abs=0.15), name


# Effects drawn back


@pytest.mark.parametrize("source", SOURCES)
def test_effects_of_a_changed_source_are_drawn_given_its_counts(whole, source):
    design, one = of_population(whole.design, source), drawn(whole, 1, seed=4)
    place, n = whole.design.populations.index(source), 20_000
    stored = whole.completed(one_draw(one, n), [source], (1, n), np.random.default_rng(5)).as_dataset()
    before = at_own(design, one, MANY, 6)
    log_p = written_out(design, before).sum(1)
    weight = np.exp(log_p - log_p.max())
    weight = weight / weight.sum()
    error = np.sqrt((weight**2).sum() + 1 / n)
    for found, prior in (
        (stored["u"].values[0, :, place], before["u"][:, 0]),
        (np.log(stored["reach"].values[0][:, : len(design.reach_sets)]), np.log(before["reach"])),
    ):
        mean = weight @ prior
        sd = np.sqrt(weight @ (prior - mean) ** 2)
        assert (np.abs(found.mean(0) - mean) < (4.5 * error + 0.03) * sd).all()
        assert found.std(0) == pytest.approx(sd, rel=4.5 * error + 0.03)
    together, cross = np.corrcoef(stored["u"].values[0, :, place].T), weight @ before["u"][:, 0]
    apart = before["u"][:, 0] - cross
    covariance = (apart * weight[:, None]).T @ apart
    scale = np.sqrt(np.diag(covariance))
    assert together == pytest.approx(covariance / np.outer(scale, scale), abs=5 * error + 0.03)


def test_other_sources_keep_their_effects_and_one_more_is_drawn_anew(whole):
    draws = drawn(whole, 50)
    stored = whole.completed(draws, ["P"], (2, 25), np.random.default_rng(7)).as_dataset()
    kept = joined(stored, (*SAMPLED, "u_new", "share_new"))
    assert (kept["u"][:, 1:] == draws["u"][:, 1:]).all()
    assert (kept["u"][:, 0] != draws["u"][:, 0]).all()
    assert (kept["reach"] == draws["reach"]).all()
    assert ((kept["share_new"] > 0) & (kept["share_new"] < 1)).all()


def test_what_is_completed_looks_as_a_fit_stores_it(whole):
    prior = whole.prior(np.random.default_rng(8)).as_dataset()
    stored = whole.completed(drawn(whole, 6), list(whole.units), (2, 3), np.random.default_rng(9)).as_dataset()
    assert stored.sizes == {**prior.sizes, "chain": 2, "draw": 3}
    assert {name: each.dims for name, each in stored.variables.items()} == {
        name: each.dims for name, each in prior.variables.items()
    }
    assert all(np.isfinite(each).all() for each in stored.data_vars.values())


# Evidence that grows, shrinks and changes


def test_a_new_source_and_a_new_set_of_early_patients_are_laid_out_and_drawn(whole):
    new = sites_of(
        {"population": "A", "site": "lung", "row_id": "n1"},
        {
            **{"population": "A", "site": "bone", "row_id": "n2", "subtype": "ER+"},
            **{"used_as": "relative", "denominator": "all_early_patients", "n_total": 300.0, "proportion": 0.1},
        },
    )
    grown, draws = twin_for(pd.concat([new, few_rows()], ignore_index=True)), drawn(whole, 200)
    found = grown.widened(draws, labels_of(whole), np.random.default_rng(10))
    assert grown.design.populations == ("A", *SOURCES)
    assert grown.design.reach_sets == ("A ER+", "Q TNBC")
    assert (found["u"][:, 1:] == draws["u"]).all()
    assert (found["reach"][:, 1:] == draws["reach"]).all()
    assert np.isfinite(grown.by_unit(found, list(grown.units))).all()
    assert (grown.by_unit(found, SOURCES) == whole.by_unit(draws, SOURCES)).all()
    stored = grown.completed(found, ["A"], (4, 50), np.random.default_rng(11)).as_dataset()
    assert np.isfinite(stored["u"]).all()
    assert np.isfinite(stored["reach"]).all()
    assert grown.units["A"] == ("metastasis_sites:n1", "metastasis_sites:n2")


def test_a_dropped_source_leaves_the_others_as_they_were(whole):
    rows = few_rows()
    less, draws = twin_for(rows[rows["population"] != "Q"]), drawn(whole, 5)
    found = less.widened(draws, labels_of(whole), np.random.default_rng(12))
    assert found["reach"].shape == (5, 0)
    assert (found["u"] == draws["u"][:, [0, 2]]).all()
    assert (less.by_unit(found, ("P", "R")) == whole.by_unit(draws, ("P", "R"))).all()


def test_only_the_source_whose_rows_changed_moves(whole):
    rows, draws = few_rows(), drawn(whole, 5)
    changed = twin_for(rows.assign(proportion=rows["proportion"].where(rows["row_id"] != "m5", 0.6)))
    moved = np.abs(changed.by_unit(draws, SOURCES) - whole.by_unit(draws, SOURCES)).max(0) > 0
    assert list(moved) == [False, True, False]


def test_weights_of_a_source_turn_draws_with_it_into_draws_without_it():
    """Prior draws weighed by the probability of a source are the posterior; weighed back they are the prior."""
    twin = twin_for(sites_of({"n_site": 45.0}))
    draws = drawn(twin, 20_000)
    log_p = twin.by_unit(draws, ["P"])[:, 0]
    level = draws["mu"][:, 0, 0]
    rng = np.random.default_rng(13)
    kept = rng.random(len(log_p)) < np.exp(log_p - log_p.max())
    assert level[kept].mean() > level.mean() + 0.3  # 45 of 100 where 27 are expected
    back = np.exp(-log_p[kept])
    back = back / back.sum()
    error = level.std() * np.sqrt((back**2).sum())
    assert abs(back @ level[kept] - level.mean()) < 4.5 * error


@pytest.mark.parametrize("dim", FIXED)
def test_draws_of_another_layout_are_refused(whole, dim):
    labels = {**labels_of(whole), dim: ("one", "other")}
    with pytest.raises(CannotReweightError, match="other sites"):
        whole.widened(drawn(whole, 2), labels, np.random.default_rng(14))


def test_units_of_the_evidence_hold_every_row_that_the_model_reads_once():
    evidence = load_evidence(DATA)
    twin = twin_of(Project(DATA.parent), evidence, METASTASIS)
    sites = evidence.metastasis_sites
    read = [f"metastasis_sites:{row['row_id']}" for row in sites.to_dict("records") if is_modelled_site(row)]
    assert sorted(twin.rows) == sorted(read)
    assert tuple(row for rows in twin.units.values() for row in rows) == twin.rows
    with pytest.raises(CannotReweightError, match="no row that the metastasis model reads"):
        twin_of(Project(DATA.parent), replace(evidence, metastasis_sites=None), METASTASIS)
