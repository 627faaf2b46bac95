"""The workloads as data: sizes, batches, losses, optimisers, and seeded numbers made with NumPy.

Every library gets the same weights and the same batches. A kind of workload is a class; a library
runs it by having a function of the kind's name (see `libraries`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle, pairwise
from typing import Any, ClassVar, NamedTuple

import numpy as np

Array = np.ndarray[Any, Any]

SEED = 20
BATCHES = 8  # different ones, in turn
CHECKED_STEPS = 20  # after so many, the results are compared with the reference's
GAINS = {"relu": 2, "tanh": 1}


class Built(NamedTuple):
    """A workload made ready by a library.

    `step()` does the work once. `results()` gives the arrays that must agree between libraries, in
    the workload's order; None where there is nothing to compare.
    """

    step: Callable[[], object]
    results: Callable[[], list[Array]] | None


@dataclass(frozen=True)
class Network:
    """Training of a multilayer perceptron, linear in the last layer.

    A step clears the gradients, runs forward, loss and backward, and updates. Results: the
    parameters, layer by layer, weight (n_out, n_in) before bias (n_out,). What is compared is their
    change since the start, as it is small beside them. (Adam's first steps blow up rounding.)
    """

    kind: ClassVar[str] = "network"
    tolerance: ClassVar[float] = 2e-2
    sizes: tuple[int, ...]
    activation: str  # "relu" or "tanh"
    batch: int
    loss: str  # "mse", or "cross_entropy" of softmax with whole-numbered labels
    optimizer: str  # "sgd" or "adam"
    lr: float
    show_memory: bool = False

    @property
    def about(self) -> str:
        sizes = "-".join(map(str, self.sizes))
        if len(self.sizes) > 10:
            sizes = f"{self.sizes[0]}, {len(self.sizes) - 2} × {self.sizes[1]}, {self.sizes[-1]}"
        return f"MLP {sizes} {self.activation}, batch {self.batch}, {self.loss}, {self.optimizer}"

    def weights(self) -> list[tuple[Array, Array]]:
        """(weight, bias) of each layer: N(0, gain / n_in) and N(0, 0.01²)."""
        rng = np.random.default_rng(SEED)
        layers = []
        for n_in, n_out in pairwise(self.sizes):
            scale = np.float32((GAINS[self.activation] / n_in) ** 0.5)
            weight = rng.standard_normal((n_out, n_in), dtype=np.float32) * scale
            bias = rng.standard_normal(n_out, dtype=np.float32) * np.float32(0.01)
            layers.append((weight, bias))
        return layers

    def batches(self, convert: Callable[[Array], Any]) -> Iterator[tuple[Any, Any]]:
        """The batches (inputs, targets), over and over, each array converted once."""
        rng = np.random.default_rng(SEED + 1)
        made = []
        for _ in range(BATCHES):
            inputs = rng.random((self.batch, self.sizes[0]), dtype=np.float32)
            if self.loss == "mse":
                targets = rng.standard_normal((self.batch, self.sizes[-1]), dtype=np.float32)
            else:
                targets = rng.integers(self.sizes[-1], size=self.batch)
            made.append((convert(inputs), convert(targets)))
        return cycle(made)


@dataclass(frozen=True)
class Chain:
    """Many small operations: y = x, `length` times y = y·1.0001 + 0.0001, sum, backward.

    Result: the gradient of x.
    """

    kind: ClassVar[str] = "chain"
    tolerance: ClassVar[float] = 1e-3
    size: int
    length: int
    show_memory: ClassVar[bool] = False

    @property
    def about(self) -> str:
        return f"chain of {self.operations:,} operations on {self.size} numbers, float64"

    @property
    def operations(self) -> int:
        return 2 * self.length

    def x(self) -> Array:
        return np.random.default_rng(SEED).random(self.size)

    def value(self, x: Any) -> Any:
        y = x
        for _ in range(self.length):
            y = y * 1.0001 + 0.0001
        return y.sum()


@dataclass(frozen=True)
class Scalars:
    """micrograd's demo network, each number a variable of its own: (out − 1)² of one sample.

    A neuron is b + w₁x₁ + w₂x₂ + …, one product and one sum at a time, then ReLU except in the
    last layer. Results: the gradients of the parameters, neuron by neuron, weights before bias.
    """

    kind: ClassVar[str] = "scalars"
    tolerance: ClassVar[float] = 1e-3
    network: Network
    show_memory: ClassVar[bool] = False

    @property
    def about(self) -> str:
        return f"{'-'.join(map(str, self.network.sizes))} of scalars, one sample"

    @property
    def operations(self) -> int:
        sums_and_products = sum(2 * n_in * n_out for n_in, n_out in pairwise(self.network.sizes))
        return sums_and_products + sum(self.network.sizes[1:-1]) + 2

    def sample(self) -> Array:
        return next(self.network.batches(np.asarray))[0][0]

    def neurons(self, convert: Callable[[Any], Any]) -> list[list[list[Any]]]:
        """For each layer its neurons: their weights and then the bias, each number converted."""
        return [
            [[convert(number) for number in (*row, b)] for row, b in zip(*layer, strict=True)]
            for layer in self.network.weights()
        ]

    def value(self, layers: list[list[list[Any]]], x: list[Any], relu: Callable[..., Any]) -> Any:
        for layer in layers:
            sums = []
            for *weights, total in layer:
                for w, number in zip(weights, x, strict=True):
                    total = total + w * number
                sums.append(total)
            x = sums if layer is layers[-1] else [relu(one) for one in sums]
        return (x[0] - 1) ** 2


@dataclass(frozen=True)
class Elementwise:
    """Large arrays: (tanh(x)·x + exp(−x·x)).sum(), forward and backward. Result: x's gradient."""

    kind: ClassVar[str] = "elementwise"
    tolerance: ClassVar[float] = 1e-3
    size: int
    show_memory: ClassVar[bool] = True

    @property
    def about(self) -> str:
        return f"(tanh(x)·x + exp(−x·x)).sum() of {self.size:,} numbers"

    def x(self) -> Array:
        return np.random.default_rng(SEED).standard_normal(self.size, dtype=np.float32)

    def value(self, x: Any, library: Any) -> Any:
        """`library` has tanh and exp."""
        return (library.tanh(x) * x + library.exp(-x * x)).sum()


@dataclass(frozen=True)
class Hessian:
    """The Hessian of a network's mean squared error by its parameters, which are one flat vector.

    Result: the Hessian, in float64.
    """

    kind: ClassVar[str] = "hessian"
    tolerance: ClassVar[float] = 1e-3
    network: Network
    show_memory: ClassVar[bool] = False

    @property
    def about(self) -> str:
        sizes = "-".join(map(str, self.network.sizes))
        return f"Hessian of {sizes} {self.network.activation}, batch {self.network.batch}, float64"

    def parameters(self) -> Array:
        """All weights and biases, layer by layer, weight (n_out, n_in) before bias."""
        arrays = [array.ravel() for layer in self.network.weights() for array in layer]
        return np.concatenate(arrays).astype(np.float64)

    def batch(self) -> tuple[Array, Array]:
        """Inputs and targets."""
        return next(self.network.batches(lambda array: array.astype(np.float64)))

    def value(self, parameters: Any, x: Any, target: Any, tanh: Callable[..., Any]) -> Any:
        start = 0
        for n_in, n_out in pairwise(self.network.sizes):
            x = tanh(x) if start else x
            end = start + n_out * n_in
            weight = parameters[start:end].reshape((n_out, n_in))
            start = end + n_out
            x = x @ weight.T + parameters[end:start]
        return ((x - target) ** 2).mean()


@dataclass(frozen=True)
class Update:
    """Adam's step alone, float32, on gradients that are there already.

    Result: the parameters. What is compared is their change since the start.
    """

    kind: ClassVar[str] = "update"
    tolerance: ClassVar[float] = 2e-2
    shapes: tuple[tuple[int, ...], ...]
    lr: float = 1e-3
    show_memory: ClassVar[bool] = False

    @property
    def about(self) -> str:
        if len(self.shapes) == 1:
            return f"Adam's step alone, {math.prod(self.shapes[0]):,} numbers"
        return f"Adam's step alone, {len(self.shapes)} small parameters"

    def parameters(self) -> list[Array]:
        """Standard normal numbers, one array for each shape."""
        return self._drawn(SEED)

    def gradients(self) -> list[Array]:
        """Standard normal numbers, one array for each parameter."""
        return self._drawn(SEED + 1)

    def _drawn(self, seed: int) -> list[Array]:
        rng = np.random.default_rng(seed)
        return [rng.standard_normal(shape, dtype=np.float32) for shape in self.shapes]


@dataclass(frozen=True)
class Import:
    """Import in a fresh interpreter, and the size of the installed packages."""

    kind: ClassVar[str] = "import"
    about: ClassVar[str] = "import in a fresh interpreter"
    show_memory: ClassVar[bool] = False


Workload = Network | Chain | Scalars | Elementwise | Hessian | Update | Import

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
    "W10": Import(),
    "U1": Update(((4_000_000,),)),
    "U2": Update(((16, 8), (16,)) * 6),
}
