"""What the evidence page shows: counts as phrases, the inclusion flow, sources, series, and what was left out."""

from dataclasses import dataclass

import pandas as pd
from matplotlib.figure import Figure

from resurge.evidence.tables import Evidence
from resurge.evidence.windows import DEFAULT_SE
from resurge.reporting import figures, tables, tallies, words
from resurge.reporting.tables import Table


@dataclass(frozen=True)
class EvidenceView:
    """Evidence for the pages."""

    evidence: Evidence

    @property
    def published_rows(self) -> str:
        """Number of published rows in the model."""
        return words.count(
            int(tallies.inclusion_stages(self.evidence)["rows"].iloc[-1]),
            "published risk or rate",
            "published risks and rates",
        )

    @property
    def women(self) -> str:
        """Number of women followed one by one whose person-time is in the model."""
        return words.count(float(self._series_in_model["women"].sum()), "woman", "women")

    @property
    def events(self) -> str:
        """Number of their events."""
        return words.count(float(self._series_in_model["events"].sum()), "event")

    @property
    def person_years(self) -> str:
        """Their follow-up."""
        return words.count(float(self._series_in_model["person_years"].sum()), "person-year")

    @property
    def sources(self) -> str:
        """Number of sources in the model."""
        return words.count(len(tallies.used_sources(self.evidence)), "source")

    @property
    def left_out(self) -> str:
        """Number of published rows left out."""
        return words.count(int(tallies.exclusions(self.evidence)["rows"].sum()), "row")

    @property
    def flow_figure(self) -> Figure:
        """Inclusion flow of the published rows."""
        return figures.inclusion_flow(
            tallies.inclusion_stages(self.evidence),
            tallies.exclusions(self.evidence),
            tallies.other_rows(self.evidence),
        )

    @property
    def windows(self) -> str:
        """Number of windows that the model reads, once those of the same women are turned into increments."""
        return words.count(int(tallies.standard_errors(self.evidence)["rows"].sum()), "window")

    @property
    def printed_mixes(self) -> str:
        """Number of populations whose mix of strata is printed."""
        mix = self.evidence.case_mix
        return words.count(0 if mix is None else mix["population"].nunique(), "population")

    @property
    def default_error(self) -> str:
        """Relative standard error of a window for which nothing is printed."""
        return words.percent(DEFAULT_SE, 0)

    @property
    def errors_table(self) -> Table:
        """What standard errors come from."""
        return tables.counts_table(tallies.standard_errors(self.evidence))

    @property
    def other_table(self) -> Table:
        """Rows kept for other models."""
        return tables.counts_table(tallies.other_rows(self.evidence))

    @property
    def sources_table(self) -> Table:
        """Sources in the model."""
        return tables.sources_table(tallies.used_sources(self.evidence))

    @property
    def reasons_table(self) -> Table:
        """Reasons for leaving out."""
        return tables.reasons_table(tallies.exclusions(self.evidence))

    @property
    def excluded_table(self) -> Table:
        """Rows left out."""
        return tables.excluded_table(tallies.excluded_rows(self.evidence))

    @property
    def person_time_table(self) -> Table:
        """Patient series."""
        return tables.person_time_table(tallies.person_time_series(self.evidence))

    @property
    def _series_in_model(self) -> pd.DataFrame:
        series = tallies.person_time_series(self.evidence)
        return series[series["use"] == "in the model"]
