"""What the appendix shows of the model: its text and code read from the source file, priors, and checks.

The source is read as text; the model itself is never imported, so that a page does not wait for PyMC.
"""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pandas as pd
import pypandoc
import xarray as xr
from IPython.display import Markdown
from matplotlib.figure import Figure

from resurge.reporting import check_figures, figures, tables
from resurge.reporting.tables import Table
from resurge.synthesis import priors

PRIOR_LIMITS = (0.001, 0.5)
"""Annual hazards between which the priors should stay: one in a thousand and one in two."""
_NOT_STORED = "This check was not stored with the fit"


@dataclass(frozen=True)
class Checks:
    """Checks of a fit; None for what was not stored.

    Attributes
    ----------
    prior_hazard
        Hazard per year under the priors: summary with dims `er`, `year`.
    predicted_rates
        Rows for `check_figures.posterior_predictive_rates`.
    population_effects
        Rows for `check_figures.population_effects`.
    parameters
        Rows for `check_figures.prior_posterior`.
    validation_observed, validation_predicted
        Incidence seen in the series kept out of the fit, and the predicted one (summary with dims `er`, `year`).
    validation
        Rows for `tables.validation_table`.
    """

    prior_hazard: xr.Dataset | None = None
    predicted_rates: pd.DataFrame | None = None
    population_effects: pd.DataFrame | None = None
    parameters: pd.DataFrame | None = None
    validation_observed: pd.DataFrame | None = None
    validation_predicted: xr.Dataset | None = None
    validation: pd.DataFrame | None = None


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
        docstring = ast.get_docstring(self._module) or ""
        return Markdown(
            pypandoc.convert_text(docstring, "markdown", "rst", ["--shift-heading-level-by=2", "--columns=160"])
        )

    @property
    def code(self) -> Markdown:
        """The function that builds the model, as it runs."""
        function = next(node for node in self._module.body if getattr(node, "name", "") == "build_model")
        return Markdown(f"````python\n{ast.get_source_segment(self._source, function)}\n````")

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
        hazard = self.checks.prior_hazard
        return (
            figures.withheld(_NOT_STORED)
            if hazard is None
            else check_figures.prior_predictive_hazards(hazard, PRIOR_LIMITS)
        )

    @property
    def predicted_figure(self) -> Figure:
        """Observed and predicted rates."""
        return _drawn(check_figures.posterior_predictive_rates, self.checks.predicted_rates)

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
        rows = self.checks.validation
        return tables.withheld(_NOT_STORED) if rows is None else tables.validation_table(rows)

    @cached_property
    def _source(self) -> str:
        return Path(find_spec("resurge.synthesis.recurrence").origin).read_text(encoding="utf-8")

    @property
    def _module(self) -> ast.Module:
        return ast.parse(self._source)


def _drawn(draw: Any, rows: pd.DataFrame | None) -> Figure:  # noqa: ANN401
    return figures.withheld(_NOT_STORED) if rows is None else draw(rows)
