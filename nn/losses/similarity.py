"""The distance and the angle between vectors, and losses of the angle."""

from __future__ import annotations

from typing import Any

from autograd import Tensor
from nn.functional import similarity as functional
from nn.losses.base import Loss
from nn.module import Module


class CosineSimilarity(Module):
    """The cosine of the angle between vectors along an axis: `nn.functional.cosine_similarity`.

    If nothing else is said, rows of x and y are compared, as in PyTorch.
    """

    def __init__(self, axis: int = 1, eps: float = 1e-8) -> None:
        self.axis = axis
        self.eps = eps

    def forward(self, x: Any, y: Any) -> Tensor:
        return functional.cosine_similarity(x, y, self.axis, self.eps)

    def extra_repr(self) -> str:
        return f"axis={self.axis}, eps={self.eps}"


class PairwiseDistance(Module):
    """The distance of each row of x from that of y: `nn.functional.pairwise_distance`."""

    def __init__(self, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> None:
        self.p = p
        self.eps = eps
        self.keepdim = keepdim

    def forward(self, x: Any, y: Any) -> Tensor:
        return functional.pairwise_distance(x, y, self.p, self.eps, self.keepdim)

    def extra_repr(self) -> str:
        return f"p={self.p}, eps={self.eps}, keepdim={self.keepdim}"


class CosineEmbeddingLoss(Loss):
    """Rows that belong together (1) or not (−1): `nn.functional.cosine_embedding_loss`."""

    def __init__(self, margin: float = 0.0, *wrong: Any, reduction: str = "mean") -> None:
        super().__init__(reduction, wrong, margin)
        self.margin = margin

    def forward(self, first: Any, second: Any, target: Any) -> Tensor:
        return functional.cosine_embedding_loss(
            first, second, target, self.margin, reduction=self.reduction
        )


class CosineProximityLoss(Loss):
    """−cos of the angle between prediction and target: `nn.functional.cosine_proximity_loss`."""

    def __init__(self, reduction: str = "mean", *wrong: Any) -> None:
        super().__init__(reduction, wrong)

    def forward(self, prediction: Any, target: Any) -> Tensor:
        return functional.cosine_proximity_loss(prediction, target, reduction=self.reduction)
