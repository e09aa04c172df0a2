"""Does a network give what can be worked out by hand, whatever the way its contrasts are written down?"""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from published_studies import SCHOOLS, SCHOOLS_SE, contrasts, diabetes_arms
from resurge.synthesis import network, pooling
from resurge.synthesis.contrasts import read_trials
from resurge.synthesis.contributions import contributions

FLAT = math.inf


def row(trial, treatment, control, log_ratio, se, **more):
    return {"trial": trial, "treatment": treatment, "control": control, "log_ratio": log_ratio, "se": se, **more}


TRIANGLE = [row("AB", "B", "A", -0.5, 0.1), row("AC", "C", "A", -0.9, 0.2), row("BC", "C", "B", -0.1, 0.2)]


def test_two_treatments_are_a_pooling():
    rows = [row(f"s{i}", "new", "old", y, se) for i, (y, se) in enumerate(zip(SCHOOLS, SCHOOLS_SE, strict=True))]
    fitted = network.fit(rows, reference="old", d_prior_sd=50, tau_prior=("half-cauchy", 25))
    pooled = pooling.random_effects(SCHOOLS, SCHOOLS_SE, mu_prior=(0, 50), tau_prior=("half-cauchy", 25))
    assert fitted.d["new"].mean == pytest.approx(pooled.mu.mean, rel=1e-9)
    assert fitted.d["new"].interval() == pytest.approx(pooled.mu.interval(), rel=1e-8)
    assert fitted.tau.median == pytest.approx(pooled.tau.median, rel=1e-8)
    assert fitted.prediction("new", "old").sd == pytest.approx(pooled.prediction.sd, rel=1e-9)


def test_a_triangle_by_hand():
    """Direct B against A with variance 0.01, indirect by C with variance 0.04 + 0.04."""
    fitted = network.fit(TRIANGLE, effects="common", d_prior_sd=FLAT)
    direct, indirect = (-0.5, 0.01), (-0.9 + 0.1, 0.08)
    weights = 1 / direct[1], 1 / indirect[1]
    mean = (weights[0] * direct[0] + weights[1] * indirect[0]) / sum(weights)
    found = fitted.relative("B", "A")
    assert (found.mean, found.sd) == pytest.approx((mean, sum(weights) ** -0.5))
    split = next(split for split in fitted.node_split() if (split.treatment, split.control) == ("B", "A"))
    assert (split.direct.mean, split.direct.sd) == pytest.approx((-0.5, 0.1))
    assert (split.indirect.mean, split.indirect.sd) == pytest.approx((-0.8, 0.08**0.5))
    assert (split.difference.mean, split.difference.sd) == pytest.approx((0.3, 0.09**0.5))
    assert split.p_value == pytest.approx(math.erfc(1.0 / math.sqrt(2)), rel=1e-6)
    test = fitted.design_by_treatment()
    assert (test.q_between, test.df_between, test.df_within) == pytest.approx((1.0, 1, 0))  # (0.3 / 0.3)²
    assert fitted.design_by_treatment().p_between == pytest.approx(split.p_value, rel=1e-6)


def test_contributions_of_a_triangle_by_hand():
    """Of B against A, the direct trial carries 8/9; the path by C carries 1/9 in two steps."""
    fitted = network.fit(TRIANGLE, effects="common", reference="A", d_prior_sd=FLAT)
    shares = dict(zip(fitted.contributions.trials, fitted.contributions.shares[0], strict=True))
    assert shares == pytest.approx({"AB": 8 / 9, "AC": 1 / 18, "BC": 1 / 18})


def three_arms(shared=0.04):
    """Arms of variance 0.04: contrasts against A with variance 0.08 and covariance 0.04."""
    return [
        row("T", "B", "A", -0.5, 0.08**0.5, se_control=shared**0.5),
        row("T", "C", "A", -0.9, 0.08**0.5, se_control=shared**0.5),
    ]


