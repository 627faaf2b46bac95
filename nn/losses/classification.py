"""Losses of one class among several."""

from __future__ import annotations

from typing import Any

from autograd import Tensor
from nn.functional import classification as functional
from nn.losses.base import Loss


class CrossEntropyLoss(Loss):
    """Cross-entropy of logits (..., classes) and labels (...), or rows of probabilities.

    The settings, and what is raised and warned of, are those of `nn.functional.cross_entropy`.
    """

    def __init__(
        self,
        weight: Any = None,
        *wrong: Any,
        ignore_index: int = functional.IGNORED,
        reduction: str = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(reduction, wrong, ignore_index, label_smoothing)
        self.weight = self.buffer(weight)
        self.ignore_index = ignore_index
        self.label_smoothing = label_smoothing

    def forward(self, logits: Any, target: Any) -> Tensor:
        return functional.cross_entropy(
            logits,
            target,
            self.weight,
            ignore_index=self.ignore_index,
            reduction=self.reduction,
            label_smoothing=self.label_smoothing,
        )


class NLLLoss(Loss):
    """−log p at the label, for log-probabilities (..., classes): `nn.functional.nll_loss`."""

    def __init__(
        self,
        weight: Any = None,
        *wrong: Any,
        ignore_index: int = functional.IGNORED,
        reduction: str = "mean",
    ) -> None:
        super().__init__(reduction, wrong, ignore_index)
        self.weight = self.buffer(weight)
        self.ignore_index = ignore_index

    def forward(self, log_probabilities: Any, target: Any) -> Tensor:
        return functional.nll_loss(
            log_probabilities,
            target,
            self.weight,
            ignore_index=self.ignore_index,
            reduction=self.reduction,
        )
