"""Every prior of every model, with the reason for it in natural units.

Priors are values: they print as a sentence, they enter the fingerprint of a fit, and reports print them from here.
A prior of a vector lists one entry an element, in the order of the model's labels.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


@dataclass(frozen=True)
class Normal:
    """Independent normal distributions, each with the reason why it was chosen."""

    mean: tuple[float, ...] | float
    sd: tuple[float, ...] | float
    reason: tuple[str, ...] | str

    def __str__(self) -> str:
        """Print the distribution."""
        return listed("Normal({:g}, {:g})", self.mean, self.sd)


@dataclass(frozen=True)
class HalfNormal:
    """Independent half-normal distributions (``sd`` is that of the normal), each with its reason."""

    sd: tuple[float, ...] | float
    reason: tuple[str, ...] | str

    def __str__(self) -> str:
        """Print the distribution."""
        return listed("half-Normal({:g})", self.sd)


def listed(form: str, *parameters: tuple[float, ...] | float) -> str:
    """Print one distribution, or one an element where the parameters are vectors."""
    columns = [value if isinstance(value, tuple) else (value,) for value in parameters]
    return "; ".join(form.format(*values) for values in zip(*columns, strict=True))


def prior_rows(priors: DataclassInstance, elements: Mapping[str, tuple[str, ...]]) -> list[tuple[str, str, str]]:
    """List name, distribution and reason of every prior of a model, one row an element.

    Parameters
    ----------
    priors : dataclass
        A prior a field.
    elements : mapping of str to tuple of str
        Names of the elements of vector priors, by field.
    """
    rows = []
    for field in fields(priors):
        prior = getattr(priors, field.name)
        reasons = prior.reason if isinstance(prior.reason, tuple) else (prior.reason,)
        names = elements.get(field.name, (field.name,))
        distributions = str(prior).split("; ")
        if len(distributions) == 1:
            distributions *= len(names)
        rows.extend(zip(names, distributions, reasons, strict=True))
    return rows


def elements_of(names: Iterable[str], labels: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Name the elements of vector priors that all have the same labels."""
    return {name: tuple(f"{name}[{label}]" for label in labels) for name in names}


@dataclass(frozen=True)
class RecurrencePriors:
    """Priors of the recurrence model; logs are natural, hazards per year."""

    middle: Normal
    smoothing: HalfNormal
    nodal_step: HalfNormal
    nodal_tilt: Normal
    size_step: HalfNormal
    therapy: Normal
    distant_drop: Normal
    other_death: Normal
    sigma: Normal
    omega: Normal
    log_odds: Normal

    def table(self) -> list[tuple[str, str, str]]:
        """List name, distribution and reason of every prior, in the order of the model, one row an element."""
        return prior_rows(self, ELEMENTS)


ELEMENTS = {
    "middle": ("middle[common]", "middle[difference]"),
    "smoothing": ("smoothing[common]", "smoothing[difference]"),
    "therapy": ("therapy[no_endocrine]", "therapy[extended_endocrine]", "therapy[chemotherapy]"),
    "distant_drop": ("distant[negative]", "distant[positive]"),
    "sigma": ("sigma[a]", "sigma[b]", "sigma[c]"),
    "log_odds": ("ER positive : negative", "N1-3 : N0", "N4-9 : N0", "N10+ : N0", "T2 : T1", "T3+ : T1"),
}
"""Names of the elements of vector priors."""

