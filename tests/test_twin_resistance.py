"""Does the resistance model in numpy weigh mechanisms as the sampled one does, and draw back their effects?"""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd
import pytensor
import pytest
from scipy import stats

from evidence_folder import DATA
from resurge.evidence.tables import load_evidence
from resurge.inference.chains import joined
from resurge.inference.fit_resistance import STORED, completed
from resurge.inference.twin_resistance import ResistanceTwin, twin_of
from resurge.inference.twins import CannotReweightError
from resurge.project import Project
from resurge.synthesis.resistance import build_model
from resurge.synthesis.resistance_design import resistance_design
from resurge.synthesis.resistance_forward import class_effects, draw_prior
from resurge.synthesis.resistance_levels import readings_log_density
from resurge.synthesis.resistance_pointwise import class_centres, draw_theta, rows_log_density, told_of
from resurge.synthesis.resistance_priors import FACETS, RESISTANCE

N_FACETS = len(FACETS)


@pytest.fixture(scope="module")
def evidence():
    return load_evidence(DATA)


def twin_for(effects: pd.DataFrame, mechanisms: pd.DataFrame) -> ResistanceTwin:
    return ResistanceTwin(RESISTANCE, resistance_design(effects, mechanisms))


@pytest.fixture(scope="module")
def whole(evidence):
    return twin_for(evidence.resistance_effects, evidence.mechanisms)


