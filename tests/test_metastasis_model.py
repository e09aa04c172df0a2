"""Is the metastasis model the one that its equations state, and does it read the evidence as the rows say?"""

from __future__ import annotations

import re

import numpy as np
import pymc as pm
import pytensor
import pytest
from scipy import special, stats

import resurge.synthesis.metastasis as module
from evidence_folder import DATA
from resurge.errors import UsageError
from resurge.evidence.site_selection import READ
from resurge.evidence.tables import load_evidence
from resurge.synthesis.metastasis import build_model, counted_first
from resurge.synthesis.metastasis_design import MEMBERS, SETTINGS, SINGLE_SITES, SITES, SUBTYPES, site_design
from resurge.synthesis.metastasis_forward import (
    correlated,
    draw_prior,
    expected_counts,
    simulate_counts,
    weights_of,
)
from resurge.synthesis.metastasis_priors import METASTASIS, MIX, MIX_PATIENTS, UNPRINTED_PATIENTS
from site_evidence import few_rows, sites_of

LOGGED = ("tau", "kappa", "concentration")
DIMENSIONS = {
    "setting": SETTINGS,
    "subtype": SUBTYPES,
    "site": SITES,
    "single_site": SINGLE_SITES,
}


@pytest.fixture(scope="module")
def design():
    return site_design(few_rows())


@pytest.fixture(scope="module")
def model(design):
    return build_model(design, METASTASIS)


# Rows become counts


def entry(design, label: str) -> tuple:
    i = design.labels.index(label)
    group = design.group[i]
    return (
        design.populations[design.group_population[group]],
        SETTINGS[design.group_setting[group]],
        SITES[design.site[i]],
        int(design.n_site[i]),
        int(design.n_total[i]),
    )


def test_counts_are_those_of_the_rows(design):
    assert entry(design, "m1") == ("P", "any_site_during_course", "brain", 30, 100)
    assert entry(design, "m3") == ("P", "first_site", "bone", 92, 250)  # 0.37 of 250 is 92.5, rounded to even
    assert entry(design, "m4") == ("P", "first_site", "bone_only", 16, 80)
    assert entry(design, "m9") == ("R", "at_diagnosis_de_novo", "liver", 90, 300)  # 6% of 5000 have metastases


def test_a_share_without_its_patients_weighs_as_a_hundred(design):
    assert UNPRINTED_PATIENTS == 100
    assert entry(design, "m2")[3:] == (31, 100)


def test_a_share_with_limits_weighs_as_they_say():
    z, se = stats.norm.ppf(0.95), 1 / np.sqrt(250 * 0.3 * 0.7)
    lower, upper = special.expit(special.logit(0.3) + np.array([-z, z]) * se)
    row = {"n_total": float("nan"), "proportion": 0.3, "lower": lower, "upper": upper, "level": 0.9}
    assert entry(site_design(sites_of(row)), "m1")[3:] == (75, 250)


def test_luminal_halves_enter_as_their_sum(design):
    assert entry(design, "m5+m6") == ("Q", "first_site", "bone", 30 + 10, 100)
    assert list(design.members[design.labels.index("m5+m6")]) == [1, 1, 0, 0]


def test_single_metastases_are_counted_off_and_the_last_site_follows(design):
    assert [entry(design, label)[2:] for label in ("m10", "m12", "m11")] == [
        ("bone", 40, 100),
        ("liver", 30, 60),
        ("lung", 25, 30),
    ]
    assert "m13" not in design.labels


def test_what_is_only_shown_does_not_enter(design):
    assert "m14" not in design.labels
    with pytest.raises(UsageError, match="no row of metastasis_sites"):
        site_design(sites_of({"used_as": "shown"}))


def test_all_early_patients_are_thinned_by_one_share_of_their_source(design):
    thinned = [label for label, row in zip(design.labels, design.reach, strict=True) if row.any()]
    assert thinned == ["m7", "m8"]
    assert design.reach_sets == ("Q TNBC",)


def test_the_design_reads_no_column_but_those_that_are_watched():
    table = few_rows()
    for column in table.columns.difference(READ):
        table[column] = "something else"
    one, other = site_design(table), site_design(few_rows())
    assert one.labels == other.labels
    assert np.array_equal(one.n_site, other.n_site)


