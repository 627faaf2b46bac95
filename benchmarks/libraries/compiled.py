"""This project, each step compiled."""

from __future__ import annotations

from workloads import Built, Chain, Elementwise, Epochs, Hessian, Network

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
    return ours.epochs(work, compile=True)


def chain(work: Chain) -> Built:
    step, results = ours.chain(work)
    return Built(compile(step), results)


def elementwise(work: Elementwise) -> Built:
    step, results = ours.elementwise(work)
    return Built(compile(step), results)


def hessian(work: Hessian) -> Built:
    second, parameters = ours.second_derivative(work)
    return ours.calling(compile(second), parameters)
