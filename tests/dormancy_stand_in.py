"""Made-up answers about dormancy for the report pages, known beforehand."""

import numpy as np
import pandas as pd
from IPython.display import Markdown

from resurge.findings.dormancy_questions import PERIODS, YEARS
from resurge.inference.curve_comparison import Comparison
from resurge.inference.curve_scores import scored
from resurge.reporting.dormancy_answers import SHOWN_YEARS, DormancyAnswers
from resurge.reporting.dormancy_view import DormancyView
from resurge.synthesis.strata import ER

SCORES = {"recurrence": {"ALPHA": -3.0, "BETA": -5.0}, "dormancy": {"ALPHA": -4.0, "BETA": -4.5}}


def around(median):
    return {"mean": median, "median": median, "lower": 0.7 * median, "upper": 1.3 * median}


def learned(median, word="evidence"):
    return {**around(median), "contraction": 0.4, "informed_by": word}


def answer(dormant, half_life):
    shares = np.linspace(0.1, 0.7, len(YEARS))
    pairs = ("p_early, p_dormant", "p_dormant, half_life", "half_life, phi", "p_dormant, nodes_mix")
    return {
        "fraction_dormant": learned(dormant),
        "dormant_within": learned(dormant / 2),
        "fraction_early": learned(0.1),
        "cured": learned(0.5),
        "half_life": learned(half_life, "in part"),
        "early_year": learned(2.0, "prior only"),
        "early_spread": learned(0.6),
        "share_by_year": [{"year": year, **around(s)} for year, s in zip(YEARS, shares, strict=True)],
        "share_by_period": [{"from": start, "to": end, **around(0.6)} for start, end in PERIODS],
        "still_dormant": [{"year": year, **around(0.2)} for year in YEARS],
        "correlations": {pair: 0.5 - 0.25 * i for i, pair in enumerate(pairs)},
    }


def curves(name, level):
    rows = [pd.DataFrame({"er": er, "year": SHOWN_YEARS, "median": level}) for er in ER]
    frame = pd.concat(rows, ignore_index=True).assign(model=name)
    return frame.assign(lower=0.8 * frame["median"], upper=1.2 * frame["median"], dormant=0.5 * frame["median"])


def answers(comparison=None):
    rng = np.random.default_rng(0)
    ridge = {name: rng.uniform(0.1, 0.3, 40) for name in ("p_early", "p_dormant")}
    ridge |= {"half_life": rng.uniform(5, 20, 40), "early_year": rng.uniform(1, 3, 40)}
    unheld = {"draws": {"early_year": [[2.0, 9.0]], "p_dormant": [[0.2, 0.01]]}}
    return DormancyAnswers(
        level=0.95,
        answers={"negative": answer(0.2, 15.0), "positive": answer(0.4, 10.0)},
        hazards=pd.concat([curves("compartments", 0.03), curves("splines", 0.02)], ignore_index=True),
        shares=curves("shares", 0.6),
        ridge=pd.DataFrame({"er": np.repeat(ER, 20), **ridge}),
        comparison=comparison or Comparison({**scored(SCORES), "unheld": unheld}),
    )


def view():
    diagnostics = {"R-hat": {"value": 1.002, "limit": 1.01, "passed": True, "worst": "half_life"}}
    return DormancyView(answers(), Markdown(""), "", diagnostics)
