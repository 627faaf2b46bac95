"""micrograd: numbers of Python."""

from __future__ import annotations

import numpy as np
from micrograd.engine import Value
from workloads import Built, Scalars

TITLE = "micrograd"
IMPORT = "import micrograd.engine, micrograd.nn"
PACKAGES = ("micrograd",)
DISTRIBUTIONS = ("micrograd",)


def scalars(work: Scalars) -> Built:
    x = [Value(float(number)) for number in work.sample()]
    layers = work.neurons(lambda number: Value(float(number)))
    parameters = [p for layer in layers for neuron in layer for p in neuron]

    def step() -> None:
        for p in parameters:
            p.grad = 0
        work.value(layers, x, Value.relu).backward()

    return Built(step, lambda: [np.array([p.grad for p in parameters])])
