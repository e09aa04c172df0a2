"""Words for networks: names of treatments and endpoints, and chances."""

from __future__ import annotations

import re

from resurge.reporting import words

_NAMES = {
    "ai": "aromatase inhibitor", "cdk46": "CDK4/6 inhibitor", "tdm1": "T-DM1", "tdxd": "T-DXd", "chemo": "chemotherapy",
    "physicians": "physician’s", "endocrine": "endocrine",
}  # fmt: skip
_WHOLE = {
    "physicians_choice": "physician’s choice",
    "standard_endocrine": "standard endocrine therapy",
    "switched_endocrine": "switched endocrine therapy",
    "endocrine_goserelin": "endocrine therapy + goserelin",
    "ribociclib_switched_endocrine": "ribociclib + switched endocrine therapy",
    "ribociclib_endocrine_goserelin": "ribociclib + endocrine therapy + goserelin",
    "vistusertib_daily_fulvestrant": "vistusertib daily + fulvestrant",
    "vistusertib_intermittent_fulvestrant": "vistusertib intermittent + fulvestrant",
}
_CLASSES = {
    "anti_her2_adc": "HER2 antibody–drug conjugate",
    "anti_her2_mab": "HER2 antibody",
    "anti_her2_tki": "HER2 kinase inhibitor",
    "cdk46_inhibitor": "CDK4/6 inhibitor",
    "endocrine_serd": "fulvestrant",
    "immune_checkpoint": "PD-1 or PD-L1 antibody",
    "oral_serd_or_degrader": "oral SERD or degrader",
    "parp_inhibitor": "PARP inhibitor",
    "pi3k_akt_mtor": "PI3K, AKT or mTOR inhibitor",
    "trop2_adc": "TROP2 antibody–drug conjugate",
}
ENDPOINTS = {"pfs": "progression-free survival", "os": "overall survival"}
_TRIAL = re.compile(r"^(\w+) (\(.*\))$")


def treatment_name(node: str) -> str:
    """Name of a node of a network.

    Examples
    --------
    >>> treatment_name("lapatinib_capecitabine"), treatment_name("tdxd"), treatment_name("cdk46_ai")
    ('lapatinib + capecitabine', 'T-DXd', 'CDK4/6 inhibitor + aromatase inhibitor')
    """
    in_trial = _TRIAL.match(node)
    if in_trial:
        return f"{treatment_name(in_trial[1])} {in_trial[2]}"
    return _WHOLE.get(node) or " + ".join(_NAMES.get(part, part) for part in node.split("_"))


def chance(probability: float) -> str:
    """Probability as a percentage that stops short of certainty.

    Examples
    --------
    >>> chance(0.93), chance(0.99999), chance(0.0)
    ('93%', 'over 99.9%', 'under 0.1%')
    """
    if probability > 0.999:
        return "over 99.9%"
    if probability < 0.001:
        return "under 0.1%"
    return words.percent(probability, 0 if 0.01 <= probability <= 0.99 else 1)


def p_value(value: float) -> str:
    """Write a p value, which stops at 0.001.

    Examples
    --------
    >>> p_value(0.0432), p_value(0.0001)
    ('0.043', 'under 0.001')
    """
    return "under 0.001" if value < 0.001 else f"{value:.3f}"


def class_name(label: str) -> str:
    """Name of a class of drugs.

    Examples
    --------
    >>> class_name("cdk46_inhibitor"), class_name("new_class")
    ('CDK4/6 inhibitor', 'new class')
    """
    return _CLASSES.get(label, label.replace("_", " "))


def as_sentence(text: str) -> str:
    """Begin with a capital.

    Examples
    --------
    >>> as_sentence("neratinib"), as_sentence("T-DXd")
    ('Neratinib', 'T-DXd')
    """
    return text[:1].upper() + text[1:]
