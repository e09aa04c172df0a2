"""What the appendix shows of the recurrence model: its text and code, priors, and checks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
import xarray as xr
from IPython.display import Markdown
from matplotlib.figure import Figure

from resurge.reporting import check_figures, figures, tables, words
from resurge.reporting.model_source import model_code, model_text
from resurge.reporting.tables import Table
from resurge.synthesis import priors

PRIOR_LIMITS = (0.001, 0.5)
"""Annual hazards between which the priors should stay: one in a thousand and one in two."""
CODE = (
    ("recurrence", "build_model"),
    ("recurrence", "state_model"),
    ("curve_evidence", "explain_evidence"),
    ("curve_evidence", "population_levels"),
    ("curve_evidence", "explain_person_time"),
    ("curve_evidence", "explain_windows"),
)
"""Modules and functions that are the model, in the order in which they run."""
_NOT_STORED = "Not shown: the fit failed its checks, or the evidence changed after it"


@dataclass(frozen=True)
class Checks:
    """Checks of a fit; None for what was not stored.

    Attributes
    ----------
    prior_hazard
        Hazard per year under the priors: summary with dims `er`, `year`.
    prior_share
        Share of these hazards, over draws and years, between `PRIOR_LIMITS`.
    prior_risk
        Draws of the risk over the whole period under the priors: dims `sample`, `er`.
    predicted_rates
        Rows for `check_figures.posterior_predictive_rates` and `tables.predictions_table`.
    coverage
        Rows for `tables.coverage_table`.
    population_effects
        Rows for `check_figures.population_effects`.
    parameters
        Rows for `check_figures.prior_posterior`.
    validation_observed, validation_predicted
        Incidence seen in the series kept out of the fit, and the predicted one (summary with dims `er`, `year`).
    validation
        Rows for `tables.validation_table`.
    ratios
        Rows for `tables.ratios_table`.
    """

    prior_hazard: xr.Dataset | None = None
    prior_share: float | None = None
    prior_risk: xr.DataArray | None = None
    predicted_rates: pd.DataFrame | None = None
    coverage: pd.DataFrame | None = None
    population_effects: pd.DataFrame | None = None
    parameters: pd.DataFrame | None = None
    validation_observed: pd.DataFrame | None = None
    validation_predicted: xr.Dataset | None = None
    validation: pd.DataFrame | None = None
    ratios: pd.DataFrame | None = None


@dataclass(frozen=True)
class ModelView:
    """A model and the checks of its fit, for the pages.

    Attributes
    ----------
    diagnostics
        Diagnostics of the fit, as its record keeps them.
    checks
        What else was computed from the fit.
    """

    diagnostics: Mapping[str, Any]
    checks: Checks

    @property
    def text(self) -> Markdown:
        """Glossary and equations, from the docstring of the model's module."""
        return model_text("recurrence")

    @property
    def code(self) -> Markdown:
        """The functions that build the model, as they run."""
        return model_code(CODE)

    @property
    def priors_table(self) -> Table:
        """Priors with their reasons."""
        return tables.priors_table(priors.RECURRENCE.table())

    @property
    def diagnostics_table(self) -> Table:
        """Diagnostics of the fit."""
        return tables.diagnostics_table(self.diagnostics)

    @property
    def prior_figure(self) -> Figure:
        """Hazards under the priors."""
        return _drawn(
            lambda hazard: check_figures.prior_predictive_hazards(hazard, PRIOR_LIMITS), self.checks.prior_hazard
        )

    @property
    def prior_risk_figure(self) -> Figure:
        """Risks under the priors."""
        return _drawn(check_figures.prior_predictive_risks, self.checks.prior_risk)

    @property
    def prior_limits(self) -> str:
        """Hazards between which the priors should stay."""
        return " and ".join(f"{100 * limit:g}%" for limit in PRIOR_LIMITS)

    @property
    def prior_share(self) -> str:
        """Share of the hazards under the priors that lie between the limits."""
        share = self.checks.prior_share
        return f"({_NOT_STORED.lower()})" if share is None else words.percent(share, 0)

    @property
    def predicted_figure(self) -> Figure:
        """Observed and predicted rates."""
        return _drawn(check_figures.posterior_predictive_rates, self.checks.predicted_rates)

    @property
    def predicted_table(self) -> Table:
        """Observed and predicted rates, one by one."""
        return _listed(tables.predictions_table, self.checks.predicted_rates)

    @property
    def coverage_table(self) -> Table:
        """Numbers inside their predictive intervals by population."""
        return _listed(tables.coverage_table, self.checks.coverage)

    @property
    def coverage(self) -> str:
        """Numbers inside their predictive intervals in all."""
        counts = self.checks.coverage
        if counts is None:
            return f"({_NOT_STORED.lower()})"
        return f"{counts['inside'].sum()} of {counts['numbers'].sum()}"

    @property
    def populations_figure(self) -> Figure:
        """Levels of the populations."""
        return _drawn(check_figures.population_effects, self.checks.population_effects)

    @property
    def parameters_figure(self) -> Figure:
        """Prior and posterior of the parameters."""
        return _drawn(check_figures.prior_posterior, self.checks.parameters)

    @property
    def validation_figure(self) -> Figure:
        """Series kept out of the fit against its prediction."""
        if self.checks.validation_predicted is None:
            return figures.withheld(_NOT_STORED)
        return check_figures.external_validation(self.checks.validation_observed, self.checks.validation_predicted)

    @property
    def validation_table(self) -> Table:
        """Series kept out of the fit against its prediction, in numbers."""
        return _listed(tables.validation_table, self.checks.validation)

    @property
    def validation_misses(self) -> str:
        """Observed over predicted risk in the series kept out, by ER status, in the last year compared."""
        rows = self.checks.validation
        if rows is None:
            return f"({_NOT_STORED.lower()})"
        last = rows[rows["year"] == rows["year"].max()]
        shares = [f"{row.observed / row.median:.2f} times the prediction in ER-{row.er}" for row in last.itertuples()]
        return f"{words.listed(shares)} disease by year {last['year'].iloc[0]:g}"

    @property
    def ratios_table(self) -> Table:
        """Published ratios that were not in the fit, and those of the model."""
        return _listed(tables.ratios_table, self.checks.ratios)


def _drawn(draw: Callable[[Any], Figure], rows: object | None) -> Figure:
    return figures.withheld(_NOT_STORED) if rows is None else draw(rows)


def _listed(lay_out: Callable[[Any], Table], rows: pd.DataFrame | None) -> Table:
    return tables.withheld(_NOT_STORED) if rows is None else lay_out(rows)
