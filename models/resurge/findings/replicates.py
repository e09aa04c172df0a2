"""What the models of sites, dormancy, resistance and translation would see if their sources were repeated.

Each observed number stands beside two predictions: one at the level that the fit found for its own source, which finds
gross misfit only, and one for one more source of the same kind, whose level is drawn anew. Numbers of one source
share that level, so they fall outside together.

All functions give a frame with `panel` (kind of evidence), `row` (its label), `observed`, and `median`, `lower` and
`upper` of both predictions, those of one more source with the prefix `new_`; 95% intervals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from resurge.evidence.tables import Evidence
from resurge.findings.predictive import PREDICTIVE_DRAWS, SEED, rates_beside_evidence
from resurge.inference.chains import joined
from resurge.synthesis.design import recurrence_design
from resurge.synthesis.dormancy_forward import as_curves
from resurge.synthesis.metastasis_design import SITES, site_design
from resurge.synthesis.metastasis_forward import correlated, simulate_counts
from resurge.synthesis.resistance_design import ResistanceDesign, resistance_design
from resurge.synthesis.translation_design import TranslationDesign, translation_design
from resurge.synthesis.translation_forward import draw_originals, draw_replications
from resurge.synthesis.translation_priors import KINDS

Array = NDArray[np.float64]
Draws = dict[str, Array]
LIMITS = {"median": 0.5, "lower": 0.025, "upper": 0.975}
SITE_DRAWS = ("mu", "contrast", "u", "sigma", "correlation", "mix", "single", "reach", "concentration")
CURVE_DRAWS = (
    *("baseline", "nodal_effect", "size_effect", "phi", "therapy", "distant", "other_death", "log_odds"),
    *("sigma", "omega", "a", "b", "c"),
)
EFFECT_DRAWS = ("theta", "sigma", "omega", "excess")
PAIR_DRAWS = ("centre", "between", "within", "slope", "sigma", "omega", "eta", "delta")


def replicated_sites(posterior: xr.Dataset, evidence: Evidence) -> pd.DataFrame:
    """Set each share of patients with a site beside its replicates, a panel for each setting."""
    design, rng = site_design(evidence.metastasis_sites), np.random.default_rng(SEED)
    draws = thinned(posterior, SITE_DRAWS)
    z = rng.standard_normal(draws["u"].shape)
    another = {**draws, "u": draws["sigma"][:, None] * correlated(z, draws["correlation"])}
    of = design.group
    return beside(
        panel=[str(posterior["setting"].values[k]) for k in design.group_setting[of]],
        row=[
            f"{design.populations[population]} {SITES[site]} {label}"
            for population, site, label in zip(design.group_population[of], design.site, design.labels, strict=True)
        ],
        observed=design.n_site / design.n_total,
        found=simulate_counts(design, draws, rng) / design.n_total,
        anew=simulate_counts(design, another, rng) / design.n_total,
    )


def replicated_rates(posterior: xr.Dataset, evidence: Evidence) -> pd.DataFrame:
    """Set each rate of recurrence beside its replicates under the dormancy model, patients and reports apart."""
    design, rng = recurrence_design(evidence), np.random.default_rng(SEED)
    draws = as_curves(thinned(posterior, CURVE_DRAWS))
    sigma, n = draws["sigma"], len(draws["sigma"])
    levels = {name: rng.standard_normal((n, len(design.populations))) for name in ("a", "b")}
    levels["c"] = rng.standard_normal((n, len(design.cohorts))) * design.windows.nesting.cohort_varies
    drawn = {name: sigma[:, [i]] * z for i, (name, z) in enumerate(levels.items())}
    found, anew = (rates_beside_evidence(each, evidence) for each in (draws, {**draws, **drawn}))
    years = [f"{row.start_year:g}-{row.end_year:g}" for row in found.itertuples()]
    limits = {f"new_{name}": anew[name] for name in LIMITS}
    return found[["observed", *LIMITS]].assign(
        panel=found["kind"], row=found["population"] + " ER " + found["er"] + ", years " + years, **limits
    )


def replicated_effects(posterior: xr.Dataset, evidence: Evidence) -> pd.DataFrame:
    """Set each published effect of a mechanism beside its replicates, a panel for each facet."""
    design = resistance_design(evidence.resistance_effects, evidence.mechanisms)
    draws, rng = thinned(posterior, EFFECT_DRAWS), np.random.default_rng(SEED)
    rows, facet = design.rows, design.reading_facet.argmax(1)
    mechanism = [design.mechanisms.index(name) for name in rows["mechanism_id"]]
    se = rows["se"].to_numpy()
    lean = draws["excess"][:, facet] * np.where(rows["chosen"], se, 0.0)
    middle = draws["theta"][:, mechanism, facet] + lean
    noise = np.hypot(se, draws["omega"][:, facet]) * rng.standard_normal(middle.shape)
    report = design.reading_report.argmax(1)
    own = source_levels(design, draws, rng)[:, report]
    another = (draws["sigma"] @ design.report_facet.T * rng.standard_normal((len(middle), report.max() + 1)))[:, report]
    return beside(
        panel=list(rows["facet"]),
        row=[f"{row.mechanism_id} {row.row_id}" for row in rows.itertuples()],
        observed=rows["effect"].to_numpy(),
        found=middle + own + noise,
        anew=middle + another + noise,
    )


def source_levels(design: ResistanceDesign, draws: Draws, rng: np.random.Generator) -> Array:
    """Draw what each report adds to its mechanism given its readings, shape (sample, report); the model sums it out."""
    place = [design.mechanisms.index(name) for name in design.tested]
    theta = ((design.reading_tested @ draws["theta"][:, place]) * design.reading_facet).sum(2)
    precision = 1 / (design.variance + draws["omega"] ** 2 @ design.reading_facet.T)
    residual = design.readings - design.lean * (draws["excess"] @ design.reading_facet.T) - design.m * theta
    q = (design.m**2 * precision) @ design.reading_report
    s = (design.m * residual * precision) @ design.reading_report
    left = 1 / (1 / (draws["sigma"] ** 2 @ design.report_facet.T) + q)
    return left * s + np.sqrt(left) * rng.standard_normal(left.shape)


def replicated_experiments(posterior: xr.Dataset, evidence: Evidence) -> pd.DataFrame:
    """Set each original and each repetition beside its replicates, panels for both of each kind of experiment.

    At the true effect found for the experiment, and for another experiment of its kind; what a repetition adds of its
    own is drawn anew in both.
    """
    design, rng = translation_design(evidence.replication_pairs), np.random.default_rng(SEED)
    draws = thinned(posterior, PAIR_DRAWS)
    found, anew = with_true_effects(design, draws), with_new_effects(design, draws, rng)
    kind = [KINDS[k] for k in (design.pair_experiment @ design.experiment_kind).argmax(1)]
    parts = {"original": (design.original, draw_originals), "repetition": (design.replication, draw_replications)}
    return pd.concat(
        [
            beside(
                panel=[f"{each} {part}" for each in kind],
                row=list(design.pairs),
                observed=observed,
                found=draw(design, found, rng),
                anew=draw(design, anew, rng),
            )
            for part, (observed, draw) in parts.items()
        ],
        ignore_index=True,
    )


def with_true_effects(design: TranslationDesign, draws: Draws) -> Draws:
    """Give level and outcome of each experiment such that its true effects are those found: the stored ``delta``."""
    within = draws["within"] @ (design.pair_experiment @ design.experiment_kind).T
    return {**draws, "level": np.zeros((len(within), len(design.experiments))), "z_pair": draws["delta"] / within}


def with_new_effects(design: TranslationDesign, draws: Draws, rng: np.random.Generator) -> Draws:
    """Give level and outcomes of other experiments of the same kinds."""
    own, n = design.experiment_kind.T, len(draws["centre"])
    z = rng.standard_normal((n, len(design.experiments)))
    level = draws["centre"] @ own + (draws["between"] @ own) * z
    return {**draws, "level": level, "z_pair": rng.standard_normal((n, len(design.pairs)))}


REPLICATES: dict[str, Callable[[xr.Dataset, Evidence], pd.DataFrame]] = {
    "metastasis": replicated_sites,
    "dormancy": replicated_rates,
    "resistance": replicated_effects,
    "translation": replicated_experiments,
}
"""By model, what sets its evidence beside its replicates."""


def thinned(posterior: xr.Dataset, names: Iterable[str]) -> Draws:
    """Give some evenly spaced draws of variables by name, the sample first."""
    draws = joined(posterior, names)
    n = len(next(iter(draws.values())))
    kept = np.linspace(0, n - 1, min(n, PREDICTIVE_DRAWS)).astype(int)
    return {name: values[kept] for name, values in draws.items()}


def beside(*, panel: list[str], row: list[str], observed: Array, found: Array, anew: Array) -> pd.DataFrame:
    """Set observed numbers beside the quantiles of both predictions, draws of shape (sample, row)."""
    limits = {
        f"{prefix}{name}": np.quantile(draws, level, axis=0)
        for prefix, draws in (("", found), ("new_", anew))
        for name, level in LIMITS.items()
    }
    return pd.DataFrame({"panel": panel, "row": row, "observed": observed} | limits)
