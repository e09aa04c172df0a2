"""What the page about claims shows."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from IPython.display import Markdown
from matplotlib.figure import Figure

from resurge.errors import UsageError
from resurge.findings.claims import answer_claims, scale
from resurge.project import Project
from resurge.reporting import claim_figures, claim_tables, figures, gated, words
from resurge.reporting.claim_words import beside, chance, estimates, least_sentence, scale_sentences, verdict_words
from resurge.reporting.tables import Table

Answer = dict[str, Any]
LEVEL = 0.95
QUOTED_RANGE = "C022"
"""The claim whose number is about other women and years than it says."""
NO_VERDICTS = "no claim has a verdict"
NOT_THERE = "(the evidence does not have this claim)"


@dataclass(frozen=True)
class DocumentView:
    """Claims of one document.

    Attributes
    ----------
    answers
        Answer of the findings; None where the evidence has none.
    document
        Source of the document.
    why
        Why there is none.
    """

    answers: Answer | None
    document: str
    why: str = ""

    @gated.phrase
    def summary(self) -> str:
        """Count statements and verdicts."""
        told = f"{words.count(len(self._own), 'statement')}, {len(self._judged)} with a verdict"
        proxies = sum(claim["test"] == "proxy" for claim in self._judged)
        return f"{told}, {proxies} of these by proxy" if proxies else told

    @gated.phrase
    def title(self) -> str:
        """Give the title of the publication."""
        found = next((each for each in self.answers["documents"] if each["document"] == self.document), None)
        return found["title"] if found else "(no statements)"

    @gated.table
    def verdicts_table(self) -> Table:
        """Lay out statements with their verdicts."""
        return claim_tables.verdicts_table(self._judged, self.answers["scale"])

    @gated.table
    def reasons_table(self) -> Table:
        """Lay out statements without a verdict."""
        return claim_tables.reasons_table([claim for claim in self._own if claim["verdict"] == "not testable"])

    @property
    def _own(self) -> list[Answer]:
        return [claim for claim in self.answers["claims"] if claim["document"] == self.document]

    @property
    def _judged(self) -> list[Answer]:
        return [claim for claim in self._own if claim["verdict"] != "not testable"]


@dataclass(frozen=True)
class ClaimsView:
    """Claims of all documents.

    Attributes
    ----------
    answers
        Answer of the findings; None where the evidence has none.
    why
        Why it has none.
    """

    answers: Answer | None
    why: str = ""

    @cached_property
    def bone(self) -> DocumentView:
        """The study of bone metastases under PARP inhibitors."""
        return DocumentView(self.answers, "fan2023bone", self.why)

    @cached_property
    def dormancy(self) -> DocumentView:
        """The report on dormancy and late recurrence."""
        return DocumentView(self.answers, "dai2024", self.why)

    @cached_property
    def btk(self) -> DocumentView:
        """The study of BTK in HER2-positive disease."""
        return DocumentView(self.answers, "btkher2", self.why)

    @cached_property
    def persisters(self) -> DocumentView:
        """The review of drug-tolerant persister cells."""
        return DocumentView(self.answers, "zhang2023", self.why)

    @property
    def interval(self) -> str:
        """Name the intervals."""
        return f"{100 * LEVEL:g}%"

    @gated.phrase
    def size(self) -> str:
        """Count statements, those with a verdict, and how they came by it."""
        claims = self.answers["claims"]
        judged = [claim for claim in claims if claim["verdict"] != "not testable"]
        direct = sum(claim["test"] == "direct" for claim in judged)
        return (
            f"{words.count(len(claims), 'statement')} of {words.count(len(self.answers['documents']), 'document')}; "
            f"{len(judged)} have a verdict, {direct} of them from the quantity itself and the rest by proxy"
        )

    @gated.phrase
    def outcome(self) -> str:
        """Count verdicts."""
        counts = {name: number["claims"] for name, number in self.answers["counts"].items()}
        leans = [claim["leans"] for claim in self.answers["claims"]]
        itself = self.answers["counts"]["supported"]["direct"]
        told = [
            f"{counts['supported']} supported ({itself} by the quantity itself, the rest by proxy only)",
            f"{leans.count('for')} leaning for the claim",
            f"{counts['undecided']} undecided",
            f"{leans.count('against')} leaning against it",
            f"{counts['against']} against it",
        ]
        return f"{words.listed(told)}; {counts['not testable']} cannot be tested with this evidence"

    @property
    def scale(self) -> Markdown:
        """List the verdicts with their thresholds."""
        return Markdown("\n".join(f"- {sentence}" for sentence in scale_sentences(scale())))

    @property
    def least(self) -> str:
        """Tell tolerances and least amounts."""
        return least_sentence(scale())

    @gated.figure
    def probability_figure(self) -> Figure:
        """Draw the probability of each claim."""
        judged = [claim for claim in self.answers["claims"] if claim["verdict"] != "not testable"]
        if not judged:
            return figures.withheld(NO_VERDICTS)
        return claim_figures.probability_chart(judged, self.answers["scale"])

    @gated.table
    def counts_table(self) -> Table:
        """Lay out the verdicts by document."""
        return claim_tables.counts_table(self.answers)

    @gated.phrase
    def quoted(self) -> str:
        """Give the range as the document states it."""
        if self._quoted is None:
            return NOT_THERE
        stated = self._quoted["stated"]
        return f"{stated['lower']:g} to {stated['upper']:g} {stated['unit']}"

    @gated.phrase
    def quoted_range(self) -> str:
        """Tell what becomes of that range."""
        claim = self._quoted
        if claim is None:
            return NOT_THERE
        if claim["reason"]:
            return f"({claim['reason']})"
        return (
            f"For these years the middle of all populations has {estimates(claim)}. Beside it stand "
            f"{'; '.join(beside(claim))}. Held against that middle, as a range of these years, "
            f"it is {verdict_words(claim)}, with a probability of {chance(claim['probability'])}"
        )

    @property
    def _quoted(self) -> Answer | None:
        return next((claim for claim in self.answers["claims"] if claim["claim_id"] == QUOTED_RANGE), None)


def load_claims(project: Project) -> ClaimsView:
    """Judge the claims of a project for the page."""
    try:
        return ClaimsView(answer_claims(project, level=LEVEL))
    except UsageError as error:
        return ClaimsView(None, str(error))
