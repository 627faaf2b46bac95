"""PyTorch, eager, with its defaults."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import nn
from workloads import Built, Chain, Elementwise, Epochs, Hessian, Network, Scalars, Update

TITLE = "PyTorch eager"
IMPORT = "import torch"
PACKAGES = ("torch",)
DISTRIBUTIONS = ("torch",)

OPTIMIZERS = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}

torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))


def as_it_is(function: Any) -> Any:
    return function


def network(work: Network, compiled: Any = as_it_is, **options: bool) -> Built:
    parameters, loss = loss_of(work)
    loss = compiled(loss)
    optimizer = OPTIMIZERS[work.optimizer](parameters, lr=work.lr, **options)
    batches = work.batches(torch.from_numpy)

    def step() -> None:
        x, y = next(batches)
        optimizer.zero_grad()
        loss(x, y).backward()
        optimizer.step()

    return Built(step, lambda: [p.detach().numpy().copy() for p in parameters])


def loss_of(work: Network) -> tuple[list[torch.Tensor], Callable[..., torch.Tensor]]:
    """The parameters, and the loss as a function of inputs and targets."""
    layers = []
    for weight, bias in work.weights():
        linear = nn.Linear(weight.shape[1], weight.shape[0])
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(weight))
            linear.bias.copy_(torch.from_numpy(bias))
        layers += [linear, {"relu": nn.ReLU, "tanh": nn.Tanh}[work.activation]()]
    model = nn.Sequential(*layers[:-1])
    loss = {"mse": nn.functional.mse_loss, "cross_entropy": nn.functional.cross_entropy}[work.loss]
    return list(model.parameters()), lambda x, y: loss(model(x), y)


def epochs(work: Epochs, compiled: Any = as_it_is, **options: bool) -> Built:
    parameters, loss = loss_of(work.network)
    loss = compiled(loss)
    x, y = map(torch.from_numpy, work.data())

    def train() -> None:
        optimizer = torch.optim.Adam(parameters, lr=work.network.lr, eps=work.eps, **options)
        for _ in range(work.epochs):
            for rows in work.slices():
                optimizer.zero_grad()
                loss(x[rows], y[rows]).backward()
                optimizer.step()

    return Built(train, lambda: [p.detach().numpy().copy() for p in parameters])


def chain(work: Chain, compiled: Any = as_it_is) -> Built:
    x = torch.from_numpy(work.x()).requires_grad_()
    value = compiled(work.value)

    def step() -> None:
        x.grad = None
        value(x).backward()

    return Built(step, lambda: [x.grad.numpy()])


def scalars(work: Scalars) -> Built:
    x = [torch.tensor(number) for number in work.sample()]
    layers = work.neurons(partial(torch.tensor, requires_grad=True))
    parameters = [p for layer in layers for neuron in layer for p in neuron]

    def step() -> None:
        for p in parameters:
            p.grad = None
        work.value(layers, x, torch.relu).backward()

    return Built(step, lambda: [p.grad.numpy() for p in parameters])


def elementwise(work: Elementwise, compiled: Any = as_it_is) -> Built:
    x = torch.from_numpy(work.x()).requires_grad_()
    value = compiled(lambda x: work.value(x, torch))

    def step() -> None:
        x.grad = None
        value(x).backward()

    return Built(step, lambda: [x.grad.numpy()])


def hessian(work: Hessian, compiled: Any = as_it_is) -> Built:
    parameters = torch.from_numpy(work.parameters())
    x, target = map(torch.from_numpy, work.batch())
    second = torch.func.hessian(lambda p: work.value(p, x, target, torch.tanh))
    second = compiled(second)
    found = []

    def step() -> None:
        found[:] = [second(parameters)]

    return Built(step, lambda: [one.numpy() for one in found])


def update(work: Update, compiled: Any = as_it_is, **options: bool) -> Built:
    parameters = [torch.from_numpy(p).requires_grad_() for p in work.parameters()]
    optimizer = torch.optim.Adam(parameters, lr=work.lr, **options)
    for p, g in zip(parameters, work.gradients(), strict=True):
        p.grad = torch.from_numpy(g)
    step = compiled(optimizer.step)
    return Built(step, lambda: [p.detach().numpy().copy() for p in parameters])
