"""Networks that are written alike for this project and for PyTorch: `build(nn)`, `build(torch.nn)`.

Who adds a layer that both have adds a row here: the exchange of weights and the export to ONNX are
tested with every row.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = Any


@dataclass(frozen=True)
class Stack:
    """How a network is made, and the shapes of one example of each of its inputs."""

    build: Callable[[Any], Any]
    shapes: tuple[tuple[int, ...], ...] = ((4,),)
    classes: int = 0  # inputs are whole numbers below this, if it is not 0

    def batch(self, n: int, seed: int = 0) -> list[Array]:
        """Inputs for n examples, always the same ones."""
        rng = np.random.default_rng(seed)
        if self.classes:
            return [rng.integers(self.classes, size=(n, *shape)) for shape in self.shapes]
        return [rng.standard_normal((n, *shape), np.float32) for shape in self.shapes]


STACKS = {
    "relu": Stack(lambda nn: nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 3))),
    "no bias": Stack(
        lambda nn: nn.Sequential(nn.Linear(4, 3, bias=False), nn.Sigmoid(), nn.Dropout(0.3))
    ),
    "batch norm": Stack(
        lambda nn: nn.Sequential(
            nn.Linear(4, 5), nn.BatchNorm1d(5), nn.Tanh(), nn.Linear(5, 3), nn.Softmax(-1)
        )
    ),
    "layer norm": Stack(
        lambda nn: nn.Sequential(nn.Linear(4, 5), nn.LayerNorm(5), nn.GELU(), nn.Linear(5, 2))
    ),
    "group norm": Stack(
        lambda nn: nn.Sequential(nn.Linear(4, 6), nn.GroupNorm(2, 6), nn.PReLU(6), nn.Linear(6, 1))
    ),
    "rms norm": Stack(
        lambda nn: nn.Sequential(nn.Linear(4, 5), nn.RMSNorm(5), nn.SiLU(), nn.Linear(5, 2))
    ),
    "units": Stack(
        lambda nn: nn.Sequential(
            *(nn.Linear(4, 6), nn.LeakyReLU(0.2), nn.Linear(6, 6), nn.ELU(0.7), nn.PReLU()),
            *(nn.Linear(6, 6), nn.SELU(), nn.CELU(0.5), nn.Linear(6, 6), nn.Softplus(2.0)),
            *(nn.Linear(6, 6), nn.Mish(), nn.Softsign(), nn.Linear(6, 6), nn.GELU("tanh")),
            *(nn.Linear(6, 6), nn.Hardswish(), nn.Hardtanh(-0.5, 0.8), nn.LogSigmoid()),
            *(nn.Linear(6, 3), nn.LogSoftmax(-1)),
        )
    ),
    "embedding": Stack(
        lambda nn: nn.Sequential(nn.Embedding(7, 3), nn.LayerNorm(3), nn.Linear(3, 2)), ((2,),), 7
    ),
    "bilinear": Stack(lambda nn: nn.Bilinear(3, 2, 4), ((3,), (2,))),
}
