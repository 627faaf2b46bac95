"""Losses that ask for a margin, and are 0 beyond it."""

from __future__ import annotations

from typing import Any

from autograd import Tensor
from nn.functional import margins as functional
from nn.losses.base import Loss


class MultiClassHingeLoss(Loss):
    """Σ_{j≠y} max(0, f_j − f_y + margin)ᵖ: `nn.functional.multi_class_hinge_loss`.

    With p = 2 the squared hinge.
    """

    def __init__(
        self, p: int = 1, margin: float = 1.0, *wrong: Any, reduction: str = "mean"
    ) -> None:
        super().__init__(reduction, wrong, p, margin)
        self.p = p
        self.margin = margin

    def forward(self, scores: Any, target: Any) -> Tensor:
        return functional.multi_class_hinge_loss(
            scores, target, p=self.p, margin=self.margin, reduction=self.reduction
        )


class MultiMarginLoss(Loss):
    """The multi-class hinge by the number of classes: `nn.functional.multi_margin_loss`."""

    def __init__(
        self,
        p: int = 1,
        margin: float = 1.0,
        weight: Any = None,
        *wrong: Any,
        reduction: str = "mean",
    ) -> None:
        super().__init__(reduction, wrong, p, margin)
        self.p = p
        self.margin = margin
        self.weight = self.buffer(weight)

    def forward(self, scores: Any, target: Any) -> Tensor:
        return functional.multi_margin_loss(
            scores, target, self.p, self.margin, self.weight, reduction=self.reduction
        )


class HingeEmbeddingLoss(Loss):
    """x for target 1, max(0, margin − x) for −1: `nn.functional.hinge_embedding_loss`."""

    def __init__(self, margin: float = 1.0, *wrong: Any, reduction: str = "mean") -> None:
        super().__init__(reduction, wrong, margin)
        self.margin = margin

    def forward(self, prediction: Any, target: Any) -> Tensor:
        return functional.hinge_embedding_loss(
            prediction, target, self.margin, reduction=self.reduction
        )


class MarginRankingLoss(Loss):
    """Which of two is to rank higher: `nn.functional.margin_ranking_loss`."""

    def __init__(self, margin: float = 0.0, *wrong: Any, reduction: str = "mean") -> None:
        super().__init__(reduction, wrong, margin)
        self.margin = margin

    def forward(self, first: Any, second: Any, target: Any) -> Tensor:
        return functional.margin_ranking_loss(
            first, second, target, self.margin, reduction=self.reduction
        )


class TripletMarginLoss(Loss):
    """Near to one example, far from another: `nn.functional.triplet_margin_loss`."""

    def __init__(
        self,
        margin: float = 1.0,
        p: float = 2.0,
        eps: float = 1e-6,
        swap: bool = False,
        *wrong: Any,
        reduction: str = "mean",
    ) -> None:
        super().__init__(reduction, wrong, margin, p, eps, swap)
        self.margin = margin
        self.p = p
        self.eps = eps
        self.swap = swap

    def forward(self, anchor: Any, positive: Any, negative: Any) -> Tensor:
        return functional.triplet_margin_loss(
            anchor,
            positive,
            negative,
            self.margin,
            self.p,
            self.eps,
            self.swap,
            reduction=self.reduction,
        )
