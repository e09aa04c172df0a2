"""Does a source stand against the rest? Its rows against what the posterior without it predicts of such a source.

Rows are predicted at the levels that the rest of the evidence found for their population, trial or mechanism, and at
levels of one more where the rest has none. Predictions of all rows are brought to mean 0 and variance 1, and the mean
over a source's rows is compared with the mean over as many predicted together, so that what rows share counts once. The
p value is two-sided: twice the share of predictions beyond what was observed. Among many sources some are extreme by
chance: a tenth of a hundred sources has a p value below 0.1.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from resurge.evidence.tables import Evidence
from resurge.inference.laid_out import laid_out
from resurge.inference.stored_draws import taken
from resurge.synthesis.design import recurrence_design
from resurge.synthesis.dormancy_forward import as_curves
from resurge.synthesis.event_weights import Baseline
from resurge.synthesis.forward import person_time_rates, window_means
from resurge.synthesis.metastasis_design import site_design
from resurge.synthesis.metastasis_forward import correlated, simulate_counts
from resurge.synthesis.resistance_design import resistance_design
from resurge.synthesis.strata import ER
from resurge.synthesis.therapy_design import therapy_design
from resurge.synthesis.therapy_forward import expected_readings, readings_of_trials
from resurge.synthesis.translation_design import translation_design
from resurge.synthesis.translation_forward import draw_replications

Array = NDArray[np.float64]
Draws = Mapping[str, NDArray]
Predicted = tuple[Array, Array]
"""Observed values, shape (column,), and predictions of them, shape (sample, column)."""
MOST_DRAWS = 2000
LEAST_PRECISION = 1e-3
"""Precision of an effect under which nothing is told of it."""


def conflict(
    model: str, draws: Draws, evidence: Evidence, rows: Collection[str], rng: np.random.Generator
) -> float | None:
    """Give the p value of a source under the posterior without it.

    Parameters
    ----------
    model : str
        Name of the model.
    draws : mapping
        Arrays of the posterior without the source, the sample first, with their labels.
    evidence : Evidence
        All evidence, the source included.
    rows : collection of str
        Rows of the source, as ``table:row_id``.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    float or None
        Nothing where the rest of the evidence says nothing of what the source is about.
    """
    n = len(draws["omega"] if "omega" in draws else draws["mu"])
    kept = np.linspace(0, n - 1, min(n, MOST_DRAWS)).astype(int)
    some = taken(draws, kept, n)
    own = {row.partition(":")[2] for row in rows}
    observed, predicted = _PREDICTIONS[model](some, evidence, own, rng)
    # The last of several sites that hold all single metastases follows from the others.
    open_to_chance = predicted.std(0) > 0 if observed.size else np.zeros(0, dtype=bool)
    return two_sided(observed[open_to_chance], predicted[:, open_to_chance]) if open_to_chance.any() else None


def two_sided(observed: Array, predicted: Array) -> float:
    """Give the p value of a mean over columns, each brought to mean 0 and variance 1 by its predictions."""
    middle, spread = predicted.mean(0), predicted.std(0)
    told = ((observed - middle) / spread).mean()
    drawn = ((predicted - middle) / spread).mean(1)
    beyond = min((drawn >= told).sum(), (drawn <= told).sum())
    return float(min(1.0, 2 * (beyond + 1) / (len(drawn) + 1)))


def by_label(values: Array, before: Sequence[str], now: Sequence[str], new: Array) -> Array:
    """Lay columns out by other labels, taking those that are new from elsewhere."""
    found = laid_out(values, [str(label) for label in before], now)
    return np.where(np.isnan(found), new, found)


def of_rates(draws: Draws, evidence: Evidence, own: set[str], rng: np.random.Generator) -> Predicted:
    """Predict published windows one by one, and events among patients by ER status."""
    design = recurrence_design(evidence)
    levels = {}
    for i, (name, dim, labels) in enumerate(
        [("a", "population", design.populations), ("b", "population", design.populations),
         ("c", "cohort", design.cohorts)]
    ):  # fmt: skip
        new = draws["sigma"][:, [i]] * rng.standard_normal((len(draws["sigma"]), len(labels)))
        levels[name] = by_label(draws[name], draws[dim], labels, new)
    levels["c"] = levels["c"] * design.windows.nesting.cohort_varies
    full = {**draws, **levels}
    windows, patients, nesting = design.windows, design.person_time, design.windows.nesting
    at = np.isin(windows.row_id, list(own))
    cohort = (full["a"] * nesting.population_varies) @ nesting.cohort_population.T + full["c"]
    mean = (window_means(full, design) + cohort @ nesting.window_cohort.T)[:, at]
    spread = np.sqrt(windows.se[at] ** 2 + draws["omega"][:, None] ** 2)
    observed = [*windows.log_cumulative_hazard[at]]
    predicted = [*(mean + spread * rng.standard_normal(mean.shape)).T]
    own_patients = np.isin(patients.row_id, list(own))
    counts = rng.poisson(person_time_rates(full, design) * patients.person_years)
    status = design.curves.er[patients.curve_cell // (len(design.edges) - 1)].argmax(1)
    for er in range(len(ER)):
        some = own_patients & (status == er)
        if some.any():
            observed.append(patients.events[some].sum())
            predicted.append(counts[:, some].sum(1))
    return np.array(observed, dtype=float), np.array(predicted, dtype=float).T


def of_dormancy_rates(draws: Draws, evidence: Evidence, own: set[str], rng: np.random.Generator) -> Predicted:
    """Do the same under the dormancy model."""
    return of_rates(as_curves(dict(draws)), evidence, own, rng)


def of_effects(draws: Draws, evidence: Evidence, own: set[str], rng: np.random.Generator) -> Predicted:
    """Predict the full effect that the readings of each trial of a source estimate."""
    table = evidence.therapy_effects
    known = set(map(str, draws["effect_class"]))
    table = table[table["row_id"].isin(own) & table["effect_class"].isin(known)].reset_index(drop=True)
    if table.empty:
        return np.empty(0), np.empty((0, 0))
    baseline = Baseline(draws["baseline_edges"], dict(zip(ER, draws["baseline_hazard"], strict=True)))
    design = therapy_design(table, baseline)
    place = [list(map(str, draws["effect_class"])).index(name) for name in design.classes]
    of_class = {name: draws[name][:, place] for name in ("onset", "fade", "carry", "sigma", "beta_class")}
    kind = design.trial_class.argmax(1)
    noise = rng.standard_normal((len(draws["omega"]), len(kind)))
    new = of_class["beta_class"][:, kind] + of_class["sigma"][:, kind] * noise
    beta = by_label(draws["beta_trial"], draws["trial"], design.trials, new)
    full = {**draws, **of_class, "beta_trial": beta}
    # Weights of the estimate of a trial's effect from its readings: those of least squares at the middle of the draws.
    m = expected_readings(design, full).mean(0)
    weight = estimating(m, design.variance + np.mean(draws["omega"] ** 2), design.reading_trial)
    return design.readings @ weight, readings_of_trials(design, full, rng) @ weight


def estimating(m: Array, variance: Array, membership: Array) -> Array:
    """Give weights with which readings estimate the effect that each group of them shares, shape (reading, group).

    Those of least squares. Groups whose readings do not tell its level, only its change over time, are left out.
    """
    weight = (m / variance)[:, None] * membership
    precision = m @ weight
    tells = precision > LEAST_PRECISION
    return weight[:, tells] / precision[tells]


def of_sites(draws: Draws, evidence: Evidence, own: set[str], rng: np.random.Generator) -> Predicted:
    """Predict counts of patients with each site."""
    table = evidence.metastasis_sites
    design = site_design(table[table["row_id"].isin(own)].reset_index(drop=True))
    shape = (len(draws["tau"]), len(design.populations), draws["u"].shape[2])
    new = draws["sigma"][:, None] * correlated(rng.standard_normal(shape), draws["correlation"])
    u = by_label(draws["u"], draws["population"], design.populations, new)
    shares = rng.beta(1, 1, (shape[0], len(design.reach_sets)))
    reach = by_label(draws["reach"], draws["reach_set"], design.reach_sets, shares)
    full = {**draws, "u": u, "reach": reach.reshape(shape[0], len(design.reach_sets))}
    return design.n_site.astype(float), simulate_counts(design, full, rng).astype(float)


def of_mechanisms(draws: Draws, evidence: Evidence, own: set[str], rng: np.random.Generator) -> Predicted:
    """Predict the mean effect that each report of a source prints of a mechanism in a facet."""
    table = evidence.resistance_effects
    design = resistance_design(table[table["row_id"].isin(own)].reset_index(drop=True), evidence.mechanisms)
    place = [list(map(str, draws["mechanism"])).index(name) for name in design.tested]
    facet = design.reading_facet.argmax(1)
    theta = draws["theta"][:, place][:, design.reading_tested.argmax(1), facet]
    spread = draws["sigma"] @ design.report_facet.T
    u = (spread * rng.standard_normal(spread.shape))[:, design.reading_report.argmax(1)]
    variance = design.variance + draws["omega"][:, facet] ** 2
    lean = design.lean * draws["excess"][:, facet]
    drawn = design.m * (theta + u) + lean + np.sqrt(variance) * rng.standard_normal(theta.shape)
    weight = estimating(design.m, variance.mean(0), design.reading_report)
    return design.readings @ weight, drawn @ weight


def of_repetitions(draws: Draws, evidence: Evidence, own: set[str], rng: np.random.Generator) -> Predicted:
    """Predict how far repetitions of other experiments fall from what their originals say."""
    table = evidence.replication_pairs
    design = translation_design(table[table["pair_id"].isin(own)].reset_index(drop=True))
    kind = design.experiment_kind.T
    n, size = len(draws["centre"]), len(design.experiments)
    level = draws["centre"] @ kind + (draws["between"] @ kind) * rng.standard_normal((n, size))
    full = {**draws, "level": level, "z_pair": rng.standard_normal((n, len(design.pairs)))}
    return design.replication, draw_replications(design, full, rng)


_PREDICTIONS: dict[str, Callable[[Draws, Evidence, set[str], np.random.Generator], Predicted]] = {
    "recurrence": of_rates,
    "dormancy": of_dormancy_rates,
    "therapy": of_effects,
    "metastasis": of_sites,
    "resistance": of_mechanisms,
    "translation": of_repetitions,
}
