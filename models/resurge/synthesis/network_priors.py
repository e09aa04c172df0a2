"""Priors of effects between treatments of metastatic disease, with the reason for each in natural units."""

from __future__ import annotations

from dataclasses import dataclass

from resurge.synthesis.priors import HalfNormal, Normal


@dataclass(frozen=True)
class NetworkPriors:
    """Priors of a network, and of the pooling of a class; logs are natural."""

    effect: Normal
    tau: HalfNormal
    wide_tau: HalfNormal

    def table(self) -> list[tuple[str, str, str]]:
        """List name, distribution and reason of each."""
        return [
            ("log hazard ratio of a treatment to the reference", str(self.effect), str(self.effect.reason)),
            ("heterogeneity tau", str(self.tau), str(self.tau.reason)),
            ("heterogeneity tau, wider", str(self.wide_tau), str(self.wide_tau.reason)),
        ]


NETWORK = NetworkPriors(
    effect=Normal(
        mean=0.0,
        sd=10.0,
        reason="any hazard ratio that a trial could show is equally likely beforehand: the trials alone speak",
    ),
    tau=HalfNormal(
        sd=0.2,
        reason="most comparisons rest on one trial, so that the trials say little of how much trials differ: the "
        "median of 0.13 is that of drug trials with death, or death and disease, as endpoint, 0.12 to 0.16 (Turner et "
        "al. 2015, Stat Med 34:984); two trials of the same treatments differ by a factor of 1.2 typically, of 2 at "
        "most",
    ),
    wide_tau=HalfNormal(
        sd=0.5,
        reason="for ratios of which nothing is known (Röver et al. 2021, Res Synth Methods 12:448): to see what the "
        "prior does; two trials may differ by a factor of 4",
    ),
)
