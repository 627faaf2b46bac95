"""MyGrad; updates written by hand in NumPy."""

from __future__ import annotations

import mygrad as mg
from mygrad.nnet.activations import relu
from mygrad.nnet.losses import softmax_crossentropy
from workloads import Built, Chain, Elementwise, Network, Scalars

from libraries.numpy_by_hand import OPTIMIZERS

TITLE = "MyGrad"
IMPORT = "import mygrad"
PACKAGES = ("mygrad",)
DISTRIBUTIONS = ("mygrad", "numpy")

mg.turn_memory_guarding_off()  # as its documentation advises for speed


def network(work: Network) -> Built:
    parameters = [mg.tensor(p) for layer in work.weights() for p in layer]
    update = OPTIMIZERS[work.optimizer]([p.data for p in parameters], work.lr)
    activation = {"relu": relu, "tanh": mg.tanh}[work.activation]
    batches = work.batches(lambda array: array)

    def step() -> None:
        x, target = next(batches)
        for weight, bias in zip(parameters[::2], parameters[1::2], strict=True):
            x = activation(x) if weight is not parameters[0] else x
            x = x @ weight.T + bias
        loss = mg.mean((x - target) ** 2) if work.loss == "mse" else softmax_crossentropy(x, target)
        loss.backward()
        update([p.grad for p in parameters])

    return Built(step, lambda: [p.data.copy() for p in parameters])


def chain(work: Chain) -> Built:
    x = mg.tensor(work.x())
    return Built(lambda: work.value(x).backward(), lambda: [x.grad])


def scalars(work: Scalars) -> Built:
    x = [float(n) for n in work.sample()]
    layers = work.neurons(mg.tensor)
    parameters = [p for layer in layers for neuron in layer for p in neuron]
    return Built(
        lambda: work.value(layers, x, relu).backward(), lambda: [p.grad for p in parameters]
    )


def elementwise(work: Elementwise) -> Built:
    x = mg.tensor(work.x())
    return Built(lambda: work.value(x, mg).backward(), lambda: [x.grad])
