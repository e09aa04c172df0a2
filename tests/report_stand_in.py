"""Made-up results for the report pages, with answers known beforehand; takes the place of `pages` in tests."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import xarray as xr
from IPython.display import Markdown

import benefit_stand_in
import claim_stand_in
import dormancy_stand_in
import effect_stand_in
import fit_stand_in
import history_stand_in
import resistance_stand_in
import site_stand_in
from resurge.evidence.tables import load_evidence
from resurge.findings.hazard_draws import POPULATIONS
from resurge.project import Project
from resurge.reporting import tallies
from resurge.reporting.benefit_view import BenefitView
from resurge.reporting.evidence_view import EvidenceView
from resurge.reporting.group_view import GroupAnswers, GroupView
from resurge.reporting.model_view import Checks, ModelView
from resurge.reporting.resistant_view import ResistantView
from resurge.reporting.results import Answers, Results
from resurge.reporting.therapy_pages import TherapyModelView, fit_of
from resurge.synthesis.strata import ENDPOINTS

ER = ["negative", "positive"]
YEARS = np.arange(0, 20.25, 0.25)
DATA = Path(__file__).parents[1] / "data"


def summary(median, dims, coords, *, spread=0.2, level=0.95):
    factors = {"mean": 1.0, "median": 1.0, "lower": np.exp(-spread), "upper": np.exp(spread)}
    values = {name: (dims, np.asarray(median) * factor) for name, factor in factors.items()}
    return xr.Dataset(values, coords, {"interval_level": level, "interval_kind": "equal-tailed"})


def hazards():
    early = 0.015 + 0.09 * np.exp(-((np.log1p(YEARS) - 1.0) ** 2) / 0.25) - 0.0005 * YEARS
    late = 0.017 + 0.02 * np.exp(-((np.log1p(YEARS) - 1.3) ** 2) / 0.5)
    return np.stack([early, late])


def residual_risks(hazard):
    ends, starts = np.arange(0.0, 21.0), np.array([0.0, 5.0, 10.0])
    total = np.concatenate([np.zeros((2, 1)), np.cumsum(hazard[:, :-1] * 0.25, axis=1)], axis=1)[:, ::4]
    risks = [[np.where(ends >= s, -np.expm1(total[i, int(s)] - total[i]), np.nan) for s in starts] for i in range(2)]
    return summary(risks, ("er", "start", "end"), {"er": ER, "start": starts, "end": ends})


def window(er, name, share, start, end):
    limits = {"start_lower": start - 0.3, "start_upper": start + 0.3, "end_lower": end - 0.6, "end_upper": end + 0.6}
    return {"er": er, "name": name, "share": share, "start": start, "end": end} | limits


def answers():
    hazard, grid = hazards(), {"er": ER, "year": YEARS}
    windows = [
        window("negative", "highest hazard", 0.0, 1.7, 1.7), window("negative", "half", 0.5, 0.6, 3.4),
        window("negative", "four fifths", 0.8, 0.4, 8.4), window("positive", "highest hazard", 0.0, 2.7, 2.7),
        window("positive", "half", 0.5, 1.0, 8.5), window("positive", "four fifths", 0.8, 0.7, 15.1),
    ]  # fmt: skip
    return Answers(
        profile="women of a typical population with any number of nodes",
        hazard=summary(hazard, ("er", "year"), grid),
        hazard_inner=summary(hazard, ("er", "year"), grid, spread=0.07, level=0.5),
        ratio=summary(hazard[0] / hazard[1], ("year",), {"year": YEARS}),
        ratio_inner=summary(hazard[0] / hazard[1], ("year",), {"year": YEARS}, spread=0.07, level=0.5),
        residual=residual_risks(hazard),
        peak=summary([1.7, 2.7], ("er",), {"er": ER}),
        late_share=summary([[0.25, 0.12], [0.6, 0.35]], ("er", "after"), {"er": ER, "after": [5.0, 10.0]}),
        windows=pd.DataFrame(windows),
        crossover=summary(5.1, (), {}),
        crossover_draws=xr.DataArray(np.random.default_rng(1).normal(5.1, 0.5, 1000), dims="sample"),
    )


def residual_by_group():
    risks = [residual_risks(hazards() * factor).sel(end=[5.0, 10.0, 15.0, 20.0]) for factor in (0.5, 1.5)]
    return xr.concat(
        risks, pd.Index(["no positive nodes", "many positive nodes"], name="group"), combine_attrs="override"
    )


def groups():
    hazard, grid = hazards(), {"er": ER, "year": YEARS}
    below = pd.DataFrame({"er": ER, "population": "typical", "threshold": 0.01, "median": [12.0, np.inf]})
    seen = {"population": "ROTTERDAM", "er": ER, "start_year": 1.0, "end_year": 2.0, "rate": 0.05, "lower": 0.04}
    observed = pd.DataFrame(seen | {"upper": 0.07, "kind": ["person-time", "published"]})
    return GroupAnswers(
        hazard=summary(hazard, ("er", "year"), grid, spread=0.6),
        hazard_inner=summary(hazard, ("er", "year"), grid, spread=0.2, level=0.5),
        residual={(e, p): residual_by_group() for e in ENDPOINTS for p in POPULATIONS},
        below=below.assign(lower=8.0, upper=np.inf, reached=[0.8, 0.2]),
        late={name: summary(0.024, (), {}) for name in POPULATIONS},
        late_probability=dict.fromkeys(POPULATIONS, 0.96),
        late_threshold=0.01,
        levels=summary([1.7], ("population",), {"population": ["ROTTERDAM"]}),
        observed=observed,
    )


def checks():
    hazard, grid = hazards(), {"er": ER, "year": YEARS}
    intervals = pd.DataFrame({"median": [1.1, 0.8], "lower": [0.9, 0.6], "upper": [1.4, 1.0]})
    risk = -np.expm1(-np.cumsum(hazard * 0.25, axis=1))
    return Checks(
        prior_hazard=summary(hazard, ("er", "year"), grid, spread=1.5),
        prior_share=0.9,
        prior_risk=xr.DataArray(np.linspace(0, 1, 40).reshape(20, 2), dims=("sample", "er"), coords={"er": ER}),
        predicted_rates=intervals.assign(
            population="A", er=ER, start_year=0.0, end_year=5.0, kind="published", observed=[1.0, 0.9]
        ),
        coverage=pd.DataFrame({"kind": ["published"], "population": ["A"], "numbers": [2], "inside": [2]}),
        population_effects=intervals.assign(population=["ROTTERDAM", "GBSG_2"]),
        parameters=intervals.assign(
            panel="Spreads", parameter=["omega", "sigma a"], prior_median=0.5, prior_lower=0.0, prior_upper=2.0
        ),
        validation_observed=tallies.observed_incidence(load_evidence(DATA), "TRANSBIG"),
        validation_predicted=summary(risk, ("er", "year"), grid),
        validation=intervals.assign(er=ER, year=10.0, observed=0.95, observed_lower=0.9, observed_upper=0.99),
        ratios=intervals.assign(what=["0 to 5", "5 to 15"], observed=1.0, observed_lower=0.9, observed_upper=1.2),
    )


def load(_project):
    evidence = load_evidence(DATA)
    return SimpleNamespace(
        status=Markdown(""),
        results=Results(answers()),
        groups=GroupView(answers(), groups()),
        therapy=effect_stand_in.view(),
        therapy_fit=fit_of(effect_stand_in.view()),
        therapy_model=TherapyModelView({"R-hat": {"value": 1.004, "limit": 1.01, "passed": True, "worst": "carry"}}),
        dormancy=dormancy_stand_in.view(),
        benefit=BenefitView(benefit_stand_in.answers(), Markdown("")),
        resistance=resistance_stand_in.view(),
        resistant=ResistantView(Project(DATA.parent)),
        sites=site_stand_in.view(),
        claims=claim_stand_in.view(),
        fits=fit_stand_in.views(),
        changes=history_stand_in.changes(Project(DATA.parent)),
        influence=history_stand_in.influences(Project(DATA.parent)),
        evidence=EvidenceView(evidence),
        model=ModelView({"R-hat": {"value": 1.003, "limit": 1.01, "passed": True, "worst": "beta"}}, checks()),
    )
