"""From a stored posterior to the summaries that the pages show: every call of the findings stands here."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr

from resurge.findings import recurrence
from resurge.findings.recurrence import summarise
from resurge.inference.records import Record
from resurge.reporting.results import Answers

LAST_YEAR = 20.0
YEARS = np.arange(0.0, LAST_YEAR + 0.125, 0.25)
LEVEL, INNER_LEVEL = 0.95, 0.5
STARTS = (0.0, 5.0, 10.0)
SHARES = {0.5: "half of them", 0.8: "four fifths of them"}
PROFILE = "women of a typical population, with node and size groups mixed as at diagnosis"


def read_answers(record: Record) -> Answers:
    """Summarise a posterior for the pages: a typical population, strata mixed, any recurrence."""
    posterior = record.posterior
    hazard = recurrence.annual_hazard(posterior, years=YEARS)
    ratio = hazard.sel(er="negative", drop=True) / hazard.sel(er="positive", drop=True)
    peak = summarise(recurrence.peak_year(posterior), LEVEL)
    crossover = recurrence.crossover_year(posterior)
    residual = recurrence.residual_risk(posterior, start=STARTS, end=np.arange(LAST_YEAR + 1))
    return Answers(
        profile=PROFILE,
        hazard=summarise(hazard, LEVEL),
        hazard_inner=summarise(hazard, INNER_LEVEL),
        ratio=summarise(ratio, LEVEL),
        ratio_inner=summarise(ratio, INNER_LEVEL),
        residual=summarise(residual, LEVEL),
        peak=peak,
        late_share=summarise(recurrence.share_after(posterior, after=(5.0, 10.0)), LEVEL),
        windows=_windows(posterior, peak),
        crossover=summarise(crossover, LEVEL),
        crossover_draws=crossover,
    )


def _windows(posterior: xr.Dataset, peak: xr.Dataset) -> pd.DataFrame:
    """Rows of the windows chart: the peak and the shortest windows, ER-negative first."""
    windows = {share: summarise(recurrence.shortest_window(posterior, share=share), LEVEL) for share in SHARES}
    rows = []
    for er in peak["er"].values:
        rows.append(_row(str(er), "highest hazard", 0.0, [peak.sel(er=er)] * 2))
        for share, window in windows.items():
            ends = [window.sel(er=er, bound=bound) for bound in ("start", "end")]
            rows.append(_row(str(er), SHARES[share], share, ends))
    return pd.DataFrame(rows)


def _row(er: str, name: str, share: float, ends: Sequence[xr.Dataset]) -> dict[str, object]:
    row: dict[str, object] = {"er": er, "name": name, "share": share}
    for bound, end in zip(("start", "end"), ends, strict=True):
        row |= {
            bound: float(end["median"]),
            f"{bound}_lower": float(end["lower"]),
            f"{bound}_upper": float(end["upper"]),
        }
    return row
