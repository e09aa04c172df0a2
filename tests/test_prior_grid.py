"""Is each prior made half and twice as wide once, and nothing else about it changed?"""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from scipy.stats import beta

from resurge.inference.freshness import WATCHED
from resurge.inference.prior_grid import FACTORS, prior_grid, wider
from resurge.synthesis.priors import HalfNormal, Normal
from resurge.synthesis.translation_priors import Beta


@pytest.mark.parametrize("model", WATCHED)
def test_each_variant_differs_in_one_prior(model):
    stated = WATCHED[model].priors
    variants = prior_grid(stated)
    assert len(variants) % len(FACTORS) == 0
    before = {name: told for name, told, _ in stated.table()}
    changed = []
    for name, priors in variants.items():
        after = {name: told for name, told, _ in priors.table()}
        assert after.keys() == before.keys()
        differing = frozenset(each for each in after if after[each] != before[each])
        assert differing, name
        changed.append(differing)
    # Every prior once for each factor, and none in two variants of a factor.
    assert sorted(map(sorted, changed[: len(changed) // 2])) == sorted(map(sorted, changed[len(changed) // 2 :]))
    listed = [each for differing in changed[: len(changed) // 2] for each in differing]
    assert len(listed) == len(set(listed))


@pytest.mark.parametrize("model", ["recurrence", "therapy", "resistance", "translation"])
def test_no_prior_is_forgotten(model):
    stated = WATCHED[model].priors
    assert len(prior_grid(stated)) == len(FACTORS) * len(fields(stated))


def test_the_curve_of_the_splines_is_no_prior_of_the_compartments():
    names = {name.split()[0] for name in prior_grid(WATCHED["dormancy"].priors)}
    assert "half_life" in names
    assert "nodal_step" in names
    assert not names & {"middle", "smoothing", "shared"}


def test_the_middle_stays_and_the_spread_is_multiplied():
    assert wider(Normal((1.0, 2.0), (0.5, 0.2), "why"), 2.0) == Normal((1.0, 2.0), (1.0, 0.4), "why")
    assert wider(HalfNormal(0.6, "why"), 0.5) == HalfNormal(0.3, "why")
    for factor in FACTORS.values():
        one, other = Beta(6.0, 14.0, "why"), wider(Beta(6.0, 14.0, "why"), factor)
        assert beta.mean(other.a, other.b) == pytest.approx(beta.mean(one.a, one.b))
        spread = beta.std(other.a, other.b) / beta.std(one.a, one.b)
        assert np.log(spread) == pytest.approx(np.log(factor), abs=0.15)


def test_a_prior_without_a_scale_is_not_passed_over():
    with pytest.raises(TypeError, match="no scale of str"):
        wider("flat", 2.0)
