"""What losses have in common."""

from __future__ import annotations

from typing import Any

from nn.checks import reduction_named
from nn.module import Module


class Loss(Module):
    """A loss with its reduction: "mean" over all losses, their "sum", or "none"."""

    def __init__(self, reduction: str = "mean", *wrong: Any) -> None:
        if wrong or not isinstance(reduction, str):
            name = type(self).__name__
            raise TypeError(
                f"{name} is made once and then called: loss = nn.{name}(); "
                "loss(prediction, target)."
            )
        reduction_named(reduction, type(self).__name__)
        self.reduction = reduction
