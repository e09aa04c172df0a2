"""What pages and appendix show of the therapy model of a project, which may have no such evidence or no fit yet."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from IPython.display import Markdown

from resurge.evidence.tables import Evidence
from resurge.inference.records import PosteriorMissingError, Record, load_record
from resurge.reporting import tables
from resurge.reporting.effect_answers import read_effects
from resurge.reporting.effect_fit_view import EffectFitView
from resurge.reporting.effect_view import EffectView
from resurge.reporting.model_source import model_code, model_text
from resurge.reporting.tables import Table
from resurge.reporting.verdicts import nothing_yet, verdict
from resurge.synthesis.therapy_priors import THERAPY

MODEL = "therapy"
CODE = (
    ("therapy", "build_model"),
    ("therapy", "mean_course"),
    ("effect_course", "course"),
    ("event_weights", "time_to_death"),
    ("therapy_levels", "effects_log_density"),
)
"""Modules and functions that are the model, in the order in which they run."""
NO_EVIDENCE = "This project has no evidence on effects of therapy over time"


@dataclass(frozen=True)
class TherapyModelView:
    """The therapy model and the checks of its fit, for the appendix.

    Attributes
    ----------
    diagnostics
        Diagnostics of the fit, as its record keeps them; empty without one.
    why
        Why there are none.
    """

    diagnostics: Mapping[str, Any]
    why: str = ""

    @property
    def text(self) -> Markdown:
        """Glossary and equations."""
        return model_text("therapy")

    @property
    def code(self) -> Markdown:
        """The functions that build the model, as they run."""
        return model_code(CODE)

    @property
    def priors_table(self) -> Table:
        """Priors with their reasons."""
        return tables.priors_table(THERAPY.table())

    @property
    def diagnostics_table(self) -> Table:
        """Diagnostics of the fit."""
        return tables.diagnostics_table(self.diagnostics) if self.diagnostics else tables.withheld(self.why)


def load_effects(evidence: Evidence) -> EffectView:
    """Load what the page about effects shows of a project."""
    found = _record(evidence)
    return effects_of(found, evidence) if isinstance(found, Record) else EffectView(None, nothing_yet(found), found)


def effects_of(record: Record, evidence: Evidence) -> EffectView:
    """Give what the page about effects shows of a stored fit."""
    return EffectView(read_effects(record, evidence) if record.passed else None, verdict(record))


def fit_of(view: EffectView) -> EffectFitView:
    """Give what the page shows of the published estimates behind its effects."""
    return EffectFitView(view.answers, view.why)


def load_therapy_model(evidence: Evidence) -> TherapyModelView:
    """Load what the appendix shows of the therapy model of a project."""
    found = _record(evidence)
    return TherapyModelView(found.diagnostics) if isinstance(found, Record) else TherapyModelView({}, found)


def _record(evidence: Evidence) -> Record | str:
    """Load the fit of a project, or say why there is none."""
    if evidence.therapy_effects is None:
        return NO_EVIDENCE
    try:
        return load_record(evidence.folder.parent, MODEL)
    except PosteriorMissingError as error:
        return str(error)
