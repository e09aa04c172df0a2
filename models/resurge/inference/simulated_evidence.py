"""Evidence simulated from the prior of a model on the layout of the real evidence, with the truth behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from resurge.evidence.tables import Evidence
from resurge.project import Project

Array = NDArray[np.float64]
Draws = Mapping[str, NDArray]


@dataclass(frozen=True)
class SimulatedEvidence:
    """One set of outcomes.

    Attributes
    ----------
    data : mapping of str to ndarray
        Outcomes under the names of the model's data.
    truth : mapping of str to ndarray
        The draw of the prior behind them, as the findings read it, with one sample.
    complete : callable, optional
        From a posterior as sampled to one as stored, where that reads the outcomes.
    """

    data: Mapping[str, Array]
    truth: Draws
    complete: Callable[[xr.Dataset, np.random.Generator], xr.Dataset] | None = None


def simulated_evidence(project: Project, evidence: Evidence, model: str, rng: np.random.Generator) -> SimulatedEvidence:
    """Draw all parameters of a model from its prior, and outcomes from them.

    Parameters
    ----------
    project : Project
        Where posteriors of other models are.
    evidence : Evidence
        Tables whose layout is kept: who was followed, over which windows, with which errors.
    model : str
        Name of the model.
    rng : numpy.random.Generator
        Source of randomness.
    """
    return SIMULATED[model](project, evidence, rng)


def of_recurrence(project: Project, evidence: Evidence, rng: np.random.Generator) -> SimulatedEvidence:
    """Simulate women followed and published windows from curves of splines."""
    from resurge.inference.simulate import simulate
    from resurge.synthesis.design import recurrence_design
    from resurge.synthesis.prior_draws import draw_prior
    from resurge.synthesis.priors import RECURRENCE

    design = recurrence_design(evidence)
    truth = draw_prior(RECURRENCE, design, 1, rng)
    return SimulatedEvidence(simulate(truth, design, rng).data(0), truth)


def of_dormancy(project: Project, evidence: Evidence, rng: np.random.Generator) -> SimulatedEvidence:
    """Simulate women followed and published windows from two compartments."""
    from resurge.inference.simulate import simulate
    from resurge.synthesis.design import recurrence_design
    from resurge.synthesis.dormancy_forward import as_curves, draw_prior
    from resurge.synthesis.dormancy_priors import DORMANCY

    design = recurrence_design(evidence)
    truth = draw_prior(DORMANCY, design, 1, rng)
    return SimulatedEvidence(simulate(as_curves(truth), design, rng).data(0), truth)


def of_therapy(project: Project, evidence: Evidence, rng: np.random.Generator) -> SimulatedEvidence:
    """Simulate the published effects of trials."""
    from resurge.inference.baseline import typical_baseline
    from resurge.inference.fit_therapy import labelled, with_constants, with_effects
    from resurge.synthesis.therapy_design import therapy_design
    from resurge.synthesis.therapy_forward import draw_prior, readings_of_trials
    from resurge.synthesis.therapy_priors import THERAPY

    baseline = typical_baseline(project)
    design = therapy_design(evidence.therapy_effects, baseline)
    truth = draw_prior(THERAPY, design, 1, rng)
    readings = readings_of_trials(design, truth, rng)[0]
    shown = replace(design, log_ratio=design.rotation.T @ readings)

    def complete(sampled: xr.Dataset, rng: np.random.Generator) -> xr.Dataset:
        return with_constants(with_effects(sampled, shown, rng), shown, baseline).as_dataset()

    labels = with_constants(labelled(truth, (1, 1)), design, baseline)
    return SimulatedEvidence({"observed_readings": readings}, labels.flat_arrays(), complete)


def of_metastasis(project: Project, evidence: Evidence, rng: np.random.Generator) -> SimulatedEvidence:
    """Simulate counts of patients by site."""
    from resurge.synthesis.metastasis_design import site_design
    from resurge.synthesis.metastasis_forward import draw_prior, simulate_counts
    from resurge.synthesis.metastasis_priors import METASTASIS

    design = site_design(evidence.metastasis_sites)
    truth = draw_prior(METASTASIS, design, 1, rng)
    return SimulatedEvidence({"observed_n_site": simulate_counts(design, truth, rng)[0]}, truth)


def of_resistance(project: Project, evidence: Evidence, rng: np.random.Generator) -> SimulatedEvidence:
    """Simulate the published effects of mechanisms."""
    from resurge.inference.fit_resistance import completed
    from resurge.synthesis.resistance_design import resistance_design
    from resurge.synthesis.resistance_forward import draw_prior, draw_readings
    from resurge.synthesis.resistance_priors import RESISTANCE

    design = resistance_design(evidence.resistance_effects, evidence.mechanisms)
    truth = draw_prior(RESISTANCE, design, 1, rng)
    readings = draw_readings(design, truth, rng)[0]
    return SimulatedEvidence({"observed_readings": readings}, completed(truth, design, (1, 1), rng).flat_arrays())


def of_translation(project: Project, evidence: Evidence, rng: np.random.Generator) -> SimulatedEvidence:
    """Simulate preclinical effects that were picked, and their replications."""
    from resurge.synthesis.translation_design import translation_design
    from resurge.synthesis.translation_forward import draw_originals, draw_prior, draw_replications
    from resurge.synthesis.translation_priors import TRANSLATION

    design = translation_design(evidence.replication_pairs)
    truth = draw_prior(TRANSLATION, design, 1, rng)
    originals, replications = draw_originals(design, truth, rng), draw_replications(design, truth, rng)
    return SimulatedEvidence({"observed_original": originals[0], "observed_replication": replications[0]}, truth)


SIMULATED: dict[str, Callable[[Project, Evidence, np.random.Generator], SimulatedEvidence]] = {
    "recurrence": of_recurrence,
    "therapy": of_therapy,
    "metastasis": of_metastasis,
    "dormancy": of_dormancy,
    "resistance": of_resistance,
    "translation": of_translation,
}
