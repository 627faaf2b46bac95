"""Each workload written in NumPy for this one purpose, as directly as it reads.

In float64 it is also the reference that every library's results are compared with.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from workloads import Array, Built, Chain, Elementwise, Epochs, Hessian, Network, Scalars, Update

TITLE = "NumPy by hand"
IMPORT = "import numpy"
PACKAGES = ("numpy",)
DISTRIBUTIONS = ("numpy",)

BETA1, BETA2 = 0.9, 0.999  # Adam's defaults
STEP = 1e-5  # of differences


def network(work: Network, dtype: Any = np.float32) -> Built:
    def convert(array: Array) -> Array:
        return array.astype(dtype) if array.dtype.kind == "f" else array

    parameters = [convert(p) for layer in work.weights() for p in layer]
    batches = work.batches(convert)
    update = OPTIMIZERS[work.optimizer](parameters, work.lr)

    def step() -> None:
        _, gradients = _loss_and_gradients(work, parameters, *next(batches))
        update(gradients)

    return Built(step, lambda: [p.copy() for p in parameters])


def epochs(work: Epochs, dtype: Any = np.float32) -> Built:
    x, y = work.data()
    x = x.astype(dtype)
    parameters = [p.astype(dtype) for layer in work.network.weights() for p in layer]

    def train() -> None:
        update = adam(parameters, work.network.lr, work.eps)
        for _ in range(work.epochs):
            for rows in work.slices():
                update(_loss_and_gradients(work.network, parameters, x[rows], y[rows])[1])

    return Built(train, lambda: [p.copy() for p in parameters])


def chain(work: Chain, dtype: Any = np.float64) -> Built:
    x = work.x().astype(dtype)
    gradient = np.empty_like(x)

    def step() -> None:
        work.value(x)
        g = np.ones(work.size)
        for _ in range(work.length):
            g = g * 1.0001
        gradient[:] = g

    return Built(step, lambda: [gradient])


def scalars(work: Scalars, dtype: Any = np.float32) -> Built:
    """With arrays, so that it shows what scalars cost."""
    parameters = [p.astype(dtype) for layer in work.network.weights() for p in layer]
    x, target = work.sample()[None].astype(dtype), np.ones((1, 1), dtype)
    gradients: list[Array] = []

    def step() -> None:
        gradients[:] = _loss_and_gradients(work.network, parameters, x, target)[1]

    pairs = range(0, len(parameters), 2)
    return Built(step, lambda: [np.column_stack(gradients[i : i + 2]) for i in pairs])


def elementwise(work: Elementwise, dtype: Any = np.float32) -> Built:
    x = work.x().astype(dtype)
    gradient = np.empty_like(x)

    def step() -> None:
        t, square = np.tanh(x), x * x
        e = np.exp(-square)
        (t * x + e).sum()
        gradient[:] = (1 - t * t) * x + t - 2 * x * e

    return Built(step, lambda: [gradient])


def hessian(work: Hessian, dtype: Any = np.float64) -> Built:  # noqa: ARG001 (too rough in less)
    """By central differences of the gradient; in float64, whatever the dtype asked for."""
    parameters, (x, target) = work.parameters(), work.batch()
    layers = []  # views of the parameters
    start = 0
    for layer in work.network.weights():
        for array in layer:
            layers.append(parameters[start : start + array.size].reshape(array.shape))
            start += array.size
    found = np.empty((parameters.size, parameters.size))

    def gradient() -> Array:
        gradients = _loss_and_gradients(work.network, layers, x, target)[1]
        return np.concatenate([g.ravel() for g in gradients])

    def step() -> None:
        for i, value in enumerate(parameters.copy()):
            parameters[i] = value + STEP
            above = gradient()
            parameters[i] = value - STEP
            found[i] = (above - gradient()) / (2 * STEP)
            parameters[i] = value

    return Built(step, lambda: [found])


def update(work: Update, dtype: Any = np.float32) -> Built:
    parameters = [p.astype(dtype) for p in work.parameters()]
    gradients = [g.astype(dtype) for g in work.gradients()]
    step = adam(parameters, work.lr)
    return Built(lambda: step(gradients), lambda: [p.copy() for p in parameters])


def _loss_and_gradients(
    work: Network, parameters: list[Array], x: Array, target: Array
) -> tuple[Any, list[Array]]:
    weights, biases = parameters[::2], parameters[1::2]
    inputs = []  # of each layer
    for weight, bias in zip(weights, biases, strict=True):
        inputs.append(x)
        x = x @ weight.T + bias
        if weight is not weights[-1]:
            x = np.maximum(x, 0) if work.activation == "relu" else np.tanh(x)

    if work.loss == "mse":
        error = x - target
        loss = (error * error).mean()
        g = error * (2 / x.size)
    else:
        rows = np.arange(len(x))
        x = x - x.max(axis=1, keepdims=True)
        e = np.exp(x)
        total = e.sum(axis=1, keepdims=True)
        loss = (np.log(total[:, 0]) - x[rows, target]).mean()
        g = e / total
        g[rows, target] -= 1
        g /= len(x)

    gradients = []
    for weight, out in zip(reversed(weights), reversed(inputs), strict=True):
        gradients += [g.sum(axis=0), g.T @ out]
        if out is not inputs[0]:
            local = out > 0 if work.activation == "relu" else 1 - out * out
            g = (g @ weight) * local
    return loss, gradients[::-1]


def sgd(parameters: list[Array], lr: float) -> Callable[[list[Array]], None]:
    def update(gradients: list[Array]) -> None:
        for p, g in zip(parameters, gradients, strict=True):
            p -= lr * g

    return update


def adam(parameters: list[Array], lr: float, eps: float = 1e-8) -> Callable[[list[Array]], None]:
    means = [np.zeros_like(p) for p in parameters]
    squares = [np.zeros_like(p) for p in parameters]
    steps = 0

    def update(gradients: list[Array]) -> None:
        nonlocal steps
        steps += 1
        for p, g, m, v in zip(parameters, gradients, means, squares, strict=True):
            m *= BETA1
            m += (1 - BETA1) * g
            v *= BETA2
            v += (1 - BETA2) * g * g
            corrected = np.sqrt(v / (1 - BETA2**steps)) + eps
            p -= lr / (1 - BETA1**steps) * m / corrected

    return update


OPTIMIZERS = {"sgd": sgd, "adam": adam}
