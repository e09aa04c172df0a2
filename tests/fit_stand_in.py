"""Made-up fits for the pages of models, with answers known beforehand."""

from types import SimpleNamespace

import pandas as pd
from IPython.display import Markdown

from resurge.reporting.fit_checks import FitAnswers
from resurge.reporting.fit_view import CODE, FitView

CHECK = {"R-hat": {"value": 1.002, "limit": 1.01, "passed": True, "worst": "tau"}}
SETTINGS = {"chains": 4, "draws": 1000, "tune": 700}


def replicates():
    """Give three numbers: one reproduced, one outside the interval of one more source, one outside both."""
    rows = pd.DataFrame(
        {
            "panel": ["First kind", "First kind", "Second kind"],
            "row": ["ALPHA", "BETA_1", "GAMMA"],
            "observed": [0.2, 0.5, 0.9],
            "median": [0.21, 0.4, 0.3],
            "lower": [0.1, 0.3, 0.2],
            "upper": [0.4, 0.6, 0.4],
            "new_median": [0.2, 0.3, 0.3],
            "new_lower": [0.05, 0.2, 0.1],
            "new_upper": [0.5, 0.45, 0.6],
        }
    )
    return rows


def parameters():
    return pd.DataFrame(
        {
            "panel": ["Spreads", "Spreads", "Shares"],
            "parameter": ["tau", "sigma", "mix"],
            "prior_median": 0.5, "prior_lower": 0.1, "prior_upper": 2.0,
            "median": [0.3, 0.4, 0.5], "lower": [0.2, 0.3, 0.4], "upper": [0.4, 0.5, 0.6],
        }
    )  # fmt: skip


def views():
    answers = FitAnswers(parameters(), replicates())
    return SimpleNamespace(**{model: FitView(model, answers, Markdown(""), CHECK, SETTINGS) for model in CODE})
