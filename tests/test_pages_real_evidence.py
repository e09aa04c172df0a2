"""Do the pages show everything that they name, from the findings of a fit to the real evidence?

The posterior is one of prior draws: what it says is nonsense, that it can be said is the question.
"""

import re
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from matplotlib.figure import Figure

from report_stand_in import DATA
from resurge.evidence.tables import load_evidence
from resurge.findings.hazard_draws import Profile, group_hazard
from resurge.inference.fit_therapy import labelled, with_constants
from resurge.inference.records import Record
from resurge.reporting.benefit_pages import benefit_of
from resurge.reporting.pages import Report
from resurge.reporting.tables import Table
from resurge.reporting.therapy_pages import TherapyModelView, effects_of
from resurge.synthesis.design import recurrence_design
from resurge.synthesis.event_weights import Baseline
from resurge.synthesis.prior_draws import draw_prior
from resurge.synthesis.priors import RECURRENCE
from resurge.synthesis.strata import ER, MIX, NODAL, THERAPY_EFFECTS, TUMOUR_SIZE
from resurge.synthesis.therapy_design import therapy_design
from resurge.synthesis.therapy_forward import draw_prior as draw_therapy_prior
from resurge.synthesis.therapy_priors import THERAPY

PAGES = sorted((DATA.parent / "reports").glob("*.qmd"))
DIMS = {
    "beta": ("er", "basis"), "nodal_effect": ("nodal",), "size_effect": ("tumour_size",),
    "therapy": ("therapy_effect",), "distant": ("er",), "sigma": ("spread",), "log_odds": ("mix",),
    "smoothing": ("curve",), "middle": ("curve",), "a": ("population",), "b": ("population",), "c": ("cohort",),
}  # fmt: skip
CONSTANTS = {"edges": ("edge",), "spline_basis": ("cell", "basis")}
N_DRAWS = 30


@pytest.fixture(scope="module")
def report():
    evidence = load_evidence(DATA)
    design = recurrence_design(evidence)
    draws = draw_prior(RECURRENCE, design, N_DRAWS, np.random.default_rng(1))
    variables = {
        name: (CONSTANTS[name], values)
        if name in CONSTANTS
        else (("chain", "draw", *DIMS.get(name, ())), np.asarray(values)[None])
        for name, values in draws.items()
    }
    labels = {
        "er": ER, "nodal": NODAL, "tumour_size": TUMOUR_SIZE, "therapy_effect": THERAPY_EFFECTS, "mix": MIX,
        "spread": ("a", "b", "c"), "curve": ("common", "difference"), "population": design.populations,
        "cohort": design.cohorts,
    }  # fmt: skip
    coords = {dim: list(names) for dim, names in labels.items()} | {"chain": [0], "draw": np.arange(N_DRAWS)}
    posterior = xr.Dataset(variables, coords=coords)
    report = Report(evidence, record_of("recurrence", posterior))
    therapy = record_of("therapy", therapy_draws(evidence, draws))
    report.__dict__["therapy"] = effects_of(therapy, evidence)
    report.__dict__["therapy_model"] = TherapyModelView(therapy.diagnostics)
    report.__dict__["benefit"] = benefit_of(report.record, therapy, evidence)
    return report


def record_of(model, posterior):
    check = {"R-hat": {"value": 1.0, "limit": 1.01, "passed": True, "worst": "beta"}}
    return Record(model, posterior, posterior, xr.Dataset(), check, True, (), {}, {}, {})


def therapy_draws(evidence, draws):
    """Draws from the priors of the therapy model, laid out for the real evidence."""
    baseline = Baseline(draws["edges"], {er: group_hazard(draws, Profile(er)).mean(0) for er in ER})
    design = therapy_design(evidence.therapy_effects, baseline)
    effects = draw_therapy_prior(THERAPY, design, N_DRAWS, np.random.default_rng(2))
    return with_constants(labelled(effects, (1, N_DRAWS)), design, baseline).as_dataset()


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_everything_that_the_pages_name_can_be_shown(report):
    text = " ".join(page.read_text(encoding="utf-8") for page in PAGES)
    names = set(
        re.findall(
            r"\b(results|groups|evidence|model|therapy|therapy_fit|therapy_model|benefit)\.(?!qmd)([a-z0-9_]+)", text
        )
    )
    assert len(names) > 50
    for room, name in names:
        shown = getattr(getattr(report, room), name)
        if isinstance(shown, Figure):
            assert not any("Not shown" in text.get_text() for ax in shown.axes for text in ax.texts), name
        elif isinstance(shown, Table):
            assert "Not shown" not in shown.html, name
        elif isinstance(shown, str):
            assert shown and "not shown" not in shown and "nan" not in shown, name


def test_pages_do_not_wait_for_the_sampler():
    folder = Path(__file__).parents[1] / "models" / "resurge"
    read = "\n".join(path.read_text(encoding="utf-8") for path in [*(folder / "reporting").glob("*.py")])
    assert not re.search(r"^\s*(?:import|from) (?:pymc|arviz|nutpie)", read, re.MULTILINE)
