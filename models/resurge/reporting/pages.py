"""The door through which a report page gets everything it shows.

A page loads once and then names what it wants::

    from resurge.reporting import pages
    report = pages.load("..")
    report.results.crossover        # a phrase
    report.results.hazard_figure    # a figure
    report.evidence.sources_table   # a table
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from IPython.display import Markdown

from resurge.evidence.tables import Evidence, load_evidence
from resurge.inference.records import Record, load_record
from resurge.project import Project
from resurge.reporting.answers import read_answers
from resurge.reporting.benefit_pages import load_benefit
from resurge.reporting.benefit_view import BenefitView
from resurge.reporting.changes_view import ChangesView
from resurge.reporting.claims_view import ClaimsView, load_claims
from resurge.reporting.dormancy_view import DormancyView, load_dormancy
from resurge.reporting.effect_fit_view import EffectFitView
from resurge.reporting.effect_view import EffectView
from resurge.reporting.evidence_view import EvidenceView
from resurge.reporting.fit_view import FitViews
from resurge.reporting.group_view import GroupView
from resurge.reporting.groups import read_groups
from resurge.reporting.influence_view import InfluenceView
from resurge.reporting.model_view import Checks, ModelView
from resurge.reporting.resistance_view import ResistanceView, load_resistance
from resurge.reporting.resistant_view import ResistantView
from resurge.reporting.results import Answers, Results
from resurge.reporting.site_view import SiteView, load_sites
from resurge.reporting.source_names import source_names
from resurge.reporting.therapy_pages import TherapyModelView, fit_of, load_effects, load_therapy_model
from resurge.reporting.verdicts import verdict


@dataclass(frozen=True)
class Report:
    """What the pages show, worked out when a page first asks for it.

    Attributes
    ----------
    tables
        Evidence as loaded.
    record
        Stored fit of the recurrence model.
    """

    tables: Evidence
    record: Record

    @property
    def status(self) -> Markdown:
        """Callout for the top of a page; empty if the results are sound and up to date."""
        return verdict(self.record)

    @cached_property
    def results(self) -> Results:
        """Phrases, figures and tables of the answers; withheld if the fit failed its gate."""
        return Results(self._answers)

    @cached_property
    def groups(self) -> GroupView:
        """The same for single groups of women and for a new population."""
        return GroupView(self._answers, read_groups(self.record, self.tables) if self.record.passed else None)

    @cached_property
    def evidence(self) -> EvidenceView:
        """Phrases, figures and tables of the evidence."""
        return EvidenceView(self.tables)

    @cached_property
    def model(self) -> ModelView:
        """The model and the checks of its fit."""
        from resurge.reporting.checks import read_checks  # seconds to import; only one page shows them

        checks = read_checks(self.record, self.tables) if self.record.passed else Checks()
        return ModelView(self.record.diagnostics, checks)

    @cached_property
    def therapy(self) -> EffectView:
        """Effects of therapy in early disease over time."""
        return load_effects(self.tables)

    @cached_property
    def therapy_fit(self) -> EffectFitView:
        """The published estimates behind these effects."""
        return fit_of(self.therapy)

    @cached_property
    def therapy_model(self) -> TherapyModelView:
        """The model of these effects and the checks of its fit."""
        return load_therapy_model(self.tables)

    @cached_property
    def benefit(self) -> BenefitView:
        """What a therapy changes for a woman."""
        return load_benefit(self.record, self.tables)

    @cached_property
    def dormancy(self) -> DormancyView:
        """Two compartments, sleeping and growing, against the smooth curves."""
        return load_dormancy(Project(self.tables.folder.parent), self.record)

    @cached_property
    def sites(self) -> SiteView:
        """Sites of metastasis by subtype and setting."""
        return load_sites(self.tables)

    @cached_property
    def resistant(self) -> ResistantView:
        """Networks of resistant metastatic disease, fitted when shown."""
        return ResistantView(Project(self.tables.folder.parent))

    @cached_property
    def claims(self) -> ClaimsView:
        """What documents say, held against the evidence."""
        return load_claims(Project(self.tables.folder.parent))

    @cached_property
    def resistance(self) -> ResistanceView:
        """Mechanisms of resistance, and what is seen again of preclinical effects."""
        return load_resistance(self.tables)

    @cached_property
    def fits(self) -> FitViews:
        """The models of sites, dormancy, resistance and translation, and the checks of their fits."""
        return FitViews(self.tables)

    @cached_property
    def changes(self) -> ChangesView:
        """What came in and went out since the posteriors before, and what moved."""
        return ChangesView(Project(self.tables.folder.parent))

    @cached_property
    def influence(self) -> InfluenceView:
        """What answers owe to single sources."""
        return InfluenceView(Project(self.tables.folder.parent), source_names(self.tables.sources))

    @cached_property
    def _answers(self) -> Answers | None:
        return read_answers(self.record) if self.record.passed else None


def load(project: Path | str) -> Report:
    """Load the evidence and the stored posterior of a project.

    Parameters
    ----------
    project
        Folder that holds ``data`` and ``analyses``.
    """
    project = Path(project)
    return Report(load_evidence(project / "data"), load_record(project, "recurrence"))
