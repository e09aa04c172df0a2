"""Are the answers those that paper gives for hazards simple enough to work them out?"""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from resurge.findings import hazard_draws, recurrence
from resurge.findings.hazard_draws import (
    Profile,
    crossover_years,
    group_hazard,
    hazard_at,
    mixture_weights,
    peak_years,
    risk_between,
    shares_after,
    shortest_windows,
    stated_weights,
    years_below,
)
from simulation import as_posterior, plain_draws

YEARS = np.arange(21.0)
MIDDLES = YEARS[:-1] + 0.5


def steps(*parts: tuple[float, float]) -> np.ndarray:
    """Give hazards in cells of a year from (last year, hazard) pairs: one draw."""
    ends = np.array([end for end, _ in parts])
    return np.array([[parts[int(np.searchsorted(ends, t))][1] for t in MIDDLES]])


# Risk


def test_risks_of_a_constant_hazard():
    risk = risk_between(np.full((2, 20), [[0.02], [0.1]]), YEARS, 5.0, [7.5, 20.0])
    expected = [[1 - np.exp(-0.05), 1 - np.exp(-0.3)], [1 - np.exp(-0.25), 1 - np.exp(-1.5)]]
    assert np.allclose(risk, expected)


def test_risk_over_a_change_of_hazard():
    risk = risk_between(steps((3, 0.1), (20, 0.02)), YEARS, 2.0, [5.0])
    assert risk[0, 0] == pytest.approx(1 - np.exp(-0.1 - 0.04))


def test_hazards_are_read_on_straight_lines_of_their_logs():
    hazard = np.array([[0.01, 0.04, 0.01]])
    read = hazard_at(hazard, [0, 1, 2, 3], [0.0, 0.5, 1.0, 1.5, 2.25, 9.0])
    assert read[0] == pytest.approx([0.01, 0.01, 0.02, 0.04, 0.01 * 4**0.25, 0.01])


# Windows of risk


@pytest.mark.parametrize("peak", [1.3, 6.5, 11.0])
def test_the_peak_of_a_parabola_is_its_top(peak):
    for edges in (YEARS, np.array([0, 0.25, 0.5, 1, 1.5, 2, 3, 5, 7, 8, 10, 12, 13, 16, 20.0])):
        middles = (edges[1:] + edges[:-1]) / 2
        hazard = np.exp(-((middles - peak) ** 2) / 40 - 3)[None]
        assert peak_years(hazard, edges) == pytest.approx([peak])


def test_a_hazard_that_only_falls_or_rises_peaks_at_its_end():
    falling = 0.05 / (1 + MIDDLES) ** np.array([[0.5], [2.0]])
    assert peak_years(falling, YEARS).tolist() == [0.5, 0.5]
    assert peak_years(np.exp(0.1 * MIDDLES)[None], YEARS).tolist() == [19.5]


def test_a_peak_after_year_twenty_is_not_counted():
    edges = np.arange(31.0)
    hazard = np.full((1, 30), 0.01)
    hazard[0, [7, 25]] = 0.02, 0.9
    assert peak_years(hazard, edges) == pytest.approx([7.5])


@pytest.mark.parametrize("share", [0.5, 0.8])
def test_under_a_constant_hazard_the_shortest_window_starts_at_diagnosis(share):
    rate = 0.08
    end = -np.log(1 - share * (1 - np.exp(-20 * rate))) / rate
    assert shortest_windows(np.full((1, 20), rate), YEARS, share)[0] == pytest.approx([0, end], abs=0.01)


def test_the_shortest_window_lies_where_the_hazard_does():
    window = shortest_windows(steps((4, 1e-9), (8, 0.1), (20, 1e-9)), YEARS, 0.5)[0]
    end = 4 - np.log(1 - 0.5 * (1 - np.exp(-0.4))) / 0.1
    assert window == pytest.approx([4, end], abs=0.01)


def test_the_shortest_window_may_end_at_year_twenty():
    window = shortest_windows(steps((18, 1e-9), (20, 0.001)), YEARS, 0.8)[0]
    assert window[1] - window[0] == pytest.approx(1.6, abs=0.01)
    assert window[0] >= 17.99


def test_the_share_after_a_year_of_a_constant_hazard():
    share = shares_after(np.full((1, 20), 0.03), YEARS, [0.0, 5.0, 10.0, 20.0])
    late = [1 - (1 - np.exp(-0.03 * t)) / (1 - np.exp(-0.6)) for t in (5, 10)]
    assert share[0] == pytest.approx([1, *late, 0])


def test_the_year_below_is_the_end_of_the_last_year_above():
    def below(*parts):
        return years_below(steps(*parts), YEARS, 0.02)[0]

    assert below((7, 0.05), (20, 0.01)) == 7
    assert below((3, 0.05), (6, 0.01), (9, 0.05), (20, 0.01)) == 9  # under it for a while does not count
    assert below((20, 0.01)) == 0
    assert np.isnan(below((19, 0.01), (20, 0.05)))


