"""What the page about resistant metastatic disease shows; its fits take milliseconds, so that it needs no posterior."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from resurge.errors import UsageError
from resurge.findings.class_effects import ClassEffect, class_effects
from resurge.findings.network import answer_network
from resurge.findings.network_rows import Question
from resurge.project import Project
from resurge.reporting import figures, network_figures, network_tables, tables
from resurge.reporting.network_view import LEVEL, NetworkView
from resurge.reporting.network_words import ENDPOINTS, class_name
from resurge.reporting.tables import Table
from resurge.synthesis.network_priors import NETWORK

Answer = dict[str, Any]
NO_CLASSES = "the evidence has no classes to pool"


@dataclass(frozen=True)
class ResistantView:
    """All networks, and classes pooled.

    Attributes
    ----------
    project
        Where the evidence is.
    """

    project: Project

    @cached_property
    def her2_pfs(self) -> NetworkView:
        """HER2-positive after trastuzumab, progression."""
        return self._network("her2_resistant", "pfs")

    @cached_property
    def her2_os(self) -> NetworkView:
        """HER2-positive after trastuzumab, survival."""
        return self._network("her2_resistant", "os")

    @cached_property
    def endocrine_pfs(self) -> NetworkView:
        """Hormone-receptor-positive after endocrine therapy, progression."""
        return self._network("hr_resistant", "pfs")

    @cached_property
    def cdk46_pfs(self) -> NetworkView:
        """Hormone-receptor-positive after a CDK4/6 inhibitor, progression."""
        return self._network("cdk46_resistant", "pfs")

    @cached_property
    def first_line_pfs(self) -> NetworkView:
        """Hormone-receptor-positive first line, progression."""
        return self._network("first_line", "pfs")

    @cached_property
    def first_line_os(self) -> NetworkView:
        """Hormone-receptor-positive first line, survival."""
        return self._network("first_line", "os")

    @cached_property
    def brca_pfs(self) -> NetworkView:
        """BRCA mutation, progression."""
        return self._network("brca", "pfs")

    @cached_property
    def brca_os(self) -> NetworkView:
        """BRCA mutation, survival."""
        return self._network("brca", "os")

    @property
    def interval(self) -> str:
        """Name the intervals."""
        return f"{100 * LEVEL:g}%"

    @property
    def priors_table(self) -> Table:
        """Lay out the priors."""
        return tables.priors_table(NETWORK.table())

    @property
    def classes_figure(self) -> Figure:
        """Draw pooled hazard ratios by class."""
        if not self._classes:
            return figures.withheld(NO_CLASSES)
        names = [f"{found['name']}: {found['short']}" for found in self._classes]
        return network_figures.ratio_forest(self._classes, names, "Hazard ratio, without the class = 1")

    @property
    def classes_table(self) -> Table:
        """Lay out pooled hazard ratios by class."""
        if not self._classes:
            return tables.withheld(NO_CLASSES)
        return network_tables.classes_table(self._classes)

    @cached_property
    def _classes(self) -> list[Answer]:
        try:
            return [_class_told(found) for endpoint in ENDPOINTS for found in class_effects(self.project, endpoint)]
        except UsageError:
            return []

    def _network(self, name: str, endpoint: str) -> NetworkView:
        try:
            return NetworkView(answer_network(self.project, Question(name, endpoint), level=LEVEL))
        except UsageError as error:
            return NetworkView(None, str(error))


def _class_told(found: ClassEffect) -> Answer:
    lower, median, upper = np.exp(found.pooled.mu.quantile([(1 - LEVEL) / 2, 0.5, (1 + LEVEL) / 2]))
    new = np.exp(found.pooled.prediction.interval(LEVEL))
    return {
        "name": class_name(found.drug_class),
        "short": found.endpoint.upper(),
        "endpoint": ENDPOINTS[found.endpoint],
        "hr": median,
        "lower": lower,
        "upper": upper,
        "predictive_lower": new[0],
        "predictive_upper": new[1],
        "tau": found.pooled.tau.median,
        "trials": found.trials,
    }
