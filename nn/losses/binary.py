"""Losses of yes or no, for one question or for many labels at once."""

from __future__ import annotations

from typing import Any

from autograd import Tensor
from nn.functional import binary as functional
from nn.losses.base import Loss


class BCELoss(Loss):
    """Binary cross-entropy of probabilities: `nn.functional.binary_cross_entropy`."""

    def __init__(self, weight: Any = None, *wrong: Any, reduction: str = "mean") -> None:
        super().__init__(reduction, wrong)
        self.weight = self.buffer(weight)

    def forward(self, prediction: Any, target: Any) -> Tensor:
        return functional.binary_cross_entropy(
            prediction, target, self.weight, reduction=self.reduction
        )


class BCEWithLogitsLoss(Loss):
    """Binary cross-entropy of logits: `nn.functional.binary_cross_entropy_with_logits`."""

    def __init__(
        self,
        weight: Any = None,
        *wrong: Any,
        reduction: str = "mean",
        pos_weight: Any = None,
    ) -> None:
        super().__init__(reduction, wrong)
        self.weight = self.buffer(weight)
        self.pos_weight = self.buffer(pos_weight)

    def forward(self, logits: Any, target: Any) -> Tensor:
        return functional.binary_cross_entropy_with_logits(
            logits, target, self.weight, pos_weight=self.pos_weight, reduction=self.reduction
        )


class MultiLabelSoftMarginLoss(Loss):
    """Mean of a row's binary cross-entropies: `nn.functional.multilabel_soft_margin_loss`."""

    def __init__(self, weight: Any = None, *wrong: Any, reduction: str = "mean") -> None:
        super().__init__(reduction, wrong)
        self.weight = self.buffer(weight)

    def forward(self, logits: Any, target: Any) -> Tensor:
        return functional.multilabel_soft_margin_loss(
            logits, target, self.weight, reduction=self.reduction
        )


class SoftMarginLoss(Loss):
    """log(1 + e^(−y z)) for targets y of −1 or 1: `nn.functional.soft_margin_loss`."""

    def __init__(self, reduction: str = "mean", *wrong: Any) -> None:
        super().__init__(reduction, wrong)

    def forward(self, prediction: Any, target: Any) -> Tensor:
        return functional.soft_margin_loss(prediction, target, reduction=self.reduction)