def test_the_year_below_goes_by_risk_and_not_by_hazard():
    hazard = np.full((1, 20), 0.0201)  # an annual risk of 1.99%
    assert years_below(hazard, YEARS, 0.02)[0] == 0


# Crossing


def crossing(negative, positive):
    return crossover_years(negative, positive, YEARS)[0]


def test_hazards_cross_on_the_line_between_the_middles_of_cells():
    year = crossing(steps((4, 0.08), (20, 0.01)), steps((20, 0.02)))
    # log ratio -1.386 at 3.5 and 0.693 at 4.5: zero after two thirds of a year.
    assert year == pytest.approx(3.5 + 2 / 3)


def test_only_the_last_crossing_counts():
    negative = steps((2, 0.04), (6, 0.01), (9, 0.04), (20, 0.01))
    assert crossing(negative, steps((20, 0.02))) == pytest.approx(9.0)


@pytest.mark.parametrize(
    ("negative", "positive"),
    [
        (steps((20, 0.03)), steps((20, 0.02))),
        (steps((20, 0.01)), steps((20, 0.02))),
        (steps((5, 0.03), (15, 0.01), (20, 0.03)), steps((20, 0.02))),
    ],
    ids=["never ahead", "ahead from the start", "falls behind again"],
)
def test_curves_that_do_not_cross_for_good_have_no_crossing(negative, positive):
    assert np.isnan(crossing(negative, positive))


# Groups of women

ODDS = np.log([3.0, 0.5, 0.25, 0.125, 1.0, 0.5])


def test_the_weights_of_a_mixture_are_its_odds():
    weights = mixture_weights(plain_draws(2, log_odds=ODDS), Profile("positive", "any", "T1"))
    assert np.allclose(weights.T, np.array([8, 4, 2, 1]) / 15)
    named = stated_weights(plain_draws(2, log_odds=ODDS), Profile("positive", "N1+", "T1-T2"))
    assert named == pytest.approx(
        {"N1-3 T1": 2 / 7, "N1-3 T2": 2 / 7, "N4-9 T1": 1 / 7, "N4-9 T2": 1 / 7, "N10+ T1": 1 / 14, "N10+ T2": 1 / 14}
    )


def test_one_stratum_weighs_all_and_has_its_own_hazard():
    draws = plain_draws(3, nodal_effect=np.log([1, 2, 3, 4]), size_effect=np.log([1, 1.5, 2]), log_odds=ODDS)
    profile = Profile("positive", "N4-9", "T2")
    assert (mixture_weights(draws, profile) == 1).all()
    assert np.allclose(group_hazard(draws, profile), 0.01 * 3 * 1.5)


def test_the_hazard_of_a_mixture_moves_with_who_is_left():
    draws = plain_draws(1, nodal_effect=np.log([1, 20, 1, 1]), log_odds=np.zeros(6))
    hazard = group_hazard(draws, Profile("positive", "any", "T1"))
    survival = np.mean([np.exp(-0.01 * 20), np.exp(-0.2 * 20), np.exp(-0.01 * 20), np.exp(-0.01 * 20)])
    assert risk_between(hazard, draws["edges"], 0, 20)[0, 0] == pytest.approx(1 - survival)
    assert hazard[0, 0] > hazard[0, 30] > 0.01


def test_a_new_population_has_its_level_and_tilt():
    draws = plain_draws(1, a_new=np.log(2), b_new=0.5)
    typical, new = (
        group_hazard(draws, Profile("negative", "N0", "T1", population=name)) for name in ("typical", "new")
    )
    middles = (draws["edges"][1:] + draws["edges"][:-1]) / 2
    assert np.allclose(new / typical, 2 * ((1 + middles) / 6) ** 0.5)


def test_distant_recurrence_is_rarer_by_its_ratio():
    draws = plain_draws(1, distant=np.log([1.6, 3]))
    for er, ratio in (("negative", 1.6), ("positive", 3)):
        hazard = group_hazard(draws, Profile(er, "N0", "T1", "distant_recurrence"))
        assert np.allclose(hazard, 0.01 / ratio)


def test_therapy_is_that_of_the_reference_unless_named():
    draws = plain_draws(1, therapy=[np.log(2), 0, np.log(0.5)])
    early = {
        (er, therapy): group_hazard(draws, Profile(er, "N0", "T1", therapy=therapy))[0, 0]
        for er, therapy in (("positive", ""), ("positive", "none"), ("positive", "chemo"), ("negative", ""))
    }
    assert early["positive", ""] == pytest.approx(0.01)
    # Twice for want of endocrine therapy; half the log ratio of chemotherapy to either side of a mixed reference.
    assert early["positive", "none"] == pytest.approx(0.02 * 2**0.5)
    assert early["positive", "chemo"] == pytest.approx(0.02 / 2**0.5)
    assert early["negative", ""] == pytest.approx(0.01)


