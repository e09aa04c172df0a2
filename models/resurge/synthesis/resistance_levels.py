"""Effects of sources, integrated out of the readings exactly.

Given the effects of the mechanisms, readings of one report (a source on one mechanism and facet) share its effect
u alone::

    r_i - m_i * theta_i = m_i * u + e_i,    u ~ Normal(0, sigma^2),    e_i ~ Normal(0, d_i)

With q = sum m^2 / d and s = sum m * residual / d over a report, integrating u out multiplies the density of independent
residuals by ``exp(sigma^2 s^2 / (2 (1 + sigma^2 q))) / sqrt(1 + sigma^2 q)``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Symbolic = Any
"""An array, or a PyTensor variable."""


def readings_log_density(
    readings: Symbolic,
    effect: Symbolic,
    m: Symbolic,
    variance: Symbolic,
    reading_report: NDArray[np.float64],
    spread: Symbolic,
    log: Callable[[Symbolic], Symbolic] = np.log,
) -> Symbolic:
    """Give the log density of the readings with the effects of reports integrated out.

    Parameters
    ----------
    readings, effect, m, variance : array or PyTensor variable, shape (reading,)
        Data, effect of the mechanism behind each, expected reading per unit of effect, squared error.
    reading_report : ndarray, shape (reading, report)
        0/1 membership.
    spread : shape (report,)
        Variance of reports around their mechanism.
    log : callable
        Logarithm of the array library.
    """
    residual = readings - m * effect
    error = log(2 * np.pi * variance).sum() + (residual**2 / variance).sum()
    q = (m**2 / variance) @ reading_report
    s = (m * residual / variance) @ reading_report
    widened = 1 + spread * q
    return -0.5 * (error + log(widened).sum() - (spread * s**2 / widened).sum())
