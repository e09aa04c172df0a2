"""Do tables say what they are given, row by row, and show hostile text as text?"""

import re
from html import unescape
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from resurge.reporting import tables

HOSTILE = '<script>alert("x")</script> [a](javascript:b) id="c" $d$ | `e`'


def rows_of(table):
    body = table.html.split("</style>")[1]
    rows = re.findall(r"<tr.*?</tr>", body, re.DOTALL)
    return [[re.sub(r"<[^>]*>", "", cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)] for row in rows]


def test_residual_risks_by_year_reached():
    values = np.array([[[[0.1234, 0.2], [np.nan, 0.05]]]])
    data = xr.Dataset(
        {
            k: (("group", "er", "start", "end"), values * f)
            for k, f in {"median": 1, "lower": 0.8, "upper": 1.25}.items()
        },
        {"group": ["all"], "er": ["positive"], "start": [0.0, 10.0], "end": [10.0, 20.0]},
        {"interval_level": 0.95},
    )
    assert rows_of(tables.residual_risk_table(data)) == [
        ["", "by year 10", "by year 20"],
        ["ER-positive: all"],
        ["at diagnosis", "12% (10–15)", "20% (16–25)"],
        ["free at year 10", "–", "5.0% (4.0–6.2)"],
    ]


def test_sources_link_to_doi_and_pubmed_and_hostile_text_stays_text():
    sources = pd.DataFrame(
        {
            "authors": ["Pan et al", HOSTILE], "year": [2017.0, np.nan], "title": ["Risks", HOSTILE],
            "journal": ["NEJM", ""], "doi": ["10.1056/NEJMoa1701830", '10.1/"onload=x'],
            "pmid": ["29117498", "javascript:1"], "rows": [1200, 1],
        }
    )  # fmt: skip
    table = tables.sources_table(sources)
    assert 'href="https://doi.org/10.1056/NEJMoa1701830" aria-label="DOI 10.1056/NEJMoa1701830"' in table.html
    assert 'href="https://pubmed.ncbi.nlm.nih.gov/29117498/"' in table.html
    assert rows_of(table)[1] == ["Pan et al", "2017", "Risks", "NEJM", "1,200", "DOI · PubMed"]
    assert "<script" not in table.html
    assert len(re.findall("href=", table.html)) == 3
    assert 'href="https://doi.org/10.1/%22onload%3Dx"' in table.html
    assert unescape(rows_of(table)[2][0]) == HOSTILE


def test_tables_of_one_page_share_no_ids_and_keep_scopes():
    table = tables.priors_table([("omega", "half-Normal(0.15)", "10%")])
    assert 'scope="row"' in table.html
    assert not re.search(r"<t[hd][^>]*\s(id|headers)=", table.html)
    assert rows_of(table)[1] == ["omega", "half-Normal(0.15)", "10%"]


def test_diagnostics_say_which_way_their_limits_go():
    table = tables.diagnostics_table(
        {
            "R-hat": {"value": 1.00312, "limit": 1.01, "passed": True, "worst": "beta"},
            "E-BFMI": {"value": 0.2, "limit": 0.3, "passed": False, "worst": "worst chain"},
        }
    )
    assert rows_of(table)[1:] == [
        ["R-hat", "1.003", "at most 1.01", "beta", "yes"],
        ["E-BFMI", "0.2", "at least 0.3", "worst chain", "no"],
    ]


def test_years_below_a_threshold_tell_what_is_later():
    years = {
        "er": ["positive"],
        "population": "new",
        "threshold": 0.01,
        "median": np.inf,
        "lower": 7.0,
        "upper": np.inf,
    }
    table = tables.years_below_table(pd.DataFrame(years | {"reached": 0.38}))
    assert rows_of(table)[1:] == [["New population"], ["ER-positive", "under 1% a year", "later (7–later)", "38%"]]


def test_every_check_whose_value_should_be_large_is_one_of_the_gate():
    diagnose = Path(find_spec("resurge.inference.gate").origin).read_text(encoding="utf-8")
    assert all(f'"{name}"' in diagnose for name in tables.LARGER_IS_BETTER)


def test_predictions_tell_whether_they_held():
    frame = pd.DataFrame(
        {
            "er": ["negative"],
            "year": 10.0,
            "observed": 0.3,
            "observed_lower": 0.2,
            "observed_upper": 0.4,
            "median": 0.2,
            "lower": 0.15,
            "upper": 0.25,
        }
    )
    assert rows_of(tables.validation_table(frame))[2] == ["by year 10", "30% (20–40)", "20% (15–25)", "no"]
