"""When breast cancer comes back, and for whom: the answers of the recurrence model as labelled draws.

Every function takes the posterior of the recurrence model (or its prior) and returns an :class:`xarray.DataArray`
with a
``sample`` dimension; :func:`summarise` turns draws into estimates with intervals. Groups of women are given by
keywords ``nodal``,
``tumour_size``, ``endpoint``, ``population`` and ``therapy`` as in :class:`~resurge.findings.hazard_draws.Profile`;
both ER groups are
answered side by side.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from resurge.findings import hazard_draws
from resurge.findings.hazard_draws import PARAMETERS, Draws, Profile
from resurge.synthesis.strata import ER

INTERVAL_KIND = "equal-tailed"


def summarise(draws: xr.DataArray, level: float = 0.95) -> xr.Dataset:
    """Summarise draws by mean, median and equal-tailed interval.

    Parameters
    ----------
    draws : xarray.DataArray
        With a ``sample`` dimension; NaN means that the answer does not exist in a draw (curves that never cross).
    level : float
        Probability of the interval.

    Returns
    -------
    xarray.Dataset
        ``mean``, ``median``, ``lower``, ``upper`` and ``exists`` (share of draws with an answer), over the remaining
        dimensions, with
        ``interval_kind`` and ``interval_level`` as attributes.
    """
    tail = (1 - level) / 2
    exists = draws.notnull().mean("sample")
    some = draws.where(exists > 0, 0.0)
    lower, median, upper = (
        some.quantile(q, "sample", skipna=True).drop_vars("quantile").where(exists > 0) for q in (tail, 0.5, 1 - tail)
    )
    summary = {"mean": draws.mean("sample"), "median": median, "lower": lower, "upper": upper, "exists": exists}
    return xr.Dataset(summary, attrs={"interval_kind": INTERVAL_KIND, "interval_level": level})


def draws_of(posterior: xr.Dataset) -> Draws:
    """Give the arrays that the findings need, chains joined, the sample first."""
    stacked = posterior.stack(sample=("chain", "draw"))
    return {
        name: (stacked[name].transpose("sample", ...) if "sample" in stacked[name].dims else stacked[name]).values
        for name in PARAMETERS
    }


def by_er(
    posterior: xr.Dataset,
    answer: Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]],
    coords: dict[str, Sequence[float] | Sequence[str] | NDArray[np.float64]],
    **group: str,
) -> xr.DataArray:
    """Answer a question for both ER groups: ``answer`` takes hazards (sample, cell) and edges."""
    draws = draws_of(posterior)
    values = [answer(hazard_draws.group_hazard(draws, Profile(er, **group)), draws["edges"]) for er in ER]
    labels = {"er": list(ER), **{name: list(along) for name, along in coords.items()}}
    return xr.DataArray(np.stack(values, axis=1), dims=("sample", *labels), coords=labels)


def annual_hazard(posterior: xr.Dataset, *, years: Sequence[float], **group: str) -> xr.DataArray:
    """Give the hazard of recurrence per year at points in time, among women still free of it.

    Returns
    -------
    xarray.DataArray, dims (sample, er, year)
    """
    return by_er(posterior, lambda h, e: hazard_draws.hazard_at(h, e, years), {"year": years}, **group)


def cumulative_risk(posterior: xr.Dataset, *, end: Sequence[float], **group: str) -> xr.DataArray:
    """Give the risk of recurrence from diagnosis to each year.

    Returns
    -------
    xarray.DataArray, dims (sample, er, end)
    """
    return by_er(posterior, lambda h, e: hazard_draws.risk_between(h, e, 0.0, end), {"end": end}, **group)


def residual_risk(posterior: xr.Dataset, *, start: Sequence[float], end: Sequence[float], **group: str) -> xr.DataArray:
    """Give the risk between two years for women free of recurrence at the first; NaN where the end is not after it.

    Returns
    -------
    xarray.DataArray, dims (sample, er, start, end)
    """

    def answer(hazard: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.float64]:
        ends = np.asarray(end, dtype=float)
        rows = [
            np.where(ends >= u, hazard_draws.risk_between(hazard, edges, u, np.maximum(ends, u)), np.nan) for u in start
        ]
        return np.stack(rows, axis=1)

    return by_er(posterior, answer, {"start": start, "end": end}, **group)


def peak_year(posterior: xr.Dataset, **group: str) -> xr.DataArray:
    """Give the year of the highest hazard.

    Returns
    -------
    xarray.DataArray, dims (sample, er)
    """
    return by_er(posterior, hazard_draws.peak_years, {}, **group)


def shortest_window(posterior: xr.Dataset, *, share: float, **group: str) -> xr.DataArray:
    """Give the shortest interval that holds a share of the recurrences of 20 years.

    Returns
    -------
    xarray.DataArray, dims (sample, er, bound)
        ``bound`` is ``start`` or ``end``, in years.
    """
    bounds = {"bound": ["start", "end"]}
    return by_er(posterior, lambda h, e: hazard_draws.shortest_windows(h, e, share), bounds, **group)


def share_after(posterior: xr.Dataset, *, after: Sequence[float], **group: str) -> xr.DataArray:
    """Give the share of the recurrences of 20 years that come after each year.

    Returns
    -------
    xarray.DataArray, dims (sample, er, after)
    """
    return by_er(posterior, lambda h, e: hazard_draws.shares_after(h, e, after), {"after": after}, **group)


def year_below(posterior: xr.Dataset, *, threshold: float, **group: str) -> xr.DataArray:
    """Give the first year after which the annual risk stays under a threshold to year 20; NaN if it does not.

    Returns
    -------
    xarray.DataArray, dims (sample, er)
    """
    return by_er(posterior, lambda h, e: hazard_draws.years_below(h, e, threshold), {}, **group)


def hazard_ratio(posterior: xr.Dataset, *, years: Sequence[float], **group: str) -> xr.DataArray:
    """Give the hazard of ER-negative over ER-positive disease as a function of time.

    Returns
    -------
    xarray.DataArray, dims (sample, year)
    """
    hazard = annual_hazard(posterior, years=years, **group)
    return hazard.sel(er="negative", drop=True) / hazard.sel(er="positive", drop=True)


def crossover_year(posterior: xr.Dataset, **group: str) -> xr.DataArray:
    """Give the year at which the ER-positive hazard overtakes the ER-negative one for good; NaN if it does not.

    Returns
    -------
    xarray.DataArray, dims (sample,)
    """
    draws = draws_of(posterior)
    negative, positive = (hazard_draws.group_hazard(draws, Profile(er, **group)) for er in ER)
    return xr.DataArray(hazard_draws.crossover_years(negative, positive, draws["edges"]), dims="sample")


def population_ratios(posterior: xr.Dataset) -> xr.DataArray:
    """Give each population's hazard at year 5 over that of a typical one with the same strata.

    Returns
    -------
    xarray.DataArray, dims (sample, population)
    """
    levels = posterior["a"].stack(sample=("chain", "draw"))
    return np.exp(levels.transpose("sample", "population")).drop_vars(["sample", "chain", "draw"])
