"""Losses of predicted numbers."""

from __future__ import annotations

from typing import Any

from autograd import Tensor
from nn import functional
from nn.losses.base import Loss


class MSELoss(Loss):
    """Mean squared error of predictions and targets of one shape."""

    def forward(self, prediction: Any, target: Any) -> Tensor:
        return functional.mse_loss(prediction, target, self.reduction)