def drawn(twin: ResistanceTwin, n: int, seed: int = 1) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Give prior draws as sampled, and as they are stored."""
    rng = np.random.default_rng(seed)
    sampled = draw_prior(RESISTANCE, twin.design, n, rng)
    return sampled, joined(completed(sampled, twin.design, (1, n), rng).as_dataset(), STORED)


def one_draw(draws: dict[str, np.ndarray], n: int) -> dict[str, np.ndarray]:
    """Repeat the first draw."""
    return {name: np.repeat(each[:1], n, axis=0) for name, each in draws.items()}


def labels_of(twin: ResistanceTwin) -> dict[str, tuple[str, ...]]:
    return {"facet": FACETS, "mechanism": twin.design.mechanisms, "mechanism_class": twin.design.classes}


# By mechanism: the density that is sampled, its standardised effects integrated out


@pytest.fixture(scope="module")
def sampled_density(whole):
    """The log density of the readings as PyMC states it, as a function of sampled parameters."""
    model = build_model(whole.design, RESISTANCE)
    graph = model.replace_rvs_by_values([model["readings"]])
    density = pytensor.function(model.value_vars, graph, mode="FAST_COMPILE", on_unused_input="ignore")
    positive = ("tau", "kappa", "sigma", "omega", "excess")

    def at(parameters: dict[str, np.ndarray]) -> float:
        half = (parameters["partial"] + 1) / 2
        point = {name: parameters[name] for name in ("mu", "z_class", "z")}
        point |= {"half_logodds__": np.log(half / (1 - half))}
        point |= {f"{name}_log__": np.log(parameters[name]) for name in positive}
        return float(density(*(point[each.name] for each in model.value_vars))[0])

    return at


def quadratic(function, n: int) -> tuple[float, np.ndarray, np.ndarray]:
    """Give value, slope and curvature at 0 of a function that is a quadratic, from its values."""
    unit = np.eye(n)
    at_0, up, down = function(np.zeros(n)), [function(each) for each in unit], [function(-each) for each in unit]
    slope, curvature = (np.array(up) - down) / 2, np.diag(np.array(up) + down - 2 * at_0)
    for i, j in combinations(range(n), 2):
        curvature[i, j] = curvature[j, i] = function(unit[i] + unit[j]) - up[i] - up[j] + at_0
    return at_0, slope, curvature


@pytest.mark.parametrize("mechanism", ["M_NRF2", "M_GSH", "M_MPC1", "M_DTC"])
def test_a_mechanism_has_the_sampled_density_averaged_over_its_effects(whole, evidence, sampled_density, mechanism):
    sampled, stored = drawn(whole, 2)
    k = whole.design.tested.index(mechanism)
    effects = evidence.resistance_effects
    others = twin_for(effects[effects["mechanism_id"] != mechanism], evidence.mechanisms)
    for i in range(2):
        one = {name: each[i] for name, each in sampled.items()}

        def density(z, one=one):
            return sampled_density({**one, "z": np.insert(np.delete(one["z"], k, axis=0), k, z, axis=0)})

        at_0, slope, curvature = quadratic(density, N_FACETS)
        precision = np.eye(N_FACETS) - curvature
        averaged = at_0 + slope @ np.linalg.solve(precision, slope) / 2 - np.linalg.slogdet(precision)[1] / 2
        rest = numpy_density(others, {name: each[[i]] for name, each in stored.items()})
        found = whole.by_unit({name: each[[i]] for name, each in stored.items()}, [mechanism])[0, 0]
        assert found == pytest.approx(averaged - rest, abs=1e-7)


def numpy_density(twin: ResistanceTwin, draws: dict[str, np.ndarray]) -> float:
    """Log density of all readings of a design at the first draw, effects of mechanisms as stored."""
    design = twin.design
    place = [design.mechanisms.index(name) for name in design.tested]
    theta = (design.reading_tested @ draws["theta"][0, place] * design.reading_facet).sum(1)
    lean = design.lean * (design.reading_facet @ draws["excess"][0])
    variance = design.variance + design.reading_facet @ draws["omega"][0] ** 2
    spread = design.report_facet @ draws["sigma"][0] ** 2
    return float(readings_log_density(design.readings - lean, theta, design.m, variance, design.reading_report, spread))


def test_the_density_in_numpy_is_the_sampled_one(whole, sampled_density):
    sampled, stored = drawn(whole, 2)
    one = {name: each[0] for name, each in sampled.items()}
    assert numpy_density(whole, stored) == pytest.approx(sampled_density(one), abs=1e-10, rel=1e-12)


def test_all_mechanisms_have_the_readings_density_over_that_of_their_effects(whole):
    """By Bayes: p(rows) = p(rows | effects) p(effects) / p(effects | rows), whatever the effects."""
    _, stored = drawn(whole, 1)
    design, total = whole.design, numpy_density(whole, stored)
    scaled = stored["tau"][0][:, None] * stored["correlation"][0] * stored["tau"][0]
    for name in design.tested:
        place, k = design.mechanisms.index(name), design.tested.index(name)
        centre = class_centres(stored)[0, design.mechanism_class[place]]
        after, covariance = normal_given_rows(whole, stored, k, centre, scaled)
        theta = stored["theta"][0, place]
        total += stats.multivariate_normal(centre, scaled).logpdf(theta)
        total -= stats.multivariate_normal(after, covariance).logpdf(theta)
    units = list(whole.units)
    assert whole.by_unit(stored, units).sum() == pytest.approx(total, abs=1e-8)


def normal_given_rows(
    twin: ResistanceTwin, draws: dict[str, np.ndarray], k: int, centre: np.ndarray, scaled: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Mean and covariance of the effects of a tested mechanism given its rotated readings."""
    design = twin.design
    own = design.reading_tested[:, k] == 1
    facet, report = design.reading_facet[own], design.reading_report[own]
    X, U = design.m[own][:, None] * facet, design.m[own][:, None] * report
    V = np.diag(design.variance[own] + facet @ draws["omega"][0] ** 2)
    V += U @ np.diag(design.report_facet @ draws["sigma"][0] ** 2) @ U.T
    y = design.readings[own] - design.lean[own] * (facet @ draws["excess"][0])
    gain = scaled @ X.T @ np.linalg.inv(X @ scaled @ X.T + V)
    return centre + gain @ (y - X @ centre), scaled - gain @ X @ scaled


def test_mechanisms_without_rows_weigh_nothing_and_are_units_all_the_same(whole):
    untested = [name for name in whole.design.mechanisms if name not in whole.design.tested]
    assert untested
    assert (whole.by_unit(drawn(whole, 3)[1], untested) == 0).all()
    assert whole.units[untested[0]] == (f"mechanisms:{untested[0]}",)
    assert whole.by_unit(drawn(whole, 3)[1], []).shape == (3, 0)


def test_units_hold_every_row_once(whole):
    rows = [row for rows in whole.units.values() for row in rows if row.startswith("resistance_effects:")]
    assert tuple(rows) == whole.rows
    assert sorted(rows) == sorted("resistance_effects:" + row for row in whole.design.rows["row_id"])


def test_middles_of_classes_are_those_of_the_model(whole):
    sampled, stored = drawn(whole, 5)
    assert class_centres(stored) == pytest.approx(class_effects(sampled), rel=1e-9, abs=1e-12)


# By row


