"""Every prior of the therapy model, with the reason for it in natural units; logs are natural, times in years."""

from __future__ import annotations

from dataclasses import dataclass

from resurge.synthesis.priors import HalfNormal, Normal, elements_of, prior_rows

SCALED_ENDPOINTS = (
    "distant_recurrence",
    "bone_recurrence",
    "locoregional",
    "dfs",
    "idfs",
    "breast_cancer_death",
    "os",
)
"""Endpoints whose log hazard ratio is a multiple of that of any recurrence."""


@dataclass(frozen=True)
class TherapyPriors:
    """Priors of the therapy model; ``log_`` entries are those of the logarithm."""

    mu: Normal
    log_tau: Normal
    log_sigma: Normal
    log_omega: Normal
    log_onset_start: Normal
    log_onset_continuation: Normal
    fade: HalfNormal
    log_carry: Normal
    log_shape: Normal
    log_rho: Normal
    log_lag: Normal

    def table(self) -> list[tuple[str, str, str]]:
        """List name, distribution and reason of every prior, in the order of the model, one row an element."""
        return prior_rows(self, elements_of(("log_rho",), SCALED_ENDPOINTS))


THERAPY = TherapyPriors(
    mu=Normal(
        mean=-0.3,
        sd=0.25,
        reason="full log hazard ratio of a typical class: therapies that reach a randomised trial in early disease cut "
        "recurrences by a quarter, give or take a quarter",
    ),
    log_tau=Normal(
        mean=-1.2,
        sd=0.4,
        reason="log spread of classes: two classes differ by a factor of 1.4 typically, of 1.15 to 1.9; never by "
        "nothing",
    ),
    log_sigma=Normal(
        mean=-2.3,
        sd=0.6,
        reason="log spread of trials of one class: by 10% typically, between 3% and 33%; never by nothing, for no two "
        "trials have the same regimen and women",
    ),
    log_omega=Normal(
        mean=-3.0,
        sd=0.5,
        reason="log extra spread of a published log hazard ratio around its trial's course: 5%, between 2% and 14%; a "
        "course of four numbers is not exact, and endpoints differ in definition",
    ),
    log_onset_start=Normal(
        mean=-1.4,
        sd=0.7,
        reason="log half-time of onset against an untreated control: three months, between three weeks and a year",
    ),
    log_onset_continuation=Normal(
        mean=0.7,
        sd=0.8,
        reason="the same where the control has just had the same therapy and stops it: two years, between five months "
        "and ten years, since the control's carry-over must wear off first",
    ),
    fade=HalfNormal(
        sd=0.15,
        reason="loss of effect per year on treatment by acquired resistance: a tenth a year typically, at most a third",
    ),
    log_carry=Normal(
        mean=1.4,
        sd=0.9,
        reason="log half-life of the effect after treatment stops: four years, between eight months and 24 years",
    ),
    log_shape=Normal(
        mean=0.2,
        sd=0.4,
        reason="log shape of the carry-over, one for all classes: near an even loss, or held for a while and then "
        "lost, "
        "between 0.55 and 2.7",
    ),
    log_rho=Normal(
        mean=(0.0, 0.0, 0.0, -0.15, -0.1, -0.1, -0.35),
        sd=(0.15, 0.3, 0.3, 0.15, 0.15, 0.2, 0.25),
        reason=(
            "distant over any recurrence, log hazard ratios: alike, between 0.75 and 1.3 times",
            "bone recurrence: alike on average, between half and twice",
            "local and regional recurrence: alike on average, between half and twice",
            "disease-free survival also counts second cancers and deaths of other causes: about 0.85 times",
            "invasive disease-free survival: about 0.9 times",
            "death from breast cancer, set against the recurrences behind it: about 0.9 times, between 0.6 and 1.3",
            "death from any cause, diluted by other deaths: about 0.7 times, between 0.4 and 1.15",
        ),
    ),
    log_lag=Normal(
        mean=1.1,
        sd=0.3,
        reason="log mean of the years from recurrence to death from it: three years, between 1.6 and 5.5; a death "
        "reports on the effect at the time of its recurrence",
    ),
)
