"""Do the figures draw what they are given, with the words a reader needs?"""

import io

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from numpy.testing import assert_allclose

from resurge.reporting import check_figures, figures
from resurge.reporting.style import ER_COLOURS

YEARS = np.linspace(0, 20, 41)


def summary(median, dims, coords, level=0.95):
    values = {"median": median, "mean": median, "lower": 0.5 * median, "upper": 2 * median}
    return xr.Dataset({k: (dims, v) for k, v in values.items()}, coords, {"interval_level": level})


@pytest.fixture
def hazards():
    median = np.stack([0.1 * np.exp(-YEARS / 5), 0.03 * np.exp(-YEARS / 30)])
    return summary(median, ("er", "year"), {"er": ["negative", "positive"], "year": YEARS})


def lines_by_name(ax):
    return {line.get_label(): line for line in ax.get_lines() if not line.get_label().startswith("_")}


def texts(ax):
    return [text.get_text() for text in ax.texts]


def test_hazard_curves_draw_the_medians_in_the_colours_of_er(hazards):
    (ax,) = figures.hazard_curves(hazards, hazards).axes
    lines = lines_by_name(ax)
    assert set(lines) == {"ER-negative", "ER-positive"}
    assert_allclose(lines["ER-positive"].get_ydata(), hazards["median"].sel(er="positive"))
    assert_allclose(lines["ER-positive"].get_xdata(), YEARS)
    assert lines["ER-negative"].get_color() == ER_COLOURS["negative"]
    assert texts(ax) == ["ER-negative", "ER-positive"]  # direct labels from the bottom up
    assert ax.get_xlabel() == "Years since diagnosis"
    assert ax.yaxis.get_major_formatter()(0.015, 0) == "1.5%"


def test_hazard_bands_are_the_limits(hazards):
    (ax,) = figures.hazard_curves(hazards, hazards).axes
    band = ax.collections[0].get_paths()[0].vertices
    at_start = band[np.isclose(band[:, 0], 0), 1]
    assert_allclose([at_start.min(), at_start.max()], [0.05, 0.2])


def test_patient_series_are_points_and_published_windows_are_lines_over_their_years(hazards):
    observed = pd.DataFrame(
        {
            "population": ["A", "B"], "er": ["negative", "positive"], "start_year": [0.0, 1.0], "end_year": [1.0, 3.0],
            "rate": [0.12, 0.02], "lower": [0.1, 0.01], "upper": [0.15, 0.03], "kind": ["person-time", "published"],
        }
    )  # fmt: skip
    negative, positive = figures.hazards_with_data(hazards, hazards, observed).axes
    assert_allclose(negative.get_lines()[-1].get_xydata(), [[0.5, 0.12]])
    assert_allclose(positive.get_lines()[-1].get_xydata(), [[1.0, 0.02], [3.0, 0.02]])
    assert [text.get_text() for text in negative.get_legend().get_texts()] == ["A", "published windows"]


def test_residual_risks_start_where_the_woman_stands():
    end, start = np.arange(0.0, 21.0), np.array([0.0, 5.0])
    median = np.stack([[np.where(end >= s, 0.01 * (end - s), np.nan) for s in start]] * 2)
    data = summary(median, ("er", "start", "end"), {"er": ["negative", "positive"], "start": start, "end": end})
    negative, positive = figures.residual_risk_curves(data).axes
    lines = lines_by_name(positive)
    assert set(lines) == {"from diagnosis", "free at year 5"}
    assert_allclose(lines["free at year 5"].get_xdata(), end[5:])
    assert_allclose(lines["free at year 5"].get_ydata(), 0.01 * (end[5:] - 5))
    assert negative.get_title("left") == "ER-negative"


def test_windows_are_bars_and_a_peak_is_a_point():
    windows = pd.DataFrame(
        {
            "er": ["negative", "positive"], "name": ["peak", "half"], "start": [1.5, 1.0], "end": [1.5, 8.0],
            "start_lower": [1.0, 0.8], "start_upper": [2.0, 1.2], "end_lower": [1.0, 7.0], "end_upper": [2.0, 9.0],
        }
    )  # fmt: skip
    (ax,) = figures.risk_windows_chart(windows).axes
    (bar,) = ax.patches
    assert (bar.get_x(), bar.get_width()) == (1.0, 7.0)
    assert_allclose(ax.get_lines()[0].get_xdata(), [1.5])
    assert [label.get_text() for label in ax.get_yticklabels()] == ["ER-negative:\npeak", "ER-positive:\nhalf"]


def test_hazard_ratio_has_a_line_at_one_and_the_crossover_with_its_level():
    ratio = summary(np.linspace(3, 0.5, YEARS.size), ("year",), {"year": YEARS}, level=0.9)
    (ax,) = figures.hazard_ratio_curve(ratio, crossover=(5.0, 4.0, 6.0)).axes
    assert_allclose(ax.get_lines()[0].get_ydata(), ratio["median"])
    assert_allclose(ax.get_lines()[1].get_ydata(), [1, 1])
    assert "90% interval" in texts(ax)[0]
    (without,) = figures.hazard_ratio_curve(ratio, crossover=(np.nan, np.nan, np.nan)).axes
    assert texts(without) == []