def test_a_three_arm_trial_by_hand():
    """Arms estimate independent means: B against C has the variance of two arms, with a second trial or without."""
    fitted = network.fit(three_arms(), effects="common", d_prior_sd=FLAT, reference="A")
    found = fitted.relative("C", "B")
    assert (found.mean, found.sd) == pytest.approx((-0.4, 0.08**0.5))
    more = network.fit([*three_arms(), row("U", "B", "A", -0.1, 0.08**0.5)], effects="common", d_prior_sd=FLAT)
    weights = np.array([1 / 0.04, 1 / 0.04, 1 / 0.04])  # least squares over the arms' means and trial U
    precision = np.diag(weights) - np.outer(weights, weights) / weights.sum()
    inverse = precision[1:, 1:] + np.array([[1 / 0.08, 0], [0, 0]])
    pulled = precision[1:, 1:] @ [-0.5, -0.9] + np.array([-0.1 / 0.08, 0])
    expected = np.linalg.solve(inverse, pulled)
    assert [more.relative(name, "A").mean for name in "BC"] == pytest.approx(expected)
    assert more.relative("C", "A").sd == pytest.approx(np.linalg.inv(inverse)[1, 1] ** 0.5)


def test_heterogeneity_of_a_three_arm_trial():
    fitted = network.fit(three_arms(), tau_prior=("fixed", 0.3), d_prior_sd=FLAT, reference="A")
    assert fitted.relative("C", "B").sd == pytest.approx((0.08 + 0.3**2) ** 0.5)
    assert fitted.relative("C", "A").sd == pytest.approx((0.08 + 0.3**2) ** 0.5)
    assert fitted.prediction("C", "A").sd == pytest.approx((0.08 + 2 * 0.3**2) ** 0.5)


ARM_VARIANCES = {"A": 0.02, "B": 0.03, "C": 0.05}


def three_ways():
    """One three-arm trial, written in every way that says the same."""
    mean = {"A": 0.0, "B": -0.5, "C": -0.9}

    def contrast(t, c, **more):
        return row("T", t, c, mean[t] - mean[c], (ARM_VARIANCES[t] + ARM_VARIANCES[c]) ** 0.5, **more)

    pairs = [("B", "A"), ("C", "A")]
    base = [contrast(t, c, se_control=ARM_VARIANCES[c] ** 0.5) for t, c in pairs]
    chain = [contrast("A", "B", se_control=0.03**0.5), contrast("C", "B", se_control=0.03**0.5)]
    mixed = [contrast("B", "A", se_control=0.02**0.5), contrast("C", "B", se_control=0.03**0.5)]
    every = [contrast("B", "A"), contrast("A", "C"), contrast("C", "B")]
    matrix = {"T": [[0.05, 0.02], [0.02, 0.07]]}
    plain = [contrast(t, c) for t, c in pairs]
    return [(base, None), (chain, None), (mixed, None), (every, None), (plain, matrix)]


@pytest.mark.parametrize("way", range(5))
def test_a_multi_arm_trial_can_be_written_in_any_way(way):
    rows, covariance = three_ways()[way]
    others = [row("U", "D", "A", -0.3, 0.2), row("V", "D", "C", 0.4, 0.2)]
    found = network.fit([*rows, *others], covariance=covariance, reference="A")
    expected = network.fit([*three_ways()[0][0], *others], reference="A")
    for name in "BCD":
        assert found.d[name].mean == pytest.approx(expected.d[name].mean, abs=1e-9)
        assert found.d[name].sd == pytest.approx(expected.d[name].sd, abs=1e-9)
    assert not any("assumed" in note for note in found.notes)


def test_an_unknown_covariance_is_assumed_and_told():
    rows = [row("T", "B", "A", -0.5, 0.3), row("T", "A", "C", 0.9, 0.2)]
    fitted = network.fit(rows, effects="common", d_prior_sd=FLAT)
    assert fitted.relative("C", "B").sd == pytest.approx((0.09 + 0.04 - 0.06) ** 0.5)  # less 2 x 0.5 x 0.3 x 0.2
    assert fitted.notes == [
        "T: the covariance of contrasts that share an arm is not published; a correlation of 0.5 was assumed."
    ]


def flipped(rows, which):
    return [
        r if not flip else {**r, "treatment": r["control"], "control": r["treatment"], "log_ratio": -r["log_ratio"]}
        for r, flip in zip(rows, which, strict=True)
    ]


