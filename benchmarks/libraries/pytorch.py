"""PyTorch, eager, with its defaults."""

from __future__ import annotations

import os
from functools import partial

import torch
from torch import nn
from workloads import Built, Chain, Elementwise, Hessian, Network, Scalars, Update

TITLE = "PyTorch eager"
IMPORT = "import torch"
PACKAGES = ("torch",)
DISTRIBUTIONS = ("torch",)

torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))


def network(work: Network) -> Built:
    layers = []
    for weight, bias in work.weights():
        linear = nn.Linear(weight.shape[1], weight.shape[0])
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(weight))
            linear.bias.copy_(torch.from_numpy(bias))
        layers += [linear, {"relu": nn.ReLU, "tanh": nn.Tanh}[work.activation]()]
    model = nn.Sequential(*layers[:-1])
    parameters = list(model.parameters())
    loss_of = {"mse": nn.functional.mse_loss, "cross_entropy": nn.functional.cross_entropy}
    loss_of = loss_of[work.loss]
    optimizer = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}[work.optimizer]
    optimizer = optimizer(parameters, lr=work.lr)
    batches = work.batches(torch.from_numpy)

    def step() -> None:
        x, y = next(batches)
        optimizer.zero_grad()
        loss_of(model(x), y).backward()
        optimizer.step()

    return Built(step, lambda: [p.detach().numpy().copy() for p in parameters])


def chain(work: Chain) -> Built:
    x = torch.from_numpy(work.x()).requires_grad_()

    def step() -> None:
        x.grad = None
        work.value(x).backward()

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


def elementwise(work: Elementwise) -> Built:
    x = torch.from_numpy(work.x()).requires_grad_()

    def step() -> None:
        x.grad = None
        work.value(x, torch).backward()

    return Built(step, lambda: [x.grad.numpy()])


def hessian(work: Hessian) -> Built:
    parameters = torch.from_numpy(work.parameters())
    x, target = map(torch.from_numpy, work.batch())
    second = torch.func.hessian(lambda p: work.value(p, x, target, torch.tanh))
    found = []

    def step() -> None:
        found[:] = [second(parameters)]

    return Built(step, lambda: [one.numpy() for one in found])


def update(work: Update, **options: bool) -> Built:
    parameters = [torch.from_numpy(p).requires_grad_() for p in work.parameters()]
    optimizer = torch.optim.Adam(parameters, lr=work.lr, **options)
    for p, g in zip(parameters, work.gradients(), strict=True):
        p.grad = torch.from_numpy(g)
    return Built(optimizer.step, lambda: [p.detach().numpy().copy() for p in parameters])
