"""The losses that are operations, in PyTorch."""

from __future__ import annotations

from typing import Any

import torch
from support import vocabulary_losses as losses

from benchmarks.pytorch_everyday import Function

F = torch.nn.functional


def at_label(scores: torch.Tensor, labels: torch.Tensor) -> Any:
    return torch.take_along_dim(scores, labels[..., None], -1)[..., 0]


def pairwise(loss: Function) -> Function:
    """PyTorch's losses of two inputs do not broadcast."""

    def call(x: torch.Tensor, target: torch.Tensor) -> Any:
        return loss(*torch.broadcast_tensors(x, target), reduction="none")

    return call


def huber(x: torch.Tensor, delta: float = 1.0) -> Any:
    return F.huber_loss(x, torch.zeros_like(x), reduction="none", delta=delta)


LOSSES: dict[Function, Function] = {
    losses.at_label: at_label,
    losses.binary_cross_entropy: pairwise(F.binary_cross_entropy),
    losses.sigmoid_cross_entropy: pairwise(F.binary_cross_entropy_with_logits),
    losses.huber: huber,
}
