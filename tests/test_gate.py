"""Does the gate let sound draws pass and stop each kind of unsound ones?"""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from resurge.inference.gate import diagnose, passed

CHAINS, DRAWS = 4, 1000


def sound(seed: int = 0, shape: tuple[int, ...] = (3,)) -> xr.Dataset:
    values = np.random.default_rng(seed).standard_normal((CHAINS, DRAWS, *shape))
    return xr.Dataset({"x": (("chain", "draw", "k"), values)})


def stats(divergent: int = 0, energy: np.ndarray | None = None) -> xr.Dataset:
    diverging = np.zeros(CHAINS * DRAWS, dtype=bool)
    diverging[:divergent] = True
    if energy is None:
        energy = np.random.default_rng(1).standard_normal((CHAINS, DRAWS))
    dims = ("chain", "draw")
    return xr.Dataset({"diverging": (dims, diverging.reshape(CHAINS, DRAWS)), "energy": (dims, energy)})


def failing(posterior: xr.Dataset, sample_stats: xr.Dataset, **more: xr.Dataset) -> set[str]:
    checks = diagnose(posterior, sample_stats, **more)
    names = {name for name, check in checks.items() if not check["passed"]}
    assert passed(checks) == (not names)
    return names


def test_independent_draws_pass():
    checks = diagnose(sound(), stats())
    assert passed(checks)
    # Independent draws have about as many effective ones as draws, and energies that change freely have E-BFMI about 2.
    assert checks["bulk effective sample size"]["value"] == pytest.approx(CHAINS * DRAWS, rel=0.15)
    assert checks["R-hat"]["value"] == pytest.approx(1, abs=0.005)
    assert checks["E-BFMI"]["value"] == pytest.approx(2, abs=0.25)


def test_a_chain_elsewhere_fails_and_is_named():
    posterior = sound()
    posterior["y"] = posterior["x"] + xr.DataArray([0, 0, 0, 1.0], dims="chain")
    checks = diagnose(posterior, stats())
    assert not checks["R-hat"]["passed"]
    assert checks["R-hat"]["worst"] == "y"


def test_a_chain_that_is_stuck_fails():
    posterior = sound()
    posterior["x"][2] = 0.5
    assert "R-hat" in failing(posterior, stats())


def test_slow_chains_fail_by_their_effective_size():
    rng = np.random.default_rng(2)
    walk = np.empty((CHAINS, DRAWS, 1))
    walk[:, 0] = rng.standard_normal((CHAINS, 1))
    for t in range(1, DRAWS):  # autocorrelation 0.98: one effective draw in a hundred
        walk[:, t] = 0.98 * walk[:, t - 1] + np.sqrt(1 - 0.98**2) * rng.standard_normal((CHAINS, 1))
    names = failing(xr.Dataset({"x": (("chain", "draw", "k"), walk)}), stats())
    assert "bulk effective sample size" in names


@pytest.mark.parametrize(("divergent", "fails"), [(0, False), (4, False), (5, True), (400, True)])
def test_one_divergence_in_a_thousand_is_the_limit(divergent, fails):
    assert failing(sound(), stats(divergent)) == ({"divergent transitions"} if fails else set())


def test_energy_that_hardly_moves_fails():
    walk = np.cumsum(np.random.default_rng(3).standard_normal((CHAINS, DRAWS)), axis=1)
    assert failing(sound(), stats(energy=walk)) == {"E-BFMI"}


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_not_a_number_fails(value):
    posterior = sound()
    posterior["x"][1, 7, 0] = value
    assert "R-hat" in failing(posterior, stats())


def test_all_draws_missing_fail():
    posterior = sound()
    posterior["x"][:] = np.nan
    assert "R-hat" in failing(posterior, stats())


def test_an_unknown_energy_fails():
    assert failing(sound(), stats(energy=np.full((CHAINS, DRAWS), np.nan))) == {"E-BFMI"}


def test_constants_are_not_judged():
    posterior = sound()
    posterior["x"][..., 0] = 0.0  # the effect of a first stratum
    posterior["edges"] = (("chain", "draw", "j"), np.ones((CHAINS, DRAWS, 2)))
    assert failing(posterior, stats()) == set()


def test_reported_hazards_are_judged_like_parameters():
    hazards = xr.Dataset({"log_hazard": sound(4)["x"] + xr.DataArray([0, 0, 0, 2.0], dims="chain")})
    checks = diagnose(sound(), stats(), hazards)
    assert checks["R-hat"]["worst"] == "log_hazard"
    assert not passed(checks)