def test_crossover_density_counts_draws_that_never_cross():
    (ax,) = figures.crossover_density([4.1, 4.1, 4.1, np.nan]).axes
    assert_allclose(sum(bar.get_height() for bar in ax.patches), 0.75)


def test_inclusion_flow_prints_every_number():
    stages = pd.DataFrame({"stage": ["In the tables", "Kept", "In the model"], "rows": [1427, 1130, 1000]})
    excluded = pd.DataFrame({"reason": ["same patients elsewhere", "misprint"], "rows": [296, 1]})
    other = pd.DataFrame({"kind": ["ratios"], "rows": [130]})
    (ax,) = figures.inclusion_flow(stages, excluded, other).axes
    words = "\n".join(texts(ax))
    shown = (
        "In the tables\n1,427 rows",
        "In the model\n1,000 rows",
        "Left out: 297 rows",
        "1  misprint",
        "130  ratios",
    )
    for expected in shown:
        assert expected in words


def test_prior_hazards_show_the_limits(hazards):
    axes = check_figures.prior_predictive_hazards(hazards, limits=(0.001, 0.5)).axes
    assert [ax.get_title("left") for ax in axes] == ["ER-negative", "ER-positive"]
    assert [line.get_ydata()[0] for line in axes[0].get_lines()[1:]] == [0.001, 0.5]


def test_prior_risks_fill_the_bars_with_all_their_probability():
    risk = xr.DataArray([[0.1, 0.5], [0.2, 0.5]], dims=("sample", "er"), coords={"er": ["negative", "positive"]})
    negative, positive = check_figures.prior_predictive_risks(risk).axes
    assert_allclose([sum(bar.get_height() for bar in ax.patches) for ax in (negative, positive)], 1)
    assert max(bar.get_height() for bar in positive.patches) == 1


def test_predictions_stand_against_observations():
    predicted = pd.DataFrame(
        {"population": "A", "er": ["negative"], "observed": [0.1], "median": [0.12], "lower": [0.08], "upper": [0.2]}
    )
    (ax,) = check_figures.posterior_predictive_rates(predicted).axes
    assert_allclose(ax.get_lines()[0].get_xydata(), [[0.1, 0.12]])
    assert ax.get_xlim() == ax.get_ylim()


def test_external_validation_steps_over_the_prediction(hazards):
    steps = pd.DataFrame(
        {"er": "positive", "year": [0.0, 2.0], "estimate": [0.0, 0.1], "lower": [0.0, 0.05], "upper": [0.0, 0.2]}
    )
    _, positive = check_figures.external_validation(steps, hazards).axes
    lines = lines_by_name(positive)
    assert_allclose(lines["observed"].get_ydata(), [0.0, 0.1])
    assert_allclose(lines["predicted"].get_ydata(), hazards["median"].sel(er="positive"))


def test_forests_keep_the_order_of_the_rows():
    effects = pd.DataFrame(
        {"population": ["First", "Second"], "median": [1.2, 0.8], "lower": [1, 0.5], "upper": [1.5, 1.1]}
    )
    (ax,) = check_figures.population_effects(effects).axes
    heights = dict(zip([label.get_text() for label in ax.get_yticklabels()], ax.get_yticks(), strict=True))
    assert heights["First"] > heights["Second"]
    assert_allclose(ax.get_lines()[0].get_xdata(), [1.2, 0.8])


def test_prior_and_posterior_are_named():
    row = {
        "panel": ["Spreads"],
        "parameter": ["omega"],
        "prior_median": [0.1],
        "prior_lower": [0],
        "prior_upper": [0.3],
    }
    row |= {"median": [0.2], "lower": [0.1], "upper": [0.25]}
    (ax,) = check_figures.prior_posterior(pd.DataFrame(row)).axes
    assert set(lines_by_name(ax)) == {"prior", "posterior"}


def test_drawing_leaves_the_settings_of_matplotlib_alone(hazards):
    before = dict(mpl.rcParams)
    figures.hazard_curves(hazards, hazards)
    assert dict(mpl.rcParams) == before


def test_names_from_evidence_are_never_mathematics():
    name = r"$\frac{ A$ <script>"
    effects = pd.DataFrame({"population": [name], "median": [1.2], "lower": [1.0], "upper": [1.5]})
    flow = pd.DataFrame({"stage": [name] * 3, "rows": [3, 2, 1]})
    out = pd.DataFrame({"reason": [name], "kind": [name], "rows": [1]})
    drawn = io.StringIO()
    check_figures.population_effects(effects).savefig(drawn, format="svg")
    figures.inclusion_flow(flow, out[["reason", "rows"]], out[["kind", "rows"]]).savefig(drawn, format="svg")
    assert "<script" not in drawn.getvalue()
