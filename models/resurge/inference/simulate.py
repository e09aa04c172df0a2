"""Evidence simulated from the recurrence model: what a fit must recover, and what calibrates its intervals."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from resurge.synthesis.design import RecurrenceDesign
from resurge.synthesis.forward import Draws, person_time_rates, window_means


@dataclass(frozen=True)
class Simulated:
    """Outcomes of one design, one set a draw: of person-time rows (sample, row) and of windows (sample, window)."""

    events: NDArray[np.int_]
    log_cumulative_hazard: NDArray[np.float64]

    def data(self, i: int) -> dict[str, NDArray[np.float64]]:
        """Give the outcomes of one draw under the names of the model's data."""
        return {"observed_events": self.events[i], "observed_log_H": self.log_cumulative_hazard[i]}


def simulate(draws: Draws, design: RecurrenceDesign, rng: np.random.Generator) -> Simulated:
    """Draw the outcomes of all evidence, one set for each draw of the parameters.

    Parameters
    ----------
    draws : dict
        As from :func:`resurge.synthesis.prior_draws.draw_prior`, with levels of every population and cohort.
    design : RecurrenceDesign
        Strata, windows, person-years and standard errors; its outcomes are not read.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    Simulated
        Events of the person-time rows and log cumulative hazards of the windows.
    """
    windows = design.windows
    cohort = windows.nesting.window_cohort
    varying = (draws["a"] * windows.nesting.population_varies) @ (cohort @ windows.nesting.cohort_population).T
    spread = np.sqrt(windows.se**2 + draws["omega"][:, None] ** 2)
    means = window_means(draws, design) + varying + draws["c"] @ cohort.T
    return Simulated(
        events=rng.poisson(person_time_rates(draws, design) * design.person_time.person_years),
        log_cumulative_hazard=means + spread * rng.standard_normal(means.shape),
    )


def with_outcomes(design: RecurrenceDesign, events: NDArray[np.int_], log_H: NDArray[np.float64]) -> RecurrenceDesign:
    """Give the same design with other outcomes."""
    return replace(
        design,
        person_time=replace(design.person_time, events=events),
        windows=replace(design.windows, log_cumulative_hazard=log_H),
    )
