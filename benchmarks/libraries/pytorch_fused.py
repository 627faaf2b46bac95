"""PyTorch, eager, with the fused form of its optimisers."""

from __future__ import annotations

from workloads import Built, Epochs, Network, Update

from libraries import pytorch

TITLE = "PyTorch fused"
DISTRIBUTIONS = ("torch",)


def network(work: Network) -> Built:
    return pytorch.network(work, fused=True)


def epochs(work: Epochs) -> Built:
    return pytorch.epochs(work, fused=True)


def update(work: Update) -> Built:
    return pytorch.update(work, fused=True)
