"""This project, eager."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from workloads import Built, Chain, Elementwise, Epochs, Hessian, Network, Scalars, Update

import autograd
import nn
import optim
from autograd import Tensor

TITLE = "this project"
IMPORT = "import autograd, nn, optim"
PACKAGES = ("autograd", "nn", "optim")
DISTRIBUTIONS = ("readable-autograd", "numpy")


def network(work: Network) -> Built:
    parameters, batches, train = training(work)

    def step() -> None:
        train(*next(batches))

    return Built(step, lambda: [p.data.copy() for p in parameters])


def training(work: Network) -> tuple[list[Any], Iterator[Any], Callable[..., None]]:
    """The parameters, the batches, and a function that trains on one."""
    model = model_of(work)
    parameters = list(model.parameters())
    loss_of = {"mse": nn.functional.mse_loss, "cross_entropy": nn.functional.cross_entropy}
    loss_of = loss_of[work.loss]
    optimizer = {"sgd": optim.SGD, "adam": optim.Adam}[work.optimizer](parameters, lr=work.lr)

    def train(x: Tensor, y: Tensor) -> None:
        optimizer.zero_grad()
        loss_of(model(x), y).backward()
        optimizer.step()

    return parameters, work.batches(Tensor), train


def model_of(work: Network) -> nn.Sequential:
    layers = []
    for weight, bias in work.weights():
        linear = nn.Linear(weight.shape[1], weight.shape[0])
        linear.weight.data = weight
        linear.bias.data = bias
        layers += [linear, {"relu": nn.ReLU, "tanh": nn.Tanh}[work.activation]()]
    return nn.Sequential(*layers[:-1])


def epochs(work: Epochs, compile: bool = False) -> Built:
    model, data, loss = model_of(work.network), work.data(), nn.CrossEntropyLoss()

    def train() -> None:
        optimizer = optim.Adam(model.parameters(), lr=work.network.lr, eps=work.eps)
        arguments = {"batch_size": work.network.batch, "shuffle": False, "progress": False}
        nn.fit(model, data, loss, optimizer, epochs=work.epochs, compile=compile, **arguments)

    return Built(train, lambda: [p.data.copy() for p in model.parameters()])


def chain(work: Chain) -> Built:
    x = Tensor(work.x(), requires_grad=True)

    def step() -> Tensor:
        x.grad = None
        total = work.value(x)
        total.backward()
        return total

    return Built(step, lambda: [x.grad.data])


def scalars(work: Scalars) -> Built:
    x = [Tensor(number) for number in work.sample()]
    layers = work.neurons(partial(Tensor, requires_grad=True))
    parameters = [p for layer in layers for neuron in layer for p in neuron]

    def step() -> None:
        for p in parameters:
            p.grad = None
        work.value(layers, x, autograd.relu).backward()

    return Built(step, lambda: [p.grad.data for p in parameters])


def elementwise(work: Elementwise) -> Built:
    x = Tensor(work.x(), requires_grad=True)

    def step() -> Tensor:
        x.grad = None
        total = work.value(x, autograd)
        total.backward()
        return total

    return Built(step, lambda: [x.grad.data])


def hessian(work: Hessian) -> Built:
    return calling(*second_derivative(work))


def second_derivative(work: Hessian) -> tuple[Callable[..., Any], Tensor]:
    """A function that computes the Hessian, and the point to compute it at."""
    x, target = map(Tensor, work.batch())
    second = autograd.functional.hessian(lambda p: work.value(p, x, target, autograd.tanh))
    return second, Tensor(work.parameters())


def calling(function: Callable[..., Any], argument: Tensor) -> Built:
    found = []

    def step() -> None:
        found[:] = [function(argument)]

    return Built(step, lambda: [one.data for one in found])


def update(work: Update) -> Built:
    parameters = [Tensor(p, requires_grad=True) for p in work.parameters()]
    optimizer = optim.Adam(parameters, lr=work.lr)
    for p, g in zip(parameters, work.gradients(), strict=True):
        (p * g).sum().backward()
    return Built(optimizer.step, lambda: [p.data.copy() for p in parameters])
