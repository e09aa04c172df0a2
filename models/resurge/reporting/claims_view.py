"""What the page about claims shows."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Any

from IPython.display import Markdown
from matplotlib.figure import Figure

from resurge.errors import UsageError
from resurge.findings.claims import answer_claims
from resurge.project import Project
from resurge.reporting import claim_figures, claim_tables, figures, tables, words
from resurge.reporting.claim_words import beside, chance, estimates, least_sentence, scale_sentences, verdict_words
from resurge.reporting.tables import Table

Answer = dict[str, Any]
LEVEL = 0.95
QUOTED_RANGE = "C022"
"""The claim whose number is about other women and years than it says."""
NO_VERDICTS = "no claim has a verdict"
NOT_THERE = "(the evidence does not have this claim)"


def _otherwise(shown: Callable[[str], Any]) -> Callable[[Callable[[Any], Any]], property]:
    """Make a property that says why where the evidence has no claims."""

    def decorate(show: Callable[[Any], Any]) -> property:
        @wraps(show)
        def read(self: "ClaimsView | DocumentView") -> object:
            return shown(self.missing) if self.answer is None else show(self)

        return property(read)

    return decorate


_figure = _otherwise(figures.withheld)
_table = _otherwise(tables.withheld)
_phrase = _otherwise(lambda why: f"({why})")
_prose = _otherwise(lambda why: Markdown(f"({why})"))


@dataclass(frozen=True)
class DocumentView:
    """Claims of one document.

    Attributes
    ----------
    answer
        Answer of the findings; None where the evidence has none.
    document
        Source of the document.
    missing
        Why there is none.
    """

    answer: Answer | None
    document: str
    missing: str = ""

    @_phrase
    def summary(self) -> str:
        """Count statements and verdicts."""
        told = f"{words.count(len(self._own), 'statement')}, {len(self._judged)} with a verdict"
        proxies = sum(claim["test"] == "proxy" for claim in self._judged)
        return f"{told}, {proxies} of these by proxy" if proxies else told

    @_phrase
    def title(self) -> str:
        """Give the title of the publication."""
        found = next((each for each in self.answer["documents"] if each["document"] == self.document), None)
        return found["title"] if found else "(no statements)"

    @_table
    def verdicts_table(self) -> Table:
        """Lay out statements with their verdicts."""
        return claim_tables.verdicts_table(self._judged, self.answer["scale"])

    @_table
    def reasons_table(self) -> Table:
        """Lay out statements without a verdict."""
        return claim_tables.reasons_table([claim for claim in self._own if claim["verdict"] == "not testable"])

    @property
    def _own(self) -> list[Answer]:
        return [claim for claim in self.answer["claims"] if claim["document"] == self.document]

    @property
    def _judged(self) -> list[Answer]:
        return [claim for claim in self._own if claim["verdict"] != "not testable"]


@dataclass(frozen=True)
class ClaimsView:
    """Claims of all documents.

    Attributes
    ----------
    answer
        Answer of the findings; None where the evidence has none.
    missing
        Why it has none.
    """

    answer: Answer | None
    missing: str = ""

    @cached_property
    def bone(self) -> DocumentView:
        """The study of bone metastases under PARP inhibitors."""
        return DocumentView(self.answer, "fan2023bone", self.missing)

    @cached_property
    def dormancy(self) -> DocumentView:
        """The report on dormancy and late recurrence."""
        return DocumentView(self.answer, "dai2024", self.missing)

    @cached_property
    def btk(self) -> DocumentView:
        """The study of BTK in HER2-positive disease."""
        return DocumentView(self.answer, "btkher2", self.missing)

    @cached_property
    def persisters(self) -> DocumentView:
        """The review of drug-tolerant persister cells."""
        return DocumentView(self.answer, "zhang2023", self.missing)

    @property
    def interval(self) -> str:
        """Name the intervals."""
        return f"{100 * LEVEL:g}%"

    @_phrase
    def size(self) -> str:
        """Count statements, those with a verdict, and how they came by it."""
        claims = self.answer["claims"]
        judged = [claim for claim in claims if claim["verdict"] != "not testable"]
        direct = sum(claim["test"] == "direct" for claim in judged)
        return (
            f"{words.count(len(claims), 'statement')} of {words.count(len(self.answer['documents']), 'document')}; "
            f"{len(judged)} have a verdict, {direct} of them from the quantity itself and the rest by proxy"
        )

    @_phrase
    def outcome(self) -> str:
        """Count verdicts."""
        counts = {name: number["claims"] for name, number in self.answer["counts"].items()}
        leans = [claim["leans"] for claim in self.answer["claims"]]
        told = [
            f"{counts['supported']} supported",
            f"{leans.count('for')} leaning for the claim",
            f"{counts['undecided']} undecided",
            f"{leans.count('against')} leaning against it",
            f"{counts['against']} against it",
        ]
        return f"{words.listed(told)}; {counts['not testable']} cannot be tested with this evidence"

    @_prose
    def scale(self) -> Markdown:
        """List the verdicts with their thresholds."""
        return Markdown("\n".join(f"- {sentence}" for sentence in scale_sentences(self.answer["scale"])))

    @_phrase
    def least(self) -> str:
        """Tell tolerances and least amounts."""
        return least_sentence(self.answer["scale"])

    @_figure
    def probability_figure(self) -> Figure:
        """Draw the probability of each claim."""
        judged = [claim for claim in self.answer["claims"] if claim["verdict"] != "not testable"]
        if not judged:
            return figures.withheld(NO_VERDICTS)
        return claim_figures.probability_chart(judged, self.answer["scale"])

    @_table
    def counts_table(self) -> Table:
        """Lay out the verdicts by document."""
        return claim_tables.counts_table(self.answer)

    @_phrase
    def quoted(self) -> str:
        """Give the range as the document states it."""
        if self._quoted is None:
            return NOT_THERE
        stated = self._quoted["stated"]
        return f"{stated['lower']:g} to {stated['upper']:g} {stated['unit']}"

    @_phrase
    def quoted_range(self) -> str:
        """Tell what becomes of that range."""
        claim = self._quoted
        if claim is None:
            return NOT_THERE
        if claim["reason"]:
            return f"({claim['reason']})"
        return (
            f"For these years the middle of all populations has {estimates(claim)}. Beside it stand "
            f"{'; '.join(beside(claim))}. Read as a range of these years it is {verdict_words(claim)}, with a "
            f"probability of {chance(claim['probability'])}"
        )

    @property
    def _quoted(self) -> Answer | None:
        return next((claim for claim in self.answer["claims"] if claim["claim_id"] == QUOTED_RANGE), None)


def load_claims(project: Project) -> ClaimsView:
    """Judge the claims of a project for the page."""
    try:
        return ClaimsView(answer_claims(project, level=LEVEL))
    except UsageError as error:
        return ClaimsView(None, str(error))
