"""Made-up summaries of the therapy model, with values known beforehand."""

import numpy as np
import pandas as pd
from IPython.display import Markdown

from resurge.findings.effect_fit import Inside
from resurge.reporting.effect_answers import EffectAnswers, Fitted
from resurge.reporting.effect_view import EffectView

HOSTILE = "Trial <b>$x$</b>"


def ratio(median):
    return {"mean": median, "median": median, "lower": 0.9 * median, "upper": 1.1 * median}


def over(start, end, median):
    return {"from": start, "to": end, **ratio(median), "predictive": {"lower": 0.7 * median, "upper": 1.3 * median}}


def learnt(median, contraction, word):
    return {**ratio(median), "contraction": contraction, "informed_by": word}


def curve(median):
    years = np.linspace(0, 15, 16)
    return pd.DataFrame({"year": years, "median": median, "lower": 0.8 * median, "upper": 1.2 * median})


def told(name, trials, rows, carry_word):
    return {
        "class": name,
        "er": "positive",
        "randomised_year": 0.0,
        "duration": 5.0,
        "evidence": {"trials": trials, "rows": rows},
        "windows": [over(0, 2, 0.5), over(2, 5, 0.6), over(5, 10, 0.75), over(10, 15, 0.9)],
        "pooled": over(0, 5, 0.55),
        "curve": curve(0.6),
        "curve_inner": curve(0.6),
        "onset_half_time": learnt(0.25, 0.05, "prior only"),
        "fade_per_year": learnt(0.1, -0.02, "prior only"),
        "carry_over_half_life": learnt(4.0, 0.5, carry_word),
        "heterogeneity": learnt(0.1, 0.2, "in part"),
        "full_effect": {"mean": -0.7, "median": -0.7, "lower": -0.9, "upper": -0.5, "contraction": 0.7}
        | {"informed_by": "evidence"},
        "years_of_benefit": {"mean": None, "median": 12.3, "lower": 6.0, "upper": None, "probability": 0.8},
    }


def entries():
    rows = [
        ("a1", "endocrine_tamoxifen", HOSTILE, "any_recurrence", 0.0, 5.0, "effect", "", 0.53, 0.3),
        ("a2", "endocrine_tamoxifen", HOSTILE, "os", 0.0, 5.0, "effect", "", 0.8, -0.2),
        ("b1", "cdk46_inhibitor", "Early", "idfs", 0.0, 2.0, "increment", "chain", 0.7, 2.4),
        ("b2", "cdk46_inhibitor", "Early", "idfs", 2.0, 4.0, "shape", "chain", 0.9, -1.1),
    ]
    names = ["entry", "effect_class", "trial", "endpoint", "start", "end", "used_as", "update_chain", "observed", "off"]
    frame = pd.DataFrame(rows, columns=names).assign(row_id=lambda rows: rows["entry"], women="", inside="")
    frame.loc[frame["used_as"] == "shape", "inside"] = "Overview"
    return frame.assign(
        observed_lower=0.8 * frame["observed"],
        observed_upper=1.2 * frame["observed"],
        median=0.6,
        lower=0.5,
        upper=0.7,
        predicted_lower=0.4,
        predicted_upper=0.8,
    )


def fitted():
    reports = {"update_chain": "chain", "end": [2.0, 4.0], "cumulative": [0.7, 0.77]}
    return Fitted(
        entries=entries(),
        reports=pd.DataFrame(reports).assign(cumulative_lower=0.6, cumulative_upper=0.9),
        courses={"chain": curve(0.7)},
        inside=Inside(9, 10, 0.9),
        evidence=pd.DataFrame({"contrast_years_from": ["assumed", "printed"], "window_end": [np.nan, 5.0]}),
        crossed_over=["Early"],
    )


def answers():
    return EffectAnswers(
        level=0.95,
        inner_level=0.5,
        classes=[
            told("cdk46_inhibitor", ["Early"], ["b1", "b2"], "in part"),
            told("endocrine_tamoxifen", [HOSTILE], ["a1", "a2"], "evidence"),
            told("aspirin", ["Lone"], ["c1"], "prior only"),
        ],
        endpoints={"os": learnt(0.7, 0.4, "evidence")},
        lag=learnt(3.5, 0.1, "in part"),
        spread=learnt(0.1, 0.2, "in part"),
        extra=learnt(0.05, 0.3, "evidence"),
        fitted=fitted(),
    )


def view():
    return EffectView(answers(), Markdown(""))
