"""PyTorch, eager, with the fused form of its optimisers."""

from __future__ import annotations

from workloads import Built, Update

from libraries import pytorch

TITLE = "PyTorch fused"
DISTRIBUTIONS = ("torch",)


def update(work: Update) -> Built:
    return pytorch.update(work, fused=True)
