"""This project, each step compiled."""

from __future__ import annotations

from workloads import Built, Chain, Elementwise, Epochs, Hessian, Network

import nn
import optim
from autograd import Tensor
from autograd.compiling import compile
from libraries import ours

TITLE = "this project, compiled"
DISTRIBUTIONS = ours.DISTRIBUTIONS


def network(work: Network) -> Built:
    parameters, batches, train = ours.training(work)
    train = compile(train)

    def step() -> None:
        train(*next(batches))

    return Built(step, lambda: [p.data.copy() for p in parameters])


def epochs(work: Epochs) -> Built:
    model, (x, y) = ours.model_of(work.network), work.data()

    def train() -> None:
        optimizer = optim.Adam(model.parameters(), lr=work.network.lr, eps=work.eps)

        @compile
        def step(x: Tensor, y: Tensor) -> None:
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(x), y).backward()
            optimizer.step()

        for _ in range(work.epochs):
            for rows in work.slices():
                step(Tensor(x[rows]), Tensor(y[rows]))

    return Built(train, lambda: [p.data.copy() for p in model.parameters()])


def chain(work: Chain) -> Built:
    step, results = ours.chain(work)
    return Built(compile(step), results)


def elementwise(work: Elementwise) -> Built:
    step, results = ours.elementwise(work)
    return Built(compile(step), results)


def hessian(work: Hessian) -> Built:
    second, parameters = ours.second_derivative(work)
    return ours.calling(compile(second), parameters)
