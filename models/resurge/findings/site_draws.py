"""From draws of the metastasis model to draws of shares of patients with a site: plain arrays, numpy only.

Shares have shape ``(sample,)``. A label of several subtypes is their mixture among patients with metastases.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from resurge.findings.hazard_draws import POPULATIONS
from resurge.synthesis.metastasis_design import SETTINGS, SINGLE_SITES, SITES, SUBTYPES
from resurge.synthesis.metastasis_forward import log_odds, sigmoid, single_shares, weights_of

Draws = Mapping[str, NDArray[np.float64]]
"""Arrays by name, the sample first."""
PARAMETERS = ("mu", "contrast", "mix", "single", "share_new")
SINGLE_SETTING = "at_diagnosis_de_novo"
"""The setting in which sources tell where single metastases are."""


def site_shares(draws: Draws, setting: str, label: str, source: str = "typical") -> NDArray[np.float64]:
    """Give the share of patients with each site, shape (sample, site).

    Parameters
    ----------
    draws : mapping
        With `PARAMETERS`.
    setting : str
        One of the settings of the model.
    label : str
        A subtype, or a mixture such as ``ER+`` or ``any``.
    source : {"typical", "new"}
        A typical source, or one more drawn from among them.

    Raises
    ------
    ValueError
        If the source is neither.
    """
    if source not in POPULATIONS:
        raise ValueError(f"source: {source!r} is not one of {', '.join(POPULATIONS)}")
    shares = sigmoid(log_odds(draws)) if source == "typical" else draws["share_new"]
    weights = weights_of(label, draws["mix"])
    return (shares[:, SETTINGS.index(setting)] * weights[:, :, None]).sum(1)


def site_share(draws: Draws, setting: str, label: str, site: str, source: str = "typical") -> NDArray[np.float64]:
    """Give the share of patients with one site, shape (sample,)."""
    return site_shares(draws, setting, label, source)[:, SITES.index(site)]


def single_site_shares(draws: Draws, subtype: str) -> NDArray[np.float64]:
    """Give where a single metastasis at diagnosis is, shape (sample, single site); the shares add up to 1."""
    own = log_odds(draws)[:, SETTINGS.index(SINGLE_SETTING), SUBTYPES.index(subtype)]
    return single_shares(own, draws["single"])


def single_site_share(draws: Draws, subtype: str, site: str) -> NDArray[np.float64]:
    """Give the share of single metastases at diagnosis that are at one site, shape (sample,)."""
    return single_site_shares(draws, subtype)[:, SINGLE_SITES.index(site)]
