"""What the page about metastatic sites shows."""

from dataclasses import dataclass
from typing import Any

from IPython.display import Markdown
from matplotlib.figure import Figure

from resurge.errors import UsageError
from resurge.evidence.tables import Evidence
from resurge.findings.site_questions import answer_sites
from resurge.inference.records import RecordError, read_manifest
from resurge.project import Project
from resurge.reporting import site_figures, site_tables, tables, words
from resurge.reporting.gated import figure, phrase, table
from resurge.reporting.tables import Table
from resurge.reporting.verdicts import nothing_yet
from resurge.synthesis.metastasis_design import SETTINGS, SUBTYPES
from resurge.synthesis.metastasis_priors import METASTASIS, MIX, UNPRINTED_PATIENTS

Answer = dict[str, Any]
LEVEL = 0.95
NO_TABLE = "The evidence has no such rows"


@dataclass(frozen=True)
class SiteView:
    """Shares of sites by setting.

    Attributes
    ----------
    tables
        Evidence as loaded.
    answers
        By setting: an answer for each subtype, with the mixture of all added; None where there is nothing to show.
    why
        Why there is nothing.
    diagnostics
        Checks of the fit.
    """

    tables: Evidence
    answers: dict[str, Answer] | None
    why: str = ""
    diagnostics: Answer | None = None

    @property
    def status(self) -> Markdown:
        """Callout for the top of the page; empty if there are answers."""
        return Markdown("") if self.answers is not None else nothing_yet(words.escape_markdown(self.why).rstrip("."))

    @phrase
    def brain(self) -> str:
        """Compare brain metastases of triple-negative and hormone-receptor-positive, HER2-negative disease."""
        return self._compare("any_site_during_course", "brain", "TNBC", "HR+/HER2-")

    @phrase
    def brain_receptor_negative(self) -> str:
        """Compare brain metastases of HR-/HER2+ and HR+/HER2- disease."""
        return self._compare("any_site_during_course", "brain", "HR-/HER2+", "HR+/HER2-")

    @phrase
    def bone(self) -> str:
        """Compare bone metastases of triple-negative and hormone-receptor-positive, HER2-negative disease."""
        return self._compare("any_site_during_course", "bone", "TNBC", "HR+/HER2-")

    @phrase
    def lung(self) -> str:
        """Compare lung metastases of triple-negative and hormone-receptor-positive, HER2-negative disease."""
        return self._compare("any_site_during_course", "lung", "TNBC", "HR+/HER2-")

    @phrase
    def liver(self) -> str:
        """Compare liver metastases of HR-/HER2+ and HR+/HER2- disease."""
        return self._compare("any_site_during_course", "liver", "HR-/HER2+", "HR+/HER2-")

    @figure
    def ever_figure(self) -> Figure:
        """Draw sites at any time after metastasis."""
        return site_figures.site_forest(self.answers["any_site_during_course"]["shares"])

    @figure
    def first_figure(self) -> Figure:
        """Draw sites at first recurrence."""
        return site_figures.site_forest(self.answers["first_site"]["shares"])

    @figure
    def de_novo_figure(self) -> Figure:
        """Draw sites at diagnosis."""
        return site_figures.site_forest(self.answers["at_diagnosis_de_novo"]["shares"])

    @figure
    def single_figure(self) -> Figure:
        """Draw where single metastases are at diagnosis."""
        return site_figures.site_forest(
            self.answers["at_diagnosis_de_novo"]["single_metastasis"], "Share of patients with a single metastasis"
        )

    @figure
    def autopsy_figure(self) -> Figure:
        """Draw sites at autopsy."""
        return site_figures.site_forest(self.answers["autopsy"]["shares"])

    @table
    def ever_table(self) -> Table:
        """Lay out shares at any time after metastasis."""
        return site_tables.shares_table(self.answers["any_site_during_course"]["shares"])

    @table
    def ever_new_table(self) -> Table:
        """Lay out the same for a new source."""
        return site_tables.shares_table(self.answers["any_site_during_course"]["shares"], new=True)

    @table
    def first_table(self) -> Table:
        """Lay out shares at first recurrence."""
        return site_tables.shares_table(self.answers["first_site"]["shares"])

    @table
    def de_novo_table(self) -> Table:
        """Lay out shares at diagnosis."""
        return site_tables.shares_table(self.answers["at_diagnosis_de_novo"]["shares"])

    @table
    def single_table(self) -> Table:
        """Lay out where single metastases are at diagnosis."""
        return site_tables.shares_table(self.answers["at_diagnosis_de_novo"]["single_metastasis"])

    @table
    def autopsy_table(self) -> Table:
        """Lay out shares at autopsy."""
        return site_tables.shares_table(self.answers["autopsy"]["shares"])

    @table
    def ever_differences_table(self) -> Table:
        """Lay out differences between subtypes at any time after metastasis."""
        return site_tables.differences_table(self.answers["any_site_during_course"]["differences"])

    @table
    def first_differences_table(self) -> Table:
        """Lay out differences between subtypes at first recurrence."""
        return site_tables.differences_table(self.answers["first_site"]["differences"])

    @table
    def told_ever_table(self) -> Table:
        """Say by what the shares at any time are told."""
        return site_tables.told_table(self.answers["any_site_during_course"]["shares"])

    @table
    def told_first_table(self) -> Table:
        """Say by what the shares at first recurrence are told."""
        return site_tables.told_table(self.answers["first_site"]["shares"])

    @table
    def points_table(self) -> Table:
        """List what the sources print."""
        return site_tables.points_table(_points(self.answers))

    @property
    def beside_table(self) -> Table:
        """List shares that stand beside the model."""
        sites = self.tables.metastasis_sites
        rows = None if sites is None else sites[sites["used_as"] == "shown"]
        return tables.withheld(NO_TABLE) if rows is None or rows.empty else site_tables.beside_table(rows)

    @property
    def timing_table(self) -> Table:
        """List published facts about time."""
        timing = self.tables.recurrence_timing
        rows = None if timing is None else timing[timing["use"] == "yes"]
        return tables.withheld(NO_TABLE) if rows is None or rows.empty else site_tables.timing_table(rows)

    @property
    def diagnostics_table(self) -> Table:
        """Lay out the checks of the fit."""
        return tables.diagnostics_table(self.diagnostics) if self.diagnostics else tables.withheld("No fit is stored")

    @property
    def priors_table(self) -> Table:
        """Lay out the priors."""
        return tables.priors_table(METASTASIS.table())

    @property
    def interval(self) -> str:
        """Name the intervals."""
        return f"{100 * LEVEL:g}%"

    @property
    def mix(self) -> str:
        """Tell the mix of subtypes behind labels that hold several."""
        return words.listed(f"{words.percent(share, 0)} {name}" for name, share in zip(SUBTYPES, MIX, strict=True))

    @property
    def unprinted(self) -> str:
        """Tell the patients that a share without its number weighs as."""
        return str(UNPRINTED_PATIENTS)

    def _compare(self, setting: str, site: str, one: str, other: str) -> str:
        shares = {share["subtype"]: share for share in self.answers[setting]["shares"] if share["site"] == site}
        if not shares:
            return words.MISSING
        pair = next(
            pair
            for pair in self.answers[setting]["differences"]
            if (pair["site"], pair["subtype"], pair["against"]) == (site, one, other)
        )
        cells = [
            words.percent_cell(*(shares[label][x] for x in ("median", "lower", "upper"))) for label in (one, other)
        ]
        ratio = words.ratio_cell(*(pair["risk_ratio"][x] for x in ("median", "lower", "upper")))
        likely = words.probability(pair["probability_higher"])
        return (
            f"{cells[0]} in {one} against {cells[1]} in {other}, a ratio of {ratio}; that it is above one is {likely}"
        )


