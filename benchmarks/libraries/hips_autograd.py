"""HIPS autograd; updates written by hand in NumPy.

Its import name is this project's, so it has an environment of its own.
"""

from __future__ import annotations

from typing import Any

import autograd.numpy as np
from workloads import Built, Chain, Elementwise, Hessian, Network, Scalars

from autograd import grad, value_and_grad
from autograd import hessian as hessian_of
from libraries.numpy_by_hand import OPTIMIZERS

TITLE = "HIPS autograd"
IMPORT = "import autograd, autograd.numpy"
PACKAGES = ("autograd",)
DISTRIBUTIONS = ("autograd", "numpy")


def network(work: Network) -> Built:
    parameters = [p for layer in work.weights() for p in layer]
    batches = work.batches(np.array)
    update = OPTIMIZERS[work.optimizer](parameters, work.lr)

    def loss(parameters: Any, x: Any, target: Any) -> Any:
        for i in range(0, len(parameters), 2):
            if i:
                x = x * (x > 0) if work.activation == "relu" else np.tanh(x)
            x = np.dot(x, parameters[i].T) + parameters[i + 1]
        if work.loss == "mse":
            return np.mean((x - target) ** 2)
        x = x - np.max(x, axis=1, keepdims=True)
        logs = np.log(np.sum(np.exp(x), axis=1))
        return np.mean(logs - x[np.arange(len(x)), target])

    gradient = value_and_grad(loss)

    def step() -> None:
        update(gradient(parameters, *next(batches))[1])

    return Built(step, lambda: [p.copy() for p in parameters])


def chain(work: Chain) -> Built:
    return calling(value_and_grad(work.value), work.x())


def scalars(work: Scalars) -> Built:
    x = [float(n) for n in work.sample()]
    layers = work.neurons(float)
    gradient = grad(lambda layers: work.value(layers, x, lambda v: np.maximum(v, 0.0)))
    found: list[Any] = []

    def step() -> None:
        found[:] = [gradient(layers)]

    return Built(step, lambda: [np.array(neuron) for layer in found[0] for neuron in layer])


def elementwise(work: Elementwise) -> Built:
    return calling(value_and_grad(lambda x: work.value(x, np)), work.x())


def hessian(work: Hessian) -> Built:
    x, target = work.batch()
    second = hessian_of(lambda p: work.value(p, x, target, np.tanh))
    return calling(lambda p: (None, second(p)), work.parameters())


def calling(function: Any, x: Any) -> Built:
    found: list[Any] = []

    def step() -> None:
        found[:] = [function(x)[1]]

    return Built(step, lambda: found)
