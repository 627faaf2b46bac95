"""The kinds of workload as data: sizes, losses, optimisers, and seeded numbers made with NumPy.

Every library gets the same weights and the same batches. A kind of workload is a class; a library
runs it by having a function of the kind's name (see `libraries`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import cycle, pairwise
from typing import Any, ClassVar, NamedTuple

import numpy as np

Array = np.ndarray[Any, Any]

SEED = 20
BATCHES = 8  # different ones, in turn
GAINS = {"relu": 2, "tanh": 1}


class Built(NamedTuple):
    """A workload made ready by a library.

    `step()` does the work once. `results()` gives the arrays that must agree between libraries, in
    the workload's order; None where there is nothing to compare.
    """

    step: Callable[[], object]
    results: Callable[[], list[Array]] | None


class Workload:
    """What all kinds have, and what holds for most of them."""

    kind: ClassVar[str]  # the name of a library's function that runs it
    about: str
    group: ClassVar[str]  # the heading of its table
    base: ClassVar[str] = "pytorch"  # the library that the others are divided by
    checked_steps: ClassVar[int] = 20  # after so many, results are compared with the reference's
    tolerance: ClassVar[float] = 1e-3  # of that, in relative norm
    show_memory: bool = False
    part: ClassVar[str] = ""  # what a step consists of, where that is shown, and how many of them
    parts: int = 1


@dataclass(frozen=True)
class Network(Workload):
    """Training of a multilayer perceptron, linear in the last layer.

    A step clears the gradients, runs forward, loss and backward, and updates. Results: the
    parameters, layer by layer, weight (n_out, n_in) before bias (n_out,). What is compared is their
    change since the start, as it is small beside them. (Adam's first steps blow up rounding.)
    """

    kind: ClassVar[str] = "network"
    group: ClassVar[str] = "A step of training"
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
            sizes = f"{self.sizes[0]}-({len(self.sizes) - 2} × {self.sizes[1]})-{self.sizes[-1]}"
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
class Epochs(Workload):
    """A whole training as users call it: `epochs` times over all rows, in order, with a new Adam.

    A step is one such training, from where the one before ended. Results: as for `Network`.
    Adam's ε is so small that it does not matter that scikit-learn adds it before v is corrected for
    its start at 0, and the others after.
    """

    kind: ClassVar[str] = "epochs"
    group: ClassVar[str] = "A whole training"
    base: ClassVar[str] = "scikit_learn"
    checked_steps: ClassVar[int] = 1
    eps: ClassVar[float] = 1e-12
    network: Network
    rows: int
    epochs: int
    part: ClassVar[str] = "epoch"

    @property
    def about(self) -> str:
        network, rest = self.network.about.split(", ", 1)
        return f"{network} on {self.rows:,} rows, {self.epochs} epochs, {rest}"

    @property
    def parts(self) -> int:
        return self.epochs

    def data(self) -> tuple[Array, Array]:
        """All inputs and labels."""
        return next(replace(self.network, batch=self.rows).batches(np.asarray))

    def slices(self) -> list[slice]:
        """The rows of each batch; the last one may be smaller."""
        batch = self.network.batch
        return [slice(start, start + batch) for start in range(0, self.rows, batch)]


@dataclass(frozen=True)
class Chain(Workload):
    """Many small operations: y = x, `length` times y = y·1.0001 + 0.0001, sum, backward.

    Result: the gradient of x.
    """

    kind: ClassVar[str] = "chain"
    group: ClassVar[str] = "Operations and derivatives"
    size: int
    length: int
    part: ClassVar[str] = "operation"

    @property
    def about(self) -> str:
        return f"chain of {self.parts:,} operations, {self.size} numbers, float64"

    @property
    def parts(self) -> int:
        return 2 * self.length

    def x(self) -> Array:
        return np.random.default_rng(SEED).random(self.size)

    def value(self, x: Any) -> Any:
        y = x
        for _ in range(self.length):
            y = y * 1.0001 + 0.0001
        return y.sum()


@dataclass(frozen=True)
class Scalars(Workload):
    """micrograd's demo network, each number a variable of its own: (out − 1)² of one sample.

    A neuron is b + w₁x₁ + w₂x₂ + …, one product and one sum at a time, then ReLU except in the
    last layer. Results: the gradients of the parameters, neuron by neuron, weights before bias.
    """

    kind: ClassVar[str] = "scalars"
    group: ClassVar[str] = "Operations and derivatives"
    network: Network
    part: ClassVar[str] = "operation"

    @property
    def about(self) -> str:
        return f"{'-'.join(map(str, self.network.sizes))} of scalars, one sample"

    @property
    def parts(self) -> int:
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
        for depth, layer in enumerate(layers, 1):
            sums = []
            for *weights, total in layer:
                for w, number in zip(weights, x, strict=True):
                    total = total + w * number
                sums.append(total)
            x = sums if depth == len(layers) else [relu(one) for one in sums]
        return (x[0] - 1) ** 2


@dataclass(frozen=True)
class Elementwise(Workload):
    """Large arrays: (tanh(x)·x + exp(−x·x)).sum(), forward and backward. Result: x's gradient."""

    kind: ClassVar[str] = "elementwise"
    group: ClassVar[str] = "Operations and derivatives"
    size: int
    show_memory: ClassVar[bool] = True

    @property
    def about(self) -> str:
        return f"(tanh(x)·x + exp(−x·x)).sum(), {self.size:,} numbers"

    def x(self) -> Array:
        return np.random.default_rng(SEED).standard_normal(self.size, dtype=np.float32)

    def value(self, x: Any, library: Any) -> Any:
        """`library` has tanh and exp."""
        return (library.tanh(x) * x + library.exp(-x * x)).sum()


@dataclass(frozen=True)
class Hessian(Workload):
    """The Hessian of a network's mean squared error by its parameters, which are one flat vector.

    Result: the Hessian, in float64.
    """

    kind: ClassVar[str] = "hessian"
    group: ClassVar[str] = "Operations and derivatives"
    network: Network

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
class Update(Workload):
    """Adam's step alone, float32, on gradients that are there already.

    Result: the parameters. What is compared is their change since the start.
    """

    kind: ClassVar[str] = "update"
    group: ClassVar[str] = "Adam's step alone"
    tolerance: ClassVar[float] = 2e-2
    shapes: tuple[tuple[int, ...], ...]
    lr: float = 1e-3

    @property
    def about(self) -> str:
        if len(self.shapes) == 1:
            return f"{math.prod(self.shapes[0]):,} numbers"
        return f"{len(self.shapes)} small parameters"

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
class Import(Workload):
    """Import in a fresh interpreter, and the size of the installed packages."""

    kind: ClassVar[str] = "import"
    group: ClassVar[str] = "Import"
    about: ClassVar[str] = "import in a fresh interpreter"
