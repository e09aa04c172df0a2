"""Every prior of the resistance model, with the reason for it in natural units; logs are natural."""

from __future__ import annotations

from dataclasses import dataclass

from resurge.synthesis.priors import HalfNormal, Normal, elements_of, prior_rows

FACETS = (
    "marker_prognosis",
    "response_prediction",
    "marker_induction",
    "marker_induction_cells",
    "intervention",
    "intervention_animals",
)
"""Facets of a mechanism in the model: in patients unless they say otherwise."""


@dataclass(frozen=True)
class LKJ:
    """Distribution of correlations with density proportional to the determinant to the power ``eta - 1``."""

    eta: float
    reason: str

    def __str__(self) -> str:
        """Print the distribution."""
        return f"LKJ({self.eta:g})"


VECTORS = ("mu", "log_tau", "log_sigma", "log_omega")
"""Priors with one entry a facet."""


@dataclass(frozen=True)
class ResistancePriors:
    """Priors of the resistance model; vectors list one entry a facet, ``log_`` entries are those of the logarithm."""

    mu: Normal
    log_tau: Normal
    log_kappa: Normal
    correlation: LKJ
    log_sigma: Normal
    log_omega: Normal
    excess: HalfNormal

    def table(self) -> list[tuple[str, str, str]]:
        """List name, distribution and reason of every prior, in the order of the model, one row an element."""
        return prior_rows(self, elements_of(VECTORS, FACETS))


RESISTANCE = ResistancePriors(
    mu=Normal(
        mean=(0.1, 0.1, 0.0, 0.0, 0.05, 0.2),
        sd=(0.25, 0.35, 0.2, 0.4, 0.15, 0.4),
        reason=(
            "log hazard ratio of a marker of a typical mechanism: near nothing, at most 1.8; what reaches print leans "
            "to the positive",
            "log odds ratio of not responding: between two thirds and twice",
            "log fold change in treated patients: half of all genes rise, typically by less than a fifth",
            "log fold change in tolerant cells: half of all genes rise, typically by less than a half",
            "log hazard ratio saved by acting on a typical mechanism in patients: 5%, between -20% and 30%",
            "the same in animals, where reported effects are larger: a fifth, between -45% and threefold",
        ),
    ),
    log_tau=Normal(
        mean=(-1.4, -1.2, -1.8, -0.5, -2.0, -0.9),
        sd=(0.5,) * 6,
        reason=(
            "log spread of mechanisms on the log hazard ratio of a marker: by a factor of 1.3 typically, 1.1 to 1.9",
            "on the log odds ratio of response: by a factor of 1.35 typically, 1.1 to 2.2",
            "on log fold changes in patients: by a factor of 1.2 typically, 1.06 to 1.6",
            "on log fold changes in cells: by a factor of 1.8 typically, 1.25 to 5",
            "on the log hazard ratio of an intervention in patients: by a factor of 1.15 typically, 1.05 to 1.4",
            "on effects in animals: by a factor of 1.5 typically, 1.15 to 2.9",
        ),
    ),
    log_kappa=Normal(
        mean=-0.9,
        sd=0.5,
        reason="log spread of classes over that of the mechanisms of one class: classes are broad, two fifths "
        "typically, "
        "between a seventh and once",
    ),
    correlation=LKJ(
        eta=2.0,
        reason="correlations between the facets of a mechanism: any, large ones less likely; about 0 with a standard "
        "deviation of 0.33",
    ),
    log_sigma=Normal(
        mean=(-1.4, -1.2, -1.9, -0.9, -2.0, -0.9),
        sd=(0.5,) * 6,
        reason=(
            "log spread of sources on one marker and hazard: other cut-offs, assays and patients move it by a "
            "factor of 1.3",
            "on response: by a factor of 1.35",
            "on fold changes in patients: by a factor of 1.16",
            "on fold changes in cells: by a factor of 1.5 from one cell line and drug to the next",
            "of trials on one mechanism: other drugs, doses and settings move the log hazard ratio by 14%",
            "of animal experiments on one mechanism: by a factor of 1.5",
        ),
    ),
    log_omega=Normal(
        mean=(-2.0, -1.6, -1.9, -0.3, -2.3, -1.2),
        sd=(0.5, 0.5, 0.5, 0.4, 0.5, 0.5),
        reason=(
            "log spread of the rows of one source beyond their errors: other endpoints and markers, 14%",
            "the same on response: 20%, since genes of one mechanism differ",
            "genes of one mechanism in treated patients: 16%",
            "genes of one mechanism in cells, with the error that the table does not print: by a factor of 2, between "
            "1.4 and 5",
            "endpoints of one trial: 10%",
            "outcomes of one animal experiment: by a factor of 1.35",
        ),
    ),
    excess=HalfNormal(
        sd=0.5,
        reason="standard errors by which a single published effect exceeds the truth: what is significant is printed "
        "sooner; a third of one typically, at most one",
    ),
)
