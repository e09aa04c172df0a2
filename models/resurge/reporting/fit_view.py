"""What the pages of models show of one model: equations, code, priors, diagnostics, and evidence beside replicates."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from IPython.display import Markdown
from matplotlib.figure import Figure

from resurge.evidence.tables import Evidence
from resurge.inference.freshness import WATCHED
from resurge.inference.records import Record, RecordError, load_record
from resurge.reporting import check_figures, check_tables, gated, tables, words
from resurge.reporting.fit_checks import FitAnswers, read_fit
from resurge.reporting.model_source import model_code, model_text
from resurge.reporting.tables import Table
from resurge.reporting.verdicts import nothing_yet

CODE = {
    "metastasis": (
        *(("metastasis", name) for name in ("build_model", "counted_first", "correlation_of", "expected")),
        ("metastasis_forward", "correlated"),
    ),
    "dormancy": (
        *(("dormancy", name) for name in ("build_model", "state_model", "grown", "surfaced_after_growth")),
        ("curve_evidence", "explain_evidence"),
    ),
    "resistance": (("resistance", "build_model"), ("resistance_levels", "readings_log_density")),
    "translation": (("translation", "build_model"), ("resistance_levels", "readings_log_density")),
}
"""By model, modules and functions that are the model, in the order in which they run."""
REPLICATES = {
    "metastasis": check_figures.replicated_shares,
    "dormancy": check_figures.replicated_rates,
    "resistance": check_figures.replicated_effects,
    "translation": check_figures.replicated_effects,
}
"""By model, the figure of observed numbers against their replicates."""
NEEDED = {
    "metastasis": ("metastasis_sites",),
    "dormancy": (),
    "resistance": ("resistance_effects", "mechanisms"),
    "translation": ("replication_pairs",),
}
"""By model, tables that a project may do without, and then has no such model."""
NO_EVIDENCE = "This project has no evidence for this model"
_FAILED = """
::: {.callout-important title="No results: the fit failed its checks"}
Of this fit only the diagnostics are shown.
:::
"""
_STALE = """
::: {.callout-warning title="This fit is out of date"}
The evidence, the priors or the model changed after it: %s.
:::
"""


@dataclass(frozen=True)
class FitView:
    """One model and the checks of its fit.

    Attributes
    ----------
    model
        Name of the model.
    answers
        Summaries of the fit; None where there is none to report from.
    status
        Callout for the top of the section; empty if the fit is sound and up to date.
    diagnostics
        Diagnostics of the fit, as its record keeps them; empty without one.
    settings
        Draws and chains of the fit; empty without one.
    why
        Why there are no answers.
    """

    model: str
    answers: FitAnswers | None
    status: Markdown
    diagnostics: dict[str, Any]
    settings: dict[str, Any]
    why: str = gated.WITHHELD

    @property
    def text(self) -> Markdown:
        """Glossary and equations, from the docstring of the model's module."""
        return model_text(self.model)

    @property
    def code(self) -> Markdown:
        """The functions that build the model, as they run."""
        return model_code(CODE[self.model])

    @property
    def priors_table(self) -> Table:
        """Priors with their reasons."""
        return tables.priors_table(WATCHED[self.model].priors.table())

    @property
    def diagnostics_table(self) -> Table:
        """Diagnostics of the fit, passed or failed."""
        return tables.diagnostics_table(self.diagnostics) if self.diagnostics else tables.withheld(self.why)

    @property
    def sampled(self) -> str:
        """Tell how the posterior was drawn."""
        if not self.settings:
            return f"({self.why[:1].lower()}{self.why[1:].rstrip('.')})"
        chains, draws, tune = (self.settings[name] for name in ("chains", "draws", "tune"))
        return f"{words.count(chains, 'chain')} of {words.count(draws, 'draw')} after a warm-up of {tune:,}"

    @gated.figure
    def parameters_figure(self) -> Figure:
        """Prior and posterior of the parameters."""
        return check_figures.prior_posterior(self.answers.parameters)

    @gated.fresh_figure
    def replicates_figure(self) -> Figure:
        """Observed numbers against those of one more source."""
        return REPLICATES[self.model](self.answers.fitted)

    @gated.fresh_table
    def coverage_table(self) -> Table:
        """Numbers inside their predictive intervals, by kind of evidence."""
        return check_tables.coverage_table(self.answers.fitted)

    @gated.fresh_table
    def outside_table(self) -> Table:
        """Numbers outside the interval of one more source."""
        return check_tables.outside_table(self.answers.fitted)

    @gated.fresh_phrase
    def coverage(self) -> str:
        """Count the numbers inside both predictive intervals."""
        found, anew = (check_tables.inside(self.answers.fitted, prefix) for prefix in ("", "new_"))
        return (
            f"{found.sum()} of {len(found)} lie inside the interval at the level found for their own source, and "
            f"{anew.sum()} inside that of one more source"
        )


@dataclass(frozen=True)
class FitViews:
    """The models whose pages are alike, each read when a page first asks for it."""

    evidence: Evidence

    @cached_property
    def metastasis(self) -> FitView:
        """Sites of metastasis."""
        return load_fit(self.evidence, "metastasis")

    @cached_property
    def dormancy(self) -> FitView:
        """Two compartments, sleeping and growing."""
        return load_fit(self.evidence, "dormancy")

    @cached_property
    def resistance(self) -> FitView:
        """Mechanisms of resistance."""
        return load_fit(self.evidence, "resistance")

    @cached_property
    def translation(self) -> FitView:
        """Preclinical experiments and their repetitions."""
        return load_fit(self.evidence, "translation")


def load_fit(evidence: Evidence, model: str) -> FitView:
    """Load what the pages show of the fit of a model, or say why there is none."""
    if any(getattr(evidence, name) is None for name in NEEDED[model]):
        return _without(model, NO_EVIDENCE)
    try:
        record = load_record(evidence.folder.parent, model)
    except RecordError as error:
        return _without(model, str(error))
    return fit_of(record, evidence)


def fit_of(record: Record, evidence: Evidence) -> FitView:
    """Give what the pages show of a stored fit."""
    answers = read_fit(record, evidence) if record.passed else None
    return FitView(record.model, answers, status_of(record), record.diagnostics, record.settings)


def status_of(record: Record) -> Markdown:
    """Give the callout for the top of a model's section."""
    if not record.passed:
        return Markdown(_FAILED)
    return Markdown("" if record.fresh else _STALE % words.escape_markdown("; ".join(record.stale)))


def _without(model: str, why: str) -> FitView:
    return FitView(model, None, nothing_yet(words.escape_markdown(why).rstrip(".")), {}, {}, why)
