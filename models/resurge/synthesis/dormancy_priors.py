"""Priors of the dormancy model, each with its reason in natural units.

The curve is stated by what the evidence can show within the twenty years that it reaches, not by what it would show in
the end: a dormant fraction of 10% that wakes within 8 years and one of 30% that needs 40 years give the same women
recurring by year 20. Priors on ``p_dormant`` and ``half_life`` themselves would leave a curved ridge between the two;
a prior on the recurrences out of dormancy within 20 years leaves ``half_life`` nearly unrelated to it.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

from resurge.synthesis.priors import RECURRENCE, Normal, RecurrencePriors

CURVE = {"middle", "smoothing"}
"""Priors of the recurrence model that belong to its own curve."""


@dataclass(frozen=True)
class DormancyPriors:
    """Priors of the two compartments (all of logarithms; for both ER groups alike), and of what every curve shares."""

    early_odds: Normal
    late_odds: Normal
    early_year: Normal
    early_spread: Normal
    half_life: Normal
    shared: RecurrencePriors

    def table(self) -> list[tuple[str, str, str]]:
        """List name, distribution and reason of every prior, in the order of the model, one row an element."""
        own = [(field.name, getattr(self, field.name)) for field in fields(self) if field.name != "shared"]
        rows = [(name, str(prior), str(prior.reason)) for name, prior in own]
        return rows + [row for row in self.shared.table() if row[0].split("[")[0] not in CURVE]


DORMANCY = DormancyPriors(
    early_odds=Normal(
        mean=-2.8,
        sd=0.8,
        reason="log odds of an early recurrence against cure in node-negative disease to 2 cm: about 6 women to 100 "
        "cured, between 1 and 30; never none, for every series sees recurrences in its first years",
    ),
    late_odds=Normal(
        mean=-2.8,
        sd=1.0,
        reason="log odds of a recurrence out of dormancy within 20 years against cure, as for the early ones but less "
        "sure: about 6 women to 100 cured, between 1 and 45, in either ER group",
    ),
    early_year=Normal(
        mean=0.7,
        sd=0.3,
        reason="log of the year by which half of the early recurrences have come: about 2 years, between 1.1 and 3.6; "
        "this says what is meant by early: metastases that grew at diagnosis, as in ER-negative disease; one broad "
        "hump over ten years and more would be another model",
    ),
    early_spread=Normal(
        mean=-0.5,
        sd=0.2,
        reason="log of the spread of the log year of an early recurrence: 0.6, between 0.4 and 0.9; growth rates "
        "differ by a factor of about two, so that nineteen in twenty come within three times the middle year",
    ),
    half_life=Normal(
        mean=2.1,
        sd=0.6,
        reason="log of the years within which half of the dormant awake: about 8 years, between 2.5 and 27; much "
        "shorter would be no sleep, much longer cannot be told from a hazard that never falls",
    ),
    shared=RECURRENCE,
)

UNHELD = replace(
    DORMANCY,
    early_year=Normal(1.2, 0.8, "years to a decade and more: early recurrences are not held to the first years"),
    early_spread=Normal(-0.3, 0.5, "as wide as the evidence likes"),
)
"""The same model without a definition of early: to show what the evidence alone says of two compartments."""
