"""Made-up shares of sites for the report pages, from draws of the prior and the sources of the evidence."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from unittest.mock import patch

import numpy as np

from resurge.evidence.tables import load_evidence
from resurge.findings import site_questions
from resurge.project import Project
from resurge.reporting import site_view
from resurge.synthesis.metastasis_design import SETTINGS, site_design
from resurge.synthesis.metastasis_forward import draw_prior
from resurge.synthesis.metastasis_priors import METASTASIS

DATA = Path(__file__).parents[1] / "data"
CHECKS = {"R-hat": {"value": 1.004, "limit": 1.01, "passed": True, "worst": "tau"}}


@cache
def view() -> site_view.SiteView:
    """Give the view of a page whose answers come from the prior."""
    evidence = load_evidence(DATA)
    draws = draw_prior(METASTASIS, site_design(evidence.metastasis_sites), 200, np.random.default_rng(1))
    with patch.object(site_questions, "sound_draws", return_value=draws):
        answers = {setting: site_view.with_mixture(Project(DATA.parent), setting) for setting in SETTINGS}
    return site_view.SiteView(evidence, answers, diagnostics=CHECKS)
