"""Estimands of claims on where metastases are found."""

from __future__ import annotations

from resurge.findings.claim_sources import Beside, Claim, Found, Sources


def sites_ever_bone(sources: Sources, claim: Claim) -> Found:
    """Share of patients with metastases who have them in bone at any time of the course, all subtypes together."""
    from resurge.findings.site_draws import PARAMETERS, site_share  # takes pandas along; few claims need it

    draws = sources.draws("metastasis", PARAMETERS)
    ever = "any_site_during_course"
    return Found(
        {"": site_share(draws, ever, "any", "bone")},
        (
            Beside("in one more source", site_share(draws, ever, "any", "bone", "new"), "proportion"),
            Beside("HR-positive, HER2-negative", site_share(draws, ever, "HR+/HER2-", "bone"), "proportion"),
            Beside("triple-negative", site_share(draws, ever, "TNBC", "bone"), "proportion"),
            Beside("at first recurrence", site_share(draws, "first_site", "any", "bone"), "proportion"),
            Beside("at autopsy", site_share(draws, "autopsy", "any", "bone"), "proportion"),
        ),
    )