def test_a_row_weighs_what_the_density_loses_without_it(whole, evidence):
    _, stored = drawn(whole, 1)
    by_row, total = whole.by_row(stored)[0], numpy_density(whole, stored)
    effects = evidence.resistance_effects
    for place in range(0, len(whole.rows), 15):
        rest = effects[effects["row_id"] != whole.rows[place].split(":")[1]]
        without = numpy_density(twin_for(rest, evidence.mechanisms), stored)
        assert by_row[place] == pytest.approx(total - without, abs=1e-8), whole.rows[place]


def test_weights_of_a_row_turn_the_effects_of_its_mechanism_into_those_without_it(whole, evidence):
    n, name = 100_000, "M_FSP1"
    rows = whole.design.rows[whole.design.rows["mechanism_id"] == name]
    effects = evidence.resistance_effects
    less = twin_for(effects[effects["row_id"] != rows["row_id"].iloc[0]], evidence.mechanisms)
    same = one_draw(drawn(whole, 1, seed=2)[1], n)
    centre = class_centres(same)[:, whole.design.mechanism_class[whole.design.mechanisms.index(name)]]
    rng, facet = np.random.default_rng(3), FACETS.index(rows["facet"].iloc[0])
    told = told_of(whole.design, name, same)
    with_it = draw_theta(told, centre, same, rng)
    without = draw_theta(told_of(less.design, name, same), centre, same, rng)[:, facet]
    weight = np.exp(-rows_log_density(told, with_it)[:, 0])
    found = weight @ with_it[:, facet] / weight.sum()
    error = without.std() * np.hypot(np.sqrt((weight**2).sum()) / weight.sum(), 1 / np.sqrt(n))
    assert abs(found - without.mean()) < 4.5 * error
    assert abs(with_it[:, facet].mean() - without.mean()) > 10 * error


# Effects drawn back


def theta_of(twin: ResistanceTwin, draws: dict[str, np.ndarray], name: str, n: int) -> np.ndarray:
    return twin.completed(draws, [name], (1, n), np.random.default_rng(3)).as_dataset()["theta"].values[0]


@pytest.mark.parametrize("name", ["M_NRF2", "M_MPC1"])
def test_effects_of_a_changed_mechanism_are_drawn_from_their_normal(whole, name):
    n = 20_000
    one = drawn(whole, 1, seed=4)[1]
    m, k = whole.design.mechanisms.index(name), whole.design.tested.index(name)
    theta = theta_of(whole, one_draw(one, n), name, n)
    centre = class_centres(one)[0, whole.design.mechanism_class[m]]
    scaled = one["tau"][0][:, None] * one["correlation"][0] * one["tau"][0]
    mean, covariance = normal_given_rows(whole, one, k, centre, scaled)
    sd = np.sqrt(np.diag(covariance))
    assert (np.abs(theta[:, m].mean(0) - mean) < 4.5 * sd / np.sqrt(n)).all()
    assert np.cov(theta[:, m].T) == pytest.approx(covariance, abs=6 * sd.max() ** 2 / np.sqrt(n))
    tested = [whole.design.mechanisms.index(each) for each in whole.design.tested if each != name]
    assert (theta[:, tested] == one["theta"][:, tested]).all()


def test_mechanisms_without_rows_are_drawn_from_their_class(whole):
    n = 20_000
    one = drawn(whole, 1, seed=5)[1]
    stored = whole.completed(one_draw(one, n), [], (1, n), np.random.default_rng(6)).as_dataset()
    untested = [i for i, name in enumerate(whole.design.mechanisms) if name not in whole.design.tested]
    for drawn_as, kind in (
        (stored["theta"].values[0][:, untested], whole.design.mechanism_class[untested]),
        (stored["theta_new"].values[0], np.arange(len(whole.design.classes))),
    ):
        apart = (drawn_as - class_centres(one)[:, kind]) / one["tau"][:, None]
        assert (np.abs(apart.mean(0)) < 5 / np.sqrt(n)).all()
        assert np.cov(apart[:, 0].T) == pytest.approx(one["correlation"][0], abs=6 / np.sqrt(n))


def test_what_is_completed_looks_as_a_fit_stores_it(whole):
    prior = whole.prior(np.random.default_rng(7)).as_dataset()
    _, draws = drawn(whole, 6)
    stored = whole.completed(draws, list(whole.units), (2, 3), np.random.default_rng(8)).as_dataset()
    assert stored.sizes == {**prior.sizes, "chain": 2, "draw": 3}
    assert {name: each.dims for name, each in stored.variables.items()} == {
        name: each.dims for name, each in prior.variables.items()
    }
    assert all(np.isfinite(each).all() for each in stored.data_vars.values() if each.dtype.kind == "f")
    constant = [name for name, each in prior.variables.items() if "chain" not in each.dims and name != "draw"]
    assert all((stored[name].values == prior[name].values).all() for name in constant)