@pytest.mark.parametrize("wrong", ["er", "nodal", "tumour_size", "endpoint", "population", "therapy"])
def test_an_unknown_label_is_refused_by_name(wrong):
    with pytest.raises(ValueError, match=f"{wrong}: 'strange'"):
        Profile(**({"er": "positive"} | {wrong: "strange"}))


# Labelled answers


@pytest.fixture(scope="module")
def posterior():
    """Draws of 3% a year in ER-negative and 1% in ER-positive disease, twice that for N1-3; half of them doubled."""
    level = np.log(0.01) + np.log([[3.0], [1.0]])
    draws = plain_draws(4, beta=np.broadcast_to(level, (2, 13)), nodal_effect=np.log([1, 2, 3, 4]))
    draws["beta"][2:] += np.log(2)
    return as_posterior(draws)


ONE = {"nodal": "N0", "tumour_size": "T1"}


def test_residual_risks_have_labels_and_no_answer_backwards(posterior):
    risk = recurrence.residual_risk(posterior, start=[0, 5, 10], end=[5, 10], **ONE)
    assert risk.dims == ("sample", "er", "start", "end")
    expected = -np.expm1(-0.01 * 5 * np.array([1, 1, 2, 2]))
    assert risk.sel(er="positive", start=5, end=10).values == pytest.approx(expected)
    assert (risk.sel(start=5, end=5) == 0).all()
    assert risk.sel(start=10, end=5).isnull().all()


def test_every_answer_has_its_labels(posterior):
    expected = {
        "annual_hazard": (recurrence.annual_hazard(posterior, years=[1, 9], **ONE), ("sample", "er", "year")),
        "cumulative_risk": (recurrence.cumulative_risk(posterior, end=[10], **ONE), ("sample", "er", "end")),
        "peak_year": (recurrence.peak_year(posterior, **ONE), ("sample", "er")),
        "shortest_window": (recurrence.shortest_window(posterior, share=0.5, **ONE), ("sample", "er", "bound")),
        "share_after": (recurrence.share_after(posterior, after=[5], **ONE), ("sample", "er", "after")),
        "year_below": (recurrence.year_below(posterior, threshold=0.05, **ONE), ("sample", "er")),
        "hazard_ratio": (recurrence.hazard_ratio(posterior, years=[1, 9], **ONE), ("sample", "year")),
        "crossover_year": (recurrence.crossover_year(posterior, **ONE), ("sample",)),
    }
    for name, (answer, dims) in expected.items():
        assert answer.dims == dims, name
        assert answer.sizes["sample"] == 4, name
    answers = {name: answer for name, (answer, _) in expected.items()}
    # Chemotherapy has no effect in these draws, so the ratio is 3 at all times.
    assert np.allclose(answers["hazard_ratio"], 3)
    assert answers["annual_hazard"].sel(er="negative", year=9).values == pytest.approx([0.03, 0.03, 0.06, 0.06])
    assert answers["year_below"].sel(er="negative").values == pytest.approx([0, 0, np.nan, np.nan], nan_ok=True)
    assert answers["crossover_year"].isnull().all()


def test_chains_are_joined_and_no_draw_is_lost(posterior):
    two = xr.concat([posterior.isel(draw=[0, 1]), posterior.isel(draw=[2, 3])], "chain", data_vars="minimal")
    for name in hazard_draws.PARAMETERS:
        assert np.array_equal(recurrence.draws_of(two)[name], recurrence.draws_of(posterior)[name]), name


def test_levels_of_populations_are_ratios():
    a = xr.Dataset(
        {"a": (("chain", "draw", "population"), np.log([[[2.0, 0.5], [4.0, 1.0]]]))}, {"population": ["P", "Q"]}
    )
    ratios = recurrence.population_ratios(a)
    assert ratios.sel(population="P").values == pytest.approx([2, 4])
    assert ratios.dims == ("sample", "population")


# Summaries


def test_a_summary_has_mean_median_and_equal_tails():
    draws = xr.DataArray(
        np.arange(1001.0)[:, None] * [1, 2], dims=("sample", "er"), coords={"er": ["negative", "positive"]}
    )
    summary = recurrence.summarise(draws, level=0.9)
    assert summary.attrs == {"interval_kind": "equal-tailed", "interval_level": 0.9}
    assert [float(summary[name][1]) for name in ("mean", "median", "lower", "upper")] == pytest.approx(
        [1000, 1000, 100, 1900]
    )
    assert (summary["exists"] == 1).all()


def test_draws_without_an_answer_are_counted_and_left_out():
    draws = xr.DataArray([[1.0, np.nan], [3.0, np.nan], [np.nan, np.nan], [8.0, np.nan]], dims=("sample", "k"))
    summary = recurrence.summarise(draws, level=0.5)
    assert summary["exists"].values.tolist() == [0.75, 0]
    assert [float(summary[name][0]) for name in ("mean", "median", "lower", "upper")] == [4, 3, 2, 5.5]
    assert all(np.isnan(summary[name][1]) for name in ("mean", "median", "lower", "upper"))