def _points(answers: dict[str, Answer]) -> list[Answer]:
    """Give each printed share once."""
    found: dict[str, Answer] = {}
    for setting, answer in answers.items():
        for share in (*answer["shares"], *answer["single_metastasis"]):
            for point in share["sources"]:
                found.setdefault(point["row"], {**point, "setting": setting, "site": share["site"]})
    return list(found.values())


def load_sites(evidence: Evidence) -> SiteView:
    """Answer the questions of the page, or say why not."""
    project = Project(evidence.folder.parent)
    if evidence.metastasis_sites is None:
        return SiteView(evidence, None, "the evidence has no table of metastatic sites")
    try:
        answers = {setting: with_mixture(project, setting) for setting in SETTINGS}
        return SiteView(evidence, answers, diagnostics=read_manifest(project, "metastasis")["diagnostics"])
    except (RecordError, UsageError) as error:
        return SiteView(evidence, None, str(error))


def with_mixture(project: Project, setting: str) -> Answer:
    """Answer for each subtype and add the mixture of all to every site."""
    answer = answer_sites(project, setting, level=LEVEL)
    mixed = {share["site"]: share for share in answer_sites(project, setting, subtype="any", level=LEVEL)["shares"]}
    shares: list[Answer] = []
    for share in answer["shares"]:
        shares.append(share)
        if share["subtype"] == SUBTYPES[-1]:
            shares.append(mixed[share["site"]])
    return {**answer, "shares": shares}