@settings(max_examples=15, deadline=None)
@given(st.randoms(use_true_random=False))
def test_order_names_direction_and_reference_do_not_matter(random):
    rows = [
        {k: v for k, v in r.items() if k != "se_control"} for r in contrasts(diabetes_arms()) if r["trial"] != "Willms"
    ]
    plain = network.fit(rows, d_prior_sd=FLAT)
    letters = [*"zyxwvutsrq"]
    random.shuffle(letters)
    names = dict(zip(plain.treatments, letters, strict=True))
    changed = flipped(rows, [random.random() < 0.5 for _ in rows])
    changed = [{**r, "treatment": names[r["treatment"]], "control": names[r["control"]]} for r in changed]
    random.shuffle(changed)
    other = network.fit(pd.DataFrame(changed), d_prior_sd=FLAT, reference=random.choice(letters))
    for comparison in plain.effects:
        same = other.relative(names[comparison.treatment], names[comparison.control])
        assert (same.mean, same.sd) == pytest.approx((comparison.mean, comparison.sd), rel=1e-6)
    assert other.tau.median == pytest.approx(plain.tau.median, rel=1e-6)
    assert other.deviance["residual_deviance"] == pytest.approx(plain.deviance["residual_deviance"], rel=1e-6)
    assert other.design_by_treatment().q_between == pytest.approx(plain.design_by_treatment().q_between, rel=1e-6)


def test_scale_does_not_matter():
    scaled = [{**r, "log_ratio": 100 * r["log_ratio"], "se": 100 * r["se"]} for r in TRIANGLE]
    plain = network.fit(TRIANGLE, d_prior_sd=10, tau_prior=("half-normal", 0.5))
    other = network.fit(scaled, d_prior_sd=1000, tau_prior=("half-normal", 50))
    assert other.relative("C", "A").interval() == pytest.approx(100 * np.array(plain.relative("C", "A").interval()))


def test_contributions_sum_to_one_and_a_star_has_only_its_spokes():
    trials = read_trials(contrasts(diabetes_arms()))
    names = sorted({arm for trial in trials for arm in trial.arms})
    shares = contributions(trials, names, [(b, a) for i, a in enumerate(names) for b in names[i + 1 :]], 0.3).shares
    assert np.allclose(shares.sum(axis=1), 1)
    assert shares.min() >= 0
    star = network.fit([row("AB", "B", "A", -0.5, 0.1), row("AC", "C", "A", -0.9, 0.2)], reference="B")
    shares = dict(zip(star.contributions.pairs, star.contributions.shares.tolist(), strict=True))
    assert shares["A", "B"] == pytest.approx([1, 0])
    assert shares["C", "B"] == pytest.approx([0.5, 0.5])


def test_a_tree_cannot_be_inconsistent():
    star = network.fit([row("AB", "B", "A", -0.5, 0.1), row("AC", "C", "A", -0.9, 0.2)])
    assert star.node_split() == []
    assert star.design_by_treatment().df_between == 0
    assert math.isnan(star.design_by_treatment().p_between)
    alone = network.fit(three_arms())
    assert alone.node_split() == []
    assert alone.design_by_treatment().df_between == 0


def test_a_planted_inconsistency_is_found():
    """Twelve trials of a triangle whose C against B trials are off by 1.5 are found out; sound triangles are not."""
    rng = np.random.default_rng(4)
    truth = {"A": 0.0, "B": -0.3, "C": -0.6}

    def simulate(planted):
        pairs = [("B", "A"), ("C", "A"), ("C", "B")]
        return [
            row(f"{t}{c}{i}", t, c, truth[t] - truth[c] + planted * (c == "B") + 0.15 * rng.standard_normal(), 0.15)
            for t, c in pairs
            for i in range(4)
        ]

    wrong = network.fit(simulate(1.5))
    split = {(s.treatment, s.control): s for s in wrong.node_split()}["C", "B"]
    assert split.p_value < 0.001
    assert split.difference.mean == pytest.approx(1.5, abs=4 * split.difference.sd)
    assert wrong.design_by_treatment().p_between_random < 0.001
    assert wrong.design_by_treatment().tau_consistent > wrong.design_by_treatment().tau_within
    p_values = [network.fit(simulate(0.0)).design_by_treatment().p_between for _ in range(40)]
    assert 0.25 < np.mean(p_values) < 0.75
    assert np.mean(np.array(p_values) < 0.05) < 0.2


