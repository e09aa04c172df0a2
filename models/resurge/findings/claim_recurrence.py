"""Estimands of claims on when and how often breast cancer recurs.

They are about the middle of all populations, and about all stages together where a claim names none. Women of either
receptor status together are a mixture: the share of ER-negative disease comes from registries.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy.special import expit

from resurge.findings.claim_sources import Beside, Claim, Draws, Found, Sources, UnansweredError, read_off, spread
from resurge.findings.hazard_draws import (
    LAST_YEAR,
    PARAMETERS,
    Profile,
    cumulative_to,
    group_hazard,
    peak_years,
    risk_between,
    shares_after,
)
from resurge.synthesis.pooling import HalfNormal, Normal, random_effects
from resurge.synthesis.strata import ER

ENOUGH = 1000
"""Draws that are read: the simulation error of a probability stays under two in a hundred."""
CONSTANTS = ("edges", "spline_basis")
FINE = np.linspace(0.0, LAST_YEAR, 401)
"""Years at which cumulative incidence is read, every twentieth of a year."""
LOGIT_SHARE = Normal(-1.1, 0.8)
"""Prior of the logit of the ER-negative share: 95% between 6% and 62%, around one in four."""
SHARE_SPREAD = HalfNormal(0.5)
"""Prior of the spread of that logit between registries: odds of most are within a factor of 2.7 of the middle."""
QUOTED_STRATA = (("N0", "T1"), ("N4-9", "T2"))
"""The strata of least and of greatest risk whose risks are quoted as a range."""


@lru_cache(maxsize=16)
def hazard_of(sources: Sources, **profile: str) -> tuple[Draws, Draws]:
    """Give the hazard of a group of women, shape (sample, cell), and the bounds of the cells."""
    draws = sources.draws("recurrence", PARAMETERS)
    n = len(draws["beta"])
    kept = np.linspace(0, n - 1, min(n, ENOUGH)).astype(int)
    thinned = {name: values if name in CONSTANTS else values[kept] for name, values in draws.items()}
    return group_hazard(thinned, Profile(**profile)), draws["edges"]


def registry_share(sources: Sources) -> Draws:
    """Give the share of breast cancers that are ER-negative in the middle of registries, shape (point,)."""
    rows = [row for row in sources.rows("case_mix") if (row["variable"], row["level"]) == ("er", "negative")]
    counts = np.array([(float(row["n"]), float(row["of_n"])) for row in rows if row["n"] and row["of_n"]])
    if not len(counts):
        raise UnansweredError("needs counts by ER status in data/case_mix.csv, and there are none")
    negative, positive = counts[:, 0], counts[:, 1] - counts[:, 0]
    pooled = random_effects(
        np.log(negative / positive), np.sqrt(1 / negative + 1 / positive), mu_prior=LOGIT_SHARE, tau_prior=SHARE_SPREAD
    )
    return expit(read_off(pooled.mu))


def incidence(sources: Sources, endpoint: str, years: Draws) -> Draws:
    """Give the risk from diagnosis to each year of women of either ER status, shape (sample, year)."""
    risks = {}
    for er in ER:
        hazard, edges = hazard_of(sources, er=er, endpoint=endpoint)
        risks[er] = risk_between(hazard, edges, 0.0, years)
    negative = spread(registry_share(sources), len(risks["negative"]))[:, None]
    return negative * risks["negative"] + (1 - negative) * risks["positive"]


def er_negative_share(sources: Sources, claim: Claim) -> Found:
    """Share of early breast cancers that are ER-negative, the middle of registries."""
    return Found({"": registry_share(sources)}, from_rows=True)


def distant_risk_by_20(sources: Sources, claim: Claim) -> Found:
    """Risk of distant recurrence from diagnosis to year 20, all women."""
    return Found({"": incidence(sources, "distant_recurrence", np.array([20.0]))[:, 0]})


def share_after_10(sources: Sources, claim: Claim) -> Found:
    """Share of the recurrences of 20 years that come after year 10, all women."""
    by_10, by_20 = incidence(sources, "any_recurrence", np.array([10.0, LAST_YEAR])).T
    return Found({"": 1 - by_10 / by_20})


def breast_cancer_survival_at_10(sources: Sources, claim: Claim) -> Found:
    """Survival from breast cancer at year 10: deaths follow distant recurrences by an exponential delay.

    The delay's mean comes from the therapy model; every distant recurrence is counted as fatal in the end.
    """
    years = FINE[FINE <= 10]
    recurred = incidence(sources, "distant_recurrence", years)
    lag = spread(sources.draws("therapy", ("lag",))["lag"], len(recurred))
    left = 10 - (years[1:] + years[:-1]) / 2
    dead = (np.diff(recurred, axis=1) * -np.expm1(-left / lag[:, None])).sum(1)
    free = Beside("free of distant recurrence at year 10", 1 - recurred[:, -1], "proportion")
    return Found({"": 1 - dead}, (free,))


def median_time_er_negative(sources: Sources, claim: Claim) -> Found:
    """Year by which half of the distant recurrences of 20 years have come, ER-negative disease."""
    hazard, edges = hazard_of(sources, er="negative", endpoint="distant_recurrence")
    share = risk_between(hazard, edges, 0.0, FINE)
    share /= share[:, [-1]]
    median = np.array([np.interp(0.5, curve, FINE) for curve in share])
    by_3, by_5 = 1 - shares_after(hazard, edges, [3.0, 5.0]).T
    return Found(
        {"": median},
        (
            Beside("share of them in years 3 to 5", by_5 - by_3, "proportion"),
            Beside("share of them before year 3", by_3, "proportion"),
            Beside("year of the highest hazard", peak_years(hazard, edges), "years"),
        ),
    )


def share_after_5_er_positive(sources: Sources, claim: Claim) -> Found:
    """Share of the recurrences of 20 years that come after year 5, ER-positive disease."""
    shares = {}
    for endpoint in ("any_recurrence", "distant_recurrence"):
        hazard, edges = hazard_of(sources, er="positive", endpoint=endpoint)
        shares[endpoint] = shares_after(hazard, edges, [5.0])[:, 0]
    distant = Beside("the same of distant recurrences", shares["distant_recurrence"], "proportion")
    return Found({"": shares["any_recurrence"]}, (distant,))


def hazard_15_to_20_er_positive(sources: Sources, claim: Claim) -> Found:
    """Mean hazard of recurrence in years 15 to 20, ER-positive disease, per year."""
    hazard, edges = hazard_of(sources, er="positive")
    by_15, by_20 = cumulative_to(hazard, edges, [15.0, 20.0]).T
    return Found({"": (by_20 - by_15) / 5})


def late_risk_by_stage(sources: Sources, claim: Claim) -> Found:
    """Risk of distant recurrence in years 5 to 20 of women free of recurrence at year 5, least and greatest stratum.

    ER-positive disease after 5 years of endocrine therapy; the risks from diagnosis stand beside.
    """
    late, beside = {}, []
    for nodal, size in QUOTED_STRATA:
        group = {"er": "positive", "nodal": nodal, "tumour_size": size, "therapy": "endocrine_5y"}
        group["endpoint"] = "distant_recurrence"
        hazard, edges = hazard_of(sources, **group)
        late[f"{size}{nodal}"] = risk_between(hazard, edges, 5.0, [20.0])[:, 0]
        whole = risk_between(hazard, edges, 0.0, [20.0])[:, 0]
        beside.append(Beside(f"{size}{nodal}, from diagnosis to year 20", whole, "proportion"))
        other, _ = hazard_of(sources, **group, population="new")
        again = risk_between(other, edges, 5.0, [20.0])[:, 0]
        beside.append(Beside(f"{size}{nodal}, years 5 to 20, in one more population", again, "proportion"))
    return Found(late, tuple(beside))


def er_negative_ratio_0_to_5(sources: Sources, claim: Claim) -> Found:
    """Log ratio of the hazards of recurrence of years 0 to 5, ER-negative against ER-positive disease."""
    totals, later = {}, {}
    for er in ER:
        hazard, edges = hazard_of(sources, er=er)
        by_5, by_10 = cumulative_to(hazard, edges, [5.0, 10.0]).T
        totals[er], later[er] = by_5, by_10 - by_5
    years_5_to_10 = np.log(later["negative"] / later["positive"])
    return Found(
        {"": np.log(totals["negative"] / totals["positive"])},
        (Beside("the same in years 5 to 10", years_5_to_10, "log hazard ratio"),),
    )