RECURRENCE = RecurrencePriors(
    middle=Normal(
        mean=(-3.9, 0.0),
        sd=(0.8, 0.7),
        reason=(
            "log annual hazard about year 3 in node-negative disease to 2 cm, midway between the ER groups: "
            "about 2% a year, "
            "between 0.4% and 10%",
            "log hazard ratio of ER-positive to ER-negative disease about year 3: either may be up to four "
            "times the other",
        ),
    ),
    smoothing=HalfNormal(
        sd=(0.5, 0.5),
        reason=(
            "step of the log hazard between neighbouring spline coefficients, typically a factor of 1.4: over "
            "20 years the hazard "
            "changes severalfold, rarely a hundredfold",
            "as for the common curve: the ratio may change severalfold and the curves may cross, or not",
        ),
    ),
    nodal_step=HalfNormal(
        sd=0.6,
        reason="log hazard ratio from one nodal group to the next (year 5): more nodes are never better, "
        "typically 1.5 times "
        "the hazard, at most about 3 times",
    ),
    nodal_tilt=Normal(
        mean=0.0,
        sd=0.2,
        reason="relative change of the node effect per unit of g(t): from year 5 to year 20 it may halve or "
        "grow by half",
    ),
    size_step=HalfNormal(
        sd=0.5,
        reason="log hazard ratio from one size group to the next: larger is never better, typically 1.4 times, "
        "at most about "
        "2.7 times",
    ),
    therapy=Normal(
        mean=(0.6, -0.2, -0.3),
        sd=(0.15, 0.1, 0.15),
        reason=(
            "log hazard ratio of no endocrine therapy to about 5 years of it, ER-positive, years 0-4: the "
            "tamoxifen overview's ratio "
            "of about one half, give or take a seventh; its later waning is part of the design",
            "log hazard ratio of continuing endocrine therapy to year 10 against stopping at 5, ER-positive, "
            "after year 5: ratios of the "
            "extension trials between 0.67 and 1",
            "log hazard ratio of chemotherapy to none, years 0-4: overviews give a quarter fewer recurrences, "
            "between none and half; no "
            "effect is assumed later",
        ),
    ),
    distant_drop=Normal(
        mean=(-1.05, -1.05),
        sd=(0.6, 0.6),
        reason=(
            "log of the log ratio of any to distant recurrence, ER-negative: distant recurrence is a part of any "
            "recurrence, typically 70% of it, between 32% and 90%",
            "the same, ER-positive; the two may differ, since ER-negative relapses are more often distant",
        ),
    ),
    other_death=Normal(
        mean=-5.1,
        sd=0.5,
        reason="log hazard of death without recurrence in a trial that counts it: about 0.6% a year at a median "
        "age of 53, "
        "between 0.2% and 1.6%",
    ),
    sigma=Normal(
        mean=(-1.2, -1.6, -1.6),
        sd=(0.5, 0.5, 0.5),
        reason=(
            "log spread of populations' levels: two populations with the same strata differ by a factor of 1.4 "
            "typically, of 1.1 to 2.2; "
            "never by nothing, for no two have the same staging, treatment and follow-up",
            "log spread of populations' tilts per unit of g(t): from year 5 to year 20 populations drift apart "
            "by a factor of 1.3 "
            "typically",
            "log spread of cohorts inside a population (diagnosis period, gene score, luminal type, HER2): by a "
            "factor of 1.2 "
            "typically, up to 1.7",
        ),
    ),
    omega=Normal(
        mean=-2.3,
        sd=0.5,
        reason="log extra spread of a published log cumulative hazard beyond its standard error: differences of "
        "definition move it "
        "by 10%, between 4% and 27%; never by nothing",
    ),
    log_odds=Normal(
        mean=(1.1, -0.75, -1.65, -2.4, -0.37, -2.06),
        sd=(0.35, 0.35, 0.4, 0.5, 0.35, 0.5),
        reason=(
            "women with early breast cancer where a source does not print the mix: three in four ER-positive, "
            "60% to 86%",
            "a little more than half of the women node-negative; about half as many with one to three positive nodes",
            "about a fifth as many with four to nine positive nodes as with none",
            "about a tenth as many with ten or more positive nodes as with none",
            "two thirds as many tumours of 2 to 5 cm as to 2 cm",
            "about an eighth as many tumours over 5 cm as to 2 cm",
        ),
    ),
)