def test_ranks():
    rows = [row("AB", "B", "A", -1.0, 0.1), row("AC", "C", "A", 1.0, 0.1), row("AD", "D", "A", 0.0, 0.1)]
    ranking = network.fit(rows, effects="common").ranking
    names = dict(zip(ranking.treatments, ranking.sucra, strict=True))
    assert names["B"] == 1.0
    assert names["C"] == 0.0
    assert names["A"] == pytest.approx(0.5, abs=0.01)
    assert ranking.probabilities.sum(axis=0) == pytest.approx(1.0)
    assert ranking.probabilities[0, 1] == pytest.approx(0.5, abs=0.02)  # A and D are alike
    assert (ranking.sucra_lower[0], ranking.sucra_upper[0]) == pytest.approx((1 / 3, 2 / 3))
    other_way = network.fit(rows, effects="common", lower_is_better=False).ranking
    assert dict(zip(other_way.treatments, other_way.sucra, strict=True))["C"] == 1.0
    again = network.fit(rows, effects="common").ranking
    assert np.array_equal(again.probabilities, ranking.probabilities)


def test_a_disconnected_network_is_refused_by_name():
    rows = [row("AB", "B", "A", -0.5, 0.1), row("BC", "C", "B", -0.5, 0.1), row("XY", "Y", "X", 0.1, 0.1)]
    with pytest.raises(network.DisconnectedNetworkError, match="part 1: A, B, C; part 2: X, Y") as error:
        network.fit(rows)
    assert error.value.components == [("A", "B", "C"), ("X", "Y")]


def test_an_unknown_reference_is_refused_by_name():
    with pytest.raises(network.UnknownTreatmentError, match="'D' is not in this network; there is A, B, C"):
        network.fit(TRIANGLE, reference="D")
    with pytest.raises(network.UnknownTreatmentError, match="'D'"):
        network.fit(TRIANGLE).relative("D", "A")


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([], "no contrast"),
        (["text"], "row 1: contrasts are a data frame or a sequence of dictionaries"),
        ([{"trial": "T", "treatment": "B"}], "row 1: no control and no log_ratio and no se"),
        ([row("T", "A", "A", 0.1, 0.1)], r"row 1 \(trial T\): treatment and control are both A"),
        ([row("T", "B", "A", 0.1, 0.0)], r"row 1 \(trial T\): se must be positive"),
        ([row("T", "B", "A", 0.1, -1.0)], "se must be positive"),
        ([row("T", "B", "A", math.nan, 0.1)], "log_ratio must be a finite number"),
        ([row("T", "B", "A", "much", 0.1)], "log_ratio must be a number"),
        ([row("T", "B", "", 0.1, 0.1)], "must be named"),
        ([row("T", "B", "A", 0.1, 0.1), row("T", "A", "B", 0.1, 0.1)], "trial T: A and B are compared twice"),
        ([row("T", "B", "A", 0.1, 0.1, se_control=0.2)], "se_control must lie between 0 and se"),
        (
            [row("T", "B", "A", 0.1, 0.1), row("T", "C", "B", 0.1, 0.1), row("T", "C", "A", 0.9, 0.1)],
            "trial T: its contrasts do not add up",
        ),
    ],
)  # fmt: skip
def test_what_is_not_a_contrast_is_named(rows, words):
    with pytest.raises(network.ContrastError, match=words):
        network.fit(rows)


def test_a_covariance_that_does_not_fit_is_refused():
    with pytest.raises(network.ContrastError, match="symmetric matrix of 2 rows"):
        network.fit(three_arms(), covariance={"T": np.eye(3)})
    with pytest.raises(network.ContrastError, match="is not that of any data"):
        network.fit(three_arms(), covariance={"T": [[1.0, 2.0], [2.0, 1.0]]})
    with pytest.raises(network.ContrastError, match="no row is of that trial"):
        network.fit(three_arms(), covariance={"U": np.eye(2)})