# Log density


def some_parameters(design, seed: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    shape = {name: len(labels) for name, labels in DIMENSIONS.items()}

    def zero_sum(*own: int) -> np.ndarray:
        z = rng.normal(size=(*own, shape["subtype"]))
        return z - z.mean(-1, keepdims=True)

    return {
        "mu": rng.normal(-1, 0.5, (shape["setting"], shape["site"])),
        "tau": np.array(0.6),
        "kappa": np.array(0.25),
        "z_delta": zero_sum(shape["site"]),
        "z_contrast": zero_sum(shape["setting"], shape["site"]),
        "log_sigma_centre": np.array(-0.8),
        "z_sigma": rng.normal(size=shape["site"]),
        "together": np.array(0.4),
        "w_u": rng.normal(size=(len(design.populations), shape["site"])),
        "mix": rng.dirichlet([8, 4, 4, 5]),
        "concentration": np.array(70.0),
        "single": rng.normal(0, 0.3, shape["single_site"]),
        "reach": np.array([0.35]),
    }


def derived(p, design) -> dict[str, np.ndarray]:
    """Work out what follows from the sampled parameters, in plain loops."""
    z, own = p["z_delta"].T, p["z_contrast"].swapaxes(1, 2)
    sigma = np.exp(p["log_sigma_centre"] + METASTASIS.spread_of_log_sigma * p["z_sigma"])
    r = -0.2 + 1.2 * p["together"]
    root = np.linalg.cholesky(np.full((6, 6), r) + (1 - r) * np.eye(6))
    places, centring = counted_first(design)
    u = np.empty_like(p["w_u"])
    for j in range(len(u)):
        u[j, places[j]] = root @ (p["w_u"][j] / sigma[places[j]] ** centring[j])
    return {"contrast": p["tau"] * z + p["kappa"] * own, "sigma": sigma, "correlation": r, "u": sigma * u}


def written_out(p, design) -> float:
    """Log prior and log likelihood of all entries, from the equations."""
    prior, d = METASTASIS, derived(p, design)
    total = stats.norm(prior.mu.mean, prior.mu.sd).logpdf(p["mu"]).sum()
    for name in LOGGED:
        own = getattr(prior, f"log_{name}")
        total += stats.lognorm(s=own.sd, scale=np.exp(own.mean)).logpdf(p[name])
    # Four numbers that add up to 0 are three independent ones, of the same sum of squares.
    total += sum(stats.norm.logpdf(p[name]).sum() for name in ("z_delta", "z_contrast", "z_sigma"))
    total -= sum(stats.norm.logpdf(0) * p[name].size / 4 for name in ("z_delta", "z_contrast"))
    places, centring = counted_first(design)
    total += stats.norm(0, d["sigma"][places] ** centring).logpdf(p["w_u"]).sum()
    total += stats.norm(prior.log_sigma.mean, prior.log_sigma.sd).logpdf(p["log_sigma_centre"])
    total += stats.beta(*prior.correlation).logpdf(p["together"])
    total += stats.dirichlet(MIX_PATIENTS * np.array(MIX)).logpdf(p["mix"])
    total += stats.norm(prior.single.mean, prior.single.sd).logpdf(p["single"]).sum()
    total += stats.beta(*prior.reach).logpdf(p["reach"]).sum()
    for i in range(len(design.labels)):
        group, site = design.group[i], design.site[i]
        k, j = design.group_setting[group], design.group_population[group]
        held = [s for s in range(4) if design.members[i, s]]
        odds = {s: p["mu"][k] + d["contrast"][k, s] + d["u"][j] for s in held}
        if design.single[i]:
            alone = np.exp(odds[held[0]][:4] + p["single"])
            a, b = alone[site] / alone.sum(), alone[site + 1 :].sum() / alone.sum()
        else:
            a = sum(p["mix"][s] * special.expit(odds[s][site]) for s in held) / sum(p["mix"][s] for s in held)
            a = a * (p["reach"][0] if design.reach[i].any() else 1.0)
            b = 1 - a
        m = p["concentration"]
        total += stats.betabinom(design.n_total[i], m * a, m * b).logpmf(design.n_site[i])
    return float(total)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_log_density_is_that_of_the_equations(model, design, seed):
    p = some_parameters(design, seed)
    assert set(p) == {variable.name for variable in model.free_RVs}
    values = [model.rvs_to_values[v] for v in model.free_RVs]
    density = pytensor.function(values, model.logp(jacobian=False), mode="FAST_COMPILE", on_unused_input="ignore")
    point = []
    for variable in model.free_RVs:
        value, transform = pytensor.tensor.as_tensor(p[variable.name]), model.rvs_to_transforms[variable]
        there = value if transform is None else transform.forward(value, *variable.owner.inputs)
        point.append(there.eval(mode="FAST_COMPILE"))
    assert float(density(*point)) == pytest.approx(written_out(p, design), rel=1e-9)


def test_counting_off_single_sites_is_a_dirichlet_multinomial():
    share, counts, m = np.array([0.45, 0.2, 0.25, 0.1]), np.array([40, 30, 25, 5]), 60.0
    whole = stats.dirichlet_multinomial(m * share, counts.sum()).logpmf(counts)
    left = counts.sum() - np.concatenate([[0], np.cumsum(counts)[:-1]])
    steps = [stats.betabinom(left[v], m * share[v], m * share[v + 1 :].sum()).logpmf(counts[v]) for v in range(3)]
    assert sum(steps) == pytest.approx(whole)


def test_the_level_of_a_source_has_the_stated_correlation():
    rng = np.random.default_rng(3)
    for r in (-0.15, 0.0, 0.6):
        level = correlated(rng.standard_normal((200_000, len(SITES))), np.full(200_000, r))
        expected = np.full((len(SITES), len(SITES)), r) + (1 - r) * np.eye(len(SITES))
        np.testing.assert_allclose(np.cov(level.T), expected, atol=0.015)


def test_sites_that_a_source_counts_come_first_and_many_patients_centre_them(design):
    places, centring = counted_first(design)
    counted = {name: set() for name in design.populations}
    for group, site in zip(design.group, design.site, strict=True):
        counted[design.populations[design.group_population[group]]].add(site)
    singles = design.populations[design.group_population[design.group[design.single == 1][0]]]
    counted[singles] |= set(range(4))
    for name, own, centred in zip(design.populations, places, centring, strict=True):
        assert sorted(own) == list(range(len(SITES)))
        assert set(own[: len(counted[name])]) == counted[name]
        assert (centred[len(counted[name]) :] == 0).all()
    assert (centring < 1).all()
    few, many = (site_design(sites_of({"n_site": 2 * n, "n_total": 10 * n})) for n in (1, 100))
    assert counted_first(few)[1].max() < counted_first(many)[1].max()


# Glossary and twin


def glossary() -> dict[str, str]:
    lines = module.__doc__.split("\n")
    ruler, *rest = [i for i, line in enumerate(lines) if line.startswith("====")]
    widths = [len(part) for part in lines[ruler].split()]
    rows = lines[rest[0] + 1 : rest[1]]
    return {row[: widths[0]].strip(): row[widths[0] + 1 : widths[0] + widths[1] + 1].strip() for row in rows}


def test_the_glossary_is_that_of_the_model(model):
    named = {v.name for v in model.free_RVs + model.deterministics + model.observed_RVs}
    named = {name for name in named if not name.startswith(("z_", "w_"))} - {"together"}
    named |= {"observed_n_site", "n_total"}
    words = glossary()
    assert set(words) == named
    for name, dims in words.items():
        assert tuple(filter(None, re.split(", ", dims))) == (model.named_vars_to_dims.get(name) or ()), name


def test_the_twin_expects_what_the_model_expects(model, design):
    p = some_parameters(design, 4)
    d = derived(p, design)
    draws = {name: value[None] for name, value in {**p, **d}.items()}
    at_site, elsewhere = expected_counts(design, draws)
    rv = model["n_site"]
    alpha, beta = rv.owner.inputs[-2:]
    expected = [alpha / model["concentration"], beta / model["concentration"]]
    found = pytensor.function(list(model.free_RVs), expected, mode="FAST_COMPILE", on_unused_input="ignore")(
        *(p[v.name] for v in model.free_RVs)
    )
    np.testing.assert_allclose(np.broadcast_to(found[0], at_site[0].shape), at_site[0], rtol=1e-10)
    np.testing.assert_allclose(found[1], elsewhere[0], rtol=1e-10)


def test_the_prior_of_the_twin_is_that_of_the_model(model, design):
    n = 4000
    twin = draw_prior(METASTASIS, design, n, np.random.default_rng(5))
    names = ("mu", "tau", "kappa", "delta", "contrast", "sigma", "correlation", "u", "mix", "concentration", "reach")
    drawn = pm.draw([model[name] for name in names], draws=n, random_seed=6, mode="FAST_COMPILE")
    for name, values in zip(names, drawn, strict=True):
        assert twin[name].shape == values.shape, name
        for moment in (np.mean, np.std):
            one, other = moment(np.log(values) if name == "tau" else values, 0), None
            other = moment(np.log(twin[name]) if name == "tau" else twin[name], 0)
            scale = np.std(values, 0)
            assert np.max(np.abs(one - other) / scale) < 0.12, (name, moment.__name__)
    together = [
        np.corrcoef((u / sigma[:, None])[..., [0, 3]].reshape(-1, 2).T)[0, 1]
        for u, sigma in ((twin["u"], twin["sigma"]), (drawn[names.index("u")], drawn[names.index("sigma")]))
    ]
    assert together[0] == pytest.approx(together[1], abs=0.04)


def test_prior_shares_are_possible_and_not_settled_beforehand(design):
    draws = draw_prior(METASTASIS, design, 4000, np.random.default_rng(7))
    at_site, _ = expected_counts(design, draws)
    lower, upper = np.quantile(at_site[:, design.labels.index("m1")], [0.025, 0.975])
    assert lower < 0.06
    assert upper > 0.6


def test_simulated_counts_scatter_as_beta_binomials(design):
    n = 40_000
    one = draw_prior(METASTASIS, design, 1, np.random.default_rng(7))
    share = expected_counts(design, one)[0][0]
    elsewhere = expected_counts(design, one)[1][0]
    draws = {name: np.repeat(values, n, axis=0) for name, values in one.items()}
    counts = simulate_counts(design, draws, np.random.default_rng(8))
    m = one["concentration"][0]
    expected = stats.betabinom(design.n_total, m * share, m * elsewhere)
    assert (np.abs(counts.mean(0) - expected.mean()) < 5 * expected.std() / np.sqrt(n)).all()
    assert counts.var(0) == pytest.approx(expected.var(), rel=0.06)
    assert (expected.var() > 1.2 * stats.binom(design.n_total, share / (share + elsewhere)).var()).any()


# Mixtures


def test_a_mixture_is_the_weighted_mean_of_its_subtypes():
    mix = np.array([[0.5, 0.1, 0.1, 0.3]])
    np.testing.assert_allclose(weights_of("ER+", mix), [[5 / 6, 1 / 6, 0, 0]])
    np.testing.assert_allclose(weights_of("HER2+", mix), [[0, 0.5, 0.5, 0]])
    np.testing.assert_allclose(weights_of("any", mix), mix)
    np.testing.assert_allclose(weights_of("TNBC", mix), [[0, 0, 0, 1]])


def test_labels_hold_the_subtypes_that_their_receptors_name():
    assert set(SUBTYPES) == {"HR+/HER2-", "HR+/HER2+", "HR-/HER2+", "TNBC"}
    assert {label: set(held) for label, held in MEMBERS.items() if len(held) > 1} == {
        "ER+": {"HR+/HER2-", "HR+/HER2+"},
        "ER-": {"HR-/HER2+", "TNBC"},
        "HER2+": {"HR+/HER2+", "HR-/HER2+"},
        "any": set(SUBTYPES),
    }
    assert {label for label, held in MEMBERS.items() if held == (label,)} == set(SUBTYPES)


def test_every_modelled_row_of_the_evidence_is_in_one_count():
    table = load_evidence(DATA).metastasis_sites
    design = site_design(table)
    rows = set(table.loc[table["used_as"].isin(["share", "only", "relative", "luminal_part"]), "row_id"])
    counted = [
        row
        for label, single in zip(design.labels, design.single, strict=True)
        if not single
        for row in label.split("+")
    ]
    assert sorted(counted) == sorted(rows)
    assert (design.n_site <= design.n_total).all()
