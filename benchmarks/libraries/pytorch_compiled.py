"""PyTorch with torch.compile: forward, loss and backward; then the fused form of its optimisers.

Compiling the optimiser's step instead took as long (W2) or longer (W3).
"""

from __future__ import annotations

import os
from shutil import which

import torch
from workloads import Built, Chain, Elementwise, Epochs, Hessian, Network, Update

from libraries import pytorch

TITLE = "PyTorch compiled"
DISTRIBUTIONS = ("torch",)

if not any(map(which, (os.environ.get("CXX", ""), "g++", "clang++", "c++"))):
    raise ImportError("torch.compile needs a C++ compiler")


def network(work: Network) -> Built:
    return pytorch.network(work, torch.compile, fused=True)


def epochs(work: Epochs) -> Built:
    return pytorch.epochs(work, torch.compile, fused=True)


def chain(work: Chain) -> Built:
    return pytorch.chain(work, torch.compile)


def elementwise(work: Elementwise) -> Built:
    return pytorch.elementwise(work, torch.compile)


def hessian(work: Hessian) -> Built:
    return pytorch.hessian(work, torch.compile)


def update(work: Update) -> Built:
    return pytorch.update(work, torch.compile)
