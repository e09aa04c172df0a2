"""Estimands of claims that rows of the evidence answer by themselves, where no model asks just that."""

from __future__ import annotations

import numpy as np
from scipy.special import betaincinv, ndtri

from resurge.findings.claim_sources import POINTS, Claim, Found, Sources, UnansweredError, read_off
from resurge.synthesis.network_priors import NETWORK
from resurge.synthesis.pooling import HalfNormal, Normal, random_effects

MEAN = Normal(0.0, 1.5)
"""Prior of a mean log ratio: 95% between ratios of 0.05 and 19."""
SPREAD = HalfNormal(NETWORK.tau.sd)
"""Prior of the spread of log ratios between studies, that of the networks of trials."""
SCEPTICS = 40.0
"""Patients that the prior of a response rate is worth, at the rate of the comparison."""
TABLES = {
    "x": ("resistance_effects", "log_effect", "se_log"),
    "e": ("therapy_effects", "log_estimate", "se_log"),
}
"""Table, effect and standard error of a row by the first letter of its key."""


def named_rows(sources: Sources, claim: Claim) -> list[dict[str, str]]:
    """Give the rows that a claim names, in its order."""
    found = []
    for name in claim["rows"].split("; "):
        table = TABLES[name[0]][0]
        row = next((row for row in sources.rows(table) if row["row_id"] == name), None)
        if row is None:
            raise UnansweredError(f"needs row {name} of data/{table}.csv, and there is none")
        found.append(row)
    return found


def effects_of(sources: Sources, claim: Claim) -> tuple[np.ndarray, np.ndarray]:
    """Give log ratios and standard errors of the rows that a claim names."""
    pairs = []
    for row in named_rows(sources, claim):
        _, effect, error = TABLES[row["row_id"][0]]
        if not (row[effect] and row[error]):
            raise UnansweredError(f"needs an effect and a standard error in row {row['row_id']}, and one is missing")
        pairs.append((float(row[effect]), float(row[error])))
    effects, errors = np.array(pairs).T
    return effects, errors


def pooled_rows(sources: Sources, claim: Claim) -> Found:
    """Mean log ratio of studies such as those named, random effects; one study is pooled with the priors alone."""
    pooled = random_effects(*effects_of(sources, claim), mu_prior=MEAN, tau_prior=SPREAD)
    return Found({"": read_off(pooled.mu)}, from_rows=True)


def difference_of_rows(sources: Sources, claim: Claim) -> Found:
    """Difference of two published log ratios, the first less the second, as if they were independent."""
    effects, errors = effects_of(sources, claim)
    first, second = effects
    return Found({"": first - second + np.hypot(*errors) * ndtri(POINTS)}, from_rows=True)


def response_rate(sources: Sources, claim: Claim) -> Found:
    """Rate of response in a single arm; the prior stands at the rate of the comparison and is worth `SCEPTICS`."""
    (row,) = named_rows(sources, claim)
    if not (row["mean_treated"] and row["n_treated"]):
        raise UnansweredError(f"needs responders and patients in row {row['row_id']}, and one is missing")
    responders, patients, expected = float(row["mean_treated"]), float(row["n_treated"]), float(claim["value_low"])
    yes, no = responders + SCEPTICS * expected, patients - responders + SCEPTICS * (1 - expected)
    return Found({"": betaincinv(yes, no, POINTS)}, from_rows=True)
