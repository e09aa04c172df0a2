"""Every prior of the metastasis model, with the reason for it in natural units; logs are natural."""

from __future__ import annotations

from dataclasses import dataclass, fields

from resurge.synthesis.priors import Normal

UNPRINTED_PATIENTS = 100
"""Patients that a share weighs as where their number is not printed: about the smallest set that prints it."""
MIX = (0.52, 0.16, 0.12, 0.20)
"""Shares of HR+/HER2-, HR+/HER2+, HR-/HER2+ and TNBC among patients with metastases.

Of 1,350 relapses 67.8% were hormone-receptor-positive, 12.0% HER2-overexpressing and 20.2% triple-negative
(turkeyrelapse2016; of 276 in shiraz2021 68%, 17%, 14%); of the positive ones 24% are HER2-positive (bonesubtype2020).
"""
MIX_PATIENTS = 60
"""Patients whose count would leave the mix as uncertain as it is taken to be: 20% lie between 11% and 31%."""


@dataclass(frozen=True)
class MetastasisPriors:
    """Priors of the metastasis model; ``log_`` entries are those of the logarithm."""

    mu: Normal
    log_tau: Normal
    log_kappa: Normal
    log_sigma: Normal
    spread_of_log_sigma: float
    correlation: tuple[float, float]
    log_concentration: Normal
    single: Normal
    reach: tuple[float, float]

    def table(self) -> list[tuple[str, str, str]]:
        """List name, distribution and reason of every prior, in the order of the model."""
        rows = [
            (field.name, str(prior), prior.reason)
            for field in fields(self)
            if isinstance(prior := getattr(self, field.name), Normal)
        ]
        shares = ", ".join(f"{share:g}" for share in MIX)
        a, b = self.correlation
        c, d = self.reach
        return [
            *rows,
            (
                "sigma",
                f"Normal(log_sigma, {self.spread_of_log_sigma:g}) on the log",
                "spread of sources at one site: sites differ by a third in how far sources lie apart",
            ),
            (
                "correlation",
                f"-1 / (sites - 1) + (1 + 1 / (sites - 1)) Beta({a:g}, {b:g})",
                "between sites of one source: one that looks longer finds more everywhere, one that counts first sites "
                "finds less of the others when it finds more of one; between -0.1 and 0.7",
            ),
            (
                "mix",
                f"Dirichlet({MIX_PATIENTS} x ({shares}))",
                "shares of HR+/HER2-, HR+/HER2+, HR-/HER2+ and TNBC among patients with metastases, from two sources "
                "that count them",
            ),
            (
                "reach",
                f"Beta({c:g}, {d:g})",
                "share of all early patients of a source who had metastases by the end of its follow-up: between 10% "
                "and 70%",
            ),
            (
                "n_total",
                f"{UNPRINTED_PATIENTS} where it is not printed",
                "about the smallest set of patients that prints a share",
            ),
        ]


METASTASIS = MetastasisPriors(
    mu=Normal(
        mean=-1.0,
        sd=1.0,
        reason="log odds of a site in one setting, mean of the subtypes: a share of 27%, between 5% and 72%",
    ),
    log_tau=Normal(
        mean=-0.7,
        sd=0.4,
        reason="log spread of subtypes around the mean of a site: odds differ by a factor of 1.6 typically; never by "
        "nothing",
    ),
    log_kappa=Normal(
        mean=-1.6,
        sd=0.5,
        reason="log spread of a subtype's contrast between settings: by a fifth of the odds, between 7% and 55%",
    ),
    log_sigma=Normal(
        mean=-0.9,
        sd=0.4,
        reason="log spread of sources around a typical one: odds differ by a factor of 1.5, between 1.2 and 2.4; "
        "imaging, years and follow-up differ",
    ),
    spread_of_log_sigma=0.3,
    correlation=(3.0, 4.0),
    log_concentration=Normal(
        mean=4.4,
        sd=0.7,
        reason="log concentration of a share around what its source and subtype lead one to expect: a share of 30% "
        "misses by 5 points, between 2.5 and 9",
    ),
    single=Normal(
        mean=0.0,
        sd=0.6,
        reason="log of how much more often a site is the only one than if sites came independently: a factor of 1.8 "
        "either way",
    ),
    reach=(2.0, 3.5),
)