# Evidence that grows, shrinks and changes


def test_a_new_mechanism_of_a_new_class_is_laid_out_and_drawn(whole, evidence):
    entry = evidence.mechanisms[evidence.mechanisms["mechanism_id"] == "M_NRF2"].assign(
        mechanism_id="M_ANEW", **{"class": "a_new_class"}
    )
    rows = evidence.resistance_effects
    row = rows[rows["mechanism_id"] == "M_NRF2"].iloc[:1].assign(mechanism_id="M_ANEW", row_id="new", use="yes")
    grown = twin_for(
        pd.concat([rows, row], ignore_index=True), pd.concat([entry, evidence.mechanisms], ignore_index=True)
    )
    n = 4000
    _, draws = drawn(whole, n)
    found = grown.widened(draws, labels_of(whole), np.random.default_rng(9))
    assert grown.design.classes[0] == "a_new_class"
    assert (found["z_class"][:, 1:] == draws["z_class"]).all()
    assert (np.abs(found["z_class"][:, 0].mean(0)) < 5 / np.sqrt(n)).all()
    assert found["z_class"][:, 0].std(0) == pytest.approx(1, rel=5 / np.sqrt(2 * n))
    assert (found["theta"][:, 1:] == draws["theta"]).all()
    stored = grown.completed(found, ["M_ANEW"], (4, n // 4), np.random.default_rng(10)).as_dataset()
    assert np.isfinite(stored["theta"].values).all()
    assert grown.units["M_ANEW"] == ("resistance_effects:new", "mechanisms:M_ANEW")


def test_a_mechanism_that_lost_its_rows_is_drawn_from_its_class(whole, evidence):
    rows = evidence.resistance_effects
    less = twin_for(rows[rows["mechanism_id"] != "M_GSH"], evidence.mechanisms)
    _, draws = drawn(whole, 50)
    found = less.widened(draws, labels_of(whole), np.random.default_rng(11))
    m = less.design.mechanisms.index("M_GSH")
    assert (less.by_unit(found, ["M_GSH"]) == 0).all()
    stored = less.completed(found, ["M_GSH"], (1, 50), np.random.default_rng(12)).as_dataset()
    assert (stored["theta"].values[0, :, m] != draws["theta"][:, m]).all()


@pytest.mark.parametrize("column", ["log_effect", "class"])
def test_only_the_mechanism_whose_rows_or_class_changed_moves(whole, evidence, column):
    rows, catalogue = evidence.resistance_effects, evidence.mechanisms
    if column == "class":
        other = next(each for each in whole.design.classes if each != kind_of(whole, "M_NRF2"))
        catalogue = catalogue.assign(
            **{"class": catalogue["class"].where(catalogue["mechanism_id"] != "M_NRF2", other)}
        )
    else:
        rows = rows.assign(log_effect=rows["log_effect"].where(rows["mechanism_id"] != "M_NRF2", 0.3))
    changed, (_, draws), units = twin_for(rows, catalogue), drawn(whole, 3), list(whole.units)
    found = changed.widened(draws, labels_of(whole), np.random.default_rng(13))
    moved = np.abs(changed.by_unit(found, units) - whole.by_unit(draws, units)).max(0) > 0
    assert [name for name, did in zip(units, moved, strict=True) if did] == ["M_NRF2"]


def kind_of(twin: ResistanceTwin, mechanism: str) -> str:
    return twin.design.classes[twin.design.mechanism_class[twin.design.mechanisms.index(mechanism)]]


@pytest.mark.parametrize("harm", ["other facets", "no classes"])
def test_draws_of_another_layout_are_refused(whole, harm):
    _, draws = drawn(whole, 2)
    labels = labels_of(whole)
    if harm == "no classes":
        del draws["z_class"]
    else:
        labels["facet"] = FACETS[:2]
    with pytest.raises(CannotReweightError, match="other parameters"):
        whole.widened(draws, labels, np.random.default_rng(14))


def test_a_table_without_a_row_for_the_model_is_refused(evidence):
    none = replace(evidence, resistance_effects=evidence.resistance_effects[:0])
    with pytest.raises(CannotReweightError, match="no row that the resistance model reads"):
        twin_of(Project(DATA.parent), none, RESISTANCE)
    assert twin_of(Project(DATA.parent), evidence, RESISTANCE).rows
