"""Do predictions of evidence have the centre and the spread that simple hazards give them?"""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from resurge.findings import predictive
from resurge.findings.predictive import predicted_incidence, predicted_rates, thinned, window_hazard_ratio
from resurge.inference.simulate import simulate
from resurge.synthesis.design import recurrence_design
from resurge.synthesis.prior_draws import draw_prior
from resurge.synthesis.priors import RECURRENCE
from simulation import evidence_of, patients_of, plain_draws, rates_of, reduced_evidence

N = 500


def posterior_of(draws) -> xr.Dataset:
    """Give all arrays the form of a stored posterior."""
    constant = ("edges", "spline_basis")
    return xr.Dataset(
        {
            name: ([f"{name}_{k}" for k in range(values.ndim)], values)
            if name in constant
            else (["chain", "draw", *(f"{name}_{k}" for k in range(1, values.ndim))], values[None])
            for name, values in draws.items()
        }
    )


def predicted(rates, patients, **effects):
    evidence = evidence_of(rates_of(*rates), patients_of(*patients))
    n_populations = len(recurrence_design(evidence).populations)
    return predicted_rates(posterior_of(plain_draws(N, n_populations, **effects)), evidence)


# Rows that the model saw


def test_person_time_is_summed_by_period_and_scatters_as_poisson():
    cells = [(0.0, 0.25), (1.75, 2.0), (2.0, 2.25)]
    patients = [
        {"start_year": start, "end_year": end, "person_years": 1000.0, "events": events}
        for (start, end), events in zip(cells, (10.0, 14.0, 20.0), strict=True)
    ]
    table = predicted([{}], patients)
    table = table[table["kind"] == "person-time"]
    assert table[["start_year", "end_year"]].to_numpy().tolist() == [[0, 2], [2, 2.25]]
    assert table["observed"].tolist() == pytest.approx([24 / 2000, 20 / 1000])
    # 2,000 person-years at 1%: Poisson(20), 95% between 12 and 29.
    first = table.iloc[0]
    assert first["median"] == pytest.approx(0.01, abs=0.001)
    assert first["lower"] == pytest.approx(12 / 2000, abs=0.0011)
    assert first["upper"] == pytest.approx(29 / 2000, abs=0.0011)


def spread(table):
    row = table[table["kind"] == "published"].iloc[0]
    return np.log(row["upper"] / row["lower"]) / 2 / 1.96, row


def test_windows_lie_at_the_levels_found_for_population_and_cohort():
    table = predicted([{"her2": "negative"}], [{}], a=np.log([1, 2]), c=np.log([1.5]))
    window = table[table["kind"] == "published"].iloc[0]
    assert window["median"] == pytest.approx(0.01 * 2 * 1.5, rel=0.05)


@pytest.mark.parametrize(
    ("labels", "effects", "own"),
    [
        ({}, {}, 0.0),
        ({}, {"omega": 0.4}, 0.4),
        ({"her2": "negative"}, {"sigma": [0.4, 0, 0.3]}, 0.0),  # its levels are those found, not drawn again
    ],
)
def test_windows_scatter_by_their_error_and_omega(labels, effects, own):
    table = predicted([{"events": 100.0, **labels}], [{}], **effects)
    sd, row = spread(table)
    H = -np.log(0.9)
    rounding = 0.01 / np.sqrt(12) / 0.9 / H
    assert sd == pytest.approx(np.sqrt(0.01 + rounding**2 + own**2), rel=0.15)
    assert row["observed"] == pytest.approx(H / 5)
    assert row["median"] == pytest.approx(0.01, rel=4 * 1.25 * sd / np.sqrt(N))


@pytest.mark.parametrize("population", ["F", "P"])
def test_the_level_of_a_population_counts_once(population):
    others = {"F": 1, "P": 2}[population]
    levels = np.log(4.0) if population == "F" else [0.0, np.log(4.0)]
    table = predicted([{"population": population, "events": 1e6}], [{}], a=np.reshape(levels, others))
    assert spread(table)[1]["median"] == pytest.approx(0.04, rel=0.02)


def test_simulated_evidence_lies_in_its_predictions_as_often_as_they_say():
    evidence = reduced_evidence()
    design = recurrence_design(evidence)
    truth = draw_prior(RECURRENCE, design, 1, np.random.default_rng(8))
    outcomes = simulate(truth, design, np.random.default_rng(9))
    seen = evidence_of(evidence.recurrence_rates, evidence.recurrence_person_time.assign(events=outcomes.events[0]))
    draws = {
        name: values if name in ("edges", "spline_basis") else np.repeat(values, N, 0) for name, values in truth.items()
    }
    table = predicted_rates(posterior_of(draws), seen)
    table = table[table["kind"] == "person-time"]
    inside = table["observed"].between(table["lower"], table["upper"])
    assert len(table) > 10
    assert inside.mean() > 0.8


def test_thinning_keeps_whole_draws():
    draws = plain_draws(1200, 1)
    number = np.arange(1200.0)
    draws |= {"phi": number, "other_death": number}
    few = thinned(posterior_of(draws))
    assert len(few["phi"]) <= 1200 // 2
    assert (few["phi"] == few["other_death"]).all()
    assert (np.diff(few["phi"]) == 1200 // predictive.PREDICTIVE_DRAWS).all()


# Patients that it did not see


def test_a_series_is_predicted_from_its_strata_and_not_from_its_outcomes():
    rows = [
        {"nodal": nodal, "er": er, "n": n, "events": 5.0, "population": "SERIES", "endpoint": "distant_recurrence"}
        for er, nodal, n in (("negative", "N0", 30.0), ("negative", "N1-3", 10.0), ("positive", "N0", 50.0))
    ]
    later = {"er": "positive", "population": "SERIES", "start_year": 0.25, "end_year": 0.5, "n": 7.0}
    effects = {"nodal_effect": np.log([1, 8, 9, 10]), "distant": np.log([2, 2]), "a_new": np.log(3)}
    posterior = posterior_of(plain_draws(2, 1, **effects))

    def incidence(rows):
        evidence = evidence_of(rates_of({}), patients_of(*rows, later))
        return predicted_incidence(posterior, evidence, population="SERIES", years=[5.0, 20.0])

    risk = incidence(rows)
    hazard = 0.01 * 3 / 2
    expected = 0.75 * -np.expm1(-hazard * 20) + 0.25 * -np.expm1(-8 * hazard * 20)
    assert risk.dims == ("sample", "er", "year")
    assert risk.sel(er="negative", year=20).values == pytest.approx([expected] * 2)
    assert risk.sel(er="positive", year=5).values == pytest.approx([-np.expm1(-hazard * 5)] * 2)
    assert np.array_equal(risk, incidence([{**row, "events": 0.0, "person_years": 1.0} for row in rows]))


def test_the_ratio_over_a_window_is_that_of_the_average_hazards():
    basis = plain_draws(1)["spline_basis"].shape[1]
    beta = np.log(np.full((2, basis), 0.01) * [[3], [1]])
    ratio = window_hazard_ratio(posterior_of(plain_draws(2, beta=beta)), start=5, end=10, nodal="N0", tumour_size="T1")
    assert ratio.values == pytest.approx([3, 3])
