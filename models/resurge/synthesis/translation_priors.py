"""Every prior of the translation model, with the reason for it in natural units."""

from __future__ import annotations

from dataclasses import dataclass

from resurge.synthesis.priors import Normal, elements_of, prior_rows

KINDS = ("animal", "cell")
"""Kinds of experiment."""


@dataclass(frozen=True)
class Beta:
    """Beta distribution of a probability, with the reason why it was chosen."""

    a: float
    b: float
    reason: str

    def __str__(self) -> str:
        """Print the distribution."""
        return f"Beta({self.a:g}, {self.b:g})"


VECTORS = ("centre", "log_between", "log_within", "slope", "log_sigma", "log_omega")
"""Priors with one entry a kind."""


@dataclass(frozen=True)
class TranslationPriors:
    """Priors of the translation model; effects are arsinh(d / 2) of a standardised mean difference d."""

    centre: Normal
    log_between: Normal
    log_within: Normal
    slope: Normal
    log_sigma: Normal
    log_omega: Normal
    eta: Beta

    def table(self) -> list[tuple[str, str, str]]:
        """List name, distribution and reason of every prior, in the order of the model, one row an element."""
        return prior_rows(self, elements_of(VECTORS, KINDS))


TRANSLATION = TranslationPriors(
    centre=Normal(
        mean=(0.7, 1.0),
        sd=(0.4, 0.5),
        reason=(
            "true effect of a published animal experiment: about 1.5 standard deviations, between none and 4",
            "true effect of a published experiment on cells: about 2.4 standard deviations, between none and 7",
        ),
    ),
    log_between=Normal(
        mean=(-0.9, -0.7),
        sd=(0.5, 0.5),
        reason=(
            "log spread of animal experiments: 0.4 on the scale of arsinh, between 0.15 and 1.1",
            "log spread of experiments on cells: 0.5, between 0.2 and 1.3",
        ),
    ),
    log_within=Normal(
        mean=(-1.4, -1.1),
        sd=(0.5, 0.5),
        reason=(
            "log spread of the outcomes of one animal experiment: 0.25, between 0.1 and 0.7",
            "log spread of the outcomes of one experiment on cells: 0.33, between 0.12 and 0.9",
        ),
    ),
    slope=Normal(
        mean=(0.5, 0.5),
        sd=(0.35, 0.35),
        reason=(
            "share of the true original effect that a repetition by others shows, animals: half, from none to all",
            "the same for cells",
        ),
    ),
    log_sigma=Normal(
        mean=(-1.4, -1.2),
        sd=(0.5, 0.5),
        reason=(
            "log spread of repeated experiments around that share, animals: 0.25, between 0.1 and 0.7",
            "the same for cells: 0.3, between 0.1 and 0.8",
        ),
    ),
    log_omega=Normal(
        mean=(-1.8, -1.6),
        sd=(0.5, 0.5),
        reason=(
            "log spread of the outcomes of one repeated animal experiment: 0.17, between 0.06 and 0.45",
            "the same for cells: 0.2, between 0.07 and 0.55",
        ),
    ),
    eta=Beta(
        a=1.5,
        b=4.5,
        reason="chance that an original that is not significant is published and picked, against one that is: a "
        "quarter, between a fiftieth and two thirds",
    ),
)
