"""Classes of therapy that are shown together, and those that have curves of their own."""

from collections.abc import Sequence
from typing import Any

Answer = dict[str, Any]
FEWEST_ROWS = 2
"""Published estimates from which a class is in tables and figures."""
ENDOCRINE = (
    *("endocrine_tamoxifen", "endocrine_ai", "endocrine_sequential", "extended_endocrine"),
    *("extended_endocrine_intermittent", "ovarian_suppression", "ovarian_suppression_ai"),
)
RECURRENCE_LIKE = ("any_recurrence", "dfs", "idfs")
"""Endpoints near any recurrence, whose published estimates are set over its curves."""
HER2 = "anti_her2_"
FAMILIES = ("Endocrine therapy", "Therapy against HER2", "Therapy of the bone, and chemotherapy", "Other drugs")
BONE_AND_CHEMO = ("bisphosphonate", "denosumab", "chemo")
"""Beginnings of the names of these classes."""
ENDOCRINE_CURVES = ("endocrine_tamoxifen", "endocrine_ai", "extended_endocrine", "ovarian_suppression")
HEADLINES = (
    *("endocrine_tamoxifen", "endocrine_ai", "extended_endocrine", "ovarian_suppression"),
    *("anti_her2_mab", "cdk46_inhibitor"),
)
OTHER_CURVES = (
    *("anti_her2_mab", "anti_her2_mab_dual", "anti_her2_adc", "cdk46_inhibitor", "parp_inhibitor"),
    *("immune_checkpoint", "bisphosphonate", "chemo"),
)


def enough(classes: Sequence[Answer]) -> list[Answer]:
    """Keep classes with estimates enough, endocrine ones first, those named alike together."""
    kept = [told for told in classes if len(told["evidence"]["rows"]) >= FEWEST_ROWS]
    return sorted(kept, key=lambda told: (family(told["class"]), _place(told["class"])))


def family(name: str) -> int:
    """Give the place of a class's family in the list of them."""
    if name in ENDOCRINE:
        return 0
    if name.startswith(HER2):
        return 1
    return 2 if name.startswith(BONE_AND_CHEMO) else 3


def named(classes: Sequence[Answer], names: Sequence[str]) -> list[Answer]:
    """Keep the named classes, in the order of the names."""
    by_name = {told["class"]: told for told in classes}
    return [by_name[name] for name in names if name in by_name]


def _place(name: str) -> tuple[int, str]:
    return (ENDOCRINE.index(name) if name in ENDOCRINE else 0), name
