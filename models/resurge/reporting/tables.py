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

_CELL_TAG = re.compile(r"<(t[dh])\b([^>]*)>")
_REFERENCE = re.compile(r'\s(?:id|headers)="[^"]*"')


@dataclass(frozen=True)
class Table:
    """Table that a notebook shows as HTML."""

    html: str

    def _repr_html_(self) -> str:
        return self.html


def _wide(table: Table) -> Table:
    """Mark a table of sentences: on a phone it scrolls sideways rather than squeeze them."""
    return Table(f'<div class="wide-table">{table.html}</div>')


def residual_risk_table(summary: xr.Dataset) -> Table:
    """Risk of recurrence from a year reached without one to later years.

    Parameters
    ----------
    summary
        Risk as a proportion with `median`, `lower`, `upper`; dims `er`, `start` and `end` (years).
    """
    rows = [
        {"er": name_of(str(er)), "start": _from_year(float(start))}
        | {
            f"{float(end):g}": _risk(summary.sel(er=er, start=start, end=end)) if end > start else "–"
            for end in summary["end"].values
        }
        for er in summary["er"].values
        for start in summary["start"].values
    ]
    labels = {f"{float(end):g}": f"by year {float(end):g}" for end in summary["end"].values}
    return _table(pd.DataFrame(rows), labels, row="start", group="er")


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
    return _wide(_table(shown, labels, html=["link"]))


def reasons_table(excluded: pd.DataFrame) -> Table:
    """Why rows were left out, with an example of each reason.

    Parameters
    ----------
    excluded
        Columns `reason` (words), `rows` and `example` (words).
    """
    shown = excluded.assign(rows=[f"{rows:,}" for rows in excluded["rows"]])
    return _table(shown[["reason", "rows", "example"]], {"reason": "Reason", "rows": "Rows", "example": "For example"})


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
    return _wide(_table(rows[list(labels)], labels))


def person_time_table(series: pd.DataFrame) -> Table:
    """Patient series behind the person-time rows.

    Parameters
    ----------
    series
        Columns `population`, `endpoint`, `er`, `women`, `events`, `person_years`, `last_year` and `use` (words).
    """
    shown = series.assign(
        er=[name_of(er) for er in series["er"]],
        women=[f"{n:,.0f}" for n in series["women"]],
        events=[f"{n:,.0f}" for n in series["events"]],
        person_years=[f"{n:,.0f}" for n in series["person_years"]],
        last_year=[f"{n:.0f}" for n in series["last_year"]],
    )
    labels = {"er": "ER", "endpoint": "Event", "women": "Women", "events": "Events", "person_years": "Person-years"}
    labels |= {"last_year": "Followed to year", "use": "Use"}
    return _wide(_table(shown[["population", *labels]], labels, group="population"))


def priors_table(priors: Iterable[tuple[str, str, str]]) -> Table:
    """Priors with their reasons.

    Parameters
    ----------
    priors
        Name, distribution and reason of each.
    """
    shown = pd.DataFrame(list(priors), columns=["name", "distribution", "reason"])
    return _wide(_table(shown, {"distribution": "Prior", "reason": "Reason"}, row="name"))


def diagnostics_table(diagnostics: Mapping[str, Any]) -> Table:
    """Diagnostics of a fit.

    Parameters
    ----------
    diagnostics
        Name to value; a value that is itself a mapping gives columns (`value`, `limit`, `passed`).
    """
    rows = [
        {"check": name.replace("_", " "), "value": _plain(entry.get("value")), "limit": _plain(entry.get("limit"))}
        | {"passed": _verdict(entry.get("passed"))}
        for name, entry in ((n, e if isinstance(e, Mapping) else {"value": e}) for n, e in diagnostics.items())
    ]
    shown = pd.DataFrame(rows, columns=["check", "value", "limit", "passed"])
    return _table(shown, {"value": "Value", "limit": "Required", "passed": "Passed"}, row="check")


def validation_table(predictions: pd.DataFrame) -> Table:
    """Compare what was predicted for women whom the model has not seen with what happened to them.

    Parameters
    ----------
    predictions
        Columns `er`, `year`, `observed`, `median`, `lower`, `upper` (proportions).
    """
    rows = [
        {
            "er": name_of(row.er), "year": f"by year {row.year:g}", "observed": words.percent(row.observed),
            "predicted": words.percent_cell(row.median, row.lower, row.upper),
            "inside": "yes" if row.lower <= row.observed <= row.upper else "no",
        }
        for row in predictions.itertuples()
    ]  # fmt: skip
    labels = {"observed": "Observed", "predicted": "Predicted", "inside": "Inside the interval"}
    return _table(pd.DataFrame(rows), labels, row="year", group="er")


def withheld(reason: str) -> Table:
    """Table that only says why a result is not shown."""
    return _table(pd.DataFrame({"note": [reason]}), {"note": "Not shown"})


def _table(
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
    return Table(_CELL_TAG.sub(_without_references, table.as_raw_html()))


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


def _plain(value: object) -> str:
    return "" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)


def _verdict(passed: bool | None) -> str:
    return {True: "yes", False: "no"}.get(passed, "")
