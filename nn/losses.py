"""Losses as layers; see `nn.functional` for what each takes."""

from __future__ import annotations

from typing import Any

from autograd import Tensor
from nn import functional
from nn.checks import reduction_named
from nn.module import Module


class _Loss(Module):
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


class MSELoss(_Loss):
    """Mean squared error of predictions and targets of one shape."""

    def forward(self, prediction: Any, target: Any) -> Tensor:
        return functional.mse_loss(prediction, target, self.reduction)


class CrossEntropyLoss(_Loss):
    """Cross-entropy of logits (..., classes) and labels (...), or rows of probabilities."""

    def forward(self, logits: Any, target: Any) -> Tensor:
        return functional.cross_entropy(logits, target, self.reduction)
