"""Losses of predicted numbers."""

from __future__ import annotations

from typing import Any

from autograd import Tensor
from nn.functional import regression as functional
from nn.functional.reductions import half_sum
from nn.losses.base import Loss


class MSELoss(Loss):
    """Mean squared error of predictions and targets of one shape: `nn.functional.mse_loss`.

    The reduction is "mean", "sum", "none" or "half" (of the sum).
    """

    def __init__(self, reduction: str = "mean", *wrong: Any) -> None:
        super().__init__(reduction, wrong, half=half_sum)

    def forward(self, prediction: Any, target: Any) -> Tensor:
        return functional.mse_loss(prediction, target, self.reduction)


class L1Loss(Loss):
    """Mean absolute error of predictions and targets of one shape: `nn.functional.l1_loss`."""

    def __init__(self, reduction: str = "mean", *wrong: Any) -> None:
        super().__init__(reduction, wrong)

    def forward(self, prediction: Any, target: Any) -> Tensor:
        return functional.l1_loss(prediction, target, self.reduction)


class RMSELoss(Loss):
    """Root of the mean squared error, one number for all: `nn.functional.rmse_loss`."""

    def __init__(self, *wrong: Any) -> None:
        super().__init__("mean", wrong)

    def forward(self, prediction: Any, target: Any) -> Tensor:
        return functional.rmse_loss(prediction, target)


class HuberLoss(Loss):
    """Squared error up to delta, absolute error beyond: `nn.functional.huber_loss`."""

    def __init__(self, reduction: str = "mean", delta: float = 1.0, *wrong: Any) -> None:
        super().__init__(reduction, wrong, delta)
        self.delta = delta

    def forward(self, prediction: Any, target: Any) -> Tensor:
        return functional.huber_loss(prediction, target, self.reduction, self.delta)


class SmoothL1Loss(Loss):
    """Huber's loss divided by beta: `nn.functional.smooth_l1_loss`."""

    def __init__(self, reduction: str = "mean", beta: float = 1.0, *wrong: Any) -> None:
        super().__init__(reduction, wrong, beta)
        self.beta = beta

    def forward(self, prediction: Any, target: Any) -> Tensor:
        return functional.smooth_l1_loss(prediction, target, self.reduction, self.beta)
