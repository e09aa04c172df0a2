"""Tables of the reports, made by Great Tables: results and evidence in, a table for a page out.

Text from evidence is escaped in every cell; links go to doi.org and to PubMed only.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import quote

import great_tables as gt
import pandas as pd
import xarray as xr

from resurge.reporting import words
from resurge.reporting.style import name_of

LARGER_IS_BETTER = ("bulk effective sample size", "tail effective sample size", "E-BFMI")
"""Checks of the gate whose value should not be under its limit."""
LARGE = 100
"""Values from here on are told without decimals."""
_CELL_TAG = re.compile(r"<(t[dh])\b([^>]*)>")
_RANGE = re.compile(r"\((?:[\d.,]+|later)–(?:[\d.,]+|later)\)")
_REFERENCE = re.compile(r'\s(?:id|headers)="[^"]*"')


@dataclass(frozen=True)
class Table:
    """Table that a notebook shows as HTML."""

    html: str

    def _repr_html_(self) -> str:
        return self.html


def scrolling(table: Table) -> Table:
    """Mark a table of sentences: on a phone it scrolls sideways rather than squeeze them."""
    return Table(f'<div class="wide-table">{table.html}</div>')


def residual_risk_table(summary: xr.Dataset) -> Table:
    """Risk of recurrence from a year reached without one to later years.

    Parameters
    ----------
    summary
        Risk as a proportion with `median`, `lower`, `upper`; dims `group` (words), `er`, `start` and `end` (years).
    """
    rows = [
        {"group": f"{name_of(str(er))}: {group}", "start": _from_year(float(start))}
        | {
            f"{float(end):g}": _risk(summary.sel(group=group, er=er, start=start, end=end)) if end > start else "–"
            for end in summary["end"].values
        }
        for er in summary["er"].values
        for group in summary["group"].values
        for start in summary["start"].values
    ]
    labels = {f"{float(end):g}": f"by year {float(end):g}" for end in summary["end"].values}
    return lay_out(pd.DataFrame(rows), labels, row="start", group="group")


def hazard_table(hazard: xr.Dataset, ratio: xr.Dataset) -> Table:
    """Hazards per year and their ratio.

    Parameters
    ----------
    hazard
        Summary with dims `er` and `year`.
    ratio
        Summary with dim `year`: ER-negative over ER-positive.
    """
    rows = [
        {"year": f"year {year:g}"}
        | {str(er): _risk(hazard.sel(er=er, year=year)) for er in hazard["er"].values}
        | {"ratio": words.ratio_cell(*(float(ratio[key].sel(year=year)) for key in ("median", "lower", "upper")))}
        for year in hazard["year"].values
    ]
    labels = {str(er): name_of(str(er)) for er in hazard["er"].values} | {"ratio": "Ratio, negative : positive"}
    return lay_out(pd.DataFrame(rows), labels, row="year")


def years_below_table(years: pd.DataFrame) -> Table:
    """Year from which the annual risk stays under a threshold.

    Parameters
    ----------
    years
        Columns `er`, `population`, `threshold` (proportion), `median`, `lower`, `upper` (years, infinite for never) and
        `reached` (probability that it is not).
    """
    shown = pd.DataFrame(
        {
            "population": [f"{name} population".capitalize() for name in years["population"]],
            "er": [name_of(er) for er in years["er"]],
            "threshold": [f"under {words.percent(value, 0)} a year" for value in years["threshold"]],
            "year": [words.year_cell(row.median, row.lower, row.upper) for row in years.itertuples()],
            "reached": [words.percent(value, 0) for value in years["reached"]],
        }
    )
    labels = {"er": "ER", "threshold": "Annual risk", "year": "From year", "reached": "Probability by year twenty"}
    return lay_out(shown, labels, group="population")


def sources_table(sources: pd.DataFrame) -> Table:
    """List sources with links to where they can be read.

    Parameters
    ----------
    sources
        Rows of the source table, with a column `rows` for the number of rows that each gives to the model.
    """
    shown = sources[["authors", "year", "title", "journal", "rows"]].copy()
    shown["year"] = [_whole(year) for year in sources["year"]]
    shown["rows"] = [f"{rows:,}" for rows in sources["rows"]]
    shown["link"] = [_link(doi, pmid) for doi, pmid in zip(sources["doi"], sources["pmid"], strict=True)]
    labels = {
        "authors": "Authors",
        "year": "Year",
        "title": "Title",
        "journal": "Journal",
        "rows": "Rows",
        "link": "Read",
    }
    return scrolling(lay_out(shown, labels, html=["link"]))


def reasons_table(excluded: pd.DataFrame) -> Table:
    """Why rows were left out, with an example of each reason.

    Parameters
    ----------
    excluded
        Columns `reason` (words), `rows` and `example` (words).
    """
    shown = excluded.assign(rows=[f"{rows:,}" for rows in excluded["rows"]])
    return lay_out(shown[["reason", "rows", "example"]], {"reason": "Reason", "rows": "Rows", "example": "For example"})


def excluded_table(rows: pd.DataFrame) -> Table:
    """List rows that were left out, with what they say and why they were not used.

    Parameters
    ----------
    rows
        Columns `row_id`, `source`, `what`, `value` and `reason`, all in words.
    """
    labels = {
        "row_id": "Row",
        "source": "Source",
        "what": "What was measured",
        "value": "Value",
        "reason": "Why not used",
    }
    return scrolling(lay_out(rows[list(labels)], labels))


def person_time_table(series: pd.DataFrame) -> Table:
    """Patient series behind the person-time rows.

    Parameters
    ----------
    series
        Columns `population`, `definition` (of the event), `er`, `women`, `events`, `person_years`, `last_year` and
        `use` (words).
    """
    shown = series.assign(
        population=[
            f"{words.population_name(row.population)}. Event: {row.definition}. Use: {row.use}."
            for row in series.itertuples()
        ],
        er=[name_of(er) for er in series["er"]],
        women=[f"{n:,.0f}" for n in series["women"]],
        events=[f"{n:,.0f}" for n in series["events"]],
        person_years=[f"{n:,.0f}" for n in series["person_years"]],
        last_year=[f"{n:.3g}" for n in series["last_year"]],
    )
    labels = {"er": "ER", "women": "Women", "events": "Events", "person_years": "Person-years"}
    labels |= {"last_year": "Followed to year"}
    return lay_out(shown[["population", *labels]], labels, group="population")


def counts_table(counts: pd.DataFrame) -> Table:
    """Numbers of rows of each kind.

    Parameters
    ----------
    counts
        Columns `kind` (words) and `rows`.
    """
    shown = counts.assign(rows=[f"{rows:,}" for rows in counts["rows"]])
    return lay_out(shown[["kind", "rows"]], {"kind": "Kind", "rows": "Rows"})


def priors_table(priors: Iterable[tuple[str, str, str]]) -> Table:
    """Priors with their reasons.

    Parameters
    ----------
    priors
        Name, distribution and reason of each.
    """
    shown = pd.DataFrame(list(priors), columns=["name", "distribution", "reason"])
    return scrolling(lay_out(shown, {"distribution": "Prior", "reason": "Reason"}, row="name"))


def diagnostics_table(diagnostics: Mapping[str, Any]) -> Table:
    """Diagnostics of a fit.

    Parameters
    ----------
    diagnostics
        By name of the check: `value`, `limit`, `passed` and what was `worst`.
    """
    rows = [
        {
            "check": name,
            "value": _plain(check["value"]),
            "limit": f"{'at least' if name in LARGER_IS_BETTER else 'at most'} {_plain(check['limit'])}",
            "worst": check["worst"],
            "passed": "yes" if check["passed"] else "no",
        }
        for name, check in diagnostics.items()
    ]
    labels = {"value": "Value", "limit": "Required", "worst": "Where worst", "passed": "Passed"}
    return lay_out(pd.DataFrame(rows, columns=["check", *labels]), labels, row="check")


def validation_table(predictions: pd.DataFrame) -> Table:
    """Compare what was predicted for women whom the model has not seen with what happened to them.

    Parameters
    ----------
    predictions
        Columns `er`, `year`, `observed`, `observed_lower`, `observed_upper`, `median`, `lower`, `upper` (proportions).
    """
    rows = [
        {
            "er": name_of(row.er), "year": f"by year {row.year:g}",
            "observed": words.percent_cell(row.observed, row.observed_lower, row.observed_upper),
            "predicted": words.percent_cell(row.median, row.lower, row.upper),
            "inside": "yes" if row.lower <= row.observed <= row.upper else "no",
        }
        for row in predictions.itertuples()
    ]  # fmt: skip
    labels = {"observed": "Observed", "predicted": "Predicted", "inside": "Inside the predicted interval"}
    return lay_out(pd.DataFrame(rows), labels, row="year", group="er")


def ratios_table(ratios: pd.DataFrame) -> Table:
    """Compare published ratios, which the model has not seen, with its own.

    Parameters
    ----------
    ratios
        Columns `what` (words), `observed`, `observed_lower`, `observed_upper`, `median`, `lower`, `upper`.
    """
    rows = [
        {
            "what": row.what,
            "observed": words.ratio_cell(row.observed, row.observed_lower, row.observed_upper),
            "predicted": words.ratio_cell(row.median, row.lower, row.upper),
        }
        for row in ratios.itertuples()
    ]
    labels = {"what": "Years", "observed": "Published ratio", "predicted": "Ratio of the model"}
    return lay_out(pd.DataFrame(rows), labels)


def coverage_table(coverage: pd.DataFrame) -> Table:
    """How many numbers of each population lie inside their predictive intervals.

    Parameters
    ----------
    coverage
        Columns `population`, `kind`, `numbers`, `inside`.
    """
    shown = coverage.assign(
        population=[words.population_name(name) for name in coverage["population"]],
        inside=[f"{row.inside} of {row.numbers}" for row in coverage.itertuples()],
    )
    labels = {"population": "Population", "kind": "Evidence", "inside": "Inside the interval"}
    return lay_out(shown[list(labels)], labels)


def predictions_table(predicted: pd.DataFrame) -> Table:
    """List every observed rate with its prediction.

    Parameters
    ----------
    predicted
        Columns `population`, `er`, `start_year`, `end_year`, `kind`, `observed`, `median`, `lower`, `upper` (per year).
    """
    rows = [
        {
            "population": words.population_name(row.population), "er": name_of(row.er),
            "years": f"{row.start_year:g}–{row.end_year:g}", "observed": words.percent(row.observed),
            "predicted": words.percent_cell(row.median, row.lower, row.upper),
        }
        for row in predicted.itertuples()
    ]  # fmt: skip
    labels = {"er": "ER", "years": "Years", "observed": "Observed per year", "predicted": "Predicted per year"}
    return lay_out(pd.DataFrame(rows), labels, group="population")


def withheld(reason: str) -> Table:
    """Table that only says why a result is not shown."""
    return lay_out(pd.DataFrame({"note": [reason]}), {"note": "Not shown"})


def lay_out(
    frame: pd.DataFrame,
    labels: dict[str, str],
    *,
    row: str | None = None,
    group: str | None = None,
    html: list[str] = (),
) -> Table:
    """Lay out a frame of words; cells are escaped but for the columns in `html`, which hold markup of ours."""
    table = gt.GT(frame.reset_index(drop=True), rowname_col=row, groupname_col=group).cols_label(**labels)
    table = table.cols_align("left").tab_options(
        table_width="100%",
        table_font_names="inherit",
        table_font_size="0.88rem",
        table_font_color="#1b1f24",
        table_border_top_style="hidden",
        row_group_font_weight="600",
    )
    for column in html:
        table = table.fmt(lambda cell: cell, columns=column)
    whole = _RANGE.sub(r'<span style="white-space: nowrap">\g<0></span>', table.as_raw_html())
    return Table(_CELL_TAG.sub(_without_references, whole))


def _without_references(tag: re.Match[str]) -> str:
    """Drop ids, which several tables of one page would share; scopes tell a screen reader what it needs."""
    return f"<{tag[1]}{_REFERENCE.sub('', tag[2])}>"


def _link(doi: str, pmid: str) -> str:
    links = []
    if doi:
        target = quote(str(doi), safe="/():;.-_")
        links.append(f'<a href="https://doi.org/{target}" aria-label="DOI {escape(str(doi))}">DOI</a>')
    if pmid and str(pmid).isdigit():
        links.append(f'<a href="https://pubmed.ncbi.nlm.nih.gov/{pmid}/">PubMed</a>')
    return " · ".join(links)


def _risk(cell: xr.Dataset) -> str:
    return words.percent_cell(float(cell["median"]), float(cell["lower"]), float(cell["upper"]))


def _from_year(start: float) -> str:
    return "at diagnosis" if start == 0 else f"free at year {start:g}"


def _whole(value: object) -> str:
    text = str(value)
    return "" if text == "nan" else text.removesuffix(".0")


def _plain(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() or abs(value) >= LARGE else f"{value:.3f}".rstrip("0")
