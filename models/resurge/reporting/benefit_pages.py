"""What the page about benefit shows of a project, which may have no therapy model, or a fit that failed."""

from IPython.display import Markdown

from resurge.evidence.tables import Evidence
from resurge.inference.records import PosteriorMissingError, Record, load_record
from resurge.reporting.benefit_answers import read_benefits
from resurge.reporting.benefit_view import BenefitView
from resurge.reporting.therapy_pages import MODEL, NO_EVIDENCE
from resurge.reporting.verdicts import nothing_yet, verdict


def load_benefit(record: Record, evidence: Evidence) -> BenefitView:
    """Load what the page about benefit shows, from the fit of the recurrence model and that of the therapy model."""
    if evidence.therapy_effects is None:
        return BenefitView(None, nothing_yet(NO_EVIDENCE), NO_EVIDENCE)
    try:
        therapy = load_record(evidence.folder.parent, MODEL)
    except PosteriorMissingError as error:
        return BenefitView(None, nothing_yet(str(error)), str(error))
    return benefit_of(record, therapy, evidence)


def benefit_of(record: Record, therapy: Record, evidence: Evidence) -> BenefitView:
    """Give what the page about benefit shows of two stored fits: nothing if one failed, a callout if one is stale."""
    sound = record.passed and therapy.passed
    answers = read_benefits(record, therapy, evidence) if sound else None
    return BenefitView(answers, worse_verdict(record, therapy))


def worse_verdict(*records: Record) -> Markdown:
    """Give the verdict on the record that failed, else on one that is stale; empty if all are sound."""
    told = sorted(records, key=lambda record: (record.passed, record.fresh))
    return verdict(told[0])
