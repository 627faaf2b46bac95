"""Losses of predicted classes."""

from __future__ import annotations

from typing import Any

from autograd import Tensor
from nn import functional
from nn.losses.base import Loss


class CrossEntropyLoss(Loss):
    """Cross-entropy of logits (..., classes) and labels (...), or rows of probabilities."""

    def forward(self, logits: Any, target: Any) -> Tensor:
        return functional.cross_entropy(logits, target, self.reduction)
