"""What the page about resistance shows of a project, which may have no such evidence or no fit yet."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pandas as pd
from IPython.display import Markdown
from matplotlib.figure import Figure

from resurge.evidence.tables import Evidence
from resurge.findings.resistance_questions import SCALES
from resurge.inference.records import PosteriorMissingError, Record, load_record
from resurge.reporting import figures, gated, resistance_figures, resistance_tables, tables, words
from resurge.reporting.resistance_answers import (
    LEVEL,
    ReplicationAnswers,
    ResistanceAnswers,
    catalogue,
    left_out,
    nulls_without_numbers,
    read_replication,
    read_resistance,
    trials,
)
from resurge.reporting.tables import Table
from resurge.reporting.verdicts import nothing_yet, verdict
from resurge.synthesis.resistance_priors import FACETS, RESISTANCE
from resurge.synthesis.translation_priors import TRANSLATION

NO_EVIDENCE = "This project has no evidence on mechanisms of resistance"
HARDLY = 0.85
"""Share of the prior spread above which evidence has taught hardly anything."""
NO_PAIRS = "This project has no replicated preclinical effects"


@dataclass(frozen=True)
class ReplicationView:
    """What others see who repeat preclinical experiments."""

    answers: ReplicationAnswers | None
    status: Markdown
    why: str = gated.WITHHELD

    @gated.figure
    def shrinkage_figure(self) -> Figure:
        """Draw repeated against published effects."""
        return resistance_figures.shrinkage_figure(self.answers.pairs, self.answers.curve)

    @gated.table
    def table(self) -> Table:
        """Lay out what is seen again."""
        return resistance_tables.replication_table(self.answers.curve)

    @gated.phrase
    def size(self) -> str:
        """Pairs of each kind."""
        counts = self.answers.pairs["kind"].value_counts()
        return f"{counts.get('animal', 0)} pairs of effects in animals and {counts.get('cell', 0)} in cells"

    @gated.phrase
    def animals(self) -> str:
        """Share seen again in animals."""
        return self._slope("animal")

    @gated.phrase
    def cells(self) -> str:
        """Share seen again in cells."""
        return self._slope("cell")

    @gated.phrase
    def chance_share(self) -> str:
        """Tell what is left of an original when its having been picked is allowed for."""
        animal, cell = (words.percent(self.answers.truth_share[kind], 0) for kind in ("animal", "cell"))
        return f"{animal} (animals) and {cell} (cells)"

    def _slope(self, kind: str) -> str:
        return words.percent_interval(*self.answers.slope[kind], LEVEL).replace("-", "−")


@dataclass(frozen=True)
class ResistanceView:
    """Mechanisms of resistance for the page.

    Attributes
    ----------
    answers
        Summaries of the fit; None where there is none to show.
    evidence
        Evidence as loaded.
    status
        Callout for the top of the page.
    replication
        The same of the translation model.
    why
        Why nothing is shown.
    """

    answers: ResistanceAnswers | None
    evidence: Evidence
    status: Markdown
    replication: ReplicationView
    why: str = gated.WITHHELD

    @property
    def interval(self) -> str:
        """Name the intervals."""
        return f"{100 * LEVEL:g}%"

    @property
    def priors_table(self) -> Table:
        """Lay out the priors of both models."""
        return tables.priors_table([*RESISTANCE.table(), *TRANSLATION.table()])

    @property
    def size(self) -> str:
        """Say how much evidence there is."""
        if not self._has_evidence:
            return f"({NO_EVIDENCE[:1].lower()}{NO_EVIDENCE[1:]})"
        rows, known = self._catalogue[list(FACETS)].sum(axis=1), len(self._catalogue)
        used = words.count(int(rows.sum()), "published contrast")
        return f"{used} on {int((rows > 0).sum())} of {known} mechanisms; {int((rows == 0).sum())} have none"

    @property
    def left_out(self) -> str:
        """Say how many rows of lists of significant findings are not used."""
        return words.count(left_out(self.evidence), "row") if self._has_evidence else "no rows"

    @property
    def catalogue_table(self) -> Table:
        """Lay out the catalogue."""
        return (
            resistance_tables.catalogue_table(self._catalogue) if self._has_evidence else tables.withheld(NO_EVIDENCE)
        )

    @property
    def map_figure(self) -> Figure:
        """Draw where the evidence is."""
        return resistance_figures.evidence_map(self._catalogue) if self._has_evidence else figures.withheld(NO_EVIDENCE)

    @property
    def trials_figure(self) -> Figure:
        """Draw interventions in patients as published, null ones first."""
        if not self._has_evidence:
            return figures.withheld(NO_EVIDENCE)
        return resistance_figures.trials_figure(self._trials.sort_values(["null", "ratio"], ascending=[False, True]))

    @property
    def trials_count(self) -> str:
        """Say how many of the published interventions hold no effect."""
        if not self._has_evidence:
            return "none"
        return f"{int(self._trials['null'].sum())} of {len(self._trials)}"

    @property
    def nulls_table(self) -> Table:
        """Lay out null results without numbers."""
        if not self._has_evidence:
            return tables.withheld(NO_EVIDENCE)
        return resistance_tables.nulls_table(nulls_without_numbers(self.evidence))

    @gated.figure
    def prognosis_figure(self) -> Figure:
        """Draw markers against survival."""
        return self._forest("marker_prognosis")

    @gated.figure
    def response_figure(self) -> Figure:
        """Draw markers against response."""
        return self._forest("response_prediction")

    @gated.figure
    def induction_figure(self) -> Figure:
        """Draw markers under therapy in patients."""
        return self._forest("marker_induction")

    @gated.figure
    def cells_figure(self) -> Figure:
        """Draw markers in tolerant cells."""
        return self._forest("marker_induction_cells")

    @gated.figure
    def intervention_figure(self) -> Figure:
        """Draw interventions in patients."""
        return self._forest("intervention")

    @gated.figure
    def animals_figure(self) -> Figure:
        """Draw interventions in animals."""
        return self._forest("intervention_animals")

    @gated.figure
    def correlation_figure(self) -> Figure:
        """Draw whether markers go with interventions."""
        return resistance_figures.correlation_figure(self.answers.correlations)

    @gated.table
    def intervention_table(self) -> Table:
        """Lay out interventions in patients."""
        return resistance_tables.effects_table(self._of("intervention"))

    @gated.table
    def prognosis_table(self) -> Table:
        """Lay out markers against survival."""
        return resistance_tables.effects_table(self._of("marker_prognosis"))

    @gated.table
    def untested_table(self) -> Table:
        """Lay out what untested mechanisms let expect."""
        effects = self.answers.effects
        untested = effects[~effects["tested"] & (effects["facet"] == "intervention")]
        return resistance_tables.untested_table(untested, self._catalogue)

    @gated.phrase
    def excess(self) -> str:
        """Tell by how many standard errors printed prognostic markers exceed the truth."""
        middle, lower, upper = self.answers.excess["marker_prognosis"]
        return f"{middle:.1f} ({lower:.1f} to {upper:.1f})"

    @gated.phrase
    def marker_correlation(self) -> str:
        """Correlation of prognostic markers with interventions."""
        found = next(each for each in self.answers.correlations if each["facet"] == "marker_prognosis")
        return f"{found['median']:.2f} ({found['lower']:.2f} to {found['upper']:.2f})".replace("-", "−")

    @gated.phrase
    def marker_lesson(self) -> str:
        """Say whether the evidence has narrowed that correlation."""
        found = next(each for each in self.answers.correlations if each["facet"] == "marker_prognosis")
        shape = RESISTANCE.correlation.eta + (len(FACETS) - 2) / 2
        narrowed = (found["upper"] - found["lower"]) / (2 * 1.96) * (2 * shape + 1) ** 0.5
        return "has hardly changed" if narrowed > HARDLY else "has narrowed"

    @gated.phrase
    def sure_interventions(self) -> str:
        """Say how many mechanisms are likely to be worth acting on."""
        told = self._of("intervention")
        sure = int((told["claimed"] > 0.95).sum())
        return f"{sure} of {len(told)}"

    @gated.phrase
    def best_intervention(self) -> str:
        """Name the intervention with the largest effect in the direction that is claimed, with its interval."""
        told = self._of("intervention")
        told = told[~(told["claimed"] < 0.5)]
        if told.empty:
            return "none"
        first = told.iloc[0]
        name = self._catalogue.set_index("mechanism_id").loc[first["mechanism"], "name"]
        return f"“{words.escape_markdown(name)}” ({words.ratio_cell(first['median'], first['lower'], first['upper'])})"

    @property
    def _has_evidence(self) -> bool:
        return self.evidence.resistance_effects is not None and self.evidence.mechanisms is not None

    @cached_property
    def _catalogue(self) -> pd.DataFrame:
        return catalogue(self.evidence)

    @cached_property
    def _trials(self) -> pd.DataFrame:
        return trials(self.evidence)

    def _of(self, facet: str) -> pd.DataFrame:
        effects = self.answers.effects
        own = effects[(effects["facet"] == facet) & (effects["rows"] > 0)]
        return own.sort_values("median", ascending=False, ignore_index=True)

    def _forest(self, facet: str) -> Figure:
        told, rows = self._of(facet), self.answers.rows
        if told.empty:
            return figures.withheld("No rows in this facet")
        scale = SCALES[facet]
        return resistance_figures.facet_forest(told, rows[rows["facet"] == facet], f"{scale[:1].upper()}{scale[1:]}")


def load_resistance(evidence: Evidence) -> ResistanceView:
    """Load what the page about resistance shows of a project."""
    return resistance_of(
        _record(evidence, "resistance", evidence.resistance_effects is not None, NO_EVIDENCE),
        _record(evidence, "translation", evidence.replication_pairs is not None, NO_PAIRS),
        evidence,
    )


def resistance_of(mechanisms: Record | str, pairs: Record | str, evidence: Evidence) -> ResistanceView:
    """Give what the page shows of stored fits; a text instead of one says why there is none."""
    if isinstance(pairs, Record):
        replication = ReplicationView(read_replication(pairs) if pairs.passed else None, verdict(pairs))
    else:
        replication = ReplicationView(None, nothing_yet(pairs), pairs)
    if isinstance(mechanisms, Record):
        answers = read_resistance(mechanisms, evidence) if mechanisms.passed else None
        return ResistanceView(answers, evidence, verdict(mechanisms), replication)
    return ResistanceView(None, evidence, nothing_yet(mechanisms), replication, mechanisms)


def _record(evidence: Evidence, model: str, known: bool, otherwise: str) -> Record | str:
    if not known:
        return otherwise
    try:
        return load_record(evidence.folder.parent, model)
    except PosteriorMissingError as error:
        return str(error)
