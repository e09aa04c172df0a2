"""Is a model the same in units of its spread?"""

from __future__ import annotations

import numpy as np
import pymc as pm
import pytest

from evidence_folder import write_small_evidence
from resurge.evidence import load_evidence
from resurge.inference.chains import joined
from resurge.inference.fit_recurrence import prepare
from resurge.inference.non_centred import in_units_of_spread
from resurge.project import Project
from resurge.synthesis.priors import RECURRENCE
from test_thin_evidence import PATIENTS, without

MEAN, SD, STEPS = 1.5, 0.3, np.array([1.2, 2.0, 1.4])


def funnel():
    with pm.Model() as model:
        sd = pm.HalfNormal("sd")
        pm.Normal("steps", MEAN, sd, shape=3)
        pm.Normal("seen", model["steps"].sum(), 1.0, observed=2.0)
    return model


def test_the_density_is_the_same_but_for_the_known_change_of_volume():
    centred, other = funnel(), in_units_of_spread(funnel(), "steps")
    log_sd, units = np.log(SD), (STEPS - MEAN) / SD
    before = centred.compile_logp(mode="FAST_COMPILE")({"sd_log__": log_sd, "steps": STEPS})
    after = other.compile_logp(mode="FAST_COMPILE")({"sd_log__": log_sd, "steps_units_of_spread__": units})
    assert after == pytest.approx(before + len(STEPS) * np.log(SD), rel=1e-12)


def test_its_coordinates_come_back_as_the_variable_itself():
    other = in_units_of_spread(funnel(), "steps")
    outputs = {str(each): each for each in other.unobserved_value_vars}
    values = other.compile_fn([outputs["steps"], outputs["sd"]], mode="FAST_COMPILE")
    steps, sd = values({"sd_log__": np.log(SD), "steps_units_of_spread__": (STEPS - MEAN) / SD})
    np.testing.assert_allclose(steps, STEPS)
    assert sd == pytest.approx(SD)


def test_a_curve_known_from_windows_alone_is_sampled_in_units_of_its_spread(tmp_path):
    evidence = load_evidence(write_small_evidence(tmp_path / "data"))
    project = Project(tmp_path)
    assert "steps" in {each.name for each in prepare(project, evidence, RECURRENCE).model.value_vars}
    alone = prepare(project, without(evidence, PATIENTS), RECURRENCE).model
    assert "steps_units_of_spread__" in {each.name for each in alone.value_vars}


def test_chains_of_an_array_without_elements_are_joined():
    import xarray as xr

    draws = xr.Dataset({"alpha": (("chain", "draw", "population"), np.zeros((2, 5, 0)))})
    assert joined(draws, ["alpha"])["alpha"].shape == (10, 0)
