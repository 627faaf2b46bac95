"""The workloads by name: those of the tables, and those that show how time grows."""

from __future__ import annotations

from workloads import (
    Chain,
    Elementwise,
    Epochs,
    Hessian,
    Import,
    Network,
    Scalars,
    Update,
    Workload,
)

WORKLOADS: dict[str, Workload] = {
    "W1": Network((2, 16, 16, 1), "relu", 100, "mse", "sgd", 0.1),
    "W2": Network((64, 128, 64, 10), "relu", 64, "cross_entropy", "adam", 1e-3),
    "W3": Network((784, 512, 256, 10), "relu", 128, "cross_entropy", "adam", 1e-4),
    "W4": Network((784, 1024, 1024, 2048, 10), "relu", 256, "cross_entropy", "adam", 1e-4, True),
    "W5": Network((64, *(64,) * 100, 1), "tanh", 32, "mse", "sgd", 0.01),
    "W6": Chain(10, 1000),
    "W7": Scalars(Network((2, 16, 16, 1), "relu", 1, "mse", "sgd", 0.1)),
    "W8": Elementwise(4_000_000),
    "W9": Hessian(Network((4, 8, 1), "tanh", 32, "mse", "sgd", 0.01)),
    "E1": Epochs(Network((64, 100, 10), "relu", 200, "cross_entropy", "adam", 1e-3), 1797, 40),
    "E2": Epochs(Network((784, 100, 10), "relu", 200, "cross_entropy", "adam", 1e-3), 10_000, 10),
    "U1": Update(((4_000_000,),)),
    "U2": Update(((16, 8), (16,)) * 6),
    "W10": Import(),
}


def _wide(width: int, batch: int) -> Network:
    return Network((64, width, width, 10), "relu", batch, "cross_entropy", "adam", 1e-3)


def _deep(depth: int) -> Network:
    return Network((64, *(64,) * depth, 1), "tanh", 32, "mse", "sgd", 0.01)


# By what grows, and how large it is: see how a step's time grows with it.
GROWTH: dict[str, dict[int, Workload]] = {
    "batch": {n: _wide(128, n) for n in (1, 8, 64, 512, 4096)},
    "width": {n: _wide(n, 64) for n in (8, 32, 128, 512, 2048)},
    "depth": {n: _deep(n) for n in (1, 3, 10, 30, 100)},
    "operations": {2 * n: Chain(10, n) for n in (1, 10, 100, 1000, 5000)},
}
GROWING = ("pytorch", "jax_jit", "numpy_by_hand", "ours", "compiled")  # the libraries shown there

BY_NAME = WORKLOADS | {
    f"{what}-{size}": work for what, sizes in GROWTH.items() for size, work in sizes.items()
}
