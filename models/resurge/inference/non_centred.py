"""Another geometry for the same model: steps of a random walk in units of their own spread.

Where patients tell the shape of a curve, its steps are sampled as they are. Where a handful of published windows leave
it open, the spread of the steps and the steps themselves form a funnel in which the sampler gets stuck; in units of
their spread they do not (Papaspiliopoulos, Roberts and Skold 2007, Stat Sci 22:59). The posterior is the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytensor.tensor as pt
from pymc.logprob.transforms import Transform
from pymc.model.transform.conditioning import change_value_transforms

if TYPE_CHECKING:
    import pymc as pm


class InUnitsOfSpread(Transform):
    """A normal variable as standard deviations from its mean."""

    name = "units_of_spread"

    def forward(self, value: Any, *inputs: Any) -> Any:  # noqa: ANN401 - symbolic tensors have no useful type
        """Give the standardised value."""
        mean, sd = inputs[-2:]
        return (value - mean) / sd

    def backward(self, value: Any, *inputs: Any) -> Any:  # noqa: ANN401
        """Give the value on its own scale."""
        mean, sd = inputs[-2:]
        return mean + sd * value

    def log_jac_det(self, value: Any, *inputs: Any) -> Any:  # noqa: ANN401
        """Give the log of the derivative of `backward`."""
        return pt.log(inputs[-1]) + pt.zeros_like(value)


def in_units_of_spread(model: pm.Model, *names: str) -> pm.Model:
    """Sample some normal variables of a model in units of their spread.

    Parameters
    ----------
    model : pymc.Model
        Any model.
    names : str
        Variables, normal with a spread that is itself unknown.

    Returns
    -------
    pymc.Model
        The same density in other coordinates.
    """
    return change_value_transforms(model, {name: InUnitsOfSpread() for name in names})
