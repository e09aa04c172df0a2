"""The door through which a report page gets everything it shows.

A page loads once and then names what it wants::

    from resurge.reporting import pages
    report = pages.load("..")
    report.results.crossover        # a phrase
    report.results.hazard_figure    # a figure
    report.evidence.sources_table   # a table
"""

from dataclasses import dataclass
from pathlib import Path

from IPython.display import Markdown

from resurge.evidence.tables import load_evidence
from resurge.inference.records import Record, load_record
from resurge.reporting import tallies
from resurge.reporting.answers import read_answers, read_checks
from resurge.reporting.evidence_view import EvidenceView
from resurge.reporting.model_view import Checks, ModelView
from resurge.reporting.results import Results

_FAILED = """
::: {.callout-important title="No results: the fit failed its checks"}
The posterior behind this page did not pass its gate, so its numbers are not shown. The appendix lists the diagnostics.
:::
"""
_STALE = """
::: {.callout-warning title="These results are out of date"}
The evidence, the priors or the model changed after the posterior behind this page was computed.
:::
"""


@dataclass(frozen=True)
class Report:
    """What the pages show.

    Attributes
    ----------
    status
        Callout for the top of a page; empty if the results are sound and up to date.
    results, evidence, model
        Phrases, figures and tables by subject.
    """

    status: Markdown
    results: Results
    evidence: EvidenceView
    model: ModelView


def load(project: Path | str) -> Report:
    """Load the evidence and the stored posterior of a project.

    Parameters
    ----------
    project
        Folder that holds ``data`` and ``analyses``.
    """
    project = Path(project)
    evidence = load_evidence(project / "data")
    record = load_record(project, "recurrence")
    answers = read_answers(record) if record.passed else None
    checks = read_checks(record, evidence) if record.passed else Checks()
    return Report(
        status=_status(record),
        results=Results(answers, tallies.crude_rates(evidence)),
        evidence=EvidenceView(evidence),
        model=ModelView(record.diagnostics, checks),
    )


def _status(record: Record) -> Markdown:
    if not record.passed:
        return Markdown(_FAILED)
    return Markdown("" if record.fresh else _STALE)
